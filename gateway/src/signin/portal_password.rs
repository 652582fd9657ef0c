//! Old portal passwords: what a portal's own record still lets in with, until the person has one password
//! for everything.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email::local_part;
use bitrix_id_auth_core::password::LEGACY_SLOTS;
use bitrix_id_auth_core::store::joining::{ImportedProfile, ProfileKey};
use bitrix_id_auth_core::store::{Account, AccountState, AddressProof, StoreError};

use super::failure::Failure;
use super::person::{event, record};
use super::visit::Visit;
use super::welcome::{Begin, Purpose};

/// Free records whose passwords are compared with what is typed.
pub(super) struct Candidates {
    records: Vec<ImportedProfile>,
    /// Comparisons whose time is taken, however few records there are.
    pub slots: usize,
}

/// Those registered with a canonical address, on configured portals. Whether there is anything to compare
/// at all depends on the directory as a whole and never on the address.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn candidates(visit: &Visit, address: &str) -> Result<Candidates, StoreError> {
    let directory = &visit.hub().directory;
    if !directory.any_portal_password().await? {
        return Ok(Candidates { records: Vec::new(), slots: 0 });
    }
    let mut records = directory.free_profiles(&[address.to_owned()]).await?;
    records.retain(|record| {
        record.password_hash.is_some() && visit.snapshot.portal(&record.portal).is_some()
    });
    Ok(Candidates { records, slots: LEGACY_SLOTS })
}

impl Candidates {
    /// What to compare with: each hash once, however many records share it.
    pub(super) fn hashes(&self) -> Vec<&str> {
        let mut hashes = Vec::with_capacity(self.records.len());
        for hash in self.records.iter().filter_map(|record| record.password_hash.as_deref()) {
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        hashes
    }

    /// Whether a hash of ours is among them. Only one such is compared at a sign-in, so a second one would
    /// keep its password from being known.
    fn any_used(&self) -> bool {
        self.records.iter().any(|record| record.password_hash.as_deref().is_some_and(is_ours))
    }

    /// The records whose hash matched; `matched` is in the order of [`Candidates::hashes`].
    fn matching(self, matched: &[bool]) -> Vec<ImportedProfile> {
        let hashes = self.hashes().into_iter().map(str::to_owned);
        let hits: Vec<String> =
            hashes.zip(matched).filter(|(_, hit)| **hit).map(|(hash, _)| hash).collect();
        let is_hit = |record: &ImportedProfile| {
            record.password_hash.as_ref().is_some_and(|hash| hits.contains(hash))
        };
        self.records.into_iter().filter(is_hit).collect()
    }
}

/// What follows from the records whose password was typed: the proof of their address. `matched` is in the
/// order of [`Candidates::hashes`], `account` holds the address. `None`: nothing follows, for a wrong
/// password or because the account that has proved the address cannot join any of them.
///
/// # Errors
/// [`Failure::Busy`] when the hashing queue is full; [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn opened(
    visit: &Visit,
    account: Option<&Account>,
    candidates: Candidates,
    matched: &[bool],
    password: &str,
) -> Result<Option<Begin>, Failure> {
    let at_once = account.is_none() && !candidates.any_used();
    let mut records = candidates.matching(matched);
    if let Some(owner) = account.filter(|account| account.proof != AddressProof::None) {
        if owner.state != AccountState::Active {
            return Ok(None);
        }
        let own = visit.hub().directory.profiles(owner.id).await?;
        records.retain(|record| !own.iter().any(|profile| profile.portal == record.portal));
    }
    let Some(first) = records.first() else {
        return Ok(None);
    };
    let email = first.email.clone().unwrap_or_default();
    let name = name_of(&records, &email);
    let password_hash = visit.hub().passwords.load_full().hash(password).await?;
    let keys: Vec<ProfileKey> = records.iter().map(ImportedProfile::key).collect();
    if at_once {
        replace(visit, &records, &password_hash).await;
    }
    tell(visit, account, &keys).await;
    let purpose = Purpose::PortalPassword { keys, password_hash };
    Ok(Some(Begin { email, name, state: None, purpose }))
}

/// Those of these records that are registered with the address and free as they were when the password was
/// typed: none that has been put out of use, withdrawn or joined since.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn still_free<'a>(
    visit: &Visit,
    email: &str,
    keys: &'a [ProfileKey],
) -> Result<Vec<&'a ProfileKey>, StoreError> {
    let free = visit.hub().directory.free_profiles(&[email.to_owned()]).await?;
    Ok(keys.iter().filter(|key| free.iter().any(|record| record.key() == **key)).collect())
}

/// Replaces what portals brought along of these records, once it has been used for good.
pub(super) async fn used(visit: &Visit, email: &str, keys: &[ProfileKey], hash: &str) {
    match visit.hub().directory.free_profiles(&[email.to_owned()]).await {
        Ok(mut records) => {
            records.retain(|record| keys.contains(&record.key()));
            replace(visit, &records, hash).await;
        }
        Err(error) => {
            tracing::warn!(request_id = visit.request_id, "old hashes were not replaced: {error}");
        }
    }
}

/// A portal's own hash is easier to guess from. What follows goes on without the replacement.
async fn replace(visit: &Visit, records: &[ImportedProfile], hash: &str) {
    for record in records {
        let Some(old) = record.password_hash.as_deref().filter(|old| !is_ours(old)) else {
            continue;
        };
        let directory = &visit.hub().directory;
        if let Err(error) = directory.replace_portal_password(&record.key(), old, hash).await {
            tracing::warn!(request_id = visit.request_id, "an old hash was not replaced: {error}");
        }
    }
}

fn is_ours(hash: &str) -> bool {
    hash.starts_with("$argon2id$")
}

/// Counts, and keeps which portals' passwords were typed.
async fn tell(visit: &Visit, account: Option<&Account>, keys: &[ProfileKey]) {
    visit.hub().telemetry.metrics.sign_in("portal_password", "matched");
    for key in keys {
        let event = event(visit, audit::PORTAL_PASSWORD_MATCHED).with_portal(key.portal.as_str());
        let event = match account {
            Some(account) => event.with_account(account.id),
            None => event,
        };
        record(visit, event).await;
    }
}

/// What the person is called on one of these portals, else the local part of the address.
fn name_of(records: &[ImportedProfile], email: &str) -> String {
    let names =
        records.iter().filter_map(|record| bitrix_id_auth_core::name::check(&record.name).ok());
    names.into_iter().next().unwrap_or_else(|| local_part(email).to_owned())
}
