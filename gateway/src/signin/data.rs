//! `/profile/data` and `/profile/data/download`: everything that is held about the person, as JSON.
//!
//! Hashes, secrets and one-time values are left out: they say nothing about the person and help whoever
//! finds the file to sign in. So is what is another person's: where somebody else was who did something
//! to the account, and who that was ([`part`]).

mod part;
mod written;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::Account;
use bitrix_id_auth_core::store::merging::Merge;
use http::header::CONTENT_DISPOSITION;
use serde_json::{Value, json};

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fresh;
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, YourData};
use part::Part;
use written::{
    accepted, account, address, asked, invitation, link, list, made, moment, picture,
    portal_record, profile, session,
};

/// `GET /profile/data`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    let browser = Browser::of(&visit)?;
    let csrf = browser.form_value(&visit, Some(person.session.id));
    let view = YourData { person: person.person(), csrf };
    Ok(Reply::page(pages::your_data(&visit.frame_at(PATH), &view)).cookies(browser.cookie()))
}

/// `GET /profile/data/download`
pub(crate) async fn download(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    let data = gather(&visit, &person).await?;
    record(&visit, event(&visit, audit::DATA_EXPORTED).with_account(person.account.id)).await;
    let text = serde_json::to_vec_pretty(&data)
        .map_err(|error| Failure::Internal(format!("the data were not written: {error}")))?;
    Ok(Reply::bytes("application/json", text.into())
        .header(CONTENT_DISPOSITION, "attachment; filename=\"bitrix-id.json\""))
}

async fn gather(visit: &Visit, person: &SignedIn) -> Result<Value, Failure> {
    let (hub, id) = (visit.hub(), person.account.id);
    let directory = &hub.directory;
    let sessions = hub.sessions.sessions_of(id, hub.session_limits(), visit.now()).await?;
    let opened = hub.sessions.portals_of_sessions(id).await?;
    let photo = directory.photo(id).await?;
    let dealings = directory.dealings(id).await?;
    let merges = directory.merges(id).await?;
    let shells = shells(visit, &merges, id).await?;
    let ids: Vec<AccountId> =
        std::iter::once(id).chain(shells.iter().map(|(shell, _)| shell.id)).collect();
    let own = Part { id, ids: &ids, merges: &merges };
    let mut merged = Vec::new();
    for (shell, merges) in &shells {
        merged.push(what_is_left(visit, shell, &Part { id: shell.id, ids: &ids, merges }).await?);
    }
    Ok(json!({
        "written_at": moment(visit.now()),
        "account": account(&person.account),
        "photo": photo.map(|photo| picture(&photo)),
        "addresses": list(&directory.addresses(id).await?, address),
        "profiles": list(&directory.profiles(id).await?, profile),
        "portal_records": list(&directory.joined_profiles(id).await?, portal_record),
        "joins": own.joins(&directory.journal(id).await?),
        "merges": list(&merges, |merge| own.merge(merge)),
        "merged_accounts": merged,
        "access_requests": list(&dealings.requests, asked),
        "invitations_made": list(&dealings.invitations, invitation),
        "invitations_accepted": list(&dealings.accepted, accepted),
        "portals_made": list(&dealings.portals, made),
        "linked_accounts": list(&directory.links(id).await?, link),
        "sessions": list(&sessions, |of| session(of, &opened)),
        "events": events(visit, &own).await?,
    }))
}

/// The accounts that are part of this one by merges, theirs in turn included; each with its own merges.
async fn shells(
    visit: &Visit,
    merges: &[Merge],
    id: AccountId,
) -> Result<Vec<(Account, Vec<Merge>)>, Failure> {
    let directory = &visit.hub().directory;
    let mut next: Vec<AccountId> = merges.iter().filter_map(|merge| gone_into(merge, id)).collect();
    let mut shells = Vec::new();
    while let Some(shell) = next.pop() {
        let Some(kept) = directory.account(shell).await? else { continue };
        let earlier = directory.merges(shell).await?;
        next.extend(earlier.iter().filter_map(|merge| gone_into(merge, shell)));
        shells.push((kept, earlier));
    }
    Ok(shells)
}

/// What is left of an account that is part of another one.
async fn what_is_left(visit: &Visit, shell: &Account, part: &Part<'_>) -> Result<Value, Failure> {
    let directory = &visit.hub().directory;
    let photo = directory.photo(shell.id).await?;
    Ok(json!({
        "account": account(shell),
        "photo": photo.map(|photo| picture(&photo)),
        "joins": part.joins(&directory.journal(shell.id).await?),
        "events": events(visit, part).await?,
    }))
}

/// The account that a merge in force has made part of `into`.
fn gone_into(merge: &Merge, into: AccountId) -> Option<AccountId> {
    (merge.into == into && merge.undone.is_none()).then_some(merge.from)
}

async fn events(visit: &Visit, part: &Part<'_>) -> Result<Value, Failure> {
    let events = visit.hub().directory.audit(Some(part.id), MOST_EVENTS).await?;
    Ok(list(&events, |event| part.event(event)))
}

const PATH: &str = "/profile/data";
/// Newest first; years of daily use.
const MOST_EVENTS: u32 = 10_000;
