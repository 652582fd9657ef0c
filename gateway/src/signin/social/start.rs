//! `/social/{id}/start`: off to the provider.

use axum::extract::Path;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::oauth::ProviderError;
use bitrix_id_auth_core::store::Attempt;
use bitrix_id_config::model::Social;
use http::Method;
use http::header::REFERRER_POLICY;

use super::trip::{Purpose, Trip, count};
use super::{failed, find, profile};
use crate::pages::SocialProblem;
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure};
use crate::signin::fields::{Form, Query};
use crate::signin::fresh;
use crate::signin::hop;
use crate::signin::person::{self, event, record_seldom};
use crate::signin::profile::to_profile_sign_in;
use crate::signin::reply::Reply;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /social/{id}/start?state=…`: to sign in. It changes nothing but what it stores for this browser's
/// way back, and is counted.
pub(crate) async fn sign_in(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    method: Method,
    Query(query): Query,
) -> Answer {
    if method == Method::HEAD {
        return Err(Failure::Method);
    }
    let social = find(&visit, &id).ok_or(Failure::NotFound)?;
    let state = query.optional("state");
    if let Some(person) = person::signed_in(&visit).await? {
        return hop::go_on(&visit, &person, state);
    }
    let browser = Browser::of(&visit)?;
    let purpose = Purpose::SignIn { state: state.map(str::to_owned) };
    leave(&visit, &browser, social, purpose).await
}

/// `POST /social/{id}/start`: to link, from the profile.
pub(crate) async fn link(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    Form(fields): Form,
) -> Answer {
    let social = find(&visit, &id).ok_or(Failure::NotFound)?;
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let session = person.session.id;
    let Some(browser) = Browser::of_form(&visit, Some(session), fields.text("csrf")) else {
        return profile::expired(&visit, &person).await;
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, "/profile/social"));
    }
    let purpose = Purpose::Link { session, account: person.account.id };
    leave(&visit, &browser, social, purpose).await
}

async fn leave(visit: &Visit, browser: &Browser, social: &Social, purpose: Purpose) -> Answer {
    let state = purpose.state().map(str::to_owned);
    if let Attempt::Refused { retry_after } = count(visit, browser).await? {
        let event = event(visit, audit::SIGN_IN_THROTTLED).with_detail(&social.id);
        record_seldom(visit, event).await;
        let reply = failed(visit, social, SocialProblem::TooMany, state.as_deref())?;
        return Ok(reply.retry_after(retry_after));
    }
    let trip = Trip::new(visit, browser, &social.id, purpose)?;
    let question = match visit.app.social.of(visit, social) {
        Ok(provider) => provider.question(&trip.attempt, &trip.redirect_uri, visit.now()).await,
        Err(error) => Err(error),
    };
    match question {
        Ok(url) => {
            // Before the answer that sends the browser there.
            trip.store(visit).await?;
            Ok(Reply::see_other(url.as_str())
                .header(REFERRER_POLICY, "no-referrer")
                .cookies(browser.cookie()))
        }
        Err(error) => {
            log(visit, social, &error);
            let event = event(visit, audit::SIGN_IN_FAILED).with_detail(&format!(
                "{} {}",
                social.id,
                error.label()
            ));
            record_seldom(visit, event).await;
            failed(visit, social, SocialProblem::Unreachable, state.as_deref())
        }
    }
}

/// For the operator: what the provider said, without anything secret.
pub(super) fn log(visit: &Visit, social: &Social, error: &ProviderError) {
    let (request_id, provider) = (visit.request_id.as_str(), social.id.as_str());
    match error {
        ProviderError::Unreachable(_) | ProviderError::Busy | ProviderError::Misconfigured(_) => {
            tracing::error!(request_id, provider, "social sign-in: {error}");
        }
        ProviderError::Refused(_) | ProviderError::Denied(_) => {
            tracing::warn!(request_id, provider, "social sign-in: {error}");
        }
    }
}
