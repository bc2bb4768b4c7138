//! Lands a batch: the operation log, the rows, the order of lines and the head, all or nothing.
//!
//! One statement does it all. So it is one transaction, one round trip and one flush of Postgres's
//! log, whatever the size of the batch; every part hangs on the update of the head, which finds no
//! row unless the sheet is where the batch stands.
//!
//! Invariant: a batch lands once. Landing it again changes nothing and is told as success.

use std::pin::pin;
use std::time::Duration;

use ot_engine::{Delta, Revision, codec};
use tokio::time::{sleep, timeout};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::cells::write_cells;
use super::sql::{
    JsonText, Micros, check_text, from_bigint, kind_to_sql, origin_to_sql, to_bigint,
};
use super::{COMMIT_TIMEOUT, QUERY_TIMEOUT, Store, StoreError};
use crate::model::CommitBatch;

/// An attempt that is not answered within this may stand on a dead connection: the same is tried on
/// another one.
const ANSWER_SOON: Duration = Duration::from_secs(3);
/// How long such a further attempt may take: as long as a large batch does.
const ELSEWHERE_TIMEOUT: Duration = Duration::from_secs(30);
/// Pause before the next of them when there is no connection.
const ELSEWHERE_PAUSE: Duration = Duration::from_millis(500);

/// The part of every commit. All its parts see the tables as they were before it, so `was` finds
/// what the rows held. On a row that exists the patch wins, and its nulls take cells away; on
/// one that does not they stay, and mean nothing to readers: leaving them out of what is inserted
/// would leave them out of `excluded`, too.
macro_rules! commit_cells {
    () => {
        "with head as (
            update sheets set head = $3, next_row_id = $4, next_column_id = $5, row_count = $6,
                changed_at = greatest(changed_at, $7)
            where id = $1 and head = $2
            returning id
        ), log as (
            insert into changes (
                sheet, revision, client, sequence, base, account, at, delta, inverse, origin, target,
                batch
            )
            select head.id, entry.*, $2 from head, unnest(
                $8::bigint[], $9::uuid[], $10::bigint[], $11::bigint[], $12::uuid[],
                $13::timestamptz[], $14::bytea[], $15::bytea[], $16::text[], $17::bigint[]
            ) as entry
        ), was as (
            insert into befores (sheet, id, revision, through, cells)
            select head.id, patch.id, $2, $3, (
                select jsonb_object_agg(key, rows.cells -> key)
                from jsonb_object_keys(patch.cells) as key
            )
            from head
            cross join unnest($18::bigint[], $19::jsonb[]) as patch (id, cells)
            left join rows on rows.sheet = $1 and rows.id = patch.id
            where patch.id < $20
        ), bodies as (
            insert into rows (sheet, id, cells)
            select head.id, patch.* from head, unnest($18::bigint[], $19::jsonb[]) as patch
            on conflict (sheet, id) do update
            set cells = jsonb_strip_nulls(rows.cells || excluded.cells)
        )"
    };
}

/// The part of commits that change the order of rows.
macro_rules! commit_spans {
    () => {
        ", gone as (
            delete from spans using head
            where spans.sheet = head.id and spans.key = any($21::bigint[])
        ), placed as (
            insert into spans (sheet, key, start, length)
            select head.id, span.* from head,
                unnest($22::bigint[], $23::bigint[], $24::bigint[]) as span
            on conflict (sheet, key) do update
            set start = excluded.start, length = excluded.length
        )"
    };
}

/// The part of commits that change columns.
macro_rules! commit_columns {
    () => {
        ", dropped as (
            delete from columns using head
            where columns.sheet = head.id and columns.id <> all($25::bigint[])
        ), listed as (
            insert into columns (sheet, id, position, name, kind, width)
            select head.id, item.id, item.place - 1, item.name, item.kind, item.width
            from head, unnest($25::bigint[], $26::text[], $27::text[], $28::bigint[])
                with ordinality as item (id, name, kind, width, place)
            on conflict (sheet, id) do update
            set position = excluded.position, name = excluded.name, kind = excluded.kind,
                width = excluded.width
        )"
    };
}

const COMMIT_CELLS: &str = concat!(commit_cells!(), " select 1 from head");
const COMMIT_SPANS: &str = concat!(commit_cells!(), commit_spans!(), " select 1 from head");
const COMMIT_ALL: &str =
    concat!(commit_cells!(), commit_spans!(), commit_columns!(), " select 1 from head");

/// Where a sheet is, and whether an entry of a batch is in the log.
const LOOK: &str = "
    select head, exists (
        select from changes
        where sheet = sheets.id and revision = $2 and client = $3 and sequence = $4
    )
    from sheets where id = $1";

