//! Why the value of one row can't be computed.
//!
//! Not an error of the query: the cell is empty, and a note counts it. Invariant: making one costs nothing, since each row may.

use std::sync::Arc;

use ot_engine::Value;

use super::tree::Expr;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::derive) struct Trouble {
    /// The column whose cell is the cause.
    column: Option<usize>,
    /// The predicate of a sentence about the column, or a sentence.
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A value does not fit.
    Value(&'static str),
    /// A sentence.
    Rule(&'static str),
}

impl Trouble {
    /// The value of a part has a kind that does not fit.
    pub(super) fn of_kind(part: &Expr, value: &Value) -> Self {
        Self::of_value(part, is_a(value))
    }

    /// The value of a part does not fit: the predicate of a sentence.
    pub(super) fn of_value(part: &Expr, predicate: &'static str) -> Self {
        let column = if let Expr::Column(at) = part { Some(*at) } else { None };
        Self { column, what: What::Value(predicate) }
    }

    /// A rule is broken: a sentence.
    pub(super) fn rule(sentence: &'static str) -> Self {
        Self { column: None, what: What::Rule(sentence) }
    }

    pub(super) fn too_long() -> Self {
        Self::rule("the text has more than 64 KiB")
    }

    /// The text, for columns with these names.
    pub(super) fn text(self, names: &[Arc<str>]) -> String {
        let name = self.column.and_then(|at| names.get(at));
        match (self.what, name) {
            (What::Rule(sentence), _) => sentence.to_owned(),
            (What::Value(predicate), Some(name)) => format!("[{name}] {predicate}"),
            (What::Value(predicate), None) => format!("a part of it {predicate}"),
        }
    }
}

fn is_a(value: &Value) -> &'static str {
    match value {
        Value::Empty => "is empty",
        Value::Bool(_) => "is TRUE or FALSE",
        Value::Number(_) => "is a number",
        Value::Text(_) => "is a text",
        Value::Date(_) => "is a day",
        Value::LocalDateTime(_) | Value::Instant(_) => "is a time",
    }
}
