//! One canonical form for e-mail addresses: what accounts are found by, what mail goes to, what attempts
//! are counted under.
//!
//! The whole address is brought to NFC and lower case, and the domain to its ASCII form (IDNA, UTS 46).
//! Two addresses are the same if and only if their canonical forms are the same bytes; no dots or `+tags`
//! are taken away, since only the receiving host knows what they mean. Mail is sent to the canonical form,
//! never to what somebody typed, so a look-alike proves nothing about the address it looks like.
//!
//! Nor does one look-alike become another on the way. A few characters fold onto one that is not their
//! own: KELVIN SIGN onto "k", a capital I with dot onto "i", a compatibility ideograph onto the unified
//! one. A mail host may keep a mailbox under each, so in a local part they are refused. In a domain they
//! fold, as everywhere in the DNS: there the result is by definition the same host. Letters that merely
//! look alike, Latin and Cyrillic "a" say, stay two letters in both parts.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest address in bytes: RFC 5321 4.5.3.1.3 allows a path of 256 with its angle brackets.
pub const MAX_EMAIL_BYTES: usize = 254;
/// Longest local part in bytes: RFC 5321 4.5.3.1.1.
pub const MAX_LOCAL_PART_BYTES: usize = 64;

/// Why a text is not an address we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// No `@`, or more than one.
    #[error("an e-mail address has exactly one @")]
    NotOneAt,
    /// Longer than [`MAX_EMAIL_BYTES`], or its local part than [`MAX_LOCAL_PART_BYTES`].
    #[error("the e-mail address is too long")]
    TooLong,
    /// Empty, dots in wrong places, spaces, quotes, control or invisible characters, or one that would
    /// fold onto another character's letter.
    #[error("the part before the @ is not valid")]
    LocalPart,
    /// Not a host name of at least two labels; addresses in brackets are not taken.
    #[error("the part after the @ is not valid")]
    Domain,
}

/// The canonical form of `text`: ASCII domain, lower case, NFC, at most 254 bytes. Idempotent.
///
/// Nothing is trimmed; a form may do that before. Quoted local parts, comments and address literals are
/// refused: they are spellings nobody is registered under, and parsers disagree about them.
///
/// # Errors
///
/// [`EmailError`], each a refusal to show to the person.
///
/// Source: RFC 5321 4.1.2 (Mailbox), RFC 5322 3.2.3 (dot-atom), RFC 6531 3.3 (UTF-8 local parts).
pub fn canonical(text: &str) -> Result<String, EmailError> {
    // Folding can make a text shorter, so this bound is only there to keep the work small.
    if text.len() > 4 * MAX_EMAIL_BYTES {
        return Err(EmailError::TooLong);
    }
    let mut parts = text.split('@');
    let (Some(local), Some(domain), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(EmailError::NotOneAt);
    };
    let local = canonical_local_part(local)?;
    let domain = canonical_domain(domain)?;
    let address = format!("{local}@{domain}");
    if address.len() > MAX_EMAIL_BYTES {
        return Err(EmailError::TooLong);
    }
    Ok(address)
}

/// What stands before the `@`: what a person is called of whom no name is known.
#[must_use]
pub fn local_part(address: &str) -> &str {
    address.split_once('@').map_or(address, |(local, _)| local)
}

fn canonical_local_part(local: &str) -> Result<String, EmailError> {
    if !local.chars().all(folds_onto_itself) {
        return Err(EmailError::LocalPart);
    }
    let folded: String = local.nfc().collect::<String>().to_lowercase().nfc().collect();
    if folded.len() > MAX_LOCAL_PART_BYTES {
        return Err(EmailError::TooLong);
    }
    let atoms_are_fine =
        folded.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character));
    // A mark that opens the part would combine with whatever is printed before the address.
    let opens_with_mark = folded.chars().next().is_some_and(is_combining_mark);
    if atoms_are_fine && !opens_with_mark { Ok(folded) } else { Err(EmailError::LocalPart) }
}

/// Whether NFC and lower case bring the character to a form of its own: neither another character's, nor
/// one whose capital is another.
fn folds_onto_itself(c: char) -> bool {
    let mut composed = std::iter::once(c).nfc();
    // One that becomes several (a letter and its mark) is spelt out; one that becomes another is another.
    if composed.next().is_some_and(|first| first != c && composed.next().is_none()) {
        return false;
    }
    c.is_ascii()
        || c.to_lowercase().eq([c])
        || c.to_lowercase().flat_map(char::to_uppercase).eq([c])
}

fn is_atom_character(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
    } else {
        // Letters, digits and marks of any script; no blanks, no controls, nothing invisible.
        c.is_alphanumeric() || is_combining_mark(c)
    }
}

