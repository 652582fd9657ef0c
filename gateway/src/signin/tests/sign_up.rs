//! Sign-up and its mailed code.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::QueuedMail;

use super::*;

const NEW: &str = "new@example.com";
const FORM: [(&str, &str); 3] =
    [("name", " Nadja "), ("email", "New@Example.com"), ("password", "twelve angry hedgehogs")];

/// The mails queued since the last call.
pub(super) async fn mails(scene: &Scene) -> Vec<QueuedMail> {
    let directory = &scene.hub.directory;
    let mails = directory.take_mail(scene.clock.now(), 100).await.unwrap();
    for mail in &mails {
        directory.mail_sent(mail.id).await.unwrap();
    }
    mails
}

/// The six digits of a mail.
pub(super) fn code(mail: &QueuedMail) -> String {
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = mail.text.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().find(digits).unwrap_or_else(|| panic!("no code in {}", mail.text)).to_owned()
}

pub(super) fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

/// What the events of codes that were not taken say, about one account or about anybody, and whom they are about.
pub(super) async fn refused_codes(
    scene: &Scene,
    account: Option<&Account>,
) -> Vec<(Option<AccountId>, String)> {
    let account = account.map(|account| account.id);
    let events = scene.hub.directory.audit(account, 100).await.unwrap();
    let refused = events.into_iter().filter(|event| event.action == audit::CODE_REFUSED);
    refused.map(|event| (event.account, event.detail)).collect()
}

async fn confirm(browser: &mut Browser<'_>, code: &str) -> Answer {
    browser.fill("/sign-up/confirm", "/sign-up/confirm", &[("code", code)]).await
}

#[tokio::test]
async fn a_code_from_the_mail_makes_the_account_and_goes_on_to_the_portal() {
    let mut scene = Scene::new().await;
    let jars = {
        let mut browser = scene.browser();
        let sign_in = browser.leave(ACME, "/x");
        let sign_up = sign_in.replace("/sign-in", "/sign-up");
        let answer = browser.fill(&sign_up, "/sign-up", &FORM).await;
        assert_eq!(answer.location(), url(ID, "/sign-up/confirm"));
        browser.jars
    };
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, NEW));
    assert!(scene.hub.directory.account_by_email(NEW).await.unwrap().is_none(), "not before");

    // A restart of the gateway loses nothing.
    scene.restart();
    let mut browser = scene.browser();
    browser.jars = jars;
    let answer = confirm(&mut browser, &code(&sent[0])).await;

    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")));
    assert!(answer.sets(SESSION_COOKIE));
    let account = scene.hub.directory.account_by_email(NEW).await.unwrap().unwrap();
    assert_eq!((account.name.as_str(), account.language.as_deref()), ("Nadja", Some("en")));
    let events = scene.hub.directory.audit(Some(account.id), 10).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    for action in [audit::EMAIL_CONFIRMED, audit::ACCOUNT_CREATED, audit::SIGN_IN_SUCCEEDED] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    let mut elsewhere = scene.browser();
    let password = "twelve angry hedgehogs";
    assert!(elsewhere.sign_in("/sign-in", NEW, password).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn who_signs_up_on_the_way_to_a_portal_that_knows_them_not_is_told_both() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let sign_up = browser.leave(ACME, "/x").replace("/sign-in", "/sign-up");
    let page = browser.get(ID, &sign_up).await;
    assert!(page.text.contains("Acme Inc. decides who gets in."), "{}", page.text);
    let page = browser.get(ID, "/sign-up").await;
    assert!(!page.text.contains("decides who gets in"), "to no portal: {}", page.text);
    browser.fill(&sign_up, "/sign-up", &FORM).await;
    confirm(&mut browser, &code(&mails(&scene).await[0])).await;
    browser.arrive(ACME).await;
    let ready = "Your Bitrix ID is ready.";
    let page = access::refused(&mut browser, ACME, "/x").await;
    let (before, after) = page.text.split_once(ready).unwrap_or_else(|| panic!("{}", page.text));
    let unknown = "know this Bitrix ID";
    assert!(after.contains(unknown) && !before.contains(unknown), "{}", page.text);
    scene.clock.advance(60);
    let page = access::refused(&mut browser, ACME, "/x").await;
    assert!(!page.text.contains(ready), "no news any more: {}", page.text);
}

