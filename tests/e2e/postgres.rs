//! Two gateways on one PostgreSQL, and what becomes of them without it.

use std::time::{Duration, Instant};

use bitrix_id_test_servers::postgres::{self, TestDatabase, TestPostgres};
use bitrix_id_tests::fleet;
use bitrix_id_tests::gateway::{Setup, TestGateway};
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, Stage, portal};

struct Scene {
    server: TestPostgres,
    stage: Stage,
    database: TestDatabase,
}

async fn scene() -> Scene {
    let server = postgres::own().await;
    let database = fleet::database(&server).await;
    let stage = Stage::with(|setup| fleet::directory_in(setup, &database)).await;
    Scene { server, stage, database }
}

impl Scene {
    /// A second gateway for the same Bitrix ID, as behind one load balancer.
    async fn another(&self) -> TestGateway {
        let mut setup = Setup::new(ID);
        setup.names = vec!["*.bitrix24.localhost".to_owned()];
        fleet::directory_in(&mut setup, &self.database);
        let url = self.stage.gateway.identity_url("");
        setup.config.set("identity", "url", format!("\"{url}\""));
        setup.config.portal(portal("acme", ACME, &self.stage.acme.url()));
        setup.config.portal(portal("globex", GLOBEX, &self.stage.globex.url()));
        setup.start().await
    }

    /// The answer of `gateway` to what a browser would send to the first one.
    async fn status_at(&self, gateway: &TestGateway, host: &str, cookie: &str) -> u16 {
        let request = self.stage.gateway.request(host, "GET /there", &[cookie], "");
        gateway.raw(host).await.exchange("GET", request).await.unwrap().status
    }
}

#[tokio::test]
async fn who_signs_in_and_out_at_one_gateway_does_so_at_all() {
    let scene = scene().await;
    let other = scene.another().await;
    let anna = scene.stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    assert_eq!(scene.status_at(&other, ACME, &cookie).await, 200);
    assert_eq!(scene.status_at(&other, GLOBEX, "X-None: 1").await, 401, "not everybody is");

    let ask = anna.browser.open(&scene.stage.url(ACME, "/.bitrix-id/sign-out")).await;
    let answer = anna.browser.send(&ask, &ask.form("/.bitrix-id/sign-out"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let signed_out = Instant::now();
    until(Duration::from_secs(20), "the other gateway refuses the token", || async {
        scene.status_at(&other, ACME, &cookie).await == 401
    })
    .await;
    assert!(signed_out.elapsed() < Duration::from_secs(1), "{:?}", signed_out.elapsed());
}

#[tokio::test]
async fn without_its_database_a_gateway_serves_who_is_signed_in_and_nobody_new() {
    let scene = scene().await;
    let (stage, gateway) = (&scene.stage, &scene.stage.gateway);
    let anna = stage.signed_in(&ANNA, ACME).await;
    let stranger = gateway.browser();
    let form = stranger.open(&stage.url(ACME, "/")).await;

    scene.server.stop().await;
    let cookie = anna.cookie_line(ACME);
    for n in 0..10 {
        let answer = gateway.send(ACME, &format!("GET /{n}"), &[&cookie], "").await;
        assert_eq!(answer.status, 200, "no store is asked on this path");
    }
    let refused = stranger.try_sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());

    scene.server.start().await;
    until(Duration::from_secs(20), "sign-in works again without a restart", || async {
        let browser = gateway.browser();
        let form = browser.open(&stage.url(ACME, "/")).await;
        let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
        page.url.as_str() == stage.url(ACME, "/")
    })
    .await;
    until(Duration::from_secs(20), "the gateway says that it is ready", || async {
        gateway.admin("GET", "/health/ready").await.status == 200
    })
    .await;
    let page = anna.browser.open(&stage.url(GLOBEX, "/next")).await;
    assert_eq!((page.status, page.url.path()), (200, "/next"), "{}", page.text());
    let errors = gateway.process().errors();
    assert!(!errors.contains("sesame"), "a password reached the log: {errors}");
}

#[tokio::test]
async fn every_kind_of_command_works_on_postgres() {
    let scene = scene().await;
    let run =
        async |arguments: &[&str]| scene.stage.gateway.cli(arguments, "").await.expect_success();
    let _ = run(&["account", "list"]).await;
    let _ = run(&["account", "show", ANNA.email]).await;
    let _ = run(&["account", "disable", ANNA.email]).await;
    let _ = run(&["account", "enable", ANNA.email]).await;
    let _ = run(&["keys", "list"]).await;
    let _ = run(&["keys", "rotate"]).await;
    let _ = run(&["portal", "list"]).await;
    let _ = run(&["check"]).await;
    scene.stage.import("acme", &["7,boris,boris@example.com,,Boris"]).await;
    scene.server.stop().await;
    // Nobody is connected to: a configuration is checked where the database cannot be reached.
    let _ = run(&["check"]).await;
}

#[tokio::test]
async fn a_sqlite_directory_moves_to_postgres_with_everybody_in_it() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    assert!(stage.gateway.stop().await.success());
    let server = postgres::own().await;
    let database = server.database("").await;
    let config = std::fs::read_to_string(stage.gateway.config_path()).unwrap();
    let url = format!("directory = \"{}?sslmode=disable\"", database.url());
    let moved = config.replace("directory = \"sqlite:data/bitrix-id.db\"", &url);
    assert_ne!(config, moved);
    std::fs::write(stage.gateway.config_path(), moved).unwrap();

    let file = format!("sqlite:{}", stage.gateway.database().display());
    let copied = stage.gateway.cli(&["directory", "copy", "--from", &file, "--json"], "").await;
    let copied: serde_json::Value = serde_json::from_str(&copied.expect_success().stdout).unwrap();
    assert_eq!(copied["sessions"], 1, "{copied}");
    stage.gateway.start_again().await;
    let answer = stage.gateway.send(ACME, "GET /same-token", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200);
    let page = anna.browser.open(&stage.url(GLOBEX, "/next")).await;
    assert_eq!((page.status, page.url.path()), (200, "/next"), "{}", page.text());
}