impl Store {
    /// Writes a batch in one transaction, if the sheet is at `batch.previous`. A batch that has
    /// landed already (the answer was lost) is a success as well.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may have landed or not; try the same batch again.
    /// [`StoreError::Conflict`]: the sheet is elsewhere and nothing was written.
    /// [`StoreError::NotFound`]: there is no such sheet.
    pub async fn commit(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        let arrays = Arrays::new(batch)?;
        let mut attempt = pin!(self.attempt(&arrays));
        let landed = match timeout(ANSWER_SOON, attempt.as_mut()).await {
            Ok(landed) => landed?,
            Err(_) => self.attempt_elsewhere(attempt, &arrays).await?,
        };
        if landed { Ok(()) } else { self.explain_refusal(batch).await }
    }

    /// Whether the sheet was where the batch stands.
    async fn attempt(&self, arrays: &Arrays) -> Result<bool, StoreError> {
        let (sql, parameters) = arrays.statement();
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            connection.query_opt(&statement, &parameters).await
        };
        Ok(connection.within(COMMIT_TIMEOUT, query).await?.is_some())
    }

    /// Goes on waiting, and tries the same on other connections meanwhile: one that died without
    /// anybody's telling never answers. If Postgres is still at the first attempt, the others wait
    /// there for the lock on the sheet, and find it where the batch ends.
    async fn attempt_elsewhere(
        &self,
        mut attempt: impl Future<Output = Result<bool, StoreError>> + Unpin,
        arrays: &Arrays,
    ) -> Result<bool, StoreError> {
        loop {
            // What lies idle may be as dead.
            self.pool.retain(|_, _| false);
            let another = async {
                match timeout(ELSEWHERE_TIMEOUT, self.attempt(arrays)).await {
                    Ok(Err(error)) if error.is_unavailable() => {
                        sleep(ELSEWHERE_PAUSE).await;
                        None
                    }
                    answered => answered.ok(),
                }
            };
            tokio::select! {
                landed = &mut attempt => return landed,
                answered = another => if let Some(landed) = answered {
                    return landed;
                },
            }
        }
    }

    /// Why a batch found no sheet at its revision: it is there already, or in conflict.
    async fn explain_refusal(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        let Some(last) = batch.entries.last() else {
            return Err(StoreError::Invalid("a batch without entries".into()));
        };
        let revision = to_bigint(last.revision.0)?;
        let sequence = to_bigint(last.sequence.0)?;
        let client = Uuid::from_u128(last.client.0);
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(LOOK).await?;
            let parameters: [&(dyn ToSql + Sync); 4] =
                [&batch.sheet.0, &revision, &client, &sequence];
            connection.query_opt(&statement, &parameters).await
        };
        let row = connection.within(QUERY_TIMEOUT, query).await?;
        let row = row.ok_or(StoreError::NotFound("sheet"))?;
        if row.try_get(1)? {
            return Ok(());
        }
        let found = Revision(from_bigint(row.try_get(0)?)?);
        Err(StoreError::Conflict { expected: batch.previous, found })
    }
}

/// A batch as the parameters of its statement: one array for each column of each table.
struct Arrays {
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
}

struct ColumnArrays {
    ids: Vec<i64>,
    names: Vec<String>,
    kinds: Vec<&'static str>,
    widths: Vec<Option<i64>>,
}

impl Arrays {
    fn new(batch: &CommitBatch) -> Result<Self, StoreError> {
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
        Ok(Self {
            sheet: batch.sheet.0,
            previous: to_bigint(batch.previous.0)?,
            head: to_bigint(batch.head.0)?,
            next_row_id: to_bigint(batch.next_row_id.0)?,
            next_column_id: to_bigint(batch.next_column_id.0)?,
            row_count: i64::from(batch.row_count),
            changed: Micros(batch.entries.last().map_or(0, |entry| entry.at_micros)),
            entries: EntryArrays::new(batch)?,
            row_ids,
            row_cells,
            first_new_row: to_bigint(batch.first_new_row.0)?,
            removed_spans: removed.collect(),
            spans,
            columns: ColumnArrays::new(batch)?,
        })
    }

    /// The smallest statement that does it, and its parameters.
    fn statement(&self) -> (&'static str, Vec<&(dyn ToSql + Sync)>) {
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
        let columns: [&(dyn ToSql + Sync); 4] =
            [&columns.ids, &columns.names, &columns.kinds, &columns.widths];
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
        }
        arrays.inverses.extend(batch.inverses.iter().map(|it| it.as_ref().map(encoded)));
        Ok(arrays)
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
        let mut arrays =
            Self { ids: Vec::new(), names: Vec::new(), kinds: Vec::new(), widths: Vec::new() };
        for column in columns {
            check_text(&column.name)?;
            arrays.ids.push(to_bigint(column.id.0)?);
            arrays.names.push(column.name.to_string());
            arrays.kinds.push(kind_to_sql(column.kind));
            arrays.widths.push(column.width.map(i64::from));
        }
        Ok(Some(arrays))
    }
}
