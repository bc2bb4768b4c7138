//! Doubts that need the columns of a table: about texts that look like values, and about the decimal mark.
//!
//! Not the sentences: see `doubts`. Invariant: a doubt about numbers has an example that was read as a number.

use ot_engine::ColumnKind;

use super::CsvImport;
use crate::infer::{Field, Guess};
use crate::notation::MarkDoubt;
use crate::{CsvColumn, doubts, header};

impl CsvImport {
    /// Doubts about columns that were read as texts.
    pub(super) fn doubt_texts(&mut self, names: &[String], guesses: &[Guess], has_quotes: &[bool]) {
        let chosen = self.kinds.iter().map(Option::is_some).chain(std::iter::repeat(false));
        let columns = guesses.iter().zip(has_quotes).zip(chosen).zip(names).enumerate();
        let columns: Vec<(String, &Guess)> = columns
            .filter(|(_, (((_, has_quotes), is_chosen), _))| !**has_quotes && !is_chosen)
            .map(|(at, (((guess, _), _), name))| (header::title(at, name), guess))
            .collect();
        let codes = columns.iter().filter_map(|(name, guess)| {
            let code = guess.code.as_ref().filter(|_| guess.has_codes())?;
            Some((name.clone(), code))
        });
        self.doubts.extend(doubts::codes(codes));
        let found = columns.iter().filter_map(|(name, guess)| {
            let (form, example) = guess.lookalikes.found()?;
            Some((name.as_str(), form, example))
        });
        self.doubts.extend(doubts::lookalikes(found, &self.locales.chosen));
    }

    /// A doubt about the decimal mark; that it is a comma only with an example that was read as a number.
    pub(super) fn of_numbers(&self, doubt: MarkDoubt, rows: &[Vec<Field>]) -> Option<MarkDoubt> {
        if !matches!(doubt, MarkDoubt::Comma { .. }) {
            return Some(doubt);
        }
        let is_number = |(field, column): &(&Field, &CsvColumn)| match column.kind {
            ColumnKind::Number => field.text.contains(','),
            ColumnKind::Any => {
                let kind = field.kind(&self.locales.inferred);
                field.text.contains(',') && kind == ColumnKind::Number
            }
            _ => false,
        };
        let mut fields = rows.iter().flat_map(|row| row.iter().zip(&self.columns));
        let (field, _) = fields.find(is_number)?;
        Some(MarkDoubt::Comma { example: field.text.clone() })
    }
}
