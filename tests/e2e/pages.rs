//! The pages as documents: language, weight, and that nothing comes from elsewhere.

use bitrix_id_tests::html::tags;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, Stage};
use url::Url;

#[tokio::test]
async fn six_languages_are_spoken_and_english_to_everybody_else() {
    let stage = Stage::empty().await;
    for (accepted, spoken) in [
        ("en", "en"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("es-419", "es"),
        ("pt-BR,pt;q=0.9", "pt"),
        ("fr;q=0.8,xx", "fr"),
        ("ru-RU", "ru"),
        ("ja,zh;q=0.9", "en"),
        ("", "en"),
        ("*;q=0,,;;q=x", "en"),
    ] {
        let field = format!("Accept-Language: {accepted}");
        let answer =
            stage.gateway.send(ID, "GET /sign-in", &["Accept: text/html", &field], "").await;
        assert_eq!(answer.status, 200);
        let html = answer.text();
        assert!(
            html.contains(&format!("<html lang=\"{spoken}\"")),
            "{accepted}: {}",
            &html[..200.min(html.len())]
        );
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    }
}

#[tokio::test]
async fn the_language_switch_is_remembered() {
    let stage = Stage::empty().await;
    let browser = stage.gateway.browser();
    let page = browser.open(&stage.url(ID, "/sign-in")).await;
    let link = tags(&page.text())
        .into_iter()
        .filter(|(name, _)| name == "a")
        .find(|(_, attributes)| {
            attributes.iter().any(|(key, value)| key == "hreflang" && value == "de")
        })
        .and_then(|(_, attributes)| attributes.into_iter().find(|(key, _)| key == "href"))
        .expect("a link to German")
        .1;
    let german = browser.open(page.url.join(&link).unwrap().as_str()).await;
    assert!(german.text().contains("<html lang=\"de\""), "{}", german.text());
    let still = browser.open(&stage.url(ID, "/sign-in")).await;
    assert!(still.text().contains("<html lang=\"de\""));
}

#[tokio::test]
async fn errors_and_the_end_of_a_session_can_be_read_in_another_language_too() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let stranger = stage.gateway.browser();
    for (browser, path) in
        [(&anna.browser, "/sign-out"), (&stranger, "/signed-out"), (&stranger, "/nothing-here?x=1")]
    {
        let page = browser.open(&stage.url(ID, path)).await;
        let links = tags(&page.text());
        let german = links.iter().find(|(_, attributes)| {
            attributes.iter().any(|(key, value)| key == "hreflang" && value == "de")
        });
        let (_, attributes) = german.unwrap_or_else(|| panic!("no German on {path}"));
        let (_, link) = attributes.iter().find(|(key, _)| key == "href").unwrap();
        let same = browser.open(page.url.join(link).unwrap().as_str()).await;
        assert_eq!((same.status, same.url.as_str()), (page.status, page.url.as_str()));
        assert!(same.text().contains("<html lang=\"de\""), "{}", same.text());
        // Back again, so that the next page has something to change.
        browser.open(&stage.url(ID, "/signed-out?lang=en")).await;
    }
}

#[tokio::test]
async fn a_page_with_everything_weighs_less_than_20_kib_and_comes_from_its_own_host() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for path in ["/", "/profile", "/profile/sessions", "/sign-out"] {
        let page = anna.browser.open(&stage.url(ID, path)).await;
        assert_eq!(page.status, 200, "{path}");
        let weight = page.body.len() + assets(&stage, &page.url, &page.text()).await;
        println!("{path}: {weight} bytes");
        assert!(weight < 20 * 1024, "{path} weighs {weight} bytes");
    }
    let form = stage.gateway.browser().open(&stage.url(ACME, "/")).await;
    let weight = form.body.len() + assets(&stage, &form.url, &form.text()).await;
    println!("/sign-in: {weight} bytes");
    assert!(weight < 20 * 1024);
}

/// Fetches what a page asks for by itself and adds up the bytes.
async fn assets(stage: &Stage, page: &Url, html: &str) -> usize {
    let browser = stage.gateway.browser();
    let mut bytes = 0;
    for (name, attributes) in tags(html) {
        let get = |wanted: &str| {
            attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
        };
        let reference = match name.as_str() {
            "link" | "use" => get("href"),
            "script" | "img" | "source" | "iframe" => get("src"),
            "style" => panic!("an inline style on {page}"),
            _ => None,
        };
        assert!(
            attributes.iter().all(|(key, _)| !key.starts_with("on") && key != "style"),
            "{page}: {attributes:?}"
        );
        let Some(reference) = reference else { continue };
        let target = page.join(reference).unwrap();
        assert_eq!(target.origin(), page.origin(), "{reference} on {page}");
        let answer = browser.visit(target.as_str()).await;
        assert_eq!(answer.status, 200, "{target}");
        let caching = answer.header("cache-control").unwrap_or_default();
        assert!(
            caching.contains("immutable") && caching.contains("max-age="),
            "{target}: {caching}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        bytes += answer.body.len();
    }
    bytes
}

#[tokio::test]
async fn pages_on_a_portal_host_take_their_style_from_that_host() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(GLOBEX, "GET /closed/x", &["Accept: text/html"], "").await;
    assert_eq!(answer.status, 403);
    let url = Url::parse(&stage.url(GLOBEX, "/closed/x")).unwrap();
    assert!(assets(&stage, &url, &answer.text()).await > 0, "it has a style sheet");
}

#[tokio::test]
async fn what_people_typed_is_shown_as_text() {
    let stage = Stage::empty().await;
    let browser = stage.gateway.browser();
    let page = browser.open(&stage.url(ID, "/sign-in")).await;
    let nasty = "\"><script>alert(1)</script>@example.com";
    let answer = browser.try_sign_in(&page, nasty, "x").await;
    assert!(!answer.text().contains("<script>alert"), "{}", answer.text());
    let search = browser
        .visit(&stage.url(ID, "/sign-in?state=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"))
        .await;
    assert!(!search.text().contains("<script>alert"));
}

#[tokio::test]
async fn unknown_pages_and_methods_have_pages_of_their_own() {
    let stage = Stage::empty().await;
    let missing = stage.gateway.send(ID, "GET /nothing-here", &["Accept: text/html"], "").await;
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("<html"), "{}", missing.text());
    let wrong = stage.gateway.send(ID, "DELETE /sign-in", &["Accept: text/html"], "").await;
    assert_eq!(wrong.status, 405);
}
