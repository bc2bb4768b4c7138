//! Finding rows: checks a query, converts it for the store, and converts the answer.
//!
//! Not the search: the store does it. Invariant: a query that reaches the store names columns of the sheet, and
//! compares with values that are not empty.

mod filter;

use std::sync::Arc;

use gridloom::v1;
use heavy_work::{Caller, drive};
use prost::Message;
use sha2::{Digest, Sha256};
use tasks::Tasks;
use tokio_util::sync::CancellationToken;

use self::filter::column;
use super::columns::ColumnIndex;
use super::turns::Turns;
use crate::edge::errors::ServiceError;
use model::limits::Limits;
use model::limits::edge::{ORDER_LEVELS, SEARCH_WITHIN, SEARCHES, SEARCHES_OF_ACCOUNT};
use model::sizes::SEARCH_PAGE_BYTES;
use model::{AccountId, ColumnRecord, RowOrder, RowQuery, SheetId};
use sheet::fanout::cells::{column_to_wire, row_values};
use store::{Found, RowFinder, Store};

const PAGE_ROWS: u32 = 100;
const PAGE_ROWS_MOST: u32 = 1_000;
/// The bytes in front of a row in the answer.
const ROW_HEAD_BYTES: usize = 6;

/// Serves searches.
#[derive(Clone, Debug)]
pub(super) struct Queries {
    store: Store,
    limits: Limits,
    /// Each is held until the search has ended in Postgres, also when its caller is gone.
    turns: Arc<Turns>,
}

impl Queries {
    pub(super) fn new(store: Store, limits: Limits) -> Self {
        let turns = Arc::new(Turns::new(SEARCHES, SEARCHES_OF_ACCOUNT));
        Self { store, limits, turns }
    }

    /// Finds rows in what is committed.
    pub(super) async fn find(
        &self,
        account: AccountId,
        id: SheetId,
        request: v1::QueryRowsRequest,
    ) -> Result<v1::QueryRowsResponse, ServiceError> {
        let offset = offset(&request)?;
        let limit = match request.page_size {
            0 => PAGE_ROWS,
            size => size.min(PAGE_ROWS_MOST),
        };
        let turn = self.turns.turn(account).await;
        let finder = self.store.finder(id).await?.ok_or(ServiceError::NotFound("sheet"))?;
        let columns = finder.sheet().columns.clone();
        let index = ColumnIndex::new(&columns);
        let revision = finder.sheet().head.0;
        let shown = shown(&request, &index)?;
        let query = RowQuery {
            filter: filter::read(request.filter.clone(), &index)?,
            order: order(&request, &index)?,
            offset,
            limit,
            total: request.include_total,
            columns: (!request.columns.is_empty())
                .then(|| shown.iter().map(|column| column.id).collect()),
            bytes_most: SEARCH_PAGE_BYTES,
        };
        let found =
            search((self.store.tasks(), Caller::Account(account)), finder, query, turn).await?;
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
        let more = given < found.rows.len() || found.is_cut || given == limit as usize;
        let token = || page_token(&request, offset + given as u64);
        response.next_page_token = more.then(token).unwrap_or_default();
        Ok(response)
    }
}

/// Runs a search. When the caller is gone or has waited long enough, Postgres is asked to end it, and `turn` is
/// held until it has: what Postgres can't end at once does not become more than the turns.
async fn search<T: Send + 'static>(
    (tasks, caller): (&Tasks, Caller),
    finder: RowFinder,
    query: RowQuery,
    turn: T,
) -> Result<Found, ServiceError> {
    let gone = CancellationToken::new();
    let _caller = gone.clone().drop_guard();
    let searching = tasks.spawn(drive(caller, async move {
        let found = finder.find(&query, gone.cancelled()).await;
        drop(turn);
        found
    }));
    match tokio::time::timeout(SEARCH_WITHIN, searching).await {
        Ok(Ok(Ok(found))) => Ok(found?),
        // It has panicked, which is logged, or the server stops.
        Ok(Ok(Err(_)) | Err(_)) => Err(ServiceError::Internal),
        Err(_) => Err(ServiceError::TooSlow),
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

#[cfg(test)]
#[expect(dead_code, reason = "its tables are for whole crates")]
#[path = "../../../../ot-engine/tests/support/growth.rs"]
mod growth;

#[cfg(test)]
mod tests {
    use ot_engine::ColumnId;
    use proptest::prelude::*;

    use super::growth::{assert_linear, work};
    use super::*;
    use crate::any_message::any_message;

    fn columns(count: u32) -> Vec<ColumnRecord> {
        let column = |id: u32| ColumnRecord {
            id: ColumnId(id.into()),
            name: format!("column {id}").into(),
            kind: ot_engine::ColumnKind::Any,
            width: None,
        };
        (0..count).map(column).collect()
    }

    /// Each column of a sheet, by its name and by its id.
    #[test]
    fn a_question_costs_no_more_than_its_columns_and_those_of_the_sheet() {
        use v1::column_ref::Column::{Id, Name};
        for by_name in [true, false] {
            assert_linear("columns of a question", 2_000, |count| {
                let columns = columns(count);
                let named = columns.iter().map(|it| match by_name {
                    true => v1::ColumnRef { column: Some(Name(it.name.to_string())) },
                    false => v1::ColumnRef { column: Some(Id(it.id.0.to_string())) },
                });
                let request =
                    v1::QueryRowsRequest { columns: named.collect(), ..Default::default() };
                work(move || {
                    let index = ColumnIndex::new(&columns);
                    let shown = shown(&request, &index).expect("all are there");
                    assert_eq!(shown.len(), columns.len());
                })
            });
        }
    }

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
            let _ = filter::read(request.filter.clone(), &columns);
            request.page_token = token;
            prop_assert!(request.page_token.is_empty() || offset(&request).is_err());
            request.page_token = page_token(&request, 7);
            prop_assert_eq!(offset(&request).ok(), Some(7));
        }
    }
}
