//! The revocations as bytes, for a process that starts while the store is away.
//!
//! | bytes | hold |
//! |---|---|
//! | [`HEADER`] | what this is, and its version |
//! | 16, 8, 8 | position in the log: its name, last entry, that entry's mark |
//! | 8, 8 | when the log was last read to its end (ms); from when on anything is known (s) |
//! | 4, 4, entries; … | sessions (id, until) and accounts (id, generation, until), one piece of the set after another |
//! | 32 | HMAC-SHA256 of all before |
//!
//! Numbers are little-endian. The HMAC's key is a secret of the directory: bytes that were torn, changed or
//! made by another installation are not known to be anything, and are not looked at any further.

use std::io::{self, Write};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use ring::hmac;
use uuid::Uuid;

use super::{Revocations, Shard};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::{LogPosition, Revocation, Revoked};

/// How far whoever wrote the bytes had heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Everything up to here is in the set, if it still matters.
    pub position: LogPosition,
    /// When the log was last read to its end, Unix milliseconds by the clock of that moment.
    pub heard_at_ms: i64,
}

/// Bytes that are not what this program kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownBytes {
    /// Another program's, or another version's.
    #[error("it is of another kind or version")]
    Foreign,
    /// Incomplete or changed, or another installation's.
    #[error("it is torn, or of another installation")]
    Torn,
}

/// More than a process can keep for the next one.
pub const MOST_KEPT: usize = 4_000_000;
/// No bytes of ours are more.
pub const MOST_BYTES: u64 = (MOST_KEPT as u64) * (ACCOUNT as u64) + 4096;

const HEADER: &[u8] = b"bitrix-id revocations 1\n";
const SESSION: usize = 16 + 8;
const ACCOUNT: usize = 16 + 4 + 8;
const TAG: usize = 32;

impl Revocations {
    /// Entries that are held.
    #[must_use]
    pub fn count(&self) -> usize {
        let shards = self.shards.iter().map(|s| s.read().unwrap_or_else(PoisonError::into_inner));
        shards.map(|shard| shard.sessions.len() + shard.accounts.len()).sum()
    }

    /// Writes the set. Locks one piece of it at a time, for reading. `standing` was taken before: what
    /// comes while this writes is in it or not, and is read again either way.
    ///
    /// # Errors
    /// Those of `out`; more than [`MOST_KEPT`] entries.
    pub fn keep(
        &self,
        standing: Standing,
        secret: &[u8; 32],
        out: &mut impl Write,
    ) -> io::Result<()> {
        if self.count() > MOST_KEPT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut out = Signed { out, tag: hmac::Context::with_key(&key(secret)) };
        let Standing { position: LogPosition { log, sequence, mark }, heard_at_ms } = standing;
        let mut piece = HEADER.to_vec();
        piece.extend_from_slice(log.as_bytes());
        piece.extend_from_slice(&sequence.to_le_bytes());
        piece.extend_from_slice(&mark.to_le_bytes());
        piece.extend_from_slice(&heard_at_ms.to_le_bytes());
        piece.extend_from_slice(&self.known_since.load(Ordering::Acquire).to_le_bytes());
        out.write(&piece)?;
        for shard in &self.shards {
            piece.clear();
            shard.read().unwrap_or_else(PoisonError::into_inner).append_to(&mut piece);
            out.write(&piece)?;
        }
        out.finish()
    }

    /// Takes what [`keep`](Self::keep) wrote into this set, beside what it holds. `now`: whoever began the log
    /// may have had a clock that was fast, and tokens made from now on count in any case.
    ///
    /// # Errors
    /// [`UnknownBytes`]; nothing was taken then.
    pub fn take(
        &self,
        bytes: &[u8],
        secret: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Standing, UnknownBytes> {
        if !bytes.starts_with(HEADER) {
            return Err(UnknownBytes::Foreign);
        }
        let body = bytes.len().checked_sub(TAG).ok_or(UnknownBytes::Torn)?;
        let (signed, tag) = bytes.split_at(body);
        hmac::verify(&key(secret), signed, tag).map_err(|_| UnknownBytes::Torn)?;
        let mut rest = Bytes(signed.get(HEADER.len()..).unwrap_or_default());
        let position = LogPosition { log: rest.id()?, sequence: rest.u64()?, mark: rest.u64()? };
        let standing = Standing { position, heard_at_ms: rest.i64()? };
        self.refuse_before(rest.i64()?.min(now));
        while !rest.0.is_empty() {
            let (sessions, accounts) = (rest.u32()?, rest.u32()?);
            for _ in 0..sessions {
                let what = Revoked::Session(SessionId(rest.id()?));
                self.apply(&known(what, rest.i64()?));
            }
            for _ in 0..accounts {
                let account = AccountId(rest.id()?);
                let what = Revoked::Account { account, minimum_generation: rest.u32()? };
                self.apply(&known(what, rest.i64()?));
            }
        }
        Ok(standing)
    }
}

/// An entry whose place in the log is of no interest any more.
fn known(what: Revoked, until: UnixSeconds) -> Revocation {
    Revocation { sequence: 0, what, at_ms: 0, until }
}

impl Shard {
    fn append_to(&self, piece: &mut Vec<u8>) {
        piece.reserve(8 + self.sessions.len() * SESSION + self.accounts.len() * ACCOUNT);
        // There are fewer than MOST_KEPT.
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
        piece.extend_from_slice(&number(self.sessions.len()));
        piece.extend_from_slice(&number(self.accounts.len()));
        for (session, until) in &self.sessions {
            piece.extend_from_slice(session.0.as_bytes());
            piece.extend_from_slice(&until.to_le_bytes());
        }
        for (account, entry) in &self.accounts {
            piece.extend_from_slice(account.0.as_bytes());
            piece.extend_from_slice(&entry.minimum_generation.to_le_bytes());
            piece.extend_from_slice(&entry.until.to_le_bytes());
        }
    }
}

/// Passes bytes on and sums them up.
struct Signed<'a, W> {
    out: &'a mut W,
    tag: hmac::Context,
}

impl<W: Write> Signed<'_, W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.tag.update(piece);
        self.out.write_all(piece)
    }

    fn finish(self) -> io::Result<()> {
        self.out.write_all(self.tag.sign().as_ref())
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], UnknownBytes> {
        let (first, rest) = self.0.split_first_chunk().ok_or(UnknownBytes::Torn)?;
        self.0 = rest;
        Ok(*first)
    }

    fn id(&mut self) -> Result<Uuid, UnknownBytes> {
        self.array().map(Uuid::from_bytes)
    }

    fn u32(&mut self) -> Result<u32, UnknownBytes> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, UnknownBytes> {
        self.array().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Result<i64, UnknownBytes> {
        self.array().map(i64::from_le_bytes)
    }
}

fn key(secret: &[u8; 32]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

#[cfg(test)]
mod tests;
