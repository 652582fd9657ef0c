//! The pages and mails people meet.
//!
//! A *view* says what a page shows, a *frame* ([`Frame`]) what surrounds it: language, name, colour.
//! Each function here takes the two and gives a whole HTML document, which needs one stylesheet and one
//! small script from [`asset`](fn@asset), both on the same host, and works without either. Texts live in
//! `locales/<tag>/*.ftl`, markup in `templates/`, colours and sizes in `assets/style.css`.

mod accent;
mod access;
mod account;
mod asset;
mod confirm_identity;
mod device;
mod emails;
mod entry;
mod headers;
mod invitation;
mod joining;
mod lang;
mod leaving;
pub(crate) mod mail;
mod merge;
mod profile_portals;
mod provisioning;
mod recovery;
mod refusal;
mod remove_member;
mod security;
mod sessions;
mod social;
mod surround;
mod text;
mod time_zone;
mod view;
mod when;
mod you;
mod zone;

pub(crate) use access::{
    InvitationRow, MemberRow, OwnedPortal, People, PeopleError, PeopleNews, RequestRow, people,
};
pub(crate) use account::portals;
pub(crate) use asset::{ASSET_PREFIX, asset};
pub(crate) use confirm_identity::{
    CodePurpose, CodeStep, ConfirmError, ConfirmIdentity, code_step, confirm_identity,
};
pub(crate) use emails::{AddressNews, Emails, EmailsError, RemoveAddress, emails, remove_address};
pub(crate) use entry::{confirm_code, sign_in, sign_out_ask, sign_up, signed_out};
pub(crate) use headers::{content_security_policy, security_headers};
pub(crate) use invitation::{InvitationPage, InvitationStanding, InvitationView, invitation};
pub(crate) use joining::{
    Join, JoinError, JoinPassword, JoinPortal, JoinRecord, LaterPortal, Prove, ProveError,
    ProveMail, ProveReason, WelcomeEnd, join, prove, welcome_end,
};
pub(crate) use lang::Lang;
pub(crate) use leaving::{Delete, Keep, Keeping, WayBack, YourData, delete, keep, your_data};
pub(crate) use merge::{
    Merge, MergeChoice, MergeError, MergeNews, MergeReview, MergeRow, merge, merge_review,
};
pub(crate) use profile_portals::{
    JoinAgain, JoinedHow, JournalEntry, OpenedPortal, OpenedRecord, PortalsDone, ProfilePortals,
    UndoJoin, UndoneBy, profile_portals, undo_join,
};
pub(crate) use provisioning::{NewPortal, NewPortalError, address_message, new_portal};
pub(crate) use recovery::{
    CheckwordError, EnterCheckword, ForgotError, ForgotPassword, NewPassword, NewPasswordError,
    OldCheckword, PasswordSet, WhyOld, enter_checkword, forgot_password, new_password,
    old_checkword, password_set,
};
pub(crate) use refusal::{cookies_blocked, error, no_access};
pub(crate) use remove_member::{RemoveMember, remove_member};
pub(crate) use security::{Security, SecurityError, security};
pub(crate) use sessions::{Disowned, EndedSessions, NotMe, SessionRow, Sessions, not_me, sessions};
pub(crate) use social::{
    LinkRow, ProviderIcon, SocialAsk, SocialButton, SocialFailed, SocialLinks, SocialLinksError,
    SocialNews, SocialNext, SocialNextError, SocialProblem, social_failed, social_links,
    social_next,
};
pub(crate) use time_zone::{TimeZoneError, TimeZonePage, time_zone};
pub(crate) use view::*;
pub(crate) use you::{
    PortalName, PortalNameError, Profile, ProfileError, ProfileSaved, portal_name, profile,
};
pub(crate) use zone::{area_of, is_area, is_zone, zone_of};

/// The cookie that keeps the visitor's choice of language; its value is a [`Lang::tag`].
pub(crate) const LANG_COOKIE: &str = "__Host-bitrix-id-lang";

#[cfg(test)]
mod tests;
