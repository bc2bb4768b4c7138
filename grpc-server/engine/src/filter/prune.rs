//! Groups of rows of which no row matches, by what the footer states about them.
//!
//! Not the rows. Invariant: a group with a row that matches is never left out; what the footer does not state is unknown.

use arrow_schema::{DataType, TimeUnit};
use parquet::file::statistics::Statistics;
use tables::{GroupStatistics, Table};

use super::{Filter, Node, Test};
use crate::order::DAY_MICROS;

/// What the cells of a group may be for a test.
#[derive(Clone, Copy)]
struct May {
    pass: bool,
    fail: bool,
}

const ANY: May = May { pass: true, fail: true };

impl Filter {
    /// Whether a row of the group may match.
    pub(crate) fn may_match(&self, table: &Table, group: usize) -> bool {
        let column = |place: usize| {
            self.columns.get(place).and_then(|column| table.group_statistics(group, *column))
        };
        self.root.may(&column).pass
    }
}

impl Node {
    fn may<'a>(&self, column: &impl Fn(usize) -> Option<GroupStatistics<'a>>) -> May {
        match self {
            Self::All(nodes) => nodes.iter().fold(May { pass: true, fail: false }, |all, node| {
                let may = node.may(column);
                May { pass: all.pass && may.pass, fail: all.fail || may.fail }
            }),
            Self::Any(nodes) => nodes.iter().fold(May { pass: false, fail: true }, |all, node| {
                let may = node.may(column);
                May { pass: all.pass || may.pass, fail: all.fail && may.fail }
            }),
            Self::Not(node) => {
                let may = node.may(column);
                May { pass: may.fail, fail: may.pass }
            }
            Self::Cell(place, test) => {
                column(*place).filter(|it| it.has_no_texts).map_or(ANY, |it| test.may(&it))
            }
        }
    }
}

impl Test {
    /// What the cells of a column whose values all fit its kind may be.
    fn may(&self, column: &GroupStatistics<'_>) -> May {
        let Some(values) = column.values else { return ANY };
        let pass = match self {
            Self::Empty => match values.null_count_opt() {
                // Texts without characters are no values, too.
                Some(0) if is_of_numbers_or_times(column.data) => false,
                Some(nulls) if nulls == column.rows => return May { pass: true, fail: false },
                _ => return ANY,
            },
            Self::Numbers(numbers) => of_numbers(column.data, values)
                .is_none_or(|(least, greatest)| numbers.may_pass(least, greatest)),
            Self::Times(times) => of_times(column.data, values)
                .is_none_or(|(least, greatest)| times.may_pass(least, greatest)),
            Self::OneOf(values_of) => values_of.may_pass(column.data, values),
            Self::Texts(_) | Self::Truths(_) => true,
        };
        May { pass, fail: true }
    }
}

impl super::OneOf {
    fn may_pass(&self, data: &DataType, values: &Statistics) -> bool {
        if self.texts.is_some_text() {
            return true;
        }
        if let Some((least, greatest)) = of_numbers(data, values) {
            let is_within = |bits: &u64| (least..=greatest).contains(&f64::from_bits(*bits));
            return self.numbers.iter().any(is_within);
        }
        of_times(data, values).is_none_or(|(least, greatest)| self.times.may_pass(least, greatest))
    }
}

fn is_of_numbers_or_times(data: &DataType) -> bool {
    matches!(data, DataType::Float64 | DataType::Int64 | DataType::Date32 | DataType::Timestamp(..))
}

/// The least and the greatest number; `None` where they are unknown. Those that are not finite are texts, and no numbers.
fn of_numbers(data: &DataType, values: &Statistics) -> Option<(f64, f64)> {
    match (data, values) {
        (DataType::Float64, Statistics::Double(values)) => {
            let (least, greatest) = (*values.min_opt()?, *values.max_opt()?);
            (least.is_finite() && greatest.is_finite()).then_some((least, greatest))
        }
        _ => None,
    }
}

/// The least and the greatest time in microseconds; `None` where they are unknown.
fn of_times(data: &DataType, values: &Statistics) -> Option<(i64, i64)> {
    let (least, greatest) = match (data, values) {
        (DataType::Date32, Statistics::Int32(values)) => {
            let micros = |days: &i32| i64::from(*days).checked_mul(DAY_MICROS);
            (micros(values.min_opt()?)?, micros(values.max_opt()?)?)
        }
        (DataType::Timestamp(TimeUnit::Microsecond, _), Statistics::Int64(values)) => {
            (*values.min_opt()?, *values.max_opt()?)
        }
        _ => return None,
    };
    (least <= greatest).then_some((least, greatest))
}
