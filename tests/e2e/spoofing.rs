//! What a client says about identity is removed, in every spelling, on every route, over both protocols.

use std::time::Duration;

use bitrix_id_tests::client::raw_h2;
use bitrix_id_tests::stage::{ACME, ANNA, EVE, Stage};
use bitrix_id_tests::upstream::recorded::{Recorded, fold};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The spellings that some upstream reads as one and the same name.
fn spellings(name: &str) -> Vec<String> {
    let under = name.replace('-', "_");
    let mixed = name.replacen('-', "_", 1);
    let mut all = vec![
        name.to_owned(),
        name.to_lowercase(),
        name.to_uppercase(),
        under.clone(),
        under.to_lowercase(),
        under.to_uppercase(),
        mixed,
        name.replace('-', "."),
        name.replace('-', "~"),
        name.replace('-', "__"),
        name.replace('-', "'"),
        name.replacen("Id-", "Id_", 1),
    ];
    // Double separators fold to another name; they are here to show that nothing breaks.
    all.dedup();
    all
}

/// O-ID: of each identity name exactly one field or none, canonically spelt, none of it forged.
fn assert_identity(request: &Recorded, email: Option<&str>) {
    for name in NAMES {
        let fields = request.all_folded(name);
        assert!(fields.len() <= 1, "{name} came {} times: {}", fields.len(), request.text());
        assert!(fields.iter().all(|value| !value.contains("forged")), "{}", request.text());
    }
    assert_eq!(request.header("X-Bitrix-Id-Email").as_deref(), email, "{}", request.text());
    for (name, _) in request.headers() {
        let ours = NAMES.iter().find(|known| fold(known) == fold(&name));
        assert!(
            ours.is_none_or(|known| known.eq_ignore_ascii_case(&name)),
            "{name} is spelt oddly"
        );
    }
}

const PATHS: [(&str, bool); 5] = [
    ("/members", true),
    ("/maybe/x", true),
    ("/anyone/x", true),
    ("/pub/x", false),
    ("/hook/x", false),
];

#[tokio::test]
async fn forged_names_are_removed_over_http1() {
    let stage = Stage::with_people(&[EVE]).await;
    let eve = stage.signed_in(&EVE, ACME).await;
    for (path, named) in PATHS {
        stage.acme.forget();
        let mut fields = vec![eve.cookie_line(ACME)];
        fields.extend(
            NAMES
                .iter()
                .take(4)
                .flat_map(|name| spellings(name))
                .map(|name| format!("{name}: forged")),
        );
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let answer = stage.gateway.send(ACME, &format!("GET {path}"), &fields, "").await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_identity(&stage.acme.only(path), named.then_some(EVE.email));
    }
    for name in NAMES {
        stage.acme.forget();
        let mut fields = vec![eve.cookie_line(ACME)];
        for spelling in spellings(name) {
            fields.push(format!("{spelling}: forged"));
            fields.push(format!("{spelling}: forged again"));
        }
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let answer = stage.gateway.send(ACME, "GET /each", &fields, "").await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_identity(&stage.acme.only("/each"), Some(EVE.email));
    }
}

#[tokio::test]
async fn forged_names_are_removed_over_http2() {
    let stage = Stage::with_people(&[EVE]).await;
    let eve = stage.signed_in(&EVE, ACME).await;
    let mut connection = stage.gateway.h2(ACME).await;
    for (path, named) in PATHS {
        for name in NAMES {
            stage.acme.forget();
            let mut request = connection.request("GET", path).header("cookie", eve.cookie(ACME));
            for spelling in spellings(name) {
                let spelling = HeaderName::from_bytes(spelling.to_lowercase().as_bytes()).unwrap();
                request = request.header(&spelling, "forged").header(&spelling, "forged again");
            }
            let answer = connection.send(request, b"", None).await.unwrap();
            assert_eq!(answer.status, 200, "{path} {name}");
            assert_identity(&stage.acme.only(path), named.then_some(EVE.email));
        }
    }
}

