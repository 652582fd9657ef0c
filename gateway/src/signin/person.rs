//! Who is signed in on the Bitrix ID host: looking a session up, starting one, ending one.

use bitrix_id_auth_core::accounts::sessions_of;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::{SESSION_COOKIE, sha256};
use bitrix_id_auth_core::identity::{AccountId, SessionId, UnixSeconds};
use bitrix_id_auth_core::store::{
    Account, AddressProof, Attempt, AuditEvent, NewSession, Quota, Session, StoreError,
};
use bitrix_id_auth_core::throttle::{attempt_key, client_network};
use http::HeaderValue;

use super::browser::{self, Browser, is_base64url};
use super::cookies;
use super::crypto;
use super::device::{self, Device};
use super::failure::Failure;
use super::flash;
use super::guard::LANG_COOKIE_SECONDS;
use super::known::LookedUp;
use super::notices;
use super::social;
use super::visit::Visit;
use crate::pages::{LANG_COOKIE, Lang, Person};

/// A live session and its account.
pub(crate) struct SignedIn {
    /// The session the cookie names.
    pub session: Session,
    /// Its owner, active.
    pub account: Account,
    /// Whether accounts at providers are anything to the person.
    pub social: bool,
}

impl SignedIn {
    /// As pages show it.
    pub(crate) fn person(&self) -> Person {
        Person {
            name: self.account.name.clone(),
            email: self.account.email.clone(),
            time_zone: self.account.time_zone.clone(),
            unproved: self.is_unproved(),
            social: self.social,
        }
    }

    /// Whether the account has yet to show that its address is the person's: it opens the one portal
    /// whose password was typed, and nothing can be changed or linked.
    pub(crate) fn is_unproved(&self) -> bool {
        self.account.proof == AddressProof::None
    }

    /// Whether proving the address is all the session is good for: not even that portal's password was
    /// typed in it.
    pub(crate) fn must_prove(&self) -> bool {
        self.is_unproved() && !self.session.amr.iter().any(|method| method == "pwd")
    }
}

/// Who is signed in; `None` when the cookie is absent, doubled or malformed, the session has ended, or
/// the account may not sign in.
///
/// # Errors
/// [`StoreError`]: answer 503.
pub(crate) async fn signed_in(visit: &Visit) -> Result<Option<SignedIn>, StoreError> {
    if let Some(LookedUp(person)) = visit.known.take() {
        return Ok(person);
    }
    let Some(session) = session(visit).await? else {
        return Ok(None);
    };
    let hub = visit.hub();
    let account = hub.directory.account(session.account).await?;
    let Some(account) = account.filter(|account| account.admits(&session)) else {
        return Ok(None);
    };
    // Once a minute is exact enough for a limit of hours, and spares the store a write per page.
    if visit.now() - session.last_seen_at >= 60 {
        hub.sessions.touch_session(session.id, visit.now()).await?;
    }
    let social = social::concerns(visit, account.id).await?;
    Ok(Some(SignedIn { session, account, social }))
}

async fn session(visit: &Visit) -> Result<Option<Session>, StoreError> {
    let cookie = visit.cookies.one(SESSION_COOKIE).filter(|cookie| is_base64url(cookie, 43));
    let Some(unverified_cookie) = cookie else {
        return Ok(None);
    };
    let hub = visit.hub();
    let (hash, limits) = (sha256(unverified_cookie), hub.session_limits());
    hub.sessions.session_by_cookie(&hash, limits, visit.now()).await
}

