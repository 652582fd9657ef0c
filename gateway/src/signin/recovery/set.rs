//! The button: the checkword is spent, the password set, everything from before ended.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::password::PasswordError;
use bitrix_id_auth_core::store::Account;
use bitrix_id_auth_core::store::recovery::{Checkword as Judged, Reset, ResetPassword};

use super::checkword::Checkword;
use super::notice;
use super::under_way::UnderWay;
use crate::pages::NewPasswordError;
use crate::signin::enter::{self, RECOVERY};
use crate::signin::failure::Failure;
use crate::signin::flash::Flash;
use crate::signin::hop;
use crate::signin::password_rules::check_password;
use crate::signin::person::{event, record};
use crate::signin::reply::Reply;
use crate::signin::transaction;
use crate::signin::visit::Visit;

/// What came of it.
pub(super) enum Outcome {
    /// The password is set; where to go.
    Done(Reply),
    /// The password was not taken; the checkword is as good as before.
    NotTaken(NewPasswordError),
    /// The checkword does not work any more.
    Refused(Judged),
}

/// Sets the password of whom the checkword names. `address` and `known` are what looking at it said.
///
/// # Errors
/// [`Failure`]. After [`Failure::Store`] the password may be set: then the checkword says that it is used,
/// and what has not been ended is ended by [`super::worker`].
pub(super) async fn set_password(
    visit: &Visit,
    checkword: &Checkword,
    address: &str,
    known: bool,
    new: &str,
    again: &str,
) -> Result<Outcome, Failure> {
    if let Some(error) = check(visit, address, new, again, known).await? {
        return Ok(Outcome::NotTaken(error));
    }
    let hash = match visit.hub().passwords.load_full().hash(new).await {
        Ok(hash) => hash,
        Err(PasswordError::Busy) => return Ok(Outcome::NotTaken(NewPasswordError::Busy)),
        Err(error) => return Err(error.into()),
    };
    match visit.change().reset_password(&checkword.hash(), &hash).await? {
        ResetPassword::Done(reset) => {
            visit.refuse_ended().await;
            Ok(Outcome::Done(arrive(visit, reset).await?))
        }
        ResetPassword::Refused(judged) => Ok(Outcome::Refused(judged)),
    }
}

/// What is wrong with the new password, if anything.
async fn check(
    visit: &Visit,
    address: &str,
    new: &str,
    again: &str,
    known: bool,
) -> Result<Option<NewPasswordError>, Failure> {
    if new != again {
        return Ok(Some(NewPasswordError::Differs));
    }
    let account = match known {
        true => visit.hub().directory.account_by_email(address).await?,
        false => None,
    };
    let name = account.map(|account| account.name).unwrap_or_default();
    match check_password(visit, new, &[address, &name]).await {
        Ok(Ok(())) => Ok(None),
        Ok(Err(weak)) => Ok(Some(NewPasswordError::Weak(weak))),
        Err(PasswordError::Busy) => Ok(Some(NewPasswordError::Busy)),
        Err(error) => Err(error.into()),
    }
}

/// Signs in here, and goes on to where this browser was going when it asked.
async fn arrive(visit: &Visit, reset: Reset) -> Result<Reply, Failure> {
    tell(visit, &reset).await;
    let found = transaction::find::<UnderWay>(visit).await?;
    let state = found.as_ref().and_then(|(_, under_way)| under_way.state.clone());
    if let Some((browser, _)) = found {
        transaction::take::<UnderWay>(visit, &browser).await?;
    }
    // A new account has nothing to be told of: its first page shows the profiles that wait for it.
    let next = if reset.created { state } else { Some(by_way_of_done(visit, state.as_deref())) };
    let entered = enter::enter(visit, &reset.account, RECOVERY, next.as_deref()).await?;
    Ok(match entered {
        Some(reply) => reply.cookies(Flash::PasswordReset.leave(visit, None)),
        // Changed again within the moment: whoever knows the password can sign in.
        None => {
            Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", next.as_deref())))
        }
    })
}

fn by_way_of_done(visit: &Visit, state: Option<&str>) -> String {
    hop::own_state_to(visit, &hop::with_state("/reset-password/done", state))
}

async fn tell(visit: &Visit, reset: &Reset) {
    let Account { id, .. } = reset.account;
    let mut actions = vec![audit::RECOVERY_SUCCEEDED, audit::PASSWORD_CHANGED];
    if reset.created {
        actions.extend([audit::EMAIL_CONFIRMED, audit::ACCOUNT_CREATED]);
    }
    for action in actions {
        record(visit, event(visit, action).with_account(id)).await;
    }
    if reset.created {
        notice::welcome(visit, &reset.account).await;
    } else {
        notice::send(visit, &reset.account).await;
    }
}
