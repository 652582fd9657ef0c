//! Recovery by mail.

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
async fn a_scanner_that_opens_the_link_uses_nothing_up() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let link = link_for(&scene, &mut scene.browser(), ANNA).await;
    for n in 0..100 {
        let mut scanner = scene.browser();
        assert_eq!(scanner.open(&link).await.status, StatusCode::OK, "{n}");
        let (host, target) = split(&link);
        let head = scanner.send(Method::HEAD, &host, &target, &[], "").await;
        assert_eq!(head.status, StatusCode::OK, "{n}");
    }
    let mut browser = scene.browser();
    assert!(set(&mut browser, &link, NEW).await.sets(SESSION_COOKIE), "in any browser");
}

#[tokio::test]
async fn the_checkword_leaves_by_no_referrer_and_stays_in_no_cache() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    let page = browser.open(&link).await;
    assert_eq!(page.header("referrer-policy"), "strict-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    for address in page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(address.starts_with('/') && !address.starts_with("//"), "{address}");
    }
    set(&mut browser, &link, NEW).await;
    let old = browser.open(&link).await;
    assert_eq!(
        (old.header("referrer-policy"), old.header("cache-control")),
        ("strict-origin", "no-store")
    );
}

#[tokio::test]
async fn a_second_request_outdates_the_first_and_says_when() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let first = link_for(&scene, &mut browser, ANNA).await;
    scene.clock.advance(60);
    let second = link_for(&scene, &mut browser, ANNA).await;
    let page = browser.open(&first).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    // 1_800_000_060 is 2027-01-15T08:01:00Z.
    for words in ["This is from an earlier message", "Use the one sent at 08:01 (UTC)", ANNA] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    let refused = press(&mut browser, &page.csrf(), checkword(&first), NEW).await;
    assert!(!refused.sets(SESSION_COOKIE) && refused.text.contains("08:01"), "{}", refused.text);

    // The button of that page, in a browser that has begun nothing.
    scene.clock.advance(60);
    let mut other = scene.browser();
    let page = other.open(&first).await;
    let fields = [("csrf", page.csrf()), ("checkword", checkword(&first).to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = other.post(ID, "/forgot-password/again", &fields).await;
    let wait = other.open(&answer.location()).await;
    assert!(wait.text.contains("A new message is on its way."), "{}", wait.text);
    let third = link(&mails(&scene).await[0]);
    assert!(!set(&mut browser, &second, NEW).await.sets(SESSION_COOKIE));
    assert!(set(&mut browser, &third, NEW).await.sets(SESSION_COOKIE));
    let used = browser.open(&first).await;
    assert!(used.text.contains("This was used already"), "{}", used.text);
}

#[tokio::test]
async fn a_checkword_that_is_used_or_too_old_says_so_kindly() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let late = link_for(&scene, &mut browser, ANNA).await;
    scene.clock.advance(3599);
    assert_eq!(browser.open(&late).await.status, StatusCode::OK);
    scene.clock.advance(1);
    let page = browser.open(&late).await;
    assert!(page.text.contains("This link is older than an hour. We can send a new one."));
    let refused = press(&mut browser, &page.csrf(), checkword(&late), NEW).await;
    assert!(!refused.sets(SESSION_COOKIE));
    let link = link_for(&scene, &mut browser, ANNA).await;
    assert!(set(&mut browser, &link, NEW).await.sets(SESSION_COOKIE));
    let page = scene.browser().open(&link).await;
    assert!(page.text.contains("This was used already"), "{}", page.text);
    assert!(opens(&scene, ANNA, NEW).await);
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
async fn steps_out_of_order_change_nothing() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    scene.account("eve@example.com", &[]).await;
    let mut browser = scene.browser();
    assert_eq!(browser.get(ID, "/reset-password").await.location(), url(ID, "/forgot-password"));
    let eves = link_for(&scene, &mut browser, "eve@example.com").await;
    let annas = link_for(&scene, &mut browser, ANNA).await;
    let csrf = browser.open(&annas).await.csrf();
    let good = [("csrf", csrf.as_str()), ("step", "password"), ("password", NEW), ("again", NEW)];
    let right = ("checkword", checkword(&annas));
    let attempts: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![("step", "password")],
        good.to_vec(),
        [&good[..], &[("checkword", "")]].concat(),
        [&good[..], &[("email", ANNA), ("account", "1")]].concat(),
        [&good[..], &[("checkword", "0000-0000-0000-0000-0000-0000-0000"), ("email", ANNA)]]
            .concat(),
        // Everything but a password that is one, twice the same, and the form's own value.
        vec![good[0], good[1], right],
        vec![good[0], good[1], right, good[2]],
        vec![good[0], good[1], right, good[2], ("again", "something else")],
        vec![good[0], good[1], right, ("password", "short"), ("again", "short")],
        vec![good[0], good[1], right, ("password", ANNA), ("again", ANNA)],
        vec![good[0], right, good[2], good[3]],
        vec![good[1], right, good[2], good[3]],
        vec![("csrf", "AAAAAAAA.AAAA"), good[1], right, good[2], good[3]],
    ];
    for fields in attempts {
        let answer = browser.post(ID, "/reset-password", &fields).await;
        assert!(!answer.sets(SESSION_COOKIE), "{fields:?}");
        let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
        assert_eq!(kept, account, "{fields:?}");
    }
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let body = encode(&[&good[..], &[right]].concat());
    let foreign = browser.send(Method::POST, ID, "/reset-password", &headers, body.as_str()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let target = format!("/reset-password?{body}");
    browser.get(ID, &target).await;
    assert_eq!(scene.hub.directory.account(account.id).await.unwrap().unwrap(), account, "by GET");
    // Eve's checkword is hers, whatever the form says besides.
    let csrf = browser.open(&eves).await.csrf();
    let swapped = [
        ("csrf", csrf.as_str()),
        ("checkword", checkword(&eves)),
        ("step", "password"),
        ("password", NEW),
        ("again", NEW),
        ("email", ANNA),
    ];
    assert!(browser.post(ID, "/reset-password", &swapped).await.sets(SESSION_COOKIE));
    assert_eq!(scene.hub.directory.account(account.id).await.unwrap().unwrap(), account);
}

