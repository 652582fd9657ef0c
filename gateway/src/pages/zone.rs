//! Time zones: the person's own, or UTC.

mod former;

use bitrix_id_auth_core::identity::UnixSeconds;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, db};

use former::FORMER;

/// A time zone and its name.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// The zone of an IANA name; UTC for none, and for one that is not known (any more).
    pub(crate) fn named(name: Option<&str>) -> Self {
        let known = name.and_then(|name| Some((name, TimeZone::get(name).ok()?)));
        match known {
            Some((name, rules)) => Self { name: name.to_owned(), rules },
            None => Self { name: UTC.to_owned(), rules: TimeZone::UTC },
        }
    }

    /// As pages show it: `Europe/Berlin`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Date and time on the wall.
    pub(super) fn at(&self, at: UnixSeconds) -> DateTime {
        // Years beyond 9999 come only from a broken clock; 1970 is as good a word for them.
        let moment = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
        self.rules.to_datetime(moment)
    }
}

/// What zones are grouped by: the first part of their names. America has so many that the list is cut in
/// two, by the first letter of what follows.
pub(crate) const AREAS: [&str; 11] = [
    "Africa",
    "America A-L",
    "America M-Z",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// Whether zones are grouped under this.
pub(crate) fn is_area(area: &str) -> bool {
    AREAS.contains(&area)
}

/// The places of an area, as people read them: `Buenos Aires`. Empty for what is no area.
pub(crate) fn places(area: &str) -> Vec<String> {
    if !is_area(area) {
        return Vec::new();
    }
    let names = db().available();
    let mut places: Vec<String> = names
        .filter_map(|name| {
            let name = name.as_str();
            let here = area_of(name) == Some(area) && !FORMER.contains(&name);
            let (_, place) = name.split_once('/')?;
            here.then(|| place.replace('_', " "))
        })
        .collect();
    places.sort();
    places
}

/// Whether a zone of this name is in one of the areas, also by a former name: browsers have some of those.
pub(crate) fn is_zone(name: &str) -> bool {
    area_of(name).is_some() && db().available().any(|known| known.as_str() == name)
}

/// The area that holds a zone.
pub(crate) fn area_of(name: &str) -> Option<&'static str> {
    let (first, place) = name.split_once('/')?;
    let half = if place.as_bytes().first()? < &b'M' { " A-L" } else { " M-Z" };
    AREAS.into_iter().find(|area| area.strip_suffix(half).unwrap_or(area) == first)
}

/// The IANA name of a place in [`places`].
pub(crate) fn zone_of(area: &str, place: &str) -> Option<String> {
    let known = places(area).iter().any(|known| known == place);
    let first = area.split(' ').next().unwrap_or(area);
    known.then(|| format!("{first}/{}", place.replace(' ', "_")))
}

const UTC: &str = "UTC";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_every_area_is_a_zone() {
        for area in AREAS {
            let places = places(area);
            assert!(!places.is_empty(), "{area}");
            for place in places {
                let name = zone_of(area, &place).unwrap();
                assert_eq!(Zone::named(Some(&name)).name(), name);
                assert!(TimeZone::get(&name).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn a_former_name_is_understood_and_not_offered() {
        for name in FORMER {
            assert_eq!(Zone::named(Some(name)).name(), name);
        }
        let europe = places("Europe");
        assert!(europe.contains(&"Kyiv".to_owned()) && !europe.contains(&"Kiev".to_owned()));
    }

    #[test]
    fn what_is_no_zone_is_utc_and_no_place() {
        for name in [None, Some(""), Some("Europe/Atlantis"), Some("../etc/passwd")] {
            assert_eq!(Zone::named(name).name(), "UTC", "{name:?}");
        }
        for (area, place) in [("Europe", "Atlantis"), ("Etc", "GMT+1"), ("", "UTC"), ("Europe", "")]
        {
            assert_eq!(zone_of(area, place), None, "{area}/{place}");
        }
    }

    #[test]
    fn what_a_browser_calls_its_zone_is_one_if_it_has_a_place() {
        for name in ["Europe/Berlin", "Asia/Calcutta", "America/Argentina/Buenos_Aires"] {
            assert!(is_zone(name), "{name}");
        }
        for name in ["", "UTC", "Etc/GMT+1", "europe/berlin", "Europe/Atlantis", "Europe/../UTC"] {
            assert!(!is_zone(name), "{name}");
        }
    }

    #[test]
    fn a_zone_knows_its_summer() {
        let berlin = Zone::named(Some("Europe/Berlin"));
        // 2026-01-15 and 2026-07-15, each at noon UTC.
        assert_eq!(berlin.at(1_768_478_400).hour(), 13);
        assert_eq!(berlin.at(1_784_116_800).hour(), 14);
    }
}
