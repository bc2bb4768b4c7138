//! A batch as the parameters of its statement: one array for each column of each table.
//!
//! Not the statement: see `statements`. Invariant: a value that Postgres can't hold is an error before anything is
//! sent.

use ot_engine::{Delta, codec};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::statements::{COMMIT_ALL, COMMIT_CELLS, COMMIT_SPANS};
use crate::StoreError;
use crate::rows::cells::write_cells;
use crate::sheets::bytes::{CHANGE_BYTES, TUPLE_BYTES};
use crate::sql::{
    JsonText, Micros, check_text, group_to_sql, kind_to_sql, origin_to_sql, to_bigint,
};
use model::CommitBatch;

/// One array for each column of each table.
pub(super) struct Arrays {
    sheet: Uuid,
    previous: i64,
    head: i64,
    next_row_id: i64,
    next_column_id: i64,
    row_count: i64,
    changed: Micros,
    entries: EntryArrays,
    row_ids: Vec<i64>,
    row_cells: Vec<JsonText>,
    first_new_row: i64,
    /// What the tables grow by at most.
    written_bytes: i64,
    removed_spans: Vec<i64>,
    spans: [Vec<i64>; 3],
    columns: Option<ColumnArrays>,
}

#[derive(Default)]
struct EntryArrays {
    revisions: Vec<i64>,
    clients: Vec<Uuid>,
    sequences: Vec<i64>,
    bases: Vec<i64>,
    accounts: Vec<Uuid>,
    times: Vec<Micros>,
    deltas: Vec<Vec<u8>>,
    inverses: Vec<Option<Vec<u8>>>,
    origins: Vec<&'static str>,
    targets: Vec<Option<i64>>,
    groups: Vec<Option<i64>>,
}

#[derive(Default)]
struct ColumnArrays {
    ids: Vec<i64>,
    names: Vec<String>,
    kinds: Vec<&'static str>,
    widths: Vec<Option<i64>>,
    settings: Vec<String>,
}

impl Arrays {
    pub(super) fn new(batch: &CommitBatch) -> Result<Self, StoreError> {
        let mut row_ids = Vec::with_capacity(batch.row_patches.len());
        let mut row_cells = Vec::with_capacity(batch.row_patches.len());
        for (id, patch) in &batch.row_patches {
            let mut json = Vec::new();
            write_cells(patch.cells().iter().map(|(column, value)| (*column, value)), &mut json)?;
            row_ids.push(to_bigint(id.0)?);
            row_cells.push(JsonText(json));
        }
        let mut spans = [Vec::new(), Vec::new(), Vec::new()];
        for span in &batch.upserted_spans {
            spans[0].push(span.key);
            spans[1].push(to_bigint(span.start.0)?);
            spans[2].push(i64::from(span.length));
        }
        // One statement cannot delete and write the same row.
        let kept: rustc_hash::FxHashSet<i64> = spans[0].iter().copied().collect();
        let removed = batch.removed_spans.iter().copied().filter(|key| !kept.contains(key));
        let entries = EntryArrays::new(batch)?;
        let cells: usize = row_cells.iter().map(|json| TUPLE_BYTES + json.0.len()).sum();
        // The cells of a row are written twice: as they are, and as they were.
        let spans_bytes = TUPLE_BYTES * spans[0].len();
        let written_bytes = to_bigint((entries.bytes() + 2 * cells + spans_bytes) as u64)?;
        Ok(Self {
            sheet: batch.sheet.0,
            previous: to_bigint(batch.previous.0)?,
            head: to_bigint(batch.head.0)?,
            next_row_id: to_bigint(batch.next_row_id.0)?,
            next_column_id: to_bigint(batch.next_column_id.0)?,
            row_count: i64::from(batch.row_count),
            changed: Micros(batch.entries.last().map_or(0, |entry| entry.at_micros)),
            entries,
            row_ids,
            row_cells,
            first_new_row: to_bigint(batch.first_new_row.0)?,
            written_bytes,
            removed_spans: removed.collect(),
            spans,
            columns: ColumnArrays::new(batch)?,
        })
    }

    /// The smallest statement that does it, and its parameters.
    pub(super) fn statement(&self) -> (&'static str, Vec<&(dyn ToSql + Sync)>) {
        let entries = &self.entries;
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![
            &self.sheet,
            &self.previous,
            &self.head,
            &self.next_row_id,
            &self.next_column_id,
            &self.row_count,
            &self.changed,
            &entries.revisions,
            &entries.clients,
            &entries.sequences,
            &entries.bases,
            &entries.accounts,
            &entries.times,
            &entries.deltas,
            &entries.inverses,
            &entries.origins,
            &entries.targets,
            &self.row_ids,
            &self.row_cells,
            &self.first_new_row,
            &self.written_bytes,
            &entries.groups,
        ];
        let spans_change = !self.removed_spans.is_empty() || !self.spans[0].is_empty();
        if !spans_change && self.columns.is_none() {
            return (COMMIT_CELLS, parameters);
        }
        parameters.push(&self.removed_spans);
        parameters.extend(self.spans.iter().map(|array| array as &(dyn ToSql + Sync)));
        let Some(columns) = &self.columns else {
            return (COMMIT_SPANS, parameters);
        };
        let columns: [&(dyn ToSql + Sync); 5] =
            [&columns.ids, &columns.names, &columns.kinds, &columns.widths, &columns.settings];
        parameters.extend(columns);
        (COMMIT_ALL, parameters)
    }
}

impl EntryArrays {
    fn new(batch: &CommitBatch) -> Result<Self, StoreError> {
        let mut arrays = Self::default();
        for entry in &batch.entries {
            arrays.revisions.push(to_bigint(entry.revision.0)?);
            arrays.clients.push(Uuid::from_u128(entry.client.0));
            arrays.sequences.push(to_bigint(entry.sequence.0)?);
            arrays.bases.push(to_bigint(entry.base.0)?);
            arrays.accounts.push(entry.account.0);
            arrays.times.push(Micros(entry.at_micros));
            arrays.deltas.push(encoded(&entry.delta));
            let (origin, target) = origin_to_sql(entry.origin)?;
            arrays.origins.push(origin);
            arrays.targets.push(target);
            arrays.groups.push(group_to_sql(entry.group));
        }
        arrays.inverses.extend(batch.inverses.iter().map(|it| it.as_ref().map(encoded)));
        Ok(arrays)
    }

    /// What they take in the log.
    fn bytes(&self) -> usize {
        let (deltas, inverses) = (self.deltas.iter(), self.inverses.iter().flatten());
        CHANGE_BYTES * self.deltas.len() + deltas.chain(inverses).map(Vec::len).sum::<usize>()
    }
}

fn encoded(delta: &Delta) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode_delta(delta, &mut bytes);
    bytes
}

impl ColumnArrays {
    fn new(batch: &CommitBatch) -> Result<Option<Self>, StoreError> {
        let Some(columns) = &batch.columns else { return Ok(None) };
        let mut arrays = Self::default();
        for column in columns {
            check_text(&column.name)?;
            arrays.ids.push(to_bigint(column.id.0)?);
            arrays.names.push(column.name.to_string());
            arrays.kinds.push(kind_to_sql(column.kind));
            arrays.widths.push(column.width.map(i64::from));
            check_text(&column.settings)?;
            arrays.settings.push(column.settings.to_string());
        }
        Ok(Some(arrays))
    }
}
