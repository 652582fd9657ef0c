//! The mail server is away: nobody waits for it, and no mail is lost.

use std::time::{Duration, Instant};

use bitrix_id_tests::door::Door;
use bitrix_id_tests::logs::total;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::ports::PortLease;
use bitrix_id_tests::relay::{RELAY_PASSWORD, RELAY_USER, Relay, RelayTls};
use bitrix_id_tests::stage::ID;
use bitrix_id_tests::watch::Watch;

use super::{A_WHILE, Pair};

/// Asks for a code at sign-up. The page is there at once.
async fn ask_for_code(door: &Door, email: &str) {
    let browser = door.browser();
    let page = browser.open(&door.url(ID, "/sign-up")).await;
    let filled = [("name", "Nina"), ("email", email), ("password", "a new and long enough one")];
    let asked = Instant::now();
    let answer = browser.send(&page, &page.form("/sign-up"), &filled).await;
    let answer = browser.follow(answer).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(asked.elapsed() < Duration::from_secs(4), "the page waited for the relay");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mail_server_is_down() {
    let port = PortLease::take();
    let pair = Pair::with(|setup| {
        let url = format!("\"smtp://{RELAY_USER}@localhost:{}\"", port.port());
        setup.config.unset("mail", "outbox").set("mail", "smtp", url);
        setup.config.set("mail", "smtp_password_file", "\"relay-password\"");
        setup.config.set("mail", "smtp_ca_file", "\"relay-ca.pem\"");
        std::fs::write(setup.folder().join("relay-password"), RELAY_PASSWORD).unwrap();
        std::fs::write(setup.folder().join("relay-ca.pem"), setup.authority().pem()).unwrap();
    })
    .await;
    let (gateway, doors) = (&pair.stage.gateway, pair.doors());
    let mut watch = Watch::over(&pair.stage, &pair.sibling).await;
    watch.fault_begins();
    let addresses: Vec<String> = (0..6).map(|n| format!("nina{n}@example.com")).collect();
    for (address, door) in addresses.iter().zip(doors.iter().cycle()) {
        ask_for_code(door, address).await;
    }
    until(STEP, "it is told that mails wait", async || {
        let (mut waiting, mut failures) = (f64::MAX, 0.0);
        for door in &doors {
            let metrics = door.admin("/metrics").await.unwrap().text();
            let queued = ["state=\"queued\""];
            waiting = total(&metrics, "bitrix_id_mail_queue_depth", &queued).min(waiting);
            failures += total(&metrics, "bitrix_id_mail_failures_total", &[]);
        }
        waiting >= 6.0 && failures >= 1.0
    })
    .await;
    watch.until_it_lasted(A_WHILE).await;
    let relay =
        Relay::start(port.port(), RelayTls::StartTls, gateway.authority(), gateway.folder()).await;
    let _ = gateway.cli(&["mail", "retry"], "").await.expect_success();
    // Every one of them, and none twice.
    for address in &addresses {
        relay.mail_to(address).await;
    }
    watch.heals().await;
    watch.note(format!("{} codes asked for meanwhile, all came, each once", addresses.len()));
    let row = watch.end(&pair.stage, "the_mail_server_is_down").await;
    row.held();
    assert_eq!((row.come_again, row.said.len()), (0, 0), "nobody noticed");
    for address in &addresses {
        relay.mail_to(address).await;
    }
}
