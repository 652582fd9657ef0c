//! The way there and back: bound to the browser and the provider, once, for a while.

use super::*;

/// A callback that would sign in if it came from where it belongs.
async fn back(browser: &mut Browser<'_>, fake: &Fake) -> String {
    let left = browser.get(ID, "/social/login/start").await;
    fake.consent(&left.location(), &Who::verified("7", ANNA))
}

async fn assert_refused(scene: &Scene, browser: &mut Browser<'_>, fake: &Fake, back: &str) {
    let answer = browser.get(ID, back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{back}");
    assert!(!browser.is_signed_in());
    assert_eq!(scene.sessions().await, 0);
    assert!(!fake.asked.lock().unwrap().iter().any(|path| path == "/token"), "nothing was asked");
}

#[tokio::test]
async fn a_state_that_is_missing_or_made_up_is_refused() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let good = back(&mut browser, &fake).await;
    let state = good.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let made_up = "A".repeat(43);
    for bad in [
        good.replace(&format!("state={state}&"), ""),
        good.replace(&state, ""),
        good.replace(&state, &made_up),
        good.replace(&state, &state.to_lowercase()),
        good.replace(&state, &format!("{state}A")),
    ] {
        assert_refused(&scene, &mut browser, &fake, &bad).await;
    }
    let answer = browser.get(ID, &good).await;
    assert_eq!(answer.location(), url(ID, "/"), "the genuine one was not spent by these");
}

#[tokio::test]
async fn another_browser_s_callback_is_refused_and_costs_the_first_nothing() {
    let (scene, fake) = scene().await;
    let (mut annas, mut eves) = (scene.browser(), scene.browser());
    eves.get(ID, "/sign-in").await;
    let good = back(&mut annas, &fake).await;
    assert_refused(&scene, &mut eves, &fake, &good).await;
    assert_refused(&scene, &mut scene.browser(), &fake, &good).await;
    annas.get(ID, &good).await;
    assert!(annas.is_signed_in());
}

#[tokio::test]
async fn another_provider_s_callback_is_refused() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let good = back(&mut browser, &fake).await;
    assert_refused(&scene, &mut browser, &fake, &good.replace("/login/", "/hint/")).await;
    let nowhere = browser.get(ID, &good.replace("/login/", "/nobody/")).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    browser.get(ID, &good).await;
    assert!(browser.is_signed_in(), "the trip was not spent by these");
}

#[tokio::test]
async fn a_callback_works_once_and_for_ten_minutes() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let good = back(&mut browser, &fake).await;
    let mut copy = browser.clone();
    browser.get(ID, &good).await;
    assert!(browser.is_signed_in());
    let again = copy.get(ID, &good).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(!copy.is_signed_in());

    let mut late = scene.browser();
    let good = back(&mut late, &fake).await;
    scene.clock.advance(600);
    assert_eq!(late.get(ID, &good).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn two_that_come_at_once_sign_in_once() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let good = back(&mut browser, &fake).await;
    let (mut one, mut other) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(one.get(ID, &good), other.get(ID, &good));
    let good = [&first, &second].iter().filter(|answer| answer.status.is_redirection()).count();
    assert_eq!(good, 1, "{} {}", first.status, second.status);
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn a_code_that_was_used_is_refused_by_the_provider_and_here() {
    let (scene, fake) = scene().await;
    let mut annas = scene.browser();
    let good = back(&mut annas, &fake).await;
    let code = good.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    annas.get(ID, &good).await;
    let mut eves = scene.browser();
    let hers = back(&mut eves, &fake).await;
    let own = hers.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let answer = eves.get(ID, &hers.replace(&own, &code)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.audited().await.last().unwrap().1, "login denied");
    assert!(!eves.is_signed_in());
}

#[tokio::test]
async fn ten_tabs_at_once_all_arrive() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let mut waiting = Vec::new();
    for n in 0..10 {
        let sign_in = browser.leave(ACME, &format!("/page/{n}"));
        let start = sign_in.replace("/sign-in", "/social/login/start");
        let left = browser.get(ID, &start).await;
        waiting.push(fake.consent(&left.location(), &Who::verified("7", ANNA)));
    }
    let first = browser.get(ID, &waiting.pop().unwrap()).await;
    assert!(first.location().starts_with(&url(ID, "/sign-in?state=")), "{}", first.location());
    for late in waiting {
        let answer = browser.get(ID, &late).await;
        let there = answer.location();
        assert!(there.starts_with(&url(ACME, "/.bitrix-id/callback?ticket=")), "{there}");
    }
    assert_eq!(scene.sessions().await, 1);
}

