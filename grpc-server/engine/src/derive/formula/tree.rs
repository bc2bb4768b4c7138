//! The parts of a formula that was read.
//!
//! Not their values: see `eval`. Invariant: parts of one precedence are one list, so the depth of a tree is that of its
//! parentheses, arguments and signs.

use ot_engine::{ColumnKind, Value};

use super::function::Function;

/// A part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A value that is written.
    Value(Value),
    /// The cell of the column at this place.
    Column(usize),
    /// A number with the other sign.
    Negative(Box<Expr>),
    /// Hundredths, so many times.
    Percent(Box<Expr>, u32),
    /// Texts side by side.
    Joined(Vec<Expr>),
    /// Added and subtracted from left to right. Where the kind is not any, the result has it.
    Sum(Box<Expr>, Vec<(Operator, Expr)>, ColumnKind),
    /// Multiplied, divided, or raised to powers from left to right.
    Product(Box<Expr>, Vec<(Operator, Expr)>),
    /// Two values compared.
    Compared(Box<Expr>, Compared, Box<Expr>),
    /// A function of its arguments.
    Call(Function, Vec<Expr>),
}

impl Expr {
    /// Adds the places of the columns whose cells may come out as they are. A number or a time that is computed has its kind,
    /// whatever the cells are.
    pub(super) fn passed(&self, places: &mut Vec<usize>) {
        match self {
            Self::Column(at) => places.push(*at),
            Self::Call(Function::If, parts) => {
                parts.iter().skip(1).for_each(|part| part.passed(places));
            }
            Self::Call(Function::Coalesce, parts) => {
                parts.iter().for_each(|part| part.passed(places));
            }
            Self::Value(_)
            | Self::Negative(_)
            | Self::Percent(..)
            | Self::Joined(_)
            | Self::Sum(..)
            | Self::Product(..)
            | Self::Compared(..)
            | Self::Call(..) => {}
        }
    }
}

/// An operator of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
