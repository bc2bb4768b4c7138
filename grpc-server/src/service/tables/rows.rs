//! Rows of a table by their positions.
//!
//! Not a query: no filter and no order. Invariant: a page costs the pages of Parquet that hold it, whatever the number of rows;
//! its work is that of a thread with less priority, of which an account has few.

use std::sync::Arc;

use gridloom::v1;

use super::Tables;
use super::failure::damaged;
use super::wire::{etag, rows_to_wire};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, TableRefusal};
use model::limits::tables::{TABLE_ROWS, TABLE_ROWS_MOST};
use tables::ReadLimits;

impl Tables {
    pub(super) async fn rows(
        &self,
        identity: &Identity,
        request: &v1::ReadTableRowsRequest,
    ) -> Result<v1::ReadTableRowsResponse, ServiceError> {
        let file = self.own(identity, &request.file_id).await?;
        let table = self.store.file_table(identity.account, file.id, request.table).await?;
        let table = table.ok_or(ServiceError::NotFound("table"))?;
        if !request.etag.is_empty() && request.etag != etag(&table) {
            return Err(TableRefusal::Changed.into());
        }
        let total = table.rows;
        if request.first > total {
            let rule = format!("must be at most {total}, the number of rows");
            return Err(ServiceError::OutOfRange { field: "first".to_owned(), rule });
        }
        let columns = columns(&request.columns)?;
        let count = match request.count {
            0 => TABLE_ROWS,
            count => count.min(TABLE_ROWS_MOST),
        };
        let turn = self.reads.turn(identity.account).await;
        let turn = turn.ok_or(ServiceError::Busy("pages of rows"))?;
        let (open, first, most_bytes) = (Arc::clone(&self.open), request.first, self.message_bytes);
        let read = heavy_work::run_apart(move || {
            // A caller that leaves keeps its turn until the thread has ended.
            let _turn = turn;
            let open = open.table((table.content, table.pieces)).map_err(damaged)?;
            let columns = columns.unwrap_or_else(|| (0..open.columns().len()).collect());
            let rows = open.rows_at(first, count, &columns, most_bytes).map_err(damaged)?;
            rows_to_wire(&rows, most_bytes)
        });
        let rows = read.await.map_err(ServiceError::internal)??;
        Ok(v1::ReadTableRowsResponse { rows, total })
    }
}

/// The columns of a request; `None`: all.
fn columns(given: &[u32]) -> Result<Option<Vec<usize>>, ServiceError> {
    let most = ReadLimits::DEFAULT.columns;
    if given.len() > most {
        return Err(ServiceError::malformed("columns", format!("must be at most {most}")));
    }
    let columns = given.iter().map(|column| *column as usize).collect();
    Ok(Some(columns).filter(|columns: &Vec<usize>| !columns.is_empty()))
}
