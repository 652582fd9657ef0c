//! What each page shows: one struct per page, filled by the caller, with no HTML in it.
//!
//! Every text in a view is shown as text: the templates escape it. `csrf` and `state` are opaque to
//! the pages; they come back in form fields of the same name.

mod account;
mod entry;
mod refusal;

pub(crate) use account::*;
pub(crate) use entry::*;
pub(crate) use refusal::*;

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
