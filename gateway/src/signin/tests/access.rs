//! Asking for access, inviting, and the page of a portal's owners.

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
async fn an_invitation_by_mail_lets_one_person_in() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &[]).await;
    let carol = scene.account("carol@example.com", &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let emails = "Boris@Example.com, new@example.com";
    press(&mut anna, &[("invite", "1"), ("emails", emails)]).await;
    assert!(anna.get(ID, PEOPLE).await.text.contains("2 invitations are on their way"));
    let sent = mails(&scene).await;
    let to: Vec<_> = sent.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [BORIS, "new@example.com"]);
    assert_ne!(link(&sent[0]), link(&sent[1]));
    let page = anna.get(ID, PEOPLE).await;
    assert_eq!(page.text.matches("Ends in 7 days").count(), 2, "{}", page.text);
    for mail in &sent {
        assert_eq!(mail.subject, "You're invited to Acme Inc.", "as the operator calls it");
        assert!(!mail.text.contains("Anna"), "{}", mail.text);
    }

    let (_, path) = split(&link(&sent[0]));
    let mut stranger = scene.browser();
    let page = stranger.get(ID, &path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Acme Inc.") && page.text.contains(ANNA), "{}", page.text);
    assert!(page.text.contains("/sign-in?state=") && page.text.contains("/sign-up?state="));
    assert_eq!(scene.roles(&boris, "acme").await, None, "a look changes nothing");

    let way = page.text.split("href=\"/sign-in?state=").nth(1).unwrap().split('"').next().unwrap();
    let form_at = format!("/sign-in?state={}", way.replace("&#38;", "&"));
    let answer = stranger.sign_in(&form_at, BORIS, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, &path), "back to the invitation");
    let token = path.split_once('=').unwrap().1;
    let answer = stranger.fill(&path, "/invitation", &[("token", token)]).await;
    assert_eq!(answer.location(), url(ACME, "/"));
    assert_eq!(scene.roles(&boris, "acme").await.unwrap(), ["employee"]);
    let page = stranger.get(ID, &path).await;
    assert!(page.text.contains("You already belong to Acme Inc."), "{}", page.text);

    let mut other = scene.signed_in("carol@example.com").await;
    let page = other.get(ID, &path).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text.contains("This invitation has been used"));
    let csrf = other.get(ID, "/").await.csrf();
    let answer = other.post(ID, "/invitation", &[("csrf", &csrf), ("token", token)]).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert_eq!(scene.roles(&carol, "acme").await, None);
}

/// The path of a link made for so many people; it is shown once.
async fn made_link(browser: &mut Browser<'_>, uses: &str) -> String {
    press(browser, &[("link", "1"), ("uses", uses)]).await;
    let page = browser.get(ID, PEOPLE).await;
    let rest = page.text.split_once("/invitation?token=").expect("the link").1;
    let token = rest.split_once('"').unwrap().0.to_owned();
    assert!(!browser.get(ID, PEOPLE).await.text.contains(&token), "shown once");
    format!("/invitation?token={token}")
}

async fn accept(browser: &mut Browser<'_>, path: &str) -> Answer {
    let token = path.split_once('=').unwrap().1;
    let csrf = browser.get(ID, "/").await.csrf();
    browser.post(ID, "/invitation", &[("csrf", &csrf), ("token", token)]).await
}