#[tokio::test]
async fn no_connection_token_can_remove_what_the_gateway_sets() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let nominations = [
        "Connection: X-Bitrix-Id-Email",
        "Connection: close, X-Bitrix-Id-Subject, x-bitrix-id-email",
        "connection: keep-alive,\tx-bitrix-id-assertion",
        "Connection: X_Bitrix_Id_Email, X-BITRIX-ID-EMAIL",
        "Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host",
        "Connection: Host",
        "Connection: Cookie, X-Request-Id",
        "Connection: \"X-Bitrix-Id-Email\"",
        "Proxy-Connection: X-Bitrix-Id-Email",
        "Keep-Alive: X-Bitrix-Id-Email",
        "Connection: a, b, c, d, e, f, g, h, i, j, k, X-Bitrix-Id-Email",
    ];
    for (n, nomination) in nominations.iter().enumerate() {
        let path = format!("/nominated/{n}/");
        let fields = [&anna.cookie_line(ACME), *nomination, "Connection: X-Bitrix-Id-Session"];
        let answer = stage.gateway.send(ACME, &format!("GET {path}"), &fields, "").await;
        match answer.status {
            200 => {
                let request = stage.acme.only(&path);
                assert_identity(&request, Some(ANNA.email));
                assert!(request.header("x-bitrix-id-session").is_some(), "{nomination}");
                assert!(request.header("x-forwarded-for").is_some(), "{nomination}");
                let hop = request.all("connection").join(",").to_lowercase();
                assert!(
                    !hop.contains("x-bitrix") && !hop.contains("x_bitrix"),
                    "{nomination}: {hop}"
                );
                assert!(request.header("proxy-connection").is_none());
            }
            400 => assert!(!stage.acme.heard_of(&path), "{nomination}"),
            other => panic!("{nomination}: {other}"),
        }
    }
}

