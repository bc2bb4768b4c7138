//! What is computed of the values of one group.
//!
//! Not which rows are a group: see `group`. Invariants: the same rows in the same order have the same values; of a group a bound value
//! for each column is kept, and the different values within their room.

use std::cmp::Ordering;
use std::sync::Arc;

use ot_engine::Value;
use tables::Cell;
use values::{Kind, Locale, Rule};

use super::distinct::{Distinct, Room};
use super::operation::{Aggregate, AggregateFunction};
use crate::QueryError;
use crate::order::collation::Collation;
use crate::order::is_beyond;
use crate::summary::sum::Sum;

/// A value of the group so far.
pub(super) struct Aggregated {
    /// The place of the column among those that are picked for the groups.
    pub(super) place: Option<usize>,
    /// The name of that column.
    column: Arc<str>,
    /// The name of the value's column.
    name: Arc<str>,
    so_far: SoFar,
    /// Over all groups: values that are no numbers, those of them that are texts of numbers, and sums beyond all numbers.
    passed_over: u64,
    readable: u64,
    too_large: u64,
}

enum SoFar {
    Rows(u64),
    Values(u64),
    Distinct(Box<Distinct>),
    Sum(Sum, u64),
    Mean(Sum, u64),
    Bound(Ordering, Option<Value>),
}

impl SoFar {
    fn new(function: AggregateFunction) -> Self {
        match function {
            AggregateFunction::Rows => Self::Rows(0),
            AggregateFunction::Values => Self::Values(0),
            AggregateFunction::Distinct => Self::Distinct(Box::default()),
            AggregateFunction::Sum => Self::Sum(Sum::default(), 0),
            AggregateFunction::Mean => Self::Mean(Sum::default(), 0),
            AggregateFunction::Least => Self::Bound(Ordering::Less, None),
            AggregateFunction::Greatest => Self::Bound(Ordering::Greater, None),
        }
    }

    /// The same without a row.
    fn emptied(&self) -> Self {
        match self {
            Self::Rows(_) => Self::Rows(0),
            Self::Values(_) => Self::Values(0),
            Self::Distinct(_) => Self::Distinct(Box::default()),
            Self::Sum(..) => Self::Sum(Sum::default(), 0),
            Self::Mean(..) => Self::Mean(Sum::default(), 0),
            Self::Bound(side, _) => Self::Bound(*side, None),
        }
    }
}

impl Aggregated {
    /// `place` is that of the column among those that are picked, and `column` its name.
    pub(super) fn new(aggregate: &Aggregate, place: Option<usize>, column: Arc<str>) -> Self {
        let (name, so_far) = (Arc::clone(&aggregate.name), SoFar::new(aggregate.function));
        Self { place, column, name, so_far, passed_over: 0, readable: 0, too_large: 0 }
    }

    /// Adds a row of the group; of an aggregate without a column the cell does not matter.
    pub(super) fn add(
        &mut self,
        collation: &Collation,
        cell: &Cell<'_>,
        room: &mut Room,
    ) -> Result<(), QueryError> {
        match &mut self.so_far {
            SoFar::Rows(rows) => *rows += 1,
            SoFar::Values(values) => *values += u64::from(*cell != Cell::Empty),
            SoFar::Distinct(distinct) => distinct.add(cell, room, &self.column)?,
            SoFar::Sum(sum, count) | SoFar::Mean(sum, count) => match cell {
                Cell::Number(number) => {
                    sum.add(*number);
                    *count += 1;
                }
                Cell::Empty => {}
                other => {
                    self.passed_over += 1;
                    self.readable += u64::from(is_text_of_number(other));
                }
            },
            SoFar::Bound(side, bound) => {
                if is_beyond(collation, cell, bound.as_ref(), *side) {
                    *bound = Some(cell.clone().into());
                }
            }
        }
        Ok(())
    }

    /// The value of the group, and a new group begins.
    pub(super) fn finish(&mut self) -> Value {
        let next = self.so_far.emptied();
        match std::mem::replace(&mut self.so_far, next) {
            SoFar::Rows(count) | SoFar::Values(count) => Value::from(count as f64),
            SoFar::Distinct(distinct) => Value::from(distinct.count() as f64),
            SoFar::Sum(_, 0) | SoFar::Mean(_, 0) => Value::Empty,
            SoFar::Sum(sum, _) => self.finite(sum.total()),
            SoFar::Mean(sum, count) => self.finite(sum.mean(count)),
            SoFar::Bound(_, bound) => bound.unwrap_or(Value::Empty),
        }
    }

    fn finite(&mut self, number: f64) -> Value {
        if number.is_finite() {
            return Value::from(number);
        }
        self.too_large += 1;
        Value::Empty
    }

    /// What was left out, each a sentence.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let (name, column) = (&self.name, &self.column);
        let passed_over = (self.passed_over > 0).then(|| {
            let count = self.passed_over;
            let are = if count == 1 {
                "value that is no number is"
            } else {
                "values that are no numbers are"
            };
            format!("{count} {are} left out of \"{name}\": see the column \"{column}\"")
        });
        let readable = (self.readable > 0).then(|| {
            let are = match self.readable {
                1 => "1 of them is a text that reads as a number".to_owned(),
                count => format!("{count} of them are texts that read as numbers"),
            };
            format!(
                "{are}: read the file again with the kind number for \"{column}\", or derive a column NUMBER([{}]) first",
                column.replace(']', "]]")
            )
        });
        let too_large = (self.too_large > 0).then(|| {
            let count = self.too_large;
            let are = if count == 1 { "group has" } else { "groups have" };
            format!("{count} {are} no \"{name}\": it is larger than a cell holds")
        });
        passed_over.into_iter().chain(readable).chain(too_large)
    }
}

/// Whether a value is a text that `NUMBER( )` reads, such as `2.50`.
fn is_text_of_number(cell: &Cell<'_>) -> bool {
    let Cell::Text(text) = cell else { return false };
    // Other texts, which may be long, are not copied.
    let begins = |char: char| char.is_ascii_digit() || matches!(char, '+' | '-' | '\u{2212}' | '.');
    if !text.trim_start().starts_with(begins) {
        return false;
    }
    let reading = values::read(text, &Rule::from(Kind::Number), &Locale::PLAIN);
    matches!(reading.value, Value::Number(_))
}
