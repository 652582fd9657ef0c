//! The configuration changes while the gateway runs: all of it, or nothing.

use std::path::Path;
use std::time::Duration;

use bitrix_id_tests::config_text::{ConfigText, PortalText};
use bitrix_id_tests::gateway::{Setup, TestGateway};
use bitrix_id_tests::load::Load;
use bitrix_id_tests::logs::sample;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::ports::PortLease;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, Stage};
use bitrix_id_tests::upstream::Recorder;
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(5);

/// A configuration in which `/pub/` of `acme` is closed.
fn closed(config: &ConfigText) -> ConfigText {
    let mut changed = config.clone();
    let acme = changed.portal_mut("acme");
    *acme = acme.clone().route("/pub/now-closed/", "deny");
    changed
}

async fn status(gateway: &TestGateway, path: &str) -> u16 {
    gateway.send(ACME, &format!("GET {path}"), &[], "").await.status
}

async fn wait_closed(gateway: &TestGateway) {
    until(LIMIT, "the new rule is in force", || async {
        status(gateway, "/pub/now-closed/x").await == 403
    })
    .await;
}

#[tokio::test]
async fn a_file_written_in_place_takes_effect_by_itself() {
    let mut stage = Stage::empty().await;
    assert_eq!(status(&stage.gateway, "/pub/now-closed/x").await, 200);
    let changed = closed(&stage.gateway.config());
    let before = stage.gateway.status().await;
    stage.gateway.write_config(changed);
    wait_closed(&stage.gateway).await;
    let after = stage.gateway.status().await;
    assert!(after["generation"].as_u64() > before["generation"].as_u64());
    assert_ne!(after["hash"], before["hash"]);
    assert!(after["loaded_at"].as_i64() >= before["loaded_at"].as_i64());
    let generation =
        sample(&stage.gateway.metrics().await, "bitrix_id_config_generation", &[]).unwrap();
    assert_eq!(Some(generation as u64), after["generation"].as_u64());
}

#[tokio::test]
async fn a_file_renamed_into_place_takes_effect_by_itself() {
    let stage = Stage::empty().await;
    let next = stage.gateway.folder().join("gateway.toml.new");
    std::fs::write(&next, closed(&stage.gateway.config()).render()).unwrap();
    std::fs::rename(&next, stage.gateway.config_path()).unwrap();
    wait_closed(&stage.gateway).await;
}

#[tokio::test]
async fn a_swapped_symbolic_link_takes_effect_as_kubernetes_writes_it() {
    let upstream = Recorder::start("acme").await;
    let mut setup = Setup::new(ID);
    setup.names = vec!["*.bitrix24.localhost".into()];
    setup.config.portal(PortalText::new("acme", ACME, &upstream.url()).route("/pub/", "public"));
    let mut gateway = setup.prepare();
    let folder = gateway.folder().to_owned();
    let version = |name: &str, config: &ConfigText| {
        let data = folder.join(name);
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("gateway.toml"), config.render()).unwrap();
        for file in ["tls.pem", "tls-key.pem"] {
            std::fs::copy(folder.join(file), data.join(file)).unwrap();
        }
    };
    version("..v1", &gateway.config());
    std::os::unix::fs::symlink("..v1", folder.join("..data")).unwrap();
    std::fs::remove_file(folder.join("gateway.toml")).unwrap();
    std::os::unix::fs::symlink("..data/gateway.toml", folder.join("gateway.toml")).unwrap();
    gateway.start_again().await;
    assert_eq!(status(&gateway, "/pub/now-closed/x").await, 200);

    version("..v2", &closed(&gateway.config()));
    std::os::unix::fs::symlink("..v2", folder.join("..data_tmp")).unwrap();
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    std::fs::remove_dir_all(folder.join("..v1")).unwrap();
    wait_closed(&gateway).await;
}

#[tokio::test]
async fn a_post_to_the_admin_listener_reloads_and_answers_when_it_is_done() {
    let mut stage = Stage::empty().await;
    let changed = closed(&stage.gateway.config());
    stage.gateway.write_config(changed);
    let answer = stage.gateway.admin("POST", "/config/reload").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        status(&stage.gateway, "/pub/now-closed/x").await,
        403,
        "in force when the answer is there"
    );
}

