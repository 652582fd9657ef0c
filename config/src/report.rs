//! Collecting problems: nothing stops at the first one.
//!
//! A check that refuses something gets a [`Refused`] for it, and there is no other way to make one.
//! So `Result<T, Refused>` reads "a checked value, or a reported problem", and a configuration can
//! be missing a value only where the operator is told why.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Place};
use crate::mask::mask;
use crate::source::{Source, is_unprintable};

/// Proof that a problem was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(());

/// Every problem found so far, in all files.
#[derive(Default)]
pub(crate) struct Problems(RefCell<Vec<Diagnostic>>);

impl Problems {
    pub(crate) fn add(&self, problem: Diagnostic) -> Refused {
        self.0.borrow_mut().push(problem);
        Refused(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// By the order of `files`, then by place, then in the order found.
    pub(crate) fn into_sorted(self, files: &[PathBuf]) -> Vec<Diagnostic> {
        let mut problems = self.0.into_inner();
        let ranks: HashMap<&PathBuf, usize> =
            files.iter().enumerate().map(|(rank, file)| (file, rank)).collect();
        problems.sort_by_key(|problem| {
            let Place { file, line, column, .. } = &problem.place;
            (ranks.get(file).copied().unwrap_or(usize::MAX), *line, *column)
        });
        problems
    }
}

/// The file being checked, and what in it: enough to report a problem.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    source: &'a Source,
    problems: &'a Problems,
    /// Put before every message, which begins with a key: `identity.`, `portal "acme": webhook.`, or
    /// nothing.
    about: &'a str,
}

impl<'a> Scope<'a> {
    pub(crate) const fn new(source: &'a Source, problems: &'a Problems) -> Self {
        Self { source, problems, about: "" }
    }

    /// How messages about `key`, a table within this one, begin.
    pub(crate) fn within(&self, key: &str) -> String {
        format!("{}{key}.", self.about)
    }

    /// The same file; messages begin with `about`.
    pub(crate) const fn about<'b>(self, about: &'b str) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { source: self.source, problems: self.problems, about }
    }

    pub(crate) const fn source(&self) -> &'a Source {
        self.source
    }

    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        self.source.place(span.clone())
    }

    /// Reports a problem with the text at `span`.
    pub(crate) fn refuse(&self, span: &Range<usize>, message: impl AsRef<str>) -> Refused {
        self.problems.add(self.problem(span, message.as_ref()))
    }

    /// Reports a problem with the text at `span`, and what to write instead.
    pub(crate) fn refuse_with(
        &self,
        span: &Range<usize>,
        message: impl AsRef<str>,
        help: impl Into<String>,
    ) -> Refused {
        self.problems.add(self.problem(span, message.as_ref()).with_help(clean(&help.into())))
    }

    /// Reports a problem that has its place already.
    pub(crate) fn add(&self, problem: Diagnostic) -> Refused {
        self.problems.add(problem)
    }

    /// Reports what is missing in the file as a whole.
    pub(crate) fn refuse_file(&self, message: impl AsRef<str>, help: impl Into<String>) -> Refused {
        let problem = Place::whole_file(self.source.path()).problem(clean(message.as_ref()));
        self.problems.add(problem.with_help(help))
    }

    fn problem(&self, span: &Range<usize>, message: &str) -> Diagnostic {
        self.place(span).problem(clean(&format!("{}{message}", self.about)))
    }
}

/// Messages quote values; a value must not drive the terminal it is printed on, nor fill it, nor give
/// a password away.
fn clean(message: &str) -> String {
    // Cut once before masking, which takes its time, and once after: a cut password is not known as one.
    let near = &message[..message.floor_char_boundary(4 * LONGEST_MESSAGE)];
    let masked = mask(near);
    let too_long = masked.len() > LONGEST_MESSAGE;
    let shown = masked[..masked.floor_char_boundary(LONGEST_MESSAGE)].chars();
    let mut cleaned: String =
        shown.map(|c| if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    cleaned.extend(too_long.then_some('…'));
    cleaned
}

const LONGEST_MESSAGE: usize = 500;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn problems_are_sorted_by_file_and_place_not_by_discovery() {
        let (a, b) = (PathBuf::from("a.toml"), PathBuf::from("b.toml"));
        let problems = Problems::default();
        let second = Source::new(&b, "x\ny".to_owned());
        let first = Source::new(&a, "x\ny".to_owned());
        Scope::new(&second, &problems).refuse(&(0..1), "3");
        Scope::new(&first, &problems).refuse(&(2..3), "2");
        Scope::new(&first, &problems).refuse(&(0..1), "1");
        let messages: Vec<String> =
            problems.into_sorted(&[a, b]).into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, ["1", "2", "3"]);
    }

    #[test]
    fn a_quoted_value_cannot_drive_or_fill_the_terminal() {
        let source = Source::new(Path::new("a.toml"), "x".to_owned());
        let problems = Problems::default();
        let scope = Scope::new(&source, &problems).about("portal \"\u{1b}\": ");
        scope.refuse(&(0..1), "a\nb");
        scope.refuse(&(0..1), "é".repeat(10_000));
        let messages: Vec<String> =
            problems.into_sorted(&[]).into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages[0], "portal \"\u{fffd}\": a\u{fffd}b");
        assert!(messages[1].len() < LONGEST_MESSAGE + 10 && messages[1].ends_with('…'));
    }
}
