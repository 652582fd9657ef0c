//! `/profile/emails/remove`: an address is given up after a page of its own has said what that means. It
//! takes a fresh sign-in.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::StoreError;

use super::browser::Browser;
use super::emails::{Begun, begin, refuse, tell, to_list, to_list_url};
use super::failure::Answer;
use super::fields::{Form, Query};
use super::flash::Flash;
use super::fresh;
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::mail::addresses::Change;
use crate::pages::{self, AddressNews, EmailsError, RemoveAddress};

/// `GET /profile/emails/remove?place=…`
///
/// The query says where in the list the address stands, from 1, and so holds no address for a log to keep.
/// The form names the one that the page showed, whatever has become of the list.
pub(crate) async fn ask(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let held = visit.hub().directory.addresses(person.account.id).await?;
    let place: usize = query.text("place").parse().unwrap_or(0);
    let named = held.into_iter().zip(1..).find(|(_, at)| *at == place);
    let Some((address, _)) = named else {
        return Ok(to_list_url(&visit));
    };
    if address.primary {
        return refuse(&visit, &person, EmailsError::Primary).await;
    }
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, &format!("{PATH}?place={place}")));
    }
    let browser = Browser::of(&visit)?;
    let view = RemoveAddress {
        person: person.person(),
        portals: resting_on(&visit, &person, &address.address).await?,
        address: address.address,
        csrf: browser.form_value(&visit, Some(person.session.id)),
    };
    let page = pages::remove_address(&visit.frame_at("/profile/emails"), &view);
    Ok(Reply::page(page).cookies(browser.cookie()))
}

/// `POST /profile/emails/remove`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, address) = match begin(&visit, &fields).await? {
        Begun::Go(person, address) => (person, address),
        Begun::Answer(reply) => return Ok(reply),
    };
    if address == person.account.email {
        return refuse(&visit, &person, EmailsError::Primary).await;
    }
    if !visit.hub().directory.remove_address(person.account.id, &address).await? {
        return refuse(&visit, &person, EmailsError::Gone).await;
    }
    let event = event(&visit, audit::EMAIL_REMOVED).with_account(person.account.id);
    record(&visit, event).await;
    // Both: whoever took the account over may have made an address of their own the primary one.
    for to in [&person.account.email, &address] {
        tell(&visit, &person, to, Change::Removed(&address)).await;
    }
    Ok(to_list(&visit, &person, &Flash::Addresses(AddressNews::Removed(address))))
}

/// Titles of the portals whose joined records are registered with this address.
async fn resting_on(
    visit: &Visit,
    person: &SignedIn,
    address: &str,
) -> Result<Vec<String>, StoreError> {
    let joined = visit.hub().directory.joined_profiles(person.account.id).await?;
    let by_it = joined.iter().filter(|record| record.email.as_deref() == Some(address));
    Ok(by_it.filter_map(|record| visit.snapshot.title_of(&record.portal)).collect())
}

const PATH: &str = "/profile/emails/remove";
