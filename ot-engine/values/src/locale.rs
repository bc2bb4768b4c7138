//! How a language writes numbers and days.
//!
//! The marks are those of the Unicode CLDR. Not a translation, and not an order of texts. Invariant: the decimal mark is
//! never a group mark.

use crate::truth;

/// Bytes of a tag.
pub const TAG_BYTES: usize = 35;

/// In which order the parts of a day are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 2024-05-01.
    YearMonthDay,
    /// 01.05.2024.
    DayMonthYear,
    /// 05/01/2024.
    MonthDayYear,
    /// 2024-05-01 by ISO 8601 alone: the language writes the years of another era, which have four digits, too.
    Iso,
}

/// How a language writes numbers and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale {
    /// Before the decimals.
    pub decimal: char,
    /// Between thousands; `None` where digits are not grouped.
    pub group: Option<char>,
    /// The order of a day's parts; ISO 8601 is read in every locale.
    pub date: DateOrder,
    /// Between the parts of a day.
    pub date_mark: char,
    /// Whether a currency stands before its amount.
    pub currency_first: bool,
    /// The words of the language for yes and for no, with spaces between them.
    pub truth: (&'static str, &'static str),
}

const NO_BREAK_SPACE: char = '\u{a0}';
const NARROW_SPACE: char = '\u{202f}';

/// Languages with a decimal point, which group by a comma.
const POINT: &[&str] = &[
    "en", "zh", "ja", "ko", "th", "he", "hi", "bn", "ta", "te", "ms", "ur", "fil", "cy", "ga",
    "mt", "sw", "kn", "ml", "gu", "si", "mn",
];
/// Languages with a decimal comma that group by a space.
const SPACE: &[&str] = &[
    "fr", "ru", "uk", "be", "pl", "cs", "sk", "sv", "nb", "nn", "no", "fi", "et", "lv", "lt", "hu",
    "bg", "kk", "ka", "hy", "af", "sq",
];
/// Languages with a decimal comma that group by a point.
const COMMA: &[&str] = &[
    "de", "it", "es", "pt", "nl", "da", "tr", "id", "el", "hr", "sl", "sr", "bs", "mk", "ro", "ca",
    "gl", "eu", "is", "vi", "az", "fo",
];
/// Languages that write the year first.
const YEAR_FIRST: &[&str] = &["zh", "ja", "ko", "hu", "lt", "sv", "si", "af"];
/// Languages that write a day with points; others use a slash.
const POINT_DATES: &[&str] = &[
    "de", "ru", "uk", "be", "pl", "cs", "sk", "nb", "nn", "no", "fi", "et", "lv", "bg", "tr", "da",
    "hr", "sl", "sr", "ro", "kk", "is", "he", "ka", "hy", "sq", "az", "fo", "mk", "bs",
];
/// Regions in which English has a decimal comma and groups by a point, ...
const ENGLISH_BY_POINT: &[&str] =
    &["AT", "BE", "DE", "DK", "ES", "ID", "IT", "NL", "PL", "RO", "SI"];
/// ... or by a space.
const ENGLISH_BY_SPACE: &[&str] =
    &["CZ", "EE", "FI", "HU", "LT", "LV", "NO", "PT", "SE", "SK", "UA", "ZA"];
/// ... or by a narrow space.
const ENGLISH_BY_NARROW_SPACE: &[&str] = &["FR", "GE"];
/// Regions in which English writes the month first.
const ENGLISH_BY_MONTH: &[&str] = &["", "US", "AS", "BI", "GU", "MH", "MP", "PH", "PR", "UM", "VI"];
/// Regions in which Spanish has a decimal point.
const SPANISH_BY_POINT: &[&str] =
    &["419", "BR", "BZ", "CU", "DO", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "SV", "US"];

impl Default for Locale {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl Locale {
    /// A decimal point, no groups and ISO 8601: for programs, and where no locale is known. There `1,234` may be a
    /// thousand or one.
    pub const PLAIN: Self = Self {
        decimal: '.',
        group: None,
        date: DateOrder::YearMonthDay,
        date_mark: '-',
        currency_first: true,
        truth: ("", ""),
    };

    /// The tag of [`Locale::PLAIN`]: an undetermined language.
    pub const NEUTRAL: &str = "und";

    /// Tags among which a person chooses, one for each way of writing that is in wide use, in the order of their English names:
    /// pages and tools offer them so, and sort none.
    pub const OFFERED: &[&str] = &[
        "bg", "zh", "hr", "cs", "da", "nl", "en-CA", "en-IN", "en-GB", "en-US", "et", "fi", "fr",
        "fr-CA", "fr-CH", "de", "de-AT", "de-CH", "el", "he", "hi", "hu", "is", "id", "it",
        "it-CH", "ja", "ko", "lv", "lt", "ms", "nb", "pl", "pt-BR", "pt-PT", "ro", "ru", "sr",
        "sk", "sl", "es", "es-MX", "sv", "th", "tr", "uk", "vi",
    ];