#[tokio::test]
async fn hop_by_hop_fields_end_here() {
    let stage = Stage::empty().await;
    let fields = [
        "TE: trailers, deflate",
        "Trailer: X-Bitrix-Id-Subject",
        "Keep-Alive: timeout=1000",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic Zm9vOmJhcg==",
        "Connection: X-Mine",
        "X-Mine: nominated",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    ];
    let answer = stage.gateway.send(ACME, "GET /pub/hops", &fields, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = stage.acme.only("/pub/hops");
    for gone in ["keep-alive", "proxy-connection", "x-mine", "upgrade", "http2-settings", "trailer"]
    {
        assert_eq!(request.header(gone), None, "{gone}: {}", request.text());
    }
}

#[tokio::test]
async fn trailers_cannot_name_anybody() {
    let stage = Stage::with_people(&[EVE]).await;
    let eve = stage.signed_in(&EVE, ACME).await;
    let head = stage.gateway.request(
        ACME,
        "POST /trailed/h1",
        &[&eve.cookie_line(ACME), "Transfer-Encoding: chunked", "Trailer: X-Bitrix-Id-Subject"],
        "",
    );
    let request = format!(
        "{head}4\r\nbody\r\n0\r\nX-Bitrix-Id-Subject: forged\r\nX_Bitrix_Id_Email: forged\r\n\r\n"
    );
    let answer = stage.gateway.raw(ACME).await.exchange("POST", request).await.unwrap();
    assert!(matches!(answer.status, 200 | 400), "{}", answer.status);

    let mut connection = stage.gateway.h2(ACME).await;
    let mut trailers = HeaderMap::new();
    trailers.insert("x-bitrix-id-subject", HeaderValue::from_static("forged"));
    trailers.insert("x_bitrix_id_email", HeaderValue::from_static("forged"));
    let request = connection.request("POST", "/trailed/h2").header("cookie", eve.cookie(ACME));
    let answer = connection.send(request, b"body", Some(trailers)).await.unwrap();
    assert_eq!(answer.status, 200);
    for request in stage.acme.marked("/trailed/") {
        assert!(!request.holds("forged"), "{}", request.text());
    }
}

#[tokio::test]
async fn malformed_http2_fields_go_nowhere() {
    let stage = Stage::with_people(&[EVE]).await;
    let eve = stage.signed_in(&EVE, ACME).await;
    stage.acme.forget();
    let authority = stage.gateway.authority_of(ACME);
    let cookie = eve.cookie(ACME);
    let bad: [&[(&[u8], &[u8])]; 7] = [
        &[(b"connection", b"x-bitrix-id-email")],
        &[(b"transfer-encoding", b"chunked")],
        &[(b"X-Bitrix-Id-Subject", b"forged")],
        &[(b"x-a", b"1\r\nX-Bitrix-Id-Subject: forged")],
        &[(b"x-a\r\nx-bitrix-id-subject", b"forged")],
        &[(b":path", b"/second")],
        &[(b"x bitrix", b"forged")],
    ];
    for extra in bad {
        let mut connection = stage.gateway.raw_h2(ACME).await;
        let mut fields = raw_h2::request("GET", &authority, "/malformed");
        fields.push((b"cookie", cookie.as_bytes()));
        fields.extend_from_slice(extra);
        if let Ok(stream) = connection.headers(&fields, true).await {
            let end = connection.end_of(stream, Duration::from_secs(5)).await;
            assert_ne!(end, raw_h2::StreamEnd::Answered(200), "{extra:?}");
        }
    }
    assert!(!stage.acme.heard_of("/malformed") && !stage.acme.heard_of("forged"));
}

#[tokio::test]
async fn a_websocket_handshake_is_cleaned_like_any_request() {
    let stage = Stage::with_people(&[EVE]).await;
    let eve = stage.signed_in(&EVE, ACME).await;
    let cookie = eve.cookie(ACME);
    let fields = [
        ("Cookie", cookie.as_str()),
        ("X_Bitrix_Id_Subject", "forged"),
        ("X-Bitrix-Id-Roles", "forged"),
        ("Connection", "X-Bitrix-Id-Email"),
    ];
    let mut socket = stage.gateway.websocket(ACME, "/forging/do/ws", &fields).await.unwrap();
    assert_eq!(socket.echo("hi").await.unwrap(), "hi");
    assert_identity(&stage.acme.only("/forging"), Some(EVE.email));
}

#[tokio::test]
async fn what_the_gateway_and_its_sign_in_app_say_to_each_other_cannot_be_forged() {
    let stage = Stage::with_people(&[ANNA]).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let subject = stage.acme.requests().last().unwrap().header("x-bitrix-id-subject").unwrap();
    let session = stage.acme.requests().last().unwrap().header("x-bitrix-id-session").unwrap();
    let forged = [
        format!("X-Bitrix-Id-Internal-Subject: {subject}"),
        format!("X-Bitrix-Id-Internal-Session: {session}"),
        "X-Bitrix-Id-Internal-Host: acme.bitrix24.localhost".to_owned(),
        "X-Bitrix-Id-Internal-Portal: acme".to_owned(),
        "X-Bitrix-Id-Internal-Purpose: no-access".to_owned(),
        "Origin: ".to_owned() + &stage.url(ACME, ""),
        "Content-Type: application/x-www-form-urlencoded".to_owned(),
    ];
    let fields: Vec<&str> = forged.iter().map(String::as_str).collect();
    let list = stage.gateway.send(ACME, "GET /.bitrix-id/portals", &fields, "").await;
    assert_eq!(list.status, 401, "{}", list.text());
    stage.gateway.send(ACME, "POST /.bitrix-id/sign-out", &fields, "a=b").await;
    let still = stage.gateway.send(ACME, "GET /still", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(still.status, 200, "nobody could end her session");
    // A request of hers to the upstream carries none of it either.
    let mut with_cookie = fields.clone();
    let cookie = anna.cookie_line(ACME);
    with_cookie.push(&cookie);
    stage.gateway.send(ACME, "GET /internal", &with_cookie, "").await;
    stage.acme.hears("/internal").await;
    assert!(!stage.acme.only("/internal").text().to_lowercase().contains("internal-"));
}

/// The default preset's names first, then those of the others.
const NAMES: &[&str] = &[
    "X-Bitrix-Id-Subject",
    "X-Bitrix-Id-Email",
    "X-Bitrix-Id-Roles",
    "X-Bitrix-Id-Assertion",
    "X-Bitrix-Id-Name",
    "X-Bitrix-Id-Portal",
    "X-Bitrix-Id-Portal-User",
    "X-Bitrix-Id-Session",
    "Remote-User",
    "X-Webauth-User",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Remote-User",
];
