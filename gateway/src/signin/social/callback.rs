//! `/social/{id}/callback`: back from the provider.

use axum::extract::Path;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::oauth::{ProviderError, Returned};
use bitrix_id_config::model::Social;
use http::Method;

use super::trip::{self, Posted, Purpose, Trip};
use super::{failed, find, start, step};
use crate::pages::{SocialNews, SocialProblem};
use crate::signin::failure::{Answer, Failure};
use crate::signin::fields::{Form, Pairs, Query};
use crate::signin::flash::Flash;
use crate::signin::hop;
use crate::signin::person::{self, SignedIn, event, record, record_seldom};
use crate::signin::reply::Reply;
use crate::signin::visit::{AtIdentity, Visit};

/// `POST /social/{id}/callback`, from the page of a provider that has the browser post: no cookie of ours
/// comes along, so what was posted waits under the trip's state for the GET that follows, which brings
/// them.
pub(crate) async fn posted(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    Form(fields): Form,
) -> Answer {
    let social = find(&visit, &id).ok_or(Failure::NotFound)?;
    let provider = visit.app.social.of(&visit, social);
    if !provider.is_ok_and(|provider| provider.posts_back()) {
        return Err(Failure::Method);
    }
    let state = fields.text("state");
    let known = trip::peek(&visit, state).await?.filter(|trip| trip.provider == id);
    if let Some(trip) = &known {
        let error = fields.optional("error").map(str::to_owned);
        Posted { returned: returned(&fields), error }.store(&visit, &trip.attempt.state).await?;
    }
    let path = format!("/social/{id}/callback");
    let state = known.as_ref().map(|trip| trip.attempt.state.as_str());
    Ok(Reply::see_other(&visit.identity_url(&hop::with_state(&path, state))))
}

/// `GET /social/{id}/callback?state=…&code=…`
pub(crate) async fn arrive(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    method: Method,
    Query(query): Query,
) -> Answer {
    if method == Method::HEAD {
        return Err(Failure::Method);
    }
    let visit = visit.as_ref();
    let social = find(visit, &id).ok_or(Failure::NotFound)?;
    let person = person::signed_in(visit).await?;
    let Some(found) = trip::peek(visit, query.text("state")).await? else {
        return stale(visit, social, person.as_ref(), None).await;
    };
    // Another provider's answer, or another browser's: whoever came with it, this trip is not theirs.
    if found.provider != id || !found.is_of(visit) {
        return stale(visit, social, person.as_ref(), Some(&found)).await;
    }
    // From here on it is spent, whatever the answer is worth.
    let Some(trip) = trip::take(visit, &found.attempt.state).await? else {
        return stale(visit, social, person.as_ref(), Some(&found)).await;
    };
    let posted = Posted::take(visit, &trip.attempt.state).await?;
    let (returned, error) = match posted {
        Some(posted) => (posted.returned, posted.error),
        None => (returned(&query), query.optional("error").map(str::to_owned)),
    };
    let asked_by = match (&trip.purpose, person) {
        // A second tab was faster: signed in is signed in.
        (Purpose::SignIn { .. }, Some(person)) => {
            return hop::go_on(visit, &person, trip.purpose.state());
        }
        (Purpose::SignIn { .. }, None) => None,
        (Purpose::Link { session, account }, Some(person))
            if person.session.id == *session && person.account.id == *account =>
        {
            Some(person)
        }
        (Purpose::Link { .. }, person) => {
            return stale(visit, social, person.as_ref(), Some(&trip)).await;
        }
    };
    if let Some(error) = error {
        return denied(visit, social, &trip, asked_by.as_ref(), &error).await;
    }
    match identify(visit, social, &trip, &returned).await {
        Ok(asserted) => match asked_by {
            None => step::sign_in(visit, social, asserted, trip.purpose.state()).await,
            // Asking took its time, and whoever asked may have been signed out meanwhile.
            Some(_) => match person::signed_in(visit).await? {
                Some(person) => step::link(visit, social, &person, asserted).await,
                None => stale(visit, social, None, Some(&trip)).await,
            },
        },
        Err(error) => {
            start::log(visit, social, &error);
            refuse(visit, social, &trip, asked_by.as_ref(), error.label()).await;
            let problem = match error {
                ProviderError::Unreachable(_)
                | ProviderError::Busy
                | ProviderError::Misconfigured(_) => SocialProblem::Unreachable,
                ProviderError::Refused(_) | ProviderError::Denied(_) => SocialProblem::Refused,
            };
            failed(visit, social, problem, trip.purpose.state())
        }
    }
}