    /// The locale that counts where a text is read: the column's, else the file's, else the account's, each a language tag.
    /// [`Locale::PLAIN`] where none of them is known.
    #[must_use]
    pub fn decide(column: Option<&str>, file: Option<&str>, account: Option<&str>) -> Self {
        [column, file, account].into_iter().flatten().find_map(Self::from_tag).unwrap_or_default()
    }

    /// The locale of a language tag (BCP 47) such as `de`, `en-US` or `pt_BR`; `None` for what is no tag, and for a language
    /// whose marks are not known here.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        if tag == Self::NEUTRAL {
            return Some(Self::PLAIN);
        }
        let is_part = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if tag.len() > TAG_BYTES || !tag.split(['-', '_']).all(is_part) {
            return None;
        }
        let mut parts = tag.split(['-', '_']);
        let language = parts.next()?.to_ascii_lowercase();
        if ![POINT, SPACE, COMMA].iter().any(|known| known.contains(&&*language)) {
            return None;
        }
        let is_region = |part: &&str| match part.len() {
            2 => part.bytes().all(|byte| byte.is_ascii_alphabetic()),
            3 => part.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        // A part of one character begins an extension, whose parts are no regions.
        let region = parts.take_while(|part| part.len() > 1).find(is_region);
        let region = region.map(str::to_ascii_uppercase).unwrap_or_default();
        let (decimal, group) = marks(&language, &region);
        let (date, date_mark) = days(&language, &region);
        let currency_first = has_currency_first(&language, &region);
        let truth = truth::words(&language);
        Some(Self { decimal, group: Some(group), date, date_mark, currency_first, truth })
    }

    /// The same with this decimal mark. Where it has another one, the other of comma and point groups digits.
    #[must_use]
    pub const fn with_decimal(self, decimal: char) -> Self {
        match self.decimal == decimal {
            true => self,
            false => Self { decimal, group: Some(if decimal == ',' { '.' } else { ',' }), ..self },
        }
    }

    /// Whether a character groups digits: people write several characters for one mark.
    pub(crate) fn groups(&self, mark: char) -> bool {
        let is_space = |mark| matches!(mark, ' ' | NO_BREAK_SPACE | NARROW_SPACE);
        let is_apostrophe = |mark| matches!(mark, '\'' | '’');
        self.group.is_some_and(|group| {
            mark == group
                || (is_space(group) && is_space(mark))
                || (is_apostrophe(group) && is_apostrophe(mark))
        })
    }
}

/// The decimal mark and the group mark.
fn marks(language: &str, region: &str) -> (char, char) {
    match (language, region) {
        ("de" | "it" | "en", "CH") | ("de", "LI") => ('.', '’'),
        ("en", region) if ENGLISH_BY_POINT.contains(&region) => (',', '.'),
        ("en", region) if ENGLISH_BY_SPACE.contains(&region) => (',', NO_BREAK_SPACE),
        ("en", region) if ENGLISH_BY_NARROW_SPACE.contains(&region) => (',', NARROW_SPACE),
        ("es", region) if SPANISH_BY_POINT.contains(&region) => ('.', ','),
        ("kk", "CN") => ('.', ','),
        ("ms", "BN" | "ID") | ("sw", "CD") | ("fr", "LU" | "MA") => (',', '.'),
        ("de", "AT") | ("es", "CR") | ("fr", "CA") => (',', NO_BREAK_SPACE),
        // Portuguese outside of Brazil.
        ("pt", region) if !matches!(region, "" | "BR") => (',', NO_BREAK_SPACE),
        _ if POINT.contains(&language) => ('.', ','),
        ("fr", _) => (',', NARROW_SPACE),
        _ if SPACE.contains(&language) => (',', NO_BREAK_SPACE),
        _ => (',', '.'),
    }
}

/// Whether a currency stands before its amount.
fn has_currency_first(language: &str, region: &str) -> bool {
    match (language, region) {
        ("he" | "bn", _) => false,
        ("en" | "tr" | "nl" | "af" | "id" | "ms" | "sw", _) => true,
        ("de", "AT") | ("pt", "" | "BR") => true,
        ("es", "AR" | "BO" | "CL" | "CO" | "CR" | "EC" | "GQ" | "PY" | "UY" | "VE") => true,
        _ => marks(language, region).0 == '.',
    }
}

