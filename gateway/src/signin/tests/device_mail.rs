//! The mail about a browser not seen before, and the page behind its link.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::store::{AccountState, AuditEvent, QueuedMail};

use super::sign_up::mails;
use super::*;

const A_DAY: i64 = 24 * 3600;

/// Path and query of the one link of a mail.
pub(super) fn link(mail: &QueuedMail) -> String {
    let line = mail.text.lines().find(|line| line.starts_with("https://")).unwrap();
    line.strip_prefix(&url(ID, "")).unwrap().to_owned()
}

#[tokio::test]
async fn a_browser_not_seen_before_is_told_of_and_a_known_one_is_not() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut first = scene.signed_in(ANNA).await;
    assert!(mails(&scene).await.is_empty(), "a new account's first sign-in");
    scene.clock.advance(10);
    let other = scene.signed_in(ANNA).await;
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, ANNA));
    for part in ["15 January 2027, 08:00 (UTC)", "Network address: 192.0.2.7"] {
        assert!(sent[0].text.contains(part), "{part} in {}", sent[0].text);
    }
    drop(other);
    first.fill("/sign-out", "/sign-out", &[]).await;
    first.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert!(mails(&scene).await.is_empty(), "this browser is known");
    scene.clock.advance(2 * A_DAY);
    scene.account("old@example.com", &[]).await;
    scene.clock.advance(A_DAY);
    scene.signed_in("old@example.com").await;
    assert_eq!(mails(&scene).await.len(), 1, "the account is a day old");
}

#[tokio::test]
async fn the_mail_speaks_the_accounts_language_and_time() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut first = scene.signed_in(ANNA).await;
    first.fill("/profile", "/profile", &[("name", "Anna"), ("lang", "de")]).await;
    let chosen = [("area", "Europe"), ("place", "Berlin")];
    first.fill("/profile/time-zone?area=Europe", "/profile/time-zone", &chosen).await;
    scene.signed_in(ANNA).await;
    let sent = mails(&scene).await;
    assert!(sent[0].subject.contains("Neue Anmeldung"), "{}", sent[0].subject);
    assert!(sent[0].text.contains("15. Januar 2027, 09:00 Uhr (Europe/Berlin)"));
}

#[tokio::test]
async fn looking_at_the_link_changes_nothing_and_its_form_ends_that_session_alone() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    thief.arrive(ACME).await;
    let link = link(&mails(&scene).await[0]);

    // Any browser, signed in or not; a mail scanner looks first.
    let mut elsewhere = scene.browser();
    for _ in 0..3 {
        let page = elsewhere.get(ID, &link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("192.0.2.7"), "{}", page.text);
        assert!(thief.verified(ACME).is_some(), "asking ends nothing");
    }
    let key = elsewhere.get(ID, &link).await.hidden("key").unwrap();
    let answer = elsewhere.fill(&link, "/not-me", &[("key", &key)]).await;
    assert_eq!(answer.location(), url(ID, "/not-me"));
    let done = elsewhere.open(&answer.location()).await;
    assert!(done.text.contains("href=\"/forgot-password\""), "{}", done.text);
    assert!(thief.verified(ACME).is_none(), "its tokens are refused at once");
    assert_eq!(thief.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    assert_eq!(anna.get(ID, "/profile").await.status, StatusCode::OK, "nothing else ends");
    let events = scene.hub.directory.audit(Some(account.id), 5).await.unwrap();
    assert!(events.iter().any(|event| event.action == audit::SESSION_DISOWNED));

    let page = elsewhere.get(ID, &link).await;
    assert_eq!(page.status, StatusCode::GONE, "once");
    let csrf = elsewhere.get(ID, "/sign-in").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("key", key.as_str())];
    let again = elsewhere.post(ID, "/not-me", &fields).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_that_is_too_old_or_made_up_opens_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    let link = link(&mails(&scene).await[0]);
    let mut browser = scene.browser();
    for made_up in ["/not-me", "/not-me?key=", "/not-me?key=AAAA", &format!("{link}A")] {
        assert_eq!(browser.get(ID, made_up).await.status, StatusCode::GONE, "{made_up}");
    }
    // Used now and then, the session lives longer than the link.
    for _ in 0..8 {
        scene.clock.advance(A_DAY - 60);
        assert_eq!(thief.get(ID, "/profile").await.status, StatusCode::OK);
    }
    assert_eq!(browser.get(ID, &link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_mail_that_is_not_queued_keeps_nobody_out() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    scene.store.failing.lock().unwrap().push("queue_mail");
    scene.signed_in(ANNA).await;
    assert!(scene.store.failing.lock().unwrap().is_empty(), "it was tried");
}

#[tokio::test]
async fn the_owners_mailbox_is_not_filled() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    for _ in 0..13 {
        scene.signed_in(ANNA).await;
    }
    assert_eq!(mails(&scene).await.len(), 10);
}