#[tokio::test]
async fn an_address_that_is_taken_gets_the_same_pages_and_another_mail() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut pages = Vec::new();
    for email in [ANNA, "nobody@example.com"] {
        let mut browser = scene.browser();
        let form = [FORM[0], ("email", email), FORM[2]];
        let answer = browser.fill("/sign-up", "/sign-up", &form).await;
        let page = browser.get(ID, "/sign-up/confirm").await;
        let wrong = confirm(&mut browser, "000000").await;
        let neutral = |answer: &Answer| {
            let text = answer.text.replace(email, "EMAIL");
            answer.hidden("csrf").map_or(text.clone(), |csrf| text.replace(&csrf, "CSRF"))
        };
        let headers = answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
        pages.push((answer.location(), headers, neutral(&page), wrong.status, neutral(&wrong)));
    }
    assert_eq!(pages[0], pages[1]);
    // What the page says is true of both mails.
    let said = "A message is on its way to EMAIL. Enter the code from it, or, if it holds none, do what it says.";
    assert!(pages[0].2.contains(said) && !pages[0].2.contains("six-digit"), "{}", pages[0].2);
    let mails = mails(&scene).await;
    let text_to = |to: &str| mails.iter().find(|mail| mail.to == to).unwrap().text.clone();
    assert!(text_to(ANNA).contains(&url(ID, "/sign-in")), "{}", text_to(ANNA));
    assert!(!text_to("nobody@example.com").contains("/sign-in"));
}

#[tokio::test]
async fn a_code_takes_five_tries_however_they_come() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    browser.fill("/sign-up", "/sign-up", &FORM).await;
    let right = code(&mails(&scene).await[0]);
    let mut copies = vec![browser.clone(); 8];
    let wrong = another(&right);
    let answers =
        futures_util::future::join_all(copies.iter_mut().map(|copy| confirm(copy, &wrong))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::UNPROCESSABLE_ENTITY));
    let said = refused_codes(&scene, None).await;
    assert_eq!(said.len(), 1, "one event a minute: {said:?}");
    assert_eq!(said[0].0, None, "there is no account yet");
    scene.clock.advance(61);
    let late = confirm(&mut browser, &right).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "five were used up");
    let said = refused_codes(&scene, None).await;
    assert_eq!((said.len(), said[0].1.as_str()), (2, "tried too often"));
    assert!(scene.hub.directory.account_by_email(NEW).await.unwrap().is_none());

    // A new code has tries of its own.
    scene.clock.advance(61);
    let again = browser.fill("/sign-up/confirm", "/sign-up/resend", &[]).await;
    assert_eq!(again.location(), url(ID, "/sign-up/confirm"));
    let new = code(&mails(&scene).await[0]);
    let old = confirm(&mut browser.clone(), &right).await;
    assert!(new == right || !old.sets(SESSION_COOKIE), "the old code is dead");
    assert!(confirm(&mut browser, &new).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_code_works_once_and_in_its_own_browser() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    browser.fill("/sign-up", "/sign-up", &FORM).await;
    let right = code(&mails(&scene).await[0]);

    let mut thief = scene.browser();
    thief.fill("/sign-up", "/sign-up", &[FORM[0], ("email", "eve@example.com"), FORM[2]]).await;
    assert!(!confirm(&mut thief, &right).await.sets(SESSION_COOKIE));

    let (mut one, mut two) = (browser.clone(), browser.clone());
    let page = browser.get(ID, "/sign-up/confirm").await;
    let csrf = page.csrf();
    let fields = [("csrf", csrf.as_str()), ("code", right.as_str())];
    let (first, second) = tokio::join!(
        one.post(ID, "/sign-up/confirm", &fields),
        two.post(ID, "/sign-up/confirm", &fields),
    );
    let signed_in = [&first, &second].iter().filter(|answer| answer.sets(SESSION_COOKIE)).count();
    assert_eq!(signed_in, 1, "{first:?} {second:?}");
    let third = browser.post(ID, "/sign-up/confirm", &fields).await;
    assert_eq!(third.location(), url(ID, "/sign-up"));
}

