//! E-mail and password.

use std::collections::HashSet;

use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::password::{LEGACY_SLOTS, Verification};
use bitrix_id_auth_core::store::AccountState;

use super::super::portal_password::candidates;
use super::welcome::three_portals;
use super::*;

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_alike() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    scene.account("off@example.com", &[]).await;
    let off = scene.hub.directory.account_by_email("off@example.com").await.unwrap().unwrap();
    scene.hub.directory.set_account_state(off.id, AccountState::Disabled).await.unwrap();

    let mut seen = Vec::new();
    let tries = [
        (ANNA, "wrong"),
        ("noone@example.com", PASSWORD),
        ("off@example.com", PASSWORD),
        ("no address", PASSWORD),
        (ANNA, &"x".repeat(2000)),
    ];
    for (email, password) in tries {
        let mut browser = scene.browser();
        let answer = browser.sign_in("/sign-in", email, password).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{email}");
        assert!(answer.text.contains(&format!("value=\"{email}\"")), "the e-mail is kept");
        assert!(!answer.text.contains(password), "the password is not");
        assert!(!answer.sets(SESSION_COOKIE));
        let csrf = answer.csrf();
        seen.push(answer.text.replace(email, "EMAIL").replace(&csrf, "CSRF"));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:#?}");
    let events = scene.hub.directory.audit(Some(account.id), 10).await.unwrap();
    assert_eq!(events[0].action, audit::SIGN_IN_FAILED);
}

