//! `/profile/portals`: what opens each portal, what waits to be joined, what was joined and undone.

use std::collections::HashMap;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinEntry, JoinProof};
use bitrix_id_auth_core::store::people::{Accepted, Dealings};
use bitrix_id_auth_core::store::{Profile, StoreError};
use http::StatusCode;

use super::browser::Browser;
use super::enter::joinable_addresses;
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
use super::sole_owner;
use super::visit::{AtIdentity, Visit};
use super::welcome::join::waiting;
use super::welcome::notice;
use crate::pages::{
    self, JoinAgain, JoinedHow, JournalEntry, OpenedPortal, OpenedRecord, PortalsDone,
    ProfilePortals, UndoJoin, UndoneBy,
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
        again: again(visit, person, &joined).await?,
        alone: !sole_owner::titles(visit, person, Some(portal)).await?.is_empty(),
        name: if joined.name.is_empty() { joined.login } else { joined.name },
        expired,
    };
    let status = if expired { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let page = pages::undo_join(&visit.frame_at("/profile/portals"), &view);
    Ok(Reply::page(page).status(status).cookies(browser.cookie()))
}

/// Whether the record is found by an address of the person once it is free.
async fn again(
    visit: &Visit,
    person: &SignedIn,
    record: &ImportedProfile,
) -> Result<JoinAgain, StoreError> {
    let Some(email) = &record.email else {
        return Ok(JoinAgain::No);
    };
    let held = joinable_addresses(visit, &person.account).await?;
    Ok(if held.contains(email) { JoinAgain::Yes } else { JoinAgain::With(email.clone()) })
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
    let dealings = directory.dealings(account).await?;
    let mut opened = Vec::new();
    for own in portals::of(visit, account).await? {
        let Some(profile) = profiles.remove(own.id.as_str()) else { continue };
        let record = records.remove(&own.id);
        opened.push(OpenedPortal {
            how: match &record {
                Some(record) => how(journal, record),
                None => let_in(&dealings, profile),
            },
            name: profile.display_name.as_ref().unwrap_or(&person.account.name).clone(),
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

/// How somebody came to a portal that has no record of them. An invitation that let them in before, and not
/// to the profile of now, is of the same portal and another second.
fn let_in(dealings: &Dealings, profile: &Profile) -> JoinedHow {
    let (portal, since) = (&profile.portal, profile.joined_at);
    if dealings.portals.iter().any(|made| made.portal == *portal && made.created_at == since) {
        return JoinedHow::Created;
    }
    let by_it = |accepted: &Accepted| accepted.portal == *portal && accepted.used_at == since;
    if dealings.accepted.iter().any(by_it) { JoinedHow::Invited } else { JoinedHow::Added }
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
