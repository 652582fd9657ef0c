//! The person's own details: name, language, phone, photo, and the name on one portal.

use askama::Template;
use fluent_bundle::FluentValue;

use super::surround::{Surround, render};
use super::text::Text;
use super::zone::Zone;
use super::{Frame, Lang, Person};

/// `GET /profile`. The form posts `name`, `lang` (a tag of [`Lang`]), `phone`, `csrf` to `/profile`; the
/// one of the photo posts `photo`, `csrf` as multipart to `/profile/photo`, and its removal `csrf` to
/// `/profile/photo/remove`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    /// The name shown is what was typed, when the form is shown again.
    pub person: Person,
    /// As kept, or as typed.
    pub phone: String,
    /// Preselected: the language of the page, or what was chosen when the form is shown again.
    pub language: Lang,
    /// Hash of the photo, if there is one.
    pub photo: Option<String>,
    /// How many portals the person has.
    pub portals: usize,
    /// How many of them show the name; the others show one of their own.
    pub by_name: usize,
    /// Anti-forgery value.
    pub csrf: String,
    /// What was just saved.
    pub saved: Option<ProfileSaved>,
    /// Why it was not.
    pub error: Option<ProfileError>,
}

/// What was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileSaved {
    /// Language, phone.
    Details,
    /// Another name.
    Name,
    /// The time zone.
    TimeZone,
    /// A photo.
    Photo,
    /// The photo is gone.
    PhotoRemoved,
}

/// Why a profile was not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileError {
    /// Nothing was typed.
    NameMissing,
    /// Longer than 100 characters.
    NameTooLong,
    /// No international number.
    PhoneInvalid,
    /// No file was chosen.
    PhotoMissing,
    /// Nothing that can be read as a JPEG, PNG or WebP.
    PhotoUnreadable,
    /// More pixels than are taken.
    PhotoTooLarge,
    /// Attempts are limited; the next one is taken after this many minutes.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The anti-forgery value is stale.
    Expired,
}

impl Profile {
    fn is_named_alike(&self) -> bool {
        self.by_name == self.portals
    }

    fn shares(&self) -> [(&'static str, FluentValue<'static>); 2] {
        [("count", self.by_name.into()), ("total", self.portals.into())]
    }
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage<'a> {
    c: Surround<'a>,
    v: &'a Profile,
    note: Option<String>,
    name_hint: String,
    /// What no field is to blame for.
    problem: Option<String>,
    name_wrong: Option<String>,
    phone_wrong: Option<String>,
    photo_wrong: Option<String>,
    zone: Zone,
    options: [Lang; 6],
    section: &'static str,
}

/// Name, language, phone, photo.
pub(crate) fn profile(frame: &Frame, view: &Profile) -> String {
    let c = Surround::new(frame);
    let note = view.saved.map(|saved| note(&c.t, saved, view));
    let name_hint = if view.is_named_alike() {
        c.t.count("name-hint", &view.portals)
    } else {
        c.t.fill("name-hint-some", &view.shares())
    };
    let (mut problem, mut name_wrong, mut phone_wrong, mut photo_wrong) = (None, None, None, None);
    if let Some(error) = view.error {
        let place = match error {
            ProfileError::NameMissing | ProfileError::NameTooLong => &mut name_wrong,
            ProfileError::PhoneInvalid => &mut phone_wrong,
            ProfileError::PhotoMissing
            | ProfileError::PhotoUnreadable
            | ProfileError::PhotoTooLarge => &mut photo_wrong,
            ProfileError::TooMany { .. } | ProfileError::Expired => &mut problem,
        };
        *place = Some(words(&c.t, error));
    }
    let zone = Zone::named(view.person.time_zone.as_deref());
    render(&ProfilePage {
        c,
        v: view,
        note,
        name_hint,
        problem,
        name_wrong,
        phone_wrong,
        photo_wrong,
        zone,
        options: Lang::ALL,
        section: "profile",
    })
}

fn note(t: &Text<'_>, saved: ProfileSaved, view: &Profile) -> String {
    match saved {
        // No portal shows either.
        ProfileSaved::Details => t.count("profile-saved", &0_usize),
        ProfileSaved::Name if view.is_named_alike() => t.count("profile-saved", &view.portals),
        ProfileSaved::Name => t.fill("profile-saved-some", &view.shares()),
        ProfileSaved::Photo => t.count("photo-saved", &view.portals),
        ProfileSaved::PhotoRemoved => t.count("photo-removed", &view.portals),
        ProfileSaved::TimeZone => {
            let zone = Zone::named(view.person.time_zone.as_deref());
            t.with("time-zone-saved", "zone", zone.name())
        }
    }
}

fn words(t: &Text<'_>, error: ProfileError) -> String {
    match error {
        ProfileError::NameMissing => t.say("name-missing"),
        ProfileError::NameTooLong => t.say("name-too-long"),
        ProfileError::PhoneInvalid => t.say("phone-invalid"),
        ProfileError::PhotoMissing => t.say("photo-missing"),
        ProfileError::PhotoUnreadable => t.say("photo-unreadable"),
        ProfileError::PhotoTooLarge => t.say("photo-too-large"),
        ProfileError::TooMany { minutes } => t.count("too-many", &minutes),
        ProfileError::Expired => t.say("form-expired"),
    }
}

/// `GET /profile/portal/{id}`. The form posts `name`, `title`, `csrf` to the same address.
#[derive(Debug, Clone, Default)]
pub(crate) struct PortalName {
    /// Who; the name is the one everywhere else.
    pub person: Person,
    /// Portal id.
    pub portal: String,
    /// Its title.
    pub portal_title: String,
    /// The name there, as kept or as typed; empty for none.
    pub name: String,
    /// The title there, likewise.
    pub title: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// The form was just saved.
    pub saved: bool,
    /// Why it was not.
    pub error: Option<PortalNameError>,
}

/// Why name and title on a portal were not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortalNameError {
    /// Longer than 100 characters.
    NameTooLong,
    /// Longer than 100 characters.
    TitleTooLong,
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "portal_name.html")]
struct PortalNamePage<'a> {
    c: Surround<'a>,
    v: &'a PortalName,
    problem: Option<String>,
    name_wrong: Option<String>,
    title_wrong: Option<String>,
    section: &'static str,
}

/// What the person is called on one portal.
pub(crate) fn portal_name(frame: &Frame, view: &PortalName) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut name_wrong, mut title_wrong) = (None, None, None);
    match view.error {
        None => {}
        Some(PortalNameError::NameTooLong) => name_wrong = Some(c.t.say("name-too-long")),
        Some(PortalNameError::TitleTooLong) => title_wrong = Some(c.t.say("own-title-too-long")),
        Some(PortalNameError::Expired) => problem = Some(c.t.say("form-expired")),
    }
    let section = "portals";
    render(&PortalNamePage { c, v: view, problem, name_wrong, title_wrong, section })
}
