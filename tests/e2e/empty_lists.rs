//! Lists of the commands with nothing on them: a word for people, and nothing for scripts.

use bitrix_id_tests::cli;

#[tokio::test]
async fn a_list_with_nothing_on_it_says_so_on_stderr_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bitrix-id.toml");
    std::fs::write(&config, crate::import::CONFIG).unwrap();
    let config = config.to_str().unwrap();
    for (list, said) in [
        (
            &["portal", "list"][..],
            "The directory keeps no portal; the configuration files have 1 portal.\n",
        ),
        (&["portal", "requests", "acme"], "Nobody asks to be let in.\n"),
        (&["account", "list"], "There is no account yet.\n"),
        (&["keys", "list"], "There is no key yet; the gateway makes one when it starts.\n"),
        (&["mail", "list"], "No mail waits.\n"),
        (&["mail", "list", "--failed"], "No mail was given up.\n"),
        (&["notice", "list"], "No notice waits.\n"),
        (&["notice", "list", "--dead"], "No notice was given up.\n"),
    ] {
        let arguments = [list, &["--config", config]].concat();
        let outcome = cli::run(&arguments, "", &[]).await.expect_success();
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", said), "{list:?}");
        let outcome =
            cli::run(&[&arguments[..], &["--json"]].concat(), "", &[]).await.expect_success();
        assert_eq!(outcome.stderr, "", "{list:?}");
        let listed: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(listed, serde_json::json!([]), "{list:?}");
    }
}
