//! What the pages of sign-in, sign-up and sign-out show.

use bitrix_id_auth_core::identity::UnixSeconds;

use crate::pages::{EndedSessions, SocialButton, SocialNews};

/// `GET /sign-in`. The form posts `email`, `password`, `state`, `csrf` to `/sign-in`.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignIn {
    /// Title of the portal the visitor is on the way to.
    pub to_portal: Option<String>,
    /// What was typed before, or empty.
    pub email: String,
    /// The hop's state; absent when the visitor came to the Bitrix ID host itself.
    pub state: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why the form is shown again.
    pub error: Option<SignInError>,
    /// Whether "Create a Bitrix ID" and "Forgot your password?" are offered: both take mail.
    pub sign_up: bool,
    /// Providers to sign in with.
    pub social: Vec<SocialButton>,
    /// What came of a way to one.
    pub news: Option<SocialNews>,
    /// Signed out just now, to sign in as somebody else.
    pub switched: bool,
}

/// Why a sign-in did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// Unknown address or wrong password: the same words for both.
    NoMatch,
    /// A field was empty.
    Incomplete,
    /// Attempts are limited; the next one is taken after this many minutes.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The hashing queue is full; answered with 503 and `Retry-After`.
    Busy,
    /// The form was open too long, or came from another window: the anti-forgery value is stale.
    Expired,
}

/// `GET /sign-up`. The form posts `name`, `email`, `password`, `state`, `csrf` to `/sign-up`.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignUp {
    /// Title of the portal the visitor is on the way to.
    pub to_portal: Option<String>,
    /// Title of the portal that an invitation leads to.
    pub to_join: Option<String>,
    /// What was typed before, or empty.
    pub name: String,
    /// What was typed before, or empty.
    pub email: String,
    /// The hop's state.
    pub state: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// Shortest password accepted, in characters; shown as a hint.
    pub min_length: usize,
    /// Everything that has to be put right, in the order of the fields.
    pub errors: Vec<SignUpError>,
    /// Providers to sign up with.
    pub social: Vec<SocialButton>,
}

/// What keeps a sign-up from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignUpError {
    /// Nothing was typed.
    NameMissing,
    /// Longer than 100 characters.
    NameTooLong,
    /// Not an address mail can be sent to.
    EmailInvalid,
    /// Below [`SignUp::min_length`].
    PasswordTooShort,
    /// Above 1024 bytes.
    PasswordTooLong,
    /// On the list of passwords tried first.
    PasswordCommon,
    /// Says the e-mail address again.
    PasswordIsEmail,
    /// Made of what a guesser tries early.
    PasswordGuessable,
    /// Too many sign-ups from here or for this address.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The hashing queue is full.
    Busy,
    /// The mail could not be sent.
    MailFailed,
    /// The anti-forgery value is stale.
    Expired,
}

/// `GET /sign-up/confirm`. The form posts `code`, `email`, `state`, `csrf` to
/// `/sign-up/confirm`; the resend button posts the same without `code` to `/sign-up/resend`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfirmCode {
    /// Where the code was sent.
    pub email: String,
    /// The hop's state.
    pub state: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why the form is shown again.
    pub error: Option<CodeError>,
    /// A new code has just been sent.
    pub resent: bool,
    /// Until the next code may be asked for, 0 for at once, at most 60.
    pub resend_in_seconds: u32,
}

/// Why a code was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// Not the code of the newest mail.
    NoMatch,
    /// Tried too often: this code is dead, a new one is needed.
    TooMany,
    /// Too old: a new one is needed.
    CodeExpired,
    /// A new code was asked for too soon.
    ResendTooSoon,
    /// The mail could not be sent.
    MailFailed,
    /// The anti-forgery value is stale.
    Expired,
}

/// `GET /sign-out` and `GET /.bitrix-id/sign-out`. The form posts `csrf` (if any) to `action`.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignOutAsk {
    /// Anti-forgery value; portal hosts rely on the origin check alone and have none.
    pub csrf: Option<String>,
    /// Path the form posts to.
    pub action: String,
    /// Who is signed in.
    pub email: Option<String>,
}

/// `GET /signed-out`.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignedOut {
    /// What was ended along with this browser's session.
    pub ended: Option<EndedSessions>,
    /// The account is leaving: when it is deleted, and its time zone.
    pub leaving: Option<(UnixSeconds, Option<String>)>,
}
