//! Starting while the session store is away, with what the last process kept of revocations.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis::{self, TestRedis};
use bitrix_id_tests::client::browser::{Browser, Page};
use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::fake_clock::FakeClock;
use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, Stage, Visitor};

use crate::redis::{sign_out, stage_with};

/// Anna is signed in, Boris was and has signed out; somebody has opened the form.
struct Scene {
    server: TestRedis,
    stage: Stage,
    anna: Visitor,
    signed_out: String,
    stranger: Browser,
    form: Page,
}

impl Scene {
    async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let server = redis::own().await;
        let stage = stage_with(&server, change).await;
        let anna = stage.signed_in(&ANNA, ACME).await;
        let boris = stage.signed_in(&BORIS, ACME).await;
        let signed_out = boris.cookie_line(ACME);
        sign_out(&stage, &boris).await;
        let stranger = stage.gateway.browser();
        let form = stranger.open(&stage.url(ACME, "/")).await;
        Self { server, stage, anna, signed_out, stranger, form }
    }

    /// Redis stops, then the gateway in an orderly way.
    async fn stop(&mut self) {
        self.server.stop().await;
        assert!(self.stage.gateway.stop().await.success());
    }

    /// Starts the gateway and waits until it serves, ready or not.
    async fn start(&mut self) {
        self.stage.gateway.start_process(&[]);
        serves(&mut self.stage).await;
    }

    /// Asks a portal with a line of cookies.
    async fn status(&self, cookie: &str) -> u16 {
        self.stage.gateway.send(ACME, "GET /still", &[cookie], "").await.status
    }

    async fn anna_s(&self) -> u16 {
        self.status(&self.anna.cookie_line(ACME)).await
    }

    async fn nobody_comes_in(&self) {
        let refused = self.stranger.try_sign_in(&self.form, BORIS.email, BORIS.password).await;
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert!(refused.header("retry-after").is_some());
    }

    async fn is_ready_in_the_end(&self) {
        until(STEP, "it is ready by itself", async || {
            self.stage.gateway.admin("GET", "/health/ready").await.status == 200
        })
        .await;
    }

    fn file(&self) -> PathBuf {
        self.stage.gateway.folder().join("data/run/revocations")
    }
}