/// The order of a day's parts, and the mark between them.
fn days(language: &str, region: &str) -> (DateOrder, char) {
    match (language, region) {
        ("en", region) if ENGLISH_BY_MONTH.contains(&region) => (DateOrder::MonthDayYear, '/'),
        ("fil", _) | ("es", "PA" | "PR") => (DateOrder::MonthDayYear, '/'),
        ("en" | "fr", "CA") | ("en", "SE") => (DateOrder::YearMonthDay, '-'),
        ("en", "JP" | "ZA") | ("eu", _) => (DateOrder::YearMonthDay, '/'),
        ("mn", _) => (DateOrder::YearMonthDay, '.'),
        ("zh", "HK" | "MO" | "SG") | ("nl", "BE") => (DateOrder::DayMonthYear, '/'),
        ("nl" | "te", _) | ("en", "MV") | ("es", "CL") | ("kk", "CN") => {
            (DateOrder::DayMonthYear, '-')
        }
        // 01/05/2567 is the year 2024 of the common era.
        ("th", _) => (DateOrder::Iso, '-'),
        ("en" | "fr" | "it", "CH") | ("sv", "AX" | "FI") => (DateOrder::DayMonthYear, '.'),
        _ if YEAR_FIRST.contains(&language) => (DateOrder::YearMonthDay, '-'),
        _ if POINT_DATES.contains(&language) => (DateOrder::DayMonthYear, '.'),
        _ => (DateOrder::DayMonthYear, '/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_have_the_marks_of_their_language_and_region() {
        let marks =
            |tag| Locale::from_tag(tag).and_then(|it| Some((it.decimal, it.group?, it.date_mark)));
        assert_eq!(marks("en-US"), Some(('.', ',', '/')));
        assert_eq!(marks("de"), Some((',', '.', '.')));
        assert_eq!(marks("de-CH"), Some(('.', '’', '.')));
        assert_eq!(marks("fr_FR"), Some((',', NARROW_SPACE, '/')));
        assert_eq!(marks("zh-Hans-CN"), Some(('.', ',', '-')));
        for tag in
            ["", "d", "12", "english", "é", "xx", "de-", "de-Ä", "de_DE.UTF-8", "de-muchtoolong"]
        {
            assert_eq!(Locale::from_tag(tag), None, "{tag}");
        }
    }

    /// A tag, the decimal mark, the group mark, the order of a day's parts, and the mark between them.
    type Written = (&'static str, char, char, DateOrder, char);

    fn assert_written(all: &[Written]) {
        for &(tag, decimal, group, date, date_mark) in all {
            let locale = Locale::from_tag(tag).expect(tag);
            assert_eq!((locale.decimal, locale.group), (decimal, Some(group)), "{tag}");
            assert_eq!((locale.date, locale.date_mark), (date, date_mark), "{tag}");
        }
    }

    #[test]
    fn a_region_has_the_marks_and_the_order_of_days_of_the_cldr() {
        use DateOrder::{DayMonthYear, Iso, MonthDayYear, YearMonthDay};
        assert_written(&[
            ("es-419", '.', ',', DayMonthYear, '/'),
            ("es-ES", ',', '.', DayMonthYear, '/'),
            ("es-AR", ',', '.', DayMonthYear, '/'),
            ("en", '.', ',', MonthDayYear, '/'),
            ("en-001", '.', ',', DayMonthYear, '/'),
            ("en-150", '.', ',', DayMonthYear, '/'),
            ("en-GB", '.', ',', DayMonthYear, '/'),
            ("en-CA", '.', ',', YearMonthDay, '-'),
            ("en-DE", ',', '.', DayMonthYear, '/'),
            ("en-AT", ',', '.', DayMonthYear, '/'),
            ("fil", '.', ',', MonthDayYear, '/'),
            ("fil-PH", '.', ',', MonthDayYear, '/'),
            // The parts of an extension are no regions.
            ("en-u-ca-gregory", '.', ',', MonthDayYear, '/'),
            ("en-GB-u-ca-gregory", '.', ',', DayMonthYear, '/'),
            ("de-x-ch", ',', '.', DayMonthYear, '.'),
            ("th", '.', ',', Iso, '-'),
            ("th-TH", '.', ',', Iso, '-'),
        ]);
    }

    /// Taken from the CLDR 48, by the numbers and short days that ICU 78 writes.
    #[test]
    fn a_region_writes_as_in_the_cldr_where_its_language_does_not() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        assert_written(&[
            ("de", ',', '.', DayMonthYear, '.'),
            ("de-AT", ',', NO_BREAK_SPACE, DayMonthYear, '.'),
            ("de-CH", '.', '’', DayMonthYear, '.'),
            ("de-LI", '.', '’', DayMonthYear, '.'),
            ("de-LU", ',', '.', DayMonthYear, '.'),
            ("en-CH", '.', '’', DayMonthYear, '.'),
            ("it-CH", '.', '’', DayMonthYear, '.'),
            ("fr-CH", ',', NARROW_SPACE, DayMonthYear, '.'),
            ("fr-CA", ',', NO_BREAK_SPACE, YearMonthDay, '-'),
            ("fr-BE", ',', NARROW_SPACE, DayMonthYear, '/'),
            ("fr-LU", ',', '.', DayMonthYear, '/'),
            ("fr-MA", ',', '.', DayMonthYear, '/'),
            ("en-AU", '.', ',', DayMonthYear, '/'),
            ("en-BE", ',', '.', DayMonthYear, '/'),
            ("en-NL", ',', '.', DayMonthYear, '/'),
            ("en-FR", ',', NARROW_SPACE, DayMonthYear, '/'),
            ("en-NO", ',', NO_BREAK_SPACE, DayMonthYear, '/'),
            ("en-SE", ',', NO_BREAK_SPACE, YearMonthDay, '-'),
            ("en-ZA", ',', NO_BREAK_SPACE, YearMonthDay, '/'),
            ("en-JP", '.', ',', YearMonthDay, '/'),
            ("en-VI", '.', ',', MonthDayYear, '/'),
            ("es-MX", '.', ',', DayMonthYear, '/'),
            ("es-CU", '.', ',', DayMonthYear, '/'),
            ("es-PR", '.', ',', MonthDayYear, '/'),
            ("es-CR", ',', NO_BREAK_SPACE, DayMonthYear, '/'),
            ("es-CL", ',', '.', DayMonthYear, '-'),
            ("pt", ',', '.', DayMonthYear, '/'),
            ("pt-BR", ',', '.', DayMonthYear, '/'),
            ("pt-PT", ',', NO_BREAK_SPACE, DayMonthYear, '/'),
            ("pt-AO", ',', NO_BREAK_SPACE, DayMonthYear, '/'),
            ("nl", ',', '.', DayMonthYear, '-'),
            ("nl-BE", ',', '.', DayMonthYear, '/'),
            ("sv-FI", ',', NO_BREAK_SPACE, DayMonthYear, '.'),
            ("zh-HK", '.', ',', DayMonthYear, '/'),
            ("ms-BN", ',', '.', DayMonthYear, '/'),
            ("af", ',', NO_BREAK_SPACE, YearMonthDay, '-'),
            ("mk", ',', '.', DayMonthYear, '.'),
            ("te", '.', ',', DayMonthYear, '-'),
        ]);
    }

    #[test]
    fn a_currency_stands_where_the_cldr_has_it() {
        for tag in ["en-US", "en-DE", "de-AT", "de-CH", "nl", "tr", "pt-BR", "es-MX", "es-AR", "id"]
        {
            assert!(Locale::from_tag(tag).expect(tag).currency_first, "{tag}");
        }
        for tag in ["de", "fr", "fr-CH", "es", "pt-PT", "he", "it", "pl"] {
            assert!(!Locale::from_tag(tag).expect(tag).currency_first, "{tag}");
        }
    }

    #[test]
    fn a_decimal_mark_groups_nothing() {
        for language in POINT.iter().chain(SPACE).chain(COMMA) {
            for region in
                ["", "-CH", "-AT", "-MX", "-ZA", "-CA", "-DE", "-FR", "-PT", "-LU", "-419"]
            {
                let locale = Locale::from_tag(&format!("{language}{region}")).expect("a tag");
                assert!(!locale.groups(locale.decimal), "{language}{region}");
            }
        }
    }

    #[test]
    fn the_column_decides_before_the_file_and_the_file_before_the_account() {
        let of = |tag| Locale::from_tag(tag).expect("a tag");
        let (de, fr, us) = (Some("de"), Some("fr"), Some("en-US"));
        assert_eq!(Locale::decide(de, fr, us), of("de"));
        assert_eq!(Locale::decide(None, fr, us), of("fr"));
        assert_eq!(Locale::decide(None, None, us), of("en-US"));
        assert_eq!(Locale::decide(None, None, None), Locale::PLAIN);
        // An account with the neutral locale, and a column whose tag a later release knows.
        assert_eq!(Locale::decide(None, None, Some("")), Locale::PLAIN);
        assert_eq!(Locale::decide(None, Some("und"), us), Locale::PLAIN);
        assert_eq!(Locale::decide(Some("tlh"), None, us), of("en-US"));
    }
}
