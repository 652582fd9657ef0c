//! What the signed-in person's pages show.

use bitrix_id_auth_core::identity::UnixSeconds;

use crate::pages::OwnedPortal;

/// Whose page it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    /// Display name.
    pub name: String,
    /// Canonical address.
    pub email: String,
    /// IANA name of the time zone the person chose, if any.
    pub time_zone: Option<String>,
    /// The address is not proved yet: every page of the account offers to do so.
    pub unproved: bool,
    /// There is an account at a provider to see or to link.
    pub social: bool,
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
    /// Those the person runs.
    pub owned: Vec<OwnedPortal>,
    /// Whether new portals can be created.
    pub can_create: bool,
    /// A portal was created that is not served yet.
    pub soon: bool,
    /// For the sign-out button.
    pub csrf: String,
    /// For "3 days ago".
    pub now: UnixSeconds,
    /// Profiles were joined just now.
    pub joined: bool,
    /// Titles of the portals that can be joined.
    pub waiting: Vec<String>,
    /// An address that portals know and that a mail has yet to prove.
    pub provable: Option<String>,
}
