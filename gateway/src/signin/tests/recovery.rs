//! Recovery by mail.

mod refusals;
mod telling;

use std::collections::BTreeMap;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::{SESSION_COOKIE, sha256};
use bitrix_id_auth_core::issuer::{IssueRequest, Issued};
use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::{AccountState, NewSession, QueuedMail};

use super::super::recovery::worker::{answer_waiting, finish_resets};
use super::*;

pub(super) const NEW: &str = "eleven quiet badgers";

/// The mails about passwords that were queued since the last call, after every request was answered.
async fn mails(scene: &Scene) -> Vec<QueuedMail> {
    while answer_waiting(&scene.app).await.unwrap() {}
    let directory = &scene.hub.directory;
    let mails = directory.take_mail(scene.clock.now(), 100).await.unwrap();
    for mail in &mails {
        directory.mail_sent(mail.id).await.unwrap();
    }
    mails.into_iter().filter(|mail| mail.subject.contains("password")).collect()
}

async fn ask(browser: &mut Browser<'_>, email: &str) -> Answer {
    browser.fill("/forgot-password", "/forgot-password", &[("email", email)]).await
}

/// Asks for a mail to this address, and gives the link in it.
pub(super) async fn link_for(scene: &Scene, browser: &mut Browser<'_>, email: &str) -> String {
    let answer = ask(browser, email).await;
    assert_eq!(answer.location(), url(ID, "/reset-password"));
    let sent = mails(scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, email), "{sent:?}");
    link(&sent[0])
}

fn link(mail: &QueuedMail) -> String {
    mail.text.lines().find(|line| line.starts_with("https://")).unwrap().to_owned()
}

fn checkword(link: &str) -> &str {
    link.split_once("?checkword=").unwrap().1
}

/// Opens the link and presses the button.
pub(super) async fn set(browser: &mut Browser<'_>, link: &str, password: &str) -> Answer {
    let page = browser.open(link).await;
    let csrf = page.csrf();
    press(browser, &csrf, checkword(link), password).await
}

async fn press(browser: &mut Browser<'_>, csrf: &str, checkword: &str, password: &str) -> Answer {
    let fields = [
        ("csrf", csrf),
        ("checkword", checkword),
        ("step", "password"),
        ("password", password),
        ("again", password),
    ];
    browser.post(ID, "/reset-password", &fields).await
}

/// What every other process learns within a second.
pub(super) async fn hear(scene: &Scene) {
    for revocation in scene.hub.sessions.revocations_after(0).await.unwrap() {
        scene.hub.apply_revocation(&revocation);
    }
}

pub(super) async fn opens(scene: &Scene, email: &str, password: &str) -> bool {
    let mut browser = scene.browser();
    browser.ip = "203.0.113.99".into();
    browser.sign_in("/sign-in", email, password).await.sets(SESSION_COOKIE)
}

async fn import(scene: &Scene, portal: &str, email: &str) {
    let record = ImportedProfile {
        portal: portal.into(),
        local_id: "17".into(),
        login: "a.karenina".into(),
        email: Some(email.into()),
        password_hash: None,
        name: "Anna Karenina".into(),
        active: true,
        roles: vec!["employee".into()],
        imported_at: scene.clock.now(),
        account: None,
    };
    let directory = &scene.hub.directory;
    directory.import_profiles(portal, vec![record], scene.clock.now()).await.unwrap();
}

#[tokio::test]
async fn a_new_password_is_said_not_to_be_the_only_way_in() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let second = "anna@home.example";
    let generation = anna.generation;
    let change = bitrix_id_auth_core::accounts::AccountChange {
        directory: scene.hub.directory.as_ref(),
        sessions: scene.hub.sessions.as_ref(),
        now_ms: scene.clock.now_ms(),
    };
    change.add_address(anna.id, generation, second, AddressProof::Mail).await.unwrap();
    let mut browser = scene.browser();
    browser.fill("/forgot-password", "/forgot-password", &[("email", ANNA)]).await;
    let sent = mails(&scene).await;
    let answer = set(&mut browser, &link(&sent[0]), NEW).await;
    let done = browser.open(&answer.location()).await;
    assert!(done.text.contains("These also open your Bitrix ID: anna@home.example."));
    for way in ["href=\"/profile/social\"", "href=\"/profile/emails\""] {
        assert!(done.text.contains(way), "{way} in {}", done.text);
    }
    let told = mails(&scene).await;
    let notice = told.iter().find(|mail| mail.subject.contains("password")).unwrap();
    assert!(notice.text.contains("Also opens it: anna@home.example"), "{}", notice.text);
}