fn canonical_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| EmailError::Domain)?;
    let Some((_, last_label)) = ascii.rsplit_once('.') else {
        return Err(EmailError::Domain);
    };
    // A numeric last label is an IPv4 address to some resolvers (WHATWG URL, "ends in a number").
    if last_label.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EmailError::Domain);
    }
    Ok(ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_address_have_one_form() {
        for (text, expected) in [
            ("anna@example.com", "anna@example.com"),
            ("ANNA@Example.COM", "anna@example.com"),
            ("jo\u{65}\u{301}l@example.com", "jo\u{e9}l@example.com"),
            ("a@B\u{fc}cher.example", "a@xn--bcher-kva.example"),
            ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            ("a@\u{ff45}xample.com", "a@example.com"), // fullwidth e
            ("a@example\u{3002}com", "a@example.com"), // ideographic full stop
            ("first.last+tag@example.com", "first.last+tag@example.com"),
            (
                "\u{438}\u{432}\u{430}\u{43d}@\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.\u{440}\u{444}",
                "\u{438}\u{432}\u{430}\u{43d}@xn--e1afmkfd.xn--p1ai",
            ),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_character_that_would_become_another_is_refused() {
        for (text, name) in [
            ("\u{212a}ai@example.com", "KELVIN SIGN, as k"),
            ("\u{130}da@example.com", "CAPITAL I WITH DOT ABOVE, as i and a mark"),
            ("\u{212b}sa@example.com", "ANGSTROM SIGN, as \u{e5}"),
            ("\u{2126}@example.com", "OHM SIGN, as \u{3c9}"),
            ("\u{3f4}@example.com", "CAPITAL THETA SYMBOL, as \u{3b8}"),
            ("\u{1e9e}@example.com", "CAPITAL SHARP S, as \u{df}"),
            ("\u{f900}@example.com", "COMPATIBILITY IDEOGRAPH, as \u{8c48}"),
        ] {
            assert_eq!(canonical(text), Err(EmailError::LocalPart), "{name}");
        }
    }

    #[test]
    fn look_alikes_stay_apart() {
        let alike = [
            &["anna@example.com", "\u{430}nna@example.com"][..],
            &["sam@example.com", "\u{17f}am@example.com"],
            &["strasse@example.com", "stra\u{df}e@example.com"],
            &["ida@example.com", "\u{131}da@example.com"],
            &["a@paypal.example", "a@p\u{430}ypal.example"],
            &["\u{3b1}\u{3c3}@example.com", "\u{3b1}\u{3c2}@example.com"],
            &["a@strasse.example", "a@stra\u{df}e.example"],
        ];
        for texts in alike {
            let forms: std::collections::BTreeSet<_> =
                texts.iter().map(|text| canonical(text).unwrap()).collect();
            assert_eq!(forms.len(), texts.len(), "{texts:?}");
        }
        // Fullwidth letters are no letters of a mailbox's own in a domain, and other ones in front of it.
        assert_ne!(canonical("\u{ff41}@example.com"), canonical("a@example.com"));
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        use EmailError::{Domain, LocalPart, NotOneAt, TooLong};
        for (text, expected) in [
            ("", NotOneAt),
            ("anna", NotOneAt),
            ("a@b@example.com", NotOneAt),
            ("\"a@b\"@example.com", NotOneAt),
            ("@example.com", LocalPart),
            (" anna@example.com", LocalPart),
            ("an na@example.com", LocalPart),
            (".anna@example.com", LocalPart),
            ("anna.@example.com", LocalPart),
            ("an..na@example.com", LocalPart),
            ("\"anna\"@example.com", LocalPart),
            ("anna(comment)@example.com", LocalPart),
            ("anna\u{200b}@example.com", LocalPart),
            ("anna\u{202e}@example.com", LocalPart),
            ("anna\u{0}@example.com", LocalPart),
            ("anna,eve@example.com", LocalPart),
            ("anna\r\nBcc: eve@example.com", LocalPart),
            ("\u{301}anna@example.com", LocalPart),
            ("anna@", Domain),
            ("anna@localhost", Domain),
            ("anna@example.com.", Domain),
            ("anna@.example.com", Domain),
            ("anna@exam ple.com", Domain),
            ("anna@-example.com", Domain),
            ("anna@[127.0.0.1]", Domain),
            ("anna@127.0.0.1", Domain),
            ("anna@exa_mple.com", Domain),
            ("anna@example.com\n", Domain),
            ("anna@example.com,eve.com", Domain),
        ] {
            assert_eq!(canonical(text), Err(expected), "{text:?}");
        }
        let long_local = format!("{}@example.com", "a".repeat(65));
        assert_eq!(canonical(&long_local), Err(TooLong));
        let long_domain =
            format!("{}@{}example.com", "a".repeat(64), format!("{}.", "b".repeat(60)).repeat(3));
        assert_eq!(canonical(&long_domain), Err(TooLong));
        assert_eq!(canonical(&"a".repeat(1 << 20)), Err(TooLong));
    }

    #[test]
    fn longest_address_is_taken() {
        let text = format!("{}@{}com", "a".repeat(64), format!("{}.", "b".repeat(61)).repeat(3));
        assert_eq!(text.len(), MAX_EMAIL_BYTES);
        assert_eq!(canonical(&text), Ok(text.clone()));
    }

    proptest! {
        #[test]
        fn no_letter_of_ascii_comes_from_elsewhere(c: char) {
            if let Ok(form) = canonical(&format!("{c}@example.com")) {
                let first = form.chars().next().unwrap();
                prop_assert_eq!(first.is_ascii(), c.is_ascii(), "{} gives {}", c, first);
            }
        }

        #[test]
        fn canonical_form_is_its_own_canonical_form(local in "\\PC{1,12}", domain in "\\PC{1,12}") {
            if let Ok(once) = canonical(&format!("{local}@{domain}.example")) {
                prop_assert_eq!(canonical(&once), Ok(once.clone()));
                prop_assert_eq!(once.matches('@').count(), 1);
                prop_assert!(!once.chars().any(|c| c.is_control() || c.is_whitespace()));
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = canonical(&text);
        }
    }
}
