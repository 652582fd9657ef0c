//! Making invitations: by mail, one secret for each address, or a link for the owner to pass on.
//!
//! Whoever has the secret is let in, so many times. It is shown or mailed once; the directory keeps its
//! hash.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::hop::sha256;
use bitrix_id_auth_core::store::access::{MEMBER_ROLE, NewInvitation};
use bitrix_id_auth_core::store::{QueuedMail, StoreError};

use super::access_mail;
use super::crypto;
use super::failure::Failure;
use super::mail_quota;
use super::people::{News, Owner, note};
use super::sign_in::minutes_of;
use super::visit::Visit;
use crate::pages::PeopleError;

/// What a form gives: news for the next page, or what to put right.
type Outcome = Result<Result<News, PeopleError>, Failure>;

/// Mails an invitation to each address: all of them, or none and the form as it was.
pub(super) async fn by_mail(visit: &Visit, owner: &Owner, typed: &str) -> Outcome {
    let addresses = match addresses(typed) {
        Ok(addresses) => addresses,
        Err(error) => return Ok(Err(error)),
    };
    if visit.snapshot.config.mail.is_none() {
        return Err(Failure::NotFound);
    }
    let mut counted = match mail_quota::of_invitations(visit, owner, &addresses).await? {
        Ok(counted) => counted,
        Err(retry_after) => {
            return Ok(Err(PeopleError::TooMany { minutes: minutes_of(retry_after) }));
        }
    };
    let (mut new, mut mails) = (Vec::new(), Vec::new());
    for address in &addresses {
        let token = crypto::random_text::<32>()?;
        let url = url(visit, &token);
        let mail = access_mail::invitation(visit, &owner.portal, address, LIFETIME_DAYS, &url);
        mails.push(mail.await?);
        new.push(invitation(visit, owner, &token, Some(address.clone()), 1));
    }
    counted.begin();
    let made = keep(visit, owner, new, mails).await.unwrap_or_else(|error| {
        tracing::error!(request_id = visit.request_id, "invitations were not kept: {error}");
        Err(PeopleError::MailFailed)
    });
    match made {
        Ok(()) => visit.app.mail_bell.notify_one(),
        Err(_) => counted.give_back().await,
    }
    Ok(made.map(|()| News::Invited(addresses.len())))
}

/// Makes a link for so many people.
pub(super) async fn by_link(visit: &Visit, owner: &Owner, typed_uses: &str) -> Outcome {
    let uses = typed_uses.trim().parse().ok().filter(|uses| (1..=MOST_USES).contains(uses));
    let Some(uses) = uses else {
        return Ok(Err(PeopleError::UsesWrong));
    };
    let token = crypto::random_text::<32>()?;
    let new = vec![invitation(visit, owner, &token, None, uses)];
    Ok(keep(visit, owner, new, Vec::new()).await?.map(|()| News::Link(token)))
}

/// Where an invitation is looked at.
pub(super) fn url(visit: &Visit, token: &str) -> String {
    visit.identity_url(&format!("/invitation?token={token}"))
}

fn invitation(
    visit: &Visit,
    owner: &Owner,
    token: &str,
    email: Option<String>,
    most_uses: u32,
) -> NewInvitation {
    NewInvitation {
        token_hash: sha256(token),
        email,
        roles: vec![MEMBER_ROLE.to_owned()],
        invited_by: owner.person.account.id,
        expires_at: visit.now() + i64::from(LIFETIME_DAYS) * 86_400,
        most_uses,
    }
}

/// Stores invitations with their mails, or nothing of it.
async fn keep(
    visit: &Visit,
    owner: &Owner,
    new: Vec<NewInvitation>,
    mails: Vec<QueuedMail>,
) -> Result<Result<(), PeopleError>, StoreError> {
    let (directory, portal) = (&visit.hub().directory, &owner.portal.id);
    let Some(made) = directory.invite(portal, new, mails, visit.now()).await? else {
        return Ok(Err(PeopleError::InvitationsTooMany));
    };
    for _ in made {
        note(visit, owner, audit::INVITATION_MADE, owner.person.account.id).await;
    }
    Ok(Ok(()))
}

/// Canonical addresses, each once, from text with commas, semicolons or white space between them.
fn addresses(typed: &str) -> Result<Vec<String>, PeopleError> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    let mut addresses = Vec::new();
    for word in typed.split(separates).filter(|word| !word.is_empty()) {
        let address = email::canonical(word)
            .map_err(|_| PeopleError::EmailInvalid(word.chars().take(100).collect()))?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
        if addresses.len() > MOST_ADDRESSES {
            return Err(PeopleError::EmailsTooMany);
        }
    }
    if addresses.is_empty() { Err(PeopleError::EmailsMissing) } else { Ok(addresses) }
}

/// A week: long enough for a holiday's end, short enough to be forgotten safely.
pub(super) const LIFETIME_DAYS: u32 = 7;
/// Of one link.
const MOST_USES: u32 = 50;
/// In one form.
const MOST_ADDRESSES: usize = 20;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_one_by_one() {
        let read = addresses(" Anna@Example.com,boris@example.com;\r\nanna@example.com ").unwrap();
        assert_eq!(read, ["anna@example.com", "boris@example.com"]);
        assert_eq!(addresses(" , ;\n"), Err(PeopleError::EmailsMissing));
        assert_eq!(
            addresses("anna@example.com boris"),
            Err(PeopleError::EmailInvalid("boris".into()))
        );
        let many: Vec<String> = (0..21).map(|n| format!("p{n}@example.com")).collect();
        assert_eq!(addresses(&many.join(" ")), Err(PeopleError::EmailsTooMany));
        assert_eq!(addresses(&many[..20].join(" ")).map(|read| read.len()), Ok(20));
    }
}
