//! What is accepted in the token cookie, and all that is not. The oracle is the upstream: no byte of a
//! marked request reaches a protected route without a good token for that very host.

use bitrix_id_tests::client::raw_h2::{self, StreamEnd};
use bitrix_id_tests::database::signing_key;
use bitrix_id_tests::jwt::{Jwt, SigningKey, public_key, public_key_pem};
use bitrix_id_tests::poll::STEP;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, SESSION, Stage, TOKEN};
use serde_json::{Value, json};

/// Asks for a marked page with these cookie lines and panics unless it was refused.
async fn assert_refused(stage: &Stage, what: &str, lines: &[String]) {
    let fields: Vec<&str> = lines.iter().map(String::as_str).collect();
    let answer = stage.gateway.send(ACME, "GET /guarded", &fields, "").await;
    assert!(matches!(answer.status, 400 | 401 | 431), "{what}: {}", answer.status);
    assert!(!stage.acme.heard_of("/guarded"), "{what} reached the upstream");
}

fn line(token: &str) -> Vec<String> {
    vec![format!("Cookie: {TOKEN}={token}")]
}

#[tokio::test]
async fn a_malformed_value_is_refused_and_never_breaks_anything() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let good = anna.token(ACME).unwrap();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut flipped = signature.to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(..1, first);
    let values = [
        String::new(),
        "x".into(),
        "...".into(),
        "..".into(),
        "%00".into(),
        "null".into(),
        "{}".into(),
        "deleted".into(),
        "\"quoted\"".into(),
        format!("{good}x"),
        format!("x{good}"),
        format!("{good}."),
        format!(" {good} x"),
        good.to_uppercase(),
        good[..good.len() - 1].to_owned(),
        good[1..].to_owned(),
        good.replace('.', ":"),
        input.to_owned(),
        format!("{input}."),
        format!("{input}.{flipped}"),
        format!("{input}.{signature}=="),
        "a".repeat(4097),
        "a".repeat(16_000),
        format!("{}.{}.{}", "e".repeat(1500), "e".repeat(1500), "e".repeat(1500)),
    ];
    for value in values {
        assert_refused(&stage, &value, &line(&value)).await;
    }
    // Quotes around a value are part of it.
    assert_refused(&stage, "quoted", &line(&format!("\"{good}\""))).await;
    let answer = stage.gateway.send(ACME, "GET /fine", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200, "a good one is still accepted");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let stage = Stage::empty().await;
    let authority = stage.gateway.authority_of(ACME);
    for junk in [&b"\xff\xfe\xfd"[..], b"\x80", b"a\tb", b"\xc3\xa9"] {
        let mut request =
            format!("GET /guarded HTTP/1.1\r\nHost: {authority}\r\nCookie: {TOKEN}=").into_bytes();
        request.extend_from_slice(junk);
        request.extend_from_slice(b"\r\n\r\n");
        let answer = stage.gateway.raw(ACME).await.exchange("GET", request).await.unwrap();
        assert!(matches!(answer.status, 400 | 401), "{junk:?}: {}", answer.status);
    }
    assert!(!stage.acme.heard_of("/guarded"));
}

#[tokio::test]
async fn two_cookies_of_the_name_are_refused_however_they_come() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let good = anna.cookie(ACME);
    for other in [good.clone(), format!("{TOKEN}=x"), format!("{TOKEN}=")] {
        for (a, b) in [(&good, &other), (&other, &good)] {
            assert_refused(&stage, "one line", &[format!("Cookie: {a}; {b}")]).await;
            assert_refused(&stage, "one line, no space", &[format!("Cookie: {a};{b}")]).await;
            assert_refused(&stage, "two lines", &[format!("Cookie: {a}"), format!("Cookie: {b}")])
                .await;
            let lines = [format!("Cookie: k=v; {a}"), "X: y".into(), format!("cookie: {b}; l=w")];
            assert_refused(&stage, "two lines apart", &lines).await;
        }
    }
}

