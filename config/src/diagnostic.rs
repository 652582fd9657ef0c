//! Where a problem is, what it is, and how to say so.
//!
//! A [`Place`] is made while a file is read and keeps a printable copy of its line, so a problem
//! found much later (a certificate that does not parse, say) still shows the line it comes from:
//!
//! ```text
//! config/dev.toml:14:12: route "crm-api": no upstream is named "crm-bakend"
//!    14 | upstream = "crm-bakend"
//!       |            ^^^^^^^^^^^^ did you mean "crm-backend"?
//! ```

use std::fmt;
use std::path::{Path, PathBuf};

/// A stretch of one line of one file.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// As the operator named it: the argument of `--config`, or a path joined to its directory.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in code points.
    pub column: u32,
    /// Absent where a whole file is meant.
    excerpt: Option<Excerpt>,
}

/// The line as printed, and the part of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// Without control characters; shortened around the marked part when the line is long.
    pub(crate) text: Box<str>,
    /// Characters of `text` before the first caret.
    pub(crate) indent: u32,
    /// At least one.
    pub(crate) carets: u32,
}

impl Place {
    pub(crate) const fn new(file: PathBuf, line: u32, column: u32, excerpt: Excerpt) -> Self {
        Self { file, line, column, excerpt: Some(excerpt) }
    }

    /// A whole file: line 1, column 1, and no line to show.
    #[must_use]
    pub fn whole_file(file: &Path) -> Self {
        Self { file: file.to_path_buf(), line: 1, column: 1, excerpt: None }
    }

    /// A problem at this place.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic { place: self.clone(), message: message.into(), help: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

impl fmt::Debug for Place {
    // Every portal holds a place; the excerpt would drown what a debug print is read for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

/// One problem of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub place: Place,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead, in one line; printed after the carets.
    pub help: Option<String>,
}

impl Diagnostic {
    /// The same problem with advice after the carets.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if let Some(excerpt) = &self.place.excerpt {
            let (indent, carets) = (excerpt.indent as usize, excerpt.carets as usize);
            write!(f, "\n{:>5} | {}", self.place.line, excerpt.text)?;
            write!(f, "\n      | {:indent$}{:^<carets$}", "", "")?;
        }
        match (&self.help, &self.place.excerpt) {
            (Some(help), Some(_)) => write!(f, " {help}"),
            (Some(help), None) => write!(f, "\n      | {help}"),
            (None, _) => Ok(()),
        }
    }
}

/// A configuration that cannot be used, with every reason at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LoadConfigError {
    /// At least one; by file (the main one first), then by place in the file.
    pub problems: Vec<Diagnostic>,
}

impl fmt::Display for LoadConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let excerpt = Excerpt { text: "upstream = \"crm-bakend\"".into(), indent: 11, carets: 12 };
        Place::new(PathBuf::from("config/dev.toml"), 14, 12, excerpt)
    }

    #[test]
    fn a_problem_is_printed_with_its_line_its_carets_and_its_advice() {
        let problem = place()
            .problem("route \"crm-api\": no upstream is named \"crm-bakend\"")
            .with_help("did you mean \"crm-backend\"?");
        let expected = "\
config/dev.toml:14:12: route \"crm-api\": no upstream is named \"crm-bakend\"
   14 | upstream = \"crm-bakend\"
      |            ^^^^^^^^^^^^ did you mean \"crm-backend\"?";
        assert_eq!(problem.to_string(), expected);
    }

    #[test]
    fn a_problem_of_a_whole_file_shows_no_line() {
        let place = Place::whole_file(Path::new("a.toml"));
        assert_eq!(place.problem("is empty").to_string(), "a.toml:1:1: is empty");
        let advised = place.problem("is empty").with_help("see the examples");
        assert_eq!(advised.to_string(), "a.toml:1:1: is empty\n      | see the examples");
    }

    #[test]
    fn all_problems_are_printed_in_order() {
        let problems =
            vec![Place::whole_file(Path::new("a")).problem("one"), place().problem("two")];
        let printed = LoadConfigError { problems }.to_string();
        assert_eq!(printed.lines().count(), 4);
        assert!(printed.starts_with("a:1:1: one\nconfig/dev.toml:14:12: two\n"));
    }
}