#[tokio::test]
async fn the_link_of_the_mail_sets_the_password_and_leads_on_to_the_portal() {
    let mut scene = Scene::new().await;
    scene.account(ANNA, &["acme", "initech"]).await;
    let jars = {
        let mut browser = scene.browser();
        let sign_in = browser.leave(ACME, "/crm/?week=7");
        let failed = browser.sign_in(&sign_in, ANNA, "not it").await;
        assert!(failed.text.contains("or get a new password"), "{}", failed.text);
        let forgot = sign_in.replace("/sign-in", "/forgot-password");
        assert!(failed.text.contains(&forgot), "{}", failed.text);
        let form = browser.get(ID, &forgot).await;
        assert!(form.text.contains(&format!("value=\"{ANNA}\"")), "typed once: {}", form.text);
        let answer =
            browser.fill(&forgot, "/forgot-password", &[("email", " Anna@Example.com")]).await;
        let page = browser.open(&answer.location()).await;
        let words = "If anna@example.com belongs to a Bitrix ID, a message is on its way.";
        assert!(page.text.contains(words), "{}", page.text);
        browser.jars
    };
    // Neither the request nor what the browser has begun is lost with the process.
    scene.restart();
    let mut browser = scene.browser();
    browser.jars = jars;
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, ANNA));
    let page = browser.open(&link(&sent[0])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(ANNA));
    let answer = set(&mut browser, &link(&sent[0]), NEW).await;
    assert!(answer.sets(SESSION_COOKIE), "{}", answer.text);
    let done = browser.open(&answer.location()).await;
    assert!(done.text.contains("It holds on both portals."), "{}", done.text);
    assert!(done.text.contains("Continue to Acme Inc."), "{}", done.text);
    let onward = done.text.split("class=\"button\" href=\"").nth(1).unwrap();
    let onward = onward.split('"').next().unwrap().replace("&#38;", "&");
    let ticket = browser.get(ID, &onward).await.location();
    assert!(ticket.starts_with(&url(ACME, "/.bitrix-id/callback?ticket=")), "{ticket}");
    assert_eq!(browser.open(&ticket).await.location(), url(ACME, "/crm/?week=7"));
    assert!(opens(&scene, ANNA, NEW).await);
    assert!(!opens(&scene, ANNA, PASSWORD).await);
}

