//! Asking for access, inviting, and the page of a portal's owners.

mod invitations;

use bitrix_id_auth_core::store::QueuedMail;

use super::sign_up::mails;
use super::*;

const BORIS: &str = "boris@example.com";
const PEOPLE: &str = "/portals/acme/people";

impl Scene {
    async fn owner(&self, email: &str, portal: &str) -> Account {
        let account = self.account(email, &[]).await;
        let owner = Profile {
            roles: vec!["owner".into()],
            ..Profile::new(account.id, portal, self.clock.now())
        };
        self.hub.directory.put_profile(owner, self.clock.now()).await.unwrap();
        account
    }

    /// Whether the account has a profile there, and as what.
    async fn roles(&self, account: &Account, portal: &str) -> Option<Vec<String>> {
        let profile = self.hub.directory.profile(account.id, portal).await.unwrap();
        profile.map(|profile| profile.roles)
    }
}

/// What the gateway does when somebody without a profile opens a page of a portal.
pub(super) async fn refused(browser: &mut Browser<'_>, host: &str, target: &str) -> Answer {
    let asked = [
        ("x-bitrix-id-internal-purpose", "no-access"),
        ("x-bitrix-id-internal-target", target),
        ("sec-fetch-mode", "navigate"),
    ];
    browser.send(Method::GET, host, "/.bitrix-id/no-access", &asked, "").await
}

async fn ask(browser: &mut Browser<'_>, host: &str) -> Answer {
    browser.post(host, "/.bitrix-id/access", &[("return_to", "/crm/?week=7")]).await
}

async fn press(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    browser.fill(PEOPLE, PEOPLE, fields).await
}

/// The value of the first button of this name.
fn button(page: &Answer, name: &str) -> String {
    let rest = page.text.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, rest)| rest);
    let rest = rest.unwrap_or_else(|| panic!("no {name}: {}", page.text));
    rest.split_once('"').unwrap().0.to_owned()
}

fn link(mail: &QueuedMail) -> String {
    let line = mail.text.lines().find(|line| line.starts_with("https://"));
    line.unwrap_or_else(|| panic!("no link: {}", mail.text)).to_owned()
}

#[tokio::test]
async fn a_request_is_told_to_the_owners_and_answered_by_one() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &[]).await;
    let mut browser = scene.signed_in(BORIS).await;
    browser.arrive(ACME).await;
    let page = refused(&mut browser, ACME, "/crm/?week=7").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for expected in [BORIS, "the people that its administrators added", "value=\"/crm/?week=7\""] {
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
    }
    assert!(!page.text.contains(ANNA), "who belongs to the portal is not told");
    let answer = ask(&mut browser, ACME).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, url(ACME, "/crm/?week=7"))
    );
    assert!(ask(&mut browser, ACME).await.status.is_redirection(), "twice does no harm");
    let page = refused(&mut browser, ACME, "/").await;
    assert!(page.text.contains("You asked for access") && page.text.contains("have been told"));
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, ANNA), "one mail for two presses");
    assert_eq!(link(&sent[0]), url(ID, PEOPLE));

    let mut anna = scene.signed_in(ANNA).await;
    assert!(anna.get(ID, "/").await.text.contains("1 request"));
    let page = anna.get(ID, PEOPLE).await;
    assert!(page.text.contains(BORIS), "{}", page.text);
    let request = button(&page, "approve");
    let answer = press(&mut anna, &[("approve", &request)]).await;
    assert_eq!(answer.location(), url(ID, PEOPLE));
    assert_eq!(scene.roles(&boris, "acme").await.unwrap(), ["employee"]);
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, BORIS));
    assert_eq!(link(&sent[0]), url(ACME, "/"));
    assert!(anna.get(ID, PEOPLE).await.text.contains("They can use the portal now"));
    let again = press(&mut anna, &[("decline", &request)]).await;
    assert!(again.status.is_redirection());
    assert!(anna.get(ID, PEOPLE).await.text.contains("no longer open"));
    assert!(scene.roles(&boris, "acme").await.is_some(), "a late no takes nothing away");
    let events = scene.hub.directory.audit(Some(boris.id), 10).await.unwrap();
    for action in ["access.asked", "access.granted"] {
        assert!(events.iter().any(|event| event.action == action), "{action}");
    }
}

