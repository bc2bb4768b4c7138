//! Columns of texts that are all written as numbers or days, but not as those are exported: prices such as 1.50.
//!
//! Codes are none of them: texts with zeros before their digits, a plus sign or letters. Invariant: what is found decides no
//! kind; it is a doubt for the person whose file it is.

use values::{DateOrder, Kind, Locale, exact, loses_zeros, shown};

/// Fewer texts are no column of values.
const FEWEST: usize = 2;
/// The orders and marks of days of the languages that are known.
const DAYS: [(DateOrder, char); 4] = [
    (DateOrder::DayMonthYear, '.'),
    (DateOrder::DayMonthYear, '/'),
    (DateOrder::MonthDayYear, '/'),
    (DateOrder::DayMonthYear, '-'),
];

/// As what a text is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A number with the decimal mark of the file; an export writes this text.
    Number(String),
    /// A number with a mark that is not the decimal mark of the file.
    OtherMark {
        /// The mark.
        mark: char,
        /// Whether it may stand before decimals.
        is_decimal: bool,
        /// Whether it may group digits.
        groups: bool,
    },
    /// A day in a form that is read in each file; an export writes this text.
    Day(String),
    /// A day in the form of some languages.
    LocalDay,
}

/// What the texts of a column have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Lookalikes {
    /// No text seen yet.
    #[default]
    Nothing,
    /// All of them are written so: the form of the first one, that text, and their number.
    All { form: Form, example: String, count: usize },
    /// One of them is another text.
    Others,
}

impl Lookalikes {
    /// Takes one more text into account.
    pub(super) fn see(&mut self, text: &str, locale: &Locale) {
        match self {
            Self::Others => {}
            Self::Nothing => {
                *self = form(text, locale).map_or(Self::Others, |form| Self::All {
                    form,
                    example: text.to_owned(),
                    count: 1,
                });
            }
            Self::All { form: first, count, .. } => {
                let common = form(text, locale).and_then(|form| common(first, &form));
                let Some(common) = common else {
                    *self = Self::Others;
                    return;
                };
                (*first, *count) = (common, *count + 1);
            }
        }
    }

    /// The form of the texts of a column, and the first of them.
    pub(super) fn found(&self) -> Option<(&Form, &str)> {
        match self {
            Self::All { form, example, count } if *count >= FEWEST => Some((form, example)),
            _ => None,
        }
    }
}

/// The form of a text, given the form of another one, where both are those of one kind by one use of a mark.
fn common(first: &Form, other: &Form) -> Option<Form> {
    let is_day = |form: &Form| matches!(form, Form::Day(_) | Form::LocalDay);
    match (first, other) {
        (
            Form::OtherMark { mark, is_decimal, groups },
            Form::OtherMark { mark: other, is_decimal: other_is_decimal, groups: other_groups },
        ) => {
            let (is_decimal, groups) = (*is_decimal && *other_is_decimal, *groups && *other_groups);
            let form = Form::OtherMark { mark: *mark, is_decimal, groups };
            (mark == other && (is_decimal || groups)).then_some(form)
        }
        (Form::Number(_), Form::Number(_)) => Some(first.clone()),
        _ => (is_day(first) && is_day(other)).then(|| first.clone()),
    }
}

/// As what a text is written that is no exact form of a value.
fn form(text: &str, locale: &Locale) -> Option<Form> {
    let begins = |first: char| first.is_ascii_digit() || matches!(first, '-' | '.' | ',');
    if !text.starts_with(begins) || text.chars().any(char::is_alphabetic) {
        return None;
    }
    let read = |kind: Kind, locale: &Locale| {
        let reading = values::read(text, &kind.into(), locale);
        reading.misfit.is_none().then_some(reading.value)
    };
    if let Some(number) = read(Kind::Number, locale) {
        let written = || shown(&number, &Kind::Number.into(), locale).into_owned();
        return (!loses_zeros(text, &number)).then(|| Form::Number(written()));
    }
    let mark = if locale.decimal == ',' { '.' } else { ',' };
    if text.contains(mark) {
        let reads = |locale: &Locale| {
            read(Kind::Number, locale).is_some_and(|number| !loses_zeros(text, &number))
        };
        let is_decimal = reads(&locale.with_decimal(mark));
        let groups = reads(&Locale { group: Some(mark), ..*locale });
        if is_decimal || groups {
            return Some(Form::OtherMark { mark, is_decimal, groups });
        }
    }
    if let Some(day) = read(Kind::Date, locale) {
        return Some(Form::Day(exact(&day).into_owned()));
    }
    let by = |(date, date_mark): (DateOrder, char)| Locale { date, date_mark, ..*locale };
    DAYS.into_iter().any(|day| read(Kind::Date, &by(day)).is_some()).then_some(Form::LocalDay)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str], tag: &str) -> Option<Form> {
        let (mut seen, locale) = (Lookalikes::default(), Locale::from_tag(tag).expect("a tag"));
        texts.iter().for_each(|text| seen.see(text, &locale));
        seen.found().map(|(form, _)| form.clone())
    }

    #[test]
    fn texts_of_one_form_are_found() {
        let none = Locale::NEUTRAL;
        let number = |written: &str| Some(Form::Number(written.to_owned()));
        assert_eq!(found(&["1.50", "22.50", "10.00"], none), number("1.5"));
        assert_eq!(found(&["1,50", "10,00"], "de"), number("1,5"));
        let marked = |is_decimal, groups| Some(Form::OtherMark { mark: ',', is_decimal, groups });
        assert_eq!(found(&["1,50", "10,00"], none), marked(true, false));
        assert_eq!(found(&["1,234", "1,50"], none), marked(true, false));
        assert_eq!(found(&["1,234", "5,678.50"], none), marked(false, true));
        assert_eq!(found(&["1,234", "5,678"], none), marked(true, true));
        assert_eq!(found(&["1,50", "5,678.50"], none), None);
        assert_eq!(found(&["01.05.2026", "31.12.2026"], none), Some(Form::LocalDay));
        assert_eq!(found(&["12/31/2026", "01/05/2026"], none), Some(Form::LocalDay));
        let day = Some(Form::Day("2026-05-01".to_owned()));
        assert_eq!(found(&["2026-5-1", "2026-12-31"], none), day);
    }

    #[test]
    fn codes_and_words_are_none() {
        for texts in [
            &["1.50"][..],
            &["1.50", "x"],
            &["1.50", "01.05.2026"],
            &["007", "008"],
            &["+4912345", "+4912346"],
            &["12E3", "13E3"],
            &["12345678901234567890", "12345678901234567891"],
            &["10.0.0.1", "10.0.0.2"],
        ] {
            assert_eq!(found(texts, Locale::NEUTRAL), None, "{texts:?}");
        }
    }
}
