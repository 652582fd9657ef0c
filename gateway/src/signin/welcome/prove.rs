//! The step that proves the address: the six digits of the mail.

use bitrix_id_auth_core::store::Holder;
use http::StatusCode;

use super::send::{self, Sent};
use super::{Begin, Proving, Purpose, begin, later, proved};
use crate::pages::{self, CodeError, LaterPortal, Prove, ProveError, ProveMail, ProveReason};
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use crate::signin::fields::{Form, Pairs};
use crate::signin::flash::{self, Flash};
use crate::signin::hop;
use crate::signin::mailed_code::Tried;
use crate::signin::person::{self, SignedIn};
use crate::signin::reply::Reply;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /welcome` with a proof under way.
pub(super) async fn show(
    visit: &Visit,
    browser: &Browser,
    proving: &Proving,
    person: Option<&SignedIn>,
    code: &str,
) -> Answer {
    let session = person.map(|person| person.session.id);
    let resent = Flash::read(visit, session) == Some(Flash::CodeSent);
    let note = if resent { Note::Resent } else { Note::Typed(code) };
    let reply = page(visit, browser, proving, person, note).await?;
    Ok(if resent { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /welcome`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, proving, person) = match under_way(&visit, &fields).await? {
        Step::Go(under_way) => *under_way,
        Step::Answer(reply) => return Ok(reply),
    };
    let tried = match &proving.code {
        Some(code) => code.try_code(&visit, &browser, fields.text("code")).await?,
        None => Tried::Wrong,
    };
    let error = match tried {
        Tried::Right => return proved::go_on(&visit, &browser, proving).await,
        Tried::Expired => CodeError::CodeExpired,
        Tried::TooOften => CodeError::TooMany,
        Tried::Wrong => {
            visit.hub().telemetry.metrics.sign_in("mailed_code", "no_match");
            CodeError::NoMatch
        }
    };
    page(&visit, &browser, &proving, person.as_ref(), Note::error(error)).await
}

/// `POST /welcome/resend`
pub(crate) async fn resend(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, mut proving, person) = match under_way(&visit, &fields).await? {
        Step::Go(under_way) => *under_way,
        Step::Answer(reply) => return Ok(reply),
    };
    let wait = proving.code.as_ref().map_or(0, |code| code.resend_in(visit.now()));
    let sent = match wait {
        0 => send::code(&visit, &browser, &mut proving).await?,
        _ => Sent::TooMany { retry_after: wait },
    };
    let (error, retry_after) = match sent {
        Sent::Queued => {
            proving.store(&visit, &browser).await?;
            let session = person.map(|person| person.session.id);
            return Ok(Reply::see_other(&visit.identity_url("/welcome"))
                .cookies(Flash::CodeSent.leave(&visit, session)));
        }
        Sent::TooMany { retry_after } => (CodeError::ResendTooSoon, retry_after),
        Sent::Failed => (CodeError::MailFailed, RETRY_AFTER_SECONDS),
    };
    let reply = page(&visit, &browser, &proving, person.as_ref(), Note::error(error)).await?;
    Ok(reply.retry_after(retry_after))
}

/// `POST /welcome/prove`: an account that has proved nothing does so now.
pub(crate) async fn start(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let state = fields.optional("state");
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state))));
    };
    let again = || Reply::see_other(&visit.identity_url(&hop::with_state("/welcome", state)));
    let session = Some(person.session.id);
    let Some(browser) = Browser::of_form(&visit, session, fields.text("csrf")) else {
        return Ok(again());
    };
    let Some(password_hash) = person.account.password_hash.clone().filter(|_| person.is_unproved())
    else {
        return Ok(again());
    };
    // Whoever returns the code gets a new account, whose password is the one that is known to work.
    let joined = visit.hub().directory.joined_profiles(person.account.id).await?;
    let keys = joined.iter().map(|record| record.key()).collect();
    let proof = Begin {
        email: person.account.email.clone(),
        name: person.account.name.clone(),
        state: state.map(str::to_owned),
        purpose: Purpose::PortalPassword { keys, password_hash },
    };
    begin(&visit, &browser, proof).await
}

/// `GET /welcome` of an account that has proved nothing and has no proof under way.
pub(super) fn offer(visit: &Visit, person: &SignedIn, state: Option<&str>) -> Answer {
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

/// What the POSTs begin with.
pub(super) enum Step {
    /// A proof under way in this browser, and who is signed in, with nothing proved.
    Go(Box<(Browser, Proving, Option<SignedIn>)>),
    /// Something else to say first.
    Answer(Reply),
}

pub(super) async fn under_way(visit: &Visit, fields: &Pairs) -> Result<Step, Failure> {
    visit.require_same_origin()?;
    let person = person::signed_in(visit).await?;
    if person.as_ref().is_some_and(|person| !person.is_unproved()) {
        return Ok(Step::Answer(hop::go_on_after_form(visit, fields.optional("state"))));
    }
    let session = person.as_ref().map(|person| person.session.id);
    let Some(browser) = Browser::of_form(visit, session, fields.text("csrf")) else {
        return Ok(Step::Answer(match transaction::find::<Proving>(visit).await? {
            Some((browser, proving)) => {
                let note = Note::error(CodeError::Expired);
                page(visit, &browser, &proving, person.as_ref(), note).await?
            }
            None => start_over(visit, fields),
        }));
    };
    Ok(match transaction::peek::<Proving>(visit, &browser).await? {
        Some(proving) => Step::Go(Box::new((browser, proving, person))),
        None => Step::Answer(start_over(visit, fields)),
    })
}

/// To the sign-in page, or on for whom is signed in.
pub(super) fn start_over(visit: &Visit, fields: &Pairs) -> Reply {
    let target = hop::with_state("/sign-in", fields.optional("state"));
    Reply::see_other(&visit.identity_url(&target))
}

/// What the page says besides asking for the code.
#[derive(Debug, Clone, Copy)]
pub(super) enum Note<'a> {
    /// The code that the mail's link brought, or nothing.
    Typed(&'a str),
    Resent,
    Error(ProveError),
}

impl Note<'_> {
    fn error(error: CodeError) -> Self {
        Self::Error(ProveError::Code(error))
    }
}

pub(super) async fn page(
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
        later: if proved || person.is_some() { Vec::new() } else { ways_on(visit, proving) },
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
            let mut titles: Vec<String> = keys
                .iter()
                .filter_map(|key| Some(visit.snapshot.portal(&key.portal)?.title.clone()))
                .collect();
            titles.dedup();
            if proved { ProveReason::OtherPassword(titles) } else { ProveReason::Portals(titles) }
        }
    }
}

/// The portals whose password was typed, each of which can be gone on to alone; the one ahead first.
fn ways_on(visit: &Visit, proving: &Proving) -> Vec<LaterPortal> {
    let Purpose::PortalPassword { keys, .. } = &proving.purpose else {
        return Vec::new();
    };
    let mut ways: Vec<_> = keys
        .iter()
        .enumerate()
        .filter_map(|(at, key)| {
            let portal = visit.snapshot.portal(&key.portal)?;
            let ahead = later::is_ahead(visit, proving.state.as_deref(), &portal.id);
            Some((!ahead, LaterPortal { value: at.to_string(), title: portal.title.clone() }))
        })
        .collect();
    ways.sort_by_key(|(elsewhere, _)| *elsewhere);
    ways.into_iter().map(|(_, way)| way).collect()
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
        Some(ProveError::LaterTaken) => StatusCode::CONFLICT,
    }
}
