//! Reads a whole sheet as it is at one moment, page by page, in the order of its rows.
//!
//! Not a format: it gives bodies. It reads the committed state; a caller that needs later edits waits for their
//! commit first.
//!
//! Invariants: one snapshot from the first page to the last, also while the sheet is edited, and where it is read twice; a page
//! ends behind the row with which it passes its bytes, and the next one continues there.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use ot_engine::{ColumnId, RowId};
use tokio_postgres::RowStream;
use tokio_postgres::types::ToSql;

use crate::database::connection::{Connection, Purpose};
use crate::rows::{Steps, bounds, decode};
use crate::sheets::load;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::sizes::EXPORT_PAGE_BYTES;
use model::{RowBody, SheetId, SheetRecord};

/// Rows in one page, and of one statement.
const PAGE_ROWS: u32 = 4096;

/// The bodies of the rows in ranges of ids, range by range.
const BODIES: &str = "
    select body.id, body.cells
    from unnest($2::bigint[], $3::bigint[]) with ordinality as wanted (low, high, place)
    cross join lateral (
        select id, cells from rows
        where sheet = $1 and id >= wanted.low and id < wanted.high
        offset 0
    ) as body
    order by wanted.place, body.id";

/// Those of some columns that have a value other than text, in any row. It reads each cell once: a lookup for each of
/// the columns takes rows times columns, also where the rows are blank.
///
/// Bound: one key for each of the columns that are asked for.
const BESIDE_TEXT: &str = "
    select distinct cell.key
    from rows cross join lateral jsonb_each(rows.cells) as cell
    where rows.sheet = $1
        and cell.key = any($2::text[])
        and jsonb_typeof(cell.value) in ('number', 'boolean', 'object')";
/// Reading the rows of the largest sheet once.
const SCAN_TIMEOUT: Duration = Duration::from_secs(600);

/// A sheet that is being read.
#[derive(Debug)]
pub struct ExportReader {
    connection: Connection,
    record: SheetRecord,
    /// The first row of which no body was asked for: which span, how far into it.
    span: usize,
    offset: u32,
    /// The rows whose bodies were asked for and that are not in a page yet.
    asked: VecDeque<Range<RowId>>,
    bodies: Option<Bodies>,
    /// Whether the first page follows the last one.
    is_read_again: bool,
    /// Whether the last page was read.
    is_over: bool,
}

/// The bodies that Postgres sends, as far as they are taken.
struct Bodies {
    stream: Pin<Box<RowStream>>,
    /// The first one that is not in a page.
    next: Option<(RowId, RowBody)>,
}

impl std::fmt::Debug for Bodies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bodies").finish_non_exhaustive()
    }
}

impl Bodies {
    /// Takes the next one.
    async fn step(&mut self) -> Result<(), StoreError> {
        let row = self.stream.try_next().await?;
        self.next = row.as_ref().map(decode).transpose()?;
        Ok(())
    }
}

impl Store {
    /// Starts to read a sheet; `None` if there is none with this id. It holds one of the few
    /// connections for bulk work until it is dropped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when too many imports and exports run;
    /// [`StoreError::Corrupt`].
    pub async fn export(&self, sheet: SheetId) -> Result<Option<ExportReader>, StoreError> {
        let connection = Connection::get(&self.pools, Purpose::Bulk).await?;
        connection.discard();
        // A statement takes as long as the caller takes for its rows.
        let begin = "begin isolation level repeatable read read only; \
                     set local statement_timeout = 0";
        connection.within(QUERY_TIMEOUT, connection.batch_execute(begin)).await?;
        let record = load(&connection, sheet).await?;
        Ok(record.map(|record| ExportReader {
            connection,
            record,
            span: 0,
            offset: 0,
            asked: VecDeque::new(),
            bodies: None,
            is_read_again: false,
            is_over: false,
        }))
    }
}

impl ExportReader {
    /// The sheet at that moment.
    #[must_use]
    pub const fn sheet(&self) -> &SheetRecord {
        &self.record
    }

    /// The same reader, which reads its moment twice: after the first end, the next page is the first one again.
    #[must_use]
    pub fn twice(self) -> Self {
        Self { is_read_again: true, ..self }
    }

