//! What the signed-in person's pages show.

use bitrix_id_auth_core::identity::UnixSeconds;

use crate::pages::Lang;

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
    /// Preselected: the language of the page, or what was chosen when the form is shown again.
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
