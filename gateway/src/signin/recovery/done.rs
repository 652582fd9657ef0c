//! `/reset-password/done`: the end of a recovery says what it did and leads on.

use super::also;
use crate::pages::{self, PasswordSet};
use crate::signin::failure::Answer;
use crate::signin::fields::Query;
use crate::signin::flash::Flash;
use crate::signin::hop;
use crate::signin::person;
use crate::signin::portals;
use crate::signin::reply::Reply;
use crate::signin::visit::AtIdentity;

/// `GET /reset-password/done?state=…`
pub(in crate::signin) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let state = query.optional("state");
    let onward = hop::with_state("/sign-in", state);
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url(&onward)));
    };
    // The address alone says nothing: it could be sent to anybody.
    if Flash::read(&visit, None) != Some(Flash::PasswordReset) {
        return Ok(Reply::see_other(&visit.identity_url(&onward)));
    }
    let view = PasswordSet {
        email: person.account.email.clone(),
        also: also::opens(&visit, &person.account).await?,
        portals: portals::of(&visit, person.account.id).await?.len(),
        to_portal: hop::portal_ahead(&visit, state),
        onward,
    };
    let frame = visit.frame_at(&hop::with_state("/reset-password/done", state));
    Ok(Reply::page(pages::password_set(&frame, &view)))
}
