//! Who is told of what, and writing it into the queue.

use bitrix_id_config::NoticeEvent;
use serde_json::Value;

use super::super::{Connection, accounts, counters, profiles};
use crate::identity::AccountId;
use crate::store::encode::{list, new_id_ms, read_list};
use crate::store::notices::{MOST_QUEUED_NOTICES, Notice, Subscription};
use crate::store::{Account, AddressProof, Profile, Result};

/// Queues `notice` for each portal on which the account has a profile now and that subscribes to it.
pub(in crate::store::directory) async fn tell_portals_of(
    connection: &mut Connection,
    account: AccountId,
    notice: &Notice,
    now_ms: i64,
) -> Result<()> {
    let portals: Vec<String> = sqlx::query_scalar(
        "SELECT profiles.portal FROM profiles
         JOIN notice_portals ON notice_portals.portal = profiles.portal
         WHERE account = $1 ORDER BY profiles.portal",
    )
    .bind(account.to_string())
    .fetch_all(&mut *connection)
    .await?;
    for portal in portals {
        tell_portal(connection, &portal, notice, now_ms).await?;
    }
    Ok(())
}

/// Queues `notice` for a portal if it subscribes to it.
pub(in crate::store::directory) async fn tell_portal(
    connection: &mut Connection,
    portal: &str,
    notice: &Notice,
    now_ms: i64,
) -> Result<()> {
    if !subscribes(connection, portal, notice.event).await? {
        return Ok(());
    }
    let (portal_user, data) = seen_by(connection, portal, notice).await?;
    let position = counters::next(connection, counters::NOTICES).await?;
    make_room(connection, portal, now_ms).await?;
    sqlx::query(
        "INSERT INTO notices (id, position, portal, event, created_at_ms, since_ms, subject,
                              portal_user, data, attempts, state, due_at_ms, last_error)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, 0, 'queued', $5, '')",
    )
    .bind(new_id_ms(now_ms).to_string())
    .bind(i64::try_from(position).unwrap_or(i64::MAX))
    .bind(portal)
    .bind(notice.event.name())
    .bind(now_ms)
    .bind(notice.subject.map(|account| account.to_string()))
    .bind(portal_user)
    .bind(data.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// The portal's own user id of the subject, and the notice's data with what only the portal may see.
async fn seen_by(
    connection: &mut Connection,
    portal: &str,
    notice: &Notice,
) -> Result<(Option<String>, Value)> {
    let (mut portal_user, mut data) = (notice.portal_user.clone(), notice.data.clone());
    let Some(subject) = notice.subject else { return Ok((portal_user, data)) };
    let Some(profile) = profiles::on_portal(connection, subject, portal).await? else {
        return Ok((portal_user, data));
    };
    let whole = matches!(notice.event, NoticeEvent::AccountJoined | NoticeEvent::ProfileUpdated);
    if let (true, Value::Object(fields)) = (whole, &mut data)
        && let Some(account) = accounts::by_id(connection, subject).await?
    {
        add_person(fields, account, &profile);
    }
    portal_user = portal_user.or(profile.local_id);
    Ok((portal_user, data))
}

/// What the portal's identity headers would say, and what the person set for this portal.
fn add_person(fields: &mut serde_json::Map<String, Value>, account: Account, profile: &Profile) {
    // What nobody has proved is told to nobody.
    let email = (account.proof != AddressProof::None).then_some(account.email);
    let name = profile.display_name.clone().unwrap_or(account.name);
    let details = [
        ("name", Value::from(name)),
        ("email", Value::from(email)),
        ("title", Value::from(profile.title.clone())),
        ("language", Value::from(account.language)),
        ("time_zone", Value::from(account.time_zone)),
        ("roles", Value::from(profile.roles.clone())),
    ];
    fields.extend(details.map(|(key, value)| (key.to_owned(), value)));
}

/// The oldest that waits dies for a new one, and the oldest dead one is forgotten for that.
async fn make_room(connection: &mut Connection, portal: &str, now_ms: i64) -> Result<()> {
    if held(connection, portal, super::QUEUED).await? < i64::from(MOST_QUEUED_NOTICES) {
        return Ok(());
    }
    if held(connection, portal, super::DEAD).await? >= i64::from(MOST_QUEUED_NOTICES) {
        sqlx::query(
            "DELETE FROM notices WHERE id = (
                 SELECT id FROM notices WHERE portal = $1 AND state = 'dead' ORDER BY position LIMIT 1
             )",
        )
        .bind(portal)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "UPDATE notices SET state = 'dead', due_at_ms = $2, last_error = 'the queue was full'
         WHERE id = (
             SELECT id FROM notices WHERE portal = $1 AND state = 'queued' ORDER BY position LIMIT 1
         )",
    )
    .bind(portal)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

async fn held(connection: &mut Connection, portal: &str, state: &str) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM notices WHERE portal = $1 AND state = $2")
        .bind(portal)
        .bind(state)
        .fetch_one(connection)
        .await?)
}

