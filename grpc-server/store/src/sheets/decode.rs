//! Rows of the tables of sheets as domain types.
//!
//! Not the statements: their columns are named here by place. Invariant: an inconsistency is an error, and never
//! repaired.

use std::sync::Arc;

use ot_engine::{ColumnId, Revision, RowId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::bytes::SMALL_ROW_BYTES;
use crate::StoreError;
use crate::sql::{Micros, from_bigint, kind_from_sql, u32_from_bigint};
use model::{AccountId, ColumnRecord, SheetId, SheetName, SheetRecord, SheetSummary, Span};

pub(crate) fn decode_record(row: &Row) -> Result<SheetRecord, StoreError> {
    Ok(SheetRecord {
        id: SheetId(row.try_get(0)?),
        owner: AccountId(row.try_get(1)?),
        name: Arc::from(row.try_get::<_, &str>(2)?),
        version: from_bigint(row.try_get(3)?)?,
        epoch: from_bigint(row.try_get(4)?)?,
        head: Revision(from_bigint(row.try_get(5)?)?),
        next_row_id: RowId(from_bigint(row.try_get(6)?)?),
        next_column_id: ColumnId(from_bigint(row.try_get(7)?)?),
        row_count: u32_from_bigint(row.try_get(8)?)?,
        created_micros: row.try_get::<_, Micros>(9)?.0,
        changed_micros: row.try_get::<_, Micros>(10)?.0,
        deleted_micros: row.try_get::<_, Option<Micros>>(11)?.map(|at| at.0),
        columns: decode_columns(row, 12)?,
        spans: decode_spans(row)?,
        set_aside: row.try_get::<_, Option<&str>>(20)?.map(Arc::from),
        largest_row: row.try_get::<_, Option<i64>>(21)?.map_or(Ok(SMALL_ROW_BYTES), from_bigint)?,
    })
}

/// From five arrays, of which `first` is the first. Arrays of nothing come as null.
pub(crate) fn decode_columns(row: &Row, first: usize) -> Result<Vec<ColumnRecord>, StoreError> {
    let ids: Vec<i64> = row.try_get::<_, Option<_>>(first)?.unwrap_or_default();
    let names: Vec<&str> = row.try_get::<_, Option<_>>(first + 1)?.unwrap_or_default();
    let kinds: Vec<&str> = row.try_get::<_, Option<_>>(first + 2)?.unwrap_or_default();
    let widths: Vec<Option<i64>> = row.try_get::<_, Option<_>>(first + 3)?.unwrap_or_default();
    let settings: Vec<Option<&str>> = row.try_get::<_, Option<_>>(first + 4)?.unwrap_or_default();
    let mut columns = Vec::with_capacity(ids.len());
    let parts = ids.into_iter().zip(names).zip(kinds).zip(widths).zip(settings);
    for ((((id, name), kind), width), settings) in parts {
        columns.push(ColumnRecord {
            id: ColumnId(from_bigint(id)?),
            name: Arc::from(name),
            kind: kind_from_sql(kind)?,
            width: width.map(u32_from_bigint).transpose()?,
            // A checkpoint of an earlier release has none: see `Order::knows_settings`.
            settings: Arc::from(settings.unwrap_or_default()),
        });
    }
    Ok(columns)
}

fn decode_spans(row: &Row) -> Result<Vec<Span>, StoreError> {
    let keys: Vec<i64> = row.try_get::<_, Option<_>>(17)?.unwrap_or_default();
    let starts: Vec<i64> = row.try_get::<_, Option<_>>(18)?.unwrap_or_default();
    let lengths: Vec<i64> = row.try_get::<_, Option<_>>(19)?.unwrap_or_default();
    let mut spans = Vec::with_capacity(keys.len());
    for ((key, start), length) in keys.into_iter().zip(starts).zip(lengths) {
        let start = RowId(from_bigint(start)?);
        spans.push(Span { key, start, length: u32_from_bigint(length)? });
    }
    let total: u64 = spans.iter().map(|span| u64::from(span.length)).sum();
    let row_count: i64 = row.try_get(8)?;
    if total != from_bigint(row_count)? {
        let sheet: Uuid = row.try_get(0)?;
        return Err(StoreError::Corrupt(format!(
            "the spans of sheet {sheet} hold {total} rows, not {row_count}"
        )));
    }
    Ok(spans)
}

/// A sheet, its owner and its name.
pub(super) fn decode_owner(row: &Row) -> Result<(SheetId, AccountId, SheetName), StoreError> {
    let version = from_bigint(row.try_get(2)?)?;
    let name = SheetName { version, name: Arc::from(row.try_get::<_, &str>(3)?) };
    Ok((SheetId(row.try_get(0)?), AccountId(row.try_get(1)?), name))
}

pub(crate) fn decode_summary(row: &Row) -> Result<SheetSummary, StoreError> {
    Ok(SheetSummary {
        id: SheetId(row.try_get(0)?),
        owner: AccountId(row.try_get(1)?),
        name: Arc::from(row.try_get::<_, &str>(2)?),
        version: from_bigint(row.try_get(3)?)?,
        head: Revision(from_bigint(row.try_get(4)?)?),
        row_count: u32_from_bigint(row.try_get(5)?)?,
        column_count: u32_from_bigint(row.try_get(6)?)?,
        created_micros: row.try_get::<_, Micros>(7)?.0,
        changed_micros: row.try_get::<_, Micros>(8)?.0,
        deleted_micros: row.try_get::<_, Option<Micros>>(9)?.map(|at| at.0),
        owner_name: Arc::from(row.try_get::<_, &str>(10)?),
    })
}
