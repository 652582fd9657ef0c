//! Passwords that are not taken when one is set. No rules about kinds of characters: only length, what
//! guessing begins with, and how many guesses it would take to get to this one.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{MAX_PASSWORD_BYTES, PasswordError, PasswordPool};

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer code points than asked for.
    #[error("the password is shorter than {minimum} characters")]
    TooShort {
        /// Code points.
        minimum: usize,
    },
    /// More than [`MAX_PASSWORD_BYTES`].
    #[error("the password is longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// A common word, a keyboard walk or a repetition, with or without digits around it.
    #[error("the password is among the first that anyone would try")]
    Common,
    /// The person's own address, or its name or host part.
    #[error("the password is the e-mail address or a part of it")]
    LikeEmail,
    /// Made of words, dates, names and patterns that a guesser puts together early.
    #[error("the password is too easy to guess")]
    Guessable,
}

/// Whether `password` may be set; `min_length` counts code points. `about` is what a guesser may know of
/// the person: addresses, names, the names of the service and its portals, in any order.
///
/// # Errors
///
/// [`WeakPassword`]: the first thing that is wrong with it.
pub fn check_new(password: &str, min_length: usize, about: &[&str]) -> Result<(), WeakPassword> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(WeakPassword::TooLong);
    }
    if password.chars().count() < min_length {
        return Err(WeakPassword::TooShort { minimum: min_length });
    }
    let lower = password.to_lowercase();
    let mut addresses = about.iter().filter(|text| text.contains('@'));
    if addresses.any(|email| is_part_of_email(&lower, &email.to_lowercase())) {
        return Err(WeakPassword::LikeEmail);
    }
    if is_repetition(&lower) || is_walk(&lower) || is_common(&lower) {
        return Err(WeakPassword::Common);
    }
    if guesses(password, about) < FEWEST_GUESSES { Err(WeakPassword::Guessable) } else { Ok(()) }
}

impl PasswordPool {
    /// [`check_new`] off the caller's thread and in turn with the hashes: a password that is made for it
    /// takes as long as one.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Busy`], [`PasswordError::Internal`]: the password was not looked at.
    pub async fn check_new(
        &self,
        password: &str,
        min_length: usize,
        about: &[&str],
    ) -> Result<Result<(), WeakPassword>, PasswordError> {
        let about: Vec<String> = about.iter().map(|text| (*text).to_owned()).collect();
        let typed = password.to_owned();
        let check = move |_: &[u8]| {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            check_new(&typed, min_length, &about)
        };
        match self.compute(password, check).await {
            Err(PasswordError::TooLong) => Ok(Err(WeakPassword::TooLong)),
            other => other,
        }
    }
}

/// How many guesses it takes, by the words, names, dates and patterns it is made of.
///
/// The time this takes grows faster than the length: of a long password the beginning has to do.
fn guesses(password: &str, about: &[&str]) -> u64 {
    let words = words_of(about);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let beginning: String = password.chars().take(MOST_CHARACTERS).collect();
    zxcvbn::zxcvbn(&beginning, &words).guesses()
}

/// Whole texts and the words in them, in lower case.
fn words_of(about: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for text in about {
        let lower = text.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        words.extend(parts.filter(|part| part.chars().count() > 2));
        words.push(lower);
        if words.len() > MOST_WORDS {
            break;
        }
    }
    words
}

fn is_part_of_email(lower: &str, email: &str) -> bool {
    let core = core_of(lower);
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let host = domain.split_once('.').map_or(domain, |(first, _)| first);
    lower == email || [local, domain, host].iter().any(|part| lower == *part || core == *part)
}

fn is_common(lower: &str) -> bool {
    COMMON.contains(&unswap(lower)) || COMMON.contains(&unswap(core_of(lower)))
}

/// One short piece, over and over: `aaaaaaaa`, `12121212`, `abcabcabc`.
fn is_repetition(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    (1..=4).any(|piece| {
        chars.len() >= 2 * piece && chars.iter().zip(chars.iter().skip(piece)).all(|(a, b)| a == b)
    })
}

/// A stretch of a keyboard row or of the alphabet, in either direction.
fn is_walk(lower: &str) -> bool {
    let backwards: String = lower.chars().rev().collect();
    WALKS.iter().any(|walk| walk.contains(lower) || walk.contains(&backwards))
}

/// Without the digits and signs around the letters; the whole where too little would be left.
fn core_of(lower: &str) -> &str {
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    // `@` and `$` stand for letters at the front of a word as well: only a longer core counts.
    if core.chars().count() >= 3 { core } else { lower }
}

/// Undoes the usual swaps of letters for digits and signs: `p@ssw0rd` is `password`.
fn unswap(lower: &str) -> String {
    lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            '8' => 'b',
            other => other,
        })
        .collect()
}

/// Where zxcvbn's score of 3 ("safely unguessable") begins. Its score adds a margin of five guesses, which
/// would refuse eight characters without any pattern.
const FEWEST_GUESSES: u64 = 100_000_000;
/// Looked at by the estimate: with all the signs that stand for letters in it, 40 characters take about as
/// long as a hash, 100 many times that.
const MOST_CHARACTERS: usize = 40;
/// About the person, likewise.
const MOST_WORDS: usize = 200;

/// The list, in the form that [`unswap`] gives.
static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
    include_str!("../../data/common-passwords.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(unswap)
        .collect()
});

const WALKS: [&str; 10] = [
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]qwertyuiop",
    "qwertzuiop\u{fc}qwertzuiop",
    "azertyuiop",
    "asdfghjkl;'asdfghjkl",
    "zxcvbnm,./zxcvbnm",
    "yxcvbnm",
    "\u{439}\u{446}\u{443}\u{43a}\u{435}\u{43d}\u{433}\u{448}\u{449}\u{437}\u{445}\u{44a}",
    "\u{444}\u{44b}\u{432}\u{430}\u{43f}\u{440}\u{43e}\u{43b}\u{434}\u{436}\u{44d}",
];
