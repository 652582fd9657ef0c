//! Where rows begin and end.
//!
//! A line end inside quotation marks belongs to its field, so one stray mark could swallow the rest of a
//! file. Rows are bounded instead, and one that does not come to its end, or not in good order, is bad: the
//! next begins on the line after its first.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use csv::{ReaderBuilder, StringRecord, Terminator};

use super::person::BadRow;

/// The fields of a row.
pub(super) type Row = StringRecord;

#[derive(Debug)]
pub(super) struct Rows<R> {
    input: R,
    /// Lines of a row that was none, to be read again.
    again: VecDeque<Vec<u8>>,
    /// Lines taken so far.
    line: u64,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, again: VecDeque::new(), line: 0 }
    }

    /// The next row and the line it begins on, empty lines left out; `None` at the end.
    pub(super) fn next_row(&mut self) -> io::Result<Option<(u64, Result<Row, BadRow>)>> {
        let first = loop {
            match self.next_line()? {
                None => return Ok(None),
                Some(line) if line.iter().all(|byte| b"\r\n".contains(byte)) => {}
                Some(line) => break line,
            }
        };
        let number = self.line;
        if first.len() > MAX_ROW_BYTES {
            return Ok(Some((number, Err(BadRow::Long))));
        }
        let row = match self.whole_row(first)? {
            Ok(text) => split(&text),
            Err(bad) => Err(bad),
        };
        Ok(Some((number, row)))
    }

    /// `text` and the lines that its quotation marks take in.
    fn whole_row(&mut self, mut text: Vec<u8>) -> io::Result<Result<Vec<u8>, BadRow>> {
        let mut more = VecDeque::new();
        let mut state = State::Start.after(&text);
        while state == State::Quoted {
            let Some(line) = self.next_line()? else { break };
            let fits = text.len() + line.len() <= MAX_ROW_BYTES;
            if fits {
                text.extend_from_slice(&line);
                state = state.after(&line);
            }
            more.push_back(line);
            if !fits {
                break;
            }
        }
        if state != State::Quoted && state != State::Bad {
            return Ok(Ok(text));
        }
        self.line -= more.len() as u64;
        more.append(&mut self.again);
        self.again = more;
        Ok(Err(if state == State::Bad { BadRow::StrayQuote } else { BadRow::OpenQuote }))
    }

    /// A line with its end; of one that is too long, one byte more than may be.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = match self.again.pop_front() {
            Some(line) => line,
            None => self.read_line()?,
        };
        if line.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(line))
    }

    fn read_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let most = MAX_ROW_BYTES as u64 + 1;
        self.input.by_ref().take(most).read_until(b'\n', &mut line)?;
        if line.len() > MAX_ROW_BYTES && line.last() != Some(&b'\n') {
            self.input.skip_until(b'\n')?;
        }
        if self.line == 0 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
            if line.is_empty() {
                return self.read_line();
            }
        }
        Ok(line)
    }
}

/// Where in a field the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before its first octet.
    Start,
    /// In one without quotation marks.
    Plain,
    /// Between quotation marks.
    Quoted,
    /// After a mark that closes it, or is the first of two.
    Closed,
    /// A mark where none may be.
    Bad,
}

impl State {
    fn after(self, text: &[u8]) -> Self {
        text.iter().fold(self, |state, byte| match (state, byte) {
            (Self::Bad, _) | (Self::Plain, b'"') => Self::Bad,
            (Self::Start | Self::Closed, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, _) => Self::Quoted,
            (_, b',') => Self::Start,
            (Self::Closed, b'\r' | b'\n') => Self::Closed,
            (Self::Closed, _) => Self::Bad,
            (Self::Start | Self::Plain, _) => Self::Plain,
        })
    }
}

fn split(text: &[u8]) -> Result<Row, BadRow> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let text = std::str::from_utf8(text).map_err(|_| BadRow::NotUtf8)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        // A lone carriage return is no line end here, but a control character in a field.
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(text.len().max(1))
        .from_reader(text.as_bytes());
    let mut row = StringRecord::new();
    match reader.read_record(&mut row) {
        Ok(true) => Ok(row),
        Ok(false) | Err(_) => Err(BadRow::StrayQuote),
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Longest row: far more than the bounds of its fields.
const MAX_ROW_BYTES: usize = 16 * 1024;
