//! What a conversion has done with the values of a column: numbers, and the first values that a person should look at.
//!
//! Invariant: each value is counted once; of long texts and of many values a bounded part is kept.

use gridloom::v1;
use ot_engine::{RowId, Value};
use values::{Locale, Misfit, exact, reason};

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
    kept_values: Examples,
    rewritten_values: Examples,
}

/// The first values of one sort.
#[derive(Clone, Debug, Default)]
pub(super) struct Examples(Vec<v1::ConversionExample>);

impl Examples {
    fn add(&mut self, example: impl FnOnce() -> v1::ConversionExample) {
        if self.0.len() < EXAMPLES {
            self.0.push(example());
        }
    }

    fn of(&self, row: RowId) -> Option<&v1::ConversionExample> {
        self.0.iter().rfind(|example| example.row_id == row.0)
    }

    /// Adds those that come after.
    pub(super) fn append(&mut self, later: Self) {
        let room = EXAMPLES.saturating_sub(self.0.len());
        self.0.extend(later.0.into_iter().take(room));
    }
}

impl Tally {
    /// A value that was of the kind.
    pub(super) const fn fits(&mut self) {
        self.fitting += 1;
    }

    /// A value that an earlier edit of this conversion has converted, with the examples of that.
    pub(super) fn was_converted(&mut self, row: RowId, is_rewritten: bool, examples: &Examples) {
        self.converted += 1;
        self.rewritten += u64::from(is_rewritten);
        if let Some(example) = examples.of(row).filter(|_| is_rewritten) {
            self.rewritten_values.add(|| example.clone());
        }
    }

    /// A value that became another one.
    pub(super) fn converts(
        &mut self,
        row: (u32, RowId),
        values: (&Value, &Value),
        is_rewritten: bool,
    ) {
        self.converted += 1;
        self.rewritten += u64::from(is_rewritten);
        if is_rewritten {
            let becomes = || cut(&exact(values.1));
            self.rewritten_values
                .add(|| v1::ConversionExample { becomes: becomes(), ..example(row, values.0) });
        }
    }

    /// A value that stays as it is.
    pub(super) fn keeps(
        &mut self,
        row: (u32, RowId),
        value: &Value,
        (why, locale): (Misfit, &Locale),
    ) {
        self.kept += 1;
        self.kept_values
            .add(|| v1::ConversionExample { reason: reason(why, locale), ..example(row, value) });
    }

    /// Adds what was counted after it.
    pub(super) fn append(&mut self, later: Self) {
        let Self { converted, rewritten, fitting, kept, kept_values, rewritten_values } = later;
        self.converted += converted;
        self.rewritten += rewritten;
        self.fitting += fitting;
        self.kept += kept;
        self.kept_values.append(kept_values);
        self.rewritten_values.append(rewritten_values);
    }

    /// The first values that are rewritten.
    pub(super) fn into_rewritten(self) -> Examples {
        self.rewritten_values
    }

    /// The answer of a call.
    pub(super) fn into_answer(self) -> v1::ConvertColumnResponse {
        let Self { converted, rewritten, fitting, kept, kept_values, rewritten_values } = self;
        v1::ConvertColumnResponse {
            converted,
            rewritten,
            fitting,
            kept,
            kept_values: kept_values.0,
            rewritten_values: rewritten_values.0,
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
        let german = Locale::from_tag("de").expect("a tag");
        for row in 0..30 {
            let mut part = Tally::default();
            part.keeps((row, RowId(row.into())), &long, (Misfit::NotNumber, &german));
            part.converts((row, RowId(row.into())), (&"007".into(), &7.0.into()), row % 2 == 0);
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
        assert_eq!(answer.kept_values[0].reason, "expected a number, written like 1.234,5");
        assert_eq!(answer.rewritten_values[0].becomes, "7");
    }
}
