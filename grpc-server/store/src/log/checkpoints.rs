//! The order of rows and the columns, as they were at some revisions: where a walk to any other
//! revision begins.
//!
//! Not the walk itself: the sheet's `time_travel` does it. Invariant: history goes back to a sheet's oldest checkpoint;
//! from there on the log has every change, its inverse, and what it overwrote.

use ot_engine::{ColumnId, Delta, Revision, RowId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::sheets::decode_columns;
use crate::sql::{from_bigint, to_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::sizes::LOG_PAGE_BYTES;
use model::{Order, SPAN_KEY_GAP, SheetId, Span};

/// One statement, so all of it is from one moment.
const NOTE: &str = "
    with noted as (
    insert into checkpoints (sheet, revision, spans, columns, next_row_id, next_column_id)
    select
        sheets.id,
        sheets.head,
        coalesce((
            select array_agg(value order by spans.key, place)
            from spans,
                unnest(array[spans.start, spans.length]) with ordinality as pair (value, place)
            where spans.sheet = sheets.id
        ), '{}'),
        coalesce((
            select jsonb_agg(
                jsonb_build_object('id', columns.id, 'name', columns.name, 'kind', columns.kind,
                    'width', columns.width, 'settings', columns.settings)
                order by columns.position
            )
            from columns where columns.sheet = sheets.id
        ), '[]'),
        sheets.next_row_id,
        sheets.next_column_id
    from sheets
    where id = $1 and $2 <= (
        select count(*) from changes
        where sheet = $1 and inverse is not null and revision <= sheets.head and revision > coalesce(
            (select max(revision) from checkpoints where sheet = $1), -1
        )
    )
    on conflict do nothing
    returning sheet, pg_column_size(spans) + pg_column_size(columns) as bytes
    )
    update sheets set written_bytes = written_bytes + noted.bytes from noted
    where sheets.id = noted.sheet";

/// Bound: the spans and columns that a sheet may have.
pub(crate) const CHECKPOINT: &str = "
    select listed.ids, listed.names, listed.kinds, listed.widths, listed.settings,
        spans, next_row_id, next_column_id
    from checkpoints
    cross join lateral (
        select array_agg(id order by place) as ids, array_agg(name order by place) as names,
            array_agg(kind order by place) as kinds, array_agg(width order by place) as widths,
            array_agg(settings order by place) as settings
        from rows from (
            jsonb_to_recordset(columns)
                as (id bigint, name text, kind text, width bigint, settings text)
        ) with ordinality as item (id, name, kind, width, settings, place)
    ) as listed
    where sheet = $1 and revision = $2";

const AROUND: &str = "
    select below.at, above.at,
        (
            select count(*) from changes where sheet = $1 and inverse is not null
                and revision > below.at and revision <= $2
        ),
        (
            select count(*) from changes where sheet = $1 and inverse is not null
                and revision > $2 and revision <= coalesce(above.at, $3)
        )
    from (
        select max(revision) as at from checkpoints where sheet = $1 and revision <= $2
    ) as below, (
        select min(revision) as at from checkpoints where sheet = $1 and revision >= $2
    ) as above";

/// Bound: `LOG_PAGE_BYTES` of changes and one more.
pub(crate) const CHANGES_OF_LINES: &str = "
    select revision, delta from (
        select revision, delta, sum(octet_length(delta)) over (
            order by revision rows between unbounded preceding and 1 preceding
        ) as bytes_before
        from changes
        where sheet = $1 and inverse is not null and revision > $2 and revision <= $3
        order by revision limit $4
    ) as page
    where coalesce(bytes_before, 0) < $5 order by revision";

const INVERSES_OF_LINES: &str = "
    select revision, inverse from (
        select revision, inverse, sum(octet_length(inverse)) over (
            order by revision desc rows between unbounded preceding and 1 preceding
        ) as bytes_before
        from changes
        where sheet = $1 and inverse is not null and revision > $3 and revision <= $2
        order by revision desc limit $4
    ) as page
    where coalesce(bytes_before, 0) < $5 order by revision desc";

/// The checkpoints on both sides of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// The last one up to the revision; `None`: history does not go back so far.
    pub below: Option<Revision>,
    /// The first one from the revision on; `None`: there is only the sheet as it is now.
    pub above: Option<Revision>,
    /// Changes of lines from `below` to the revision.
    pub steps_forward: u64,
    /// Changes of lines from the revision to `above`, or to now.
    pub steps_back: u64,
}

impl Store {
    /// Notes the order of a sheet at its head, if this many changes of lines have been committed since the
    /// last checkpoint.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_order(&self, sheet: SheetId, after_changes: u32) -> Result<(), StoreError> {
        self.execute(NOTE, &[&sheet.0, &i64::from(after_changes)]).await.map(|_| ())
    }

    /// The checkpoints around a revision of a sheet that is at `head`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn checkpoints_around(
        &self,
        sheet: SheetId,
        revision: Revision,
        head: Revision,
    ) -> Result<Around, StoreError> {
        let (revision, head) = (to_bigint(revision.0)?, to_bigint(head.0)?);
        let row = self.query_one(AROUND, &[&sheet.0, &revision, &head]).await?;
        let at = |column| -> Result<Option<Revision>, StoreError> {
            let at: Option<i64> = row.try_get(column)?;
            at.map(|at| Ok(Revision(from_bigint(at)?))).transpose()
        };
        Ok(Around {
            below: at(0)?,
            above: at(1)?,
            steps_forward: from_bigint(row.try_get(2)?)?,
            steps_back: from_bigint(row.try_get(3)?)?,
        })
    }

    /// The order at a checkpoint; `None` when there is none at this revision.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn checkpoint(
        &self,
        sheet: SheetId,
        revision: Revision,
    ) -> Result<Option<Order>, StoreError> {
        let revision = to_bigint(revision.0)?;
        let row = self.query_opt(CHECKPOINT, &[&sheet.0, &revision]).await?;
        row.as_ref().map(decode_order).transpose()
    }

    /// A page of the steps from one revision to another, in the order in which they are taken: forward the changes
    /// that do more than set cells, back their stored inverses. Each has the revision of its change. At most `limit`,
    /// and none after [`LOG_PAGE_BYTES`]; the page is empty when there are no more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn steps(
        &self,
        sheet: SheetId,
        from: Revision,
        to: Revision,
        limit: u32,
    ) -> Result<Vec<(Revision, Delta)>, StoreError> {
        let sql = if from <= to { CHANGES_OF_LINES } else { INVERSES_OF_LINES };
        let (from, to) = (to_bigint(from.0)?, to_bigint(to.0)?);
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&sheet.0, &from, &to, &i64::from(limit), &(LOG_PAGE_BYTES as i64)];
        self.steps_of(sql, sheet, &parameters).await
    }
}

pub(crate) fn decode_order(row: &Row) -> Result<Order, StoreError> {
    let flat: Vec<i64> = row.try_get(5)?;
    let mut spans = Vec::with_capacity(flat.len() / 2);
    for (place, pair) in (0..).zip(flat.chunks_exact(2)) {
        let (start, length) = (RowId(from_bigint(pair[0])?), u32_from_bigint(pair[1])?);
        spans.push(Span { key: SPAN_KEY_GAP.saturating_mul(place), start, length });
    }
    let settings: Vec<Option<&str>> = row.try_get::<_, Option<_>>(4)?.unwrap_or_default();
    Ok(Order {
        spans,
        columns: decode_columns(row, 0)?,
        knows_settings: settings.iter().all(Option::is_some),
        next_row_id: RowId(from_bigint(row.try_get(6)?)?),
        next_column_id: ColumnId(from_bigint(row.try_get(7)?)?),
    })
}