#[tokio::test]
async fn signing_in_gives_every_identifier_a_new_value() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    browser.jar(ID).insert(SESSION_COOKIE.into(), "A".repeat(43));
    let planted = browser.get(ID, "/sign-in").await.csrf();
    let before: HashSet<String> = browser.jar(ID).values().cloned().collect();
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    let after: HashSet<String> = browser.jar(ID).values().cloned().collect();
    assert!(before.is_disjoint(&after), "{before:?} {after:?}");
    let mut thief = scene.browser();
    thief.jar(ID).insert(SESSION_COOKIE.into(), "A".repeat(43));
    assert_eq!(thief.get(ID, "/").await.location(), url(ID, "/sign-in"));
    let reused = browser.post(ID, "/sign-out", &[("csrf", &planted)]).await;
    assert_eq!(reused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_new_sign_in_ends_the_session_that_the_browser_had() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let boris = scene.account("boris@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let old = browser.jar(ID)[SESSION_COOKIE].clone();
    // Disabled, so its session no longer counts as signed in, and somebody else signs in.
    let directory = &scene.hub.directory;
    directory.set_account_state(account.id, AccountState::Disabled).await.unwrap();
    browser.sign_in("/sign-in", "boris@example.com", PASSWORD).await;
    directory.set_account_state(account.id, AccountState::Active).await.unwrap();
    let mut copy = scene.browser();
    copy.jar(ID).insert(SESSION_COOKIE.into(), old);
    assert_eq!(copy.get(ID, "/").await.location(), url(ID, "/sign-in"));
    let sessions = &scene.hub.sessions;
    let limits = scene.hub.session_limits();
    assert_eq!(sessions.sessions_of(boris.id, limits, scene.clock.now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_typed_outlives_a_change_of_language_and_no_sign_in() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.browser();
    let sign_in = browser.leave(ACME, "/x");
    let typed = "value=\"annna@example.com\"";
    let refused = browser.sign_in(&sign_in, "annna@example.com", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for lang in ["de", "ru"] {
        let switched = browser.get(ID, &format!("{sign_in}&lang={lang}")).await;
        let page = browser.open(&switched.location()).await;
        assert!(page.text.contains(&format!("<html lang=\"{lang}\"")) && page.text.contains(typed));
        assert!(!page.text.contains("role=\"alert\"") && !page.text.contains(PASSWORD));
    }
    let mut later = browser.clone();
    scene.clock.advance(300);
    assert!(!later.get(ID, "/sign-in").await.text.contains(typed), "for minutes");
    browser.sign_in(&sign_in, ANNA, PASSWORD).await;
    browser.fill("/sign-out", "/sign-out", &[]).await;
    assert!(!browser.get(ID, "/sign-in").await.text.contains("annna@"), "until a sign-in");
}

#[tokio::test]
async fn signing_in_while_signed_in_just_goes_on() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.browser();
    let (one, two) = (browser.leave(ACME, "/one"), browser.leave(ACME, "/two"));
    let second_tab = browser.get(ID, &two).await;
    browser.sign_in(&one, ANNA, PASSWORD).await;
    let session = browser.jar(ID)[SESSION_COOKIE].clone();
    // The form of the other tab was made before the sign-in and has a dead anti-forgery value.
    let (csrf, state) = (second_tab.csrf(), second_tab.hidden("state").unwrap());
    let fields = [("csrf", csrf.as_str()), ("state", &state), ("email", "x"), ("password", "y")];
    let answer = browser.post(ID, "/sign-in", &fields).await;
    assert!(answer.location().starts_with(&url(ID, "/sign-in?state=")));
    assert_eq!(browser.jar(ID)[SESSION_COOKIE], session, "no second session");
}

#[tokio::test]
async fn tabs_that_opened_at_once_on_a_fresh_browser_can_all_sign_in() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    // Each tab asked before it had the cookie of the others.
    let mut tabs = vec![scene.browser(), scene.browser(), scene.browser()];
    let mut pages = Vec::new();
    for tab in &mut tabs {
        pages.push(tab.get(ID, "/sign-in").await);
    }
    let mut merged = scene.browser();
    for tab in &mut tabs {
        let cookies = tab.jar(ID).clone();
        merged.jar(ID).extend(cookies);
    }
    for page in &pages {
        let csrf = page.csrf();
        let fields = [("csrf", csrf.as_str()), ("email", ANNA), ("password", PASSWORD)];
        let answer = merged.clone().post(ID, "/sign-in", &fields).await;
        assert!(answer.sets(SESSION_COOKIE), "{}", answer.text);
    }
    merged.sign_in("/sign-in", ANNA, PASSWORD).await;
    let browser_cookies = merged.jar(ID).keys().filter(|name| name.contains("-browser-")).count();
    assert_eq!(browser_cookies, 1, "the others are taken away");
}

#[tokio::test]
async fn a_form_that_is_not_from_here_is_refused() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let csrf = browser.get(ID, "/sign-in").await.csrf();
    let form = encode(&[("csrf", &csrf), ("email", ANNA), ("password", PASSWORD)]);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let (site, origin) = ("sec-fetch-site", "origin");
    for headers in [
        &[kind][..],
        &[kind, (site, "cross-site")],
        &[kind, (site, "same-site")],
        &[kind, (origin, "null")],
        &[kind, (origin, "https://acme.bitrix24.example:8443")],
        &[kind, (site, "same-origin"), (origin, "https://evil.example")],
    ] {
        let answer = browser.send(Method::POST, ID, "/sign-in", headers, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(!answer.sets(SESSION_COOKIE));
    }
    for other in ["text/plain", "application/json", "multipart/form-data; boundary=x"] {
        let headers = [("content-type", other), (site, "same-origin")];
        let answer = browser.send(Method::POST, ID, "/sign-in", &headers, &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other}");
    }
}

#[tokio::test]
async fn an_anti_forgery_value_works_in_its_own_browser_only() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let planted = scene.browser().get(ID, "/sign-in").await.csrf();
    let mut victim = scene.browser();
    victim.get(ID, "/sign-in").await;
    for csrf in ["", "x", ".", planted.as_str(), &format!("{planted}A")] {
        let fields = [("csrf", csrf), ("email", ANNA), ("password", PASSWORD)];
        let answer = victim.post(ID, "/sign-in", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf:?}");
        assert!(!answer.sets(SESSION_COOKIE));
        // The page comes back with a value that works.
        let csrf = answer.csrf();
        let fields = [("csrf", csrf.as_str()), ("email", ANNA), ("password", PASSWORD)];
        assert!(victim.clone().post(ID, "/sign-in", &fields).await.sets(SESSION_COOKIE));
    }
}

#[tokio::test]
async fn a_doubled_session_cookie_counts_as_none() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let cookie = format!("{SESSION_COOKIE}={}", browser.jar(ID)[SESSION_COOKIE]);
    let headers = [("cookie", cookie.as_str())];
    let answer = browser.send(Method::GET, ID, "/", &headers, "").await;
    assert_eq!(answer.location(), url(ID, "/sign-in"));
}