#[tokio::test]
async fn a_declined_person_is_told_and_may_ask_again() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &[]).await;
    let mut browser = scene.signed_in(BORIS).await;
    browser.arrive(ACME).await;
    ask(&mut browser, ACME).await;
    mails(&scene).await;
    let mut anna = scene.signed_in(ANNA).await;
    let request = button(&anna.get(ID, PEOPLE).await, "decline");
    press(&mut anna, &[("decline", &request)]).await;
    assert_eq!(scene.roles(&boris, "acme").await, None);
    let told = anna.get(ID, PEOPLE).await;
    let said = format!("You declined the request of {}.", boris.name);
    assert!(told.text.contains(&said), "{}", told.text);
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, BORIS));
    let page = refused(&mut browser, ACME, "/").await;
    assert!(page.text.contains("/.bitrix-id/access"), "{}", page.text);
    assert!(page.text.contains("They said no on "), "{}", page.text);
    assert!(
        page.text.contains("<button class=\"wide quiet\" aria-describedby=\"ask-hint\">Ask again")
    );
    let elsewhere = refused(&mut browser, GLOBEX, "/").await;
    assert!(!elsewhere.text.contains("They said no"), "of that portal alone: {}", elsewhere.text);
    ask(&mut browser, ACME).await;
    let page = refused(&mut browser, ACME, "/").await;
    assert!(!page.text.contains("They said no"), "asked anew: {}", page.text);
}

#[tokio::test]
async fn a_removal_is_asked_about_by_name_and_told_by_name() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &["acme"]).await;
    let ask = format!("{PEOPLE}/remove?person={}", boris.id);
    let mut stranger = scene.signed_in(BORIS).await;
    assert_eq!(stranger.get(ID, &ask).await.status, StatusCode::NOT_FOUND);
    let mut browser = scene.signed_in(ANNA).await;
    let page = browser.get(ID, PEOPLE).await;
    assert!(page.text.contains(&format!("href=\"{ask}\"")), "{}", page.text);
    assert!(!page.text.contains("name=\"remove\""), "no button does it at once: {}", page.text);
    let page = browser.get(ID, &ask).await;
    let title = format!("Remove {} from Acme Inc.?", boris.name);
    assert!(page.text.contains(&title), "{}", page.text);
    assert!(scene.roles(&boris, "acme").await.is_some(), "looking at it removes nobody");
    let id = button(&page, "remove");
    let answer = browser.fill(&ask, PEOPLE, &[("remove", &id)]).await;
    let told = browser.open(&answer.location()).await;
    assert!(told.text.contains(&format!("{} was removed.", boris.name)), "{}", told.text);
    assert_eq!(scene.roles(&boris, "acme").await, None);
    assert_eq!(
        browser.get(ID, &ask).await.location(),
        url(ID, PEOPLE),
        "there is nobody to remove"
    );
}

#[tokio::test]
async fn a_portal_without_owners_keeps_the_request_and_says_so() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    scene.account(BORIS, &[]).await;
    let mut browser = scene.signed_in(BORIS).await;
    browser.arrive(ACME).await;
    ask(&mut browser, ACME).await;
    assert!(mails(&scene).await.is_empty());
    let page = refused(&mut browser, ACME, "/").await;
    assert!(page.text.contains("Nobody answers requests for Acme Inc."), "{}", page.text);
    let directory = &scene.hub.directory;
    let open = directory.access_requests("acme", scene.clock.now(), 10).await.unwrap();
    assert_eq!(open.len(), 1);
    scene.clock.advance(30 * 24 * 3600);
    let open = directory.access_requests("acme", scene.clock.now(), 10).await.unwrap();
    assert!(open.is_empty(), "a month is enough");
}

