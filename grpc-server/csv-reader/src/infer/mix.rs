//! Numbers beside texts that look like numbers: versions (1.9 and `1.10.1`), ids with many digits, phone numbers.
//!
//! Not the kind of a column: see the parent. The rule: a column of numbers and such texts is in doubt. It has no days, times or
//! truth values, and no more texts of other forms than such ones. So notes of which a few are numbers are in no doubt.
//!
//! Invariant: what is counted decides no kind; it is a doubt for the person whose file it is.

use ot_engine::Value;

/// A longer text looks like no number.
const LIKE_BYTES: usize = 64;
/// Texts that stand for a missing value. They count for nothing.
const MISSING: [&str; 8] = ["NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "-"];

/// How many values of a column without a chosen kind are numbers, and how many texts look like numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mix {
    numbers: u64,
    /// Texts that look like numbers.
    alike: u64,
    /// Texts of other forms.
    words: u64,
    /// Days, times and truth values.
    others: u64,
    /// Quotes of an own export say which values are texts, so none is in doubt.
    is_meant: bool,
}

impl Mix {
    /// Before the first value; `is_meant`: quotes say which values are texts, as in an own export.
    pub(crate) fn of(is_meant: bool) -> Self {
        Self { is_meant, ..Self::default() }
    }

    /// Counts a value of the column.
    pub fn see(&mut self, value: &Value) {
        match value {
            Value::Empty => {}
            Value::Number(_) => self.numbers += 1,
            Value::Text(text) if !counts(text) => {}
            Value::Text(text) if is_alike(text) => self.alike += 1,
            Value::Text(_) => self.words += 1,
            _ => self.others += 1,
        }
    }

    /// A sentence about the column of this name, if it is in doubt.
    #[must_use]
    pub fn doubt(&self, name: &str) -> Option<String> {
        let Self { numbers, alike, words, others, is_meant } = *self;
        let is_mixed = numbers > 0 && alike > 0 && words <= alike && others == 0 && !is_meant;
        let numbers = match numbers {
            1 => "1 number".to_owned(),
            count => format!("{count} numbers"),
        };
        let texts = match alike {
            1 => "1 text that looks like one".to_owned(),
            count => format!("{count} texts that look like numbers"),
        };
        is_mixed.then(|| {
            format!(
                "{name:?} holds {numbers} and {texts}; if all are versions or codes, choose the kind Text for it (--kinds)"
            )
        })
    }
}

/// Whether a text is a value: neither empty nor one that stands for a missing value.
pub(super) fn counts(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !MISSING.contains(&text)
}

/// Whether a text has digits and no letters, but for an exponent: `1.10.1`, `+49 30 1234`, `1.234,5`, `12E3`.
fn is_alike(text: &str) -> bool {
    let has_digits = |part: &str| part.contains(|char: char| char.is_ascii_digit());
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mut parts = [mantissa, power].into_iter();
    text.len() <= LIKE_BYTES
        && parts.all(|part| has_digits(part) && !part.contains(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(values: &[Value]) -> Option<String> {
        let mut mix = Mix::default();
        values.iter().for_each(|value| mix.see(value));
        mix.doubt("a")
    }

    #[test]
    fn texts_that_look_like_numbers_have_digits_and_no_letters() {
        for text in [
            "1.10.1",
            "9007199254740993",
            "007",
            "+49 30 1234",
            "(030) 12-34",
            "1.234,5",
            "1,234.50",
            "12E3",
            "1e+400",
            "50%",
            "$ 5",
            "12/31",
        ] {
            assert!(is_alike(text), "{text}");
        }
        let long = "1".repeat(LIKE_BYTES + 1);
        for text in ["2a", "v1.2", "1.0-rc1", "call 555", "E5", "5e", "e", "?", "", "五", &*long] {
            assert!(!is_alike(text), "{text}");
        }
    }

    #[test]
    fn numbers_beside_such_texts_are_in_doubt() {
        let [number, text, word] = [Value::Number(1.9), "1.10.1".into(), "beta".into()];
        let advice = "if all are versions or codes, choose the kind Text for it (--kinds)";
        let one = format!("\"a\" holds 1 number and 1 text that looks like one; {advice}");
        assert_eq!(doubt(&[number.clone(), text.clone(), word.clone()]), Some(one));
        let more = format!("\"a\" holds 2 numbers and 2 texts that look like numbers; {advice}");
        let missing = ["N/A".into(), "-".into(), " ".into(), Value::Empty];
        let pair = [number.clone(), text.clone()];
        let values = [&pair[..], &pair[..], &missing[..]].concat();
        assert_eq!(doubt(&values), Some(more));
    }

    #[test]
    fn columns_of_one_sort_and_of_words_are_in_no_doubt() {
        let [number, text, word] = [Value::Number(10.0), "555-1234".into(), "later".into()];
        for values in [
            &[number.clone(), number.clone()][..],
            &[text.clone(), text.clone()],
            &[number.clone(), word.clone()],
            &[number.clone(), text.clone(), word.clone(), word],
            &[number.clone(), text.clone(), Value::Date(1)],
            &[number, text, Value::Bool(true)],
        ] {
            assert_eq!(doubt(values), None, "{values:?}");
        }
    }
}
