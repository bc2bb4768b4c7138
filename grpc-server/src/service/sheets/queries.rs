//! Finding rows: checks a query, converts it for the store, and converts the answer.
//!
//! Not the search: the store does it. Invariant: a query that reaches the store names columns of the sheet, and
//! compares with values that are not empty.

use std::fmt::Display;
use std::sync::Arc;

use gridloom::convert;
use gridloom::v1::condition::Operator;
use gridloom::v1::{self, column_ref, row_filter};
use ot_engine::Value;
use prost::Message;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::columns::{ColumnIndex, Named};
use crate::edge::errors::ServiceError;
use model::limits::Limits;
use model::{CellTest, ColumnRecord, Comparison, RowFilter, RowOrder, RowQuery, SheetId};
use sheet::fanout::cells::{column_to_wire, row_values};
use store::Store;

const FILTER_LEVELS: u32 = 8;
const FILTER_CONDITIONS: u32 = 64;
const CONDITION_VALUES: usize = 1_000;
const ORDER_LEVELS: usize = 8;
const PAGE_ROWS: u32 = 100;
const PAGE_ROWS_MOST: u32 = 1_000;
/// The bytes in front of a row in the answer.
const ROW_HEAD_BYTES: usize = 6;
/// Searches of all callers at one time: each may keep a core of the database's machine busy.
const SEARCHES_AT_ONCE: usize = 4;

/// Serves searches.
#[derive(Debug)]
pub(super) struct Queries {
    store: Store,
    limits: Limits,
    turns: Semaphore,
}

impl Queries {
    pub(super) fn new(store: Store, limits: Limits) -> Self {
        Self { store, limits, turns: Semaphore::new(SEARCHES_AT_ONCE) }
    }

    /// Finds rows in what is committed.
    pub(super) async fn find(
        &self,
        id: SheetId,
        request: v1::QueryRowsRequest,
    ) -> Result<v1::QueryRowsResponse, ServiceError> {
        let offset = offset(&request)?;
        let limit = match request.page_size {
            0 => PAGE_ROWS,
            size => size.min(PAGE_ROWS_MOST),
        };
        // The semaphore is never closed, so this never fails.
        let _turn = self.turns.acquire().await.ok();
        let finder = self.store.finder(id).await?.ok_or(ServiceError::NotFound("sheet"))?;
        let columns = finder.sheet().columns.clone();
        let index = ColumnIndex::new(&columns);
        let revision = finder.sheet().head.0;
        let shown = shown(&request, &index)?;
        let query = RowQuery {
            filter: Reader::new(&index).filter(request.filter.clone())?,
            order: order(&request, &index)?,
            offset,
            limit,
            total: request.include_total,
        };
        let found = finder.find(&query).await?;
        let rows = found.rows.iter().map(|row| v1::FoundRow {
            id: row.id.0,
            position: row.position,
            values: row_values(&row.body, shown.iter().map(|column| column.id)),
        });
        let mut response = v1::QueryRowsResponse {
            revision,
            columns: shown.iter().map(|column| column_to_wire(column)).collect(),
            rows: Vec::new(),
            next_page_token: page_token(&request, u64::MAX),
            total: found.total.unwrap_or_default(),
        };
        let message_bytes = self.limits.message_bytes;
        let room = (message_bytes as usize).checked_sub(response.encoded_len());
        response.rows = fitting(rows, room.unwrap_or_default());
        let given = response.rows.len();
        if room.is_none() || given == 0 && !found.rows.is_empty() {
            let instead = "name fewer columns, or export the sheet";
            let (field, limit) = ("columns", message_bytes);
            return Err(ServiceError::AnswerTooLarge { field, instead, limit });
        }
        let more = given < found.rows.len() || given == limit as usize;
        let token = || page_token(&request, offset + given as u64);
        response.next_page_token = more.then(token).unwrap_or_default();
        Ok(response)
    }
}

