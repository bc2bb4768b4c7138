//! Finding rows: checks a query, converts it for the store, and converts the answer.
//!
//! Not the search: the store does it. Invariant: a query that reaches the store names columns of the sheet, and
//! compares with values that are not empty.

pub(in crate::service) mod filter;

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::sync::Arc;

use gridloom::v1;
use heavy_work::{Caller, drive};
use ot_engine::{Revision, RowId};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tasks::Tasks;
use tokio_util::sync::CancellationToken;

use self::filter::column;
use super::columns::ColumnIndex;
use crate::edge::errors::ServiceError;
use crate::edge::pages::{self, Paged};
use crate::service::turns::Turns;
use model::limits::Limits;
use model::limits::edge::{ORDER_LEVELS, SEARCH_WITHIN, SEARCHES, SEARCHES_OF_ACCOUNT};
use model::sizes::SEARCH_PAGE_BYTES;
use model::{AccountId, ColumnRecord, PageEnd, RowFilter, RowOrder, RowQuery, SheetId};
use sheet::fanout::cells::{column_to_wire, row_values};
use store::{Found, FoundRow, RowFinder, Store};

const PAGE_ROWS: u32 = 100;
const PAGE_ROWS_MOST: u32 = 1_000;

/// The bytes of a row besides its values.
const FOUND_ROW_BYTES: usize = 32;

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

    /// Finds rows in what is committed, from a place on that [`Paged::place`] has given.
    pub(super) async fn find(
        &self,
        account: AccountId,
        id: SheetId,
        (request, after): (v1::QueryRowsRequest, Option<End>),
    ) -> Result<v1::QueryRowsResponse, ServiceError> {
        let limit = match request.page_size {
            0 => PAGE_ROWS,
            size => size.min(PAGE_ROWS_MOST),
        };
        let turn = self.turns.turn(account).await;
        let finder = self.store.finder(id).await?.ok_or(ServiceError::NotFound("sheet"))?;
        let columns = finder.sheet().columns.clone();
        let index = ColumnIndex::new(&columns);
        let (epoch, revision) = (finder.sheet().epoch, finder.sheet().head);
        let shown = shown(&request, &index)?;
        let (filter, order) =
            (filter::read(request.filter.clone(), &index)?, order(&request.order_by, &index)?);
        let asked = digest_of_columns(&filter, &order);
        if after.is_some_and(|after| after.epoch != epoch) {
            return Err(ServiceError::PageOfAnotherHistory);
        }
        // A name or a position may be that of another column by now.
        if after.is_some_and(|after| after.columns != asked) {
            return Err(ServiceError::page_too_old());
        }
        let query = RowQuery {
            filter,
            order,
            after: after.map(|after| after.end),
            // One row more than requested shows whether there is a next page.
            limit: limit + 1,
            total: request.include_total,
            columns: (!request.columns.is_empty())
                .then(|| shown.iter().map(|column| column.id).collect()),
            bytes_most: SEARCH_PAGE_BYTES,
        };
        let found =
            search((self.store.tasks(), Caller::Account(account)), finder, query, turn).await?;
        self.response(&request, &shown, (epoch, revision, asked), (found, limit))
    }

    /// The answer: as many of the rows as fit a message, and at most `most`.
    fn response(
        &self,
        request: &v1::QueryRowsRequest,
        shown: &[&ColumnRecord],
        (epoch, revision, columns): (u64, Revision, u32),
        (found, most): (Found, u32),
    ) -> Result<v1::QueryRowsResponse, ServiceError> {
        let row = |row: &FoundRow| v1::FoundRow {
            id: row.id.0,
            position: row.position,
            values: row_values(&row.body, shown.iter().map(|column| column.id)),
            values_left_out: false,
        };
        let rows = found.rows.iter().take(most as usize);
        let token = |row: &FoundRow| {
            let end = PageEnd { revision, row: row.id, position: row.position };
            request.next_page_token(End { epoch, columns, end })
        };
        let mut response = v1::QueryRowsResponse {
            revision: revision.0,
            columns: shown.iter().map(|column| column_to_wire(column)).collect(),
            rows: Vec::new(),
            next_page_token: String::new(),
            total: found.total.unwrap_or_default(),
        };
        let limit = self.limits.message_bytes;
        let room = (limit as usize).checked_sub(response.encoded_len() + pages::TOKEN_BYTES);
        let room = room.ok_or_else(|| {
            let instead = "name fewer columns, or export the sheet";
            ServiceError::AnswerTooLarge { field: "columns", instead, limit }
        })?;
        response.rows = pages::fitting(rows.map(row), room);
        if let Some(first) = response.rows.first_mut() {
            cut(first, room);
        }
        let last = response.rows.len().checked_sub(1).map(|last| &found.rows[last]);
        let last = last.filter(|_| found.is_cut || found.rows.len() > response.rows.len());
        response.next_page_token = last.map(token).unwrap_or_default();
        Ok(response)
    }
}

