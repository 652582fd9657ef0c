//! Password hashes that portals bring along: what forms there are, and comparing with them.
//!
//! A portal's table holds `$6$` (SHA-512-crypt), `salt + hex(md5(salt + password))` or the bare
//! `hex(md5(password))`; people of other systems come with argon2 in PHC form. None but the last resists
//! guessing: they are compared with until the person has signed in once, and never made, but for [`super::samples`].

use std::hint::black_box;

use argon2::Params;
use encoding_rs::WINDOWS_1251;
use md5::{Digest, Md5};

use super::Stored;

/// A portal's hash, read.
pub(super) enum PortalHash {
    /// argon2 in PHC form.
    Argon2,
    /// SHA-512-crypt.
    Sha512 { salt: Vec<u8>, rounds: u32, output: Vec<u8> },
    /// MD5 of salt and password; of the password alone where the salt is empty.
    Md5 { salt: Vec<u8>, output: [u8; 16] },
}

/// Whether `text` is a hash that the password of a portal can be compared with.
///
/// # Errors
/// What is wrong with it, in a few words; never a part of it.
pub fn check_portal_hash(text: &str) -> Result<(), &'static str> {
    PortalHash::parse(text, None).map(drop)
}

impl PortalHash {
    /// Portals tell their own forms apart by length: above 100 bytes SHA-512-crypt, 33 to 100 salted MD5,
    /// 32 MD5. A prefix alone says nothing, since the salts of MD5 may begin with `$6$`; a text that is a
    /// whole `$6$` or `$argon2` hash is taken for one at any length, as it cannot end like an MD5 one.
    ///
    /// An argon2 hash may ask for what an import may, and for what `ours` asks.
    pub(super) fn parse(text: &str, ours: Option<&Params>) -> Result<Self, &'static str> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it holds something else than printable ASCII");
        }
        if text.starts_with("$argon2") && !ends_like_md5(text) {
            return argon2(text, ours);
        }
        if let Some(hash) = text.strip_prefix("$6$").and_then(sha512) {
            return hash;
        }
        match text.len() {
            32..=100 => md5(text),
            0..32 => Err("it is too short for a hash"),
            _ => Err("it is of no known form"),
        }
    }

    /// Whether `password` is the one; at the cost of one SHA-512-crypt, whatever the form. An argon2 hash
    /// is not compared here.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        match self {
            Self::Argon2 => burn(password),
            Self::Sha512 { salt, rounds, output } => {
                equal(&crypt(password, salt, *rounds), output)
                    || (*rounds < ROUNDS && burn(password))
            }
            Self::Md5 { salt, output } => {
                let computed: [u8; 16] =
                    Md5::new().chain_update(salt).chain_update(password).finalize().into();
                // Also after a match: which of several it was must not show either.
                burn(password) || equal(&computed, output)
            }
        }
    }
}

/// Costs what a comparison costs, and never matches.
pub(super) fn burn(password: &[u8]) -> bool {
    black_box(crypt(password, DUMMY_SALT, ROUNDS));
    false
}

/// The octets that a portal may have hashed for what was typed: UTF-8, and on old sites windows-1251.
pub(super) fn spellings(password: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![password.to_vec()];
    if let Ok(text) = std::str::from_utf8(password)
        && !text.is_ascii()
        && let (old, _, false) = WINDOWS_1251.encode(text)
    {
        spellings.push(old.into_owned());
    }
    spellings
}

fn argon2(text: &str, ours: Option<&Params>) -> Result<PortalHash, &'static str> {
    let asked = Stored::parse(text)?.params;
    let within = |memory_kib, iterations, parallelism| {
        asked.m_cost() <= memory_kib
            && asked.t_cost() <= iterations
            && asked.p_cost() <= parallelism
    };
    let as_we_do = ours.is_some_and(|our| within(our.m_cost(), our.t_cost(), our.p_cost()));
    if as_we_do || within(MOST_MEMORY_KIB, MOST_ITERATIONS, MOST_PARALLELISM) {
        Ok(PortalHash::Argon2)
    } else {
        Err("it asks for too much memory or time")
    }
}