#[tokio::test]
async fn a_hangup_signal_reloads() {
    let stage = Stage::empty().await;
    let before = stage.gateway.generation().await;
    stage.gateway.process().signal(Signal::HUP);
    stage.gateway.wait_generation_after(before).await;
    assert_eq!(status(&stage.gateway, "/pub/x").await, 200);
}

#[tokio::test]
async fn files_that_an_operator_had_read_are_not_read_again_by_themselves() {
    let mut stage = Stage::empty().await;
    let before = stage.gateway.generation().await;
    let changed = closed(&stage.gateway.config());
    stage.gateway.write_config(changed);
    assert_eq!(stage.gateway.admin("POST", "/config/reload").await.status, 200);
    // Longer than it takes to notice a file, let it settle and read it.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(stage.gateway.generation().await, before + 1);
}

#[tokio::test]
async fn an_included_file_belongs_to_the_configuration_also_a_new_one() {
    let extra = Recorder::start("extra").await;
    let url = extra.url();
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.include("portals.d/*.toml");
        std::fs::create_dir(setup.folder().join("portals.d")).unwrap();
    })
    .await;
    let host = "late.wild.localhost";
    assert_eq!(stage.gateway.send(host, "GET /", &[], "").await.status, 404);
    let file = stage.gateway.folder().join("portals.d/late.toml");
    std::fs::write(&file, PortalText::new("late", host, &url).key("access", "\"public\"").render())
        .unwrap();
    until(LIMIT, "the new portal answers", || async {
        stage.gateway.send(host, "GET /", &[], "").await.status == 200
    })
    .await;
    std::fs::remove_file(&file).unwrap();
    until(LIMIT, "it is gone again", || async {
        stage.gateway.send(host, "GET /", &[], "").await.status == 404
    })
    .await;
}

/// Ways to break a file, and a word that the message must hold.
const BROKEN: &[(&str, &str)] = &[
    ("\n[[portal]\n", "gateway.toml"),
    ("\n[surprise]\nkey = 1\n", "surprise"),
    (
        "\n[[portal]]\nid = \"acme\"\ntitle = \"Again\"\nhosts = [\"again.bitrix24.localhost\"]\nupstreams = [\"http://127.0.0.1:1\"]\n",
        "acme",
    ),
    (
        "\n[[portal]]\nid = \"twice\"\ntitle = \"Host twice\"\nhosts = [\"acme.bitrix24.localhost\"]\nupstreams = [\"http://127.0.0.1:1\"]\n",
        "acme.bitrix24.localhost",
    ),
    (
        "\n[[portal]]\nid = \"none\"\ntitle = \"None\"\nhosts = [\"none.bitrix24.localhost\"]\nupstreams = []\n",
        "upstreams",
    ),
    (
        "\n[[social]]\nid = \"google\"\npreset = \"google\"\nclient_id = \"x\"\nclient_secret_file = \"missing/secret\"\n",
        "missing/secret",
    ),
];

#[tokio::test]
async fn a_broken_file_changes_nothing_and_says_so() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let good = stage.gateway.config();
    let generation = stage.gateway.generation().await;
    for (n, (text, word)) in BROKEN.iter().enumerate() {
        let mut broken = good.clone();
        broken.tail(text);
        stage.gateway.write_config(broken);
        let answer = stage.gateway.admin("POST", "/config/reload").await;
        assert!((400..600).contains(&answer.status), "{text}: {}", answer.status);
        let state = stage.gateway.status().await;
        assert_eq!(state["generation"].as_u64(), Some(generation), "{text}");
        assert!(state["last_error"].as_str().unwrap_or_default().contains(word), "{text}: {state}");
        let failures =
            sample(&stage.gateway.metrics().await, "bitrix_id_config_reload_failures_total", &[]);
        assert!(failures.unwrap_or_default() > n as f64, "{failures:?}");
        let answer = stage.gateway.send(ACME, "GET /still", &[&anna.cookie_line(ACME)], "").await;
        assert_eq!(answer.status, 200);
    }
    let errors = stage.gateway.process().errors();
    assert!(errors.contains("gateway.toml:"), "the log names the place: {errors}");
    stage.gateway.write_config(closed(&good));
    wait_closed(&stage.gateway).await;
    assert!(
        stage.gateway.status().await["last_error"].is_null(),
        "the mended file clears the error"
    );
}

