//! Arriving at a portal for the first time, at the next one, and at many at once.

use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, INITECH, Stage};
use futures_util::future::join_all;

#[tokio::test]
async fn a_first_visit_ends_at_the_very_url_that_was_asked_for() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let target = "/crm/deal/42?b=2&a=1&q=%C3%A9+x%20y&empty=&a=3&sign=%2F%3F";
    let url = stage.url(ACME, target);

    let form = browser.open(&url).await;
    assert!(stage.is_sign_in(&form), "{} {}", form.url, form.status);
    assert!(!stage.acme.heard_of("/crm/deal"), "nothing reached the portal before the sign-in");
    let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;

    assert_eq!((page.url.as_str(), page.status), (url.as_str(), 200));
    let request = stage.acme.only("/crm/deal");
    assert_eq!(request.line(), format!("GET {target} HTTP/1.1"));
    assert_eq!(request.header("x-bitrix-id-email").as_deref(), Some(ANNA.email));
    assert_eq!(request.header("host"), Some(stage.gateway.authority_of(ACME)));
}

#[tokio::test]
async fn the_sign_in_page_says_which_portal_it_leads_to() {
    let stage = Stage::start().await;
    let form = stage.gateway.browser().open(&stage.url(ACME, "/")).await;
    assert!(form.text().contains("Portal acme"), "{}", form.text());
}

#[tokio::test]
async fn the_next_portals_sign_in_without_asking_under_the_same_and_another_domain() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for (host, upstream) in [(GLOBEX, &stage.globex), (INITECH, &stage.initech)] {
        let url = stage.url(host, "/reports?year=2026");
        let page = anna.browser.open(&url).await;
        assert_eq!((page.url.as_str(), page.status), (url.as_str(), 200), "{}", page.text());
        assert!(page.hops.len() <= 3, "one hop there and back: {:?}", page.hops);
        let request = upstream.only("/reports");
        assert_eq!(request.header("x-bitrix-id-email").as_deref(), Some(ANNA.email));
    }
    let sessions: Vec<_> = [&stage.acme, &stage.globex, &stage.initech]
        .iter()
        .map(|upstream| upstream.requests().last().unwrap().header("x-bitrix-id-session"))
        .collect();
    assert!(sessions.iter().all(|sid| sid.is_some() && *sid == sessions[0]), "{sessions:?}");
}

#[tokio::test]
async fn each_portal_host_gets_a_token_of_its_own() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX, INITECH]).await;
    let tokens: Vec<_> = [ACME, GLOBEX, INITECH].map(|host| anna.token(host).unwrap()).to_vec();
    for (token, host) in tokens.iter().zip([ACME, GLOBEX, INITECH]) {
        let jwt = bitrix_id_tests::jwt::Jwt::read(token);
        assert_eq!(jwt.header["typ"], "bitrix-id+jwt");
        assert_eq!(jwt.claims["aud"], host);
        assert_eq!(jwt.claims["iss"], stage.url(ID, ""));
        assert_eq!(jwt.claims["email"], ANNA.email);
        for claim in ["sub", "sid", "iat", "exp", "auth_time", "amr", "name", "portal", "roles"] {
            assert!(jwt.claims.get(claim).is_some(), "{claim} is missing: {}", jwt.claims);
        }
    }
}

#[tokio::test]
async fn a_root_visit_and_a_visit_by_head_work_alike() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let fields = [anna.cookie_line(ACME)];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let head = stage.gateway.send(ACME, "HEAD /", &fields, "").await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn ten_tabs_of_a_live_session_all_arrive_at_a_portal_not_seen_before() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let urls: Vec<_> = (0..10).map(|n| stage.url(GLOBEX, &format!("/tab/{n}?n={n}"))).collect();
    let pages = join_all(urls.iter().map(|url| anna.browser.open(url))).await;
    for (page, url) in pages.iter().zip(&urls) {
        assert_eq!((page.url.as_str(), page.status), (url.as_str(), 200), "{}", page.text());
    }
}

#[tokio::test]
async fn ten_tabs_opened_before_the_sign_in_all_arrive_after_it() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let urls: Vec<_> = (0..10).map(|n| stage.url(ACME, &format!("/tab/{n}"))).collect();
    let forms = join_all(urls.iter().map(|url| browser.open(url))).await;
    assert!(forms.iter().all(|form| stage.is_sign_in(form)));

    let first = browser.sign_in(&forms[0], ANNA.email, ANNA.password).await;
    assert_eq!(first.url.as_str(), urls[0]);
    // The other tabs are reloaded, one after the other and all at once.
    let reloaded = join_all(forms[1..].iter().map(|form| browser.open(form.url.as_str()))).await;
    for (page, url) in reloaded.iter().zip(&urls[1..]) {
        assert_eq!((page.url.as_str(), page.status), (url.as_str(), 200), "{}", page.text());
    }
}

#[tokio::test]
async fn a_form_left_open_in_another_tab_still_takes_one_there() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let (one, two) = (stage.url(ACME, "/one"), stage.url(GLOBEX, "/two"));
    let first = browser.open(&one).await;
    let second = browser.open(&two).await;
    browser.sign_in(&first, ANNA.email, ANNA.password).await;
    let page = browser.sign_in(&second, ANNA.email, ANNA.password).await;
    assert_eq!((page.url.as_str(), page.status), (two.as_str(), 200), "{}", page.text());
}

#[tokio::test]
async fn the_list_of_portals_is_where_a_sign_in_without_a_portal_leads() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let form = browser.open(&stage.url(ID, "/")).await;
    assert!(stage.is_sign_in(&form), "{}", form.url);
    let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!(page.url.as_str(), stage.url(ID, "/"));
    for host in [ACME, GLOBEX, INITECH] {
        assert!(page.text().contains(&stage.url(host, "")), "{host} is listed: {}", page.text());
    }
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_so_instead_of_going_in_circles() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let form = browser.open(&stage.url(ACME, "/")).await;
    browser.jar().refuse(ACME);
    let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!(page.status, 400, "{} {}", page.url, page.text());
    assert!(page.hops.len() < 15, "{:?}", page.hops);
    assert!(page.text().to_lowercase().contains("cookie"), "{}", page.text());
}
