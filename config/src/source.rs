//! The text of one file, and the way from a byte offset to a [`Place`].

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Excerpt, Place};
use crate::mask::mask;

/// One file's text with an index of its lines.
///
/// Finding a place costs a binary search plus at most a few hundred bytes of counting, also in a
/// file that is a single line of many megabytes: 50,000 portals have a place each.
pub(crate) struct Source {
    path: PathBuf,
    text: String,
    /// Offset of the first byte of each line.
    line_starts: Vec<usize>,
    /// Characters that begin before each multiple of [`BLOCK`].
    characters_before: Vec<usize>,
}

impl Source {
    /// `text` is without a byte order mark.
    pub(crate) fn new(path: &Path, text: String) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1))
            .collect();
        let mut characters_before = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut characters = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            characters_before.push(characters);
            characters += count_characters(block);
        }
        characters_before.push(characters);
        Self { path: path.to_path_buf(), text, line_starts, characters_before }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte range; what lies beyond the range's first line is left out.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let start = self.boundary_at_or_before(span.start);
        let line = self.line_starts.partition_point(|line_start| *line_start <= start) - 1;
        let line_span = self.line_span(line);
        // An offset on the line end itself is shown after the last character.
        let start = start.min(line_span.end);
        let end = self.boundary_at_or_before(span.end).clamp(start, line_span.end);
        let column = self.characters_up_to(start) - self.characters_up_to(line_span.start) + 1;
        let excerpt = self.excerpt(line_span, start..end);
        Place::new(self.path.clone(), number(line + 1), number(column), excerpt)
    }

    /// The bytes of a line (counted from 0) without its line end.
    fn line_span(&self, line: usize) -> Range<usize> {
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let end = end - usize::from(self.text[start..end].ends_with('\r'));
        start..end
    }

    fn excerpt(&self, line: Range<usize>, marked: Range<usize>) -> Excerpt {
        let from = self.boundary_at_or_before(marked.start.saturating_sub(SHOWN_BEFORE));
        let from = if marked.start - line.start <= SHOWN_BEFORE { line.start } else { from };
        let to = self.boundary_at_or_before(line.end.min(marked.start + SHOWN_AFTER));
        let shown_mark = marked.start..marked.end.min(to);

        let (cut_before, cut_after) = (from > line.start, to < line.end);
        let mut text = String::new();
        text.extend(cut_before.then_some(ELLIPSIS));
        text.extend(self.masked(&line, from..to).chars().map(printable));
        text.extend(cut_after.then_some(ELLIPSIS));
        let before = self.text[from..marked.start].chars().count() + usize::from(cut_before);
        let carets = self.text[shown_mark].chars().count().max(1);
        Excerpt { text: text.into(), indent: number(before), carets: number(carets) }
    }

    /// A part of a line without the secrets in it, as far as they can be told from what is near.
    fn masked(&self, line: &Range<usize>, part: Range<usize>) -> String {
        let from = self.boundary_at_or_before(part.start.saturating_sub(BLOCK)).max(line.start);
        let to = self.boundary_at_or_before(part.end + BLOCK).min(line.end);
        let masked = mask(&self.text[from..to]);
        let skipped = count_characters(&self.text.as_bytes()[from..part.start]);
        let shown = count_characters(&self.text.as_bytes()[part]);
        masked.chars().skip(skipped).take(shown).collect()
    }

    fn characters_up_to(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters_before[block]
            + count_characters(&self.text.as_bytes()[block * BLOCK..offset])
    }

    fn boundary_at_or_before(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }
}

/// Characters that begin in `bytes`, which are a part of UTF-8 text.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

// A file must not be able to drive the terminal it is shown on.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        c if is_unprintable(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Control characters, and those that reorder the text around them (Unicode's `Bidi_Control`).
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

// Line and column numbers are for people: a file of more than 64 MiB is refused, so none saturates.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

const BLOCK: usize = 1024;
/// Bytes shown before and after the start of what is marked, so that a long line stays one line.
const SHOWN_BEFORE: usize = 60;
const SHOWN_AFTER: usize = 100;
const ELLIPSIS: char = '…';

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(text: &str) -> Source {
        Source::new(Path::new("a.toml"), text.to_owned())
    }

    fn shown(source: &Source, span: Range<usize>) -> String {
        source.place(span).problem("x").to_string()
    }

    #[test]
    fn lines_and_columns_are_counted_from_one_and_in_characters() {
        let source = source("a\r\nüb = 1\n\nc");
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 1, 2),
            (3, 2, 1),
            (5, 2, 2),
            (10, 2, 7),
            (11, 3, 1),
            (12, 4, 1),
            (13, 4, 2),
        ] {
            let place = source.place(offset..offset);
            assert_eq!((place.line, place.column), (line, column), "offset {offset}");
        }
    }

    #[test]
    fn a_range_over_several_lines_is_marked_to_the_end_of_its_first_one() {
        let source = source("x = [\r\n  1,\n]");
        assert_eq!(shown(&source, 4..13), "a.toml:1:5: x\n    1 | x = [\n      |     ^");
    }

    #[test]
    fn a_long_line_is_shown_around_the_mark() {
        let source = source(&format!("{}HERE{}", "ä".repeat(500), "b".repeat(500)));
        let printed = shown(&source, 1000..1004);
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines[0], "a.toml:1:501: x");
        assert_eq!(lines[1], format!("    1 | …{}HERE{}…", "ä".repeat(30), "b".repeat(96)));
        assert_eq!(lines[2], format!("      | {}^^^^", " ".repeat(31)));
    }

    #[test]
    fn control_and_direction_characters_are_not_printed() {
        let source = source("a\tb\u{1b}[31m\u{202e}c");
        let expected = "a.toml:1:3: x\n    1 | a b\u{fffd}[31m\u{fffd}c\n      |   ^";
        assert_eq!(shown(&source, 2..3), expected);
    }

    #[test]
    fn a_secret_on_the_line_is_not_shown() {
        let source = source("smtp_password = \"hunter2\"");
        let expected = "a.toml:1:1: x\n    1 | smtp_password = *********\n      | ^^^^^^^^^^^^^";
        assert_eq!(shown(&source, 0..13), expected);
    }

    #[test]
    fn an_empty_text_has_a_first_line() {
        assert_eq!(shown(&source(""), 0..0), "a.toml:1:1: x\n    1 | \n      | ^");
    }

    proptest! {
        #[test]
        fn every_range_has_a_place(text in "([a-zäß€𝄞\\r\\n\\t ]|[a-z]{300}){0,60}", a in 0usize..4000, b in 0usize..4000) {
            let source = source(&text);
            let place = source.place(a.min(b)..a.max(b));
            let offset = text.floor_char_boundary(a.min(b));
            let before = &text[..offset];
            prop_assert_eq!(place.line as usize, before.matches('\n').count() + 1);
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            // On the line end of a CRLF file the column is that of the line's end.
            prop_assert!(place.column as usize == column || place.column as usize + 1 == column);
            prop_assert!(place.problem("x").to_string().lines().count() == 3);
        }
    }
}
