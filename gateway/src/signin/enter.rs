//! The moment after a credential was checked: the session begins, and the browser goes on.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::SessionId;
use bitrix_id_auth_core::store::{Account, AddressProof, StoreError};

use super::failure::Failure;
use super::hop;
use super::person::{self, event, record};
use super::reply::Reply;
use super::visit::Visit;

/// How somebody signed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Method {
    /// In metrics and the audit table.
    pub label: &'static str,
    /// RFC 8176 values.
    pub amr: &'static [&'static str],
}

/// By e-mail and password.
pub(super) const PASSWORD: Method = Method { label: "password", amr: &["pwd"] };
/// By a sign-up that was confirmed.
pub(super) const SIGN_UP: Method = Method { label: "sign_up", amr: &["pwd"] };

/// Starts the session and leads on; `None` when the account changed while its credential was looked at.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn enter(
    visit: &Visit,
    account: &Account,
    method: Method,
    state: Option<&str>,
) -> Result<Option<Reply>, Failure> {
    let Some(started) = person::start_session(visit, account, method.amr).await? else {
        return Ok(None);
    };
    record_sign_in(visit, account, started.session, method.label).await;
    Ok(Some(onward(visit, account, state).await?.cookies(started.cookies)))
}

/// To the page of the profiles that wait to be joined, if there are any; else to where the browser was
/// going.
async fn onward(
    visit: &Visit,
    account: &Account,
    state: Option<&str>,
) -> Result<Reply, StoreError> {
    let addresses = joinable_addresses(visit, account).await?;
    if visit.hub().directory.free_profiles(&addresses).await?.is_empty() {
        return Ok(hop::go_on_after_form(visit, state));
    }
    Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/welcome", state))))
}

/// The addresses of an account whose profiles it may join: proved by mail, or vouched for by an operator.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn joinable_addresses(
    visit: &Visit,
    account: &Account,
) -> Result<Vec<String>, StoreError> {
    let held = visit.hub().directory.addresses(account.id).await?;
    let enough = held.into_iter().filter(|address| address.proof >= AddressProof::Mail);
    Ok(enough.map(|address| address.address).collect())
}

/// Counts and keeps a sign-in.
async fn record_sign_in(
    visit: &Visit,
    account: &Account,
    session: SessionId,
    method: &'static str,
) {
    visit.hub().telemetry.metrics.sign_in(method, "succeeded");
    let event = event(visit, audit::SIGN_IN_SUCCEEDED)
        .with_account(account.id)
        .with_session(session)
        .with_detail(method);
    record(visit, event).await;
}
