//! Sessions while they live. A session is live while `now` is before both of its ends: last use plus the idle
//! limit, and sign-in plus the absolute limit.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::RedisStore;
use super::keys::{PARTITIONS, in_partition_of, partition_of, partition_of_account};
use super::scripts::{self, arguments};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::encode::{corrupt, list, new_id, octets, read_id, read_ip, read_list};
use crate::store::{
    NewSession, Result, Session, SessionLimits, SessionPortal, created_bound, last_seen_bound,
};

pub(super) async fn create(
    store: &RedisStore,
    new: NewSession,
    now: UnixSeconds,
) -> Result<Session> {
    let session = new.begin(in_partition_of(new.account, new_id(now)), now);
    let cookie = octets(&new.cookie_hash);
    // First: a cookie without a session is harmless, a session that nobody can use is shown to its person.
    let mut pointer = redis::cmd("SET");
    pointer.arg(store.keys.cookie_as_kept(&cookie)).arg(session.id.to_string());
    pointer.arg("PX").arg(KEPT_MS);
    let () = store.link.query(&pointer).await?;

    let partition = partition_of(session.id);
    let keys = [
        store.keys.session(session.id),
        store.keys.account(session.account),
        store.keys.used(partition),
        store.keys.begun(partition),
    ];
    let mut arguments = arguments![KEPT_MS, session.id, now, now];
    arguments.extend(record(&session, &cookie, new.device));
    let _: i64 = scripts::BEGIN.run(&store.link, &keys, &arguments).await?;
    Ok(session)
}

/// Fields and values, in turn.
fn record(session: &Session, cookie: &str, device: Option<String>) -> Vec<String> {
    let mut record = arguments![
        "account",
        session.account,
        "cookie",
        cookie,
        "generation",
        session.generation,
        "created_at",
        session.created_at,
        "last_seen_at",
        session.last_seen_at,
        "auth_time",
        session.auth_time,
        "amr",
        list(&session.amr),
        "user_agent",
        session.user_agent,
    ];
    let optional = [("client_ip", session.client_ip.map(|ip| ip.to_string())), ("device", device)];
    for (field, value) in optional {
        record.extend(value.into_iter().flat_map(|value| [field.to_owned(), value]));
    }
    record
}