#[tokio::test]
async fn pressing_twice_at_once_sets_one_password() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut one = scene.browser();
    let link = link_for(&scene, &mut one, ANNA).await;
    let csrf = one.open(&link).await.csrf();
    let mut two = one.clone();
    let (first, second) = tokio::join!(
        press(&mut one, &csrf, checkword(&link), NEW),
        press(&mut two, &csrf, checkword(&link), "twelve noisy badgers"),
    );
    let signed_in = [&first, &second].iter().filter(|answer| answer.sets(SESSION_COOKIE)).count();
    assert_eq!(signed_in, 1, "{first:?} {second:?}");
    let winner = if first.sets(SESSION_COOKIE) { &mut one } else { &mut two };
    assert_eq!(winner.get(ID, "/profile").await.status, StatusCode::OK, "the other does no harm");
    assert!(opens(&scene, ANNA, NEW).await != opens(&scene, ANNA, "twelve noisy badgers").await);
}

#[tokio::test]
async fn mails_link_to_the_configured_host_whatever_the_request_claims() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let form = browser.get(ID, "/forgot-password").await;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-host", "evil.example"),
        ("forwarded", "host=evil.example"),
    ];
    let body = encode(&[("csrf", &form.csrf()), ("email", ANNA)]);
    let answer = browser.send(Method::POST, ID, "/forgot-password", &headers, body.as_str()).await;
    assert_eq!(answer.location(), url(ID, "/reset-password"));
    let sent = mails(&scene).await;
    assert!(link(&sent[0]).starts_with(&url(ID, "/reset-password?checkword=")));
    for text in [&sent[0].text, &sent[0].html, &sent[0].subject] {
        assert!(!text.contains("evil"), "{text}");
    }
}

#[tokio::test]
async fn a_mail_goes_out_once_a_minute_and_five_times_an_hour_per_mailbox() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    for n in 0..5 {
        let mut browser = scene.browser();
        browser.ip = format!("198.51.100.{n}");
        ask(&mut browser, ANNA).await;
        let soon = browser.fill("/reset-password", "/forgot-password/again", &[]).await;
        assert_eq!(soon.location(), url(ID, "/reset-password"), "it is on its way already");
        assert_eq!(mails(&scene).await.len(), 1, "{n}");
        scene.clock.advance(60);
    }
    let mut browser = scene.browser();
    let refused = ask(&mut browser, ANNA).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    assert!(mails(&scene).await.is_empty());
    assert!(opens(&scene, ANNA, PASSWORD).await, "nobody is locked out of signing in");
    let unknown = ask(&mut browser, "nobody@example.com").await;
    assert_eq!(unknown.location(), url(ID, "/reset-password"));
}

