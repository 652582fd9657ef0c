//! The page that joins: what is ticked, what a form without a tick gets, and which password holds.

use super::sign_up::{code, mails};
use super::welcome::{
    ACME_PASSWORD, ALL, GLOBEX_PASSWORD, import, portals_of, prove, proved, three_portals,
};
use super::*;

const NONE_TICKED: &str = "Tick at least one portal, or choose “Not now”.";
const JOIN: &str = "/welcome/join";
const UNDO: &str = "/profile/portals/undo";

/// Anna, who has joined Acme and undone it.
async fn undone(scene: &Scene) -> Browser<'_> {
    import(scene, "acme", "17", None).await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    browser.fill("/welcome", JOIN, &ALL[..1]).await;
    browser.fill("/profile/portals/undo?portal=acme", UNDO, &[("portal", "acme")]).await;
    assert!(portals_of(scene, ANNA).await.is_empty());
    browser
}

/// The first link of a page that leads to the page that joins.
fn join_link(page: &Answer) -> String {
    let mut links = page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let link = links.find(|link| link.contains("/welcome?state=")).unwrap();
    link.trim_start_matches(&url(ID, "")).to_owned()
}

/// The boxes that are ticked.
fn ticked(page: &Answer) -> Vec<&str> {
    let boxes = page.text.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
    let ticked = boxes.filter(|input| input.ends_with(" checked"));
    ticked.map(|input| input.split("name=\"").nth(1).unwrap().split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn a_join_without_a_tick_is_refused_at_the_boxes_and_in_the_summary() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains(NONE_TICKED));
    let answer = browser.fill("/welcome", JOIN, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.text.matches(NONE_TICKED).count(), 2, "{}", answer.text);
    assert!(answer.text.contains("autofocus><a href=\"#p0-acme\">") && ticked(&answer).is_empty());
    assert!(portals_of(&scene, ANNA).await.is_empty());
    let answer = browser.fill("/welcome", JOIN, &[("later", "1")]).await;
    assert_eq!(answer.location(), url(ID, "/"), "not now is an answer");
}

#[tokio::test]
async fn a_form_that_was_open_for_too_long_keeps_what_was_ticked() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let answer = browser.post(ID, JOIN, &[("csrf", "stale"), ALL[1]]).await;
    assert_eq!((answer.status, ticked(&answer)), (StatusCode::FORBIDDEN, vec!["portal-globex"]));
}

#[tokio::test]
async fn a_second_press_is_no_error() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let csrf = browser.get(ID, "/welcome").await.csrf();
    for _ in 0..2 {
        let answer = browser.post(ID, JOIN, &[("csrf", &csrf), ALL[0]]).await;
        assert_eq!(answer.location(), url(ID, "/"));
    }
    assert_eq!(portals_of(&scene, ANNA).await, ["acme"]);
}

#[tokio::test]
async fn the_portal_whose_own_button_was_pressed_is_ticked_although_its_join_was_undone() {
    let scene = Scene::new().await;
    let mut browser = undone(&scene).await;
    assert!(ticked(&browser.get(ID, "/welcome").await).is_empty(), "no button has led here");
    let list = browser.get(ID, "/profile/portals").await;
    let page = browser.get(ID, &join_link(&list)).await;
    assert_eq!(ticked(&page), ["portal-acme"], "the only one that the button can be about");

    import(&scene, "globex", "4", None).await;
    let list = browser.get(ID, "/profile/portals").await;
    let page = browser.get(ID, &join_link(&list)).await;
    assert_eq!(ticked(&page), ["portal-globex"], "a button about both proposes what is new");
    browser.arrive(ACME).await;
    let asked = [("x-bitrix-id-internal-purpose", "no-access")];
    let refused = browser.send(Method::GET, ACME, "/.bitrix-id/no-access", &asked, "").await;
    let join_at = join_link(&refused);
    assert_eq!(ticked(&browser.get(ID, &join_at).await), ["portal-acme", "portal-globex"]);
    browser.fill(&join_at, JOIN, &ALL[..1]).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["acme"]);
}

#[tokio::test]
async fn a_token_that_does_not_know_of_the_join_is_refused_before_the_browser_goes_on() {
    let scene = Scene::new().await;
    import(&scene, "acme", "17", None).await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    browser.arrive(ACME).await;
    assert!(!browser.verified(ACME).unwrap().identity.member);
    browser.fill("/welcome", JOIN, &ALL[..1]).await;
    assert!(browser.verified(ACME).is_none());
}

#[tokio::test]
async fn what_a_portal_has_ended_since_the_page_was_shown_is_not_joined() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let csrf = browser.get(ID, "/welcome").await.csrf();
    end(&scene, "acme").await;
    drop_portal(&scene, "globex");
    let fields = [("csrf", csrf.as_str()), ALL[0], ALL[1], ALL[2]];
    browser.post(ID, JOIN, &fields).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["initech"]);
}

#[tokio::test]
async fn nobody_goes_on_to_a_portal_that_has_ended_their_record_since() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("Go on to Acme Inc. only"), "{}", page.text);
    let csrf = page.csrf();
    end(&scene, "acme").await;
    let fields = [("csrf", csrf.as_str()), ("portal", "0")];
    let answer = browser.post(ID, "/welcome/later", &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    assert!(answer.text.contains("That portal doesn&#39;t know you by this address any more"));
    assert!(!answer.text.contains("Go on to Acme Inc. only"), "{}", answer.text);
    let held = scene.hub.directory.holder(ANNA).await.unwrap();
    assert_eq!(held, bitrix_id_auth_core::store::Holder::None, "nothing is left behind");
    // What was begun is still there: the address can be proved, for the portals that know it.
    let sent = mails(&scene).await;
    let answer = prove(&mut browser, &code(&sent[0])).await;
    let page = browser.open(&answer.location()).await;
    assert_eq!(ticked(&page), ["portal-globex", "portal-initech"]);
}

