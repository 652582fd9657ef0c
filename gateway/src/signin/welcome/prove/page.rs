//! What the page of the proof shows.

use bitrix_id_auth_core::store::{Holder, StoreError};
use http::StatusCode;

use crate::pages::{self, CodeError, LaterPortal, Prove, ProveError, ProveMail, ProveReason};
use crate::signin::browser::Browser;
use crate::signin::failure::Answer;
use crate::signin::hop;
use crate::signin::person::SignedIn;
use crate::signin::portal_password;
use crate::signin::reply::Reply;
use crate::signin::visit::Visit;
use crate::signin::welcome::{Proving, Purpose, later};

/// `GET /welcome` of an account that has proved nothing and has no proof under way.
pub(in crate::signin::welcome) fn offer(
    visit: &Visit,
    person: &SignedIn,
    state: Option<&str>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let view = Prove {
        email: person.account.email.clone(),
        state: state.map(str::to_owned),
        csrf: browser.form_value(visit, Some(person.session.id)),
        mail: match visit.snapshot.config.mail {
            Some(_) => ProveMail::NotAsked,
            None => ProveMail::Impossible,
        },
        reason: ProveReason::Unproved,
        stay: !person.must_prove(),
        ..Prove::default()
    };
    let frame = visit.frame_at(&hop::with_state("/welcome", state));
    Ok(Reply::page(pages::prove(&frame, &view)).leads_to_portals(visit).cookies(browser.cookie()))
}

/// What the page says besides asking for the code.
#[derive(Debug, Clone, Copy)]
pub(in crate::signin::welcome) enum Note<'a> {
    /// The code that the mail's link brought, or nothing.
    Typed(&'a str),
    Resent,
    Error(ProveError),
}

impl Note<'_> {
    pub(in crate::signin::welcome) fn error(error: CodeError) -> Self {
        Self::Error(ProveError::Code(error))
    }
}

pub(in crate::signin::welcome) async fn page(
    visit: &Visit,
    browser: &Browser,
    proving: &Proving,
    person: Option<&SignedIn>,
    note: Note<'_>,
) -> Answer {
    let error = if let Note::Error(error) = note { Some(error) } else { None };
    let proved = match visit.hub().directory.holder(&proving.email).await? {
        Holder::Proved(_) => true,
        Holder::None | Holder::Unproved(_) => false,
    };
    let mailed = proving.code.as_ref();
    let view = Prove {
        email: proving.email.clone(),
        state: proving.state.clone(),
        csrf: browser.form_value(visit, person.map(|person| person.session.id)),
        code: if let Note::Typed(code) = note {
            code.chars().take(32).collect()
        } else {
            String::new()
        },
        reason: reason(visit, proving, person, proved),
        mail: match (mailed, &visit.snapshot.config.mail) {
            (Some(_), _) => ProveMail::Sent,
            (None, Some(_)) => ProveMail::Failed,
            (None, None) => ProveMail::Impossible,
        },
        later: if proved || person.is_some() {
            Vec::new()
        } else {
            ways_on(visit, proving).await?
        },
        stay: person.is_some_and(|person| !person.must_prove()),
        error,
        resent: matches!(note, Note::Resent),
        resend_in_seconds: mailed.map_or(0, |code| code.resend_in(visit.now())),
    };
    Ok(Reply::page(pages::prove(&visit.frame_at("/welcome"), &view))
        .leads_to_portals(visit)
        .status(status(error))
        .cookies(browser.cookie()))
}

fn reason(
    visit: &Visit,
    proving: &Proving,
    person: Option<&SignedIn>,
    proved: bool,
) -> ProveReason {
    match &proving.purpose {
        // Says nothing of whether the address has an account: nobody has shown to know it.
        Purpose::Link { provider, .. } => ProveReason::Provider(provider.clone()),
        Purpose::PortalPassword { .. } if person.is_some() => ProveReason::Unproved,
        Purpose::PortalPassword { keys, .. } => {
            let mut titles: Vec<String> =
                keys.iter().filter_map(|key| visit.snapshot.title_of(&key.portal)).collect();
            titles.dedup();
            if proved { ProveReason::OtherPassword(titles) } else { ProveReason::Portals(titles) }
        }
    }
}

/// The portals whose password was typed, each of which can be gone on to alone as long as it keeps the
/// person; the one ahead first.
async fn ways_on(visit: &Visit, proving: &Proving) -> Result<Vec<LaterPortal>, StoreError> {
    let Purpose::PortalPassword { keys, .. } = &proving.purpose else {
        return Ok(Vec::new());
    };
    let free = portal_password::still_free(visit, &proving.email, keys).await?;
    let mut ways: Vec<_> = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| free.contains(key))
        .filter_map(|(at, key)| {
            let portal = visit.snapshot.portal(&key.portal)?;
            let ahead = later::is_ahead(visit, proving.state.as_deref(), &portal.id);
            Some((!ahead, LaterPortal { value: at.to_string(), title: portal.title.clone() }))
        })
        .collect();
    ways.sort_by_key(|(elsewhere, _)| *elsewhere);
    Ok(ways.into_iter().map(|(_, way)| way).collect())
}

fn status(error: Option<ProveError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(ProveError::Code(
            CodeError::NoMatch | CodeError::CodeExpired | CodeError::TooMany,
        )) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(ProveError::Code(CodeError::ResendTooSoon)) => StatusCode::TOO_MANY_REQUESTS,
        Some(ProveError::Code(CodeError::MailFailed)) => StatusCode::SERVICE_UNAVAILABLE,
        Some(ProveError::Code(CodeError::Expired)) => StatusCode::FORBIDDEN,
        Some(ProveError::LaterTaken | ProveError::LaterGone) => StatusCode::CONFLICT,
    }
}