#[tokio::test]
async fn requests_cannot_be_forged_or_made_without_end() {
    let scene = Scene::new().await;
    scene.account(BORIS, &[]).await;
    let mut browser = scene.signed_in(BORIS).await;
    browser.arrive(ACME).await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let cross =
        [form, ("sec-fetch-site", "same-site"), ("origin", "https://evil.bitrix24.example")];
    for path in ["/.bitrix-id/access", "/.bitrix-id/switch"] {
        let answer = browser.send(Method::POST, ACME, path, &cross, "return_to=/").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let requests = scene.hub.directory.access_requests("acme", scene.clock.now(), 10).await;
    assert!(requests.unwrap().is_empty());
    let mut last = ask(&mut browser, ACME).await;
    for _ in 0..10 {
        last = ask(&mut browser, ACME).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    let elsewhere = [("return_to", "https://evil.example/")];
    let answer = scene.browser().post(ACME, "/.bitrix-id/access", &elsewhere).await;
    assert_eq!(answer.location(), url(ACME, "/"), "a stranger is led to the portal");
}

#[tokio::test]
async fn the_owners_page_is_for_owners_alone() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    scene.owner("eve@example.com", "initech").await;
    scene.account(BORIS, &["acme"]).await;
    for (email, path) in [
        (BORIS, PEOPLE),
        ("eve@example.com", PEOPLE),
        (ANNA, "/portals/initech/people"),
        (ANNA, "/portals/none/people"),
    ] {
        let mut browser = scene.signed_in(email).await;
        assert_eq!(browser.get(ID, path).await.status, StatusCode::NOT_FOUND, "{email} {path}");
        let csrf = browser.get(ID, "/").await.csrf();
        let fields = [("csrf", csrf.as_str()), ("link", "1"), ("uses", "1")];
        let answer = browser.post(ID, path, &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{email} {path}");
    }
    let answer = scene.browser().get(ID, PEOPLE).await;
    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")));
}

#[tokio::test]
async fn rows_of_another_portal_are_out_of_reach() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    scene.owner("eve@example.com", "initech").await;
    let boris = scene.account(BORIS, &["acme"]).await;
    let carol = scene.account("carol@example.com", &[]).await;
    let mut guest = scene.signed_in("carol@example.com").await;
    guest.arrive(ACME).await;
    ask(&mut guest, ACME).await;
    let mut anna = scene.signed_in(ANNA).await;
    press(&mut anna, &[("link", "1"), ("uses", "3")]).await;
    let page = anna.get(ID, PEOPLE).await;
    let (request, invitation) = (button(&page, "approve"), button(&page, "revoke"));

    let mut eve = scene.signed_in("eve@example.com").await;
    let own = "/portals/initech/people";
    let boris_id = boris.id.to_string();
    for (name, value, status) in [
        ("approve", request.as_str(), StatusCode::SEE_OTHER),
        ("decline", &request, StatusCode::SEE_OTHER),
        ("revoke", &invitation, StatusCode::NOT_FOUND),
        ("remove", &boris_id, StatusCode::NOT_FOUND),
        ("remove", "not-an-id", StatusCode::BAD_REQUEST),
    ] {
        let answer = eve.fill(own, own, &[(name, value)]).await;
        assert_eq!(answer.status, status, "{name}");
    }
    assert_eq!(scene.roles(&carol, "acme").await, None);
    assert_eq!(scene.roles(&carol, "initech").await, None);
    assert!(scene.roles(&boris, "acme").await.is_some());
    let page = anna.get(ID, PEOPLE).await;
    assert_eq!((button(&page, "approve"), button(&page, "revoke")), (request, invitation));
}

#[tokio::test]
async fn an_owner_removes_others_and_never_themselves() {
    let scene = Scene::new().await;
    let anna = scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &["acme"]).await;
    let mut guest = scene.signed_in(BORIS).await;
    guest.arrive(ACME).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = press(&mut browser, &[("remove", &anna.id.to_string())]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(scene.roles(&anna, "acme").await.is_some());
    press(&mut browser, &[("remove", &boris.id.to_string())]).await;
    assert_eq!(scene.roles(&boris, "acme").await, None);
    assert!(guest.verified(ACME).is_none(), "the token that knew of the profile is dead");
}

#[tokio::test]
async fn stale_and_forged_forms_of_the_owners_page_do_nothing() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let id = boris.id.to_string();
    let answer = browser.post(ID, PEOPLE, &[("csrf", "x.y"), ("remove", &id)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let csrf = browser.get(ID, PEOPLE).await.csrf();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let cross = [form, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let fields = encode(&[("csrf", &csrf), ("remove", &id)]);
    let answer = browser.send(Method::POST, ID, PEOPLE, &cross, &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(scene.roles(&boris, "acme").await.is_some());
}

#[tokio::test]
async fn not_you_leads_to_another_sign_in_and_back() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    scene.account(BORIS, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let answer = browser.post(ACME, "/.bitrix-id/switch", &[("return_to", "/crm/?week=7")]).await;
    let sign_in = answer.location();
    assert!(sign_in.starts_with(&url(ID, "/sign-in?state=")), "{sign_in}");
    assert!(!browser.jar(ACME).contains_key(TOKEN), "the token's cookie is gone");
    let (_, form_at) = split(&sign_in);
    let told = browser.get(ID, &form_at).await;
    let (_, form_at) = split(&told.location());
    assert!(!form_at.contains("switched"), "{form_at}");
    let page = browser.get(ID, &form_at).await;
    assert_eq!(page.status, StatusCode::OK, "the session has ended: the form is shown");
    assert!(page.text.contains(SIGNED_OUT), "{}", page.text);
    let answer = browser.sign_in(&form_at, BORIS, PASSWORD).await;
    let answer = browser.open(&answer.location()).await;
    let answer = browser.open(&answer.location()).await;
    assert_eq!(answer.location(), url(ACME, "/crm/?week=7"));
    let identity = browser.verified(ACME).unwrap();
    assert_eq!(identity.identity.email, BORIS);

    let csrf = browser.get(ID, "/profile").await.csrf();
    let refused = browser.post(ID, "/switch", &[("csrf", "x.y"), ("return_to", "/")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let fields = [("csrf", csrf.as_str()), ("return_to", "/profile/sessions")];
    let answer = browser.post(ID, "/switch", &fields).await;
    let (_, form_at) = split(&answer.location());
    assert!(browser.get(ID, &form_at).await.text.contains(SIGNED_OUT));
    let wrong = browser.sign_in(&form_at, ANNA, "wrong").await;
    assert!(!wrong.text.contains(SIGNED_OUT), "there is something else to say: {}", wrong.text);
    let answer = browser.sign_in(&form_at, ANNA, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/profile/sessions"));
}

#[tokio::test]
async fn no_address_says_signed_out_in_a_browser_that_was_not_signed_in() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let answer = browser.get(ID, "/sign-in?switched=1").await;
    assert_eq!(answer.location(), url(ID, "/sign-in"));
    assert!(!browser.get(ID, "/sign-in").await.text.contains(SIGNED_OUT));
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = browser.get(ID, "/sign-in?switched=1").await;
    assert_eq!(answer.location(), url(ID, "/"), "nor does one sign anybody out");
    assert_eq!(browser.get(ID, "/").await.status, StatusCode::OK);
}

const SIGNED_OUT: &str = "You are signed out. Sign in with another Bitrix ID.";

const TOKEN: &str = "__Host-bitrix-id";
