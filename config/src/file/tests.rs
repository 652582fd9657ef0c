//! Documentation and examples know every key.

use std::path::Path;

use super::*;
use crate::report::Problems;
use crate::source::Source;

const DOCUMENTATION: &str = include_str!("../../../docs/configuration.md");
const FULL_EXAMPLE: &str = include_str!("../../examples/full.toml");

/// The part of the documentation under the heading of a table.
fn section(table: &str) -> Option<&'static str> {
    let heading = format!("\n## `{table}`");
    let (_, rest) = DOCUMENTATION.split_once(&heading)?;
    Some(rest.split("\n## ").next().unwrap_or(rest))
}

#[test]
fn every_key_is_documented_under_its_table() {
    for (table, keys) in TABLES.iter().filter(|(table, _)| table.starts_with('[')) {
        let section = section(table).unwrap_or_else(|| panic!("{table} has no section"));
        for key in *keys {
            let row = format!("\n| `{key}` |");
            let elsewhere = *key == "route";
            assert!(elsewhere || section.contains(&row), "{key} of {table} is not documented");
        }
    }
}

#[test]
fn every_key_is_in_the_full_example() {
    for (table, keys) in TABLES {
        for key in *keys {
            let forms = [format!("{key} = "), format!("[{key}]"), format!(".{key}]]")];
            let found = forms.iter().any(|form| FULL_EXAMPLE.contains(form));
            assert!(found, "{key} of {table} is not in the full example");
        }
    }
}

#[test]
fn the_examples_of_the_documentation_have_known_keys_of_the_right_types() {
    let blocks = DOCUMENTATION.split("```toml\n").skip(1);
    let blocks: Vec<&str> = blocks.map(|rest| rest.split("```").next().unwrap_or(rest)).collect();
    assert!(blocks.len() >= 10, "only {} examples", blocks.len());
    for block in blocks {
        let problems = Problems::default();
        let source = Source::new(Path::new("example"), block.to_owned());
        let scope = Scope::new(&source, &problems);
        let (tree, syntax) = crate::document::parse(&source, &scope);
        let _read = MainFile::read_table(tree.get_ref(), tree.span(), "", &scope);
        assert!(syntax.is_ok() && problems.is_empty(), "{:?}", problems.into_sorted(&[]));
    }
}

#[test]
fn a_key_in_the_wrong_table_is_shown_its_home() {
    let home = |key, table| home_of(key, table).unwrap();
    assert_eq!(home("token_lifetime", "[server]"), "\"token_lifetime\" belongs in [identity]");
    assert!(home("server", PortalFile::NAME).contains("main file"));
    assert_eq!(home("id", MainFile::NAME), "\"id\" belongs in [[social]] or [[portal]]");
    assert_eq!(home("id", PortalFile::NAME), "\"id\" belongs in [[portal]]");
    assert_eq!(home_of("nonsense", "[server]"), None);
}
