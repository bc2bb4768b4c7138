//! The large tables of a sheet, page by page along their keys.
//!
//! Not what a row means. Invariant: a page ends at a bound in bytes, so that a few huge rows are read one by one.

use ot_engine::codec;
use tokio_postgres::Row;

use super::{Audit, AuditedBefore, AuditedChange, AuditedRow, PAGE_BYTES, PAGE_ROWS, client};
use crate::StoreError;
use crate::rows::cells::read_patch;
use crate::sql::{JsonSlice, origin_from_sql};
use model::Origin;

/// The size of a value is known without reading it, so what the page leaves out costs little.
/// Bound: [`PAGE_BYTES`] of deltas, and one change.
const CHANGES: &str = "
    select revision, client, sequence, base, batch, origin, target, delta, inverse
    from (
        select *, sum(bytes) over (order by revision) - bytes as before
        from (
            select *, octet_length(delta) + coalesce(octet_length(inverse), 0) as bytes
            from changes where sheet = $1 and revision > $2 order by revision limit $3
        ) as page
    ) as page
    where before <= $4 order by revision";

/// Bound: [`PAGE_BYTES`] as Postgres stores them, and one row.
const ROWS: &str = "
    select id, cells
    from (
        select *, sum(pg_column_size(cells)) over (order by id) - pg_column_size(cells) as before
        from (select * from rows where sheet = $1 and id > $2 order by id limit $3) as page
    ) as page
    where before <= $4 order by id";

/// Bound: [`PAGE_BYTES`] as Postgres stores them, and one row.
const BEFORE_IMAGES: &str = "
    select id, cells, revision, through, exists (
        select from rows where rows.sheet = $1 and rows.id = page.id
    )
    from (
        select *, sum(pg_column_size(cells)) over (order by through, id, revision)
            - pg_column_size(cells) as before
        from (
            select * from before_images
            where sheet = $1 and (through, id, revision) > ($2, $5, $6)
            order by through, id, revision limit $3
        ) as page
    ) as page
    where before <= $4 order by through, id, revision";

impl Audit {
    /// The next changes after a revision, in order; none at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn changes(&self, after: i64) -> Result<Vec<AuditedChange>, StoreError> {
        let parameters = [&self.sheet.0 as _, &after as _, &PAGE_ROWS as _, &PAGE_BYTES as _];
        self.query(CHANGES, &parameters).await?.iter().map(change).collect()
    }

    /// The next rows after an id, in order; none at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn rows(&self, after: i64) -> Result<Vec<AuditedRow>, StoreError> {
        let parameters = [&self.sheet.0 as _, &after as _, &PAGE_ROWS as _, &PAGE_BYTES as _];
        self.query(ROWS, &parameters).await?.iter().map(row).collect()
    }

    /// What commits overwrote, in the order of the commits and of the rows, after one of them; none
    /// at the end.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn before_images(
        &self,
        (through, id, revision): (i64, i64, i64),
    ) -> Result<Vec<AuditedBefore>, StoreError> {
        let parameters = [
            &self.sheet.0 as _,
            &through as _,
            &PAGE_ROWS as _,
            &PAGE_BYTES as _,
            &id as _,
            &revision as _,
        ];
        let before = |found: &Row| {
            let (revision, through, has_row) =
                (found.try_get(2)?, found.try_get(3)?, found.try_get(4)?);
            Ok(AuditedBefore { revision, through, has_row, row: row(found)? })
        };
        self.query(BEFORE_IMAGES, &parameters).await?.iter().map(before).collect()
    }
}

fn change(row: &Row) -> Result<AuditedChange, StoreError> {
    let origin: Result<Origin, StoreError> = origin_from_sql(row.try_get(5)?, row.try_get(6)?);
    let decode = |bytes: &[u8]| codec::decode_delta(bytes).map_err(|error| error.to_string());
    let inverse: Option<&[u8]> = row.try_get(8)?;
    Ok(AuditedChange {
        revision: row.try_get(0)?,
        client: client(row, 1)?,
        sequence: row.try_get(2)?,
        base: row.try_get(3)?,
        batch: row.try_get(4)?,
        origin: origin.map_err(|error| error.to_string()),
        delta: decode(row.try_get(7)?),
        inverse: inverse.map(decode).transpose(),
    })
}

/// The first two columns of a statement.
fn row(row: &Row) -> Result<AuditedRow, StoreError> {
    let cells: JsonSlice<'_> = row.try_get(1)?;
    let cells = read_patch(cells.0).map_err(|error| error.to_string());
    Ok(AuditedRow { id: row.try_get(0)?, cells })
}
