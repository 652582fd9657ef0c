//! What a portal says about its people, a batch at a time: one query reads what is known, a few write what
//! is new. A batch that says nothing new writes nothing.

use std::collections::{BTreeMap, HashMap};

use sqlx::{AssertSqlSafe, FromRow};

use super::super::{Connection, accounts};
use super::ImportedRow;
use crate::identity::{AccountId, UnixSeconds};
use crate::store::Result;
use crate::store::encode::list;
use crate::store::joining::{ImportedBatch, ImportedProfile};

/// A known record, and whether its password is no longer the portal's to change.
#[derive(FromRow)]
struct KnownRow {
    #[sqlx(flatten)]
    row: ImportedRow,
    password_kept: i64,
}

struct Known {
    profile: ImportedProfile,
    password_kept: bool,
}

pub(super) async fn batch(
    connection: &mut Connection,
    portal: &str,
    records: Vec<ImportedProfile>,
    now: UnixSeconds,
) -> Result<ImportedBatch> {
    // The last of several with one id.
    let said: BTreeMap<String, ImportedProfile> = records
        .into_iter()
        .map(|record| {
            (record.local_id.clone(), ImportedProfile { portal: portal.to_owned(), ..record })
        })
        .collect();
    let known = known(connection, portal, said.keys()).await?;
    let mut done = ImportedBatch::default();
    let mut news = Vec::new();
    for record in said.values() {
        match known.get(&record.local_id) {
            None => done.added += 1,
            Some(before) if says_the_same(record, before) => {
                done.unchanged += 1;
                continue;
            }
            Some(_) => done.changed += 1,
        }
        news.push(record);
    }
    for rows in news.chunks(ROWS) {
        put(connection, rows, now).await?;
    }
    for record in news {
        let before = known.get(&record.local_id).map(|known| &known.profile);
        if let Some((before, owner)) = before.and_then(|before| Some((before, before.account?)))
            && follow(connection, owner, before, record, now).await?
        {
            accounts::raise_generation(connection, owner).await?;
            done.affected.push(owner);
        }
    }
    done.affected.sort_unstable();
    done.affected.dedup();
    Ok(done)
}

async fn known(
    connection: &mut Connection,
    portal: &str,
    local_ids: impl ExactSizeIterator<Item = &String>,
) -> Result<HashMap<String, Known>> {
    if local_ids.len() == 0 {
        return Ok(HashMap::new());
    }
    let places = placeholders(2, local_ids.len());
    let mut query = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT portal, local_id, login, email, password_hash, name, active, roles, imported_at, account,
                password_kept
         FROM imported_profiles WHERE portal = $1 AND local_id IN ({places})"
    )))
    .bind(portal);
    for local_id in local_ids {
        query = query.bind(local_id);
    }
    let rows: Vec<KnownRow> = query.fetch_all(connection).await?;
    let known = |KnownRow { row, password_kept }: KnownRow| {
        let profile = ImportedProfile::try_from(row)?;
        Ok((profile.local_id.clone(), Known { profile, password_kept: password_kept == 1 }))
    };
    rows.into_iter().map(known).collect()
}

fn says_the_same(record: &ImportedProfile, known: &Known) -> bool {
    let before = &known.profile;
    let kept = known.password_kept || record.password_hash == before.password_hash;
    kept && record.login == before.login
        && record.email == before.email
        && record.name == before.name
        && record.active == before.active
        && record.roles == before.roles
}

/// A password that was ever used here is no longer the portal's to change.
async fn put(
    connection: &mut Connection,
    records: &[&ImportedProfile],
    now: UnixSeconds,
) -> Result<()> {
    let rows: Vec<String> = (0..records.len())
        .map(|row| format!("({})", placeholders(row * COLUMNS + 1, COLUMNS)))
        .collect();
    let mut query = sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO imported_profiles
             (portal, local_id, login, email, password_hash, name, active, roles, imported_at)
         VALUES {}
         ON CONFLICT (portal, local_id) DO UPDATE
         SET login = excluded.login, email = excluded.email, name = excluded.name,
             active = excluded.active, roles = excluded.roles, imported_at = excluded.imported_at,
             password_hash = CASE WHEN imported_profiles.password_kept = 1
                 THEN imported_profiles.password_hash ELSE excluded.password_hash END",
        rows.join(", ")
    )));
    for record in records {
        query = query
            .bind(&record.portal)
            .bind(&record.local_id)
            .bind(&record.login)
            .bind(&record.email)
            .bind(&record.password_hash)
            .bind(&record.name)
            .bind(i64::from(record.active))
            .bind(list(&record.roles))
            .bind(now);
    }
    query.execute(connection).await?;
    Ok(())
}

/// Brings the owner's profile up to date. False: nothing that tokens say has changed.
///
/// A record that is put out of use takes the profile along and stays joined; back in use, it gives the
/// profile back, unless the account has another one on that portal by then, or was merged into another account.
/// A profile that was withdrawn by hand stays away.
async fn follow(
    connection: &mut Connection,
    owner: AccountId,
    before: &ImportedProfile,
    record: &ImportedProfile,
    now: UnixSeconds,
) -> Result<bool> {
    let about = |text: &'static str| {
        sqlx::query(text).bind(owner.to_string()).bind(&record.portal).bind(&record.local_id)
    };
    let query = match (before.active, record.active) {
        (_, false) => {
            about("DELETE FROM profiles WHERE account = $1 AND portal = $2 AND local_id = $3")
        }
        (true, true) if record.roles == before.roles => return Ok(false),
        (true, true) => about(
            "UPDATE profiles SET roles = $4
             WHERE account = $1 AND portal = $2 AND local_id = $3 AND roles <> $4",
        )
        .bind(list(&record.roles)),
        (false, true) => about(
            "INSERT INTO profiles (account, portal, local_id, roles, joined_at)
             SELECT account, portal, local_id, roles, CAST($4 AS BIGINT) FROM imported_profiles
             WHERE account = $1 AND portal = $2 AND local_id = $3 AND withdrawn_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = $1 AND merged_into IS NOT NULL)
             ON CONFLICT (account, portal) DO NOTHING",
        )
        .bind(now),
    };
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// `$3, $4, $5` for `(3, 3)`. The only text that the statements of this file are put together from: it is made
/// of numbers of this program, and everything a portal says is bound, so both are safe to call so.
fn placeholders(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

const COLUMNS: usize = 9;

/// Rows written by one statement: 2250 values, where SQLite takes 32,766 and PostgreSQL 65,535.
const ROWS: usize = 250;
