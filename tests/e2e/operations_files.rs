//! What `docker/` holds for those who run a gateway, held against a gateway that runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bitrix_id_tests::cli;
use bitrix_id_tests::pki::Authority;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A metric as a query names it: with the labels it asks for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    metric: String,
    labels: Vec<String>,
}

/// The gateway's metrics in a text of queries.
fn metrics_in(text: &str) -> BTreeSet<Named> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_name) {
        let (name, after) = split_while(&rest[at..], is_name);
        let selector = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        if ["bitrix_id_", "process_"].iter().any(|prefix| name.starts_with(prefix)) {
            let labels = selector.map(|(inner, _)| labels_in(inner)).unwrap_or_default();
            found.insert(Named { metric: name.to_owned(), labels });
        }
        rest = after;
    }
    found
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !keep(c)).unwrap_or(text.len()))
}

/// `job` and `instance` are given by Prometheus itself.
fn labels_in(selector: &str) -> Vec<String> {
    let names = selector.split(',').filter_map(|part| part.split(['=', '!']).next());
    let names = names.map(|name| name.trim().to_owned());
    names.filter(|name| !["job", "instance", ""].contains(&name.as_str())).collect()
}

/// Every query of the dashboard.
fn queries_of(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| queries_of(item, found)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if ["expr", "query"].contains(&key.as_str()) => {
                        found.push(text.clone());
                    }
                    other => queries_of(other, found),
                }
            }
        }
        _ => {}
    }
}

/// A gateway that has something to show in every family: answers, a dead upstream, a portal that is told of things.
async fn exposition() -> String {
    let stage = Stage::with(|setup| {
        std::fs::write(setup.folder().join("secret"), "a secret of at least 24 characters")
            .unwrap();
        let webhook = "{ url = \"http://127.0.0.1:9/hook\", secret_file = \"secret\" }";
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().key("webhook", webhook);
        let dead = [("upstreams", "[\"http://127.0.0.1:9\"]")];
        *acme = acme.clone().route_with("/dead/", "public", &dead);
    })
    .await;
    let _anna = stage.signed_in(&ANNA, ACME).await;
    stage.gateway.send(ACME, "GET /dead/x", &[], "").await;
    until(STEP, "the queues are measured", || async {
        let metrics = stage.gateway.metrics().await;
        metrics.contains("bitrix_id_notice_queue_depth{")
            && metrics.contains("bitrix_id_certificate_expiry_timestamp_seconds ")
    })
    .await;
    stage.gateway.metrics().await
}

#[tokio::test]
async fn every_metric_that_alerts_and_dashboard_ask_for_is_served_with_its_labels() {
    let alerts = read("docker/prometheus/alerts.yml");
    let tests = read("docker/prometheus/alerts.test.yml");
    let dashboard: Value =
        serde_json::from_str(&read("docker/grafana/dashboards/bitrix-id.json")).expect("JSON");
    let mut queries = Vec::new();
    queries_of(&dashboard, &mut queries);
    assert!(queries.len() > 30, "the dashboard has queries: {queries:?}");
    let mut named = metrics_in(&alerts);
    named.extend(metrics_in(&tests));
    named.extend(queries.iter().flat_map(|query| metrics_in(query)));
    assert!(named.len() > 40, "they are found: {named:?}");

    let served = exposition().await;
    let shows = |Named { metric, labels }: &Named| {
        let of_metric = |line: &&str| {
            line.strip_prefix(metric.as_str()).is_some_and(|rest| rest.starts_with(['{', ' ']))
        };
        let has = |line: &str, label: &String| {
            line.contains(&format!("{{{label}=\"")) || line.contains(&format!(",{label}=\""))
        };
        served.lines().filter(of_metric).any(|line| labels.iter().all(|label| has(line, label)))
    };
    let missing: Vec<_> = named.iter().filter(|named| !shows(named)).collect();
    assert!(missing.is_empty(), "not served: {missing:#?}\n{served}");
}

