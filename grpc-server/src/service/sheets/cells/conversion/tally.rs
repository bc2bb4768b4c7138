//! What a conversion has done with the values of a column: numbers, and the first values that a person should look at.
//!
//! Invariant: each value is counted once; of long texts and of many values a bounded part is kept.

use gridloom::v1;
use ot_engine::{RowId, Value};
use values::{Misfit, exact};

/// Values of each sort that are listed.
const EXAMPLES: usize = 20;
/// Characters of a listed text.
const TEXT_CHARS: usize = 100;

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    converted: u64,
    rewritten: u64,
    fitting: u64,
    kept: u64,
    kept_values: Vec<v1::ConversionExample>,
    rewritten_values: Vec<v1::ConversionExample>,
}

impl Tally {
    /// A value that was of the kind.
    pub(super) const fn fits(&mut self) {
        self.fitting += 1;
    }

    /// A value that an earlier edit of this conversion has converted.
    pub(super) fn was_converted(&mut self, is_rewritten: bool) {
        self.converted += 1;
        self.rewritten += u64::from(is_rewritten);
    }

    /// A value that became another one.
    pub(super) fn converts(
        &mut self,
        row: (u32, RowId),
        values: (&Value, &Value),
        is_rewritten: bool,
    ) {
        self.was_converted(is_rewritten);
        if is_rewritten && self.rewritten_values.len() < EXAMPLES {
            let becomes = cut(&exact(values.1));
            self.rewritten_values.push(v1::ConversionExample { becomes, ..example(row, values.0) });
        }
    }

    /// A value that stays as it is.
    pub(super) fn keeps(&mut self, row: (u32, RowId), value: &Value, why: Misfit) {
        self.kept += 1;
        if self.kept_values.len() < EXAMPLES {
            let reason = why.to_string();
            self.kept_values.push(v1::ConversionExample { reason, ..example(row, value) });
        }
    }

    /// Adds what was counted after it.
    pub(super) fn append(&mut self, later: Self) {
        let Self { converted, rewritten, fitting, kept, kept_values, rewritten_values } = later;
        self.converted += converted;
        self.rewritten += rewritten;
        self.fitting += fitting;
        self.kept += kept;
        let room = EXAMPLES - self.kept_values.len();
        self.kept_values.extend(kept_values.into_iter().take(room));
        let room = EXAMPLES - self.rewritten_values.len();
        self.rewritten_values.extend(rewritten_values.into_iter().take(room));
    }

    /// The answer of a call.
    pub(super) fn into_answer(self) -> v1::ConvertColumnResponse {
        let Self { converted, rewritten, fitting, kept, kept_values, rewritten_values } = self;
        v1::ConvertColumnResponse {
            converted,
            rewritten,
            fitting,
            kept,
            kept_values,
            rewritten_values,
            ..v1::ConvertColumnResponse::default()
        }
    }
}

fn example((row, id): (u32, RowId), value: &Value) -> v1::ConversionExample {
    let text = cut(&exact(value));
    v1::ConversionExample { row, row_id: id.0, text, ..v1::ConversionExample::default() }
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS) {
        Some(_) => text.chars().take(TEXT_CHARS - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_values_the_first_are_listed_and_all_are_counted() {
        let (mut tally, long) = (Tally::default(), Value::from(&*"ä".repeat(101)));
        for row in 0..30 {
            let mut part = Tally::default();
            part.keeps((row, RowId(row.into())), &long, Misfit::NotNumber);
            part.converts((row, RowId(7)), (&"007".into(), &7.0.into()), row % 2 == 0);
            part.fits();
            tally.append(part);
        }
        let answer = tally.into_answer();
        assert_eq!(
            (answer.converted, answer.rewritten, answer.fitting, answer.kept),
            (30, 15, 30, 30)
        );
        assert_eq!((answer.kept_values.len(), answer.rewritten_values.len()), (20, 15));
        assert_eq!(answer.kept_values[19].row, 19);
        assert_eq!(answer.kept_values[0].text, "ä".repeat(99) + "…");
        assert_eq!(answer.rewritten_values[0].becomes, "7");
    }
}
