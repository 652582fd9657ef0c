//! What each page shows: one struct per page, filled by the caller, with no HTML in it.
//!
//! Every text in a view is shown as text: the templates escape it. `csrf`, `state` and `pending` are
//! opaque to the pages; they come back in form fields of the same name.

use bitrix_id_auth_core::identity::UnixSeconds;

use super::Lang;

/// What surrounds every page: language, name, colour, and the line at the foot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// The language of the page.
    pub lang: Lang,
    /// The operator's name of the service, normally `Bitrix ID`.
    pub brand: String,
    /// `#rrggbb`, or `None` for the built-in blue.
    pub accent: Option<String>,
    /// Shown small on error pages; empty hides it.
    pub request_id: String,
    /// Path and query of this page, as in `/sign-in?state=…`, to which the language links add
    /// `lang=…`. Empty hides the language switch (portal hosts).
    pub path: String,
    /// Title of the portal on whose host the page is shown; `None` on the Bitrix ID host.
    pub portal: Option<String>,
}

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
    /// Whether "Create a Bitrix ID" is offered.
    pub sign_up: bool,
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

/// `GET /sign-up/confirm`. The form posts `code`, `email`, `pending`, `state`, `csrf` to
/// `/sign-up/confirm`; the resend button posts the same without `code` to `/sign-up/resend`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfirmCode {
    /// Where the code was sent.
    pub email: String,
    /// Names the sign-up being confirmed, if the app keeps it in the form.
    pub pending: Option<String>,
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

/// The way on after a form: shown for an instant, or as a link where the browser waits for the visitor.
#[derive(Debug, Clone, Default)]
pub(crate) struct GoOn {
    /// Title of the portal it leads to.
    pub to_portal: Option<String>,
    /// Absolute URL, or a path of the same host.
    pub url: String,
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
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SignedOut {}

/// Whose page it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    /// Display name.
    pub name: String,
    /// Canonical address.
    pub email: String,
}

/// One portal in a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct PortalRow {
    /// Title.
    pub title: String,
    /// Host, with the port where it is not the scheme's own.
    pub address: String,
    /// Where the row leads.
    pub url: String,
    /// When the person last used it.
    pub last_used: Option<UnixSeconds>,
    /// The one the visitor came from.
    pub current: bool,
}

/// `GET /`: the signed-in person's portals. The search form (from eight portals on) is `GET /?q=…`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Portals {
    /// Who.
    pub person: Person,
    /// All of them, in the order to show; the page itself filters by `query`.
    pub portals: Vec<PortalRow>,
    /// The `q` of the address, or empty.
    pub query: String,
    /// For the sign-out button.
    pub csrf: String,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// `GET /profile`. The form posts `name`, `lang` (a tag of [`Lang`]), `csrf` to `/profile`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    /// The name shown is what was typed, when the form is shown again.
    pub person: Person,
    /// The account's language, preselected.
    pub language: Lang,
    /// On how many portals a change shows.
    pub portals: usize,
    /// Anti-forgery value.
    pub csrf: String,
    /// The form was just saved.
    pub saved: bool,
    /// Why it was not.
    pub error: Option<ProfileError>,
}

/// Why a profile was not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileError {
    /// Nothing was typed.
    NameMissing,
    /// Longer than 100 characters.
    NameTooLong,
    /// The anti-forgery value is stale.
    Expired,
}

/// `GET /profile/sessions`. Each button posts `end` (a [`SessionRow::id`], or `others`) and `csrf`
/// to `/profile/sessions`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    /// Who.
    pub person: Person,
    /// The sessions alive, this one first.
    pub rows: Vec<SessionRow>,
    /// Anti-forgery value.
    pub csrf: String,
    /// How many were ended just now.
    pub ended: Option<usize>,
    /// For "3 hours ago".
    pub now: UnixSeconds,
}

/// One browser that is signed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionRow {
    /// Session id, as the button posts it.
    pub id: String,
    /// The browser's `User-Agent`, as sent; the page says it in words.
    pub user_agent: String,
    /// Client address at sign-in, or empty.
    pub address: String,
    /// Sign-in time.
    pub created_at: UnixSeconds,
    /// Last use.
    pub last_seen_at: UnixSeconds,
    /// This very browser.
    pub current: bool,
}

/// 403 on a portal host: signed in, but not known there.
#[derive(Debug, Clone, Default)]
pub(crate) struct NoAccess {
    /// Title of the portal.
    pub portal_title: String,
    /// Who is signed in.
    pub email: String,
    /// The portals this person has.
    pub portals: Vec<PortalRow>,
    /// Where another Bitrix ID can be used: the sign-out page of this host.
    pub switch_url: String,
    /// The Bitrix ID host's list.
    pub portals_url: String,
}

/// 400 on a portal host: the browser did not bring back the cookie of the hop, several times over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CookiesBlocked {}

/// What an error page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ErrorKind {
    /// 400.
    BadRequest,
    /// 404.
    NotFound,
    /// 421: server name and host disagree.
    Misdirected,
    /// 403: denied by a route, or a form from elsewhere.
    Forbidden,
    /// 405.
    MethodNotAllowed,
    /// 413.
    TooLarge,
    /// 414.
    UriTooLong,
    /// 431.
    HeadersTooLarge,
    /// 502: the portal does not answer. The page tries again by itself.
    UpstreamDown,
    /// 504: the portal took too long.
    UpstreamSlow,
    /// 503: a store is down, or a queue is full.
    Unavailable,
    /// 500.
    Internal,
}
