//! The way from a portal to Bitrix ID and back.

use bitrix_id_auth_core::hop::{HOP_COOKIE_PREFIX, MOST_HOPS, TOKEN_COOKIE, new_nonce};
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn a_first_visit_ends_at_the_very_url_that_was_asked_for() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.browser();

    let sign_in = browser.leave(ACME, "/crm/deal/42?a=1&b=%20x");
    let form = browser.open(&url(ID, &sign_in)).await;
    assert!(form.header("content-security-policy").ends_with("form-action 'self' https:"));
    let answer = browser.sign_in(&sign_in, ANNA, PASSWORD).await;

    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")));
    let hop = browser.open(&answer.location()).await;
    assert_eq!((hop.status, hop.header("referrer-policy")), (StatusCode::SEE_OTHER, "no-referrer"));
    let landed = browser.open(&hop.location()).await;
    assert_eq!(landed.status, StatusCode::SEE_OTHER);
    assert_eq!(landed.location(), url(ACME, "/crm/deal/42?a=1&b=%20x"));
    assert_eq!(landed.header("referrer-policy"), "no-referrer");
    assert_eq!(landed.header("cache-control"), "no-store");
    let identity = browser.verified(ACME).unwrap().identity.clone();
    assert_eq!((identity.subject, identity.member), (account.id, true));
    assert!(!browser.cookie_line(ACME).contains(HOP_COOKIE_PREFIX), "the nonce is used up");
}

#[tokio::test]
async fn a_second_portal_on_another_domain_asks_for_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    browser.arrive(INITECH).await;
    let sid = |host| browser.verified(host).unwrap().identity.session;
    assert_eq!(sid(ACME), sid(INITECH));
}

#[tokio::test]
async fn a_ticket_works_once_and_a_replay_starts_over() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let callback = browser.callback_of(ACME, "/x?y=1").await;
    let mut copy = browser.clone();
    assert!(browser.open(&callback).await.sets(TOKEN_COOKIE));

    // With the very cookies of the first time, nonce included.
    let replay = copy.open(&callback).await;
    assert!(!replay.sets(TOKEN_COOKIE));
    assert!(replay.location().starts_with(&url(ID, "/sign-in?state=")));

    // The browser that has the token just goes on.
    let back = browser.open(&callback).await;
    assert_eq!(back.location(), url(ACME, "/x?y=1"));
    assert!(!back.sets(TOKEN_COOKIE));
}

#[tokio::test]
async fn of_ten_redemptions_at_once_one_succeeds() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let callback = browser.callback_of(ACME, "/").await;
    let mut copies = vec![browser; 10];
    let answers = join_all(copies.iter_mut().map(|copy| copy.open(&callback))).await;
    assert_eq!(answers.iter().filter(|answer| answer.sets(TOKEN_COOKIE)).count(), 1);
    assert!(answers.iter().all(|answer| answer.status.is_redirection()));
}

#[tokio::test]
async fn ten_tabs_at_once_all_arrive() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let mut callbacks = Vec::new();
    for tab in 0..10 {
        callbacks.push((tab, browser.callback_of(ACME, &format!("/{tab}")).await));
    }
    let mut tabs = vec![browser; 10];
    let landings =
        join_all(tabs.iter_mut().zip(&callbacks).map(|(tab, (_, callback))| tab.open(callback)))
            .await;
    for ((tab, _), landing) in callbacks.iter().zip(&landings) {
        assert_eq!(landing.location(), url(ACME, &format!("/{tab}")));
        assert!(landing.sets(TOKEN_COOKIE));
    }
}

#[tokio::test]
async fn a_stolen_ticket_without_the_nonce_stays_unspent() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let callback = browser.callback_of(ACME, "/").await;
    let stolen = scene.browser().open(&callback).await;
    assert!(!stolen.sets(TOKEN_COOKIE));
    assert!(stolen.location().starts_with(&url(ID, "/sign-in?state=")));
    assert!(browser.open(&callback).await.sets(TOKEN_COOKIE), "the owner's ticket still works");
}

#[tokio::test]
async fn a_ticket_opens_no_other_host() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let callback = browser.callback_of(ACME, "/").await;
    // The thief carries the nonce over.
    let nonces = browser.jar(ACME).clone();
    browser.jar(INITECH).extend(nonces);
    let moved = browser.open(&callback.replace(ACME, INITECH)).await;
    assert_eq!(moved.location(), url(INITECH, "/"));
    assert!(!moved.sets(TOKEN_COOKIE));
}

#[tokio::test]
async fn an_expired_ticket_starts_over_and_arrives() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let callback = browser.callback_of(ACME, "/late?x=%20").await;
    scene.clock.advance(120);
    let late = browser.open(&callback).await;
    assert_eq!(late.status, StatusCode::FOUND);
    assert!(!late.sets(TOKEN_COOKIE));
    let again = browser.open(&late.location()).await;
    let landed = browser.open(&again.location()).await;
    assert_eq!(landed.location(), url(ACME, "/late?x=%20"));
    assert!(landed.sets(TOKEN_COOKIE));
}

