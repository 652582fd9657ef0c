//! The end of sessions: marked, told to the log, forgotten; in this order (see the module above).

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::RedisStore;
use super::keys::{PARTITIONS, partition_of};
use super::log::{self, Entry};
use super::open;
use super::scripts::{self, arguments};
use super::sessions::{AT_ONCE, KEPT_MS};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::encode::{new_id_ms, read_id};
use crate::store::{Result, Revocation, Revoked, SessionLimits, created_bound, last_seen_bound};

/// Which of the sessions that are named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Meant<'a> {
    All,
    OnDevice(&'a str),
    PastLimits(SessionLimits),
}

/// Ends those of `ids` that are meant. Gives the revocations of those that this call has ended.
pub(super) async fn end(
    store: &RedisStore,
    ids: &[SessionId],
    meant: Meant<'_>,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Vec<Revocation>> {
    let mut partitions: BTreeMap<u8, Vec<SessionId>> = BTreeMap::new();
    for id in ids {
        partitions.entry(partition_of(*id)).or_default().push(*id);
    }
    let mut ended = Vec::new();
    for (partition, ids) in partitions {
        for ids in ids.chunks(PER_STEP) {
            let marked = mark(store, partition, ids, meant, until, now_ms).await?;
            ended.extend(complete(store, partition, &marked).await?);
        }
    }
    ended.sort_by_key(|revocation| revocation.sequence);
    Ok(ended)
}

/// A session whose end has begun.
pub(super) struct Marked {
    id: SessionId,
    account: AccountId,
    cookie: String,
    at_ms: i64,
    until: UnixSeconds,
}

pub(super) async fn mark(
    store: &RedisStore,
    partition: u8,
    ids: &[SessionId],
    meant: Meant<'_>,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Vec<Marked>> {
    let now = now_ms.div_euclid(1000);
    let mut keys = indexes(store, partition).to_vec();
    keys.extend(ids.iter().map(|id| store.keys.session(*id)));
    let (used_bound, begun_bound) = match meant {
        Meant::PastLimits(limits) => {
            (last_seen_bound(limits, now).to_string(), created_bound(limits, now).to_string())
        }
        Meant::All | Meant::OnDevice(_) => Default::default(),
    };
    let device = match meant {
        Meant::OnDevice(device) => format!("d{device}"),
        Meant::All | Meant::PastLimits(_) => String::new(),
    };
    let due = now.saturating_add(PATIENCE_SECONDS);
    let mut arguments = arguments![due, now_ms, until, used_bound, begun_bound, device, KEPT_MS];
    arguments.extend(ids.iter().map(SessionId::to_string));
    let marked: Vec<(String, i64, i64, String, String)> =
        scripts::MARK.run(&store.link, &keys, &arguments).await?;
    let marked = marked.into_iter().map(|(id, at_ms, until, account, cookie)| {
        let id = SessionId(read_id("session.id", &id)?);
        let account = AccountId(read_id("session.account", &account)?);
        Ok(Marked { id, account, cookie, at_ms, until })
    });
    marked.collect()
}

/// Whoever has begun it.
async fn complete(store: &RedisStore, partition: u8, marked: &[Marked]) -> Result<Vec<Revocation>> {
    if marked.is_empty() {
        return Ok(Vec::new());
    }
    let entries: Vec<Entry> = marked
        .iter()
        .map(|session| {
            let (at_ms, until) = (session.at_ms, session.until);
            Entry { what: Revoked::Session(session.id), at_ms, until }
        })
        .collect();
    let appended = log::append(store, &entries).await?;

    let mut keys = indexes(store, partition).to_vec();
    for session in marked {
        keys.push(store.keys.session(session.id));
        keys.push(store.keys.portals(session.id));
        keys.push(store.keys.account(session.account));
    }
    let ids: Vec<String> = marked.iter().map(|session| session.id.to_string()).collect();
    let forgotten: Vec<String> = scripts::FINISH.run(&store.link, &keys, &ids).await?;
    forget_cookies(store, marked).await;

    let appended: HashMap<Revoked, Revocation> =
        appended.into_iter().map(|revocation| (revocation.what, revocation)).collect();
    let mut ended = Vec::with_capacity(forgotten.len());
    for id in forgotten {
        let what = Revoked::Session(SessionId(read_id("session.id", &id)?));
        ended.extend(appended.get(&what));
    }
    Ok(ended)
}

/// Makes room. One that stays leads nowhere, and goes by itself in the end.
async fn forget_cookies(store: &RedisStore, marked: &[Marked]) {
    stream::iter(marked)
        .for_each_concurrent(AT_ONCE, async |session| {
            let mut command = redis::cmd("DEL");
            command.arg(store.keys.cookie_as_kept(&session.cookie));
            let _: Result<i64> = store.link.query(&command).await;
        })
        .await;
}

/// Ends sessions past a limit, and completes ends that were begun and left; a bounded number at a time.
pub(super) async fn sweep(
    store: &RedisStore,
    limits: SessionLimits,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Vec<Revocation>> {
    let now = now_ms.div_euclid(1000);
    log::forget(store, now).await?;
    // Somewhere else each time: where much is due, the others have their turn as well.
    let first = new_id_ms(now_ms).into_bytes()[14];
    let partitions = (0..PARTITIONS).map(|n| n.wrapping_add(first) % PARTITIONS);
    let due: Vec<Vec<SessionId>> = stream::iter(partitions)
        .map(|partition| due(store, partition, limits, now))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    // Everything up to here is possible where the memory is full, and forgetting is what helps then.
    open::takes_writes(store).await?;
    let due: Vec<SessionId> = due.into_iter().flatten().take(PER_SWEEP).collect();
    end(store, &due, Meant::PastLimits(limits), until, now_ms).await
}

async fn due(
    store: &RedisStore,
    partition: u8,
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Vec<SessionId>> {
    let bounds = [now, last_seen_bound(limits, now), created_bound(limits, now)];
    let mut arguments: Vec<String> = bounds.iter().map(i64::to_string).collect();
    arguments.push(PER_PARTITION.to_string());
    let ids: Vec<String> =
        scripts::DUE.run(&store.link, &indexes(store, partition), &arguments).await?;
    ids.iter().map(|id| read_id("session.id", id).map(SessionId)).collect()
}

fn indexes(store: &RedisStore, partition: u8) -> [String; 3] {
    let keys = &store.keys;
    [keys.ending(partition), keys.used(partition), keys.begun(partition)]
}

/// Longer than any call takes: an end that was begun so long ago is nobody's any more.
pub(super) const PATIENCE_SECONDS: i64 = 5;

/// Sessions in one run of a script: Redis does nothing else meanwhile.
const PER_STEP: usize = 100;

/// Keeps a sweep below the deadline; the rest follows a second later.
const PER_SWEEP: usize = 500;
const PER_PARTITION: usize = 100;