#[tokio::test]
async fn an_empty_missing_or_unreadable_file_changes_nothing() {
    let mut stage = Stage::empty().await;
    let path = stage.gateway.config_path();
    let good = stage.gateway.config();
    let breaks: [fn(&Path); 5] = [
        |path| std::fs::write(path, "").unwrap(),
        |path| std::fs::write(path, b"\xff\xfe\x00").unwrap(),
        |path| std::fs::write(path, "[server]\nhttps = [\"127.0").unwrap(),
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::create_dir(path).unwrap(),
    ];
    for damage in breaks {
        damage(&path);
        let answer = stage.gateway.admin("POST", "/config/reload").await;
        assert!(answer.status >= 400, "{}", answer.status);
        assert_eq!(status(&stage.gateway, "/pub/x").await, 200);
    }
    std::fs::remove_dir(&path).unwrap();
    stage.gateway.write_config(closed(&good));
    wait_closed(&stage.gateway).await;
}

#[tokio::test]
async fn removing_a_portal_closes_its_door_and_its_streams() {
    let mut stage = Stage::start().await;
    let anna = stage.anna_on(&[ACME, GLOBEX]).await;
    let mut kept = stage.echo(&anna, ACME).await;
    assert_eq!(kept.echo("before").await.unwrap(), "before");
    let mut config = stage.gateway.config();
    config.remove_portal("globex");
    stage.gateway.apply(config).await;
    let answer = stage.gateway.send(GLOBEX, "GET /pub/x", &[&anna.cookie_line(GLOBEX)], "").await;
    assert_eq!(answer.status, 404);
    assert!(!stage.globex.heard_of("/pub/x"));
    assert_eq!(kept.echo("after").await.unwrap(), "after", "the other portal's WebSocket lives");
    assert_eq!(
        stage.gateway.send(ACME, "GET /x", &[&anna.cookie_line(ACME)], "").await.status,
        200
    );
}

#[tokio::test]
async fn open_streams_and_requests_survive_a_reload() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut socket = stage.echo(&anna, ACME).await;
    let mut events = stage.gateway.raw(ACME).await;
    let fields = ["Accept: text/event-stream"];
    events.send(stage.gateway.request(ACME, "GET /pub/do/sse/2", &fields, "")).await.unwrap();
    assert_eq!(events.head("GET").await.unwrap().status, 200);
    let changed = closed(&stage.gateway.config());
    stage.gateway.apply(changed).await;
    wait_closed(&stage.gateway).await;
    assert_eq!(socket.echo("still open").await.unwrap(), "still open");
    for n in 0..2 {
        stage.acme.open_gate();
        assert_eq!(events.chunk().await.unwrap().unwrap(), format!("data: {n}\n\n").as_bytes());
    }
}

#[tokio::test]
async fn a_changed_listener_waits_for_the_next_restart() {
    let mut stage = Stage::empty().await;
    let other = PortLease::take();
    let mut changed = closed(&stage.gateway.config());
    changed.set("server", "http", format!("[\"{}\"]", other.address()));
    stage.gateway.apply(changed).await;
    wait_closed(&stage.gateway).await;
    let state = stage.gateway.status().await;
    let waiting = state["pending_restart"].as_array().expect("a list").clone();
    assert!(waiting.iter().any(|item| item.as_str().unwrap().contains("http")), "{state}");
    assert!(tokio::net::TcpStream::connect(other.address()).await.is_err());
    stage.gateway.stop().await;
    stage.gateway.start_again().await;
    assert!(tokio::net::TcpStream::connect(other.address()).await.is_ok());
    assert_eq!(stage.gateway.status().await["pending_restart"].as_array().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_configuration_is_reloaded_again_and_again() {
    let stage = Stage::empty().await;
    let load = Load::start(&stage.gateway.target(ACME, "/pub/load", &[]), 4);
    load.more(200).await;
    let config = stage.gateway.config();
    for n in 0..60 {
        let text = if n % 2 == 0 { closed(&config).render() } else { config.render() };
        std::fs::write(stage.gateway.config_path(), text).unwrap();
        assert_eq!(stage.gateway.admin("POST", "/config/reload").await.status, 200);
    }
    load.more(200).await;
    load.finish().await.expect_none_failed("60 reloads under load");
}