#[tokio::test]
async fn another_tickets_state_or_a_forged_one_gives_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let one = browser.callback_of(ACME, "/one").await;
    let two = browser.callback_of(ACME, "/two").await;
    let (ticket, _) = one.split_once("&state=").unwrap();
    let (_, state) = two.split_once("&state=").unwrap();
    let mixed = browser.clone().open(&format!("{ticket}&state={state}")).await;
    assert!(!mixed.sets(TOKEN_COOKIE));
    for query in ["", "?ticket=x&state=y", "?state=//evil.example/", "?ticket=a.b.c"] {
        let address = url(ACME, &format!("/.bitrix-id/callback{query}"));
        assert_eq!(browser.clone().open(&address).await.location(), url(ACME, "/"), "{query}");
    }
    let twice = browser.open(&format!("{one}&state={state}")).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so_after_three_restarts() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let mut answer = {
        let callback = browser.callback_of(ACME, "/").await;
        browser.jars.remove(ACME);
        browser.open(&callback).await
    };
    for _ in 0..3 {
        assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text);
        let callback = browser.open(&answer.location()).await.location();
        browser.jars.remove(ACME);
        answer = browser.open(&callback).await;
    }
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.to_lowercase().contains("cookie"), "{}", answer.text);
}

#[tokio::test]
async fn a_state_that_is_too_old_leads_back_to_the_portal_for_a_new_one() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.browser();
    let sign_in = browser.leave(ACME, "/a?b=c");
    scene.clock.advance(2 * 3600);
    assert_eq!(browser.get(ID, &sign_in).await.location(), url(ACME, "/a?b=c"));
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(browser.get(ID, &sign_in).await.location(), url(ACME, "/a?b=c"));
}

#[tokio::test]
async fn a_state_for_a_host_that_is_no_longer_a_portals_leads_home() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let sign_in = browser.leave("gone.example", "/");
    assert_eq!(browser.get(ID, &sign_in).await.location(), url(ID, "/"));
    for forged in ["x", "x.y", "https%3A%2F%2Fevil.example%2F"] {
        let answer = browser.get(ID, &format!("/sign-in?state={forged}")).await;
        assert_eq!(answer.location(), url(ID, "/"), "{forged}");
    }
}

#[tokio::test]
async fn a_ticket_of_a_session_that_has_ended_is_worth_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(INITECH).await;
    let callback = browser.callback_of(ACME, "/").await;
    browser.post(INITECH, "/.bitrix-id/sign-out", &[]).await;
    let answer = browser.open(&callback).await;
    assert!(!answer.sets(TOKEN_COOKIE));
    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")));
}

#[tokio::test]
async fn hop_cookies_that_piled_up_are_taken_away() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for _ in 0..40 {
        let (attempt, nonce, _) = new_nonce();
        browser.jar(ACME).insert(format!("{HOP_COOKIE_PREFIX}{attempt}"), nonce);
    }
    browser.arrive(ACME).await;
    let hops = browser.jar(ACME).keys().filter(|name| name.starts_with(HOP_COOKIE_PREFIX)).count();
    // The one that ended is gone as well.
    assert!((MOST_HOPS - 1..=MOST_HOPS).contains(&hops), "{hops}");
    assert!(browser.jar(ACME).contains_key(TOKEN_COOKIE));
}

#[tokio::test]
async fn tickets_that_do_not_fit_are_told_of_once_a_minute() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let told = async || {
        let events = scene.hub.directory.audit(None, 100).await.unwrap();
        events.iter().filter(|event| event.action == "ticket.refused").count()
    };
    for round in 1..=2 {
        let callback = browser.callback_of(ACME, "/").await;
        browser.open(&callback).await;
        for _ in 0..5 {
            // Spent before.
            browser.open(&callback).await;
            // Not ours at all.
            browser.open(&callback.replace("ticket=", "ticket=x")).await;
        }
        assert_eq!(told().await, round);
        scene.clock.advance(61);
    }
}

#[tokio::test]
async fn the_callback_does_nothing_for_head() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let callback = browser.callback_of(ACME, "/").await;
    let (host, target) = split(&callback);
    let head = browser.send(Method::HEAD, &host, &target, &[], "").await;
    assert_eq!(head.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(browser.open(&callback).await.sets(TOKEN_COOKIE), "the ticket is unspent");
}

#[tokio::test]
async fn a_page_of_the_identity_host_is_where_its_own_sign_in_leads() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let away = browser.get(ID, "/profile/sessions?ended=1").await.location();
    let (_, sign_in) = split(&away);
    let answer = browser.sign_in(&sign_in, ANNA, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/profile/sessions?ended=1"));
}

#[tokio::test]
async fn a_return_target_never_leaves_the_host() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for target in ["//evil.example/", "/\\evil.example", "https://evil.example/", "/\t/evil", ""] {
        let callback = browser.callback_of(ACME, target).await;
        let landed = browser.open(&callback).await.location();
        assert!(
            landed.starts_with(&url(ACME, "/")) && !landed.contains("evil.example/"),
            "{landed}"
        );
    }
}
