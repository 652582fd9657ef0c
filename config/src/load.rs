//! Reading a configuration: the main file, its includes, then all checks over all of them.

use std::ops::Range;
use std::path::Path;

use serde_spanned::Spanned;

use crate::check::{self, WrittenPortal};
use crate::diagnostic::{LoadConfigError, Place};
use crate::document::{self, LARGEST_FILE};
use crate::file::{MainFile, PortalFile};
use crate::files::Files;
use crate::include;
use crate::model::{Config, Portal};
use crate::read::{Field, List, ReadTable, usable};
use crate::report::{Problems, Refused, Scope};
use crate::source::Source;

/// Reads the file at `path`, what it includes, and the secrets and certificates that these name.
///
/// Relative paths in a file are relative to its directory.
///
/// # Errors
/// [`LoadConfigError`] with every problem of every file.
pub fn load(path: &Path) -> Result<Config, LoadConfigError> {
    let problems = Problems::default();
    let mut files = Files::new();
    let outcome = load_into(path, &problems, &mut files);
    if let (Ok(config), true) = (outcome, problems.is_empty()) {
        let (files, hash) = files.finish();
        return Ok(Config { files, hash, ..config });
    }
    Err(LoadConfigError { problems: problems.into_sorted(files.paths()) })
}

/// Checks the text of one `[[portal]]` table, as kept in the directory.
///
/// Problems are placed in a file named `portal`.
///
/// # Errors
/// [`LoadConfigError`] with every problem, also where there is no portal or more than one.
pub fn portal_from_toml(text: &str) -> Result<Portal, LoadConfigError> {
    let problems = Problems::default();
    let outcome = portal_into(text, &problems);
    match (outcome, problems.is_empty()) {
        (Ok(portal), true) => Ok(portal),
        _ => Err(LoadConfigError { problems: problems.into_sorted(&[]) }),
    }
}

fn load_into(path: &Path, problems: &Problems, files: &mut Files) -> Result<Config, Refused> {
    let source = main_source(path, problems, files)?;
    let scope = Scope::new(&source, problems);
    if document::is_blank(&source) {
        return Err(scope.refuse_file("the file is empty", "a configuration begins with [server]"));
    }
    let (main, syntax) = main_file(&source, scope);
    let no_patterns = List::new();
    let patterns = main.include.given().map_or(&no_patterns, Spanned::get_ref);
    let included = include::expand(patterns, &scope);
    let sources: Vec<Source> = included
        .files
        .iter()
        .filter_map(|(path, named_at)| included_source(path, named_at, scope, files).ok())
        .collect();
    let portal_files: Vec<(PortalFile, Scope<'_>)> = sources
        .iter()
        .filter_map(|source| {
            let scope = Scope::new(source, problems);
            Some((portal_file(source, scope).ok()?, scope))
        })
        .collect();

    let in_main = main.portal.given().into_iter().flat_map(usable).map(|table| (table, scope));
    let in_others = portal_files.iter().flat_map(|(file, scope)| {
        file.portal.given().into_iter().flat_map(usable).map(|table| (table, *scope))
    });
    let portals: Vec<WrittenPortal<'_>> = in_main.chain(in_others).collect();
    if let Err(refused) = syntax {
        // What could be read of a broken file says little about it, but the others can be checked.
        for (table, scope) in portals.iter().filter(|(_, portal)| portal.source().path() != path) {
            let _reported = check::portal(table, *scope, Some(&mut *files));
        }
        return Err(refused);
    }
    let config = check::config(&main, scope, &portals, files)?;
    Ok(Config { include_directories: included.directories, ..config })
}

fn main_source(path: &Path, problems: &Problems, files: &mut Files) -> Result<Source, Refused> {
    let bytes = files.read(path, LARGEST_FILE).map_err(|error| {
        problems.add(Place::whole_file(path).problem(format!("cannot read the file: {error}")))
    })?;
    document::source(path, bytes).map_err(|problem| problems.add(problem))
}

fn included_source(
    path: &Path,
    named_at: &Range<usize>,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<Source, Refused> {
    let bytes = files.read(path, LARGEST_FILE).map_err(|error| {
        scope.refuse(named_at, format!("include: cannot read {}: {error}", path.display()))
    })?;
    document::source(path, bytes).map_err(|problem| scope.add(problem))
}

/// The main file's tables. With a syntax error, problems of what could be read are not reported.
fn main_file(source: &Source, scope: Scope<'_>) -> (MainFile, Result<(), Refused>) {
    let (tree, syntax) = document::parse(source, &scope);
    let unreported = Problems::default();
    let scope = if syntax.is_ok() { scope } else { Scope::new(source, &unreported) };
    (MainFile::read_table(tree.get_ref(), tree.span(), "", &scope), syntax)
}

fn portal_file(source: &Source, scope: Scope<'_>) -> Result<PortalFile, Refused> {
    if document::is_blank(source) {
        let help = "write a [[portal]] table, or remove the file";
        return Err(scope.refuse_file("the file is empty", help));
    }
    let (tree, syntax) = document::parse(source, &scope);
    syntax.map(|()| PortalFile::read_table(tree.get_ref(), tree.span(), "", &scope))
}

fn portal_into(text: &str, problems: &Problems) -> Result<Portal, Refused> {
    let path = Path::new("portal");
    if text.len() as u64 > LARGEST_FILE {
        return Err(problems.add(Place::whole_file(path).problem("the text is too large")));
    }
    let source = document::source(path, text.as_bytes().to_vec())
        .map_err(|problem| problems.add(problem))?;
    let scope = Scope::new(&source, problems);
    let file = portal_file(&source, scope)?;
    let tables = match &file.portal {
        Field::Given(tables) => tables.as_slice(),
        Field::Refused(refused) => return Err(*refused),
        Field::Absent => &[],
    };
    match tables {
        [table] => check::portal(table.as_ref().map_err(|refused| *refused)?, scope, None),
        [_, second, ..] => {
            let second = second.as_ref().map_err(|refused| *refused)?;
            Err(scope.refuse(&second.span, "only one [[portal]] table is expected here"))
        }
        [] => Err(scope.refuse_file("there is no [[portal]] table", "it begins with [[portal]]")),
    }
}
