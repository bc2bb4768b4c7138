//! Days and times of any range and unit: as values where those hold them, else as text in the form of ISO 8601.
//!
//! Not a reader of texts: see the crate `values`. Invariant: nothing is rounded; what a microsecond does not hold is text.
//! Source of the calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.

use ot_engine::Value;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Days of the years 1 to 9999, which values have.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;
/// Days of 400 years, after which the calendar repeats.
const CYCLE: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A time: whole seconds since 1970-01-01 00:00, and the nanoseconds behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds {
    pub(crate) whole: i64,
    pub(crate) nanos: u32,
}

impl Seconds {
    /// A time in units of which a second has so many: a power of ten, up to nanoseconds.
    pub(crate) fn of(count: i64, per_second: i64) -> Self {
        let rest = count.rem_euclid(per_second) * (1_000_000_000 / per_second);
        Self { whole: count.div_euclid(per_second), nanos: u32::try_from(rest).unwrap_or(0) }
    }

    /// The microseconds since 1970-01-01 00:00, if they are whole and of the years 1 to 9999.
    fn micros(self) -> Option<i64> {
        let is_held = DAYS.contains(&self.whole.div_euclid(DAY)) && self.nanos.is_multiple_of(1000);
        let micros = || self.whole.checked_mul(1_000_000)?.checked_add((self.nanos / 1000).into());
        if is_held { micros() } else { None }
    }

    /// A time without a zone.
    pub(crate) fn local(self) -> Value {
        let text = || Value::from(&*format!("{} {}", self.day(), self.clock()));
        self.micros().map_or_else(text, Value::LocalDateTime)
    }

    /// An instant.
    pub(crate) fn instant(self) -> Value {
        let text = || Value::from(&*format!("{}T{}Z", self.day(), self.clock()));
        self.micros().map_or_else(text, Value::Instant)
    }

    fn day(self) -> String {
        day_text(self.whole.div_euclid(DAY))
    }

    fn clock(self) -> String {
        time_of_day(Self { whole: self.whole.rem_euclid(DAY), ..self })
    }
}

/// A day.
pub(crate) fn date(days: i64) -> Value {
    match i32::try_from(days) {
        Ok(held) if DAYS.contains(&days) => Value::Date(held),
        _ => Value::from(&*day_text(days)),
    }
}

/// A time of day, with as many decimals as it has.
pub(crate) fn time_of_day(time: Seconds) -> String {
    let (hour, minute, second) = (time.whole / 3600, time.whole / 60 % 60, time.whole % 60);
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if time.nanos != 0 {
        text += format!(".{:09}", time.nanos).trim_end_matches('0');
    }
    text
}

/// A day as ISO 8601 writes it; a year beyond four digits has its sign.
fn day_text(days: i64) -> String {
    let days = days + EPOCH;
    let (cycle, of_cycle) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    let year_of_cycle =
        (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = cycle * 400 + year_of_cycle + i64::from(month <= 2);
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    match year {
        0..=9999 => format!("{year:04}-{month:02}-{day:02}"),
        year => format!("{year:+05}-{month:02}-{day:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_values_are_texts() {
        assert_eq!(date(0), Value::Date(0));
        assert_eq!(date(2_932_896), Value::Date(2_932_896));
        assert_eq!(date(2_932_897), Value::from("+10000-01-01"));
        assert_eq!(date(-719_163), Value::from("0000-12-31"));
        assert_eq!(date(-719_529), Value::from("-0001-12-31"));
        let nanos = Seconds::of(1_500_000_001, 1_000_000_000);
        assert_eq!(nanos.local(), Value::from("1970-01-01 00:00:01.500000001"));
        assert_eq!(Seconds::of(-1, 1000).instant(), Value::Instant(-1000));
        assert_eq!(Seconds::of(i64::MAX, 1).local().as_text().get(..1), Some("+"));
    }
}