/// Starts a session for an account whose credential has just been checked.
///
/// Every identifier is new: the session and its cookie, the browser cookie. The session that the browser
/// had before ends. `shown_at` is when the credential was checked. The account's `password_hash` is what it
/// was checked against: when the account no longer has it, or may no longer sign in, the check is out of date
/// and `None` is the answer. The account is read again *after* the session exists, so a change that ends all
/// sessions either finds this one or is seen.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(crate) async fn start_session(
    visit: &Visit,
    account: &Account,
    amr: &[&str],
    shown_at: UnixSeconds,
) -> Result<Option<Started>, Failure> {
    let hub = visit.hub();
    if let Some(old) = session(visit).await? {
        end_session(visit, old.id).await?;
        notices::session_ended(visit, old.account, old.id).await;
    }
    let device = device_for(visit, account)?;
    let cookie = crypto::random_text::<32>()?;
    let new = NewSession {
        account: account.id,
        generation: account.generation,
        cookie_hash: sha256(&cookie),
        auth_time: shown_at,
        amr: amr.iter().map(ToString::to_string).collect(),
        user_agent: visit.user_agent.clone(),
        client_ip: Some(visit.client_ip),
        device: device.of_sessions(account.id, &hub.device_secret),
    };
    let session = hub.sessions.create_session(new, visit.now()).await?;
    let fresh = hub.directory.account(account.id).await?;
    let fresh = fresh
        .filter(|fresh| fresh.admits(&session) && fresh.password_hash == account.password_hash);
    let Some(fresh) = fresh else {
        end_session(visit, session.id).await?;
        return Ok(None);
    };
    let mut cookies = arrival_cookies(visit, &cookie)?;
    // After the session exists: who disowns the browser meanwhile either ends this session, too, or is
    // seen here, and the owner is told of it.
    let known = device::known(visit, Some(&fresh)).await?.is_some();
    let arrived = arrive_on_device(visit, &fresh, device, known).await?;
    let (device, set_cookie) = arrived.unzip();
    cookies.extend(set_cookie);
    Ok(Some(Started { session: session.id, known, device, cookies }))
}

/// A session that has just begun.
pub(crate) struct Started {
    /// Its id.
    pub session: SessionId,
    /// Whether the browser was known for the account before.
    pub known: bool,
    /// What it is called since; `None` where the address is not proved.
    pub device: Option<Named>,
    /// What the answer sets.
    pub cookies: Vec<HeaderValue>,
}

/// What a browser is called for an account.
#[derive(Clone)]
pub(crate) struct Named {
    /// As [`Device::known_for`].
    pub name: String,
    /// As [`Device::of_sessions`].
    pub sessions: String,
}

/// The browser of a session that begins. Where nobody has proved the address, none gets an id.
fn device_for(visit: &Visit, account: &Account) -> Result<Device, Failure> {
    let device = Device::read(&visit.cookies, &visit.hub().device_secret);
    if account.proof == AddressProof::None { Ok(device) } else { device.identified() }
}

fn arrival_cookies(visit: &Visit, session_cookie: &str) -> Result<Vec<HeaderValue>, Failure> {
    let lifetime = visit.session_lifetime();
    let mut cookies = browser::forget(&visit.cookies);
    cookies.extend(Browser::new()?.cookie());
    cookies.push(cookies::set(SESSION_COOKIE, session_cookie, lifetime));
    cookies.push(flash::clear());
    Ok(cookies)
}

/// Makes the browser known for the account: what it is called, and `Set-Cookie`.
async fn arrive_on_device(
    visit: &Visit,
    account: &Account,
    device: Device,
    known: bool,
) -> Result<Option<(Named, HeaderValue)>, Failure> {
    // Nobody has proved the address, so nobody's browser is known for it.
    if account.proof == AddressProof::None {
        return Ok(None);
    }
    let key = &visit.hub().device_secret;
    let device = device.with(account, key)?;
    let name = device.known_for(Some(account), key).unwrap_or_default();
    if !known && let Err(error) = device::own(visit, &name).await {
        // It counts as a stranger's for a sign-in more.
        tracing::warn!(request_id = visit.request_id, "a browser stays disowned: {error}");
    }
    let sessions = device.of_sessions(account.id, key).unwrap_or_default();
    Ok(Some((Named { name, sessions }, device.cookie(key))))
}