pub(super) async fn by_cookie(
    store: &RedisStore,
    cookie_hash: &[u8; 32],
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Option<Session>> {
    let mut pointer = redis::cmd("GET");
    pointer.arg(store.keys.cookie(cookie_hash));
    let id: Option<String> = store.link.query(&pointer).await?;
    let Some(id) = id else { return Ok(None) };
    let id = SessionId(read_id("cookie", &id)?);
    let Some(record) = Record::read(store, id).await? else { return Ok(None) };
    // A cookie that is left over leads nowhere.
    if record.field("cookie")? != octets(cookie_hash) {
        return Ok(None);
    }
    record.live(limits, now)
}

pub(super) async fn by_id(
    store: &RedisStore,
    id: SessionId,
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Option<Session>> {
    let Some(record) = Record::read(store, id).await? else { return Ok(None) };
    record.live(limits, now)
}

pub(super) async fn of_account(
    store: &RedisStore,
    account: AccountId,
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Vec<Session>> {
    let ids = ids_of(store, account).await?;
    let found: Vec<Option<Session>> = stream::iter(ids)
        .map(|id| by_id(store, id, limits, now))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut sessions: Vec<Session> = found.into_iter().flatten().collect();
    sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
    Ok(sessions)
}

/// Those whose end has begun included.
pub(super) async fn ids_of(store: &RedisStore, account: AccountId) -> Result<Vec<SessionId>> {
    let mut command = redis::cmd("SMEMBERS");
    command.arg(store.keys.account(account));
    let ids: Vec<String> = store.link.query(&command).await?;
    let mut ids = ids
        .iter()
        .map(|id| read_id("account", id).map(SessionId))
        .collect::<Result<Vec<SessionId>>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// Moves `field` forward. False: the session has ended.
pub(super) async fn raise(
    store: &RedisStore,
    id: SessionId,
    field: &str,
    value: i64,
    portal: &str,
) -> Result<bool> {
    let used = store.keys.used(partition_of(id));
    let keys = [store.keys.session(id), used, store.keys.portals(id)];
    let arguments = arguments![field, value, id, portal];
    let raised: i64 = scripts::RAISE.run(&store.link, &keys, &arguments).await?;
    Ok(raised == 1)
}

pub(super) async fn portals(store: &RedisStore, account: AccountId) -> Result<Vec<SessionPortal>> {
    let ids = ids_of(store, account).await?;
    let opened: Vec<Vec<SessionPortal>> =
        stream::iter(ids).map(|id| portals_of(store, id)).buffered(AT_ONCE).try_collect().await?;
    Ok(opened.into_iter().flatten().collect())
}

async fn portals_of(store: &RedisStore, id: SessionId) -> Result<Vec<SessionPortal>> {
    if Record::read(store, id).await?.is_none() {
        return Ok(Vec::new());
    }
    let mut command = redis::cmd("HGETALL");
    command.arg(store.keys.portals(id));
    let opened: HashMap<String, i64> = store.link.query(&command).await?;
    let mut opened: Vec<SessionPortal> = opened
        .into_iter()
        .map(|(portal, last_used_at)| SessionPortal { session: id, portal, last_used_at })
        .collect();
    opened.sort_by(|one, other| one.portal.cmp(&other.portal));
    Ok(opened)
}

pub(super) async fn count(store: &RedisStore) -> Result<u64> {
    let counts: Vec<u64> = stream::iter(0..PARTITIONS)
        .map(async |partition| {
            let mut command = redis::cmd("ZCARD");
            command.arg(store.keys.begun(partition));
            store.link.query::<u64>(&command).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(counts.into_iter().sum())
}

/// A session as it is kept, of which nobody has begun the end.
struct Record {
    id: SessionId,
    fields: HashMap<String, String>,
}

impl Record {
    async fn read(store: &RedisStore, id: SessionId) -> Result<Option<Self>> {
        let mut command = redis::cmd("HGETALL");
        command.arg(store.keys.session(id));
        let fields: HashMap<String, String> = store.link.query(&command).await?;
        let none = fields.is_empty() || fields.contains_key("ending");
        Ok((!none).then_some(Self { id, fields }))
    }

    fn live(&self, limits: SessionLimits, now: UnixSeconds) -> Result<Option<Session>> {
        let session = self.session()?;
        let live = session.last_seen_at > last_seen_bound(limits, now)
            && session.created_at > created_bound(limits, now);
        Ok(live.then_some(session))
    }

    fn session(&self) -> Result<Session> {
        let account = AccountId(read_id("session.account", self.field("account")?)?);
        // The id says so too: another account's session is nobody's.
        if partition_of_account(account) != partition_of(self.id) {
            return Err(corrupt("session.account"));
        }
        Ok(Session {
            id: self.id,
            account,
            generation: self.number("generation")?,
            created_at: self.number("created_at")?,
            last_seen_at: self.number("last_seen_at")?,
            auth_time: self.number("auth_time")?,
            amr: read_list("session.amr", self.field("amr")?)?,
            user_agent: self.field("user_agent")?.to_owned(),
            client_ip: read_ip(
                "session.client_ip",
                self.fields.get("client_ip").map(String::as_str),
            )?,
        })
    }

    fn field(&self, name: &str) -> Result<&str> {
        self.fields.get(name).map(String::as_str).ok_or_else(|| corrupt(&format!("session.{name}")))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T> {
        self.field(name)?.parse().map_err(|_| corrupt(&format!("session.{name}")))
    }
}

/// Commands of one call that are under way together.
pub(super) const AT_ONCE: usize = 64;

/// A day more than the longest `identity.session_lifetime` there can be. The sweep is what ends sessions;
/// this forgets them where no gateway runs any more.
pub(super) const KEPT_MS: u64 = 401 * 24 * 3600 * 1000;
