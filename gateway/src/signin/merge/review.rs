//! `/profile/merge/review`: what will happen, and the button that does it.

use std::collections::BTreeSet;

use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::store::merging::{Merge, MergeOutcome, MergeRequest};
use bitrix_id_auth_core::store::{Account, AccountState};
use http::StatusCode;

use super::plan::{self, Plan};
use super::{Begun, Proved, begin, may, tell, to_merge};
use crate::pages::{self, MergeNews, MergeReview, mail};
use crate::signin::add_address::fingerprint;
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure};
use crate::signin::fields::{Form, Pairs};
use crate::signin::home::to_sign_in;
use crate::signin::outgoing;
use crate::signin::person::{self, SignedIn, event, record};
use crate::signin::portals;
use crate::signin::reply::Reply;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /profile/merge/review`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let Some((browser, proved)) = transaction::find::<Proved>(&visit).await? else {
        return Ok(to_merge(&visit));
    };
    match other(&visit, &person, &proved).await? {
        Some(other) if may(&other) => {
            let plan = plan::make(&visit, &person, &other).await?;
            Ok(page(&visit, &browser, &person, &other, plan, Seen::First))
        }
        Some(_) | None => Ok(to_merge(&visit)),
    }
}

/// `POST /profile/merge/review`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser) = match begin(&visit, &fields).await? {
        Begun::Go(begun) => *begun,
        Begun::Answer(reply) => return Ok(reply),
    };
    let Some(proved) = transaction::peek::<Proved>(&visit, &browser).await? else {
        return Ok(to_merge(&visit));
    };
    let Some(other) = other(&visit, &person, &proved).await? else {
        return Ok(tell(&visit, &person, MergeNews::Gone));
    };
    // Merged, and then a store failed before everything was ended: what is left is done again below.
    let unfinished = other.state == (AccountState::Merged { into: person.account.id });
    if !may(&other) && !unfinished {
        return Ok(tell(&visit, &person, MergeNews::Gone));
    }
    let plan = plan::make(&visit, &person, &other).await?;
    if !unfinished && fields.text("seen") != plan.digest() {
        return Ok(page(&visit, &browser, &person, &other, plan, Seen::Changed));
    }
    let request = request(&person, &other, &plan, &fields);
    match visit.change().merge(request).await? {
        MergeOutcome::Merged(merge) => {
            visit.refuse_ended().await;
            let told = done(&visit, &person, &other, &merge).await?;
            // Last: with it, whoever was cut off sends the form again, and what is missing above is made up for.
            transaction::take::<Proved>(&visit, &browser).await?;
            Ok(told)
        }
        MergeOutcome::Changed => Ok(page(&visit, &browser, &person, &other, plan, Seen::Changed)),
        MergeOutcome::Refused => Ok(tell(&visit, &person, MergeNews::Gone)),
    }
}

/// The account that was proved in this session, while its password is the one of that moment.
async fn other(
    visit: &Visit,
    person: &SignedIn,
    proved: &Proved,
) -> Result<Option<Account>, Failure> {
    if proved.session != person.session.id {
        return Ok(None);
    }
    let found = visit.hub().directory.account(proved.from).await?;
    Ok(found.filter(|other| fingerprint(other) == proved.password))
}

fn request(person: &SignedIn, other: &Account, plan: &Plan, fields: &Pairs) -> MergeRequest {
    let stays = |portal: &str| fields.text(&format!("stays-{portal}")) == "other";
    let from_stays_on = plan.both.iter().map(|both| both.portal.clone());
    MergeRequest {
        into: person.account.id,
        into_generation: person.account.generation,
        from: other.id,
        from_generation: other.generation,
        from_password_hash: other.password_hash.clone(),
        from_stays_on: from_stays_on.filter(|portal| stays(portal)).collect(),
        actor: Actor::Person.as_str().to_owned(),
    }
}

async fn done(visit: &Visit, person: &SignedIn, other: &Account, merge: &Merge) -> Answer {
    for account in [merge.into, merge.from] {
        let event =
            event(visit, audit::ACCOUNT_MERGED).with_account_changed_by(account, merge.into);
        let detail = format!("{} into {}", merge.from, merge.into);
        record(visit, event.with_detail(&detail)).await;
    }
    let brand = visit.snapshot.config.identity.name.as_str();
    let url = visit.identity_url("/profile/merge");
    let into = &person.account;
    let addresses = &merge.moved.addresses;
    let letter = mail::addresses::merged(visit.lang_of(into), brand, addresses, &url);
    outgoing::notice(visit, &into.email, letter).await;
    let recovery = visit.identity_url("/forgot-password");
    let lang = visit.lang_of(other);
    let letter = mail::addresses::merged_away(lang, brand, &into.email, &recovery);
    outgoing::notice(visit, &merge.moved.primary, letter).await;
    let titles: BTreeSet<String> =
        portals::rows(visit, into.id).await?.into_iter().map(|row| row.title).collect();
    // Rather none than some: a list that ends in "and" says that it is whole.
    let named = if titles.len() > MOST_NAMED { Vec::new() } else { titles.into_iter().collect() };
    Ok(tell(visit, person, MergeNews::Merged(named)))
}

/// How the page came to be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    First,
    /// What the person agreed to is no longer what would happen.
    Changed,
}

fn page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    other: &Account,
    plan: Plan,
    seen: Seen,
) -> Reply {
    let view = MergeReview {
        person: person.person(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        seen: plan.digest(),
        other: other.email.clone(),
        addresses: plan.addresses,
        password_ends: other.password_hash.is_some(),
        links: plan.links,
        portals: plan.portals,
        both: plan.both,
        changed: seen == Seen::Changed,
    };
    let status = match seen {
        Seen::First => StatusCode::OK,
        Seen::Changed => StatusCode::CONFLICT,
    };
    Reply::page(pages::merge_review(&visit.frame_at("/profile/merge/review"), &view))
        .status(status)
        .cookies(browser.cookie())
}

/// A cookie carries the names to the next page.
const MOST_NAMED: usize = 12;