async fn identify(
    visit: &Visit,
    social: &Social,
    trip: &Trip,
    returned: &Returned,
) -> Result<bitrix_id_auth_core::oauth::Asserted, ProviderError> {
    if returned.code.is_empty() {
        return Err(ProviderError::Refused("code_missing"));
    }
    let provider = visit.app.social.of(visit, social)?;
    provider.identify(&trip.attempt, &trip.redirect_uri, returned, visit.now()).await
}

fn returned(fields: &Pairs) -> Returned {
    let short = |name: &str| {
        fields.optional(name).filter(|value| value.len() <= LONGEST_VALUE).map(str::to_owned)
    };
    Returned {
        code: short("code").unwrap_or_default(),
        issuer: fields.optional("iss").map(str::to_owned),
        device_id: short("device_id"),
        user: short("user"),
    }
}

/// The provider's own no. Whoever pressed "cancel" there knows what they did.
async fn denied(
    visit: &Visit,
    social: &Social,
    trip: &Trip,
    asked_by: Option<&SignedIn>,
    code: &str,
) -> Answer {
    let cancelled = CANCELLED.contains(&code);
    let label = if cancelled { "cancelled" } else { "error" };
    refuse(visit, social, trip, asked_by, label).await;
    if !cancelled {
        return failed(visit, social, SocialProblem::Refused, trip.purpose.state());
    }
    let (path, session) = match asked_by {
        None => (hop::with_state("/sign-in", trip.purpose.state()), None),
        Some(person) => ("/profile/social".to_owned(), Some(person.session.id)),
    };
    let news = Flash::Social(SocialNews::Cancelled(super::title(social)));
    Ok(Reply::see_other(&visit.identity_url(&path)).cookies(news.leave(visit, session)))
}

/// A state that is missing, unknown, spent, too old, or not this browser's. A live session goes on.
async fn stale(
    visit: &Visit,
    social: &Social,
    person: Option<&SignedIn>,
    trip: Option<&Trip>,
) -> Answer {
    let state = trip.and_then(|trip| trip.purpose.state());
    if let Some(person) = person {
        if trip.is_some_and(|trip| matches!(trip.purpose, Purpose::Link { .. })) {
            let event = event(visit, audit::LINK_REFUSED).with_account(person.account.id);
            record_seldom(visit, event.with_detail(&format!("{} state", social.id))).await;
            return failed(visit, social, SocialProblem::Stale, None);
        }
        return hop::go_on(visit, person, state);
    }
    visit.hub().telemetry.metrics.sign_in("social", "stale");
    let event = event(visit, audit::SIGN_IN_FAILED);
    record_seldom(visit, event.with_detail(&format!("{} state", social.id))).await;
    // Not the trip's own destination: it may be another browser's.
    failed(visit, social, SocialProblem::Stale, None)
}

/// Counts and keeps a refusal.
async fn refuse(
    visit: &Visit,
    social: &Social,
    trip: &Trip,
    asked_by: Option<&SignedIn>,
    label: &str,
) {
    visit.hub().telemetry.metrics.sign_in("social", "refused");
    let action = match trip.purpose {
        Purpose::SignIn { .. } => audit::SIGN_IN_FAILED,
        Purpose::Link { .. } => audit::LINK_REFUSED,
    };
    let event = event(visit, action).with_detail(&format!("{} {label}", social.id));
    let event = match asked_by {
        Some(person) => event.with_account(person.account.id),
        None => event,
    };
    record(visit, event).await;
}

/// What providers answer when the person does not want to. The last is Apple's.
const CANCELLED: [&str; 3] = ["access_denied", "user_denied", "user_cancelled_authorize"];
/// In bytes; codes have a few hundred.
const LONGEST_VALUE: usize = 4096;
