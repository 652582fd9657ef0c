//! `bitrix-id portal import-users` as a script runs it: results on stdout, what was refused on stderr, and
//! nothing else in a pipe.

use std::path::Path;

use bitrix_id_tests::cli::{self, Outcome};
use bitrix_id_tests::import::HEADER;

/// A configuration with one portal.
pub(crate) const CONFIG: &str = r#"
[server]
http = ["127.0.0.1:8080"]
[identity]
url = "http://id.example.localhost:8080"
[store]
directory = "sqlite:data/bitrix-id.db"
[[portal]]
id = "acme"
hosts = ["acme.example.localhost"]
upstreams = ["http://127.0.0.1:8000"]
"#;
const GOOD: &str = "17,anna,anna@example.com,5bc19af86c75c8bc1af45b3ef4cd8717,Anna,Müller,Y,,admin";
const BAD: &str = "18,boris,not an address,,\"Boris\r\nPetrov\",,Y,,\r\n19,vera,,secret,Vera,,Y,,";

async fn import(folder: &Path, file: &str, stdin: &str) -> Outcome {
    let config = folder.join("bitrix-id.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let config = config.to_str().unwrap();
    cli::run(&["portal", "import-users", "acme", file, "--config", config], stdin, &[]).await
}

#[tokio::test]
async fn an_import_tells_each_refused_row_by_its_line_and_takes_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    std::fs::write(&path, format!("\u{feff}{HEADER}\r\n{BAD}\r\n{GOOD}\r\n")).unwrap();
    let file = path.to_str().unwrap();
    let outcome = import(folder.path(), file, "").await;
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.stdout, "acme: 1 added, 0 changed, 0 unchanged, 0 skipped, 2 refused\n");
    assert_eq!(
        outcome.stderr,
        format!(
            "{file}:2: email: an e-mail address has exactly one @\n\
             {file}:4: password_hash: it is too short for a hash\n"
        )
    );
}

#[tokio::test]
async fn an_import_reads_a_pipe_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEADER}\n{GOOD}\n");
    for counts in ["1 added, 0 changed, 0 unchanged", "0 added, 0 changed, 1 unchanged"] {
        let outcome = import(folder.path(), "-", &text).await.expect_success();
        assert_eq!(outcome.stdout, format!("acme: {counts}, 0 skipped, 0 refused\n"));
        assert_eq!(outcome.stderr, "", "no bar is drawn into a pipe");
    }
}
