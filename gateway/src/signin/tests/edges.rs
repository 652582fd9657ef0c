//! The guard: internal headers, limits, unknown pages, languages.

use super::*;

async fn raw(scene: &Scene, request: http::request::Builder, body: Body) -> Answer {
    let request = request.body(body).unwrap();
    Answer::read(router(scene.app.clone()).oneshot(request).await.unwrap()).await
}

fn from_gateway() -> http::request::Builder {
    Request::builder()
        .header("x-bitrix-id-internal-host", ID)
        .header("x-bitrix-id-internal-client-ip", "192.0.2.7")
        .header("x-bitrix-id-internal-request-id", "r-1")
}

#[tokio::test]
async fn a_request_that_did_not_come_through_the_gateway_is_refused() {
    let scene = Scene::new().await;
    let ip = "x-bitrix-id-internal-client-ip";
    let bare = || Request::builder().uri("/sign-in");
    for request in [
        bare(),
        bare().header("host", ID),
        bare().header("x-bitrix-id-internal-host", ID).header(ip, "192.0.2.7"),
        from_gateway().uri("/sign-in").header("x-bitrix-id-internal-host", ACME),
        from_gateway().uri("/sign-in").header(ip, "192.0.2.8"),
        from_gateway().uri("/sign-in").header("x-bitrix-id-internal-subject", "x"),
        from_gateway().uri("/sign-in").header("x-bitrix-id-internal-session", ID),
    ] {
        let answer = raw(&scene, request, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.headers.get("set-cookie").is_none());
    }
}

#[tokio::test]
async fn the_host_header_is_not_looked_at() {
    let scene = Scene::new().await;
    let request = from_gateway().uri("/").header("host", "evil.example");
    let request = request.header("x-forwarded-host", "evil.example");
    assert_eq!(raw(&scene, request, Body::empty()).await.location(), url(ID, "/sign-in"));
}

#[tokio::test]
async fn pages_of_one_kind_of_host_do_not_exist_on_the_other() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    for path in ["/", "/sign-in", "/profile", "/sign-out", "/nothing", "/.bitrix-id/nothing"] {
        assert_eq!(browser.get(ACME, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/.bitrix-id/callback", "/.bitrix-id/portals", "/social/x/start"] {
        assert_eq!(browser.get(ID, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let put = browser.send(Method::PUT, ID, "/sign-in", &[], "").await;
    assert_eq!(put.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_large_body_is_refused_whether_or_not_it_says_so() {
    let scene = Scene::new().await;
    let post = || {
        from_gateway()
            .method(Method::POST)
            .uri("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
    };
    let large = "a=".to_owned() + &"x".repeat(70 * 1024);
    let said = post().header("content-length", large.len());
    let answer = raw(&scene, said, Body::from(large.clone())).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(large)]);
    let answer = raw(&scene, post(), Body::from_stream(chunks)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    for (host, target) in [
        (ID, "/sign-in"),
        (ID, "/"),
        (ID, "/nothing"),
        (ID, "/sign-up"),
        (ACME, "/.bitrix-id/portals"),
        (ACME, "/.bitrix-id/callback"),
        (ACME, "/.bitrix-id/profile"),
    ] {
        let answer = browser.get(host, target).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{name} on {target}");
        }
        let policy = answer.header("content-security-policy");
        for part in ["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{part} on {target}");
        }
        assert_eq!(answer.header("content-length"), answer.text.len().to_string(), "{target}");
    }
}

#[tokio::test]
async fn the_language_switch_keeps_the_choice_and_the_page() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let sign_in = browser.leave(ACME, "/x");
    let answer = browser.get(ID, &format!("{sign_in}&lang=de")).await;
    assert_eq!(answer.location(), url(ID, &sign_in));
    assert!(browser.get(ID, &sign_in).await.text.contains("<html lang=\"de\""));
    let answer = browser.get(ID, "/sign-in?lang=fr").await;
    assert_eq!(answer.location(), url(ID, "/sign-in"));
    let unknown = browser.get(ID, "/sign-in?lang=xx").await;
    assert_eq!(unknown.status, StatusCode::OK);
    let foreign = browser.get(ID, "//evil.example/?lang=de").await;
    assert!(foreign.location().starts_with(&url(ID, "/")));
}

#[tokio::test]
async fn a_reflected_value_is_text() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let evil = "\"><script>alert(1)</script>";
    let answer = browser.sign_in("/sign-in", evil, "x").await;
    assert!(!answer.text.contains("<script>alert"), "{}", answer.text);
    let page = browser.get(ID, "/sign-in?state=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
}

#[tokio::test]
async fn beyond_its_places_the_app_says_503_and_when_to_come_back() {
    let scene = Scene::new().await;
    let taken = scene.app.places.available_permits();
    let _all = scene.app.places.acquire_many(u32::try_from(taken).unwrap()).await.unwrap();
    let answer = scene.browser().get(ID, "/sign-in").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header("retry-after").is_empty());
}
