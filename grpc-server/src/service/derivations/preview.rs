//! The first rows of a source with computed columns.
//!
//! It makes no file. Invariants: it reads no more rows than it shows; it ends within [`PREVIEW_WITHIN`] of its turn, or soon after
//! the piece that it waits for or the row that it computes; an account makes one at a time.

use std::sync::Arc;

use engine::Formula;
use gridloom::convert::kind_to_wire;
use gridloom::v1;
use ot_engine::Value;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use super::columns::chosen;
use super::{Derivations, checked, formulas};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, TableRefusal};
use crate::service::tables::{check_by, rows_to_wire, unanswered};
use crate::service::transfers::source::{self, Source};
use model::limits::derivation_jobs::{COLUMN_PREVIEW_ROWS, COLUMN_PREVIEW_ROWS_MOST};
use model::limits::tables::PREVIEW_WITHIN;

/// The field that makes an answer large, and the request to make instead.
const SMALLER: (&str, &str) = ("source.columns", "choose fewer columns");

/// Answers a request.
pub(super) async fn preview(
    derivations: &Derivations,
    identity: &Identity,
    request: v1::PreviewColumnsRequest,
) -> Result<v1::PreviewColumnsResponse, ServiceError> {
    let v1::PreviewColumnsRequest { source, add, rows } = request;
    let source = source::open(&derivations.store, identity.account, source).await?;
    let add = add.ok_or_else(|| ServiceError::malformed("add", "must be set"))?;
    let computed = checked::computed(&source, add)?;
    let rows = match rows {
        0 => COLUMN_PREVIEW_ROWS,
        rows => rows.min(COLUMN_PREVIEW_ROWS_MOST),
    };
    // Where the place is away, a caller learns it before it waits for its turn.
    derivations.place.ready().await?;
    let turn = derivations.previews.turn(identity.account).await;
    let turn = turn.ok_or(ServiceError::Busy("previews"))?;
    let stop = CancellationToken::new();
    // Also where the caller leaves.
    let _stop_at_end = stop.clone().drop_guard();
    let (open, engine) = (Arc::clone(&derivations.open), derivations.engine.clone());
    let message_bytes = derivations.message_bytes;
    let made = heavy_work::run_apart(move || {
        // A caller that leaves keeps its turn until the thread has ended.
        let _turn = turn;
        let add = formulas::read(&source, &computed).map_err(|unread| unread.refusal())?;
        let table = open.bytes(source.content(), stop.clone());
        let is_over = || stop.is_cancelled();
        let made = engine.preview(table, &source.columns, &add, rows as usize, &is_over);
        let (rows, notes) = made.map_err(unanswered)?;
        answer((&source, &add), &rows, notes, message_bytes)
    });
    let made = tokio::time::timeout(PREVIEW_WITHIN, made).await;
    made.map_err(|_| TableRefusal::PreviewTooSlow)?.map_err(ServiceError::internal)?
}

fn answer(
    (source, add): (&Source, &[(Arc<str>, Formula)]),
    rows: &[Vec<Value>],
    notes: Vec<String>,
    message_bytes: usize,
) -> Result<v1::PreviewColumnsResponse, ServiceError> {
    let of_source = chosen(source).map(|column| v1::TableColumn {
        name: column.name.clone(),
        kind: kind_to_wire(column.kind).into(),
        file_type: column.file_type.clone(),
        misfits: column.misfits,
    });
    let new = add.iter().map(|(name, formula)| v1::TableColumn {
        name: name.to_string(),
        kind: kind_to_wire(formula.kind()).into(),
        ..Default::default()
    });
    let columns = of_source.chain(new).collect();
    let mut answer = v1::PreviewColumnsResponse { columns, rows: Vec::new(), notes };
    check_by(&answer, SMALLER, message_bytes)?;
    let rows = rows_to_wire(rows, answer.encoded_len(), message_bytes);
    answer.rows = rows.map_err(by_source)?;
    // The first row comes whatever is beside it.
    check_by(&answer, SMALLER, message_bytes)?;
    Ok(answer)
}

/// The refusal of a row that is too large, by the field of this request.
fn by_source(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::AnswerTooLarge { limit, .. } => {
            let (field, instead) = SMALLER;
            ServiceError::AnswerTooLarge { field, instead, limit }
        }
        error => error,
    }
}