#[tokio::test]
async fn the_checkword_can_be_typed_as_people_type() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    let typed =
        checkword(&link).replace('-', " ").to_lowercase().replace('0', "o").replace('1', "l");
    let page = browser.fill("/reset-password", "/reset-password", &[("checkword", &typed)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.hidden("checkword").as_deref(), Some(checkword(&link)));
    assert!(press(&mut browser, &page.csrf(), &typed, NEW).await.sets(SESSION_COOKIE));
    let wrong = "0000-0000-0000-0000-0000-0000-0000";
    ask(&mut browser, "boris@example.com").await;
    for typed in [wrong, "", "123456"] {
        let page =
            browser.fill("/reset-password", "/reset-password", &[("checkword", typed)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(page.text.contains("the checkword from the newest message"), "{}", page.text);
    }
}

#[tokio::test]
async fn every_session_and_token_dies_but_the_one_here() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    scene.account("boris@example.com", &["acme"]).await;
    let (mut thief, mut boris) =
        (scene.signed_in(ANNA).await, scene.signed_in("boris@example.com").await);
    thief.arrive(ACME).await;
    boris.arrive(ACME).await;
    let mut here = scene.signed_in(ANNA).await;
    here.arrive(ACME).await;
    let link = link_for(&scene, &mut here, ANNA).await;
    hear(&scene).await;
    assert!(thief.verified(ACME).is_some(), "not before the button");
    let answer = set(&mut here, &link, NEW).await;
    assert!(answer.sets(SESSION_COOKIE));
    hear(&scene).await;
    assert!(thief.verified(ACME).is_none());
    assert!(here.verified(ACME).is_none(), "older tokens too, also of this browser");
    assert!(boris.verified(ACME).is_some());
    assert_eq!(thief.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get(ID, "/profile").await.status, StatusCode::OK);
    here.arrive(ACME).await;
    hear(&scene).await;
    assert!(here.verified(ACME).is_some());
    let limits = scene.hub.session_limits();
    let live = scene.hub.sessions.sessions_of(account.id, limits, scene.clock.now()).await.unwrap();
    assert_eq!((live.len(), live[0].amr.as_slice()), (1, &["otp".to_owned()][..]));
    let events = scene.hub.directory.audit(Some(account.id), 10).await.unwrap();
    for action in [audit::RECOVERY_MAILED, audit::RECOVERY_SUCCEEDED, audit::PASSWORD_CHANGED] {
        assert!(events.iter().any(|event| event.action == action), "{action}");
    }
    let notice = mails(&scene).await;
    assert_eq!((notice.len(), notice[0].to.as_str()), (1, ANNA));
    for words in ["2027", "192.0.2.7", "/forgot-password"] {
        assert!(notice[0].text.contains(words), "{words} in {}", notice[0].text);
    }
}

#[tokio::test]
async fn sessions_that_could_not_be_ended_are_good_for_nothing_and_ended_later() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut thief = scene.signed_in(ANNA).await;
    thief.arrive(ACME).await;
    let mut here = scene.browser();
    let link = link_for(&scene, &mut here, ANNA).await;
    scene.store.failing.lock().unwrap().push("end_sessions_of");
    let answer = set(&mut here, &link, NEW).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.sets(SESSION_COOKIE), "no success is told");
    finish_resets(&scene.app).await.unwrap();
    let live = async || {
        let (limits, now) = (scene.hub.session_limits(), scene.clock.now());
        scene.hub.sessions.sessions_of(account.id, limits, now).await.unwrap().len()
    };
    assert_eq!(live().await, 1, "the visit may be about it");
    // The very second of the reset, and nobody has heard of it yet.
    assert_eq!(thief.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    let before = thief.verified(ACME).unwrap();
    let request = IssueRequest {
        session: before.identity.session,
        issuer: "https://id.bitrix24.example:8443",
        host: ACME,
        portal: "acme",
        token_lifetime: 600,
        limits: scene.hub.session_limits(),
        now: scene.clock.now(),
    };
    let issued = scene.hub.issuer.portal_token(request).await.unwrap();
    assert!(matches!(issued, Issued::SessionEnded), "no new token");
    scene.clock.advance(30);
    finish_resets(&scene.app).await.unwrap();
    hear(&scene).await;
    assert!(thief.verified(ACME).is_none());
    assert_eq!(live().await, 0);
    let mut later = scene.browser();
    assert!(later.sign_in("/sign-in", ANNA, NEW).await.sets(SESSION_COOKIE));
    finish_resets(&scene.app).await.unwrap();
    assert_eq!(later.get(ID, "/profile").await.status, StatusCode::OK, "once");
}

#[tokio::test]
async fn every_address_gets_the_same_answer() {
    let scene = Scene::new().await;
    let directory = &scene.hub.directory;
    // All of one length, so that nothing but the answer itself can differ.
    let kinds = ["known", "socia", "stopp", "leave", "unpro", "nobod"]
        .map(|kind| format!("{kind}@example.com"));
    let [known, social, stopped, leaving, unproved, _nobody] = &kinds;
    scene.account(known, &["acme"]).await;
    let plain = |email: &str, proof| NewAccount {
        email: email.into(),
        proof,
        name: "Anna".into(),
        password_hash: None,
        language: None,
    };
    let now = scene.clock.now();
    directory.create_account(plain(social, AddressProof::Provider), now).await.unwrap();
    directory.create_account(plain(unproved, AddressProof::None), now).await.unwrap();
    let one = scene.account(stopped, &[]).await.id;
    let two = scene.account(leaving, &[]).await.id;
    directory.set_account_state(one, AccountState::Disabled).await.unwrap();
    directory.set_account_state(two, AccountState::Leaving { delete_at: now + 99 }).await.unwrap();

    let mut seen = Vec::new();
    for email in &kinds {
        let mut browser = scene.browser();
        let answer = ask(&mut browser, email).await;
        let page = browser.open(&answer.location()).await;
        seen.push((trace(&answer, email), trace(&page, email)));
    }
    for (kind, other) in kinds.iter().zip(&seen) {
        assert_eq!(other, &seen[0], "{kind}");
    }
    let mut told: Vec<String> = mails(&scene).await.into_iter().map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, [known.clone(), social.clone(), unproved.clone()]);
}