#[tokio::test]
async fn nobody_goes_on_to_a_portal_that_is_no_more() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let csrf = browser.get(ID, "/welcome").await.csrf();
    drop_portal(&scene, "acme");
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains("Go on to"), "{}", page.text);
    let fields = [("csrf", csrf.as_str()), ("portal", "0")];
    let answer = browser.post(ID, "/welcome/later", &fields).await;
    assert_eq!(answer.location(), url(ID, "/sign-in"));
    let held = scene.hub.directory.holder(ANNA).await.unwrap();
    assert_eq!(held, bitrix_id_auth_core::store::Holder::None);
}

/// The portal says that Anna's record is out of use.
async fn end(scene: &Scene, portal: &str) {
    let directory = &scene.hub.directory;
    let free = directory.free_profiles(&[ANNA.into()]).await.unwrap();
    let mut record = free.into_iter().find(|record| record.portal == portal).unwrap();
    record.active = false;
    directory.import_profiles(portal, vec![record], scene.clock.now()).await.unwrap();
}

/// Takes a portal out of the configuration.
fn drop_portal(scene: &Scene, id: &str) {
    let others: Vec<&str> = CONFIG
        .split("[[portal]]")
        .filter(|part| !part.contains(&format!("id = \"{id}\"")))
        .collect();
    let file = scene.directory.path().join("fewer.toml");
    std::fs::write(&file, others.join("[[portal]]")).unwrap();
    let config = Arc::new(bitrix_id_config::load(&file).unwrap());
    let (now, pools) = (scene.clock.now(), Pools::default());
    let telemetry = &scene.hub.telemetry;
    let snapshot = Snapshot::build(2, now, config, Vec::new(), &pools, telemetry).unwrap();
    scene.hub.snapshot.store(Arc::new(snapshot));
}

#[tokio::test]
async fn the_page_and_the_mails_say_which_password_holds() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    let welcome = mails(&scene).await;
    let said = "Its password is the one you've just signed in with.";
    assert!(welcome[0].text.contains(said), "{}", welcome[0].text);
    let typed = "The password you&#39;ve just used is now that of your Bitrix ID";
    assert!(browser.get(ID, "/welcome").await.text.contains(typed));
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains(typed), "it is told once: {}", page.text);
    assert!(page.text.contains("You open them with the password of your Bitrix ID."));
    browser.fill("/welcome", JOIN, &ALL[..2]).await;
    let joined = mails(&scene).await;
    assert!(joined[0].text.contains("passwords you had there no longer count"), "{joined:?}");
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("You open it with the password of your Bitrix ID."));
}

#[tokio::test]
async fn one_portal_is_spoken_of_as_one() {
    let scene = Scene::new().await;
    let hash = bitrix_id_auth_core::password::samples::sample_sha512(ACME_PASSWORD, "saltsalt");
    import(&scene, "acme", "17", Some(hash)).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let sent = mails(&scene).await;
    let said = "Once you've entered it, you choose whether to join Acme Inc.";
    assert!(sent[0].text.contains(said), "{}", sent[0].text);
    prove(&mut browser, &code(&sent[0])).await;
    mails(&scene).await;
    let page = browser.get(ID, "/welcome").await;
    for said in [
        "We found you on one portal",
        "It knows anna@example.com. Join it, and your Bitrix ID opens it.",
        "and opens this portal once you join it.",
        "on the page “Who you are on your portals”",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    browser.fill("/welcome", JOIN, &ALL[..1]).await;
    let joined = mails(&scene).await;
    assert_eq!(joined[0].subject, "A new portal in your Bitrix ID");
    assert!(joined[0].text.contains("a password you had there no longer counts"), "{joined:?}");
}

#[tokio::test]
async fn who_was_on_the_way_to_a_portal_reads_what_joining_nothing_means() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    let sign_in = browser.leave(ACME, "/crm/");
    browser.sign_in(&sign_in, ANNA, GLOBEX_PASSWORD).await;
    let proved = prove(&mut browser, &code(&mails(&scene).await[0])).await;
    let page = browser.open(&proved.location()).await;
    let said = "Without joining, Acme Inc. does not open.";
    assert!(page.text.contains(said), "{}", page.text);
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains("Without joining"), "on the way to none: {}", page.text);
}

#[tokio::test]
async fn who_signs_up_is_told_of_no_portal_s_password() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let fields = [("name", "Nadja"), ("email", ANNA), ("password", "twelve angry hedgehogs")];
    browser.fill("/sign-up", "/sign-up", &fields).await;
    let sent = mails(&scene).await;
    browser.fill("/sign-up/confirm", "/sign-up/confirm", &[("code", &code(&sent[0]))]).await;
    let welcome = mails(&scene).await;
    assert!(!welcome[0].text.contains("just signed in with"), "{}", welcome[0].text);
}

#[tokio::test]
async fn the_code_s_mail_says_that_the_choice_comes_next() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let sent = mails(&scene).await;
    let said =
        "Once you've entered it, you choose which of these to join: Acme Inc., Globex and Initech.";
    assert!(sent[0].text.contains(said), "{}", sent[0].text);
}