async fn subscribes(connection: &mut Connection, portal: &str, event: NoticeEvent) -> Result<bool> {
    let events: Option<String> =
        sqlx::query_scalar("SELECT events FROM notice_portals WHERE portal = $1")
            .bind(portal)
            .fetch_optional(connection)
            .await?;
    events.map_or(Ok(false), |events| names(&events, event))
}

pub(super) async fn anybody_listens(
    connection: &mut Connection,
    event: NoticeEvent,
) -> Result<bool> {
    let all = subscriptions(connection).await?;
    all.iter().try_fold(false, |found, (_, events)| Ok(found || names(events, event)?))
}

fn names(events: &str, event: NoticeEvent) -> Result<bool> {
    let events = read_list("notice_portals.events", events)?;
    Ok(events.iter().any(|name| name == event.name()))
}

/// Portal and events as they are kept, in order of portal.
async fn subscriptions(connection: &mut Connection) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as("SELECT portal, events FROM notice_portals ORDER BY portal")
        .fetch_all(connection)
        .await?)
}

pub(super) async fn is_subscribed(
    connection: &mut Connection,
    wanted: &[Subscription],
) -> Result<bool> {
    let mut wanted: Vec<(String, String)> = wanted.iter().map(as_kept).collect();
    wanted.sort();
    Ok(subscriptions(connection).await? == wanted)
}

pub(super) async fn subscribe(
    connection: &mut Connection,
    wanted: &[Subscription],
) -> Result<Vec<(String, u64)>> {
    for (portal, events) in wanted.iter().map(as_kept) {
        sqlx::query(
            "INSERT INTO notice_portals (portal, events, due_at_ms, failures) VALUES ($1, $2, 0, 0)
             ON CONFLICT (portal) DO UPDATE SET events = excluded.events",
        )
        .bind(portal)
        .bind(events)
        .execute(&mut *connection)
        .await?;
    }
    let mut dropped = Vec::new();
    for (portal, _) in subscriptions(connection).await? {
        if wanted.iter().any(|subscription| subscription.portal == portal) {
            continue;
        }
        let gone = sqlx::query("DELETE FROM notices WHERE portal = $1")
            .bind(&portal)
            .execute(&mut *connection)
            .await?;
        sqlx::query("DELETE FROM notice_portals WHERE portal = $1")
            .bind(&portal)
            .execute(&mut *connection)
            .await?;
        dropped.push((portal, gone.rows_affected()));
    }
    Ok(dropped)
}

/// Of a portal that is being made; one that subscribes already keeps what it has.
pub(in crate::store::directory) async fn add_subscription(
    connection: &mut Connection,
    subscription: &Subscription,
) -> Result<()> {
    let (portal, events) = as_kept(subscription);
    sqlx::query(
        "INSERT INTO notice_portals (portal, events, due_at_ms, failures) VALUES ($1, $2, 0, 0)
         ON CONFLICT (portal) DO NOTHING",
    )
    .bind(portal)
    .bind(events)
    .execute(connection)
    .await?;
    Ok(())
}

fn as_kept(subscription: &Subscription) -> (String, String) {
    let names: Vec<String> =
        subscription.events.iter().map(|event| event.name().to_owned()).collect();
    (subscription.portal.clone(), list(&names))
}