#[tokio::test]
async fn guesses_are_limited_per_network_and_stop_nobody_else() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut guesser = scene.browser();
    ask(&mut guesser, "nobody@example.com").await;
    mails(&scene).await;
    let guess = |n: u32| format!("/reset-password?checkword={n:028}");
    for n in 0..60 {
        assert_eq!(guesser.get(ID, &guess(n)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(guesser.get(ID, &guess(60)).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut anna = scene.browser();
    anna.ip = "198.51.100.1".into();
    let link = link_for(&scene, &mut anna, ANNA).await;
    assert!(set(&mut anna, &link, NEW).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_changed_password_makes_the_mailed_checkword_worthless() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let stale = link_for(&scene, &mut anna, ANNA).await;
    let fields = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    anna.fill("/profile/security", "/profile/security", &fields).await;
    let notice = mails(&scene).await;
    assert!(notice[0].subject.contains("was changed"), "{}", notice[0].subject);
    let mut thief = scene.browser();
    let page = thief.open(&stale).await;
    assert!(page.text.contains("This was used already"), "{}", page.text);
    let csrf = page.csrf_or(&mut thief).await;
    assert!(
        !press(&mut thief, &csrf, checkword(&stale), "another one altogether")
            .await
            .sets(SESSION_COOKIE)
    );
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

#[tokio::test]
async fn no_event_holds_a_checkword() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    browser.get(ID, "/reset-password?checkword=7777-7777-7777-7777-7777-7777-7777").await;
    set(&mut browser, &link, NEW).await;
    for event in scene.hub.directory.audit(None, 100).await.unwrap() {
        let written = format!("{event:?}");
        for secret in [checkword(&link), "7777", &checkword(&link).replace('-', "")] {
            assert!(!written.contains(secret), "{written}");
        }
    }
}

#[tokio::test]
async fn the_end_is_told_once_and_to_nobody_else() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    assert_eq!(browser.get(ID, "/reset-password/done").await.location(), url(ID, "/sign-in"));
    let mut other = scene.signed_in(ANNA).await;
    assert_eq!(other.get(ID, "/reset-password/done").await.location(), url(ID, "/sign-in"));
    let link = link_for(&scene, &mut browser, ANNA).await;
    let answer = set(&mut browser, &link, NEW).await;
    assert_eq!(browser.open(&answer.location()).await.status, StatusCode::OK);
    scene.clock.advance(300);
    assert_eq!(browser.open(&answer.location()).await.status, StatusCode::SEE_OTHER);
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

#[tokio::test]
async fn the_pages_keep_their_language_to_the_end_and_the_mails_speak_the_account_s() {
    let scene = Scene::new().await;
    let new = NewAccount {
        email: ANNA.into(),
        proof: AddressProof::Mail,
        name: "Anna".into(),
        password_hash: None,
        language: Some("de".into()),
    };
    scene.hub.directory.create_account(new, scene.clock.now()).await.unwrap();
    let sent = |scene| async move { super::sign_up::mails(scene).await };
    let mut browser = scene.browser();
    ask(&mut browser, ANNA).await;
    while answer_waiting(&scene.app).await.unwrap() {}
    let asked = sent(&scene).await;
    assert!(asked[0].subject.contains("Passwort"), "{}", asked[0].subject);
    let link = link(&asked[0]);
    let english = |page: &Answer| page.text.contains("<html lang=\"en\"");
    assert!(english(&browser.open(&link).await));
    let answer = set(&mut browser, &link, NEW).await;
    let done = browser.open(&answer.location()).await;
    assert!(english(&done) && done.text.contains("Your password is new"), "{}", done.text);
    let told = sent(&scene).await;
    assert!(told[0].subject.contains("geändert"), "{}", told[0].subject);

    // Where the way is at its end, pages speak the account's language as after any sign-in.
    let onward = browser.get(ID, "/sign-in").await;
    let home = browser.open(&onward.location()).await;
    assert!(home.text.contains("<html lang=\"de\""), "{}", home.text);
}

#[tokio::test]
async fn a_language_chosen_on_the_last_page_holds_there_and_afterwards() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let link = link_for(&scene, &mut browser, ANNA).await;
    let answer = set(&mut browser, &link, NEW).await;
    let done = browser.open(&answer.location()).await;
    assert!(done.text.contains("Your password is new"), "{}", done.text);
    let (_, path) = split(&answer.location());
    let mark = if path.contains('?') { '&' } else { '?' };
    let chosen = browser.get(ID, &format!("{path}{mark}lang=fr")).await;
    for page in [chosen.location(), url(ID, "/profile")] {
        let page = browser.open(&page).await;
        assert!(page.text.contains("<html lang=\"fr\""), "{}", page.text);
    }
}
