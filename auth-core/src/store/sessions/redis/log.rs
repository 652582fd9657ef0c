//! The log of revocations. All of it lies together, so entries get their number and become visible at one
//! moment: a reader who has seen a number has seen every smaller one.

use super::RedisStore;
use super::scripts::{self, arguments};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::encode::{corrupt, new_id_ms, read_id};
use crate::store::{LogPosition, LogRead, Result, Revocation, Revoked};

/// What is to be appended.
pub(super) struct Entry {
    pub(super) what: Revoked,
    pub(super) at_ms: i64,
    pub(super) until: UnixSeconds,
}

/// Appends entries, of a session only the first; gives them as the log has them, in the same order.
pub(super) async fn append(store: &RedisStore, entries: &[Entry]) -> Result<Vec<Revocation>> {
    let mut arguments = opening(store);
    arguments.push(store.keys.channel());
    for entry in entries {
        let mark = new_id_ms(entry.at_ms).as_u64_pair().1;
        let what = match entry.what {
            Revoked::Session(session) => format!("s:{session}"),
            Revoked::Account { account, minimum_generation } => {
                format!("a:{account}:{minimum_generation}:{mark}")
            }
        };
        arguments.extend(arguments![what, entry.at_ms, entry.until, mark]);
    }
    let given: Vec<(u64, String)> =
        scripts::APPEND.run(&store.link, &store.keys.log(), &arguments).await?;
    if given.len() != entries.len() {
        return Err(corrupt("log"));
    }
    let appended = given.iter().zip(entries).map(|((sequence, kept), entry)| {
        let (at_ms, until, _) = read_entry(kept)?;
        Ok(Revocation { sequence: *sequence, what: entry.what, at_ms, until })
    });
    appended.collect()
}

pub(super) async fn append_one(
    store: &RedisStore,
    what: Revoked,
    until: UnixSeconds,
    at_ms: i64,
) -> Result<Revocation> {
    let appended = append(store, &[Entry { what, at_ms, until }]).await?;
    appended.into_iter().next().ok_or_else(|| corrupt("log"))
}

/// Whatever has come since `seen`, as much as fits a call.
pub(super) async fn read(store: &RedisStore, seen: LogPosition) -> Result<LogRead> {
    let mut read = LogRead { position: seen, entries: Vec::new(), begun_at: None, complete: false };
    for _ in 0..PAGES_PER_CALL {
        let page = page(store, read.position).await?;
        read.position = page.position;
        read.begun_at = Some(page.begun_at);
        read.complete = page.entries.len() < PAGE;
        read.entries.extend(page.entries);
        if read.complete {
            break;
        }
    }
    Ok(read)
}

struct Page {
    position: LogPosition,
    entries: Vec<Revocation>,
    begun_at: UnixSeconds,
}

async fn page(store: &RedisStore, seen: LogPosition) -> Result<Page> {
    let LogPosition { log, sequence, mark } = seen;
    let mut arguments = opening(store);
    arguments.extend(arguments![KEPT_MS / 2, log, sequence, mark, PAGE]);
    let (log, begun_at_ms, after, read): (String, i64, u64, Vec<(u64, String, String)>) =
        scripts::READ.run(&store.link, &store.keys.log(), &arguments).await?;
    let log = read_id("log", &log)?;
    let mark = if after == sequence { mark } else { 0 };
    let mut position = LogPosition { log, sequence: after, mark };
    let mut entries = Vec::with_capacity(read.len());
    for (sequence, what, entry) in read {
        let (at_ms, until, mark) = read_entry(&entry)?;
        position = LogPosition { log, sequence, mark };
        entries.push(Revocation { sequence, what: read_what(&what)?, at_ms, until });
    }
    Ok(Page { position, entries, begun_at: begun_at_ms.div_euclid(1000) })
}

/// Forgets entries past their time, a bounded number.
pub(super) async fn forget(store: &RedisStore, now: UnixSeconds) -> Result<()> {
    let mut arguments = opening(store);
    arguments.extend(arguments![now, PAGE]);
    let _: i64 = scripts::PRUNE.run(&store.link, &store.keys.log(), &arguments).await?;
    Ok(())
}

/// What every script of the log needs to begin one.
fn opening(store: &RedisStore) -> Vec<String> {
    let now_ms = store.clock.now_ms();
    arguments![new_id_ms(now_ms), now_ms, KEPT_MS]
}

fn read_what(text: &str) -> Result<Revoked> {
    let wrong = || corrupt("log.what");
    let mut parts = text.split(':');
    let what = match (parts.next(), parts.next(), parts.next()) {
        (Some("s"), Some(session), None) => {
            Revoked::Session(SessionId(read_id("log.what", session)?))
        }
        (Some("a"), Some(account), Some(generation)) => Revoked::Account {
            account: AccountId(read_id("log.what", account)?),
            minimum_generation: generation.parse().map_err(|_| wrong())?,
        },
        _ => return Err(wrong()),
    };
    Ok(what)
}

fn read_entry(text: &str) -> Result<(i64, UnixSeconds, u64)> {
    let wrong = || corrupt("log.entry");
    let mut parts = text.split(':');
    let mut next = || parts.next().ok_or_else(wrong);
    let (at_ms, until, mark) = (next()?, next()?, next()?);
    Ok((
        at_ms.parse().map_err(|_| wrong())?,
        until.parse().map_err(|_| wrong())?,
        mark.parse().map_err(|_| wrong())?,
    ))
}

/// Entries in one run of a script.
const PAGE: usize = 1000;
const PAGES_PER_CALL: usize = 20;

/// Renewed with every entry and, in time, by whoever reads: it ends a month after the last gateway.
const KEPT_MS: u64 = 30 * 24 * 3600 * 1000;
