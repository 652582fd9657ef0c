//! Who you are, as a portal's upstream hears it.

use bitrix_id_tests::jwt::verify;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, GLOBEX, ID, Stage};
use bitrix_id_tests::upstream::recorded::Recorded;
use serde_json::Value;

async fn keys(stage: &Stage) -> Value {
    stage.gateway.send(ID, "GET /.well-known/jwks.json", &[], "").await.json()
}

async fn as_anna(stage: &Stage, path: &str) -> Recorded {
    let anna = stage.signed_in(&ANNA, ACME).await;
    let answer =
        stage.gateway.send(ACME, &format!("GET {path}"), &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200);
    stage.acme.only(path)
}

#[tokio::test]
async fn the_default_preset_says_who_is_there() {
    let stage = Stage::start().await;
    let request = as_anna(&stage, "/who").await;
    let value =
        |name: &str| request.header(name).unwrap_or_else(|| panic!("{name}: {}", request.text()));
    assert_eq!(value("X-Bitrix-Id-Email"), ANNA.email);
    assert_eq!(value("X-Bitrix-Id-Portal"), "acme");
    assert_eq!(value("X-Bitrix-Id-Name"), "Anna%20%C3%85str%C3%B6m");
    assert_eq!(value("X-Bitrix-Id-Subject").len(), 36);
    assert_eq!(value("X-Bitrix-Id-Session").len(), 36);
    for absent in ["X-Bitrix-Id-Portal-User", "X-Bitrix-Id-Roles"] {
        assert_eq!(request.header(absent), None, "she has none, so there is none");
    }
}

#[tokio::test]
async fn the_assertion_verifies_and_says_the_same() {
    let stage = Stage::start().await;
    let request = as_anna(&stage, "/who").await;
    let jwt = verify(&request.header("x-bitrix-id-assertion").unwrap(), &keys(&stage).await);
    assert_eq!(jwt.header["typ"], "bitrix-id-assertion+jwt");
    assert_eq!(jwt.claims["aud"], "acme");
    assert_eq!(jwt.claims["iss"], stage.url(ID, ""));
    for (claim, header) in
        [("sub", "subject"), ("email", "email"), ("sid", "session"), ("portal", "portal")]
    {
        let said = request.header(&format!("x-bitrix-id-{header}"));
        if jwt.claims.get(claim).is_some() {
            assert_eq!(jwt.claims[claim].as_str(), said.as_deref(), "{claim}");
        }
    }
    let lives = jwt.claims["exp"].as_i64().unwrap() - jwt.claims["iat"].as_i64().unwrap();
    assert!((1..=300).contains(&lives), "{lives} s");
}

#[tokio::test]
async fn the_assertion_is_signed_once_per_session_and_portal() {
    let stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX]).await;
    for _ in 0..5 {
        stage.gateway.send(ACME, "GET /again", &[&anna.cookie_line(ACME)], "").await;
    }
    let seen = stage.acme.marked("/again");
    let first = seen[0].header("x-bitrix-id-assertion");
    assert!(
        first.is_some()
            && seen.iter().all(|request| request.header("x-bitrix-id-assertion") == first)
    );
    let elsewhere = stage.globex.requests().pop().unwrap().header("x-bitrix-id-assertion");
    assert_ne!(elsewhere, first);
    let other = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.send(ACME, "GET /other-browser", &[&other.cookie_line(ACME)], "").await;
    assert_ne!(stage.acme.only("/other-browser").header("x-bitrix-id-assertion"), first);
}

#[tokio::test]
async fn public_and_own_auth_routes_carry_no_identity() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for path in ["/pub/page", "/hook/page"] {
        stage.gateway.send(ACME, &format!("GET {path}"), &[&anna.cookie_line(ACME)], "").await;
        let request = stage.acme.only(path);
        assert!(!request.text().to_lowercase().contains("x-bitrix-id-"), "{}", request.text());
    }
}

#[tokio::test]
async fn an_optional_route_carries_identity_exactly_when_there_is_one() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.send(ACME, "GET /maybe/signed-in", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(
        stage.acme.only("/maybe/signed-in").header("x-bitrix-id-email").as_deref(),
        Some(ANNA.email)
    );
    stage.gateway.send(ACME, "GET /maybe/nobody", &[], "").await;
    assert!(!stage.acme.only("/maybe/nobody").text().to_lowercase().contains("x-bitrix-id-"));
}

#[tokio::test]
async fn someone_without_a_profile_is_named_on_a_route_for_anyone_signed_in() {
    let stage = Stage::with_people(&[BORIS]).await;
    let boris = stage.visitor_on(&BORIS, &[ACME, GLOBEX]).await;
    stage.gateway.send(GLOBEX, "GET /anyone/x", &[&boris.cookie_line(GLOBEX)], "").await;
    let request = stage.globex.only("/anyone/x");
    assert_eq!(request.header("x-bitrix-id-email").as_deref(), Some(BORIS.email));
    assert_eq!(request.header("x-bitrix-id-portal").as_deref(), Some("globex"));
}

#[tokio::test]
async fn a_request_id_reaches_the_upstream_and_the_log() {
    let stage = Stage::empty().await;
    stage.gateway.send(ACME, "GET /pub/numbered", &["X-Request-Id: mine\" }"], "").await;
    let id = stage.acme.only("/pub/numbered").header("x-request-id").expect("a request id");
    assert!(!id.contains('"') && !id.is_empty());
    let line = stage.gateway.logged("/pub/numbered").await;
    assert_eq!(line["request_id"].as_str(), Some(id.as_str()));
}
