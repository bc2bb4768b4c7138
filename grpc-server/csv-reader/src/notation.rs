//! How the numbers, days and times of a file are written: by which locale, and in which zone.
//!
//! Not the reading: see the crate `values`. Invariant: what is chosen counts; a guess from the first rows is a doubt, which the
//! person whose file it is can overrule.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use values::{Kind, Locale, Reading, Rule};

use super::infer::{Field, Guess};

/// What is chosen for a file, and what is known of the person whose file it is.
#[derive(Clone, Debug, Default)]
pub struct Notation {
    /// The locale of the file.
    pub file: Option<Locale>,
    /// Its decimal mark, a comma or a point.
    pub decimal: Option<char>,
    /// The locale of the account.
    pub account: Locale,
    /// The zone of times without one.
    pub zone: Option<TimeZone>,
}

impl Notation {
    /// Nothing is chosen or known.
    pub const PLAIN: Self = Self { file: None, decimal: None, account: Locale::PLAIN, zone: None };

    /// A reading with the zone of a time without one.
    #[must_use]
    pub fn zoned(&self, reading: Reading) -> Reading {
        let Some(zone) = &self.zone else { return reading };
        reading.in_zone(|at| {
            let at = Timestamp::from_microsecond(at).unwrap_or_default();
            i64::from(zone.to_offset(at).seconds()) * 1_000_000
        })
    }

    /// The locales of a file, from what is chosen and from the first rows; and a doubt about a guess.
    pub(super) fn settle(
        &self,
        rows: &[Vec<Field>],
        delimiter: u8,
    ) -> (Locales, Option<MarkDoubt>) {
        let by_mark = |mark| Locales {
            inferred: Locale::PLAIN.with_decimal(mark),
            chosen: self.account.with_decimal(mark),
            is_mark_of_account: false,
        };
        if let Some(file) = self.file {
            let file = self.decimal.map_or(file, |mark| file.with_decimal(mark));
            return (Locales { inferred: file, chosen: file, is_mark_of_account: false }, None);
        }
        if let Some(mark) = self.decimal {
            return (by_mark(mark), None);
        }
        let seen = Seen::of(rows, delimiter);
        // A file of one column has no delimiter; a comma stands for it.
        let has_one_column = rows.first().is_some_and(|row| row.len() == 1);
        let mark = match (&seen.comma, &seen.point) {
            (Some(_), None) => Some(','),
            (None | Some(_), Some(_)) => Some('.'),
            (None, None) if delimiter == b',' && !has_one_column => Some('.'),
            (None, None) => None,
        };
        let none =
            Locales { inferred: Locale::PLAIN, chosen: self.account, is_mark_of_account: true };
        (mark.map_or(none, by_mark), seen.doubt())
    }
}

/// The locales by which a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Locales {
    /// In a column whose kind the file shows: exact forms alone.
    pub(super) inferred: Locale,
    /// In a column whose kind is chosen.
    pub(super) chosen: Locale,
    /// Whether the decimal mark of `chosen` is that of the account: neither chosen for the file nor found in it.
    pub(super) is_mark_of_account: bool,
}

impl Locales {
    /// Before the first rows are seen.
    pub(super) const PLAIN: Self =
        Self { inferred: Locale::PLAIN, chosen: Locale::PLAIN, is_mark_of_account: false };

    /// The locale of a chosen kind as it is without the account: a mark of the file stays.
    pub(super) const fn without_account(&self) -> Locale {
        match self.is_mark_of_account {
            true => Locale::PLAIN,
            false => Locale::PLAIN.with_decimal(self.chosen.decimal),
        }
    }
}

/// A guess of the decimal mark that may be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MarkDoubt {
    /// It is the comma.
    Comma {
        /// A field of the file.
        example: String,
    },
    /// It is the point, and columns have a comma.
    Both {
        /// A field with a comma.
        comma: String,
        /// A field with a point.
        point: String,
    },
    /// A comma may be the decimal mark, and may group digits.
    Either {
        /// A field of the file.
        example: String,
    },
    /// The same of a point, which is read as the decimal mark.
    Grouped {
        /// A field of the file.
        example: String,
    },
}

/// What the columns of the first rows show of the decimal mark, each by an example.
#[derive(Debug, Default)]
struct Seen {
    comma: Option<String>,
    point: Option<String>,
    /// It may be a group mark as well.
    either: Option<String>,
    /// The same with a point, where semicolons divide the fields, as in languages with a decimal comma.
    grouped: Option<String>,
}

impl Seen {
    /// Where commas divide the fields, a number with a comma is none: an own export has such texts in quotes.
    fn of(rows: &[Vec<Field>], delimiter: u8) -> Self {
        let mut seen = Self::default();
        let width = rows.iter().map(Vec::len).max().unwrap_or_default();
        for col in 0..width {
            let column = rows.iter().filter_map(|row| row.get(col));
            seen.see(column.map(|field| &*field.text).filter(|text| Guess::counts(text)));
        }
        if delimiter == b',' {
            return Self { point: seen.point, ..Self::default() };
        }
        Self { grouped: seen.grouped.filter(|_| delimiter == b';'), ..seen }
    }

    /// A column whose fields are all numbers with the one mark, or with the other.
    fn see<'a>(&mut self, fields: impl Iterator<Item = &'a str>) {
        let number = Rule::from(Kind::Number);
        let by_comma = Locale::PLAIN.with_decimal(',');
        let by_point = Locale { group: Some(','), ..Locale::PLAIN };
        let reads = |text: &str, locale| values::read(text, &number, locale).misfit.is_none();
        let (mut all_comma, mut all_point) = (true, true);
        let mut found = Self::default();
        for text in fields {
            if text.trim().ends_with([',', '.']) {
                // No decimals follow.
                return;
            }
            let (comma, point) = (reads(text, &by_comma), reads(text, &by_point));
            (all_comma, all_point) = (all_comma && comma, all_point && point);
            let example = match (comma, point) {
                (true, false) => &mut found.comma,
                (false, true) => &mut found.point,
                (true, true) if text.contains([',', '.']) => &mut found.either,
                (true, true) => continue,
                (false, false) => return,
            };
            example.get_or_insert_with(|| text.to_owned());
        }
        self.comma = self.comma.take().or(found.comma.filter(|_| all_comma));
        self.point = self.point.take().or(found.point.filter(|_| all_point));
        if let Some(text) = found.either.filter(|_| all_comma && all_point) {
            let place = if text.contains(',') { &mut self.either } else { &mut self.grouped };
            place.get_or_insert(text);
        }
    }

    fn doubt(self) -> Option<MarkDoubt> {
        match (self.comma, self.point, self.either, self.grouped) {
            (Some(example), None, ..) => Some(MarkDoubt::Comma { example }),
            (Some(comma), Some(point), ..) => Some(MarkDoubt::Both { comma, point }),
            (None, None, Some(example), _) => Some(MarkDoubt::Either { example }),
            (None, None, None, Some(example)) => Some(MarkDoubt::Grouped { example }),
            (None, ..) => None,
        }
    }
}
