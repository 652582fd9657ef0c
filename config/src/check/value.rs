//! What every check needs: bounds, choices, paths, and how a missing key is reported.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::time::Duration;

use serde_spanned::Spanned;

use crate::read::Field;
use crate::report::{Refused, Scope};
use crate::suggest;
use crate::units::format_duration;

impl Scope<'_> {
    /// Reports that the table at `span` lacks `key`.
    pub(super) fn missing(&self, span: &Range<usize>, key: &str, help: &str) -> Refused {
        self.refuse_with(span, format!("{key} is missing"), help)
    }

    /// A span of time within `bounds`, or `default`.
    pub(super) fn duration(
        &self,
        field: &Field<Spanned<Duration>>,
        key: &str,
        default: Duration,
        bounds: RangeInclusive<Duration>,
    ) -> Result<Duration, Refused> {
        let Some(written) = field.optional()? else { return Ok(default) };
        let value = *written.get_ref();
        if bounds.contains(&value) {
            return Ok(value);
        }
        let (low, high) = (format_duration(*bounds.start()), format_duration(*bounds.end()));
        Err(self.out_of_bounds(&written.span(), key, low, high))
    }

    /// A whole number within `bounds`, or `default`.
    pub(super) fn number<N>(
        &self,
        field: &Field<Spanned<i64>>,
        key: &str,
        default: N,
        bounds: RangeInclusive<N>,
    ) -> Result<N, Refused>
    where
        N: TryFrom<i64> + PartialOrd + Display,
    {
        let Some(written) = field.optional()? else { return Ok(default) };
        match N::try_from(*written.get_ref()) {
            Ok(value) if bounds.contains(&value) => Ok(value),
            _ => Err(self.out_of_bounds(&written.span(), key, bounds.start(), bounds.end())),
        }
    }

    pub(super) fn out_of_bounds(
        &self,
        span: &Range<usize>,
        key: &str,
        low: impl Display,
        high: impl Display,
    ) -> Refused {
        self.refuse(span, format!("{key}: expected {low} to {high}"))
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &self,
        written: &Spanned<String>,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<T, Refused> {
        let word = written.get_ref();
        if let Some((_, value)) = choices.iter().find(|(name, _)| name == word) {
            return Ok(*value);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("{key}: unknown value \"{word}\"");
        Err(self.refuse_with(&written.span(), message, suggest::advice(word, &names)))
    }

    /// One line of text for people: not blank, at most `longest` characters.
    pub(super) fn line(
        &self,
        written: &Spanned<String>,
        key: &str,
        longest: usize,
    ) -> Result<String, Refused> {
        let text = written.get_ref();
        let message = if text.trim().is_empty() {
            format!("{key}: it is empty")
        } else if text.chars().any(crate::source::is_unprintable) {
            format!("{key}: it holds a control character")
        } else if text.chars().count() > longest {
            format!("{key}: it is longer than {longest} characters")
        } else {
            return Ok(text.clone());
        };
        Err(self.refuse(&written.span(), message))
    }

    /// A path, relative to the file that names it.
    pub(crate) fn path(&self, written: &Spanned<String>, key: &str) -> Result<PathBuf, Refused> {
        let text = written.get_ref();
        if text.trim().is_empty() || text.contains('\0') {
            return Err(self.refuse(&written.span(), format!("{key}: expected a path")));
        }
        Ok(self.resolve(text))
    }

    /// `path` seen from the directory of the file being checked.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.source().path().parent().map_or_else(|| PathBuf::from(path), |dir| dir.join(path))
    }
}

/// Checks every element of a list, then gives the checked list or the last refusal.
pub(super) fn each<T, U>(
    list: &[Result<T, Refused>],
    mut check: impl FnMut(&T) -> Result<U, Refused>,
) -> Result<Vec<U>, Refused> {
    let mut checked = Ok(Vec::with_capacity(list.len()));
    for element in list {
        match (element.as_ref().map_err(|refused| *refused).and_then(&mut check), &mut checked) {
            (Ok(value), Ok(values)) => values.push(value),
            (Ok(_), Err(_)) => {}
            (Err(refused), _) => checked = Err(refused),
        }
    }
    checked
}

/// A short name for URLs, commands and metrics: `a-z`, `0-9` and inner hyphens.
pub(super) fn is_slug(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain && (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-')
}

/// What [`is_slug`] asks for.
pub(super) const SLUG: &str =
    "1 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit";

pub(super) const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

pub(super) const fn hours(hours: u64) -> Duration {
    minutes(hours * 60)
}

pub(super) const fn days(days: u64) -> Duration {
    hours(days * 24)
}
