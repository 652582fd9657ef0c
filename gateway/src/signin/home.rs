//! `/`: all my portals.

use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::{AddressProof, StoreError};

use super::browser::Browser;
use super::emails;
use super::failure::Answer;
use super::fields::Query;
use super::flash::{self, Flash};
use super::hop;
use super::people::{self, News};
use super::person::{self, SignedIn};
use super::portals;
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Portals};

/// `GET /`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let browser = Browser::of(&visit)?;
    let told = Flash::read(&visit, Some(person.session.id));
    let joined = told == Some(Flash::Joined);
    let soon = told == Some(Flash::People(News::PortalSoon));
    let view = Portals {
        waiting: emails::waiting_titles(&visit, &person).await?,
        provable: provable(&visit, &person).await?,
        person: person.person(),
        portals: portals::rows(&visit, person.account.id).await?,
        query: query.text("q").chars().take(100).collect(),
        owned: people::owned(&visit, &person).await?,
        can_create: visit.snapshot.config.provisioning.is_some() && !person.is_unproved(),
        soon,
        csrf: browser.form_value(&visit, Some(person.session.id)),
        now: visit.now(),
        joined,
    };
    let reply = Reply::page(pages::portals(&visit.frame(), &view)).cookies(browser.cookie());
    Ok(if joined || soon { reply.cookie(flash::clear()) } else { reply })
}

/// An address that opens more once a mail has proved it: a provider vouched for it, which joins nothing, and
/// portals know it. Which ones is told to whoever reads its mail.
async fn provable(visit: &Visit, person: &SignedIn) -> Result<Option<String>, StoreError> {
    if visit.snapshot.config.mail.is_none() {
        return Ok(None);
    }
    let directory = &visit.hub().directory;
    let held = directory.addresses(person.account.id).await?;
    let vouched = held.into_iter().filter(|held| held.proof == AddressProof::Provider);
    let vouched: Vec<String> = vouched.map(|held| held.address).collect();
    if vouched.is_empty() {
        return Ok(None);
    }
    let own = directory.profiles(person.account.id).await?;
    let free = directory.free_profiles(&vouched).await?;
    let opens_more = |record: &ImportedProfile| {
        visit.snapshot.portal(&record.portal).is_some()
            && !own.iter().any(|profile| profile.portal == record.portal)
    };
    Ok(free.into_iter().find(opens_more).and_then(|record| record.email))
}

/// To the page on which an account proves its address.
pub(super) fn to_proof(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url("/welcome"))
}

/// To the sign-in page and back to this one.
pub(super) fn to_sign_in(visit: &Visit) -> Reply {
    if visit.target == "/" {
        return Reply::see_other(&visit.identity_url("/sign-in"));
    }
    let state = hop::own_state(visit);
    Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", Some(&state))))
}