#[tokio::test]
async fn a_link_ends_in_several_ways_and_says_which() {
    let scene = Scene::new().await;
    let anna = scene.owner(ANNA, "acme").await;
    scene.account(BORIS, &[]).await;
    let mut owner = scene.signed_in(ANNA).await;
    let mut guest = scene.signed_in(BORIS).await;
    let revoked = made_link(&mut owner, "5").await;
    let invitation = button(&owner.get(ID, PEOPLE).await, "revoke");
    press(&mut owner, &[("revoke", &invitation)]).await;
    let answer = accept(&mut guest, &revoked).await;
    assert!(answer.text.contains("This invitation was taken back"), "{}", answer.text);

    let unknown = format!("/invitation?token={}", "A".repeat(43));
    for path in [unknown.as_str(), "/invitation?token=x", "/invitation"] {
        let page = guest.get(ID, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("We don&#39;t know this invitation"), "{}", page.text);
    }

    let outlived = made_link(&mut owner, "5").await;
    let employee = Profile {
        roles: vec!["employee".into()],
        ..Profile::new(anna.id, "acme", scene.clock.now())
    };
    scene.hub.directory.put_profile(employee.clone(), scene.clock.now()).await.unwrap();
    let answer = accept(&mut guest, &outlived).await;
    assert_eq!(answer.status, StatusCode::GONE, "whoever made it runs the portal no more");
    let owner_again = Profile { roles: vec!["owner".into()], ..employee };
    scene.hub.directory.put_profile(owner_again, scene.clock.now()).await.unwrap();

    scene.clock.advance(7 * 24 * 3600);
    let mut guest = scene.signed_in(BORIS).await;
    let answer = accept(&mut guest, &outlived).await;
    assert!(answer.text.contains("This invitation is too old"), "{}", answer.text);
}

#[tokio::test]
async fn a_link_lets_nobody_in_twice() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let boris = scene.account(BORIS, &[]).await;
    let carol = scene.account("carol@example.com", &[]).await;
    let mut owner = scene.signed_in(ANNA).await;
    let mut guest = scene.signed_in(BORIS).await;
    let link = made_link(&mut owner, "5").await;
    assert_eq!(accept(&mut guest, &link).await.status, StatusCode::SEE_OTHER);
    assert!(scene.roles(&boris, "acme").await.is_some());
    press(&mut owner, &[("remove", &boris.id.to_string())]).await;
    for answer in [guest.get(ID, &link).await, accept(&mut guest, &link).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(answer.text.contains("You have used this invitation before"), "{}", answer.text);
        assert!(!answer.text.contains("name=\"token\""), "there is nothing to press");
    }
    assert_eq!(scene.roles(&boris, "acme").await, None);
    let mut other = scene.signed_in("carol@example.com").await;
    assert_eq!(accept(&mut other, &link).await.status, StatusCode::SEE_OTHER);
    assert!(scene.roles(&carol, "acme").await.is_some());
    // Another one is another welcome.
    let second = made_link(&mut owner, "1").await;
    assert_eq!(accept(&mut guest, &second).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn invitations_are_checked_before_any_is_sent_and_are_limited() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let mut owner = scene.signed_in(ANNA).await;
    for (emails, expected) in [
        ("", "Enter at least one"),
        ("boris@example.com, boris", "“boris” is not an e-mail address"),
    ] {
        let answer = press(&mut owner, &[("invite", "1"), ("emails", emails)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(expected), "{}", answer.text);
    }
    assert!(mails(&scene).await.is_empty());
    for uses in ["0", "51", "", "-1", "many"] {
        let answer = press(&mut owner, &[("link", "1"), ("uses", uses)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{uses}");
    }
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = press(&mut owner, &[("invite", "1"), ("emails", BORIS)]).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(mails(&scene).await.len(), 5);
    // One that is one too many keeps back all that stand before it.
    let emails = [("invite", "1"), ("emails", "new@example.com, boris@example.com")];
    assert_eq!(press(&mut owner, &emails).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(mails(&scene).await.is_empty());
    let open = scene.hub.directory.invitations("acme", scene.clock.now()).await.unwrap();
    assert_eq!(open.len(), 5);
}

#[tokio::test]
async fn invitations_that_are_not_stored_are_not_sent_and_the_form_keeps_what_was_typed() {
    let scene = Scene::new().await;
    scene.owner(ANNA, "acme").await;
    let mut owner = scene.signed_in(ANNA).await;
    let emails = [("invite", "1"), ("emails", "new@example.com, boris@example.com")];
    scene.store.failing.lock().unwrap().push("invite");
    let answer = press(&mut owner, &emails).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("new@example.com, boris@example.com"), "{}", answer.text);
    assert!(mails(&scene).await.is_empty());
    press(&mut owner, &emails).await;
    let open = scene.hub.directory.invitations("acme", scene.clock.now()).await.unwrap();
    assert_eq!((open.len(), mails(&scene).await.len()), (2, 2), "once");
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