#[tokio::test]
async fn attempts_are_bounded_for_a_browser_and_for_a_network() {
    let (scene, _fake) = scene().await;
    let mut browser = scene.browser();
    browser.get(ID, "/sign-in").await;
    let mut left = 0;
    while browser.get(ID, "/social/login/start").await.status == StatusCode::SEE_OTHER {
        left += 1;
    }
    assert_eq!(left, 40);
    let refused = browser.get(ID, "/social/login/start").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers.contains_key("retry-after"));
    let mut fresh = 0;
    while scene.browser().get(ID, "/social/login/start").await.status == StatusCode::SEE_OTHER {
        fresh += 1;
    }
    assert_eq!(left + fresh, 400);
    let elsewhere = Browser { ip: "192.0.2.8".into(), ..scene.browser() };
    let answer = elsewhere.clone().get(ID, "/social/login/start").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_apple_has_a_browser_post_waits_for_the_browser_s_cookies() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let left = browser.get(ID, "/social/apple/start").await;
    let back = fake.consent(&left.location(), &Who::verified("001", ANNA));
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let form = encode(&[
        ("state", &state),
        ("code", &code),
        ("user", r#"{"name":{"firstName":"Anna","lastName":"Apfel"}}"#),
    ]);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://appleid.apple.com"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    // Without the cookies, as browsers send it.
    let mut bare = scene.browser();
    let path = "/social/apple/callback";
    let posted = bare.send(Method::POST, ID, path, &headers, &form).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    let there = posted.location();
    assert_eq!(there, url(ID, &format!("/social/apple/callback?state={state}")), "no code in it");
    assert_eq!(bare.open(&there).await.status, StatusCode::BAD_REQUEST, "not this browser's");
    *fake.token.lock().unwrap() = Some(Box::new(|fake, mut claims| {
        claims["iss"] = "https://appleid.apple.com".into();
        fake.sign(&claims)
    }));
    let answer = browser.open(&there).await;
    // An address outside what the preset's word was taken for is no matter here: Apple's word counts.
    assert_eq!(answer.location(), url(ID, "/"));
    assert!(browser.is_signed_in());
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    assert_eq!(account.name, "Anna Apfel");

    let unknown = encode(&[("state", &"A".repeat(43)), ("code", "x")]);
    let posted = bare.send(Method::POST, ID, path, &headers, &unknown).await;
    assert_eq!(posted.location(), url(ID, path));
    let path = "/social/login/callback";
    let posted = bare.send(Method::POST, ID, path, &headers, &form).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED, "other providers do not post");
}

#[tokio::test]
async fn buttons_are_shown_in_order_and_where_they_are_meant_to_be() {
    let (scene, _fake) = scene().await;
    let mut browser = scene.browser();
    let ids = |page: &str| -> Vec<String> {
        let parts = page.split("id=\"social-").skip(1);
        parts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let plain = browser.get(ID, "/sign-in").await;
    assert_eq!(ids(&plain.text), ["login", "hint"]);
    let to_acme = browser.leave(ACME, "/");
    assert_eq!(ids(&browser.get(ID, &to_acme).await.text), ["login", "hint", "acme-staff"]);
    let to_initech = browser.leave(INITECH, "/");
    assert_eq!(ids(&browser.get(ID, &to_initech).await.text), ["login", "hint"]);
    assert_eq!(ids(&browser.get(ID, "/sign-up").await.text), ["login", "hint"]);
    browser.get(ID, "/sign-in?lang=de").await;
    assert_eq!(ids(&browser.get(ID, "/sign-in").await.text), ["login", "hint", "apple"]);
    let state = to_acme.split_once("state=").unwrap().1;
    let page = browser.get(ID, &to_acme).await.text;
    assert!(page.contains(&format!("href=\"/social/login/start?state={state}\"")));
}

#[tokio::test]
async fn a_head_request_begins_and_ends_nothing() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let good = back(&mut browser, &fake).await;
    for path in [good.as_str(), "/social/login/start"] {
        let answer = browser.send(Method::HEAD, ID, path, &[], "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    browser.get(ID, &good).await;
    assert!(browser.is_signed_in());
}
