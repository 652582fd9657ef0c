//! Reading: encodings, sizes, includes, and portals kept as text.

#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use bitrix_id_config::{Config, LoadConfigError, load, portal_from_toml};

const BASE: &str = "\
[server]
http = [\"127.0.0.1:8080\"]
[identity]
url = \"https://id.example\"
[store]
directory = \"sqlite:bitrix-id.db\"
";

struct Folder(tempfile::TempDir);

impl Folder {
    fn with_main(text: impl AsRef<[u8]>) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("main.toml", text);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn load(&self) -> Result<Config, LoadConfigError> {
        load(&self.path("main.toml"))
    }

    /// What is printed, without the folder's own name.
    fn printed(&self) -> String {
        let error = self.load().unwrap_err().to_string();
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn portal(id: &str) -> String {
    format!(
        "[[portal]]\nid = \"{id}\"\nhosts = [\"{id}.example\"]\nupstreams = [\"http://10.0.0.5:8000\"]\n",
    )
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let text = format!("{BASE}{}", portal("acme"));
    let plain = Folder::with_main(&text).load().unwrap();
    let windows =
        Folder::with_main(format!("\u{feff}{}", text.replace('\n', "\r\n"))).load().unwrap();
    assert_eq!(plain.portals[0].id, windows.portals[0].id);
    assert_eq!(plain.portals[0].place.line, windows.portals[0].place.line);
}

#[test]
fn a_missing_file_is_named() {
    let error = load(Path::new("nowhere/main.toml")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nowhere/main.toml:1:1: cannot read the file: there is no such file",
    );
}

#[test]
fn a_file_beyond_64_mib_is_refused() {
    let folder = Folder::with_main("");
    let file = File::create(folder.path("main.toml")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    assert_eq!(folder.printed(), "main.toml:1:1: cannot read the file: it is larger than 64MiB",);
}

#[test]
fn problems_of_all_files_come_together_in_the_order_of_the_files() {
    let folder = Folder::with_main(format!("include = [\"p/*.toml\"]\n{BASE}colour = 1\n"));
    folder.write("p/b.toml", portal("b").replace("http:", "gopher:"));
    folder.write("p/a.toml", format!("colour = 1\n{}", portal("b")));
    folder.write("p/c.toml", "[[portal]\n");
    let places: Vec<String> =
        folder.load().unwrap_err().problems.iter().map(|p| p.place.to_string()).collect();
    let expected = [
        "main.toml:8:1",
        "p/a.toml:1:1",
        "p/b.toml:2:6",
        "p/b.toml:3:10",
        "p/b.toml:4:14",
        "p/c.toml:1:10",
    ];
    assert_eq!(places, expected.map(|place| folder.path(place).display().to_string()));
}

#[test]
fn portals_of_included_files_follow_those_of_the_main_file_by_name() {
    let folder = Folder::with_main(format!(
        "include = [\"z.toml\", \"p/*.toml\"]\n{BASE}{}",
        portal("main"),
    ));
    for name in ["z.toml", "p/b.toml", "p/a.toml", "p/.hidden.toml", "p/notes.txt"] {
        let id = name.trim_start_matches("p/").trim_end_matches(".toml").replace('.', "");
        folder.write(name, portal(&id));
    }
    let ids: Vec<String> =
        folder.load().unwrap().portals.into_iter().map(|portal| portal.id).collect();
    assert_eq!(ids, ["main", "z", "a", "b"]);
}

#[test]
fn an_empty_include_directory_and_a_file_of_comments_are_no_portals() {
    let folder = Folder::with_main(format!("include = [\"p/*.toml\"]\n{BASE}"));
    fs::create_dir(folder.path("p")).unwrap();
    assert!(folder.load().unwrap().portals.is_empty());
    folder.write("p/later.toml", "# [[portal]]\n");
    assert!(folder.load().unwrap().portals.is_empty());
}

#[test]
fn secrets_are_found_beside_the_file_that_names_them() {
    let mail = "[mail]\nfrom = \"a@b.example\"\nsmtp = \"smtp://me@b.example\"\nsmtp_password_file = \"s\"\n";
    let folder = Folder::with_main(format!("{BASE}{mail}"));
    folder.write("s", "hunter2\n");
    let config = folder.load().unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(config.files, [folder.path("main.toml"), folder.path("s")]);
}

#[test]
fn a_short_session_shortens_the_defaults_within_it() {
    let identity = "url = \"https://id.example\"\nsession_lifetime = \"5m\"";
    let folder = Folder::with_main(BASE.replace("url = \"https://id.example\"", identity));
    let identity = folder.load().unwrap().identity;
    let seconds = [identity.session_idle, identity.token_lifetime, identity.max_silence];
    assert_eq!(seconds.map(|span| span.as_secs()), [300; 3]);
}

#[test]
fn plain_http_is_for_this_machine() {
    let folder = Folder::with_main(BASE.replace("https://id.example", "http://id.localhost:8080/"));
    let url = folder.load().unwrap().identity.url;
    assert_eq!(
        (url.https, url.port, url.to_string().as_str()),
        (false, 8080, "http://id.localhost:8080")
    );
    assert_eq!(url.url_of("acme.localhost"), "http://acme.localhost:8080");
}

#[test]
fn a_default_port_is_left_out_of_a_url() {
    let folder = Folder::with_main(BASE.replace("https://id.example", "https://ID.example.:443"));
    let url = folder.load().unwrap().identity.url;
    assert_eq!((url.port, url.authority().as_str()), (443, "id.example"));
    assert_eq!(url.to_string(), "https://id.example");
}

#[test]
fn a_portal_kept_as_text_is_checked_like_one_in_a_file() {
    let checked = portal_from_toml(&portal("acme")).unwrap();
    let in_file = Folder::with_main(format!("{BASE}{}", portal("acme"))).load().unwrap();
    assert_eq!((&checked.id, &checked.hosts), (&in_file.portals[0].id, &in_file.portals[0].hosts));
    assert_eq!((checked.place.file.as_path(), checked.place.line), (Path::new("portal"), 1));

    for (text, expected) in [
        ("", "portal:1:1: the file is empty"),
        ("# none\n", "portal:1:1: there is no [[portal]] table"),
        ("id = \"acme\"\n", "portal:1:1: unknown key \"id\" in a portal file"),
        (
            &format!("{}{}", portal("a"), portal("b")),
            "portal:5:1: only one [[portal]] table is expected here",
        ),
        (&portal("acme").replace("id =", "id"), "portal:2:4: not valid TOML"),
        (&portal("Acme"), "portal:2:6: portal.id: \"Acme\" is not a portal's id"),
    ] {
        let error = portal_from_toml(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn fifty_thousand_portals_load_and_every_doubled_host_is_found() {
    let mut text = format!("include = [\"p/*.toml\"]\n{BASE}");
    let mut included = String::new();
    for number in 0..50_000 {
        let into = if number % 2 == 0 { &mut text } else { &mut included };
        let _ = write!(
            into,
            "[[portal]]\nid = \"p{number}\"\nhosts = [\"p{number}.example\", \"*.p{number}.example\"]\n\
             upstreams = [\"http://10.0.0.5:8000\"]\n[[portal.route]]\npath = \"/pub/\"\naccess = \"public\"\n",
        );
    }
    let folder = Folder::with_main(&text);
    folder.write("p/included.toml", &included);
    assert_eq!(folder.load().unwrap().portals.len(), 50_000);

    // The same hosts again, under other ids: every one of them is a problem, with its place.
    folder.write(
        "p/included.toml",
        text.replace("id = \"p", "id = \"q").split_once("[[").unwrap().1.replacen(
            "portal]]",
            "[[portal]]",
            1,
        ),
    );
    let problems = folder.load().unwrap_err().problems;
    assert_eq!(problems.len(), 50_000);
    assert!(problems[49_999].message.contains("belongs to portal \"p49998\" already"));
}
