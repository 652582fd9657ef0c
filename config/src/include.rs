//! `include`: from patterns to files.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_spanned::Spanned;

use crate::read::{List, usable};
use crate::report::{Refused, Scope};

/// The files that the patterns of a file name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Included {
    /// Pattern by pattern, sorted by name within each; none twice, and not the file itself. Each with
    /// the place of its pattern.
    pub(crate) files: Vec<(PathBuf, Range<usize>)>,
    /// Where a new file would be included as well.
    pub(crate) directories: Vec<PathBuf>,
}

/// Expands `patterns`: paths relative to the file of `scope`, whose last part may hold `*`.
///
/// As in a shell, `*` does not match a leading dot: editors and Kubernetes keep files of their own
/// under such names.
pub(crate) fn expand(patterns: &List<Spanned<String>>, scope: &Scope<'_>) -> Included {
    let mut included = Included::default();
    let mut seen = HashSet::from([identity(scope.source().path())]);
    for pattern in usable(patterns) {
        // Reported; the other patterns are still worth reading.
        let Ok(files) = files(pattern, scope, &mut included.directories) else { continue };
        let fresh = files.into_iter().filter(|file| seen.insert(identity(file)));
        included.files.extend(fresh.map(|file| (file, pattern.span())));
    }
    included
}

/// One file under two names is read once. What does not exist has its name only.
fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

fn files(
    pattern: &Spanned<String>,
    scope: &Scope<'_>,
    directories: &mut Vec<PathBuf>,
) -> Result<Vec<PathBuf>, Refused> {
    let path = scope.path(pattern, "include")?;
    let refuse = |reason: &str| {
        let message = format!("include: \"{}\": {reason}", pattern.get_ref());
        scope.refuse(&pattern.span(), message)
    };
    let Some(name) = path.file_name().and_then(OsStr::to_str) else {
        return Err(refuse("it names no file"));
    };
    let directory = path.parent().unwrap_or(Path::new(""));
    if directory.as_os_str().as_encoded_bytes().contains(&b'*') {
        return Err(refuse("only the last part of a path may hold *"));
    }
    if !name.contains('*') {
        return Ok(vec![path]);
    }
    if !directories.iter().any(|known| known == directory) {
        directories.push(directory.to_path_buf());
    }
    matching(directory, name).map_err(|error| match error.kind() {
        // An empty directory is a choice; a missing one is more likely a misspelt name, and would
        // otherwise take all portals away in silence.
        io::ErrorKind::NotFound => refuse("there is no such directory"),
        _ => refuse(&format!("the directory cannot be read: {error}")),
    })
}

fn matching(directory: &Path, pattern: &str) -> io::Result<Vec<PathBuf>> {
    // The empty path is the working directory, and so are the paths joined to it.
    let readable = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let mut files = Vec::new();
    for entry in fs::read_dir(readable)? {
        let name = entry?.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".") && !pattern.starts_with('.');
        if name.to_str().is_some_and(|name| !hidden && matches(pattern, name)) {
            files.push(directory.join(name));
        }
    }
    files.sort();
    Ok(files)
}

/// Whether `name` is `pattern` with some text for every `*`.
fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        // The earliest match leaves the most for the pieces after it.
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::Problems;
    use crate::source::Source;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, name) in [
            ("*.toml", "a.toml"),
            ("*.toml", ".toml"),
            ("*", "a"),
            ("a*b*c", "abc"),
            ("a*b*c", "a-b-b-c"),
            ("**", ""),
            ("a*", "a"),
            ("exact", "exact"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.toml", "a.toml~"),
            ("*.toml", "toml"),
            ("a*a", "a"),
            ("a*b*c", "acb"),
            ("exact", "exactly"),
            ("b*", "ab"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn files_are_sorted_and_named_once_and_hidden_ones_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["b.toml", "a.toml", "c.txt", ".a.toml.swp.toml", "main.toml"] {
            fs::write(at(name), "").unwrap();
        }
        let problems = Problems::default();
        let source = Source::new(&at("main.toml"), String::new());
        let scope = Scope::new(&source, &problems);
        let patterns = ["c.txt", "*.toml", "*.toml", "./a.toml"];
        let patterns = patterns.map(|pattern| Ok(Spanned::new(0..0, pattern.to_owned())));
        let included = expand(&patterns.to_vec(), &scope);
        let files: Vec<PathBuf> = included.files.into_iter().map(|(path, _)| path).collect();
        assert_eq!(files, [at("c.txt"), at("a.toml"), at("b.toml")]);
        assert_eq!(included.directories, [directory.path()]);
        assert!(problems.is_empty());
    }

    proptest! {
        #[test]
        fn a_name_cut_up_by_stars_matches_itself(parts in prop::collection::vec("[ab.]{0,3}", 1..5)) {
            prop_assert!(matches(&parts.join("*"), &parts.concat()));
        }
    }
}
