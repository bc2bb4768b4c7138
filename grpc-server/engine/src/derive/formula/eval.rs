//! The value of each part of a formula for a row.
//!
//! Not what operators and functions compute: see `arithmetic`, `compared` and `functions`. Invariant: the recursion is as deep as the
//! tree, whose depth is bounded.

use std::iter;
use std::mem::discriminant;

use ot_engine::{ColumnKind, Value};

use super::row::{Outcome, Row, finite, written};
use super::tree::{Compared, Expr, Operator};
use super::trouble::Trouble;
use super::{arithmetic, compared, functions};

impl Row<'_> {
    /// The value of a part.
    pub(super) fn value(&self, part: &Expr) -> Outcome {
        match part {
            Expr::Value(value) => Ok(value.clone()),
            Expr::Column(at) => Ok(self.cell(*at)),
            Expr::Negative(part) => match self.number(part)? {
                None => Ok(Value::Empty),
                Some(number) => Ok(Value::from(-number)),
            },
            Expr::Percent(part, times) => match self.number(part)? {
                None => Ok(Value::Empty),
                Some(number) => finite((0..*times).fold(number, |number, _| number / 100.0)),
            },
            Expr::Joined(parts) => self.joined(parts),
            Expr::Sum(first, rest, kind) => self.sum(first, rest, *kind),
            Expr::Product(first, rest) => self.product(first, rest),
            Expr::Compared(one, by, other) => self.compared(one, *by, other),
            Expr::Call(function, parts) => functions::call(self, *function, parts),
        }
    }

    /// Texts side by side.
    pub(super) fn joined(&self, parts: &[Expr]) -> Outcome {
        let mut joined = String::new();
        for part in parts {
            joined.push_str(&self.text(part)?);
            if joined.len() > model::limits::derivations::FORMULA_TEXT_BYTES {
                return Err(Trouble::too_long());
            }
        }
        written(&joined)
    }

    fn sum(&self, first: &Expr, rest: &[(Operator, Expr)], kind: ColumnKind) -> Outcome {
        let mut sum = self.value(first)?;
        let mut before = first;
        for (operator, part) in rest {
            let value = self.value(part)?;
            sum = arithmetic::added(before, &sum, *operator, part, &value)?;
            before = part;
        }
        let fits = match (kind, &sum) {
            (ColumnKind::Any, _) | (_, Value::Empty) => true,
            (ColumnKind::Number, sum) => matches!(sum, Value::Number(_)),
            (ColumnKind::Date, sum) => matches!(sum, Value::Date(_)),
            (ColumnKind::LocalDateTime, sum) => matches!(sum, Value::LocalDateTime(_)),
            (ColumnKind::Instant, sum) => matches!(sum, Value::Instant(_)),
            _ => false,
        };
        if fits {
            return Ok(sum);
        }
        // The column whose cell has the kind that came out.
        let came_out = discriminant(&sum);
        let is_cause = |part: &&Expr| match part {
            Expr::Column(at) => discriminant(&self.cell(*at)) == came_out,
            _ => false,
        };
        let mut parts = iter::once(first).chain(rest.iter().map(|(_, part)| part));
        Err(Trouble::of_kind(parts.find(is_cause).unwrap_or(first), &sum))
    }

    fn product(&self, first: &Expr, rest: &[(Operator, Expr)]) -> Outcome {
        let Some(mut product) = self.number(first)? else { return Ok(Value::Empty) };
        for (operator, part) in rest {
            let Some(number) = self.number(part)? else { return Ok(Value::Empty) };
            product = match operator {
                Operator::Divide if number == 0.0 => {
                    return Err(Trouble::rule("a number is divided by zero"));
                }
                Operator::Divide => product / number,
                Operator::Power => product.powf(number),
                Operator::Multiply | Operator::Add | Operator::Subtract => product * number,
            };
        }
        finite(product)
    }

    fn compared(&self, one: &Expr, by: Compared, other: &Expr) -> Outcome {
        let (one, other) = (self.value(one)?, self.value(other)?);
        if let (Value::Text(one), Value::Text(other)) = (&one, &other) {
            self.charge(one.len() + other.len())?;
        }
        Ok(Value::Bool(compared::holds(self.collation, &one, by, &other)))
    }
}
