//! Times without a zone as instants of a zone.
//!
//! No table of zones: the caller brings how far a zone is ahead of UTC at an instant. Invariants: a time that the clocks of
//! the zone show twice is the earlier one; one that they skip is no instant.

use std::fmt;
use std::sync::Arc;

use ot_engine::Value;

use crate::read::{Misfit, Reading};
use crate::time;

/// Microseconds. No zone changes its clocks twice within twice this time.
const DAY: i64 = 86_400_000_000;

/// A zone of times.
#[derive(Clone)]
pub struct Zone(Arc<dyn Fn(i64) -> i64 + Send + Sync>);

impl Zone {
    /// The zone whose clocks are so many microseconds ahead of UTC at an instant.
    #[must_use]
    pub fn new(ahead: impl Fn(i64) -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(ahead))
    }

    /// The microseconds that its clocks are ahead of UTC at an instant.
    pub(crate) fn ahead(&self, at: i64) -> i64 {
        (self.0)(at)
    }

    /// The first instant at which its clocks show this time.
    pub(crate) fn instant(&self, local: i64) -> Option<i64> {
        instant(local, |at| self.ahead(at))
    }

    /// The time that its clocks show at an instant.
    pub(crate) fn local(&self, at: i64) -> Option<i64> {
        at.checked_add(self.ahead(at)).filter(|local| time::is_moment(*local))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zone")
    }
}

impl Reading {
    /// The same, where a time without a zone in a column of instants ([`Misfit::NoZone`]) is one of a zone. `ahead`: the
    /// microseconds that the clocks of the zone are ahead of UTC at an instant.
    #[must_use]
    pub fn in_zone(self, ahead: impl Fn(i64) -> i64) -> Self {
        let Some(Misfit::NoZone(local)) = self.misfit else { return self };
        match instant(local, ahead) {
            Some(micros) => Self { value: Value::Instant(micros), misfit: None },
            None => Self { misfit: Some(Misfit::Skipped), ..self },
        }
    }
}

/// Whether the clocks of a zone show this time twice, in microseconds since 1970-01-01 00:00 there.
#[must_use]
pub fn is_doubled(local: i64, ahead: impl Fn(i64) -> i64) -> bool {
    let Some([Some(first), Some(second)]) = instants(local, ahead) else { return false };
    first != second
}

/// The first instant at which the clocks of a zone show this time.
fn instant(local: i64, ahead: impl Fn(i64) -> i64) -> Option<i64> {
    let fitting = instants(local, ahead)?.into_iter().flatten();
    fitting.min().filter(|at| time::is_moment(*at))
}

/// The instants at which the clocks of a zone show this time, by its offsets before and after.
fn instants(local: i64, ahead: impl Fn(i64) -> i64) -> Option<[Option<i64>; 2]> {
    let shown = |at: i64| local.checked_sub(ahead(at));
    let candidates = [shown(local.saturating_sub(DAY))?, shown(local.saturating_add(DAY))?];
    Some(candidates.map(|at| Some(at).filter(|at| at.checked_add(ahead(*at)) == Some(local))))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::{AmbiguousOffset, TimeZone};
    use proptest::prelude::*;

    use super::*;
    use crate::{Kind, Locale, read};

    /// Berlin since 1996, without a table of zones.
    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
    }

    fn ahead(zone: &TimeZone) -> impl Fn(i64) -> i64 {
        |at| {
            let at = Timestamp::from_microsecond(at).expect("in the calendar");
            i64::from(zone.to_offset(at).seconds()) * 1_000_000
        }
    }

    fn read_there(text: &str) -> Reading {
        read(text, &Kind::Instant.into(), &Locale::PLAIN).in_zone(ahead(&berlin()))
    }

    #[test]
    fn a_time_without_a_zone_is_one_of_the_given_zone() {
        let same = |text: &str, exact: &str| {
            assert_eq!(crate::exact(&read_there(text).value), exact, "{text}");
        };
        same("2024-05-01 14:30", "2024-05-01T12:30:00Z");
        same("2024-01-01T14:30:05", "2024-01-01T13:30:05Z");
        same("2024-10-27 02:30", "2024-10-27T00:30:00Z");
        // With a zone of its own, and a day alone.
        same("2024-05-01T14:30Z", "2024-05-01T14:30:00Z");
        same("2024-05-01 14:30 UTC", "2024-05-01T14:30:00Z");
        same("2024-05-01", "2024-05-01T00:00:00Z");
        let skipped = read_there("2024-03-31 02:30");
        assert_eq!(skipped.misfit, Some(Misfit::Skipped));
        assert_eq!(skipped.value, Value::from("2024-03-31 02:30"));
        assert_eq!(read_there("soon").misfit, Some(Misfit::NotInstant));
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_is_noticed() {
        let local = |text: &str| match read(text, &Kind::Instant.into(), &Locale::PLAIN).misfit {
            Some(Misfit::NoZone(local)) => local,
            misfit => panic!("{text}: {misfit:?}"),
        };
        let is_doubled = |text: &str| is_doubled(local(text), ahead(&berlin()));
        assert!(is_doubled("2024-10-27 02:00") && is_doubled("2024-10-27 02:59"));
        for text in ["2024-10-27 01:59", "2024-10-27 03:00", "2024-03-31 02:30", "2024-05-01 02:30"]
        {
            assert!(!is_doubled(text), "{text}");
        }
    }

    #[test]
    fn without_a_zone_it_stays_text() {
        let reading = read("1970-01-01 00:00:01", &Kind::Instant.into(), &Locale::PLAIN);
        assert_eq!(reading.value, Value::from("1970-01-01 00:00:01"));
        assert_eq!(reading.misfit, Some(Misfit::NoZone(1_000_000)));
        let behind = reading.in_zone(|_| -3_600_000_000);
        assert_eq!(behind.value, Value::Instant(3_601_000_000));
    }

    #[test]
    fn an_instant_beyond_the_calendar_is_none() {
        let first = read("0001-01-01 00:00", &Kind::Instant.into(), &Locale::PLAIN);
        assert_eq!(first.clone().in_zone(|_| 1).misfit, Some(Misfit::Skipped));
        assert_eq!(first.in_zone(|_| 0).misfit, None);
    }

    proptest! {
        #[test]
        fn instants_are_those_of_another_library(seconds in 820_000_000_i64..4_000_000_000) {
            let zone = berlin();
            let local = seconds * 1_000_000;
            let time = Timestamp::from_second(seconds).expect("a time").to_zoned(TimeZone::UTC).datetime();
            let ambiguous = zone.to_ambiguous_timestamp(time);
            let expected = match ambiguous.offset() {
                AmbiguousOffset::Gap { .. } => None,
                _ => Some(ambiguous.compatible().expect("a time").as_microsecond()),
            };
            prop_assert_eq!(instant(local, ahead(&zone)), expected);
        }
    }
}
