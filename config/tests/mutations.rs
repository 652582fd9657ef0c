//! Whatever a file holds, the answer is a configuration or problems with places, never a crash.

use bitrix_id_config::portal_from_toml;
use proptest::prelude::*;
use proptest::sample::Index;

const PORTAL: &str = "\
[[portal]]
id = \"acme\"
title = \"Größe\"
hosts = [\"acme.example\", \"*.acme.example\"]
upstreams = [\"https://10.0.0.5:8443\", \"h2c://[::1]:80\"]
upstream_sni = \"app.internal\"
access = \"members\"
allow_semicolon = true
body_limit = \"10MiB\"
headers = { X-User = \"{email}\", X-Token = \"Bearer {assertion}\" }
[[portal.route]]
path = \"/pub/%C3%BC/\"
access = \"public\"
read_timeout = \"12h\"
";

/// Pieces that mean something to the parser or to a check.
const PIECES: &[&str] = &[
    "",
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ",",
    ".",
    "#",
    "\n",
    "\r",
    "\t",
    "\0",
    "\\",
    "*",
    "%",
    "/",
    "://",
    "@",
    ":",
    "0",
    "-1",
    "1e9",
    "true",
    "1979-05-27",
    "\"\"\"",
    "\u{feff}",
    "\u{202e}",
    "é",
    "𝄞",
    "portal",
    "id",
];

fn check(text: &str) {
    let Err(error) = portal_from_toml(text) else { return };
    assert!(!error.problems.is_empty(), "refused without a reason: {text}");
    for problem in &error.problems {
        assert!(problem.place.line >= 1 && problem.place.column >= 1);
        let printed = problem.to_string();
        assert!(printed.lines().count() <= 3, "{printed}");
        assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "{printed:?}");
    }
}

#[test]
fn the_text_that_is_mutated_is_accepted() {
    portal_from_toml(PORTAL).expect("a valid portal");
}

proptest! {
    // Outside of `src` there is no place for a file of earlier failures.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_portal_is_no_crash(edits in prop::collection::vec((any::<Index>(), 0usize..12, any::<Index>()), 1..4)) {
        let mut text = PORTAL.to_owned();
        for (at, length, piece) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, PIECES[piece.index(PIECES.len())]);
        }
        check(&text);
    }

    #[test]
    fn pieces_in_any_order_are_no_crash(pieces in prop::collection::vec(any::<Index>(), 0..30)) {
        let text: String = pieces.iter().map(|piece| PIECES[piece.index(PIECES.len())]).collect();
        check(&text);
    }
}
