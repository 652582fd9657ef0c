//! Notices to portals: the real binary, and a receiver that verifies as the documentation says.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::poll::{STEP, eventually, until};
use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage};
use bitrix_id_tests::upstream::Recorder;
use bitrix_id_tests::upstream::recorded::Recorded;
use serde_json::Value;

const SECRET: &str = "the first secret of at least 32 characters";
const NEW_SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A gateway whose portal acme is told everything, at this path of its receiver.
async fn stage(receiver: &Recorder, path: &str) -> Stage {
    let url = format!("{}{path}", receiver.url());
    Stage::with(|setup: &mut Setup| {
        setup.people.clear();
        std::fs::write(setup.folder().join("webhook-secret"), SECRET).unwrap();
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().key("webhook", &webhook(&url));
    })
    .await
}

fn webhook(url: &str) -> String {
    format!("{{ url = \"{url}\", secret_file = \"webhook-secret\" }}")
}

async fn told(receiver: &Recorder, at_least: usize) -> Vec<Recorded> {
    eventually(STEP, "the notices", || async {
        let came = receiver.marked("webhook-id");
        (came.len() >= at_least).then_some(came)
    })
    .await
}

fn types(came: &[Recorded]) -> Vec<String> {
    came.iter().map(|one| body(one)["type"].as_str().unwrap().to_owned()).collect()
}

fn body(came: &Recorded) -> Value {
    serde_json::from_slice(&came.body).unwrap_or_else(|error| panic!("{error}: {came:?}"))
}

/// The Python recipe of the documentation, on a request as it came.
fn is_genuine(came: &Recorded, body: &[u8], secret: &str) -> Option<bool> {
    let docs = include_str!("../../docs/portal-integration.md");
    let (_, rest) = docs.split_once("### Verifying in Python").unwrap();
    let recipe = rest.split_once("```python\n").unwrap().1.split("```").next().unwrap();
    let headers: serde_json::Map<String, Value> = came
        .headers()
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), value.into()))
        .collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let script = format!(
        "{recipe}\nimport json\nprint(is_genuine(json.loads({:?}), bytes({body:?}), {secret:?}, {now}))\n",
        Value::Object(headers).to_string()
    );
    let python =
        Command::new("python3").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut python = python.ok()?;
    python.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let said = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap();
    Some(match said.trim() {
        "True" => true,
        "False" => false,
        other => panic!("python3 said {other:?}"),
    })
}

#[tokio::test]
async fn a_portal_hears_of_its_people_in_order_and_can_tell_who_says_so() {
    let receiver = Recorder::start("receiver").await;
    let stage = stage(&receiver, "/hook").await;
    stage.gateway.create_account(&ANNA).await;
    told(&receiver, 1).await;
    let visitor = stage.anna_on(&[ACME]).await;
    let page = visitor.browser.open(&stage.url(ID, "/sign-out")).await;
    visitor.browser.send(&page, &page.form("/sign-out"), &[]).await;
    told(&receiver, 2).await;
    let _ = stage.gateway.cli(&["account", "delete", ANNA.email], "").await.expect_success();
    let came = told(&receiver, 3).await;
    assert_eq!(types(&came), ["account.joined", "sessions.ended", "account.unjoined"]);
    let first = body(&came[0]);
    assert_eq!((&first["portal"], &first["data"]["email"]), (&"acme".into(), &ANNA.email.into()));
    assert_eq!(first["data"]["name"], ANNA.name);
    assert!(came.iter().all(|one| body(one)["subject"] == first["subject"]));
    assert_eq!(came[0].header("webhook-id").as_deref(), first["id"].as_str());
    for secret in ["password", "argon2", ANNA.password] {
        assert!(came.iter().all(|one| !one.holds(secret)), "{secret}");
    }
    if let Some(genuine) = is_genuine(&came[0], &came[0].body, SECRET) {
        assert!(genuine);
        assert_eq!(is_genuine(&came[0], &came[0].body, NEW_SECRET), Some(false));
        let forged = String::from_utf8(came[0].body.clone()).unwrap().replace("joined", "joineD");
        assert_eq!(is_genuine(&came[0], forged.as_bytes(), SECRET), Some(false));
    }
}

#[tokio::test]
async fn a_notice_that_was_not_taken_comes_again_to_the_new_address_with_the_new_secret() {
    let receiver = Recorder::start("receiver").await;
    let mut stage = stage(&receiver, "/hook/do/status/500").await;
    stage.gateway.create_account(&ANNA).await;
    let refused = told(&receiver, 1).await;
    stage.gateway.stop().await;

    // Also across a restart, and without waiting for its time.
    let mut config = stage.gateway.config();
    let acme = config.portal_mut("acme").clone();
    config.remove_portal("acme");
    let text = acme.render().replace("/hook/do/status/500", "/hook");
    config.tail(&text);
    stage.gateway.write_config(config);
    let secrets = format!("{NEW_SECRET}\n{SECRET}\n");
    std::fs::write(stage.gateway.folder().join("webhook-secret"), secrets).unwrap();
    stage.gateway.start_again().await;
    let id = refused[0].header("webhook-id").unwrap();
    let _ = stage.gateway.cli(&["notice", "retry", &id], "").await;
    let came = eventually(STEP, "the notice", || async {
        receiver.marked("webhook-id").into_iter().find(|one| one.target() == "/hook")
    })
    .await;
    assert_eq!(came.header("webhook-id").as_deref(), Some(id.as_str()));
    assert_eq!(came.body, refused[0].body);
    for secret in [NEW_SECRET, SECRET] {
        assert_ne!(is_genuine(&came, &came.body, secret), Some(false));
    }
    until(STEP, "the queue is empty", || async {
        let listed = stage.gateway.cli(&["notice", "list", "--json"], "").await.expect_success();
        listed.stdout.trim() == "[]"
    })
    .await;
}

#[tokio::test]
async fn what_a_portal_wants_no_more_of_is_a_dead_letter_for_the_operator() {
    let receiver = Recorder::start("receiver").await;
    let stage = stage(&receiver, "/hook/do/status/410").await;
    stage.gateway.create_account(&ANNA).await;
    let dead = eventually(STEP, "a dead letter", || async {
        let listed = stage.gateway.cli(&["notice", "list", "--dead", "--json"], "").await;
        let listed: Value = serde_json::from_str(&listed.expect_success().stdout).unwrap();
        listed.get(0).cloned()
    })
    .await;
    assert_eq!((&dead["last_error"], &dead["portal"]), (&"answered 410".into(), &"acme".into()));
    until(Duration::from_secs(10), "the metric", || async {
        let line = "bitrix_id_notice_queue_depth{portal=\"acme\",state=\"dead\"} 1";
        stage.gateway.metrics().await.contains(line)
    })
    .await;
    let _ = stage.gateway.cli(&["notice", "drop", "--portal", "acme"], "").await.expect_success();
    let listed = stage.gateway.cli(&["notice", "list", "--dead", "--json"], "").await;
    assert_eq!(listed.expect_success().stdout.trim(), "[]");
}
