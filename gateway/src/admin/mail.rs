//! Makes a mail file readable: subject and plain text of what lettre writes.
//!
//! Understands what our own mailer produces (RFC 5322 fields, RFC 2047 words, one level of `multipart`,
//! quoted-printable and base64) and shows anything else as it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What the outbox shows of a mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mail {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) date: String,
    /// The plain text part.
    pub(super) text: String,
}

/// Reads a mail; never fails: what cannot be decoded is left as it stands.
pub(super) fn read(raw: &[u8]) -> Mail {
    let raw = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let (fields, body) = split_head(&raw);
    let field = |name: &str| decode_words(&field(&fields, name));
    Mail {
        from: field("from"),
        to: field("to"),
        subject: field("subject"),
        date: field("date"),
        text: plain_text(&fields, body),
    }
}

/// Field names and values, unfolded, and what follows the empty line.
fn split_head(entity: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = match entity.strip_prefix('\n') {
        Some(body) => ("", body),
        None => entity.split_once("\n\n").unwrap_or((entity, "")),
    };
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    (fields, body)
}

fn field(fields: &[(String, String)], name: &str) -> String {
    let found = fields.iter().find(|(field, _)| field == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// The first plain text part, decoded.
fn plain_text(fields: &[(String, String)], body: &str) -> String {
    let content_type = field(fields, "content-type");
    let Some(boundary) = boundary_of(&content_type) else {
        return decode_body(&field(fields, "content-transfer-encoding"), body);
    };
    let delimiter = format!("--{boundary}");
    let parts: Vec<_> = body
        .split(delimiter.as_str())
        .skip(1)
        .map(|part| split_head(part.strip_prefix('\n').unwrap_or(part)))
        .collect();
    let plain = parts.iter().find(|(fields, _)| {
        let content_type = field(fields, "content-type");
        content_type.is_empty() || content_type.to_ascii_lowercase().starts_with("text/plain")
    });
    match plain.or(parts.first()) {
        Some((fields, body)) => decode_body(&field(fields, "content-transfer-encoding"), body),
        None => body.to_owned(),
    }
}

fn boundary_of(content_type: &str) -> Option<String> {
    if !content_type.to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let at = content_type.to_ascii_lowercase().find("boundary=")?;
    let value = content_type.get(at + "boundary=".len()..)?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}

fn decode_body(encoding: &str, body: &str) -> String {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "quoted-printable" => String::from_utf8_lossy(&unquote(body, false)).into_owned(),
        "base64" => unbase64(body).unwrap_or_else(|| body.to_owned()),
        _ => body.to_owned(),
    }
}

fn unbase64(text: &str) -> Option<String> {
    let packed: String = text.split_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// RFC 2045 6.7; in RFC 2047 words (`q`), `_` is a space.
fn unquote(text: &str, word: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |offset: usize| {
            let digit = char::from(*bytes.get(at + offset)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        match byte {
            b'=' if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            b'=' => match (hex(1), hex(2)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 3;
                }
                _ => {
                    out.push(byte);
                    at += 1;
                }
            },
            b'_' if word => {
                out.push(b' ');
                at += 1;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Replaces every RFC 2047 word; white space between two of them goes.
fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, from_word) = rest.split_at(start);
        let Some((word, tail)) = take_word(from_word) else {
            out.push_str(before);
            out.push_str("=?");
            rest = &from_word[2..];
            after_word = false;
            continue;
        };
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        out.push_str(&word);
        rest = tail;
        after_word = true;
    }
    out.push_str(rest);
    out
}

/// `=?charset?b|q?text?=` at the start of `text`, decoded, and what follows.
fn take_word(text: &str) -> Option<(String, &str)> {
    let mut pieces = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let (encoded, tail) = rest.split_once("?=")?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let decoded = match encoding {
        "b" | "B" => unbase64(encoded)?,
        "q" | "Q" => String::from_utf8_lossy(&unquote(encoded, true)).into_owned(),
        _ => return None,
    };
    Some((decoded, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_mail_is_shown_as_it_is() {
        let mail = read(
            b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Hi\r\n\r\nline 1\r\nline 2\r\n",
        );
        assert_eq!(mail.from, "a@b.example");
        assert_eq!(mail.to, "c@d.example");
        assert_eq!(mail.subject, "Hi");
        assert_eq!(mail.text, "line 1\nline 2\n");
    }

    #[test]
    fn the_text_part_of_an_alternative_is_found_and_decoded() {
        let raw = "Subject: =?utf-8?b?0JrQvtC0?= =?utf-8?b?OiAxMjM=?=\n\
            Content-Type: multipart/alternative;\n boundary=\"xyz\"\n\n\
            --xyz\nContent-Type: text/html; charset=utf-8\n\n<b>123</b>\n\
            --xyz\nContent-Type: text/plain; charset=utf-8\n\
            Content-Transfer-Encoding: quoted-printable\n\n\
            =D0=9A=D0=BE=D0=B4: 12=\n3\n\
            --xyz--\n";
        let mail = read(raw.as_bytes());
        assert_eq!(mail.subject, "Код: 123");
        assert_eq!(mail.text, "Код: 123\n");
    }

    #[test]
    fn base64_bodies_are_decoded() {
        let raw = "Content-Transfer-Encoding: base64\n\n0JrQvtC0\nOiAxMjM=\n";
        assert_eq!(read(raw.as_bytes()).text, "Код: 123");
    }

    #[test]
    fn folded_and_mixed_subjects_read_as_one_line() {
        let raw = "Subject: Your code\n =?utf-8?q?f=C3=BCr_Acme?= now\n\n";
        assert_eq!(read(raw.as_bytes()).subject, "Your code für Acme now");
    }

    #[test]
    fn broken_encodings_never_panic_and_stay_visible() {
        for raw in [
            "",
            "\n",
            "Subject: =?",
            "Subject: =?utf-8?b?!!!?=\n\nx",
            "Subject: =?koi8-r?b?AAA=?=\n\nx",
            "Content-Transfer-Encoding: quoted-printable\n\na=",
            "Content-Transfer-Encoding: quoted-printable\n\na=4",
            "Content-Transfer-Encoding: quoted-printable\n\na=ZZ",
            "Content-Type: multipart/mixed; boundary=\n\nx",
            "Content-Type: multipart/mixed; boundary=\"é\n\nx",
        ] {
            read(raw.as_bytes());
        }
        assert_eq!(read(b"Subject: =?koi8-r?b?AAA=?=\n\nx").subject, "=?koi8-r?b?AAA=?=");
        let broken = b"Content-Transfer-Encoding: quoted-printable\n\n50% =ZZ";
        assert_eq!(read(broken).text, "50% =ZZ");
    }
}