/// Until the newest process has taken its place.
async fn serves(stage: &mut Stage) {
    let file = stage.gateway.folder().join("data/run/bitrix-id.pid");
    let pid = format!("{}\n", stage.gateway.process().pid());
    let admin = stage.gateway.admin_address();
    until(STEP, "it serves", async || {
        std::fs::read_to_string(&file).is_ok_and(|text| text == pid)
            && RawConnection::plain(admin).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn the_signed_in_go_on_and_who_signed_out_stays_out() {
    let mut scene = Scene::with(|_| {}).await;
    scene.stop().await;
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(scene.file()).expect("what is known was kept").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    scene.start().await;
    let ready = scene.stage.gateway.admin("GET", "/health/ready").await;
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains("started without the session store"), "{}", ready.text());
    for _ in 0..10 {
        assert_eq!(scene.anna_s().await, 200, "no store is asked");
        assert_eq!(scene.status(&scene.signed_out).await, 401);
    }
    scene.nobody_comes_in().await;
    until(STEP, "it says what does not work", async || {
        let reasons = scene.stage.gateway.admin("GET", "/health/ready").await.text();
        reasons.contains("the log of revocations") && reasons.contains("the session store")
    })
    .await;

    scene.server.start().await;
    scene.is_ready_in_the_end().await;
    assert_eq!(scene.anna_s().await, 200);
    assert_eq!(scene.status(&scene.signed_out).await, 401);
    let browser = scene.stage.gateway.browser();
    let form = browser.open(&scene.stage.url(ACME, "/")).await;
    let page = browser.sign_in(&form, BORIS.email, BORIS.password).await;
    assert_eq!(page.url.as_str(), scene.stage.url(ACME, "/"), "{}", page.text());
    // The log goes on from where it was.
    let hers = scene.anna.cookie_line(ACME);
    sign_out(&scene.stage, &scene.anna).await;
    assert_eq!(scene.status(&hers).await, 401);
    assert!(!scene.stage.gateway.output().contains("has lost its data"), "it is the same log");
}

#[tokio::test]
async fn a_gateway_that_was_killed_has_kept_it_in_time() {
    let mut scene = Scene::with(|_| {}).await;
    let changed = |scene: &Scene| std::fs::metadata(scene.file()).ok()?.modified().ok();
    let before = changed(&scene);
    // There are two files at most that can have been begun before the sign-out.
    let boris = scene.stage.signed_in(&BORIS, ACME).await;
    let signed_out = boris.cookie_line(ACME);
    sign_out(&scene.stage, &boris).await;
    let mut seen = before;
    for _ in 0..2 {
        until(Duration::from_secs(90), "another file", async || changed(&scene) != seen).await;
        seen = changed(&scene);
        sign_out(&scene.stage, &scene.stage.signed_in(&BORIS, ACME).await).await;
    }
    scene.server.stop().await;
    scene.stage.gateway.kill().await;
    scene.start().await;
    assert_eq!(scene.anna_s().await, 200);
    assert_eq!(scene.status(&signed_out).await, 401);
    assert_eq!(scene.status(&scene.signed_out).await, 401);
}

/// By such a clock everything that is known is over.
#[tokio::test]
async fn a_clock_that_is_ahead_at_the_start_forgets_nothing() {
    let mut clock = None;
    let mut scene = Scene::with(|setup| {
        let right = FakeClock::right(setup.folder());
        setup.environment.extend(right.environment());
        clock = Some(right);
    })
    .await;
    let clock = clock.unwrap();
    scene.stop().await;
    clock.step(2 * 3600);
    scene.start().await;
    until(STEP, "it has looked for the session store", async || {
        let reasons = scene.stage.gateway.admin("GET", "/health/ready").await.text();
        reasons.contains("not working: the session store")
    })
    .await;
    let looked = Instant::now();
    until(STEP, "it has looked again", async || looked.elapsed() > Duration::from_secs(2)).await;
    clock.step(0);
    until(STEP, "her token counts again", async || scene.anna_s().await == 200).await;
    assert_eq!(scene.status(&scene.signed_out).await, 401);
}

#[tokio::test]
async fn a_successor_knows_what_its_predecessor_knew() {
    let mut scene = Scene::with(|_| {}).await;
    scene.server.stop().await;
    scene.stage.gateway.start_process(&["--upgrade"]);
    serves(&mut scene.stage).await;
    let count = scene.stage.gateway.processes().len();
    let old = &mut scene.stage.gateway.processes()[count - 2];
    assert!(old.wait(Duration::from_secs(40)).await.success());
    assert_eq!(scene.anna_s().await, 200);
    assert_eq!(scene.status(&scene.signed_out).await, 401);
    scene.server.start().await;
    scene.is_ready_in_the_end().await;
    assert_eq!((scene.anna_s().await, scene.status(&scene.signed_out).await), (200, 401));
}

#[tokio::test]
async fn a_torn_file_is_not_believed() {
    let mut scene = Scene::with(|_| {}).await;
    scene.stop().await;
    let whole = std::fs::read(scene.file()).unwrap();
    std::fs::write(scene.file(), &whole[..whole.len() - 1]).unwrap();
    let refused = scene.refuses_to_start().await;
    assert!(refused.contains("torn"), "{refused}");
    std::fs::remove_file(scene.file()).unwrap();
    scene.refuses_to_start().await;
    // With the store there, it is no more than a pity.
    std::fs::write(scene.file(), &whole[..whole.len() - 1]).unwrap();
    scene.server.start().await;
    scene.stage.gateway.start_again().await;
    assert_eq!((scene.anna_s().await, scene.status(&scene.signed_out).await), (200, 401));
}

impl Scene {
    async fn refuses_to_start(&mut self) -> String {
        self.stage.gateway.start_process(&[]);
        assert!(!self.stage.gateway.process_mut().wait(STEP).await.success());
        let said = self.stage.gateway.process().errors();
        assert!(said.contains("sessions in Redis") && said.contains("cannot be reached"), "{said}");
        said
    }
}

/// Silence is counted from when Redis was heard, and not from the start.
#[tokio::test]
async fn a_file_that_is_too_old_is_none_to_judge_by() {
    let silence = Duration::from_secs(8);
    let mut scene = Scene::with(|setup| {
        setup.config.set("identity", "max_silence", "\"8s\"");
    })
    .await;
    let unheard_since = Instant::now();
    scene.stop().await;
    until(STEP, "it is too old", async || unheard_since.elapsed() > silence * 3 / 2).await;
    scene.start().await;
    let path = "/too-old";
    let hers = scene.anna.cookie_line(ACME);
    let refused = scene.stage.gateway.send(ACME, &format!("GET {path}"), &[&hers], "").await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    assert_eq!(scene.stage.gateway.logged(path).await["reason"], "revocations_unheard");
    let public = scene.stage.gateway.send(ACME, "GET /pub/still", &[&hers], "").await;
    assert_eq!(public.status, 200, "nobody's identity is needed there");
    let ready = scene.stage.gateway.admin("GET", "/health/ready").await.text();
    assert!(ready.contains("were not heard for identity.max_silence"), "{ready}");
    scene.server.start().await;
    until(STEP, "it counts again by itself", async || scene.anna_s().await == 200).await;
    assert_eq!(scene.status(&scene.signed_out).await, 401);
}

#[tokio::test]
async fn a_store_that_was_emptied_meanwhile_is_recognised() {
    let mut scene = Scene::with(|_| {}).await;
    assert!(scene.stage.gateway.stop().await.success());
    assert_eq!(scene.server.ask("FLUSHALL"), "+OK\r\n");
    scene.server.stop().await;
    scene.start().await;
    assert_eq!(scene.anna_s().await, 200, "nobody knows of it yet");
    // Tokens carry whole seconds: one made in the second in which the log is begun counts.
    let made = Instant::now();
    until(STEP, "the next second", async || made.elapsed() > Duration::from_millis(1100)).await;
    scene.server.start().await;
    until(STEP, "older tokens count no more", async || scene.anna_s().await == 401).await;
    assert_eq!(scene.status(&scene.signed_out).await, 401);
    assert!(scene.stage.gateway.output().contains("the session store has lost its data"));
    scene.is_ready_in_the_end().await;
    let again = scene.stage.signed_in(&BORIS, ACME).await;
    assert_eq!(scene.status(&again.cookie_line(ACME)).await, 200);
}

/// Waiting does not help: better to say so at once, and to leave the one that serves in its place.
#[tokio::test]
async fn a_password_that_is_wrong_is_no_outage() {
    let mut scene = Scene::with(|_| {}).await;
    assert!(scene.stage.gateway.stop().await.success());
    assert_eq!(scene.server.ask("ACL SETUSER default on >hunter2"), "+OK\r\n");
    scene.stage.gateway.start_process(&[]);
    assert!(!scene.stage.gateway.process_mut().wait(STEP).await.success());
    let said = scene.stage.gateway.process().errors();
    assert!(said.contains("sessions in Redis") && said.contains("password"), "{said}");
}
