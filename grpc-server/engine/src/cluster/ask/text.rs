//! The bytes of an [`Ask`](super::Ask): JSON.
//!
//! Not its checks: the server has made them. Both ends are of one release, so the bytes have no versions. Invariant: a number is
//! its bits, so that no digit is lost.

use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnId, Value};
use serde::{Deserialize, Serialize};

use crate::{QueryError, Question};

impl super::Ask {
    /// As bytes.
    ///
    /// # Errors
    /// It can't be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, QueryError> {
        serde_json::to_vec(&Ask::from(self)).map_err(QueryError::failed)
    }

    /// Of such bytes.
    ///
    /// # Errors
    /// The bytes are not those of [`Self::to_bytes`] of this release.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, QueryError> {
        let ask: Ask = serde_json::from_slice(bytes).map_err(QueryError::failed)?;
        Ok(Self::from(ask))
    }
}

#[derive(Serialize, Deserialize)]
enum Ask {
    Sort { filter: Filter, order: Vec<(u64, bool)> },
    Count { column: usize, filter: Filter },
}

#[derive(Serialize, Deserialize)]
enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Cell { column: u64, test: Test, ignore_case: bool },
}

#[derive(Serialize, Deserialize)]
enum Test {
    In(Vec<Of>),
    Less(Of),
    LessOrEqual(Of),
    Greater(Of),
    GreaterOrEqual(Of),
    Contains(String),
    StartsWith(String),
    IsEmpty,
}

/// A value.
#[derive(Serialize, Deserialize)]
enum Of {
    Empty,
    Bool(bool),
    Number(u64),
    Text(String),
    Instant(i64),
    Date(i32),
    LocalDateTime(i64),
}

impl From<&super::Ask> for Ask {
    fn from(ask: &super::Ask) -> Self {
        match ask {
            super::Ask::Sort(Question { filter, order }) => Self::Sort {
                filter: filter.into(),
                order: order.iter().map(|level| (level.column.0, level.descending)).collect(),
            },
            super::Ask::Count { column, filter } => {
                Self::Count { column: *column, filter: filter.into() }
            }
        }
    }
}

impl From<Ask> for super::Ask {
    fn from(ask: Ask) -> Self {
        match ask {
            Ask::Sort { filter, order } => {
                let level = |(id, descending)| RowOrder { column: ColumnId(id), descending };
                let order = order.into_iter().map(level).collect();
                Self::Sort(Question { filter: filter.into(), order })
            }
            Ask::Count { column, filter } => Self::Count { column, filter: filter.into() },
        }
    }
}

impl From<&RowFilter> for Filter {
    fn from(filter: &RowFilter) -> Self {
        match filter {
            RowFilter::All(filters) => Self::All(filters.iter().map(Self::from).collect()),
            RowFilter::Any(filters) => Self::Any(filters.iter().map(Self::from).collect()),
            RowFilter::Not(filter) => Self::Not(Box::new(Self::from(&**filter))),
            RowFilter::Cell { column, test, ignore_case } => {
                Self::Cell { column: column.0, test: test.into(), ignore_case: *ignore_case }
            }
        }
    }
}

impl From<Filter> for RowFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::All(filters) => Self::All(filters.into_iter().map(Self::from).collect()),
            Filter::Any(filters) => Self::Any(filters.into_iter().map(Self::from).collect()),
            Filter::Not(filter) => Self::Not(Box::new(Self::from(*filter))),
            Filter::Cell { column, test, ignore_case } => {
                Self::Cell { column: ColumnId(column), test: test.into(), ignore_case }
            }
        }
    }
}

impl From<&CellTest> for Test {
    fn from(test: &CellTest) -> Self {
        match test {
            CellTest::In(values) => Self::In(values.iter().map(Of::from).collect()),
            CellTest::Compare(Comparison::Less, value) => Self::Less(value.into()),
            CellTest::Compare(Comparison::LessOrEqual, value) => Self::LessOrEqual(value.into()),
            CellTest::Compare(Comparison::Greater, value) => Self::Greater(value.into()),
            CellTest::Compare(Comparison::GreaterOrEqual, value) => {
                Self::GreaterOrEqual(value.into())
            }
            CellTest::Contains(text) => Self::Contains(text.to_string()),
            CellTest::StartsWith(text) => Self::StartsWith(text.to_string()),
            CellTest::IsEmpty => Self::IsEmpty,
        }
    }
}

impl From<Test> for CellTest {
    fn from(test: Test) -> Self {
        let compare = |by, value: Of| Self::Compare(by, value.into());
        match test {
            Test::In(values) => Self::In(values.into_iter().map(Value::from).collect()),
            Test::Less(value) => compare(Comparison::Less, value),
            Test::LessOrEqual(value) => compare(Comparison::LessOrEqual, value),
            Test::Greater(value) => compare(Comparison::Greater, value),
            Test::GreaterOrEqual(value) => compare(Comparison::GreaterOrEqual, value),
            Test::Contains(text) => Self::Contains(text.into()),
            Test::StartsWith(text) => Self::StartsWith(text.into()),
            Test::IsEmpty => Self::IsEmpty,
        }
    }
}

impl From<&Value> for Of {
    fn from(value: &Value) -> Self {
        match value {
            Value::Empty => Self::Empty,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => Self::Number(number.to_bits()),
            Value::Text(text) => Self::Text(text.to_string()),
            Value::Instant(micros) => Self::Instant(*micros),
            Value::Date(days) => Self::Date(*days),
            Value::LocalDateTime(micros) => Self::LocalDateTime(*micros),
        }
    }
}

impl From<Of> for Value {
    fn from(value: Of) -> Self {
        match value {
            Of::Empty => Self::Empty,
            Of::Bool(truth) => Self::Bool(truth),
            Of::Number(bits) => Self::Number(f64::from_bits(bits)),
            Of::Text(text) => Self::Text(text.into()),
            Of::Instant(micros) => Self::Instant(micros),
            Of::Date(days) => Self::Date(days),
            Of::LocalDateTime(micros) => Self::LocalDateTime(micros),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ask_is_the_same_after_its_way() {
        let cell = |test| RowFilter::Cell { column: ColumnId(7), test, ignore_case: true };
        let values = [
            Value::from(0.1),
            Value::Number(-0.0),
            Value::from("straße"),
            Value::Bool(true),
            Value::Instant(-1),
            Value::Date(i32::MIN),
            Value::LocalDateTime(i64::MAX),
        ];
        let compares = [
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ];
        let tests = compares.map(|by| cell(CellTest::Compare(by, Value::from(1e300))));
        let filter = RowFilter::All(vec![
            RowFilter::Any(tests.to_vec()),
            RowFilter::Not(Box::new(cell(CellTest::In(values.to_vec())))),
            cell(CellTest::Contains("a".into())),
            cell(CellTest::StartsWith("b".into())),
            cell(CellTest::IsEmpty),
        ]);
        let order = vec![RowOrder { column: ColumnId(3), descending: true }];
        let sort = super::super::Ask::Sort(Question { filter: filter.clone(), order });
        for ask in [sort, super::super::Ask::Count { column: 5, filter }] {
            let bytes = ask.to_bytes().expect("is written");
            assert_eq!(super::super::Ask::from_bytes(&bytes).expect("is read"), ask);
        }
        assert!(super::super::Ask::from_bytes(b"{}").is_err());
    }
}