    /// The next rows in their order, blank ones among them; `None` after the last. They take at most
    /// [`EXPORT_PAGE_BYTES`] of memory, and one row.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`]. The export can't continue after an error.
    pub async fn next_page(&mut self) -> Result<Option<Vec<(RowId, RowBody)>>, StoreError> {
        let Self { connection, record, span, offset, asked, bodies, is_read_again, is_over } = self;
        if *is_over {
            return Ok(None);
        }
        if asked.is_empty() {
            *asked = next_ranges(record, span, offset);
            if asked.is_empty() && std::mem::take(is_read_again) {
                (*span, *offset, *bodies) = (0, 0, None);
                return Ok(None);
            }
            if asked.is_empty() {
                // The transaction has read only; there is nothing to keep.
                connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
                connection.keep();
                *is_over = true;
                return Ok(None);
            }
            *bodies =
                Some(connection.within(QUERY_TIMEOUT, ask(connection, record.id, asked)).await?);
        }
        let Some(bodies) = bodies else { return Err(out_of_order(record.id)) };
        let page = connection.within(QUERY_TIMEOUT, take_page(bodies, asked)).await?;
        match &bodies.next {
            Some(_) if asked.is_empty() => Err(out_of_order(record.id)),
            _ => Ok(Some(page)),
        }
    }

    /// Those of these columns that have a value other than text somewhere. Rows that were deleted may count. It reads the
    /// whole sheet, between two pages.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]. The export can't continue after an error.
    pub async fn columns_beside_text(
        &mut self,
        columns: &[ColumnId],
    ) -> Result<Vec<ColumnId>, StoreError> {
        let Self { connection, record, asked, bodies, .. } = self;
        // An answer that is not taken would keep the next one waiting. The rest is asked for again.
        *bodies = None;
        let keys: Vec<String> = columns.iter().map(|column| column.0.to_string()).collect();
        let parameters: [&(dyn ToSql + Sync); 2] = [&record.id.0, &keys];
        let found = connection.query(BESIDE_TEXT, &parameters);
        let found = connection.within(SCAN_TIMEOUT, found).await?;
        if !asked.is_empty() {
            *bodies =
                Some(connection.within(QUERY_TIMEOUT, ask(connection, record.id, asked)).await?);
        }
        let found: Vec<String> =
            found.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let has = |column: &&ColumnId| found.contains(&column.0.to_string());
        Ok(columns.iter().filter(has).copied().collect())
    }
}

fn out_of_order(sheet: SheetId) -> StoreError {
    StoreError::Corrupt(format!("the rows of sheet {sheet} came out of order"))
}

/// Asks for the bodies of rows.
async fn ask(
    connection: &Connection,
    sheet: SheetId,
    ranges: &VecDeque<Range<RowId>>,
) -> Result<Bodies, StoreError> {
    let ranges: Vec<_> = ranges.iter().cloned().collect();
    let lows = bounds(&ranges, |range| range.start)?;
    let highs = bounds(&ranges, |range| range.end)?;
    let parameters: [&(dyn ToSql + Sync); 3] = [&sheet.0, &lows, &highs];
    let statement = connection.prepare_cached(BODIES).await?;
    let stream = Box::pin(connection.query_raw(&statement, parameters).await?);
    let mut bodies = Bodies { stream, next: None };
    bodies.step().await?;
    Ok(bodies)
}

/// Takes the first rows of `asked` with their bodies: all, or up to the one that passes the bytes of a page.
async fn take_page(
    bodies: &mut Bodies,
    asked: &mut VecDeque<Range<RowId>>,
) -> Result<Vec<(RowId, RowBody)>, StoreError> {
    let (mut page, mut bytes, mut steps) = (Vec::new(), 0, Steps::default());
    while let Some(range) = asked.front_mut() {
        if bytes > EXPORT_PAGE_BYTES {
            break;
        }
        let id = range.start;
        range.start = RowId(id.0 + 1);
        if range.is_empty() {
            asked.pop_front();
        }
        let body = match bodies.next.take_if(|(next, _)| *next == id) {
            Some((_, body)) => {
                bodies.step().await?;
                body
            }
            None => RowBody::default(),
        };
        let weight = body.weight_bytes();
        bytes += weight;
        page.push((id, body));
        steps.after(weight).await;
    }
    Ok(page)
}

/// The ids of the next rows, and a step over them.
fn next_ranges(record: &SheetRecord, at: &mut usize, offset: &mut u32) -> VecDeque<Range<RowId>> {
    let mut ranges = VecDeque::new();
    let mut room = PAGE_ROWS;
    while room > 0
        && let Some(span) = record.spans.get(*at)
    {
        let count = room.min(span.length - *offset);
        let start = span.start.0 + u64::from(*offset);
        if count > 0 {
            ranges.push_back(RowId(start)..RowId(start + u64::from(count)));
        }
        room -= count;
        *offset += count;
        if *offset == span.length {
            *at += 1;
            *offset = 0;
        }
    }
    ranges
}
