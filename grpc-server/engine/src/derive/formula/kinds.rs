//! Which kinds the parts of a formula have before any row is looked at.
//!
//! Not the kinds of cells: a column may have values of other kinds, and then a row decides. Invariant: a formula is refused here
//! only if no row could have a value.

use ot_engine::{ColumnKind, Value};

use super::columns::{FormulaColumn, FormulaError};
use super::function::{Entry, Gives, Need};
use super::tree::{Expr, Operator};

/// The kind of a part's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinded {
    /// Any: it is not known.
    pub(super) kind: ColumnKind,
    /// Whether each value that is not empty has it.
    pub(super) is_exact: bool,
}

/// A part, its kind, and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) expr: Expr,
    pub(super) kinded: Kinded,
    pub(super) at: usize,
}

impl Kinded {
    pub(super) const ANY: Self = Self { kind: ColumnKind::Any, is_exact: false };

    pub(super) const fn exactly(kind: ColumnKind) -> Self {
        Self { kind, is_exact: true }
    }

    pub(super) fn of_column(column: &FormulaColumn) -> Self {
        let kind = plain(column.kind);
        Self { kind, is_exact: column.is_exact && kind != ColumnKind::Any }
    }

    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Empty => Self::ANY,
            Value::Bool(_) => Self::exactly(ColumnKind::Bool),
            Value::Number(_) => Self::exactly(ColumnKind::Number),
            Value::Text(_) => Self::exactly(ColumnKind::Text),
            Value::Date(_) => Self::exactly(ColumnKind::Date),
            Value::LocalDateTime(_) => Self::exactly(ColumnKind::LocalDateTime),
            Value::Instant(_) => Self::exactly(ColumnKind::Instant),
        }
    }

    /// The kind that is certain.
    fn certain(self) -> Option<ColumnKind> {
        (self.is_exact && self.kind != ColumnKind::Any).then_some(self.kind)
    }
}

/// The kind of values: columns of options, links and addresses have texts.
fn plain(kind: ColumnKind) -> ColumnKind {
    match kind {
        ColumnKind::Choice | ColumnKind::Choices | ColumnKind::Link | ColumnKind::Email => {
            ColumnKind::Text
        }
        kind => kind,
    }
}

fn is_time(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Date | ColumnKind::LocalDateTime | ColumnKind::Instant)
}

/// What values of a kind are, in a sentence.
fn noun(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Bool => "TRUE or FALSE",
        ColumnKind::Number => "a number",
        ColumnKind::Date => "a day",
        ColumnKind::LocalDateTime | ColumnKind::Instant => "a time",
        _ => "a text",
    }
}

/// An error if the part can't be what is needed.
pub(super) fn check(part: &Part, need: Need) -> Result<(), FormulaError> {
    let Some(kind) = part.kinded.certain() else { return Ok(()) };
    let (fits, wanted) = match need {
        Need::Any => return Ok(()),
        Need::Number => (kind == ColumnKind::Number, "a number"),
        Need::Truth => (kind == ColumnKind::Bool, "TRUE or FALSE, such as a comparison"),
        Need::Time => (is_time(kind), "a day or a time"),
        Need::Ordered => (kind == ColumnKind::Number || is_time(kind), "a number, a day or a time"),
        Need::Written => {
            (matches!(kind, ColumnKind::Number | ColumnKind::Text), "a text or a number")
        }
    };
    if fits {
        return Ok(());
    }
    let hint = match (need, kind) {
        (Need::Number | Need::Ordered, ColumnKind::Text) => "; NUMBER( ) reads a text",
        _ => "",
    };
    let rule = format!("here stands {}, and {wanted} is needed{hint}", noun(kind));
    Err(FormulaError::new(part.at, rule))
}

/// An error if the two parts are never equal, so that a comparison makes no sense.
pub(super) fn check_compared(one: &Part, other: &Part) -> Result<(), FormulaError> {
    let (Some(left), Some(right)) = (one.kinded.certain(), other.kinded.certain()) else {
        return Ok(());
    };
    if left == right || is_time(left) && is_time(right) {
        return Ok(());
    }
    let rule = format!("{} is compared with {}: they are never equal", noun(left), noun(right));
    Err(FormulaError::new(other.at, rule))
}

/// The kind of a sum, or an error where a part does not fit.
pub(super) fn of_sum(first: &Part, rest: &[(Operator, Part)]) -> Result<Kinded, FormulaError> {
    check(first, Need::Ordered)?;
    let Kinded { mut kind, mut is_exact } = first.kinded;
    for (operator, part) in rest {
        check(part, Need::Ordered)?;
        is_exact &= part.kinded.is_exact;
        kind = match (kind, part.kinded.kind) {
            (ColumnKind::Number, ColumnKind::Number) => ColumnKind::Number,
            (time, ColumnKind::Number) if is_time(time) => time,
            (ColumnKind::Number, time) if is_time(time) && *operator == Operator::Add => time,
            (one, other) if is_time(one) && is_time(other) && *operator == Operator::Subtract => {
                ColumnKind::Number
            }
            (one, other) if is_time(other) && is_exact && one != ColumnKind::Any => {
                let rule = match operator {
                    Operator::Subtract => "a day or a time is subtracted from a number",
                    _ => {
                        "days and times are not added to each other: their difference is a number of days"
                    }
                };
                return Err(FormulaError::new(part.at, rule));
            }
            _ => ColumnKind::Any,
        };
    }
    // A sum whose kind is known has it in each row: a value of another kind is refused there.
    Ok(Kinded { kind, is_exact: kind != ColumnKind::Any })
}

/// The kind of what a function gives, or an error where an argument does not fit.
pub(super) fn of_call(entry: &Entry, parts: &[Part]) -> Result<Kinded, FormulaError> {
    for (place, part) in parts.iter().enumerate() {
        check(part, entry.need(place))?;
    }
    Ok(match entry.gives {
        Gives::Kind(kind) => Kinded::exactly(kind),
        Gives::Arguments(from) => of_all(parts.iter().skip(from)),
    })
}

/// The kind that parts share.
fn of_all<'a>(parts: impl Iterator<Item = &'a Part>) -> Kinded {
    let kinds = parts.filter(|part| part.expr != Expr::Value(Value::Empty)).map(|it| it.kinded);
    let shared = |one: Kinded, other: Kinded| match one.kind == other.kind {
        true => Kinded { kind: one.kind, is_exact: one.is_exact && other.is_exact },
        false => Kinded::ANY,
    };
    kinds.reduce(shared).unwrap_or(Kinded::ANY)
}