#[tokio::test]
async fn failures_of_strangers_hide_no_earlier_sign_in() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    for _ in 0..60 {
        let failed = bitrix_id_auth_core::store::AuditEvent::new(
            audit::SIGN_IN_FAILED,
            scene.clock.now_ms(),
        );
        scene.hub.directory.record(failed.with_account(account.id)).await.unwrap();
    }
    scene.signed_in(ANNA).await;
    assert_eq!(mails(&scene).await.len(), 1);
}

#[tokio::test]
async fn a_new_password_makes_other_browsers_unknown_and_not_the_one_it_was_set_in() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    let new = "eleven quiet badgers";
    let fields = [("current", PASSWORD), ("password", new), ("again", new)];
    let answer = anna.fill("/profile/security", "/profile/security", &fields).await;
    assert_eq!(answer.location(), url(ID, "/profile/security"), "{}", answer.text);
    anna.fill("/sign-out", "/sign-out", &[]).await;
    mails(&scene).await;
    assert_eq!(anna.sign_in("/sign-in", ANNA, new).await.location(), url(ID, "/"));
    assert!(mails(&scene).await.is_empty(), "hers is known");
    assert_eq!(thief.sign_in("/sign-in", ANNA, new).await.location(), url(ID, "/"));
    assert_eq!(mails(&scene).await.len(), 1);
}

#[tokio::test]
async fn the_sign_in_that_recovery_makes_is_told_once() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    let mut elsewhere = scene.browser();
    let link = recovery::link_for(&scene, &mut elsewhere, ANNA).await;
    mails(&scene).await;
    let new = "eleven quiet badgers";
    assert!(recovery::set(&mut elsewhere, &link, new).await.sets(SESSION_COOKIE));
    let sent = mails(&scene).await;
    let subjects: Vec<&str> = sent.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["The password of your Bitrix ID was changed"]);
}

#[tokio::test]
async fn a_browser_that_was_not_mine_is_known_no_more() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    let sent = mails(&scene).await;
    // What is known is not told of again.
    thief.fill("/sign-out", "/sign-out", &[]).await;
    thief.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert!(mails(&scene).await.is_empty());

    let mut elsewhere = scene.browser();
    let link = link(&sent[0]);
    // The session that the mail was about is over, and the link works all the same.
    let key = elsewhere.get(ID, &link).await.hidden("key").unwrap();
    let answer = elsewhere.fill(&link, "/not-me", &[("key", &key)]).await;
    assert_eq!(answer.location(), url(ID, "/not-me"));

    thief.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(mails(&scene).await.len(), 1, "told of like any browser not seen before");
    anna.fill("/sign-out", "/sign-out", &[]).await;
    anna.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert!(mails(&scene).await.is_empty(), "the owner's own stays known");
}

#[tokio::test]
async fn a_disowned_browser_has_no_tries_of_its_own() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    let link = link(&mails(&scene).await[0]);
    let mut elsewhere = scene.browser();
    let key = elsewhere.get(ID, &link).await.hidden("key").unwrap();
    elsewhere.fill(&link, "/not-me", &[("key", &key)]).await;
    // Strangers of the same network have used up what they have.
    let mut stranger = scene.browser();
    let refused = async |browser: &mut Browser<'_>| {
        let answer = browser.sign_in("/sign-in", ANNA, "a guess").await;
        answer.status == StatusCode::TOO_MANY_REQUESTS
    };
    let mut tries = 0;
    while !refused(&mut stranger).await {
        tries += 1;
        assert!(tries < 1000);
    }
    assert!(refused(&mut thief).await);
}

