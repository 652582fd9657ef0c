//! JSON objects of our own, written member by member: most texts need no escape, and no tree is built
//! for what is sent once.

use bytes::Bytes;

/// An object that is being written.
pub(crate) struct Document(Vec<u8>);

impl Document {
    /// Without members.
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.push(b'{');
        Self(bytes)
    }

    /// A text.
    pub(crate) fn text(mut self, name: &'static str, value: &str) -> Self {
        self.name(name);
        push_text(&mut self.0, value);
        self
    }

    /// A text, or null.
    pub(crate) fn text_or_null(mut self, name: &'static str, value: Option<&str>) -> Self {
        let Some(value) = value else {
            self.name(name);
            self.0.extend_from_slice(b"null");
            return self;
        };
        self.text(name, value)
    }

    /// Texts in their order.
    pub(crate) fn texts(mut self, name: &'static str, values: &[String]) -> Self {
        self.name(name);
        self.0.push(b'[');
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            push_text(&mut self.0, value);
        }
        self.0.push(b']');
        self
    }

    /// A whole number.
    pub(crate) fn number(mut self, name: &'static str, value: i64) -> Self {
        self.name(name);
        self.0.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        self
    }

    /// True or false.
    pub(crate) fn flag(mut self, name: &'static str, value: bool) -> Self {
        self.name(name);
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    /// The whole object.
    pub(crate) fn finish(mut self) -> Bytes {
        self.0.push(b'}');
        self.0.into()
    }

    /// Names are ours and need no escape.
    fn name(&mut self, name: &'static str) {
        self.0.extend_from_slice(if self.0.len() > 1 { b",\"" } else { b"\"" });
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }
}

fn push_text(bytes: &mut Vec<u8>, value: &str) {
    // Without a way out, so that many bytes are looked at together.
    let escapes = value.bytes().fold(false, |found, byte| found | needs_escape(byte));
    if escapes {
        // Writing a text into memory does not fail.
        let _ = serde_json::to_writer(bytes, value);
        return;
    }
    bytes.push(b'"');
    bytes.extend_from_slice(value.as_bytes());
    bytes.push(b'"');
}

/// RFC 8259 section 7.
fn needs_escape(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// A refusal with its way to sign-in, without growing.
const ROOM: usize = 640;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_what_serde_json_would_write() {
        let roles = ["a".to_owned(), "b \"c\"".to_owned()];
        let ours = Document::new()
            .text("a", "plain")
            .text_or_null("b", None)
            .text_or_null("c", Some("d"))
            .texts("e", &roles)
            .texts("f", &[])
            .number("g", -7)
            .flag("h", true)
            .flag("i", false)
            .finish();
        let theirs = json!({
            "a": "plain", "b": null, "c": "d", "e": roles, "f": [], "g": -7, "h": true, "i": false,
        });
        assert_eq!(ours, theirs.to_string());
        assert_eq!(Document::new().finish(), "{}");
    }

    #[test]
    fn every_character_is_escaped_as_serde_json_does() {
        let ascii = (0_u8..128).map(char::from);
        for character in ascii.chain(['\u{80}', 'ü', '\u{2028}', '語', '🦀', '\u{feff}']) {
            for value in [format!("{character}"), format!("before {character} after")] {
                let ours = Document::new().text("v", &value).finish();
                assert_eq!(ours, json!({ "v": value }).to_string(), "{value:?}");
            }
        }
    }
}
