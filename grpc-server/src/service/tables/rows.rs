//! Rows of a table, or of a view of it, by their positions.
//!
//! Not a query: a view has its filter and its order already. Invariant: a page costs the pages of Parquet that hold it,
//! whatever the number of rows; its work is that of a thread with less priority, of which an account has few.

use std::sync::Arc;

use gridloom::v1;

use super::Tables;
use super::failure::damaged;
use super::wire::{check_etag, rows_to_wire};
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use model::Role;
use model::limits::tables::{TABLE_ROWS, TABLE_ROWS_MOST};
use tables::ReadLimits;

/// More than the bytes of a position in an answer.
const POSITION_BYTES: usize = 10;

impl Tables {
    pub(super) async fn rows(
        &self,
        identity: &Identity,
        request: &v1::ReadTableRowsRequest,
    ) -> Result<v1::ReadTableRowsResponse, ServiceError> {
        let file = self.file(identity, &request.file_id, Role::Viewer).await?;
        let table = self.store.file_table(file.owner, file.id, request.table).await?;
        let table = table.ok_or(ServiceError::NotFound("table"))?;
        check_etag(&table, &request.etag)?;
        let view = match &*request.view_id {
            "" => None,
            id => Some(self.view(&file, table.number, id).await?),
        };
        let (content, total, of_view) = match view {
            Some(view) => ((view.content, view.pieces), view.rows, true),
            None => ((table.content, table.pieces), table.rows, false),
        };
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
            let open = open.table(content).map_err(damaged)?;
            let columns = columns.unwrap_or_else(|| (0..open.columns().len()).collect());
            let rows = open.rows_at(first, count, &columns, most_bytes).map_err(damaged)?;
            let beside_bytes = if of_view { rows.len() * POSITION_BYTES } else { 0 };
            let rows = rows_to_wire(&rows, beside_bytes, most_bytes)?;
            let count = u32::try_from(rows.len()).map_err(ServiceError::internal)?;
            let positions = match of_view && count > 0 {
                true => open.positions_at(first, count).map_err(damaged)?,
                false => Vec::new(),
            };
            Ok::<_, ServiceError>((rows, positions))
        });
        let (rows, positions) = read.await.map_err(ServiceError::internal)??;
        Ok(v1::ReadTableRowsResponse { rows, total, positions })
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
