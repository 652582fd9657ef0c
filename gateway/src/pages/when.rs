//! Moments in words: "3 days ago", or a date.
//!
//! Words count elapsed time and not calendar days, because the visitor's time zone is unknown here.

use bitrix_id_auth_core::identity::UnixSeconds;
use time::OffsetDateTime;

use super::text::Text;

/// A moment as a page shows it: words, and the exact time for `<time datetime>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// `2026-03-12T09:30:00Z`.
    pub exact: String,
    /// "5 minutes ago" up to a month, then "12 March 2026".
    pub words: String,
}

impl Moment {
    /// `at` as seen at `now`. What lies ahead (clocks differ) counts as now.
    pub(super) fn new(text: &Text<'_>, at: UnixSeconds, now: UnixSeconds) -> Self {
        // Years beyond 9999 come only from a broken clock; 1970 is as good a word for them.
        let date = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let elapsed = now.saturating_sub(at).max(0);
        let words = match elapsed {
            ..MINUTE => text.say("when-now"),
            MINUTE..HOUR => text.count("when-minutes", &(elapsed / MINUTE)),
            HOUR..DAY => text.count("when-hours", &(elapsed / HOUR)),
            DAY..MONTH => text.count("when-days", &(elapsed / DAY)),
            _ => in_full(text, date),
        };
        Self { exact: exact(date), words }
    }
}

/// "12 March 2026" in the order and grammar of the language.
fn in_full(text: &Text<'_>, date: OffsetDateTime) -> String {
    let month = text.count("month", &u8::from(date.month()));
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

fn exact(date: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
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
    fn exact_time_is_utc_and_clocks_ahead_do_no_harm() {
        let text = Text::new(Lang::En, "Bitrix ID");
        assert_eq!(Moment::new(&text, AT, AT).exact, "2026-03-12T09:30:00Z");
        assert_eq!(Moment::new(&text, AT + 500, AT).words, "just now");
        assert_eq!(Moment::new(&text, i64::MAX, i64::MIN).words, "just now");
        assert_eq!(Moment::new(&text, i64::MIN, i64::MAX).exact, "1970-01-01T00:00:00Z");
    }
}
