//! The other header presets, and tables of one's own.

use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use bitrix_id_tests::upstream::recorded::Recorded;

/// The request of a signed-in Anna at a portal with `headers` set to this TOML value. The client sends a
/// forged copy of every name of every preset along.
async fn seen_with(headers: &str) -> Recorded {
    let value = headers.to_owned();
    let stage = Stage::with(|setup: &mut Setup| {
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().key("headers", &value);
    })
    .await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut fields = vec![anna.cookie_line(ACME)];
    fields.extend(ALL.iter().map(|name| format!("{name}: forged")));
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let answer = stage.gateway.send(ACME, "GET /seen", &fields, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = stage.acme.only("/seen");
    assert!(!request.holds("forged"), "{}", request.text());
    request
}

/// Panics unless exactly these identity headers are there.
fn assert_exactly(request: &Recorded, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(request.header(name).as_deref(), Some(*value), "{name}: {}", request.text());
    }
    for name in ALL {
        let wanted = expected.iter().any(|(expected, _)| expected.eq_ignore_ascii_case(name));
        assert_eq!(
            request.all_folded(name).len(),
            usize::from(wanted),
            "{name}: {}",
            request.text()
        );
    }
}

const NAME: &str = "Anna%20%C3%85str%C3%B6m";

#[tokio::test]
async fn remote_user() {
    let request = seen_with("\"remote-user\"").await;
    let user = request.header("remote-user").expect("Remote-User");
    assert!(!user.is_empty());
    assert_exactly(
        &request,
        &[("Remote-User", &user), ("Remote-Email", ANNA.email), ("Remote-Name", NAME)],
    );
}

#[tokio::test]
async fn webauth() {
    let request = seen_with("\"webauth\"").await;
    assert!(request.header("x-webauth-user").is_some());
    assert_eq!(request.header("x-webauth-email").as_deref(), Some(ANNA.email));
    assert!(request.header("x-bitrix-id-email").is_none());
}

#[tokio::test]
async fn x_forwarded() {
    let request = seen_with("\"x-forwarded\"").await;
    assert!(request.header("x-forwarded-user").is_some());
    assert_eq!(request.header("x-forwarded-email").as_deref(), Some(ANNA.email));
    assert!(request.header("x-bitrix-id-email").is_none());
}

#[tokio::test]
async fn x_remote_user() {
    let request = seen_with("\"x-remote-user\"").await;
    let user = request.header("x-remote-user").expect("X-Remote-User");
    assert_exactly(&request, &[("X-Remote-User", &user)]);
}

#[tokio::test]
async fn none() {
    assert_exactly(&seen_with("\"none\"").await, &[]);
}

#[tokio::test]
async fn a_table_of_ones_own() {
    let request =
        seen_with("{ \"X-User\" = \"{email}\", \"X-Who\" = \"<{name}> at {portal}\", \"X-Roles\" = \"{roles}\" }").await;
    assert_exactly(&request, &[]);
    assert_eq!(request.header("x-user").as_deref(), Some(ANNA.email));
    assert_eq!(request.header("x-who"), Some(format!("<{NAME}> at acme")));
}

#[tokio::test]
async fn a_configured_name_is_stripped_in_every_spelling_on_every_portal() {
    let stage = Stage::with(|setup| {
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().key("headers", "{ \"X-Our-User\" = \"{email}\" }");
    })
    .await;
    let fields =
        ["X-Our-User: forged", "X_Our_User: forged", "x-our_user: forged", "X.Our.User: forged"];
    for (host, upstream) in [(ACME, &stage.acme), (bitrix_id_tests::stage::GLOBEX, &stage.globex)] {
        stage.gateway.send(host, "GET /pub/custom", &fields, "").await;
        let request = upstream.only("/pub/custom");
        assert!(!request.holds("forged"), "{host}: {}", request.text());
    }
}

/// Every name of every preset.
const ALL: &[&str] = &[
    "X-Bitrix-Id-Subject",
    "X-Bitrix-Id-Email",
    "X-Bitrix-Id-Name",
    "X-Bitrix-Id-Portal",
    "X-Bitrix-Id-Portal-User",
    "X-Bitrix-Id-Roles",
    "X-Bitrix-Id-Session",
    "X-Bitrix-Id-Assertion",
    "Remote-User",
    "Remote-Email",
    "Remote-Name",
    "Remote-Groups",
    "X-Webauth-User",
    "X-Webauth-Email",
    "X-Webauth-Name",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Remote-User",
];
