//! The step that joins: every free record of the addresses that a person has proved, to tick.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::joining::{JoinProof, ProfileKey};
use bitrix_id_auth_core::store::{Account, StoreError};
use http::StatusCode;

use super::notice;
use super::waiting::{Ticked, names_any};
use crate::pages::{self, Join, JoinError, JoinPassword};
use crate::signin::browser::Browser;
use crate::signin::failure::Answer;
use crate::signin::fields::{Form, Pairs};
use crate::signin::flash::{self, Flash};
use crate::signin::hop;
use crate::signin::person::{self, SignedIn, event, record};
use crate::signin::reply::Reply;
use crate::signin::visit::{AtIdentity, Visit};

pub(in crate::signin) use super::waiting::{Waiting, waiting};

/// `GET /welcome` of a person whose address is proved.
pub(super) async fn show(visit: &Visit, person: &SignedIn, state: Option<&str>) -> Answer {
    let waiting = waiting(visit, &person.account).await?;
    if waiting.is_empty() {
        return hop::go_on(visit, person, state);
    }
    let ahead = hop::portal_id_ahead(visit, state);
    let by_button = matches!(hop::destination(visit, state), hop::Destination::Own(_));
    let only = by_button && waiting.len() == 1;
    let ticked = Ticked::Proposed { ahead: ahead.as_deref(), only };
    let reply = page(visit, person, &waiting, state, &ticked, None)?;
    Ok(if password_taken(visit) { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /welcome/join`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let state = fields.optional("state");
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state))));
    };
    if person.is_unproved() {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/welcome", state))));
    }
    let session = Some(person.session.id);
    let waiting = waiting(&visit, &person.account).await?;
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        if waiting.is_empty() {
            return Ok(hop::go_on_after_form(&visit, state));
        }
        let error = Some(JoinError::Expired);
        return page(&visit, &person, &waiting, state, &Ticked::Sent(&fields), error);
    }
    let on = hop::go_on_after_form(&visit, state);
    if fields.optional("later").is_some() {
        return Ok(on);
    }
    // A box of what is no longer offered was ticked by somebody who presses twice.
    if !waiting.is_empty() && !names_any(&fields) {
        let error = Some(JoinError::NoneTicked);
        return page(&visit, &person, &waiting, state, &Ticked::Sent(&fields), error);
    }
    let joined = join(&visit, &person.account, &chosen(&waiting, &fields)).await?;
    Ok(if joined { on.cookies(Flash::Joined.leave(&visit, session)) } else { on })
}

/// The records that were ticked. A form can name none but those that are offered to this very account.
fn chosen(waiting: &[Waiting], fields: &Pairs) -> Vec<ProfileKey> {
    waiting.iter().filter_map(|group| group.picked(fields)).collect()
}

/// False: nothing was joined.
async fn join(visit: &Visit, account: &Account, keys: &[ProfileKey]) -> Result<bool, StoreError> {
    if keys.is_empty() {
        return Ok(false);
    }
    let proof = JoinProof::Address;
    let joined = visit.change().join(account.id, keys, proof, "self").await?;
    // Else the page that the browser goes on to might see a token that knows of none of them.
    visit.refuse_ended().await;
    for key in &joined {
        let event = event(visit, audit::PROFILE_JOINED).with_account(account.id);
        record(visit, event.with_portal(key.portal.as_str()).with_detail("address")).await;
    }
    let titles: Vec<String> =
        joined.iter().filter_map(|key| visit.snapshot.title_of(&key.portal)).collect();
    if !titles.is_empty() {
        notice::joined(visit, account, &titles).await;
    }
    Ok(!joined.is_empty())
}

fn page(
    visit: &Visit,
    person: &SignedIn,
    waiting: &[Waiting],
    state: Option<&str>,
    ticked: &Ticked<'_>,
    error: Option<JoinError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let shown = waiting.iter().filter_map(|group| group.shown_as(visit, ticked));
    let view = Join {
        email: person.account.email.clone(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        state: state.map(str::to_owned),
        // What is left over is asked for at the next sign-in, and on the page of the portals.
        portals: shown.take(MOST_PORTALS).collect(),
        password: password(visit, person),
        ahead: hop::portal_id_ahead(visit, state)
            .filter(|ahead| waiting.iter().any(|group| group.portal == *ahead))
            .and_then(|ahead| visit.snapshot.title_of(&ahead)),
        error,
    };
    let frame = visit.frame_at(&hop::with_state("/welcome", state));
    let status = match error {
        None => StatusCode::OK,
        Some(JoinError::Expired) => StatusCode::FORBIDDEN,
        Some(JoinError::NoneTicked) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(Reply::page(pages::join(&frame, &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie()))
}

/// Which password holds from now on.
fn password(visit: &Visit, person: &SignedIn) -> JoinPassword {
    match person.account.password_hash {
        None => JoinPassword::None,
        Some(_) if password_taken(visit) => JoinPassword::JustTyped,
        Some(_) => JoinPassword::Own,
    }
}

/// The sign-in that led here made the account, with what was typed there as its password.
fn password_taken(visit: &Visit) -> bool {
    Flash::read(visit, None) == Some(Flash::PasswordTaken)
}

/// A form has a field for each, and no form of ours has more than 32.
const MOST_PORTALS: usize = 25;