/// Status, headers and body, but for tokens and the address.
fn trace(answer: &Answer, email: &str) -> (StatusCode, BTreeMap<String, Vec<usize>>, String) {
    let mut headers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (name, value) in &answer.headers {
        headers.entry(name.to_string()).or_default().push(value.len());
    }
    let body =
        answer.hidden("csrf").map_or(answer.text.clone(), |csrf| answer.text.replace(&csrf, ""));
    (answer.status, headers, body.replace(email, ""))
}

#[tokio::test]
async fn who_only_ever_came_by_a_provider_gets_a_password_this_way() {
    let scene = Scene::new().await;
    provider_only(&scene).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    assert!(set(&mut browser, &link, NEW).await.sets(SESSION_COOKIE));
    assert!(opens(&scene, ANNA, NEW).await);
}

async fn provider_only(scene: &Scene) -> Account {
    let new = NewAccount {
        email: ANNA.into(),
        proof: AddressProof::Provider,
        name: "Anna".into(),
        password_hash: None,
        language: None,
    };
    match scene.hub.directory.create_account(new, scene.clock.now()).await.unwrap() {
        CreateAccount::Created(account) => account,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn somebody_whom_only_portals_know_gets_a_bitrix_id_and_goes_on_to_the_welcome() {
    let scene = Scene::new().await;
    import(&scene, "acme", ANNA).await;
    let mut browser = scene.browser();
    ask(&mut browser, ANNA).await;
    let sent = mails(&scene).await;
    for words in ["Acme Inc.", "Anna Karenina", "a.karenina"] {
        assert!(sent[0].text.contains(words), "{words} in {}", sent[0].text);
    }
    assert!(scene.hub.directory.account_by_email(ANNA).await.unwrap().is_none(), "not before");
    let answer = set(&mut browser, &link(&sent[0]), NEW).await;
    assert!(answer.sets(SESSION_COOKIE));
    assert!(answer.location().starts_with(&url(ID, "/welcome")), "{}", answer.location());
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    assert_eq!((account.name.as_str(), account.proof), ("Anna Karenina", AddressProof::Mail));
    assert!(opens(&scene, ANNA, NEW).await);
}

#[tokio::test]
async fn who_has_no_password_is_led_to_recovery() {
    let scene = Scene::new().await;
    let account = provider_only(&scene).await;
    let mut browser = scene.browser();
    // As after signing in by a provider.
    let cookie = "A".repeat(43);
    let session = NewSession {
        account: account.id,
        generation: 1,
        cookie_hash: sha256(&cookie),
        amr: Vec::new(),
        user_agent: String::new(),
        auth_time: scene.clock.now(),
        client_ip: None,
        device: None,
    };
    scene.hub.sessions.create_session(session, scene.clock.now()).await.unwrap();
    browser.jar(ID).insert(SESSION_COOKIE.into(), cookie);
    let page = browser.get(ID, "/profile/security").await;
    assert!(page.text.contains("has no password yet"), "{}", page.text);
    assert!(
        page.text.contains("href=\"/forgot-password\"") && !page.text.contains("id=\"current\"")
    );
    let form = browser.get(ID, "/forgot-password").await;
    assert!(form.text.contains(&format!("value=\"{ANNA}\"")), "{}", form.text);
    let link = link_for(&scene, &mut browser, ANNA).await;
    assert!(set(&mut browser, &link, NEW).await.sets(SESSION_COOKIE));
    let page = browser.get(ID, "/profile/security").await;
    assert!(page.text.contains("id=\"current\""), "{}", page.text);
}

impl Answer {
    /// The form value of this page, or of one that has a form.
    async fn csrf_or(&self, browser: &mut Browser<'_>) -> String {
        match self.hidden("csrf") {
            Some(csrf) => csrf,
            None => browser.get(ID, "/forgot-password").await.csrf(),
        }
    }
}
