//! The moment after a credential was checked: the session begins, and the browser goes on.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::{SessionId, UnixSeconds};
use bitrix_id_auth_core::store::{Account, AddressProof, StoreError};

use super::device_mail;
use super::failure::Failure;
use super::hop;
use super::person::{self, Started, event, record};
use super::reply::Reply;
use super::visit::Visit;
use super::welcome::join::{Waiting, waiting};

/// How somebody signed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Method {
    /// In metrics and the audit table.
    pub label: &'static str,
    /// RFC 8176 values.
    pub amr: &'static [&'static str],
    /// What its next pages are written in.
    pub language: Language,
}

/// The language of the pages after a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// The account's own, unless the visitor has chosen one in this browser.
    OfAccount,
    /// That of the page before: the way is not at its end.
    OfPage,
}

/// By e-mail and password.
pub(super) const PASSWORD: Method =
    Method { label: "password", amr: &["pwd"], language: Language::OfAccount };
/// By the old password of one portal, before the address is proved.
pub(super) const PORTAL_PASSWORD: Method =
    Method { label: "portal_password", amr: &["pwd"], language: Language::OfAccount };
/// By the old password of a portal and a mailed code, which together made the account.
pub(super) const WELCOME: Method =
    Method { label: "welcome", amr: &["pwd", "otp"], language: Language::OfAccount };
/// By a mailed code alone.
pub(super) const MAILED_CODE: Method =
    Method { label: "mailed_code", amr: &["otp"], language: Language::OfAccount };
/// By a checkword that set a new password. RFC 8176 calls that "otp": what was shown is a secret that
/// works once. The new password was chosen, not shown. What it did is told on one page more.
pub(super) const RECOVERY: Method =
    Method { label: "recovery", amr: &["otp"], language: Language::OfPage };
/// By an account at a provider. RFC 8176 registers no value for "somebody else checked": what the provider
/// asked for is not known here, so none of its values would be true. "fed" is what others write.
pub(super) const SOCIAL: Method =
    Method { label: "social", amr: &["fed"], language: Language::OfAccount };
/// The same, linked just now on the account's own password.
pub(super) const SOCIAL_AND_PASSWORD: Method =
    Method { label: "social", amr: &["fed", "pwd"], language: Language::OfAccount };
/// By a sign-up that was confirmed.
pub(super) const SIGN_UP: Method =
    Method { label: "sign_up", amr: &["pwd"], language: Language::OfAccount };

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
    let Some(started) = begin(visit, account, method, visit.now()).await? else {
        return Ok(None);
    };
    let language = match method.language {
        Language::OfAccount => person::language_cookie(visit, account),
        Language::OfPage => None,
    };
    let reply = onward(visit, account, method, state).await?.cookies(started.cookies);
    Ok(Some(reply.cookies(language)))
}

/// Starts the session and says where that has to be said; the caller leads on. `shown_at` is when the
/// credential was checked.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn begin(
    visit: &Visit,
    account: &Account,
    method: Method,
    shown_at: UnixSeconds,
) -> Result<Option<Started>, Failure> {
    let started = person::start_session(visit, account, method.amr, shown_at).await?;
    let Some(started) = started else {
        return Ok(None);
    };
    record_sign_in(visit, account, started.session, method.label).await;
    // The mail about the password that was set tells of the same act, and of the browser it came from.
    if method.label != RECOVERY.label {
        device_mail::tell(visit, account, &started).await;
    }
    Ok(Some(started))
}

/// To the proof of the address or to the profiles that wait to be joined, if that is next; else to where
/// the browser was going.
async fn onward(
    visit: &Visit,
    account: &Account,
    method: Method,
    state: Option<&str>,
) -> Result<Reply, StoreError> {
    let unproved = account.proof == AddressProof::None;
    // As `SignedIn::must_prove`, of the session that has just begun.
    let must_prove = unproved && !method.amr.contains(&"pwd");
    if must_prove || waiting(visit, account).await?.iter().any(Waiting::is_new) {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/welcome", state))));
    }
    Ok(hop::go_on_after_form(visit, state))
}

/// The addresses of an account whose profiles it may join: proved by mail, or vouched for by an operator.
/// Not those that only a provider vouched for: a provider that errs would open every portal that knows the
/// address. The list of portals leads their owners to the proof.
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
