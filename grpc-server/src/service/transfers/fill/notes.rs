//! The sentences of a job's result: what it has changed or left out.
//!
//! Not their bounds (`transfers::notes`). Invariant: each kind of event has one sentence, or one for each column.

use crate::service::transfers::notes::bounded;

/// Characters of a name or a text in a sentence.
const NAMED: usize = 60;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<String>);

impl Notes {
    /// Adds a sentence.
    pub(super) fn add(&mut self, sentence: impl Into<String>) {
        self.0.push(sentence.into());
    }

    /// Adds a sentence about so many things, if there are any.
    pub(super) fn count(&mut self, count: u64, one: &str, several: &str) {
        match count {
            0 => {}
            1 => self.add(format!("1 {one}.")),
            count => self.add(format!("{count} {several}.")),
        }
    }

    /// All of them, within their limits.
    pub(super) fn into_sentences(self) -> Vec<String> {
        bounded(self.0)
    }
}

/// A name or a text in a sentence, with its quotes.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(NAMED) {
        Some((end, _)) => format!("{:?}", format!("{}…", text.get(..end).unwrap_or_default())),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_happened_has_no_sentence() {
        let mut notes = Notes::default();
        notes.count(0, "row is new", "rows are new");
        notes.count(1, "row is new", "rows are new");
        notes.count(2, "row is new", "rows are new");
        assert_eq!(notes.into_sentences(), ["1 row is new.", "2 rows are new."]);
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(quoted("a\"b"), r#""a\"b""#);
        assert_eq!(quoted(&"é".repeat(NAMED + 1)).chars().count(), NAMED + 3);
    }
}
