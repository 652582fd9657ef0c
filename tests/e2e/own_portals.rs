//! Portals that people create, and who is let into them, with the real binary.

use std::time::Duration;

use bitrix_id_tests::client::browser::Page;
use bitrix_id_tests::config_text::quoted;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, ID, Stage, Visitor};
use bitrix_id_tests::upstream::Recorder;
use serde_json::Value;

const NOVA: &str = "nova.bitrix24.localhost";
/// A change shows in a portal's own list of portals within this.
const FRESH: Duration = Duration::from_secs(1);

async fn stage(upstream: &Recorder) -> Stage {
    Stage::with(|setup| {
        setup.people = vec![ANNA, BORIS];
        setup
            .config
            .set("provisioning", "domain", quoted("bitrix24.localhost"))
            .set("provisioning", "upstream", quoted(&upstream.url()))
            .set("provisioning", "max_per_account", "1");
    })
    .await
}

/// Fills in the page and stops at the answer.
async fn create(stage: &Stage, visitor: &Visitor, title: &str, address: &str) -> Page {
    let page = visitor.browser.open(&stage.url(ID, "/portals/new")).await;
    let fields = [("title", title), ("address", address)];
    visitor.browser.send(&page, &page.form("/portals/new"), &fields).await
}

/// Ids in a portal's own list of portals. A change of somebody's profiles ends the tokens made before it:
/// a script is told to sign in then, and the page's next navigation gets a new one without a question.
async fn listed(stage: &Stage, visitor: &Visitor) -> Vec<String> {
    let url = stage.url(ACME, "/.bitrix-id/portals");
    let mut list = visitor.browser.fetch(&url).await;
    if list.status == 401 {
        let page = visitor.browser.open(&stage.url(ACME, "/")).await;
        assert_eq!(page.url.host_str(), Some(ACME), "no question is asked");
        list = visitor.browser.fetch(&url).await;
    }
    let ids = list.json();
    let ids = ids.as_array().expect("a list").iter();
    ids.map(|portal| portal["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_created_portal_is_live_routed_and_gone_when_it_is_removed() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let answer = create(&stage, &anna, "Nova", "nova").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.location().as_str(), stage.url(NOVA, "/"));
    // No waiting: the answer comes once the portal is served.
    let page = anna.browser.follow(answer).await;
    assert_eq!((page.url.as_str(), page.status), (stage.url(NOVA, "/").as_str(), 200));
    let request = upstream.only("/");
    assert_eq!(request.header("x-bitrix-id-portal").as_deref(), Some("nova"));
    assert_eq!(request.header("x-bitrix-id-roles").as_deref(), Some("owner"));
    let host = request.header("x-forwarded-host").expect("the host that was asked for");
    assert!(host.starts_with(NOVA), "{host}");
    let mut socket = stage.echo(&anna, NOVA).await;
    assert_eq!(socket.echo("over the new portal").await.expect("an echo"), "over the new portal");

    let made = stage.gateway.cli(&["portal", "list", "--json"], "").await.expect_success();
    let made: Value = serde_json::from_str(&made.stdout).expect("JSON");
    assert_eq!((&made[0]["id"], &made[0]["created_by"]), (&"nova".into(), &ANNA.email.into()));
    let full = create_refused(&stage, &anna).await;
    assert!(full, "one is all the configuration allows");

    let _ = stage.gateway.cli(&["portal", "remove", "nova"], "").await.expect_success();
    until(FRESH, "the portal is gone", || async {
        anna.browser.visit(&stage.url(NOVA, "/")).await.status == 404
    })
    .await;
}

async fn create_refused(stage: &Stage, visitor: &Visitor) -> bool {
    let page = visitor.browser.open(&stage.url(ID, "/portals/new")).await;
    !page.text().contains("action=\"/portals/new\"")
}

#[tokio::test]
async fn two_who_race_for_one_address_get_one_portal() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let (one, other) =
        tokio::join!(create(&stage, &anna, "Nova", "nova"), create(&stage, &boris, "Nova", "n0va"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
}

#[tokio::test]
async fn a_portals_own_list_follows_every_change_within_a_second() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    assert_eq!(listed(&stage, &boris).await, ["acme"]);
    let follows = async |wanted: &[&str], what: &str| {
        until(FRESH, what, || async { listed(&stage, &boris).await == wanted }).await;
    };
    let grant = ["account", "grant", BORIS.email, "--portal", "globex"];
    let _ = stage.gateway.cli(&grant, "").await.expect_success();
    follows(&["acme", "globex"], "a grant shows").await;
    let withdraw = ["account", "withdraw", BORIS.email, "--portal", "globex"];
    let _ = stage.gateway.cli(&withdraw, "").await.expect_success();
    follows(&["acme"], "a withdrawal shows").await;
    assert_eq!(create(&stage, &boris, "A first one", "nova").await.status, 303);
    assert_eq!(listed(&stage, &boris).await, ["nova", "acme"], "a new portal shows at once");
}

#[tokio::test]
async fn a_join_and_its_undo_show_in_a_portals_own_list_within_a_second() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    stage.import("globex", &[&format!("4,boris,{},,Boris", BORIS.email)]).await;
    assert_eq!(listed(&stage, &boris).await, ["acme"], "nothing joins by itself");
    let page = boris.browser.open(&stage.url(ID, "/welcome")).await;
    let answer = boris.browser.send(&page, &page.form("/welcome/join"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let follows = async |wanted: &[&str], what: &str| {
        until(FRESH, what, || async { listed(&stage, &boris).await == wanted }).await;
    };
    follows(&["acme", "globex"], "the join shows").await;
    let ask = boris.browser.open(&stage.url(ID, "/profile/portals/undo?portal=globex")).await;
    let answer = boris.browser.send(&ask, &ask.form("/profile/portals/undo"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    follows(&["acme"], "its undo shows").await;
}

#[tokio::test]
async fn a_new_title_shows_after_a_reload() {
    let upstream = Recorder::start("new").await;
    let mut stage = stage(&upstream).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let mut config = stage.gateway.config();
    let portal = config.portal_mut("acme");
    *portal = portal.clone().key("title", &quoted("Renamed"));
    stage.gateway.apply(config).await;
    let list = boris.browser.fetch(&stage.url(ACME, "/.bitrix-id/portals")).await.json();
    assert_eq!(list[0]["title"], "Renamed");
}

#[tokio::test]
async fn a_request_is_seen_by_the_operator_and_answered_by_a_grant() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let private = stage.url("globex.bitrix24.localhost", "/private?week=7");
    let page = boris.browser.open(&private).await;
    assert_eq!(page.status, 403);
    let answer = boris.browser.send(&page, &page.form("/.bitrix-id/access"), &[]).await;
    assert_eq!(answer.location().as_str(), private, "back to the very page");
    let requests = ["portal", "requests", "globex", "--json"];
    let asked = stage.gateway.cli(&requests, "").await.expect_success();
    let asked: Value = serde_json::from_str(&asked.stdout).expect("JSON");
    assert_eq!(asked[0]["email"], BORIS.email);
    let grant = ["account", "grant", BORIS.email, "--portal", "globex"];
    let _ = stage.gateway.cli(&grant, "").await.expect_success();
    let asked = stage.gateway.cli(&requests, "").await.expect_success();
    assert_eq!(asked.stdout.trim(), "[]");
    until(FRESH * 2, "the door opens", || async {
        let page = boris.browser.open(&private).await;
        page.url.as_str() == private && page.status == 200
    })
    .await;
}

#[tokio::test]
async fn not_you_on_a_portal_leads_back_to_the_very_page() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let private = stage.url("globex.bitrix24.localhost", "/private?week=7");
    let page = boris.browser.open(&private).await;
    let answer = boris.browser.send(&page, &page.form("/.bitrix-id/switch"), &[]).await;
    let form = boris.browser.follow(answer).await;
    assert!(stage.is_sign_in(&form), "{}", form.url);
    assert!(form.text().contains("You are signed out."), "{}", form.text());
    let page = boris.browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!((page.url.as_str(), page.status), (private.as_str(), 200));
}

#[tokio::test]
async fn the_secret_of_an_invitation_is_in_no_log() {
    let upstream = Recorder::start("new").await;
    let stage = stage(&upstream).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let answer = create(&stage, &anna, "Nova", "nova").await;
    anna.browser.follow(answer).await;
    let people = stage.url(ID, "/portals/nova/people");
    let page = anna.browser.open(&people).await;
    let made = [("link", "1"), ("uses", "1")];
    let form = page.text();
    assert!(form.contains("name=\"uses\""), "{form}");
    let forms = bitrix_id_tests::html::forms(&form);
    let form = forms.iter().find(|form| form.name_of("number").is_some()).expect("the form");
    let answer = anna.browser.send(&page, form, &made).await;
    let page = anna.browser.follow(answer).await.text();
    let token = page.split("/invitation?token=").nth(1).expect("the link").split('"').next();
    let token = token.expect("its secret").to_owned();

    let boris = stage.signed_in(&BORIS, ACME).await;
    let invitation =
        boris.browser.open(&stage.url(ID, &format!("/invitation?token={token}"))).await;
    assert_eq!(invitation.status, 200);
    assert_eq!(invitation.header("referrer-policy"), Some("same-origin"));
    let answer = boris.browser.send(&invitation, &invitation.form("/invitation"), &[]).await;
    let page = boris.browser.follow(answer).await;
    assert_eq!((page.url.as_str(), page.status), (stage.url(NOVA, "/").as_str(), 200));
    let heard = upstream.requests();
    assert!(!heard.is_empty() && !heard.iter().any(|request| request.holds(&token)));
    assert!(!stage.gateway.output().contains(&token), "no log holds it");
}
