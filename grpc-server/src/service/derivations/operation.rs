//! What is made of the rows of a source: in the parameters of a job, and as the engine takes it.
//!
//! Not the check of a request (`checked`). Invariant: an operation of another release has no form in the engine, and so fails its
//! job for good; columns are places among those of their source.

use engine::{Aggregate, AggregateFunction, JoinOther, JoinRows, Operation};
use gridloom::v1;
use jobs::Failure;
use serde::{Deserialize, Serialize};

use super::formulas::{self, Computed};
use crate::service::transfers::make::other_release;
use crate::service::transfers::source::{Source, SourceParameters};

/// An operation whose numbers are those of the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Checked {
    Add(Vec<Computed>),
    Group { by: Vec<usize>, aggregates: Vec<Aggregated> },
    Join { other: SourceParameters, keys: Vec<(usize, usize)>, rows: i32 },
}

/// A column with one value for each group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Aggregated {
    pub(super) function: i32,
    /// Absent: the rows are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<usize>,
    pub(super) name: String,
}

impl Checked {
    /// The other table of a join.
    pub(super) const fn other(&self) -> Option<&SourceParameters> {
        match self {
            Self::Join { other, .. } => Some(other),
            Self::Add(_) | Self::Group { .. } => None,
        }
    }

    /// The operation over the rows of a source; a join needs its other table.
    pub(super) fn over(
        &self,
        source: &Source,
        other: Option<JoinOther>,
    ) -> Result<Operation, Failure> {
        match self {
            Self::Add(computed) => {
                let read = formulas::read(source, computed);
                let unread =
                    |why: formulas::Unread| Failure::Final(format!("a formula {}", why.rule()));
                Ok(Operation::Add(read.map_err(unread)?))
            }
            Self::Group { by, aggregates } => {
                let all = source.columns.len();
                let aggregates = aggregates.iter().map(|it| it.over(all));
                let aggregates = aggregates.collect::<Option<_>>().ok_or_else(other_release)?;
                let by = places(by.iter().copied(), all).ok_or_else(other_release)?;
                Ok(Operation::Group { by, aggregates })
            }
            Self::Join { keys, rows, .. } => {
                let other = other.ok_or_else(other_release)?;
                let rows = join_rows(*rows).ok_or_else(other_release)?;
                let (all, of_other) = (source.columns.len(), other.columns.len());
                if keys.iter().any(|(here, there)| *here >= all || *there >= of_other) {
                    return Err(other_release());
                }
                Ok(Operation::Join { other, keys: keys.clone(), rows })
            }
        }
    }
}

impl Aggregated {
    /// The column of a source with so many.
    fn over(&self, all: usize) -> Option<Aggregate> {
        let function = function(self.function)?;
        let column = match (function, self.column) {
            (AggregateFunction::Rows, _) => None,
            (_, Some(column)) if column < all => Some(column),
            _ => return None,
        };
        Some(Aggregate { function, column, name: self.name.as_str().into() })
    }
}

fn places(mut given: impl Iterator<Item = usize> + Clone, all: usize) -> Option<Vec<usize>> {
    let places = given.clone().collect();
    given.all(|place| place < all).then_some(places)
}

/// The function of such a number.
pub(super) fn function(number: i32) -> Option<AggregateFunction> {
    use v1::AggregateFunction as Wire;
    match Wire::try_from(number).ok()? {
        Wire::Unspecified => None,
        Wire::Rows => Some(AggregateFunction::Rows),
        Wire::Values => Some(AggregateFunction::Values),
        Wire::Distinct => Some(AggregateFunction::Distinct),
        Wire::Sum => Some(AggregateFunction::Sum),
        Wire::Mean => Some(AggregateFunction::Mean),
        Wire::Least => Some(AggregateFunction::Least),
        Wire::Greatest => Some(AggregateFunction::Greatest),
    }
}

/// The rows of such a number.
pub(super) fn join_rows(number: i32) -> Option<JoinRows> {
    match v1::JoinRows::try_from(number).ok()? {
        v1::JoinRows::Unspecified | v1::JoinRows::AllOfSource => Some(JoinRows::AllOfSource),
        v1::JoinRows::Matched => Some(JoinRows::Matched),
        v1::JoinRows::Unmatched => Some(JoinRows::Unmatched),
        v1::JoinRows::All => Some(JoinRows::All),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_is_read_as_it_was_written() {
        let other = json!({"file": "f", "table": 3, "reading": "r", "columns": [2, 0]});
        let operations = [
            json!({"add": [{"name": "total", "formula": "[price] * 2"}]}),
            json!({"group": {"by": [1], "aggregates": [
                {"function": 1, "name": "rows"}, {"function": 4, "column": 0, "name": "sum"},
            ]}}),
            json!({"join": {"other": other, "keys": [[0, 1]], "rows": 2}}),
        ];
        for written in operations {
            let read: Checked = serde_json::from_value(written.clone()).expect("is read");
            assert_eq!(serde_json::to_value(&read).expect("has a form"), written);
            assert_eq!(read.other().is_some(), written.get("join").is_some());
        }
    }

    #[test]
    fn an_aggregate_names_a_column_of_the_source_unless_it_counts_rows() {
        let aggregated = |function: v1::AggregateFunction, column| Aggregated {
            function: function.into(),
            column,
            name: "x".to_owned(),
        };
        assert!(aggregated(v1::AggregateFunction::Rows, None).over(0).is_some());
        assert!(aggregated(v1::AggregateFunction::Sum, Some(1)).over(2).is_some());
        assert!(aggregated(v1::AggregateFunction::Sum, Some(2)).over(2).is_none());
        assert!(aggregated(v1::AggregateFunction::Sum, None).over(2).is_none());
        assert!(Aggregated { function: 77, column: None, name: String::new() }.over(2).is_none());
        assert!(function(0).is_none() && join_rows(0).is_some() && join_rows(77).is_none());
    }
}