#[tokio::test]
async fn two_cookies_of_the_name_are_refused_over_http2() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let mut connection = stage.gateway.h2(ACME).await;
    let good = anna.cookie(ACME);
    let request =
        connection.request("GET", "/guarded").header("cookie", &good).header("cookie", &good);
    assert_eq!(connection.send(request, b"", None).await.unwrap().status, 401);
    assert!(!stage.acme.heard_of("/guarded"));
}

#[tokio::test]
async fn cookies_in_several_fields_are_read_as_one() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let good = anna.cookie(ACME);
    let mut connection = stage.gateway.h2(ACME).await;
    let request = connection
        .request("GET", "/crumbs")
        .header("cookie", "first=1")
        .header("cookie", &good)
        .header("cookie", "last=2");
    assert_eq!(connection.send(request, b"", None).await.unwrap().status, 200);
    assert_eq!(stage.acme.only("/crumbs").all("cookie"), ["first=1; last=2"]);

    let fields = ["Cookie: first=1".to_owned(), format!("Cookie: {good}"), "Cookie: last=2".into()];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let answer = stage.gateway.send(ACME, "GET /lines", &fields, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(stage.acme.only("/lines").all("cookie"), ["first=1; last=2"]);
}

#[tokio::test]
async fn a_name_that_only_resembles_ours_is_no_token() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let token = anna.token(ACME).unwrap();
    for name in [
        "__host-bitrix-id",
        "__Host-Bitrix-Id",
        "bitrix-id",
        "__Host-bitrix-id-",
        "__Host-bitrix_id",
    ] {
        assert_refused(&stage, name, &[format!("Cookie: {name}={token}")]).await;
    }
    assert_refused(&stage, "bearer", &[format!("Authorization: Bearer {token}")]).await;
    assert_refused(&stage, "query", &[format!("Cookie: a=\"; {SESSION}={token}\"")]).await;
}

#[tokio::test]
async fn other_algorithms_are_refused_also_when_keyed_with_the_public_key() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let good = Jwt::read(&anna.token(ACME).unwrap());
    let keys = stage.gateway.send(ID, "GET /.well-known/jwks.json", &[], "").await.json();
    let published = &keys["keys"][0];
    let pem = public_key_pem(published);
    let jwk = published.to_string();
    let secrets: [Vec<u8>; 6] = [
        public_key(published),
        pem.clone().into_bytes(),
        pem.trim_end().as_bytes().to_vec(),
        format!("\n{pem}").into_bytes(),
        jwk.into_bytes(),
        Vec::new(),
    ];
    for secret in secrets {
        assert_refused(&stage, "HS256", &line(&good.sign_hs256(&secret))).await;
    }
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        assert_refused(&stage, algorithm, &line(&good.unsigned(algorithm))).await;
    }
}

#[tokio::test]
async fn a_token_wrong_in_one_respect_is_refused_although_our_key_signed_it() {
    let stage = Stage::start().await;
    let key = signing_key(&stage.gateway.database()).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let good = Jwt::read(&anna.token(ACME).unwrap());
    let control = stage.gateway.send(ACME, "GET /control", &[&line(&good.sign(&key))[0]], "").await;
    assert_eq!(control.status, 200, "signed again without a change it is good");

    let issuer = stage.url(ID, "");
    let wrong: Vec<(&str, Jwt)> = vec![
        ("another typ", good.clone().header("typ", "JWT".into())),
        ("an assertion's typ", good.clone().header("typ", "bitrix-id-assertion+jwt".into())),
        ("a ticket's typ", good.clone().header("typ", "bitrix-id-ticket+jwt".into())),
        ("an unknown kid", good.clone().header("kid", "nobody".into())),
        ("no kid", good.clone().header("kid", Value::Null)),
        ("a critical extension", good.clone().header("crit", json!(["b64"]))),
        ("another host", good.clone().claim("aud", GLOBEX.into())),
        ("the identity host", good.clone().claim("aud", ID.into())),
        ("a list of hosts", good.clone().claim("aud", json!([ACME, GLOBEX]))),
        ("a prefix of the host", good.clone().claim("aud", "acme.bitrix24".into())),
        ("the portal's id", good.clone().claim("aud", "acme".into())),
        ("another issuer", good.clone().claim("iss", "https://id.evil.example".into())),
        ("an issuer with a slash", good.clone().claim("iss", format!("{issuer}/").into())),
        ("expired", good.clone().shifted(-3600)),
        ("from the future", good.clone().shifted(3600)),
        ("expiry as text", good.clone().claim("exp", "9999999999".into())),
        ("another account", good.clone().claim("sub", "not-a-uuid".into())),
    ];
    for (what, jwt) in wrong {
        assert_refused(&stage, what, &line(&jwt.sign(&key))).await;
    }
    for claim in ["aud", "iss", "exp", "iat", "sub", "sid"] {
        assert_refused(&stage, claim, &line(&good.clone().without(claim).sign(&key))).await;
    }
    assert_refused(&stage, "a stranger's key", &line(&good.sign(&SigningKey::stranger()))).await;
}