/// The owner opens the link of the mail and sends its form.
async fn disown(scene: &Scene, link: &str) {
    let mut elsewhere = scene.browser();
    let key = elsewhere.get(ID, link).await.hidden("key").unwrap();
    let answer = elsewhere.fill(link, "/not-me", &[("key", &key)]).await;
    assert_eq!(answer.location(), url(ID, "/not-me"));
}

fn is_refused(answer: &Answer) -> bool {
    answer.location().starts_with(&url(ID, "/sign-in?state="))
}

#[tokio::test]
async fn every_session_in_a_browser_that_was_not_mine_ends() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let boris = scene.account("boris@example.com", &["acme"]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    thief.arrive(ACME).await;
    let link = link(&mails(&scene).await[0]);
    // The session's cookie is dropped, and with it nothing ends; the browser is known, so no mail tells of it.
    let first = thief.clone();
    thief.jar(ID).remove(SESSION_COOKIE);
    let answer = thief.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/"));
    thief.arrive(ACME).await;
    assert!(mails(&scene).await.is_empty());
    let mut second = thief.clone();
    // Another account's session in the same browser is not this owner's to end.
    thief.jar(ID).remove(SESSION_COOKIE);
    thief.sign_in("/sign-in", "boris@example.com", PASSWORD).await;

    disown(&scene, &link).await;
    for mut ended in [first, second.clone()] {
        assert!(ended.verified(ACME).is_none(), "refused on the portal");
        let answer = ended.get(ID, "/profile").await;
        assert!(is_refused(&answer), "and on the Bitrix ID host");
    }
    let wanted = second.leave(ACME, "/");
    assert_eq!(second.get(ID, &wanted).await.status, StatusCode::OK, "the form, no ticket");
    assert_eq!(anna.get(ID, "/profile").await.status, StatusCode::OK, "the owner's own goes on");
    assert_eq!(thief.get(ID, "/profile").await.status, StatusCode::OK, "and another account's");
    let told = |of: &Account| scene.hub.directory.audit(Some(of.id), 20);
    let disowned = |events: Vec<AuditEvent>| {
        events.iter().filter(|event| event.action == audit::SESSION_DISOWNED).count()
    };
    assert_eq!(disowned(told(&account).await.unwrap()), 2);
    assert_eq!(disowned(told(&boris).await.unwrap()), 0);
}

#[tokio::test]
async fn a_browser_stays_the_same_one_when_its_sessions_were_ended_in_between() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    let first = link(&mails(&scene).await[0]);
    for state in [AccountState::Disabled, AccountState::Active] {
        scene.hub.directory.set_account_state(account.id, state).await.unwrap();
    }
    // Unknown since, and told of again.
    thief.sign_in("/sign-in", ANNA, PASSWORD).await;
    thief.arrive(ACME).await;
    assert_eq!(mails(&scene).await.len(), 1);
    disown(&scene, &first).await;
    assert!(thief.verified(ACME).is_none(), "the older mail is about the same browser");
    assert!(is_refused(&thief.get(ID, "/profile").await));
}

#[tokio::test]
async fn a_sign_in_under_way_in_a_browser_that_is_disowned_meanwhile_is_told_of() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    let link = link(&mails(&scene).await[0]);
    thief.jar(ID).remove(SESSION_COOKIE);
    let (reached, is_reached) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = tokio::sync::oneshot::channel();
    let waits = async move {
        reached.send(()).unwrap();
        may_go_on.await.unwrap();
    };
    *scene.store.meanwhile.lock().unwrap() = Some(("create_session", Box::pin(waits)));
    let owner = async {
        is_reached.await.unwrap();
        disown(&scene, &link).await;
        go_on.send(()).unwrap();
    };
    tokio::join!(thief.sign_in("/sign-in", ANNA, PASSWORD), owner);
    assert_eq!(mails(&scene).await.len(), 1);
}
