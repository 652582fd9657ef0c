//! The form of a checkword: 28 characters of Crockford's base32, 140 random bits, in seven groups of four.
//!
//! No character looks like another, so it can be read aloud and typed: capitals and small letters are one,
//! hyphens and blanks do not count, O is 0, and I and L are 1. Stores see the SHA-256 of the 28 characters.

use bitrix_id_auth_core::hop::sha256;

use crate::signin::crypto;
use crate::signin::failure::Failure;

/// A text of the right form. `Debug` is missing on purpose.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::signin) struct Checkword(String);

impl Checkword {
    /// A new one.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the system has no randomness to give.
    pub(in crate::signin) fn random() -> Result<Self, Failure> {
        // A byte each, of which five bits count: 256 is a multiple of 32, so all characters are as likely.
        let bytes = crypto::random::<LENGTH>()?;
        Ok(Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()))
    }

    /// Reads what was typed, pasted or carried by a link; `None`: it cannot be one.
    pub(in crate::signin) fn parse(typed: &str) -> Option<Self> {
        if typed.len() > LONGEST_TYPED {
            return None;
        }
        let meant = typed.chars().filter(|c| !c.is_whitespace() && !HYPHENS.contains(c));
        let read: String = meant.map(canonical).collect::<Option<_>>()?;
        (read.len() == LENGTH).then_some(Self(read))
    }

    /// As people read it: `7QK4-M0ZD-…`. Also what a link carries.
    pub(in crate::signin) fn shown(&self) -> String {
        let groups: Vec<&str> =
            (0..LENGTH / GROUP).filter_map(|n| self.0.get(n * GROUP..(n + 1) * GROUP)).collect();
        groups.join("-")
    }

    /// As the store knows it.
    pub(in crate::signin) fn hash(&self) -> [u8; 32] {
        sha256(&self.0)
    }
}

fn canonical(typed: char) -> Option<char> {
    let meant = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().any(|letter| char::from(*letter) == meant).then_some(meant)
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 28 times five bits.
const LENGTH: usize = 28;
const GROUP: usize = 4;
/// What mail programs and word processors make of a hyphen.
const HYPHENS: [char; 7] =
    ['-', '\u{ad}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2212}'];
/// With room for blanks between all characters.
const LONGEST_TYPED: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_however_it_is_typed() {
        let checkword = Checkword::parse("0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV").unwrap();
        for typed in [
            "0123456789abcdefghjkmnpqrstv",
            " 0123 4567 89ab cdef\u{a0}ghjk mnpq rstv\n",
            "oi23-4567-89aB-cDef-GhJk-mNpq-rStV",
            "OL23-4567-89AB-CDEF-GHJK-MNPQ-RSTV",
            "0l23\u{2011}4567\u{2013}89AB\u{2212}CDEF-GHJK-MNPQ-RSTV",
        ] {
            assert!(Checkword::parse(typed) == Some(checkword.clone()), "{typed}");
        }
        assert_eq!(checkword.shown(), "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV");
    }

    #[test]
    fn what_cannot_be_one_is_none() {
        let long = "0 ".repeat(200);
        for typed in [
            "",
            "0123",
            "0123456789abcdefghjkmnpqrstu",
            "0123456789abcdefghjkmnpqrstvw",
            "é",
            &long,
        ] {
            assert!(Checkword::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn random_ones_differ_and_use_the_whole_alphabet() {
        let drawn: Vec<Checkword> = (0..64).map(|_| Checkword::random().ok().unwrap()).collect();
        for (n, one) in drawn.iter().enumerate() {
            assert!(Checkword::parse(&one.shown()).as_ref() == Some(one));
            assert!(drawn[n + 1..].iter().all(|other| other.hash() != one.hash()));
        }
        let all: String = drawn.iter().map(|one| one.0.as_str()).collect();
        assert!(ALPHABET.iter().all(|letter| all.contains(char::from(*letter))));
    }
}
