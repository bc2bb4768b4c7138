//! A row that a formula is computed for: its cells, and what is left of the work that it may take.
//!
//! Not the values of parts: see `eval`. Invariant: each text that a function looks at is charged.

use std::cell::Cell;
use std::sync::Arc;

use model::limits::derivations::{FORMULA_TEXT_BYTES, FORMULA_WORK_BYTES};
use ot_engine::Value;

use super::tree::Expr;
use super::trouble::Trouble;
use crate::order::collation::Collation;

/// The value of a part.
pub(super) type Outcome = Result<Value, Trouble>;

/// What stands for an argument that is missing.
pub(super) static MISSING: Expr = Expr::Value(Value::Empty);

/// A row.
pub(super) struct Row<'a> {
    cells: &'a [Value],
    pub(super) collation: &'a Collation,
    /// Bytes of texts that may still be looked at.
    work: Cell<usize>,
}

impl<'a> Row<'a> {
    pub(super) fn new(cells: &'a [Value], collation: &'a Collation) -> Self {
        Self { cells, collation, work: Cell::new(FORMULA_WORK_BYTES) }
    }

    /// The cell of the column at this place.
    pub(super) fn cell(&self, at: usize) -> Value {
        self.cells.get(at).cloned().unwrap_or(Value::Empty)
    }

    /// So many bytes are looked at.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), Trouble> {
        let left = self.work.get().checked_sub(bytes);
        self.work.set(left.unwrap_or(0));
        match left {
            Some(_) => Ok(()),
            None => {
                Err(Trouble::rule("its texts are longer than the 8 MiB that a formula looks at"))
            }
        }
    }

    /// The text of a part's value, as it would be written; of no value an empty one.
    pub(super) fn text(&self, part: &Expr) -> Result<Arc<str>, Trouble> {
        let text = match self.value(part)? {
            Value::Text(text) => text,
            other => Arc::from(&*values::exact(&other)),
        };
        self.charge(text.len())?;
        Ok(text)
    }

    /// The number of a part; `None` where the cell is empty.
    pub(super) fn number(&self, part: &Expr) -> Result<Option<f64>, Trouble> {
        match self.value(part)? {
            Value::Empty => Ok(None),
            Value::Number(number) => Ok(Some(number)),
            other => Err(Trouble::of_kind(part, &other)),
        }
    }

    /// The truth of a part; where the cell is empty, it is false.
    pub(super) fn truth(&self, part: &Expr) -> Result<bool, Trouble> {
        match self.value(part)? {
            Value::Empty => Ok(false),
            Value::Bool(truth) => Ok(truth),
            other => Err(Trouble::of_kind(part, &other)),
        }
    }
}

/// A number as a value.
pub(super) fn finite(number: f64) -> Outcome {
    match number.is_finite() {
        true => Ok(Value::from(number)),
        false => Err(Trouble::rule("the number is larger than a cell holds, or is none")),
    }
}

/// A text as a value. One without characters is no value.
pub(super) fn written(text: &str) -> Outcome {
    match text.len() {
        0 => Ok(Value::Empty),
        1..=FORMULA_TEXT_BYTES => Ok(Value::from(text)),
        _ => Err(Trouble::too_long()),
    }
}
