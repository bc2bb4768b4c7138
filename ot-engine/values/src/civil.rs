//! Days of the proleptic Gregorian calendar as numbers, years 1 to 9999.
//!
//! Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013: `days_from_civil`, `civil_from_days`.
//! Written here, since a library of time zones would be most of the module that a page loads.

/// A day of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) year: i32,
    pub(crate) month: i32,
    pub(crate) day: i32,
}

const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;
/// Days of 400 years, after which the calendar repeats.
const ERA: i32 = 146_097;
/// Days from 0000-03-01, where the algorithm begins, to 1970-01-01.
const EPOCH: i32 = 719_468;

impl Day {
    /// The day, if the calendar has it.
    pub(crate) fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let [year, month, day] = [year, month, day].map(|part| i32::try_from(part).ok());
        let asked = Self { year: year?, month: month?, day: day? };
        let is_plausible = YEARS.contains(&asked.year)
            && (1..=12).contains(&asked.month)
            && (1..=31).contains(&asked.day);
        // A day that its month does not have is one of the next month.
        (is_plausible && Self::of(asked.since_epoch()) == Some(asked)).then_some(asked)
    }

    /// The day that is so many days after 1970-01-01, in the years 1 to 9999.
    pub(crate) fn of(days: i32) -> Option<Self> {
        let days = days.checked_add(EPOCH)?;
        let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Months count from March, so that a leap day is the last of its year.
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + i32::from(month <= 2);
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        YEARS.contains(&year).then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01.
    pub(crate) fn since_epoch(self) -> i32 {
        let year = self.year - i32::from(self.month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = if self.month > 2 { self.month - 3 } else { self.month + 9 };
        let of_year = (153 * from_march + 2) / 5 + self.day - 1;
        era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH
    }
}

/// The year, the month and the day that is so many days after 1970-01-01; `None` outside of the years 1 to 9999.
#[must_use]
pub fn parts_of_day(days: i32) -> Option<(i32, i32, i32)> {
    Day::of(days).map(|Day { year, month, day }| (year, month, day))
}

/// The days from 1970-01-01 to this day; `None` where the calendar of the years 1 to 9999 has no such day.
#[must_use]
pub fn day_of_parts(year: u32, month: u32, day: u32) -> Option<i32> {
    Day::new(year, month, day).map(Day::since_epoch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_calendar_ends_at_both_ends() {
        let (first, last) = (-719_162, 2_932_896);
        assert_eq!(Day::of(first), Day::new(1, 1, 1));
        assert_eq!(Day::of(last), Day::new(9999, 12, 31));
        for beyond in [first - 1, last + 1, i32::MIN, i32::MAX] {
            assert_eq!(Day::of(beyond), None);
        }
        for (year, month, day) in
            [(0, 1, 1), (10_000, 1, 1), (2024, 13, 1), (2024, 0, 1), (2023, 2, 29), (2024, 4, 31)]
        {
            assert_eq!(Day::new(year, month, day), None, "{year}-{month}-{day}");
        }
    }

    proptest! {
        #[test]
        fn days_are_those_of_another_calendar(days in -719_162..=2_932_896_i32) {
            let day = Day::of(days).expect("in the years 1 to 9999");
            let other = date(1970, 1, 1).checked_add(days.days()).expect("a day");
            let parts = (i32::from(other.year()), i32::from(other.month()), i32::from(other.day()));
            prop_assert_eq!((day.year, day.month, day.day), parts);
            prop_assert_eq!(day.since_epoch(), days);
        }
    }
}