#[test]
fn every_runbook_leads_to_a_section() {
    let alerts = read("docker/prometheus/alerts.yml");
    let runbooks: Vec<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("runbook: ")).collect();
    assert_eq!(runbooks.len(), alerts.matches("- alert: ").count(), "each alert has one");
    for runbook in runbooks {
        let (file, section) = runbook.split_once('#').unwrap_or((runbook, ""));
        let text = read(file);
        let mut sections = text.lines().filter(|line| line.starts_with('#')).map(anchor);
        assert!(section.is_empty() || sections.any(|found| found == section), "{runbook}");
    }
}

/// As Markdown's readers make it of a heading.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[tokio::test]
async fn the_configuration_of_the_containers_has_no_problems() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("secrets");
    std::fs::create_dir_all(folder.path().join("portals.d")).unwrap();
    std::fs::create_dir_all(&secrets).unwrap();
    let authority = Authority::new("A test's authority");
    authority.issue(&["bitrix24.localhost"]).write(&secrets, "tls");
    std::fs::rename(secrets.join("tls.pem"), secrets.join("tls_chain")).unwrap();
    std::fs::rename(secrets.join("tls-key.pem"), secrets.join("tls_key")).unwrap();
    std::fs::write(secrets.join("ca"), authority.pem()).unwrap();
    for password in ["postgres_password", "redis_password"] {
        std::fs::write(secrets.join(password), "0123456789abcdef").unwrap();
    }
    let samples = read("docker/gateway/portals.d/samples.toml");
    std::fs::write(folder.path().join("portals.d/samples.toml"), samples).unwrap();
    let text = read("docker/gateway/bitrix-id.toml")
        .replace("/run/secrets/", &format!("{}/", secrets.display()))
        .replace("/run/bitrix-id", &folder.path().join("run").display().to_string());
    let file = folder.path().join("bitrix-id.toml");
    std::fs::write(&file, text).unwrap();
    let checked = cli::run(&["check", "--config", file.to_str().unwrap()], "", &[]).await;
    // A version without PostgreSQL or Redis refuses [store], and must find nothing else.
    let whole = !checked.stdout.contains("this version does not speak");
    let mut problems = checked.stdout.lines().filter(|line| line.contains(".toml:"));
    let other = problems.find(|line| whole || !line.contains("store"));
    assert_eq!(other, None, "{}", checked.stdout);
}

#[test]
fn metrics_are_found_in_queries() {
    let query = "sum by (portal) (rate(bitrix_id_requests_total{job=\"x\", portal=~\"a\", \
                 status_class!=\"5xx\"}[5m])) / process_open_fds > my_process_thing";
    let expected = [
        Named {
            metric: "bitrix_id_requests_total".to_owned(),
            labels: vec!["portal".to_owned(), "status_class".to_owned()],
        },
        Named { metric: "process_open_fds".to_owned(), labels: Vec::new() },
    ];
    assert_eq!(metrics_in(query), expected.into_iter().collect());
}

/// What the image is built from first: the workspace's manifests, and crates without code.
#[test]
fn the_image_is_built_from_the_whole_workspace() {
    let dockerfile = read("docker/Dockerfile");
    let (first_layer, _) = dockerfile.split_once("RUN docker/empty-crates.sh").unwrap();
    let context = read(".dockerignore");
    let folder = tempfile::tempdir().unwrap();
    for line in first_layer.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let to = folder.path().join(words.pop().unwrap());
        for from in words {
            let in_context = match from.split_once('/') {
                Some((_, "Cargo.toml")) => "*/Cargo.toml",
                _ => from,
            };
            assert!(context.lines().any(|line| line == format!("!{in_context}")), "{from}");
            std::fs::create_dir_all(&to).unwrap();
            let name = Path::new(from).file_name().unwrap();
            std::fs::copy(repository().join(from), to.join(name)).unwrap();
        }
    }
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        let done = command.args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    run("sh", &["docker/empty-crates.sh"]);
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let found =
        run(&cargo, &["metadata", "--locked", "--offline", "--no-deps", "--format-version=1"]);
    let found: Value = serde_json::from_slice(&found).unwrap();
    let members = read("Cargo.toml");
    let members = members.lines().find_map(|line| line.strip_prefix("members = ")).unwrap();
    let count = found["packages"].as_array().unwrap().len();
    assert_eq!(count, members.split(',').count(), "{members}");
}