/// The first rows, as far as they fit an answer with this many bytes left.
fn fitting(rows: impl Iterator<Item = v1::FoundRow>, room: usize) -> Vec<v1::FoundRow> {
    let mut left = room;
    let fits = |row: &v1::FoundRow| {
        let rest = left.checked_sub(row.encoded_len() + ROW_HEAD_BYTES);
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    rows.take_while(fits).collect()
}

/// A token contains the query that it continues, and how many rows were given.
fn page_token(request: &v1::QueryRowsRequest, given: u64) -> String {
    format!("{}-{given}", question(request))
}

fn offset(request: &v1::QueryRowsRequest) -> Result<u64, ServiceError> {
    if request.page_token.is_empty() {
        return Ok(0);
    }
    let rule = "must be next_page_token of an answer to the same question";
    let refused = || ServiceError::malformed("page_token", rule);
    let (asked, given) = request.page_token.rsplit_once('-').ok_or_else(refused)?;
    let given = given.parse().ok().filter(|given| i64::try_from(*given).is_ok());
    given.filter(|_| asked == question(request)).ok_or_else(refused)
}

/// Names a query, the same for all of its pages.
fn question(request: &v1::QueryRowsRequest) -> String {
    let question =
        v1::QueryRowsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let hash: [u8; 32] = Sha256::digest(question.encode_to_vec()).into();
    hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn shown<'a>(
    request: &v1::QueryRowsRequest,
    columns: &ColumnIndex<'a>,
) -> Result<Vec<&'a ColumnRecord>, ServiceError> {
    if request.columns.is_empty() {
        return Ok(columns.all().iter().collect());
    }
    if request.columns.len() > columns.all().len() {
        return Err(ServiceError::malformed("columns", "name more columns than the sheet has"));
    }
    let named = request.columns.iter().enumerate();
    named.map(|(at, name)| column(Some(name), columns, &format!("columns[{at}]"))).collect()
}

fn order(
    request: &v1::QueryRowsRequest,
    columns: &ColumnIndex<'_>,
) -> Result<Vec<RowOrder>, ServiceError> {
    if request.order_by.len() > ORDER_LEVELS {
        let rule = format!("must have at most {ORDER_LEVELS} levels");
        return Err(ServiceError::malformed("order_by", rule));
    }
    let level = |(at, level): (usize, &v1::RowOrder)| {
        let path = format!("order_by[{at}].column");
        let column = column(level.column.as_ref(), columns, &path)?.id;
        Ok(RowOrder { column, descending: level.descending })
    };
    request.order_by.iter().enumerate().map(level).collect()
}

/// The column that is meant; with no reference, the first.
fn column<'a>(
    reference: Option<&v1::ColumnRef>,
    columns: &ColumnIndex<'a>,
    path: &str,
) -> Result<&'a ColumnRecord, ServiceError> {
    let missing = |field: &str, rule: &str| ServiceError::OutOfRange {
        field: format!("{path}{field}"),
        rule: rule.to_owned(),
    };
    match reference.and_then(|reference| reference.column.as_ref()) {
        None => columns.all().first().ok_or_else(|| missing("", "the sheet has no columns")),
        Some(column_ref::Column::At(at)) => {
            let found = columns.all().get(*at as usize);
            found.ok_or_else(|| missing(".at", "the sheet has fewer columns"))
        }
        Some(column_ref::Column::Id(id)) => columns
            .with_id(id)
            .ok_or_else(|| missing(".id", "the sheet has no column with this id")),
        Some(column_ref::Column::Name(name)) => match columns.named(name) {
            Some(Named::Once(at)) => Ok(&columns.all()[at]),
            None => Err(missing(".name", "the sheet has no column with this name")),
            Some(Named::Often) => {
                let rule = "several columns have this name; use an id";
                Err(ServiceError::malformed(format!("{path}.name"), rule))
            }
        },
    }
}

/// Reads a filter, and counts what it has read.
struct Reader<'a> {
    columns: &'a ColumnIndex<'a>,
    conditions: u32,
}

impl<'a> Reader<'a> {
    const fn new(columns: &'a ColumnIndex<'a>) -> Self {
        Self { columns, conditions: 0 }
    }

    fn filter(mut self, filter: Option<v1::RowFilter>) -> Result<RowFilter, ServiceError> {
        match filter {
            None => Ok(RowFilter::All(Vec::new())),
            Some(filter) => self.read(filter, "filter", 1),
        }
    }

    fn read(
        &mut self,
        filter: v1::RowFilter,
        path: &str,
        level: u32,
    ) -> Result<RowFilter, ServiceError> {
        if level > FILTER_LEVELS {
            let rule = format!("must be at most {FILTER_LEVELS} levels deep");
            return Err(ServiceError::malformed("filter", rule));
        }
        match filter.filter {
            Some(row_filter::Filter::Condition(condition)) => {
                self.conditions += 1;
                if self.conditions > FILTER_CONDITIONS {
                    let rule = format!("must have at most {FILTER_CONDITIONS} conditions");
                    return Err(ServiceError::malformed("filter", rule));
                }
                self.condition(condition, &format!("{path}.condition"))
            }
            Some(row_filter::Filter::All(list)) => {
                Ok(RowFilter::All(self.list(list, &format!("{path}.all"), level)?))
            }
            Some(row_filter::Filter::Any(list)) => {
                Ok(RowFilter::Any(self.list(list, &format!("{path}.any"), level)?))
            }
            Some(row_filter::Filter::Not(inner)) => {
                let inner = self.read(*inner, &format!("{path}.not"), level + 1)?;
                Ok(RowFilter::Not(Box::new(inner)))
            }
            None => {
                Err(ServiceError::malformed(path, "must be one of condition, all, any and not"))
            }
        }
    }

