//! `/profile/portals`: what opens each portal, what waits to be joined, what was joined and undone.

use std::collections::HashMap;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinEntry, JoinProof};
use bitrix_id_auth_core::store::{Profile, StoreError};
use http::StatusCode;

use super::browser::Browser;
use super::failure::Answer;
use super::fields::{Form, Query};
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::hop;
use super::people;
use super::person::{self, SignedIn, event, record};
use super::portals;
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use super::welcome::join::waiting;
use super::welcome::notice;
use crate::pages::{
    self, JoinedHow, JournalEntry, OpenedPortal, OpenedRecord, PortalsDone, ProfilePortals,
    UndoJoin, UndoneBy,
};

/// `GET /profile/portals`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let session = Some(person.session.id);
    let done = match Flash::read(&visit, session) {
        Some(Flash::Joined) => Some(PortalsDone::Joined),
        Some(Flash::Unjoined(portal)) => Some(PortalsDone::Unjoined(title_of(&visit, &portal))),
        _ => None,
    };
    let browser = Browser::of(&visit)?;
    let account = &person.account;
    let journal = visit.hub().directory.journal(account.id).await?;
    let back = hop::own_state_to(&visit, "/profile/portals");
    let is_done = done.is_some();
    let waiting = waiting(&visit, account).await?;
    let view = ProfilePortals {
        person: person.person(),
        csrf: browser.form_value(&visit, session),
        owned: people::owned(&visit, &person).await?,
        opened: opened(&visit, &person, &journal).await?,
        waiting: waiting.iter().filter_map(|group| group.shown(&visit)).collect(),
        join_url: hop::with_state("/welcome", Some(&back)),
        journal: journal.iter().map(|entry| shown(&visit, entry)).collect(),
        done,
        now: visit.now(),
    };
    let page = pages::profile_portals(&visit.frame_at("/profile/portals"), &view);
    let reply = Reply::page(page).cookies(browser.cookie());
    Ok(if is_done { reply.cookie(flash::clear()) } else { reply })
}

/// `GET /profile/portals/undo?portal=…`
pub(crate) async fn ask(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    ask_about(&visit, &person, query.text("portal"), false).await
}

/// `POST /profile/portals/undo`
pub(crate) async fn undo(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let (session, portal) = (Some(person.session.id), fields.text("portal"));
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return ask_about(&visit, &person, portal, true).await;
    }
    // Names one of the account's own joins, or nothing.
    if !visit.change().unjoin(person.account.id, portal, "self").await? {
        return Ok(back(&visit));
    }
    visit.refuse_ended().await;
    let event = event(&visit, audit::PROFILE_UNJOINED).with_account(person.account.id);
    record(&visit, event.with_portal(portal)).await;
    notice::unjoined(&visit, &person.account, &title_of(&visit, portal)).await;
    Ok(back(&visit).cookies(Flash::Unjoined(portal.to_owned()).leave(&visit, session)))
}

async fn ask_about(visit: &Visit, person: &SignedIn, portal: &str, expired: bool) -> Answer {
    let (directory, account) = (&visit.hub().directory, person.account.id);
    // A record whose profile is gone, withdrawn or out of use, is not for the person to undo.
    let open = directory.profile(account, portal).await?.is_some();
    let joined = directory.joined_profiles(account).await?;
    let joined = joined.into_iter().find(|joined| open && joined.portal == portal);
    let Some(joined) = joined else {
        return Ok(back(visit));
    };
    let browser = Browser::of(visit)?;
    let view = UndoJoin {
        person: person.person(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        portal: portal.to_owned(),
        title: title_of(visit, portal),
        name: if joined.name.is_empty() { joined.login } else { joined.name },
        expired,
    };
    let status = if expired { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let page = pages::undo_join(&visit.frame_at("/profile/portals"), &view);
    Ok(Reply::page(page).status(status).cookies(browser.cookie()))
}

fn back(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url("/profile/portals"))
}

/// The portals that the account opens, by title.
async fn opened(
    visit: &Visit,
    person: &SignedIn,
    journal: &[JoinEntry],
) -> Result<Vec<OpenedPortal>, StoreError> {
    let directory = &visit.hub().directory;
    let account = person.account.id;
    let joined = directory.joined_profiles(account).await?;
    let mut records: HashMap<String, ImportedProfile> =
        joined.into_iter().map(|record| (record.portal.clone(), record)).collect();
    let profiles = directory.profiles(account).await?;
    let mut profiles: HashMap<&str, &Profile> =
        profiles.iter().map(|profile| (profile.portal.as_str(), profile)).collect();
    let mut opened = Vec::new();
    for own in portals::of(visit, account).await? {
        let Some(profile) = profiles.remove(own.id.as_str()) else { continue };
        let record = records.remove(&own.id);
        opened.push(OpenedPortal {
            how: record.as_ref().map_or(JoinedHow::Added, |record| how(journal, record)),
            record: record.map(|record| OpenedRecord { login: record.login, name: record.name }),
            portal: own.id,
            title: own.row.title,
            address: own.row.address,
            url: own.row.url,
            joined_at: profile.joined_at,
        });
    }
    Ok(opened)
}

/// By the newest entry about the record.
fn how(journal: &[JoinEntry], record: &ImportedProfile) -> JoinedHow {
    let key = record.key();
    let entry = journal.iter().find(|entry| entry.key == key && entry.undone.is_none());
    entry.map_or(JoinedHow::Added, |entry| in_words(entry.proof))
}

fn in_words(proof: JoinProof) -> JoinedHow {
    match proof {
        JoinProof::Address => JoinedHow::Address,
        JoinProof::PortalPassword => JoinedHow::PortalPassword,
        JoinProof::Operator => JoinedHow::Operator,
    }
}

fn shown(visit: &Visit, entry: &JoinEntry) -> JournalEntry {
    let undone = entry.undone.as_ref().map(|(at_ms, by)| {
        let by = if by == "self" { UndoneBy::Person } else { UndoneBy::Operator };
        (at_ms.div_euclid(1000), by)
    });
    JournalEntry {
        portal: title_of(visit, &entry.key.portal),
        at: entry.at_ms.div_euclid(1000),
        how: if entry.actor == "self" { in_words(entry.proof) } else { JoinedHow::Operator },
        undone,
    }
}

/// The id stands in for a portal that is no longer configured.
fn title_of(visit: &Visit, portal: &str) -> String {
    visit.snapshot.title_of(portal).unwrap_or_else(|| portal.to_owned())
}