#[tokio::test]
async fn attempts_are_limited_and_a_known_device_is_not_locked_out_by_strangers() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut owner = scene.signed_in(ANNA).await;
    owner.jar(ID).remove(SESSION_COOKIE);

    let mut stranger = scene.browser();
    let mut evaluated = 0;
    let refused = loop {
        // Spellings share a limit.
        let email = if evaluated % 2 == 0 { ANNA } else { " Anna@EXAMPLE.com" };
        let answer = stranger.sign_in("/sign-in", email, "wrong").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        evaluated += 1;
        assert!(evaluated <= 20, "no limit");
    };
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    let right = stranger.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "the right password is not looked at");
    assert!(owner.sign_in("/sign-in", ANNA, PASSWORD).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_weaker_hash_is_replaced_at_sign_in() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let old = account.password_hash.as_deref();
    let directory = &scene.hub.directory;
    let weaker = bitrix_id_config::Passwords {
        memory_kib: 8 * 1024,
        ..scene.hub.snapshot.load().config.passwords.clone()
    };
    let planted = PasswordPool::new(&weaker).hash(PASSWORD).await.unwrap();
    assert!(directory.replace_password_hash(account.id, old, &planted).await.unwrap());
    let verified = scene.hub.passwords.load_full().verify(Some(&planted), PASSWORD).await.unwrap();
    assert_eq!(verified, Verification::MatchButWeaker);

    scene.signed_in(ANNA).await;

    let now = directory.account(account.id).await.unwrap().unwrap().password_hash.unwrap();
    assert_ne!(now, planted);
    let verified = scene.hub.passwords.load_full().verify(Some(&now), PASSWORD).await.unwrap();
    assert_eq!(verified, Verification::Match);
}

#[tokio::test]
async fn a_sign_in_and_its_cookies_outlive_no_limit() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    let fields: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|field| field.to_str().unwrap()).collect();
    let session = fields.iter().find(|field| field.starts_with(SESSION_COOKIE)).unwrap();
    assert!(session.contains("Max-Age=2592000"), "{session}");
    scene.clock.advance(24 * 3600 + 1);
    assert_eq!(browser.get(ID, "/").await.location(), url(ID, "/sign-in"), "idle");
}