/// Ends the account's sessions in the browser that [`Named::sessions`] names, as [`end_session`] does.
///
/// # Errors
/// As [`end_session`].
pub(crate) async fn end_sessions_on(
    visit: &Visit,
    account: AccountId,
    device: &str,
) -> Result<Vec<SessionId>, StoreError> {
    let hub = visit.hub();
    let until = hub.revocation_until();
    let ended = hub.sessions.end_sessions_on(account, device, until, visit.now_ms).await?;
    for revocation in &ended {
        hub.apply_revocation(revocation);
    }
    Ok(sessions_of(&ended))
}

/// `Set-Cookie` that has pages of this browser follow the account's language; `None` where the visitor has
/// chosen one, or the account none.
pub(crate) fn language_cookie(visit: &Visit, account: &Account) -> Option<HeaderValue> {
    let language = account.language.as_deref().and_then(Lang::from_tag)?;
    let lifetime = LANG_COOKIE_SECONDS.min(visit.session_lifetime());
    (!visit.lang_chosen).then(|| cookies::set(LANG_COOKIE, language.tag(), lifetime))
}

/// Ends a session in the store and, at once, in this process. False: it had ended before.
///
/// # Errors
/// [`StoreError`]: it may live on; answer 503.
pub(crate) async fn end_session(visit: &Visit, session: SessionId) -> Result<bool, StoreError> {
    let hub = visit.hub();
    let until = visit.hub().revocation_until();
    let revocation = hub.sessions.end_session(session, until, visit.now_ms).await?;
    if let Some(revocation) = &revocation {
        hub.apply_revocation(revocation);
    }
    Ok(revocation.is_some())
}

/// `Set-Cookie` values of a sign-out on the Bitrix ID host. The known-device and language cookies stay:
/// neither says that anybody is signed in.
pub(crate) fn departure_cookies(visit: &Visit) -> Vec<HeaderValue> {
    let mut cookies = browser::forget(&visit.cookies);
    cookies.push(cookies::delete(SESSION_COOKIE));
    cookies
}

/// An event of this visit.
pub(crate) fn event(visit: &Visit, action: &'static str) -> AuditEvent {
    let event = AuditEvent::new(action, visit.now_ms)
        .with_client_ip(visit.client_ip)
        .with_request_id(visit.request_id.clone());
    match &visit.portal {
        Some(portal) => event.with_portal(portal.id.clone()),
        None => event,
    }
}

/// Keeps an event. What it tells of has happened already, so a store that does not take it is logged and
/// the request goes on.
pub(crate) async fn record(visit: &Visit, event: AuditEvent) {
    let action = event.action.clone();
    if let Err(error) = visit.hub().directory.record(event).await {
        let request_id = visit.request_id.as_str();
        tracing::error!(request_id, action, "an audit event was not kept: {error}");
    }
}

/// Keeps an event that anybody can cause any number of times: once a minute of each kind per client
/// network, so that a flood does not write the audit table full.
pub(crate) async fn record_seldom(visit: &Visit, event: AuditEvent) {
    let network = client_network(visit.client_ip).to_string();
    let key = attempt_key("audit", &[&event.action, &network]);
    let once = Quota { limit: 1, window: 60 };
    let told = visit.hub().sessions.count_attempt(&key, once, visit.now_ms).await;
    if matches!(told, Ok(Attempt::Allowed)) {
        record(visit, event).await;
    }
}

/// Keeps the event that a session was ended by its owner, and tells portals.
pub(crate) async fn record_end(visit: &Visit, signed_in: &SignedIn, session: SessionId) {
    let action =
        if session == signed_in.session.id { audit::SIGN_OUT } else { audit::SESSION_ENDED };
    let event = event(visit, action).with_account(signed_in.account.id).with_session(session);
    record(visit, event).await;
    notices::session_ended(visit, signed_in.account.id, session).await;
}
