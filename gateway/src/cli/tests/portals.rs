use bitrix_id_auth_core::store::Directory;

use super::{Desk, Outcome};

const GLOBEX: &str = r#"
[[portal]]
id = "globex"
title = "Globex"
hosts = ["globex.example.localhost", "*.globex.example.localhost"]
upstreams = ["http://127.0.0.1:8001"]
"#;

fn desk_with(toml: &str) -> (Desk, String) {
    let desk = Desk::new();
    let file = desk.path("portal.toml");
    std::fs::write(&file, toml).unwrap();
    (desk, file.to_str().unwrap().to_owned())
}

#[test]
fn a_portal_is_added_listed_and_removed() {
    let (desk, file) = desk_with(GLOBEX);
    desk.run(&["portal", "add", &file]);
    let portals = desk.json(&["portal", "list"]);
    assert_eq!(portals[0]["id"], "globex");
    assert_eq!(portals[0]["title"], "Globex");
    assert_eq!(portals[0]["hosts"][1], "*.globex.example.localhost");
    let text = desk.run(&["portal", "list"]);
    assert!(text.starts_with("globex  Globex  globex.example.localhost *.globex"), "{text}");
    desk.run(&["portal", "remove", "globex"]);
    assert_eq!(desk.run(&["portal", "list"]), "");
    let events = desk.look(async |store| store.audit(None, 10).await.unwrap());
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["portal.removed", "portal.added"]);
    assert!(events.iter().all(|event| event.portal.as_deref() == Some("globex")));
}

#[test]
fn problems_of_a_portal_are_printed_with_its_own_file() {
    let (desk, file) = desk_with(&GLOBEX.replace("hosts", "host"));
    let (outcome, out) = desk.try_run(&["portal", "add", &file]).unwrap();
    assert_eq!(outcome, Outcome::Problem);
    assert!(out.contains(&format!("{file}:")), "{out}");
    assert_eq!(desk.run(&["portal", "list"]), "");
}

#[test]
fn ids_and_hosts_that_exist_are_refused() {
    let (desk, file) = desk_with(GLOBEX);
    desk.run(&["portal", "add", &file]);
    for (toml, reason) in [
        (GLOBEX.to_owned(), "the directory already has"),
        (GLOBEX.replace("\"globex\"", "\"acme\""), "the configuration files already have"),
        (GLOBEX.replace("\"globex\"", "\"other\""), "globex.example.localhost"),
        (
            GLOBEX.replace("\"globex\"", "\"other\"").replace("globex.example", "acme.example"),
            "acme.example.localhost",
        ),
        (
            GLOBEX.replace("\"globex\"", "\"other\"").replace("\"globex.example", "\"id.example"),
            "id.example.localhost",
        ),
    ] {
        std::fs::write(&file, toml).unwrap();
        let error = desk.refuse(&["portal", "add", &file]);
        assert!(error.contains(reason), "{error} should mention {reason}");
    }
    assert_eq!(desk.json(&["portal", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_portal_written_in_a_file_is_removed_there() {
    let desk = Desk::new();
    let error = desk.refuse(&["portal", "remove", "acme"]);
    assert!(error.contains("bitrix-id.toml") && error.contains("remove it there"), "{error}");
    let error = desk.refuse(&["portal", "requests", "nobody"]);
    assert_eq!(error, "there is no portal with the id nobody; known are acme");
    let error = desk.refuse(&["portal", "remove", "nobody"]);
    assert!(error.contains("no portal with the id nobody"), "{error}");
}
