//! Giving, showing and removing a photo.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

use super::super::photo::UPLOAD_LIMIT_BYTES;
use super::*;

const PATH: &str = "/profile/photo";
const BOUNDARY: &str = "----a-boundary";

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(300, 200, image::Rgb([shade; 3]));
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn multipart(csrf: &str, photo: &[u8]) -> Vec<u8> {
    let field = |name: &str, more: &str| {
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
    };
    [
        field("csrf", "").as_bytes(),
        csrf.as_bytes(),
        b"\r\n",
        field("photo", "; filename=\"../../me.svg\"\r\ncontent-type: image/svg+xml").as_bytes(),
        photo,
        format!("\r\n--{BOUNDARY}--\r\n").as_bytes(),
    ]
    .concat()
}

async fn upload(browser: &mut Browser<'_>, body: &[u8], more: &[(&str, &str)]) -> Answer {
    let (origin, kind) = (url(ID, ""), format!("multipart/form-data; boundary={BOUNDARY}"));
    let mut headers = vec![
        ("content-type", kind.as_str()),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "same-origin"),
        ("origin", origin.as_str()),
    ];
    headers.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    headers.extend_from_slice(more);
    browser.send(Method::POST, ID, PATH, &headers, body).await
}

async fn give(browser: &mut Browser<'_>, photo: &[u8]) -> Answer {
    let csrf = browser.get(ID, "/profile").await.csrf();
    upload(browser, &multipart(&csrf, photo), &[]).await
}

#[tokio::test]
async fn a_photo_is_shown_to_its_owner_here_and_on_portals() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    assert_eq!(browser.get(ID, PATH).await.status, StatusCode::NOT_FOUND);
    let answer = give(&mut browser, &png(10)).await;
    assert_eq!(answer.location(), url(ID, "/profile"));
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains("src=\"/profile/photo?v="), "{}", page.text);

    browser.arrive(ACME).await;
    for (host, path) in [(ID, PATH), (ACME, "/.bitrix-id/photo")] {
        let shown = browser.get(host, path).await;
        assert_eq!(shown.status, StatusCode::OK, "{host}");
        assert_eq!(shown.header("content-type"), "image/jpeg");
        assert_eq!(shown.header("cache-control"), "private, no-cache");
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        assert_eq!(image::guess_format(&shown.bytes).unwrap(), ImageFormat::Jpeg);
        let etag = shown.header("etag").to_owned();
        let again = browser.send(Method::GET, host, path, &[("if-none-match", &etag)], "").await;
        assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0), "{host}");
        assert_eq!(again.header("etag"), etag);
    }

    let before = browser.get(ID, PATH).await.header("etag").to_owned();
    give(&mut browser, &png(200)).await;
    assert_ne!(browser.get(ID, PATH).await.header("etag"), before, "another picture");
    let answer = browser.fill("/profile", "/profile/photo/remove", &[]).await;
    assert_eq!(answer.location(), url(ID, "/profile"));
    for (host, path) in [(ID, PATH), (ACME, "/.bitrix-id/photo")] {
        assert_eq!(browser.get(host, path).await.status, StatusCode::NOT_FOUND, "{host}");
    }
}

#[tokio::test]
async fn a_photo_is_nobody_elses() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    scene.account("eve@example.com", &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    give(&mut browser, &png(10)).await;
    let mut eve = scene.signed_in("eve@example.com").await;
    eve.arrive(ACME).await;
    assert_eq!(eve.get(ID, PATH).await.status, StatusCode::NOT_FOUND);
    assert_eq!(eve.get(ACME, "/.bitrix-id/photo").await.status, StatusCode::NOT_FOUND);
    let mut stranger = scene.browser();
    assert_eq!(stranger.get(ID, PATH).await.status, StatusCode::NOT_FOUND);
    let answer = stranger.get(ACME, "/.bitrix-id/photo").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stranger.get(ACME, PATH).await.status, StatusCode::NOT_FOUND, "not on a portal");
}

#[tokio::test]
async fn what_is_no_picture_changes_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    give(&mut browser, &png(10)).await;
    let before = browser.get(ID, PATH).await.header("etag").to_owned();
    for (file, said) in [
        (&b""[..], "Choose a picture first."),
        (b"<svg onload=alert(1)>", "read that as a picture"),
        (b"GIF89a", "read that as a picture"),
        (&png(1)[..60], "read that as a picture"),
    ] {
        let answer = give(&mut browser, file).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(said), "{}", answer.text);
        assert_eq!(browser.get(ID, PATH).await.header("etag"), before);
    }
}

#[tokio::test]
async fn an_upload_wants_its_own_form_its_own_origin_and_a_session() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, "/profile").await.csrf();
    let good = multipart(&csrf, &png(10));
    let stale = upload(&mut browser, &multipart("made.up", &png(10)), &[]).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    for elsewhere in [
        &[("origin", "https://evil.example")][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let answer = upload(&mut browser, &good, elsewhere).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{elsewhere:?}");
    }
    let twice = [&good[..good.len() - BOUNDARY.len() - 6], &good[..]].concat();
    for (body, kind) in [
        (&good[..], "application/x-www-form-urlencoded"),
        (&good[..], "multipart/form-data"),
        (b"nothing", "multipart/form-data; boundary=x"),
        (&twice, "multipart/form-data; boundary=----a-boundary"),
    ] {
        let answer = upload(&mut browser, body, &[("content-type", kind)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{kind}");
    }
    let answer = upload(&mut scene.browser(), &good, &[]).await;
    assert_eq!(answer.location(), url(ID, "/profile"), "to the sign-in, and nothing is read");
    assert_eq!(browser.get(ID, PATH).await.status, StatusCode::NOT_FOUND);
    assert_eq!(upload(&mut browser, &good, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_a_photo_may_be_large_and_that_has_an_end_as_well() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let mut large = png(10);
    large.resize(3 * 1024 * 1024, 0);
    assert_eq!(give(&mut browser, &large).await.status, StatusCode::SEE_OTHER);
    large.resize(UPLOAD_LIMIT_BYTES, 0);
    assert_eq!(give(&mut browser, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["/profile", "/profile/photo/remove", "/profile/photo/"] {
        let body = vec![b'a'; 70 * 1024];
        let answer = browser.send(Method::POST, ID, path, &[], &body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let body = vec![b'a'; 70 * 1024];
    let answer = browser.send(Method::POST, ACME, PATH, &[], &body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "a portal host has no such path");
}

#[tokio::test]
async fn uploads_are_counted() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for _ in 0..20 {
        let answer = give(&mut browser, b"no picture").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = give(&mut browser, &png(10)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
}