#[tokio::test]
async fn a_sign_in_is_kept_in_the_audit_and_counted() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    scene.signed_in(ANNA).await;
    let events = scene.hub.directory.audit(Some(account.id), 10).await.unwrap();
    assert_eq!(events[0].action, audit::SIGN_IN_SUCCEEDED);
    assert_eq!(events[0].client_ip.map(|ip| ip.to_string()).as_deref(), Some("192.0.2.7"));
    assert!(events[0].session.is_some());
    let metrics = scene.hub.telemetry.metrics.render();
    let line = "bitrix_id_sign_ins_total{method=\"password\",result=\"succeeded\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn what_one_known_device_uses_up_is_no_other_s() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut owner = scene.signed_in(ANNA).await;
    let mut thief = scene.signed_in(ANNA).await;
    for browser in [&mut owner, &mut thief] {
        browser.jar(ID).remove(SESSION_COOKIE);
    }
    for tried in 0.. {
        let answer = thief.sign_in("/sign-in", ANNA, "wrong").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        assert!(tried <= 20, "no limit");
    }
    assert!(owner.sign_in("/sign-in", ANNA, PASSWORD).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_device_is_known_by_whichever_address_its_owner_types() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let second = "anna@home.example";
    let change = AccountChange {
        directory: scene.hub.directory.as_ref(),
        sessions: scene.hub.sessions.as_ref(),
        now_ms: scene.clock.now_ms(),
    };
    let proof = AddressProof::Mail;
    change.add_address(anna.id, anna.generation, second, proof).await.unwrap();
    let mut owner = scene.signed_in(ANNA).await;
    owner.jar(ID).remove(SESSION_COOKIE);
    for tried in 0.. {
        let answer = scene.browser().sign_in("/sign-in", second, "wrong").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        assert!(tried <= 20, "no limit");
    }
    assert!(owner.sign_in("/sign-in", second, PASSWORD).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_form_value_of_this_browser_with_a_wrong_mac_is_refused() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let genuine = browser.get(ID, "/sign-in").await.csrf();
    let (id, _) = genuine.split_once('.').unwrap();
    for mac in ["", "AAAA", &"A".repeat(43)] {
        let csrf = format!("{id}.{mac}");
        let fields = [("csrf", csrf.as_str()), ("email", ANNA), ("password", PASSWORD)];
        let answer = browser.post(ID, "/sign-in", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{mac:?}");
        assert!(!answer.sets(SESSION_COOKIE), "{mac:?}");
    }
    let fields = [("csrf", genuine.as_str()), ("email", ANNA), ("password", PASSWORD)];
    assert!(browser.post(ID, "/sign-in", &fields).await.sets(SESSION_COOKIE), "the genuine one");
}

#[tokio::test]
async fn a_form_value_is_of_its_session_although_the_browser_is_the_same() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let name = async || scene.hub.directory.account(anna.id).await.unwrap().unwrap().name;
    let mut browser = scene.browser();
    let signed_out = browser.get(ID, "/sign-in").await.csrf();
    let planted = browser.jar(ID).clone();
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    browser.replant(&planted);
    let first = browser.get(ID, "/profile").await.csrf();
    browser.fill("/sign-out", "/sign-out", &[]).await;
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    browser.replant(&planted);
    for csrf in [signed_out, first] {
        let fields = [("csrf", csrf.as_str()), ("name", "Eve")];
        let answer = browser.post(ID, "/profile", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
        assert_eq!(name().await, "Anna");
    }
    let answer = browser.fill("/profile", "/profile", &[("name", "Eve")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "of this session: {}", answer.text);
    assert_eq!(name().await, "Eve");
}

#[tokio::test]
async fn a_password_replaced_while_the_session_begins_leaves_no_session() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    *scene.store.replacing.lock().unwrap() = Some((anna.id, "taken back".into()));
    let answer = scene.browser().sign_in("/sign-in", ANNA, PASSWORD).await;
    assert!(scene.store.replacing.lock().unwrap().is_none(), "a session was created");
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answer.sets(SESSION_COOKIE));
    let limits = scene.hub.session_limits();
    let left = scene.hub.sessions.sessions_of(anna.id, limits, scene.clock.now()).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn as_many_old_passwords_are_compared_for_an_unknown_address_as_for_a_known_one() {
    let scene = Scene::new().await;
    let visit = scene.browser().visit();
    for address in [ANNA, "nobody@example.com"] {
        let none = candidates(&visit, address).await.unwrap();
        assert_eq!((none.hashes().len(), none.slots), (0, 0), "no portal has any: {address}");
    }
    three_portals(&scene).await;
    for (address, hashes) in [(ANNA, 3), ("nobody@example.com", 0)] {
        let some = candidates(&visit, address).await.unwrap();
        assert_eq!((some.hashes().len(), some.slots), (hashes, LEGACY_SLOTS), "{address}");
    }
}
