//! Choosing a time zone.

use askama::Template;

use super::surround::{Surround, render};
use super::text::Text;
use super::zone::{AREAS, Zone, area_of, places};
use super::{Frame, Person, asset};

/// `GET /profile/time-zone?area=Europe`. The form posts `area`, `place`, `csrf` there; the others post `none`,
/// `csrf`, and `zone`, which `assets/zone.js` fills in, `csrf`.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeZonePage {
    /// Who, and the zone they have.
    pub person: Person,
    /// The area whose places are shown; another text shows none.
    pub area: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why it was not saved.
    pub error: Option<TimeZoneError>,
}

/// Why a time zone was not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeZoneError {
    /// There is no such place.
    Unknown,
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "time_zone.html")]
struct TimeZoneTemplate<'a> {
    c: Surround<'a>,
    v: &'a TimeZonePage,
    problem: Option<String>,
    /// Each as the form sends it and as people read it.
    areas: [(&'static str, String); 11],
    places: Vec<String>,
    /// The place of the zone they have, in this area.
    current: String,
    zone: Zone,
    script: String,
    section: &'static str,
}

/// Choosing a time zone: the area first, then a place in it.
pub(crate) fn time_zone(frame: &Frame, view: &TimeZonePage) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        TimeZoneError::Unknown => c.t.say("time-zone-unknown"),
        TimeZoneError::Expired => c.t.say("form-expired"),
    });
    let zone = Zone::named(view.person.time_zone.as_deref());
    let own = zone.name().split_once('/').filter(|_| area_of(zone.name()) == Some(&*view.area));
    let current = own.map(|(_, place)| place.replace('_', " ")).unwrap_or_default();
    render(&TimeZoneTemplate {
        problem,
        areas: AREAS.map(|area| (area, area_words(&c.t, area))),
        places: places(&view.area),
        current,
        zone,
        script: asset::zone_script_path(),
        section: "profile",
        c,
        v: view,
    })
}

/// An area in the language of the page. Its places keep the names of the database.
fn area_words(t: &Text<'_>, area: &str) -> String {
    match area {
        "Africa" => t.say("area-africa"),
        "America A-L" => t.say("area-america-a-l"),
        "America M-Z" => t.say("area-america-m-z"),
        "Antarctica" => t.say("area-antarctica"),
        "Arctic" => t.say("area-arctic"),
        "Asia" => t.say("area-asia"),
        "Atlantic" => t.say("area-atlantic"),
        "Australia" => t.say("area-australia"),
        "Europe" => t.say("area-europe"),
        "Indian" => t.say("area-indian"),
        "Pacific" => t.say("area-pacific"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    #[test]
    fn every_area_has_a_name_in_every_language() {
        for lang in Lang::ALL {
            let text = Text::new(lang, "Bitrix ID");
            let mut names: Vec<String> = AREAS.map(|area| area_words(&text, area)).into();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), AREAS.len(), "{lang:?}");
        }
        let german = Text::new(Lang::De, "Bitrix ID");
        assert_eq!(area_words(&german, "Europe"), "Europa");
        assert_eq!(area_words(&german, "America A-L"), "Amerika, A–L");
    }
}
