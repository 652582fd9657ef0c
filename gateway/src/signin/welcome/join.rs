//! The step that joins: every free record of the addresses that a person has proved, to tick.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinProof, ProfileKey};
use bitrix_id_auth_core::store::{Account, StoreError};
use http::StatusCode;

use super::notice;
use crate::pages::{self, Join, JoinPortal, JoinRecord};
use crate::signin::browser::Browser;
use crate::signin::enter::joinable_addresses;
use crate::signin::failure::Answer;
use crate::signin::fields::{Form, Pairs};
use crate::signin::flash::Flash;
use crate::signin::hop;
use crate::signin::person::{self, SignedIn, event, record};
use crate::signin::reply::Reply;
use crate::signin::visit::{AtIdentity, Visit};

/// The free records of a person on one portal.
pub(in crate::signin) struct Waiting {
    /// Portal id; configured.
    pub portal: String,
    records: Vec<Record>,
}

struct Record {
    record: ImportedProfile,
    /// The person has joined it before and undone that: offered, and no longer proposed.
    undone: bool,
}

/// What an account may join: free records of its proved addresses, on configured portals that it does not
/// open yet.
///
/// # Errors
/// [`StoreError`].
pub(in crate::signin) async fn waiting(
    visit: &Visit,
    account: &Account,
) -> Result<Vec<Waiting>, StoreError> {
    let addresses = joinable_addresses(visit, account).await?;
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let directory = &visit.hub().directory;
    let free = directory.free_profiles(&addresses).await?;
    if free.is_empty() {
        return Ok(Vec::new());
    }
    let own = directory.profiles(account.id).await?;
    let undone = undone(visit, account).await?;
    let mut waiting: Vec<Waiting> = Vec::new();
    for record in free {
        let known = visit.snapshot.portal(&record.portal).is_some();
        if !known || own.iter().any(|profile| profile.portal == record.portal) {
            continue;
        }
        let record = Record { undone: undone.contains(&record.key()), record };
        match waiting.iter_mut().find(|group| group.portal == record.record.portal) {
            Some(group) => group.records.push(record),
            None => waiting
                .push(Waiting { portal: record.record.portal.clone(), records: vec![record] }),
        }
    }
    Ok(waiting)
}

/// Records that the account joined once and does not any more.
async fn undone(visit: &Visit, account: &Account) -> Result<Vec<ProfileKey>, StoreError> {
    let journal = visit.hub().directory.journal(account.id).await?;
    Ok(journal.into_iter().filter(|entry| entry.undone.is_some()).map(|entry| entry.key).collect())
}

impl Waiting {
    /// Whether there is something the person has not been through before.
    pub(in crate::signin) fn is_new(&self) -> bool {
        self.records.iter().any(|record| !record.undone)
    }

    /// As pages show it.
    pub(in crate::signin) fn shown(&self, visit: &Visit) -> Option<JoinPortal> {
        let portal = visit.snapshot.portal(&self.portal)?;
        // Of several, only the person knows which.
        let propose = self.records.len() == 1;
        let records = self.records.iter().map(|record| JoinRecord {
            local_id: record.record.local_id.clone(),
            name: record.record.name.clone(),
            login: record.record.login.clone(),
            chosen: propose && !record.undone,
        });
        let host = portal.first_host();
        Some(JoinPortal {
            portal: portal.id.clone(),
            title: portal.title.clone(),
            address: host.map(|host| visit.snapshot.authority_of(host)).unwrap_or_default(),
            records: records.collect(),
        })
    }
}

/// `GET /welcome` of a person whose address is proved.
pub(super) async fn show(visit: &Visit, person: &SignedIn, state: Option<&str>) -> Answer {
    let waiting = waiting(visit, &person.account).await?;
    if waiting.is_empty() {
        return hop::go_on(visit, person, state);
    }
    page(visit, person, &waiting, state, false)
}

/// `POST /welcome/join`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let state = fields.optional("state");
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state))));
    };
    if person.is_unproved() {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/welcome", state))));
    }
    let session = Some(person.session.id);
    let waiting = waiting(&visit, &person.account).await?;
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        if waiting.is_empty() {
            return Ok(hop::go_on_after_form(&visit, state));
        }
        return page(&visit, &person, &waiting, state, true);
    }
    let on = hop::go_on_after_form(&visit, state);
    if fields.optional("later").is_some() {
        return Ok(on);
    }
    let joined = join(&visit, &person.account, &chosen(&waiting, &fields)).await?;
    Ok(if joined { on.cookies(Flash::Joined.leave(&visit, session)) } else { on })
}

/// The records that were ticked. A form can name none but those that are offered to this very account.
fn chosen(waiting: &[Waiting], fields: &Pairs) -> Vec<ProfileKey> {
    let pick = |group: &Waiting| {
        let local_id = fields.optional(&format!("portal-{}", group.portal))?;
        let found = group.records.iter().find(|record| record.record.local_id == local_id);
        found.map(|record| record.record.key())
    };
    waiting.iter().filter_map(pick).collect()
}

/// False: nothing was joined.
async fn join(visit: &Visit, account: &Account, keys: &[ProfileKey]) -> Result<bool, StoreError> {
    if keys.is_empty() {
        return Ok(false);
    }
    let proof = JoinProof::Address;
    let joined = visit.change().join(account.id, keys, proof, "self").await?;
    for key in &joined {
        let event = event(visit, audit::PROFILE_JOINED).with_account(account.id);
        record(visit, event.with_portal(key.portal.as_str()).with_detail("address")).await;
    }
    let titles: Vec<String> =
        joined.iter().filter_map(|key| visit.snapshot.title_of(&key.portal)).collect();
    if !titles.is_empty() {
        notice::joined(visit, account, &titles).await;
    }
    Ok(!joined.is_empty())
}

fn page(
    visit: &Visit,
    person: &SignedIn,
    waiting: &[Waiting],
    state: Option<&str>,
    expired: bool,
) -> Answer {
    let browser = Browser::of(visit)?;
    let view = Join {
        email: person.account.email.clone(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        state: state.map(str::to_owned),
        // What is left over is asked for at the next sign-in, and on the page of the portals.
        portals: waiting.iter().filter_map(|group| group.shown(visit)).take(MOST_PORTALS).collect(),
        expired,
    };
    let frame = visit.frame_at(&hop::with_state("/welcome", state));
    let status = if expired { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Ok(Reply::page(pages::join(&frame, &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie()))
}

/// A form has a field for each, and no form of ours has more than 32.
const MOST_PORTALS: usize = 25;
