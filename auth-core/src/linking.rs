//! Who is let in when an identity provider vouches for somebody: the decision, apart from how it is done.
//!
//! Three things count. Does an account here hold the address that the provider names, and has it proved
//! it: the [`Holder`]. Is the provider's [`Word`] on the address trusted. And is its *subject* linked
//! already: to the holder ([`Subject::Here`]), to somebody else ([`Subject::Elsewhere`]), or not at all.
//! The address never lets anybody in. It only says whom to ask for a proof.
//!
//! `Holder` has three values where two yes-or-no answers would have four: an address that nobody holds
//! and that is proved cannot be written down. [`holder`] is where a store that says so is found out.

use crate::identity::AccountId;
use crate::store::{AccountState, Holder};

/// The provider's word on the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It says that it has verified the address, and it is one whose word is taken for that address.
    Trusted,
    /// A hint.
    Hint,
}

/// Where the provider's (issuer, subject) leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nowhere yet.
    Unknown,
    /// To the holder of the address; where there is none, to the account that asked, or to any account
    /// when none asked.
    Here(AccountId),
    /// To another account.
    Elsewhere(AccountId),
}

impl Subject {
    /// `asked_by` is the account that the flow was started for, if it was.
    #[must_use]
    pub fn of(linked: Option<AccountId>, holder: Holder, asked_by: Option<AccountId>) -> Self {
        let Some(linked) = linked else { return Self::Unknown };
        let here = match holder {
            Holder::Proved(holder) | Holder::Unproved(holder) => Some(holder),
            Holder::None => asked_by,
        };
        match here {
            Some(here) if here != linked => Self::Elsewhere(linked),
            _ => Self::Here(linked),
        }
    }
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A session of this account begins.
    SignIn(AccountId),
    /// An account is created for the address, with the link, on the provider's word.
    CreateAccount,
    /// A code is mailed to the address (asked for, if none came). Whoever returns it gets a new account
    /// with the link, and an account that held the address without proof is gone.
    Prove,
    /// The same page and mail, so that nobody learns who has proved an address by naming it to a provider
    /// that does not look. The code gives the link to this account, which has proved it.
    ProveToLink(AccountId),
    /// A page names the address, which this account has proved; the account gets the link with its
    /// password or with a mailed code.
    Confirm(AccountId),
    /// Nothing is asked of this account's owner before the same proof. It has the link and has still to
    /// prove its address: no session until then.
    ProveFirst(AccountId),
    /// A page names this account, to which the subject belongs: go on as that one, merge, or cancel.
    BelongsTo(AccountId),
    /// The account is leaving: its owner, for whom it is this step to sign in, is asked whether it stays.
    AskToStay(AccountId),
    /// The account may not sign in.
    Refuse(AccountId),
}

impl Step {
    /// The account that would be signed in or named, if any.
    #[must_use]
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::CreateAccount | Self::Prove => None,
            Self::SignIn(account)
            | Self::ProveToLink(account)
            | Self::Confirm(account)
            | Self::ProveFirst(account)
            | Self::BelongsTo(account)
            | Self::AskToStay(account)
            | Self::Refuse(account) => Some(account),
        }
    }

    /// The step for an account in this state: one that may not sign in is refused wherever it would be
    /// let in, but for one that is leaving and whose owner comes back. `None` is an account that is gone.
    #[must_use]
    pub fn with_state(self, state: Option<AccountState>) -> Self {
        match (self, state) {
            (_, Some(AccountState::Active)) => self,
            // Whoever asks has shown nothing of the account yet, and learns nothing of its state: the
            // same page and mail, after which the store gives it no link and no session.
            (Self::ProveToLink(_) | Self::Prove | Self::CreateAccount, _) => self,
            (
                Self::SignIn(account) | Self::AskToStay(account),
                Some(AccountState::Leaving { .. }),
            ) => Self::AskToStay(account),
            (
                Self::SignIn(account)
                | Self::Confirm(account)
                | Self::ProveFirst(account)
                | Self::BelongsTo(account)
                | Self::AskToStay(account)
                | Self::Refuse(account),
                _,
            ) => Self::Refuse(account),
        }
    }
}

/// The decision for a sign-in.
#[must_use]
pub fn decide(holder: Holder, word: Word, subject: Subject) -> Step {
    match (holder, word, subject) {
        (_, _, Subject::Elsewhere(account)) => Step::BelongsTo(account),
        (Holder::Unproved(_), _, Subject::Here(account)) => Step::ProveFirst(account),
        (Holder::None | Holder::Proved(_), _, Subject::Here(account)) => Step::SignIn(account),
        (Holder::None, Word::Trusted, Subject::Unknown) => Step::CreateAccount,
        (Holder::None, Word::Hint, Subject::Unknown) => Step::Prove,
        // Never on the provider's word: somebody else may have put the address there.
        (Holder::Unproved(_), _, Subject::Unknown) => Step::Prove,
        (Holder::Proved(account), Word::Hint, Subject::Unknown) => Step::ProveToLink(account),
        (Holder::Proved(account), Word::Trusted, Subject::Unknown) => Step::Confirm(account),
    }
}

/// The decision for somebody who is signed in and asks for a link: whatever address comes along, an
/// unknown subject is theirs, and a known one stays where it is.
#[must_use]
pub fn decide_link(asked_by: AccountId, linked: Option<AccountId>) -> LinkStep {
    match linked {
        None => LinkStep::Link,
        Some(linked) if linked == asked_by => LinkStep::Already,
        Some(linked) => LinkStep::BelongsTo(linked),
    }
}

/// What happens to a link that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStep {
    /// It is stored.
    Link,
    /// It is there.
    Already,
    /// It is another account's.
    BelongsTo(AccountId),
}

/// The store says that nobody holds an address, and that it is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is proved and nobody holds it")]
pub struct Contradiction;

/// Who holds an address, from two answers of the store: its holder, and whom it finds by it as a proved
/// one.
///
/// # Errors
/// [`Contradiction`]: decide nothing, write nothing.
pub fn holder(held: Holder, proved_by: Option<AccountId>) -> Result<Holder, Contradiction> {
    match (held, proved_by) {
        (Holder::None, Some(_)) => Err(Contradiction),
        (Holder::Proved(holder), Some(proved)) if holder != proved => Err(Contradiction),
        _ => Ok(held),
    }
}

#[cfg(test)]
mod tests;
