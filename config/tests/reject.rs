//! One broken file per fault: `tests/reject/*.toml`, each with the exact text that is printed for it in
//! the `.txt` beside it. `BLESS=1 cargo test -p bitrix-id-config --test reject` rewrites the texts;
//! read the difference before keeping it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

use bitrix_id_config::load;

const FOLDER: &str = "tests/reject";

fn broken_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// What `check` prints, with paths as seen from the folder.
fn printed(path: &Path) -> String {
    let error = load(path).expect_err(&format!("{} is accepted", path.display()));
    assert!(!error.problems.is_empty(), "{}", path.display());
    format!("{error}\n").replace(&format!("{FOLDER}/"), "")
}

#[test]
fn every_broken_file_is_refused_with_its_exact_message() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for path in broken_files() {
        let printed = printed(&path);
        let expected_in = path.with_extension("txt");
        if bless {
            fs::write(&expected_in, &printed).unwrap();
        }
        let expected = fs::read_to_string(&expected_in).unwrap_or_default();
        if printed != expected {
            wrong.push(format!(
                "{}\n--- expected\n{expected}--- printed\n{printed}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_message_names_its_table() {
    let tables = [
        "server",
        "tls",
        "identity",
        "store",
        "mail",
        "passwords",
        "social",
        "provisioning",
        "portal",
    ];
    let elsewhere = ["include", "unknown key", "not valid TOML", "the file", "no listener", "["];
    for path in broken_files() {
        for problem in load(&path).unwrap_err().problems {
            let message = problem.message.as_str();
            // `social.id: …`, `social "google": id: …`, `social: …`
            let in_table = tables.iter().any(|table| {
                message.strip_prefix(table).is_some_and(|rest| rest.starts_with(['.', ' ', ':']))
            });
            let named = in_table || elsewhere.iter().any(|start| message.starts_with(start));
            assert!(named, "{}: {message}", path.display());
        }
    }
}

#[test]
fn every_expected_message_belongs_to_a_broken_file() {
    let files = broken_files();
    assert!(files.len() > 100, "only {} files are left", files.len());
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    for text in entries.filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
    {
        assert!(files.contains(&text.with_extension("toml")), "{} has no file", text.display());
    }
}