#[tokio::test]
async fn a_code_that_is_too_old_asks_for_a_new_one() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    browser.fill("/sign-up", "/sign-up", &FORM).await;
    let old = code(&mails(&scene).await[0]);
    scene.clock.advance(3600);
    let late = confirm(&mut browser, &old).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.fill("/sign-up/confirm", "/sign-up/resend", &[]).await;
    let new = code(&mails(&scene).await[0]);
    assert!(confirm(&mut browser, &new).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_new_code_is_sent_once_a_minute_and_five_times_an_hour() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    browser.fill("/sign-up", "/sign-up", &FORM).await;
    let soon = browser.fill("/sign-up/confirm", "/sign-up/resend", &[]).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(soon.header("retry-after"), "60");
    for _ in 0..4 {
        scene.clock.advance(60);
        let answer = browser.fill("/sign-up/confirm", "/sign-up/resend", &[]).await;
        assert_eq!(answer.location(), url(ID, "/sign-up/confirm"));
        for (time, said) in [("first", true), ("second", false)] {
            let page = browser.open(&answer.location()).await;
            assert_eq!(page.text.contains("A new message is on its way."), said, "{time}");
        }
    }
    scene.clock.advance(60);
    // Another browser and network share the mailbox's limit.
    let mut other = scene.browser();
    other.ip = "198.51.100.1".into();
    let answer = other.fill("/sign-up", "/sign-up", &FORM).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(mails(&scene).await.len(), 5);
}

#[tokio::test]
async fn another_address_can_be_used_without_typing_the_rest_again() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let fresh = browser.get(ID, "/sign-up").await;
    assert!(fresh.text.contains("name=\"email\" type=\"email\" value=\"\""), "{}", fresh.text);
    browser.fill("/sign-up", "/sign-up", &FORM).await;
    let form = browser.get(ID, "/sign-up").await;
    for kept in ["value=\"Nadja\"", "value=\"new@example.com\""] {
        assert!(form.text.contains(kept), "{kept} in {}", form.text);
    }
    assert!(!form.text.contains(FORM[2].1));
    let other = scene.browser().get(ID, "/sign-up").await;
    assert!(!other.text.contains("Nadja"), "in this browser only");
}

#[tokio::test]
async fn everything_that_has_to_be_put_right_is_said_at_once() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let form = [("name", " "), ("email", "nowhere"), ("password", "short")];
    let answer = browser.fill("/sign-up", "/sign-up", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.matches("aria-invalid").count() >= 3, "{}", answer.text);
    assert!(answer.text.contains("value=\"nowhere\""));
    assert!(!answer.text.contains("value=\"short\""));
    assert!(mails(&scene).await.is_empty());
}

#[tokio::test]
async fn without_mail_there_is_no_sign_up() {
    let scene = Scene::new().await;
    let snapshot = scene.hub.snapshot.load_full();
    let config = bitrix_id_config::Config { mail: None, ..(*snapshot.config).clone() };
    let pools = Pools::default();
    let telemetry = &scene.hub.telemetry;
    let silent = Snapshot::build(2, 0, Arc::new(config), Vec::new(), &pools, telemetry).unwrap();
    scene.hub.snapshot.store(Arc::new(silent));
    let mut browser = scene.browser();
    assert!(!browser.get(ID, "/sign-in").await.text.contains("/sign-up"));
    assert_eq!(browser.get(ID, "/sign-up").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn confirming_without_a_sign_up_leads_to_the_form() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    assert_eq!(browser.get(ID, "/sign-up/confirm").await.location(), url(ID, "/sign-up"));
    let csrf = browser.get(ID, "/sign-up").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("code", "123456")];
    let answer = browser.post(ID, "/sign-up/confirm", &fields).await;
    assert_eq!(answer.location(), url(ID, "/sign-up"));
}
