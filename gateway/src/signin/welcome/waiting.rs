//! What a person may join: the free records of the addresses that they have proved, by portal.

use bitrix_id_auth_core::store::joining::{ImportedProfile, ProfileKey};
use bitrix_id_auth_core::store::{Account, StoreError};

use crate::pages::{JoinPortal, JoinRecord};
use crate::signin::enter::joinable_addresses;
use crate::signin::fields::Pairs;
use crate::signin::visit::Visit;

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
        self.shown_as(visit, &Ticked::Proposed { ahead: None, only: false })
    }

    /// The same with the boxes as they are to be.
    pub(super) fn shown_as(&self, visit: &Visit, ticked: &Ticked<'_>) -> Option<JoinPortal> {
        let portal = visit.snapshot.portal(&self.portal)?;
        let records = self.records.iter().map(|record| JoinRecord {
            local_id: record.record.local_id.clone(),
            name: record.record.name.clone(),
            login: record.record.login.clone(),
            chosen: self.is_ticked(record, ticked),
        });
        let host = portal.first_host();
        Some(JoinPortal {
            portal: portal.id.clone(),
            title: portal.title.clone(),
            address: host.map(|host| visit.snapshot.authority_of(host)).unwrap_or_default(),
            records: records.collect(),
        })
    }

    fn is_ticked(&self, record: &Record, ticked: &Ticked<'_>) -> bool {
        match ticked {
            Ticked::Proposed { ahead, only } => {
                let asked_for = *only || *ahead == Some(self.portal.as_str());
                // Of several, only the person knows which.
                self.records.len() == 1 && (asked_for || !record.undone)
            }
            Ticked::Sent(fields) => {
                fields.optional(&self.field()) == Some(record.record.local_id.as_str())
            }
        }
    }

    /// The record that a form names, if it is one of these.
    pub(super) fn picked(&self, fields: &Pairs) -> Option<ProfileKey> {
        let local_id = fields.optional(&self.field())?;
        let found = self.records.iter().find(|record| record.record.local_id == local_id);
        found.map(|record| record.record.key())
    }

    fn field(&self) -> String {
        format!("{FIELD}{}", self.portal)
    }
}

/// What is ticked when the page is shown.
pub(super) enum Ticked<'a> {
    /// What the person has not been through before, and what was asked for by a button of its own.
    Proposed {
        /// Id of the portal that the visitor is on the way to.
        ahead: Option<&'a str>,
        /// A button of a page of ours led here, and one portal is all it can have been about.
        only: bool,
    },
    /// As the form was sent.
    Sent(&'a Pairs),
}

/// Whether a form names any record at all, offered or not.
pub(super) fn names_any(fields: &Pairs) -> bool {
    fields.names().any(|name| name.starts_with(FIELD) && fields.optional(name).is_some())
}

/// What the fields of the form begin with; the portal's id follows.
const FIELD: &str = "portal-";
