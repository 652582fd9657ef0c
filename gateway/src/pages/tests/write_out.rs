//! Writes every page to a directory, to be looked at in a browser:
//! `PAGES_DIR=/tmp/pages cargo test pages_are_written_out -- --ignored`.

use std::path::Path;
use std::{env, fs};

use super::specimens;
use crate::pages::{ASSET_PREFIX, Lang, asset};

#[test]
#[ignore = "writes files for people to look at"]
fn pages_are_written_out() {
    let directory = env::var("PAGES_DIR").expect("PAGES_DIR names a directory");
    let directory = Path::new(&directory);
    fs::create_dir_all(directory).unwrap();
    for lang in Lang::ALL {
        for specimen in specimens::all(lang) {
            for name in asset_names(&specimen.html) {
                fs::write(directory.join(name), asset(name).unwrap().body).unwrap();
            }
            let html = specimen.html.replace(ASSET_PREFIX, "");
            fs::write(directory.join(format!("{}.{}.html", specimen.name, lang.tag())), html)
                .unwrap();
        }
    }
}

/// The assets a page links to.
pub(super) fn asset_names(html: &str) -> Vec<&str> {
    html.split(ASSET_PREFIX).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}
