//! `POST /profile/merge/undo`: the other account has back what is still there of it.

use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::store::merging::Unmerged;

use super::{Begun, begin, tell};
use crate::pages::{MergeNews, mail};
use crate::signin::failure::Answer;
use crate::signin::fields::Form;
use crate::signin::outgoing;
use crate::signin::person::{event, record};
use crate::signin::visit::AtIdentity;

/// Of the account that is signed in, which the other was merged into: an id alone undoes nothing.
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, _) = match begin(&visit, &fields).await? {
        Begun::Go(begun) => *begun,
        Begun::Answer(reply) => return Ok(reply),
    };
    let account = person.account.id;
    let merges = visit.hub().directory.merges(account).await?;
    let wanted = fields.text("merge");
    let found = merges.into_iter().find(|merge| {
        merge.into == account && merge.undone.is_none() && merge.id.to_string() == wanted
    });
    let Some(merge) = found else {
        return Ok(tell(&visit, &person, MergeNews::Gone));
    };
    match visit.change().unmerge(merge.from, account, Actor::Person.as_str()).await? {
        Unmerged::Done => {}
        Unmerged::NotMerged => return Ok(tell(&visit, &person, MergeNews::Gone)),
        Unmerged::Impossible => return Ok(tell(&visit, &person, MergeNews::Impossible)),
    }
    visit.refuse_ended().await;
    for account in [merge.into, merge.from] {
        let event =
            event(&visit, audit::ACCOUNT_UNMERGED).with_account_changed_by(account, merge.into);
        record(&visit, event).await;
    }
    let brand = visit.snapshot.config.identity.name.as_str();
    let url = visit.identity_url("/sign-in");
    for account in [merge.into, merge.from] {
        if let Some(account) = visit.hub().directory.account(account).await? {
            let letter = mail::addresses::unmerged(visit.lang_of(&account), brand, &url);
            outgoing::notice(&visit, &account.email, letter).await;
        }
    }
    Ok(tell(&visit, &person, MergeNews::Undone))
}
