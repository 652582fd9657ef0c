//! Answers that do not hold: nobody is signed in, nothing is linked, one event is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::oauth::fetch::FetchError;
use ring::hmac;
use serde_json::{Value, json};

use super::provider::{new_pair, sign};
use super::*;

/// Goes there and back, and gives the reason in the audit table.
async fn refused(scene: &Scene, fake: &Fake, status: StatusCode) -> String {
    let before = scene.audited().await.len();
    let mut browser = scene.browser();
    let answer = browser.social(fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(!browser.is_signed_in());
    assert!(scene.linked("7").await.is_none());
    assert_eq!(scene.sessions().await, 0);
    assert!(scene.hub.directory.account_by_email(ANNA).await.unwrap().is_none());
    let audited = scene.audited().await;
    assert_eq!(audited.len(), before + 1, "one event: {audited:?}");
    let (action, detail) = audited.last().unwrap().clone();
    assert_eq!(action, "sign_in.failed");
    detail
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    if claims[name].is_null() {
        claims.as_object_mut().unwrap().remove(name);
    }
    claims
}

#[tokio::test]
async fn claims_that_are_wrong_or_missing_sign_nobody_in() {
    let (scene, fake) = scene().await;
    let now = scene.clock.now();
    for (name, value, reason) in [
        ("iss", json!("https://evil.example"), "id_token_issuer"),
        ("iss", Value::Null, "id_token_claims"),
        ("aud", json!("another-client"), "id_token_audience"),
        ("aud", json!(["bitrix-id", "another-client"]), "id_token_azp"),
        ("azp", json!("another-client"), "id_token_azp"),
        ("sub", Value::Null, "id_token_claims"),
        ("nonce", json!("another"), "id_token_nonce"),
        ("nonce", Value::Null, "id_token_nonce"),
        ("exp", json!(now - 31), "id_token_expired"),
        ("iat", json!(now + 31), "id_token_ahead"),
    ] {
        *fake.token.lock().unwrap() =
            Some(Box::new(move |fake, claims| fake.sign(&with(&claims, name, value.clone()))));
        let told = refused(&scene, &fake, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, format!("login {reason}"), "{name}");
    }
}

#[tokio::test]
async fn signatures_that_are_not_the_provider_s_sign_nobody_in() {
    let (scene, fake) = scene().await;
    let header = |alg: &str| json!({"alg": alg, "kid": "k1", "typ": "JWT"});
    let input = |header: &Value, claims: &Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(header), part(claims))
    };
    type Make = Box<dyn Fn(&Fake, Value) -> String + Send + Sync>;
    let cases: Vec<(Make, &str)> = vec![
        (Box::new(move |_, c| sign(&new_pair(), &header("EdDSA"), &c)), "id_token_signature"),
        (Box::new(move |fake, c| format!("{}x", fake.sign(&c))), "id_token_malformed"),
        (Box::new(move |_, c| format!("{}.", input(&header("none"), &c))), "id_token_malformed"),
        (
            Box::new(move |_, c| {
                let text = input(&header("HS256"), &c);
                let key = hmac::Key::new(hmac::HMAC_SHA256, b"a client secret");
                let mac = hmac::sign(&key, text.as_bytes());
                format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))
            }),
            "id_token_algorithm",
        ),
        (
            Box::new(move |fake, c| sign(&fake.pair, &json!({"alg": "EdDSA", "kid": "k2"}), &c)),
            "id_token_key",
        ),
        (
            Box::new(move |fake, c| {
                sign(&fake.pair, &json!({"alg": "EdDSA", "kid": "k1", "crit": ["x"], "x": 1}), &c)
            }),
            "id_token_extension",
        ),
    ];
    for (make, reason) in cases {
        *fake.token.lock().unwrap() = Some(make);
        let told = refused(&scene, &fake, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, format!("login {reason}"));
    }
}

#[tokio::test]
async fn a_key_that_is_new_is_looked_for_once() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    browser.social(&fake, "login", &Who::nameless("1")).await;
    scene.clock.advance(60);
    *fake.token.lock().unwrap() = Some(Box::new(|fake, claims| {
        sign(&fake.pair, &json!({"alg": "EdDSA", "kid": "k2"}), &claims)
    }));
    let before = fake.asked.lock().unwrap().len();
    refused(&scene, &fake, StatusCode::BAD_REQUEST).await;
    refused(&scene, &fake, StatusCode::BAD_REQUEST).await;
    let asked = fake.asked.lock().unwrap()[before..].to_vec();
    assert_eq!(asked.iter().filter(|path| *path == "/jwks").count(), 1, "{asked:?}");
}

