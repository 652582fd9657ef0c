//! What a supervisor is told (`man 3 sd_notify`), what it can ask, and how it can start a successor.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use bitrix_id_tests::gateway::{Setup, TestGateway};
use bitrix_id_tests::poll::{STEP, eventually, until};
use bitrix_id_tests::stage::ID;
use rustix::process::{Pid, Signal, kill_process};

/// The supervisor's end of the socket.
struct Supervisor(UnixDatagram);

impl Supervisor {
    /// A gateway that knows its supervisor, not started yet.
    fn of(setup: Setup) -> (Self, TestGateway) {
        let mut gateway = setup.prepare();
        let path = gateway.folder().join("notify.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        gateway.set_environment("NOTIFY_SOCKET", path.to_str().unwrap());
        (Self(socket), gateway)
    }

    async fn with_started_gateway() -> (Self, TestGateway) {
        let (supervisor, mut gateway) = Self::of(setup());
        gateway.start_process(&[]);
        supervisor.hears("READY=1").await;
        (supervisor, gateway)
    }

    /// The next message, if there is one.
    fn message(&self) -> Option<Vec<String>> {
        let mut bytes = [0; 4096];
        let length = self.0.recv(&mut bytes).ok()?;
        let text = std::str::from_utf8(&bytes[..length]).unwrap();
        Some(text.lines().map(str::to_owned).collect())
    }

    /// Waits for the message that holds this line.
    async fn hears(&self, line: &str) -> Vec<String> {
        eventually(STEP, line, || async {
            self.message().filter(|lines| lines.iter().any(|found| found == line))
        })
        .await
    }

    /// Everything that is still to be read.
    fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.message()).flatten().collect()
    }
}

fn setup() -> Setup {
    let mut setup = Setup::new(ID);
    setup.names = vec![ID.to_owned()];
    setup
}

#[tokio::test]
async fn it_is_told_of_readiness_once_the_listeners_take_connections_and_of_the_end() {
    let (supervisor, mut gateway) = Supervisor::with_started_gateway().await;
    tokio::net::TcpStream::connect(gateway.https()).await.expect("ready means reachable");
    assert_eq!(gateway.admin("GET", "/health/ready").await.status, 200);
    assert!(gateway.stop().await.success());
    supervisor.hears("STOPPING=1").await;
}

#[tokio::test]
async fn a_reload_that_was_asked_for_is_told_with_its_outcome() {
    let (supervisor, mut gateway) = Supervisor::with_started_gateway().await;
    gateway.process().signal(Signal::HUP);
    let asked = supervisor.hears("RELOADING=1").await;
    let time = asked.iter().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(time.is_some_and(|time| time.parse::<u64>().is_ok_and(|time| time > 0)), "{asked:?}");
    let outcome = supervisor.hears("READY=1").await;
    assert!(outcome.contains(&"STATUS=serving".to_owned()), "{outcome:?}");

    let good = std::fs::read_to_string(gateway.config_path()).unwrap();
    std::fs::write(gateway.config_path(), format!("{good}\n[surprise]\n")).unwrap();
    gateway.process().signal(Signal::HUP);
    supervisor.hears("RELOADING=1").await;
    let outcome = supervisor.hears("READY=1").await;
    assert!(outcome.iter().any(|line| line.contains("refused")), "{outcome:?}");
    assert!(gateway.stop().await.success());
}

#[tokio::test]
async fn a_watchdog_is_fed_for_as_long_as_it_asks() {
    let (supervisor, mut gateway) = Supervisor::of(setup());
    gateway.set_environment("WATCHDOG_USEC", "400000");
    // Of whoever was started first; a successor has another one.
    gateway.set_environment("WATCHDOG_PID", "1");
    gateway.start_process(&[]);
    for _ in 0..4 {
        supervisor.hears("WATCHDOG=1").await;
    }
    assert!(gateway.stop().await.success());
}

#[tokio::test]
async fn after_a_hand_over_it_follows_the_new_process_and_hears_of_no_end() {
    let (supervisor, mut gateway) = Supervisor::with_started_gateway().await;
    gateway.start_process(&["--upgrade"]);
    let told = supervisor.hears(&format!("MAINPID={}", gateway.process().pid())).await;
    assert!(told.contains(&"READY=1".to_owned()), "{told:?}");
    assert!(gateway.processes()[0].wait(STEP).await.success());
    let rest = supervisor.rest();
    assert!(!rest.contains(&"STOPPING=1".to_owned()), "the service goes on: {rest:?}");
    assert!(gateway.stop().await.success());
    supervisor.hears("STOPPING=1").await;
}

/// A process that is not our child, ended with this value.
struct Stranger(Pid);

impl Stranger {
    /// A process that ended and that nobody has waited for has no command line any more.
    fn runs(&self) -> bool {
        let command_line = format!("/proc/{}/cmdline", self.0.as_raw_nonzero());
        std::fs::read(command_line).is_ok_and(|bytes| !bytes.is_empty())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _gone_already = kill_process(self.0, Signal::KILL);
    }
}

#[tokio::test]
async fn a_signal_starts_a_successor_and_hands_over_to_it() {
    let (supervisor, mut gateway) = Supervisor::with_started_gateway().await;
    let first = gateway.process().pid();
    gateway.process().signal(Signal::USR2);
    let told = eventually(STEP, "the successor serves", || async {
        supervisor.message()?.iter().find_map(|line| line.strip_prefix("MAINPID=")?.parse().ok())
    })
    .await;
    let successor = Stranger(Pid::from_raw(told).expect("a pid"));
    assert_ne!(u32::try_from(told).unwrap(), first);
    assert!(gateway.process_mut().wait(STEP).await.success(), "the first one leaves");
    assert!(successor.runs());
    assert_eq!(gateway.admin("GET", "/health/ready").await.status, 200);
    kill_process(successor.0, Signal::TERM).unwrap();
    supervisor.hears("STOPPING=1").await;
    until(STEP, "the successor ends as well", || async { !successor.runs() }).await;
}

#[tokio::test]
async fn a_successor_that_does_not_come_up_can_be_tried_again() {
    let (_supervisor, mut gateway) = Supervisor::with_started_gateway().await;
    let good = std::fs::read_to_string(gateway.config_path()).unwrap();
    std::fs::write(gateway.config_path(), format!("{good}\n[surprise]\n")).unwrap();
    for times in 1..=2 {
        gateway.process().signal(Signal::USR2);
        until(STEP, "the failure is told", || async {
            gateway.process().errors().matches("the successor ended before it served").count()
                == times
        })
        .await;
        assert_eq!(gateway.admin("GET", "/health/ready").await.status, 200);
    }
    std::fs::write(gateway.config_path(), good).unwrap();
    assert!(gateway.stop().await.success());
}

#[tokio::test]
async fn whether_it_is_well_can_be_asked_by_command() {
    let mut setup = setup();
    setup.config.set("server", "readiness_delay", "\"20s\"");
    let mut gateway = setup.start().await;
    let _said = gateway.cli(&["health"], "").await.expect_success();
    gateway.process().signal(Signal::TERM);
    until(STEP, "not ready any more", || async { gateway.cli(&["health"], "").await.code == 1 })
        .await;
    let _said = gateway.cli(&["health", "--live"], "").await.expect_success();
    let started = Instant::now();
    gateway.kill().await;
    assert_eq!(gateway.cli(&["health"], "").await.code, 1);
    assert!(started.elapsed() < STEP, "nobody waits for a gateway that is not there");
}