    fn list(
        &mut self,
        list: v1::RowFilterList,
        path: &str,
        level: u32,
    ) -> Result<Vec<RowFilter>, ServiceError> {
        let filters = list.filters.into_iter().enumerate();
        filters
            .map(|(at, filter)| self.read(filter, &format!("{path}.filters[{at}]"), level + 1))
            .collect()
    }

    fn condition(&self, condition: v1::Condition, path: &str) -> Result<RowFilter, ServiceError> {
        let column = column(condition.column.as_ref(), self.columns, &format!("{path}.column"))?.id;
        let operator = condition.operator();
        let ignore_case = condition.ignore_case;
        let values = values(condition.values, path)?;
        let one = || match &values[..] {
            [value] => Ok(value.clone()),
            _ => Err(wrong_count(path, "must hold exactly one value")),
        };
        let text = || match one()? {
            Value::Text(text) => Ok::<Arc<str>, ServiceError>(text),
            _ => Err(ServiceError::malformed(format!("{path}.values[0]"), "must be a text")),
        };
        let none = || match values.is_empty() {
            true => Ok(CellTest::IsEmpty),
            false => Err(wrong_count(path, "must hold no value with this operator")),
        };
        let compare = |comparison| one().map(|value| CellTest::Compare(comparison, value));
        let (test, not) = match operator {
            Operator::Equal => (CellTest::In(vec![one()?]), false),
            Operator::NotEqual => (CellTest::In(vec![one()?]), true),
            Operator::Less => (compare(Comparison::Less)?, false),
            Operator::LessOrEqual => (compare(Comparison::LessOrEqual)?, false),
            Operator::Greater => (compare(Comparison::Greater)?, false),
            Operator::GreaterOrEqual => (compare(Comparison::GreaterOrEqual)?, false),
            Operator::Contains => (CellTest::Contains(text()?), false),
            Operator::StartsWith => (CellTest::StartsWith(text()?), false),
            Operator::IsEmpty => (none()?, false),
            Operator::IsNotEmpty => (none()?, true),
            Operator::In => (CellTest::In(values), false),
            Operator::Unspecified => {
                let rule = "must be one of the operators that the manual lists";
                return Err(ServiceError::malformed(format!("{path}.operator"), rule));
            }
        };
        let cell = RowFilter::Cell { column, test, ignore_case };
        Ok(if not { RowFilter::Not(Box::new(cell)) } else { cell })
    }
}

fn wrong_count(path: &str, rule: impl Display) -> ServiceError {
    ServiceError::malformed(format!("{path}.values"), rule.to_string())
}

fn values(given: Vec<v1::Value>, path: &str) -> Result<Vec<Value>, ServiceError> {
    if given.len() > CONDITION_VALUES {
        return Err(wrong_count(path, format!("must be at most {CONDITION_VALUES}")));
    }
    let value = |(at, value): (usize, v1::Value)| {
        let path = format!("{path}.values[{at}]");
        match convert::value_from_wire(value) {
            Ok(Value::Empty) => {
                Err(ServiceError::malformed(path, "must hold a value; see OPERATOR_IS_EMPTY"))
            }
            Ok(value) => Ok(value),
            Err(error) => Err(error.within(&path).into()),
        }
    };
    given.into_iter().enumerate().map(value).collect()
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnId;
    use proptest::prelude::*;

    use super::*;
    use crate::any_message::any_message;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever a stranger asks: a question about columns that there are, or a refusal.
        #[test]
        fn any_question_is_read_or_refused(bytes in any_message(), token: String) {
            let Ok(mut request) = v1::QueryRowsRequest::decode(&*bytes) else { return Ok(()) };
            let columns = ["A", "B"].map(|name| ColumnRecord {
                id: ColumnId(1),
                name: name.into(),
                kind: ot_engine::ColumnKind::Any,
                width: None,
            });
            let columns = ColumnIndex::new(&columns);
            let _ = shown(&request, &columns);
            let _ = Reader::new(&columns).filter(request.filter.clone());
            request.page_token = token;
            prop_assert!(request.page_token.is_empty() || offset(&request).is_err());
            request.page_token = page_token(&request, 7);
            prop_assert_eq!(offset(&request).ok(), Some(7));
        }
    }
}
