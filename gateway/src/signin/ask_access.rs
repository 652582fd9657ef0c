//! `/.bitrix-id/access`: a person whom a portal does not know asks its owners to be let in.
//!
//! The form is on the page that says "no access", on the portal's own host, where the token names the
//! person and the origin check is all there is against forgery. What a forged form could do is ask.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::return_target;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::access::{AccessRequest, AskForAccess};
use bitrix_id_auth_core::store::{Account, AccountState, AddressProof, Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;
use bitrix_id_config::model::Portal;

use super::access_mail;
use super::failure::Answer;
use super::fields::Form;
use super::no_access;
use super::person::{event, record};
use super::reply::Reply;
use super::sign_in::minutes_of;
use super::visit::{AtPortal, Visit};
use crate::pages::AskState;

/// `POST /.bitrix-id/access`
pub(crate) async fn submit(AtPortal(visit, portal): AtPortal, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let back = return_target(fields.text("return_to")).unwrap_or_else(|| "/".into());
    let back = Reply::see_other(&visit.own_url(&back));
    let Some((subject, _)) = visit.token else {
        return Ok(back);
    };
    let Some(account) = visit.hub().directory.account(subject).await?.filter(may_ask) else {
        return Ok(back);
    };
    let key = attempt_key("access/account", &[&subject.to_string()]);
    let sessions = &visit.hub().sessions;
    if let Attempt::Refused { retry_after } =
        sessions.count_attempt(&key, PER_ACCOUNT, visit.now_ms).await?
    {
        let ask = AskState::TooMany { minutes: minutes_of(retry_after) };
        let page = no_access::page(&visit, &portal, Some(account), ask, fields.text("return_to"));
        return Ok(page
            .await?
            .status(http::StatusCode::TOO_MANY_REQUESTS)
            .retry_after(retry_after));
    }
    let (now, directory) = (visit.now(), &visit.hub().directory);
    let asked = directory.ask_for_access(&portal.id, subject, now, now + OPEN_SECONDS).await?;
    if asked == AskForAccess::Asked {
        record(&visit, event(&visit, audit::ACCESS_ASKED).with_account(subject)).await;
        let owners = directory.owners(&portal.id, MOST_OWNERS).await?;
        access_mail::tell_owners(&visit, &portal, &owners).await;
    }
    Ok(back)
}

/// Where the person's request stands.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn state(
    visit: &Visit,
    portal: &Portal,
    account: &Account,
) -> Result<AskState, StoreError> {
    if !may_ask(account) {
        return Ok(AskState::Hidden);
    }
    let directory = &visit.hub().directory;
    let open = directory.access_request(&portal.id, account.id, visit.now()).await?;
    let Some(AccessRequest { asked_at, .. }) = open else {
        let declined_at = declined_at(visit, portal, account).await?;
        return Ok(match declined_at {
            Some(declined_at) => AskState::Declined { declined_at },
            None => AskState::Offered,
        });
    };
    let owners = !directory.owners(&portal.id, 1).await?.is_empty();
    Ok(AskState::Asked { asked_at, owners })
}

/// When the newest request was declined, if nothing has come of another since. The directory keeps no
/// request that was answered; the audit table does, for as long as it keeps anything.
async fn declined_at(
    visit: &Visit,
    portal: &Portal,
    account: &Account,
) -> Result<Option<UnixSeconds>, StoreError> {
    let events = visit.hub().directory.audit(Some(account.id), NEWEST_EVENTS).await?;
    let newest = events.into_iter().find(|event| {
        event.portal.as_deref() == Some(&portal.id) && ABOUT_ACCESS.contains(&&*event.action)
    });
    let declined = newest.filter(|event| event.action == audit::ACCESS_DECLINED);
    Ok(declined.map(|event| event.at_ms.div_euclid(1000)))
}

/// Whoever answers is shown the address, so it must be theirs.
fn may_ask(account: &Account) -> bool {
    account.state == AccountState::Active && account.proof != AddressProof::None
}

/// What decides whether a person belongs to a portal.
const ABOUT_ACCESS: [&str; 5] = [
    audit::ACCESS_ASKED,
    audit::ACCESS_GRANTED,
    audit::ACCESS_DECLINED,
    audit::PROFILE_ADDED,
    audit::PROFILE_REMOVED,
];
/// A refusal that lies further back is not told.
const NEWEST_EVENTS: u32 = 100;
/// A month; then the person may ask anew.
const OPEN_SECONDS: i64 = 30 * 24 * 3600;
/// Whom a request is mailed to.
const MOST_OWNERS: u32 = 10;
/// Requests of one person, on all portals together.
const PER_ACCOUNT: Quota = Quota { limit: 10, window: 3600 };
