//! Moments in words: "3 days ago", or a date.
//!
//! Words count elapsed time and not calendar days. A date is the date in the person's time zone.

use bitrix_id_auth_core::identity::UnixSeconds;
use jiff::civil::{Date, DateTime};

use super::text::Text;
use super::zone::Zone;

/// A moment as a page shows it: words, and the exact time for `<time datetime>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// `2026-03-12T09:30:00Z`.
    pub exact: String,
    /// "5 minutes ago" up to a month, then "12 March 2026".
    pub words: String,
    /// "12 March 2026, 10:30 (Europe/Berlin)".
    pub full: String,
}

impl Moment {
    /// `at` as seen at `now`, in UTC. What lies ahead (clocks differ) counts as now.
    pub(super) fn new(text: &Text<'_>, at: UnixSeconds, now: UnixSeconds) -> Self {
        Self::in_zone(text, at, now, &Zone::named(None))
    }

    /// The same in a time zone.
    pub(super) fn in_zone(text: &Text<'_>, at: UnixSeconds, now: UnixSeconds, zone: &Zone) -> Self {
        let elapsed = now.saturating_sub(at).max(0);
        let words = match elapsed {
            ..MINUTE => text.say("when-now"),
            MINUTE..HOUR => text.count("when-minutes", &(elapsed / MINUTE)),
            HOUR..DAY => text.count("when-hours", &(elapsed / HOUR)),
            DAY..MONTH => text.count("when-days", &(elapsed / DAY)),
            _ => day(text, at, zone),
        };
        let exact = exact(Zone::named(None).at(at));
        Self { exact, words, full: full(text, at, zone) }
    }
}

/// "10:30 (Europe/Berlin)".
pub(super) fn time_of_day(at: UnixSeconds, zone: &Zone) -> String {
    let wall = zone.at(at);
    format!("{:02}:{:02} ({})", wall.hour(), wall.minute(), zone.name())
}

/// "12 March 2026, 10:30 (Europe/Berlin)".
pub(super) fn full(text: &Text<'_>, at: UnixSeconds, zone: &Zone) -> String {
    let wall = zone.at(at);
    text.fill(
        "when-full",
        &[
            ("date", in_full(text, wall.date()).into()),
            ("time", format!("{:02}:{:02}", wall.hour(), wall.minute()).into()),
            ("zone", zone.name().to_owned().into()),
        ],
    )
}

/// "12 March 2026".
pub(super) fn day(text: &Text<'_>, at: UnixSeconds, zone: &Zone) -> String {
    in_full(text, zone.at(at).date())
}

/// In the order and grammar of the language.
fn in_full(text: &Text<'_>, date: Date) -> String {
    let month = text.count("month", &date.month());
    text.fill(
        "when-date",
        &[
            ("day", date.day().into()),
            ("month", month.into()),
            // As text: a number might be grouped (2,026).
            ("year", date.year().to_string().into()),
        ],
    )
}

fn exact(date: DateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        date.hour(),
        date.minute(),
        date.second()
    )
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    /// 2026-03-12T09:30:00Z.
    const AT: i64 = 1_773_307_800;

    fn words(lang: Lang, elapsed: i64) -> String {
        Moment::new(&Text::new(lang, "Bitrix ID"), AT, AT + elapsed).words
    }

    #[test]
    fn elapsed_time_is_said_in_the_languages_own_plural() {
        assert_eq!(words(Lang::En, 59), "just now");
        assert_eq!(words(Lang::En, 60), "1 minute ago");
        assert_eq!(words(Lang::En, 3 * HOUR), "3 hours ago");
        assert_eq!(words(Lang::De, DAY), "vor 1 Tag");
        assert_eq!(words(Lang::Es, 2 * DAY), "hace 2 días");
        assert_eq!(words(Lang::Pt, 5 * MINUTE), "há 5 minutos");
        assert_eq!(words(Lang::Fr, 2 * HOUR), "il y a 2 heures");
        assert_eq!(words(Lang::Ru, MINUTE), "1 минуту назад");
        assert_eq!(words(Lang::Ru, 3 * MINUTE), "3 минуты назад");
        assert_eq!(words(Lang::Ru, 5 * DAY), "5 дней назад");
        assert_eq!(words(Lang::Ru, 21 * DAY), "21 день назад");
    }

    #[test]
    fn after_a_month_it_is_a_date() {
        let expected = [
            "12 March 2026",
            "12. März 2026",
            "12 de marzo de 2026",
            "12 de março de 2026",
            "12 mars 2026",
            "12 марта 2026 г.",
        ];
        for (lang, expected) in Lang::ALL.into_iter().zip(expected) {
            assert_eq!(words(lang, 40 * DAY), expected);
        }
        let first = AT - 11 * DAY;
        let french = Text::new(Lang::Fr, "Bitrix ID");
        assert_eq!(Moment::new(&french, first, AT + 40 * DAY).words, "1er mars 2026");
    }

    #[test]
    fn a_date_is_that_of_the_persons_time_zone() {
        let text = Text::new(Lang::En, "Bitrix ID");
        let said = |zone: Option<&str>| {
            let zone = Zone::named(zone);
            let moment = Moment::in_zone(&text, AT - 10 * HOUR, AT + 40 * DAY, &zone);
            (moment.words, moment.full)
        };
        let (day, full) = said(None);
        assert_eq!((day.as_str(), full.as_str()), ("11 March 2026", "11 March 2026, 23:30 (UTC)"));
        let (day, full) = said(Some("Europe/Berlin"));
        assert_eq!(day, "12 March 2026");
        assert_eq!(full, "12 March 2026, 00:30 (Europe/Berlin)");
    }

    #[test]
    fn exact_time_is_utc_and_clocks_ahead_do_no_harm() {
        let text = Text::new(Lang::En, "Bitrix ID");
        assert_eq!(Moment::new(&text, AT, AT).exact, "2026-03-12T09:30:00Z");
        assert_eq!(Moment::new(&text, AT + 500, AT).words, "just now");
        assert_eq!(Moment::new(&text, i64::MAX, i64::MIN).words, "just now");
        assert_eq!(Moment::new(&text, i64::MIN, i64::MAX).exact, "1970-01-01T00:00:00Z");
    }
}