/// What follows `$6$`: `rounds=N$`, where that is not 5000; salt; output. `None`: it is another form.
fn sha512(text: &str) -> Option<Result<PortalHash, &'static str>> {
    let (head, output) = text.rsplit_once('$')?;
    if output.len() != SHA512_LETTERS || !output.bytes().all(|byte| ALPHABET.contains(&byte)) {
        return None;
    }
    let (rounds, salt) = match head.strip_prefix("rounds=").and_then(|rest| rest.split_once('$')) {
        Some((rounds, salt)) => (rounds.parse().ok()?, salt),
        None => (ROUNDS, head),
    };
    if salt.len() > MOST_SALT_BYTES || salt.contains('$') {
        return None;
    }
    if !(FEWEST_ROUNDS..=MOST_ROUNDS).contains(&rounds) {
        return Some(Err("it asks for too many rounds, or too few"));
    }
    Some(Ok(PortalHash::Sha512 { salt: salt.into(), rounds, output: output.into() }))
}

fn md5(text: &str) -> Result<PortalHash, &'static str> {
    let (salt, digits) = text.split_at(text.len() - MD5_DIGITS);
    let mut output = [0; 16];
    for (byte, pair) in output.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| NO_MD5)?;
        // Not the sign that from_str_radix would take.
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NO_MD5);
        }
        *byte = u8::from_str_radix(pair, 16).map_err(|_| NO_MD5)?;
    }
    Ok(PortalHash::Md5 { salt: salt.into(), output })
}

fn ends_like_md5(text: &str) -> bool {
    let bytes = text.as_bytes();
    let tail = &bytes[bytes.len().saturating_sub(MD5_DIGITS)..];
    tail.len() == MD5_DIGITS && tail.iter().all(u8::is_ascii_hexdigit)
}

/// SHA-512-crypt as text, without prefix and salt.
///
/// Source: <https://www.akkadia.org/drepper/SHA-crypt.txt>, steps 21 and 22.
pub(super) fn crypt(password: &[u8], salt: &[u8], rounds: u32) -> Vec<u8> {
    #[cfg(test)]
    COMPUTED.with(|computed| computed.set(computed.get() + 1));
    let params = sha_crypt::Params::new(rounds).unwrap_or_default();
    let output = sha_crypt::sha512_crypt(password, salt, params);
    let mut text = Vec::with_capacity(SHA512_LETTERS);
    // Three octets at a time, 21 apart; which of them comes first goes round.
    let (mut high, mut middle, mut low) = (0, 21, 42);
    for _ in 0..21 {
        push_letters(&mut text, [output[low], output[middle], output[high]], 4);
        (high, middle, low) = (middle + 1, low + 1, high + 1);
    }
    push_letters(&mut text, [output[63], 0, 0], 2);
    text
}

/// Six bits a letter, the lowest first.
fn push_letters(text: &mut Vec<u8>, [low, middle, high]: [u8; 3], letters: u32) {
    let bits = u32::from_le_bytes([low, middle, high, 0]);
    text.extend((0..letters).map(|place| ALPHABET[(bits >> (6 * place)) as usize & 63]));
}

/// In constant time for texts of one length.
fn equal(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |bits, (a, b)| black_box(bits | (a ^ b)));
    left.len() == right.len() && differing == 0
}

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DUMMY_SALT: &[u8; 16] = b"nosuchportaluser";
const NO_MD5: &str = "it is of no known form";

const MD5_DIGITS: usize = 32;
const SHA512_LETTERS: usize = 86;
const MOST_SALT_BYTES: usize = 16;

/// Where a `$6$` hash names none.
pub(super) const ROUNDS: u32 = 5000;
const FEWEST_ROUNDS: u32 = 1000;
const MOST_ROUNDS: u32 = 10_000;

/// Most that an imported argon2 hash may ask for: a portal's file must not be able to stall the queue.
const MOST_MEMORY_KIB: u32 = 128 * 1024;
const MOST_ITERATIONS: u32 = 10;
const MOST_PARALLELISM: u32 = 16;

#[cfg(test)]
thread_local! {
    /// How often this thread has computed SHA-512-crypt.
    pub(super) static COMPUTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests;
