//! `bitrix-id check`, and a start with a broken file.

use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::gateway::{Setup, TestGateway};
use bitrix_id_tests::process::Process;
use bitrix_id_tests::stage::{ACME, ID};

fn prepared(tail: &str) -> TestGateway {
    let mut setup = Setup::new(ID);
    setup.names = vec!["*.bitrix24.localhost".into()];
    setup.config.portal(PortalText::new("acme", ACME, "http://127.0.0.1:9"));
    setup.config.tail(tail);
    setup.prepare()
}

const PROBLEMS: &str = r#"
[[portal]]
id = "globex"
title = "Globex"
hosts = ["acme.bitrix24.localhost"]
upstreams = ["http://127.0.0.1:9"]
acess = "members"

[[portal]]
id = "Bad Id"
title = "Bad"
hosts = ["bad.bitrix24.localhost"]
upstreams = ["ftp://127.0.0.1:9"]
read_timeout = "soon"

[[portal.route]]
path = "/a"
access = "everyone"
"#;

#[tokio::test]
async fn a_good_file_passes_in_silence_or_with_a_kind_word() {
    let gateway = prepared("");
    let outcome = gateway.cli(&["check"], "").await;
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

#[tokio::test]
async fn every_problem_is_printed_with_its_place_and_line() {
    let gateway = prepared(PROBLEMS);
    let outcome = gateway.cli(&["check"], "").await;
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    let text = std::fs::read_to_string(gateway.config_path()).unwrap();
    for (offending, quoted) in [
        ("acess", "acess = \"members\""),
        ("Bad Id", "id = \"Bad Id\""),
        ("ftp", "upstreams = [\"ftp://127.0.0.1:9\"]"),
        ("soon", "read_timeout = \"soon\""),
        ("everyone", "access = \"everyone\""),
    ] {
        let line =
            1 + text.lines().position(|line| line == quoted).expect("the line is in the file");
        let place = format!("gateway.toml:{line}:");
        let message = said.lines().find(|said| said.contains(&place));
        let message =
            message.unwrap_or_else(|| panic!("no message at {place} about {offending}:\n{said}"));
        let column: String = message
            .split(&place)
            .nth(1)
            .unwrap()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        assert!(!column.is_empty(), "{message}");
        assert!(said.contains(quoted), "the line itself is shown: {said}");
    }
    assert!(said.contains("acme.bitrix24.localhost"), "the host that is there twice: {said}");
}

#[tokio::test]
async fn a_syntax_error_points_at_its_line() {
    let gateway = prepared("\n[identity\n");
    let outcome = gateway.cli(&["check"], "").await;
    assert_eq!(outcome.code, 1);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(said.contains("gateway.toml:"), "{said}");
    assert!(said.contains("[identity"), "{said}");
}

#[tokio::test]
async fn a_missing_file_is_a_message_and_not_a_panic() {
    let gateway = prepared("");
    std::fs::remove_file(gateway.config_path()).unwrap();
    let outcome = gateway.cli(&["check"], "").await;
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
}

#[tokio::test]
async fn no_secret_is_ever_printed() {
    let gateway = prepared("");
    let folder = gateway.folder();
    std::fs::create_dir(folder.join("secrets")).unwrap();
    std::fs::write(folder.join("secrets/smtp"), "canary-smtp-secret\n").unwrap();
    let mut config = gateway.config();
    config.set("mail", "smtp", "\"smtp://user@localhost:2525\"");
    config.set("mail", "smtp_password_file", "\"secrets/smtp\"");
    config.tail("\nsurprise = 1\n");
    std::fs::write(gateway.config_path(), config.render()).unwrap();
    let outcome = gateway.cli(&["check"], "").await;
    assert_eq!(outcome.code, 1);
    assert!(!format!("{}{}", outcome.stdout, outcome.stderr).contains("canary"));
}

#[tokio::test]
async fn a_start_with_a_broken_file_ends_with_the_same_words() {
    let gateway = prepared(PROBLEMS);
    let config = gateway.config_path().display().to_string();
    let mut process =
        Process::start(&["serve", "--config", &config], gateway.folder(), "broken", &[]);
    let status = process.wait(bitrix_id_tests::poll::STEP).await;
    assert!(!status.success());
    let errors = process.errors();
    assert!(errors.contains("acess") && errors.contains("gateway.toml:"), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}

#[tokio::test]
async fn every_command_explains_itself() {
    for command in [
        vec!["--help"],
        vec!["demo", "--help"],
        vec!["serve", "--help"],
        vec!["check", "--help"],
        vec!["portal", "--help"],
        vec!["account", "--help"],
        vec!["account", "create", "--help"],
        vec!["keys", "--help"],
    ] {
        let outcome = bitrix_id_tests::cli::run(&command, "", &[]).await;
        assert_eq!(outcome.code, 0, "{command:?}: {outcome:?}");
        assert!(outcome.stdout.contains("Usage"), "{command:?}: {}", outcome.stdout);
    }
}
