//! The page that creates a portal, and what it says of an address while that is typed.

use askama::Template;

use super::surround::{Surround, render};
use super::text::Text;
use super::{Frame, Lang, Person, asset};

/// `GET /portals/new`. The form posts `title`, `address`, `csrf` to `/portals/new`.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewPortal {
    /// Who.
    pub person: Person,
    /// Anti-forgery value.
    pub csrf: String,
    /// What was typed.
    pub title: String,
    /// What was typed, or what is suggested.
    pub address: String,
    /// What follows the address: the domain of new portals.
    pub domain: String,
    /// How many more the person may create.
    pub left: u32,
    /// What has to be put right.
    pub errors: Vec<NewPortalError>,
}

/// Why a portal was not created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewPortalError {
    /// No name was typed.
    TitleMissing,
    /// Longer than 100 characters.
    TitleTooLong,
    /// No address was typed; one is suggested.
    Suggested,
    /// No address was typed, and the name suggests none.
    AddressMissing,
    /// Fewer than 3 characters.
    AddressTooShort,
    /// More than 40 characters.
    AddressTooLong,
    /// Something else than letters, digits and inner hyphens.
    AddressCharacters,
    /// Kept for the operator.
    AddressReserved,
    /// Another portal's, or too much like it.
    AddressTaken,
    /// As many as may be were created.
    NoneLeft,
    /// Attempts are limited; the next one is taken after this many minutes.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "new_portal.html")]
struct NewPortalPage<'a> {
    c: Surround<'a>,
    v: &'a NewPortal,
    script: String,
    /// What no field is to blame for.
    problem: Option<String>,
    title_wrong: Option<String>,
    address_wrong: Option<String>,
    /// Neither is wrong, and the person need only look.
    suggested: bool,
    section: &'static str,
}

/// A new portal's name and address.
pub(crate) fn new_portal(frame: &Frame, view: &NewPortal) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut title_wrong, mut address_wrong) = (None, None, None);
    for error in &view.errors {
        let place = match error {
            NewPortalError::TitleMissing | NewPortalError::TitleTooLong => &mut title_wrong,
            NewPortalError::Suggested => continue,
            NewPortalError::NoneLeft | NewPortalError::TooMany { .. } | NewPortalError::Expired => {
                &mut problem
            }
            NewPortalError::AddressMissing
            | NewPortalError::AddressTooShort
            | NewPortalError::AddressTooLong
            | NewPortalError::AddressCharacters
            | NewPortalError::AddressReserved
            | NewPortalError::AddressTaken => &mut address_wrong,
        };
        *place = Some(words(&c.t, *error));
    }
    let suggested = view.errors.contains(&NewPortalError::Suggested);
    let script = asset::address_script_path();
    let section = "portals";
    render(&NewPortalPage {
        c,
        v: view,
        script,
        problem,
        title_wrong,
        address_wrong,
        suggested,
        section,
    })
}

/// What the page says of an address that is being typed: free (`None`), or why it is not.
pub(crate) fn address_message(
    lang: Lang,
    brand: &str,
    host: &str,
    problem: Option<NewPortalError>,
) -> String {
    let t = Text::new(lang, brand);
    match problem {
        None => t.with("address-free", "address", host),
        Some(problem) => words(&t, problem),
    }
}

fn words(t: &Text<'_>, error: NewPortalError) -> String {
    match error {
        NewPortalError::TitleMissing => t.say("portal-title-missing"),
        NewPortalError::TitleTooLong => t.say("portal-title-too-long"),
        NewPortalError::Suggested => t.say("address-suggested"),
        NewPortalError::AddressMissing => t.say("address-missing"),
        NewPortalError::AddressTooShort => t.say("address-too-short"),
        NewPortalError::AddressTooLong => t.say("address-too-long"),
        NewPortalError::AddressCharacters => t.say("address-characters"),
        NewPortalError::AddressReserved => t.say("address-reserved"),
        NewPortalError::AddressTaken => t.say("address-taken"),
        NewPortalError::NoneLeft => t.say("portals-none-left"),
        NewPortalError::TooMany { minutes } => t.count("too-many", &minutes),
        NewPortalError::Expired => t.say("form-expired"),
    }
}