/// Leaves values out of a row that is larger than an answer.
fn cut(row: &mut v1::FoundRow, room: usize) {
    if row.encoded_len() + pages::ITEM_HEAD_BYTES > room {
        let left = room.saturating_sub(FOUND_ROW_BYTES);
        row.values = pages::fitting_or_none(std::mem::take(&mut row.values), left);
        row.values_left_out = true;
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

/// Names the columns that a query filters and sorts by, in the order of the query.
fn digest_of_columns(filter: &RowFilter, order: &[RowOrder]) -> u32 {
    let mut hash = Sha256::new();
    filter.columns(&mut |column| hash.update(column.0.to_le_bytes()));
    order.iter().for_each(|level| hash.update(level.column.0.to_le_bytes()));
    let hash: [u8; 32] = hash.finalize().into();
    hash.iter().take(4).fold(0, |digest, byte| digest << 8 | u32::from(*byte))
}

/// The end of a page, as its token names it: `EPOCH.COLUMNS.REVISION.ROW.POSITION`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct End {
    /// That of the sheet's history: its revisions are others in another one.
    epoch: u64,
    /// Those that the query named: see [`digest_of_columns`].
    columns: u32,
    end: PageEnd,
}

impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let PageEnd { revision, row, position } = self.end;
        write!(f, "{}.{}.{revision}.{row}.{position}", self.epoch, self.columns)
    }
}

impl FromStr for End {
    type Err = ();

    fn from_str(place: &str) -> Result<Self, ()> {
        let mut numbers = place.splitn(5, '.').map(str::parse::<u64>);
        let mut next = || {
            let number = numbers.next().and_then(Result::ok);
            number.filter(|number| i64::try_from(*number).is_ok()).ok_or(())
        };
        let (epoch, columns) = (next()?, u32::try_from(next()?).map_err(|_| ())?);
        let (revision, row) = (Revision(next()?), RowId(next()?));
        let position = u32::try_from(next()?).map_err(|_| ())?;
        Ok(Self { epoch, columns, end: PageEnd { revision, row, position } })
    }
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

/// The order of a query.
pub(in crate::service) fn order(
    order_by: &[v1::RowOrder],
    columns: &ColumnIndex<'_>,
) -> Result<Vec<RowOrder>, ServiceError> {
    if order_by.len() > ORDER_LEVELS {
        let rule = format!("must have at most {ORDER_LEVELS} levels");
        return Err(ServiceError::malformed("order_by", rule));
    }
    let level = |(at, level): (usize, &v1::RowOrder)| {
        let path = format!("order_by[{at}].column");
        let column = column(level.column.as_ref(), columns, &path)?.id;
        Ok(RowOrder { column, descending: level.descending })
    };
    order_by.iter().enumerate().map(level).collect()
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
            settings: "".into(),
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
                settings: "".into(),
            });
            let columns = ColumnIndex::new(&columns);
            let _ = shown(&request, &columns);
            let _ = filter::read(request.filter.clone(), &columns);
            request.page_token = token;
            prop_assert!(request.page_token.is_empty() || request.place::<End>().is_err());
            let end = PageEnd { revision: Revision(7), row: RowId(8), position: 9 };
            let end = End { epoch: 1, columns: 5, end };
            request.page_token = request.next_page_token(end);
            prop_assert_eq!(request.place().ok(), Some(Some(end)));
        }
    }
}
