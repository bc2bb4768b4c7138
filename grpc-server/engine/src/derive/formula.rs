//! Formulas over the cells of a row, as in a spreadsheet: read and checked once, computed for each row.
//!
//! | file | holds |
//! | --- | --- |
//! | `tokens` | the words and signs of a text |
//! | `parse`, `tree` | the parts of a formula, by recursive descent |
//! | `kinds` | which kinds parts may have, and which kind comes out |
//! | `names` | columns and functions by their names |
//! | `function` | the table of functions |
//! | `row`, `eval` | the value of a row |
//! | `arithmetic`, `compared`, `functions` | what operators and functions compute |
//!
//! Not the language for users, which `docs/formulas.md` has. Invariants: a formula has a bound in characters and in depth, and the
//! work for one row a bound in bytes; a value that can't be computed is no panic and no error of the query.

mod arithmetic;
mod columns;
mod compared;
mod eval;
mod function;
mod functions;
mod kinds;
mod names;
mod parse;
mod row;
mod tokens;
mod tree;
mod trouble;

use std::sync::Arc;

use model::limits::derivations::{FORMULA_CHARACTERS, FORMULA_TEXT_BYTES};
use ot_engine::{ColumnKind, Value};

use crate::order::collation::Collation;
pub use columns::{FormulaColumn, FormulaError};
use kinds::Kinded;
use row::Row;
use tree::Expr;
pub(super) use trouble::Trouble;

/// A formula that was read and checked.
#[derive(Clone, Debug)]
pub struct Formula {
    root: Expr,
    kinded: Kinded,
    /// The names of the columns that it may use.
    names: Arc<[Arc<str>]>,
}

impl Formula {
    /// Reads a formula that may use these columns.
    ///
    /// # Errors
    /// The position of the first character that breaks a rule, counted from 1, and the rule.
    pub fn parse(text: &str, columns: &[FormulaColumn]) -> Result<Self, FormulaError> {
        Self::parse_among(text, columns, &[])
    }

    /// The same, where the table has further columns of these names, which the formula may not use: an error names such a one as left out.
    ///
    /// # Errors
    /// As [`Formula::parse`].
    pub fn parse_among(
        text: &str,
        columns: &[FormulaColumn],
        left_out: &[Arc<str>],
    ) -> Result<Self, FormulaError> {
        if text.chars().nth(FORMULA_CHARACTERS).is_some() {
            let rule = format!("a formula has at most {FORMULA_CHARACTERS} characters");
            return Err(FormulaError { at: FORMULA_CHARACTERS + 1, rule });
        }
        let part = parse::parse(text, columns, left_out)?;
        let names = columns.iter().map(|column| Arc::clone(&column.name)).collect();
        Ok(Self { root: part.expr, kinded: part.kinded, names })
    }

    /// The kind of the values that come out; [`ColumnKind::Any`] where they may have several.
    #[must_use]
    pub fn kind(&self) -> ColumnKind {
        if self.kinded.is_exact { self.kinded.kind } else { ColumnKind::Any }
    }

    /// The places of the columns whose cells may come out as they are.
    pub(super) fn passed(&self) -> Vec<usize> {
        let mut passed = Vec::new();
        self.root.passed(&mut passed);
        passed
    }

    /// The value for a row: a cell for each column.
    pub(super) fn value(&self, cells: &[Value], collation: &Collation) -> Result<Value, Trouble> {
        let value = Row::new(cells, collation).value(&self.root)?;
        match &value {
            Value::Text(text) if text.len() > FORMULA_TEXT_BYTES => Err(Trouble::too_long()),
            Value::Text(text) if text.is_empty() => Ok(Value::Empty),
            _ => Ok(value),
        }
    }

    /// Why a value could not be computed, behind "where".
    pub(super) fn reason(&self, trouble: Trouble) -> String {
        trouble.text(&self.names)
    }
}