#[tokio::test]
async fn a_key_named_in_the_token_is_not_asked() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.acme.forget();
    let good = Jwt::read(&anna.token(ACME).unwrap());
    let stranger = SigningKey::stranger();
    for (name, value) in [
        (
            "jwk",
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
        ),
        ("jku", json!("http://127.0.0.1:1/keys")),
        ("x5u", json!("http://127.0.0.1:1/keys")),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("' OR 1=1 --")),
    ] {
        assert_refused(&stage, name, &line(&good.clone().header(name, value).sign(&stranger)))
            .await;
    }
}

#[tokio::test]
async fn each_of_our_values_is_good_for_its_own_purpose_only() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX]).await;
    let callback = stage.callback_of(&anna.browser, "portal.initech.localhost", "/").await;
    let query: Vec<(String, String)> = url::Url::parse(&callback)
        .unwrap()
        .query_pairs()
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    let assertion = stage.acme.requests().last().unwrap().header("x-bitrix-id-assertion").unwrap();
    let session = anna.browser.jar().value(ID, SESSION).unwrap();
    let token = anna.token(ACME).unwrap();
    stage.acme.forget();
    let foreign = [anna.token(GLOBEX).unwrap(), assertion.clone(), session]
        .into_iter()
        .chain(query.into_iter().map(|(_, value)| value));
    for value in foreign {
        assert_refused(&stage, &value, &line(&value)).await;
    }
    for value in [&token, &assertion] {
        let thief = stage.gateway.browser();
        thief.jar().put(ID, SESSION, value);
        let page = thief.open(&stage.url(ID, "/profile")).await;
        assert!(stage.is_sign_in(&page), "{} {}", page.url, page.status);
    }
}

#[tokio::test]
async fn a_bad_token_does_no_harm_where_none_is_needed() {
    let stage = Stage::empty().await;
    for path in ["/pub/open", "/hook/open", "/maybe/open"] {
        let fields = [format!("Cookie: {TOKEN}=garbage; portal=own")];
        let answer = stage.gateway.send(ACME, &format!("GET {path}"), &[&fields[0]], "").await;
        assert_eq!(answer.status, 200, "{path}");
        let request = stage.acme.only(path);
        assert_eq!(request.all("cookie"), ["portal=own"]);
        assert!(!request.holds("garbage") && request.header("x-bitrix-id-subject").is_none());
    }
}

#[tokio::test]
async fn an_oversized_header_is_refused_over_http2_too() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw_h2(ACME).await;
    let authority = stage.gateway.authority_of(ACME);
    let cookie = format!("{TOKEN}={}", "a".repeat(15_000));
    let mut fields = raw_h2::request("GET", &authority, "/guarded");
    fields.push((b"cookie", cookie.as_bytes()));
    let stream = connection.headers(&fields, true).await.unwrap();
    let end = connection.end_of(stream, STEP).await;
    assert!(end != StreamEnd::Answered(200) && end != StreamEnd::Silent, "{end:?}");
    assert!(!stage.acme.heard_of("/guarded"));
}
