//! How a language writes numbers and days.
//!
//! The marks are those of the Unicode CLDR. Not a translation, and not an order of texts. Invariant: the decimal mark is
//! never a group mark.

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
const YEAR_FIRST: &[&str] = &["zh", "ja", "ko", "hu", "lt", "sv"];
/// Languages that write a day with points; others use a slash.
const POINT_DATES: &[&str] = &[
    "de", "ru", "uk", "be", "pl", "cs", "sk", "nb", "nn", "no", "fi", "et", "lv", "bg", "tr", "da",
    "hr", "sl", "sr", "ro", "kk", "is", "he",
];

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
    };

    /// The tag of [`Locale::PLAIN`]: an undetermined language.
    pub const NEUTRAL: &str = "und";

    /// Tags among which a person chooses, one for each way of writing that is in wide use.
    pub const OFFERED: &[&str] = &[
        "en-US", "en-GB", "en-CA", "en-IN", "de", "de-AT", "de-CH", "fr", "fr-CA", "fr-CH", "es",
        "es-MX", "it", "it-CH", "pt-BR", "pt-PT", "nl", "da", "sv", "nb", "fi", "is", "pl", "cs",
        "sk", "hu", "ro", "bg", "hr", "sl", "sr", "el", "tr", "ru", "uk", "et", "lv", "lt", "he",
        "hi", "id", "ms", "th", "vi", "zh", "ja", "ko",
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
        let currency_first = decimal == '.' || matches!(language.as_str(), "tr" | "nl");
        Some(Self { decimal, group: Some(group), date, date_mark, currency_first })
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

fn marks(language: &str, region: &str) -> (char, char) {
    match (language, region) {
        ("de" | "it", "CH") | ("de", "LI") => ('.', '’'),
        ("fr", "CH") | ("pt", "PT") | ("es", "CR") => (',', NO_BREAK_SPACE),
        ("de" | "en", "AT") | ("en", "ZA") => (',', NO_BREAK_SPACE),
        ("en", "DE") => (',', '.'),
        ("es", "419" | "MX" | "US" | "PR" | "GT" | "HN" | "NI" | "PA" | "PE" | "SV" | "DO") => {
            ('.', ',')
        }
        _ if POINT.contains(&language) => ('.', ','),
        ("fr", _) => (',', NARROW_SPACE),
        _ if SPACE.contains(&language) => (',', NO_BREAK_SPACE),
        _ => (',', '.'),
    }
}

fn days(language: &str, region: &str) -> (DateOrder, char) {
    match (language, region) {
        ("en", "US" | "PH" | "PR" | "GU" | "") | ("fil", _) => (DateOrder::MonthDayYear, '/'),
        ("en" | "fr", "CA") => (DateOrder::YearMonthDay, '-'),
        ("nl", _) => (DateOrder::DayMonthYear, '-'),
        ("fr" | "it", "CH") => (DateOrder::DayMonthYear, '.'),
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

    #[test]
    fn a_region_has_the_marks_and_the_order_of_days_of_the_cldr() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (tag, decimal, group, date) in [
            ("es-419", '.', ',', DayMonthYear),
            ("es-MX", '.', ',', DayMonthYear),
            ("es-ES", ',', '.', DayMonthYear),
            ("es-AR", ',', '.', DayMonthYear),
            ("en", '.', ',', MonthDayYear),
            ("en-001", '.', ',', DayMonthYear),
            ("en-150", '.', ',', DayMonthYear),
            ("en-GB", '.', ',', DayMonthYear),
            ("en-CA", '.', ',', YearMonthDay),
            ("en-DE", ',', '.', DayMonthYear),
            ("en-AT", ',', NO_BREAK_SPACE, DayMonthYear),
            ("de-AT", ',', NO_BREAK_SPACE, DayMonthYear),
            ("fil", '.', ',', MonthDayYear),
            ("fil-PH", '.', ',', MonthDayYear),
            // The parts of an extension are no regions.
            ("en-u-ca-gregory", '.', ',', MonthDayYear),
            ("en-GB-u-ca-gregory", '.', ',', DayMonthYear),
            ("de-x-ch", ',', '.', DayMonthYear),
        ] {
            let locale = Locale::from_tag(tag).expect(tag);
            assert_eq!((locale.decimal, locale.group), (decimal, Some(group)), "{tag}");
            assert_eq!(locale.date, date, "{tag}");
        }
    }

    #[test]
    fn a_decimal_mark_groups_nothing() {
        for language in POINT.iter().chain(SPACE).chain(COMMA) {
            for region in ["", "-CH", "-AT", "-MX", "-ZA", "-CA", "-DE", "-419"] {
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
