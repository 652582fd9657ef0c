//! `/welcome/later`: on to one portal, whose old password was typed, before the address is proved.
//!
//! The account that comes of it has proved nothing: it opens that portal alone, tells no portal the
//! address, and gives way to whoever proves it.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::joining::{JoinProof, ProfileKey};
use bitrix_id_auth_core::store::{Account, AddressProof, Holder, NewAccount, StoreError};

use super::prove::{Note, Step, page, start_over, under_way};
use super::{Proving, Purpose};
use crate::pages::ProveError;
use crate::signin::enter::{PORTAL_PASSWORD, enter};
use crate::signin::failure::Answer;
use crate::signin::fields::{Form, Pairs};
use crate::signin::hop;
use crate::signin::person::{event, record};
use crate::signin::portal_password;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

/// `POST /welcome/later`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, proving, person) = match under_way(&visit, &fields).await? {
        Step::Go(under_way) => *under_way,
        Step::Answer(reply) => return Ok(reply),
    };
    let Some((key, password_hash)) = chosen(&visit, &proving, &fields) else {
        return Ok(start_over(&visit, &fields));
    };
    let keys = std::slice::from_ref(key);
    if portal_password::still_free(&visit, &proving.email, keys).await?.is_empty() {
        let note = Note::Error(ProveError::LaterGone);
        return page(&visit, &browser, &proving, person.as_ref(), note).await;
    }
    // Also a proved one: a portal's password opens no Bitrix ID that has another.
    if visit.hub().directory.holder(&proving.email).await? != Holder::None {
        let note = Note::Error(ProveError::LaterTaken);
        return page(&visit, &browser, &proving, person.as_ref(), note).await;
    }
    // Spent first: of two that come at once one creates.
    if transaction::take::<Proving>(&visit, &browser).await?.is_none() {
        return Ok(start_over(&visit, &fields));
    }
    portal_password::used(&visit, &proving.email, keys, password_hash).await;
    let Some(account) = create(&visit, &proving, key, password_hash).await? else {
        return Ok(start_over(&visit, &fields));
    };
    let state = proving.state.as_deref().filter(|state| is_ahead(&visit, Some(state), &key.portal));
    let entered = enter(&visit, &account, PORTAL_PASSWORD, state).await?;
    Ok(entered.unwrap_or_else(|| start_over(&visit, &fields)))
}

/// The record named by its place among those whose password was typed: no other can be named.
fn chosen<'a>(
    visit: &Visit,
    proving: &'a Proving,
    fields: &Pairs,
) -> Option<(&'a ProfileKey, &'a str)> {
    let Purpose::PortalPassword { keys, password_hash } = &proving.purpose else {
        return None;
    };
    let key = keys.get(fields.text("portal").parse::<usize>().ok()?)?;
    visit.snapshot.portal(&key.portal)?;
    Some((key, password_hash))
}

/// `None`: address or record went to somebody else meanwhile, and nothing is left behind.
async fn create(
    visit: &Visit,
    proving: &Proving,
    key: &ProfileKey,
    password_hash: &str,
) -> Result<Option<Account>, StoreError> {
    let new = NewAccount {
        email: proving.email.clone(),
        proof: AddressProof::None,
        name: proving.name.clone(),
        password_hash: Some(password_hash.to_owned()),
        language: Some(proving.language.clone()),
    };
    let (proof, now_ms) = (JoinProof::PortalPassword, visit.now_ms);
    let directory = &visit.hub().directory;
    let created = directory.create_joined_account(new, key, proof, "self", now_ms).await?;
    let Some(account) = created else {
        return Ok(None);
    };
    let created = event(visit, audit::ACCOUNT_CREATED).with_account(account.id);
    record(visit, created.with_detail("address not proved")).await;
    let joined = event(visit, audit::PROFILE_JOINED).with_account(account.id);
    record(visit, joined.with_portal(key.portal.as_str()).with_detail("portal password")).await;
    Ok(Some(account))
}

/// Whether the visitor is on the way to this portal.
pub(super) fn is_ahead(visit: &Visit, state: Option<&str>, portal: &str) -> bool {
    match hop::destination(visit, state) {
        hop::Destination::Portal(state) | hop::Destination::Again(state) => {
            visit.snapshot.portal_by_host(&state.host).is_some_and(|ahead| ahead.id == portal)
        }
        hop::Destination::Home | hop::Destination::Own(_) => false,
    }
}