#[tokio::test]
async fn answers_of_the_endpoints_that_are_none_sign_nobody_in() {
    for (path, answer, status, reason) in [
        ("/token", Ok(json!({"error": "invalid_grant"})), 400, "denied"),
        ("/token", Ok(json!({"error": "invalid_client"})), 503, "misconfigured"),
        ("/token", Ok(json!("no object")), 400, "tokens_malformed"),
        ("/token", Ok(json!({"access_token": "x", "token_type": "mac"})), 400, "token_type"),
        (
            "/token",
            Ok(json!({"access_token": "x", "token_type": "Bearer"})),
            400,
            "id_token_missing",
        ),
        ("/token", Err(FetchError::Answer), 400, "answer_too_large"),
        ("/token", Err(FetchError::Address), 400, "address_not_allowed"),
        ("/token", Err(FetchError::Unreachable("slow".into())), 503, "unreachable"),
        ("/jwks", Ok(json!({})), 400, "keys_malformed"),
        ("/jwks", Err(FetchError::Unreachable("down".into())), 503, "unreachable"),
    ] {
        let (scene, fake) = scene().await;
        *fake.answers.lock().unwrap() =
            Some(Box::new(move |asked| (asked == path).then(|| answer.clone())));
        let told = refused(&scene, &fake, status.try_into().unwrap()).await;
        assert_eq!(told, format!("login {reason}"), "{path}");
    }
}

#[tokio::test]
async fn another_subject_s_userinfo_is_refused() {
    for sub in [json!("8"), Value::Null, json!(7)] {
        let (scene, fake) = scene().await;
        let about = json!({"sub": sub, "email": ANNA, "email_verified": true});
        *fake.answers.lock().unwrap() =
            Some(Box::new(move |asked| (asked == "/me").then(|| Ok(about.clone()))));
        let mut browser = scene.browser();
        let answer = browser.social(&fake, "login", &Who::nameless("7")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(scene.audited().await.last().unwrap().1, "login userinfo_subject");
        assert_eq!(scene.sessions().await, 0);
    }
}

#[tokio::test]
async fn a_word_counts_on_the_boolean_true_alone() {
    for verified in
        [json!("true"), json!(1), Value::Null, json!([true]), json!(false), json!("false")]
    {
        let (scene, fake) = scene().await;
        let who = Who { sub: "7", claims: json!({"email": ANNA, "email_verified": verified}) };
        let mut browser = scene.browser();
        let answer = browser.social(&fake, "login", &who).await;
        assert_eq!(answer.location(), url(ID, "/welcome"), "{verified}");
        assert!(!browser.is_signed_in());
        assert!(scene.hub.directory.account_by_email(ANNA).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_leads_nowhere() {
    let (scene, fake) = scene().await;
    *fake.answers.lock().unwrap() = Some(Box::new(|asked| {
        (asked == "/.well-known/openid-configuration").then(|| {
            Ok(json!({"issuer": "https://evil.example",
                "authorization_endpoint": "https://evil.example/auth",
                "token_endpoint": "https://evil.example/token",
                "jwks_uri": "https://evil.example/jwks"}))
        })
    }));
    let answer = scene.browser().get(ID, "/social/login/start").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.text.contains("evil.example"));
    assert_eq!(scene.audited().await.last().unwrap().1, "login misconfigured");
}

#[tokio::test]
async fn a_provider_that_is_down_leaves_the_other_ways_open() {
    let (scene, fake) = scene().await;
    *fake.answers.lock().unwrap() =
        Some(Box::new(|_| Some(Err(FetchError::Unreachable("down".into())))));
    let mut browser = scene.browser();
    let answer = browser.get(ID, "/social/login/start").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(answer.text.contains("href=\"/sign-in\""));
    scene.account(ANNA, &[]).await;
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn who_cancels_there_is_back_at_the_sign_in_page() {
    let (scene, _fake) = scene().await;
    let mut browser = scene.browser();
    let sign_in = browser.leave(ACME, "/crm/");
    let state = sign_in.split_once("state=").unwrap().1;
    let left = browser.get(ID, &format!("/social/login/start?state={state}")).await;
    let question = ::url::Url::parse(&left.location()).unwrap();
    let trip = question.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let back = format!("/social/login/callback?state={trip}&error=access_denied");
    let answer = browser.get(ID, &back).await;
    assert_eq!(answer.location(), url(ID, &sign_in));
    let page = browser.open(&answer.location()).await;
    assert!(
        page.text.contains("finish at Login") && page.text.contains("Acme Inc."),
        "{}",
        page.text
    );
    assert_eq!(scene.audited().await.last().unwrap().1, "login cancelled");
    let again = browser.get(ID, &back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "spent all the same");
}

#[tokio::test]
async fn an_error_together_with_a_code_is_an_error() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let left = browser.get(ID, "/social/login/start").await;
    let back = fake.consent(&left.location(), &Who::verified("7", ANNA));
    let answer = browser.get(ID, &format!("{back}&error=server_error")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!browser.is_signed_in());
    assert!(!fake.asked.lock().unwrap().iter().any(|path| path == "/token"));
}

#[tokio::test]
async fn an_answer_from_another_issuer_is_refused_before_the_code_is_sent() {
    for iss in ["https://hint.example", "", "https://login.example/"] {
        let (scene, fake) = scene().await;
        let mut browser = scene.browser();
        let left = browser.get(ID, "/social/login/start").await;
        let back = fake.consent(&left.location(), &Who::verified("7", ANNA));
        let back = back.replace("https://login.example", iss);
        let answer = browser.get(ID, &back).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{iss}");
        assert_eq!(scene.audited().await.last().unwrap().1, "login response_issuer");
        assert!(!fake.asked.lock().unwrap().iter().any(|path| path == "/token"));
    }
}
