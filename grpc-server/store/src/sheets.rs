//! The tables `sheets`, `columns` and `spans`: creates, loads, lists, renames, deletes and restores sheets.
//!
//! Not their cells, and not the rights of a caller: the owner is only a filter here. Invariant: a sheet is created
//! with its columns, rows and first checkpoint, or not at all.

/// What [`decode_summary`] reads, of the table `sheets`.
macro_rules! summary {
    () => {
        "id, owner, name, version, head, row_count,
        (select count(*) from columns where sheet = sheets.id),
        created_at, changed_at, deleted_at,
        (select display_name from accounts where accounts.id = owner)"
    };
}

pub(crate) mod aside;
pub(crate) mod bytes;
mod decode;
mod deletion;
pub(crate) mod purge;
pub(crate) mod stamps;

use ot_engine::Revision;
use tokio_postgres::types::ToSql;

use self::bytes::{SMALL_ROW_BYTES, TUPLE_BYTES};
pub(super) use self::decode::decode_columns;
use self::decode::{decode_owner, decode_record, decode_summary};
use super::error::{violated_unique, violates_reference};
use super::sharing::decode_role;
use super::sql::{Micros, check_text, from_bigint, kind_to_sql, to_bigint};
use super::{QUERY_TIMEOUT, Store, StoreError};
use crate::database::connection::Connection;
use model::{
    AccountId, ColumnRecord, NewSheet, Role, SheetId, SheetName, SheetRecord, SheetSummary,
    now_micros,
};

/// The first id of rows and of columns.
const FIRST_ID: u64 = 1;
/// The key of a new sheet's only span: later ones find room on both sides.
const FIRST_SPAN_KEY: i64 = 0;

/// One statement, so a sheet is there with its columns, rows and first checkpoint, or not at all. The owner is locked, so
/// that the end of its account waits for the sheet; without an owner the other rows refer to no sheet, and are refused.
const CREATE: &str = "
    with able as (
        select id from accounts where id = $2 and ended_at is null for share
    ), sheet as (
        insert into sheets
            (id, owner, name, next_row_id, next_column_id, row_count, created_at, changed_at,
            measured_bytes, written_bytes)
        select $1, able.id, $3, $4::bigint + $6, $5, $6, $7, $7, 0, $12 from able
    ), listed as (
        insert into columns (sheet, id, position, name, kind, width, settings)
        select $1, item.place, item.place - 1, item.name, item.kind, item.width, item.settings
        from unnest($8::text[], $9::text[], $10::bigint[], $13::text[])
            with ordinality as item (name, kind, width, settings, place)
    ), noted as (
        insert into checkpoints (sheet, revision, spans, columns, next_row_id, next_column_id)
        select $1, 0, case when $6 > 0 then array[$4, $6] else '{}' end, coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'id', place, 'name', name, 'kind', kind, 'width', width, 'settings', settings
                ) order by place
            )
            from unnest($8::text[], $9::text[], $10::bigint[], $13::text[])
                with ordinality as item (name, kind, width, settings, place)
        ), '[]'), $4 + $6, $5
    )
    insert into spans (sheet, key, start, length)
    select $1, $11::bigint, $4, $6 where $6 > 0";

/// One statement, so all of it is from one moment.
/// Bound: the columns and spans that a sheet may have: 16,384 names of 1 KiB with settings of 16 KiB, and 500,000 spans of 24 bytes by default.
const LOAD: &str = "
    select
        id, owner, name, version, epoch, head, next_row_id, next_column_id, row_count,
        created_at, changed_at, deleted_at,
        listed.ids, listed.names, listed.kinds, listed.widths, listed.settings,
        ordered.keys, ordered.starts, ordered.lengths,
        (select reason from set_aside where sheet = sheets.id),
        (select bytes from largest_rows where sheet = sheets.id)
    from sheets
    cross join lateral (
        select array_agg(id order by position) as ids, array_agg(name order by position) as names,
            array_agg(kind order by position) as kinds,
            array_agg(width order by position) as widths,
            array_agg(settings order by position) as settings
        from columns where sheet = sheets.id
    ) as listed
    cross join lateral (
        select array_agg(key order by key) as keys, array_agg(start order by key) as starts,
            array_agg(length order by key) as lengths
        from spans where sheet = sheets.id
    ) as ordered
    where id = $1";

const SUMMARY: &str = concat!("select ", summary!(), " from sheets where id = $1");

/// The columns of a summary, before those of the sheet's columns.
const SUMMARY_COLUMNS: usize = 11;

/// Bound: the columns that a sheet may have: 16,384 names of 1 KiB with settings of 16 KiB by default.
const WITH_COLUMNS: &str = concat!(
    "select ",
    summary!(),
    ", listed.ids, listed.names, listed.kinds, listed.widths, listed.settings
    from sheets
    cross join lateral (
        select array_agg(columns.id order by position) as ids,
            array_agg(columns.name order by position) as names,
            array_agg(kind order by position) as kinds,
            array_agg(width order by position) as widths,
            array_agg(settings order by position) as settings
        from columns where sheet = sheets.id
    ) as listed
    where sheets.id = $1"
);

const LARGEST_ROW: &str = "select bytes from largest_rows where sheet = $1";

/// Those that an account owns, and those that it has a role on; of deleted ones those that it owns.
///
/// Bound: two names of 200 characters and numbers for each of `limit` sheets.
const LIST: &str = concat!(
    "select ",
    summary!(),
    ", role_on(id, $1) from sheets
    where (deleted_at is not null) = $2
        and ($3::uuid is null or id < $3)
        and ($4::text is null or position(folded_text($4) in folded_text(name)) > 0)
        and id in (
            select id from sheets where owner = $1
            union all
            select shares.sheet from accounts join shares on shares.email = accounts.email
            where accounts.id = $1 and not $2
            union all
            select links.sheet from link_members join links on links.id = link_members.link
            where link_members.account = $1 and not $2
                and (links.expires_at is null or links.expires_at > now())
        )
    order by id desc limit $5"
);

const RENAME: &str = concat!(
    "with held (held_id) as (
        select id from sheets
        where id = $1 and deleted_at is null and ($3::bigint is null or version = $3)
        for no key update
    )
    update sheets set name = $2, version = version + 1, changed_at = $4 from held
    where id = held_id and holds_role(held_id, $5::uuid, 'editor')
    returning ",
    summary!()
);

/// Which sheets a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct SheetFilter<'a> {
    /// Those that were deleted, rather than those that were not.
    pub deleted: bool,
    /// Those whose name contains this, upper or lower case.
    pub name_contains: Option<&'a str>,
    /// Those after this one in the order of the list: the last of the page before.
    pub after: Option<SheetId>,
}

/// Bound: two ids, a name of 200 characters and a number for each sheet that is given.
const OWNERS: &str = "
    select id, owner, version, name from sheets where id = any($1) and deleted_at is null";

const HEAD: &str = "select head from sheets where id = $1";

impl Store {
    /// The owners and the names of these sheets, without those that are deleted or never were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn owners(
        &self,
        sheets: &[SheetId],
    ) -> Result<Vec<(SheetId, AccountId, SheetName)>, StoreError> {
        let given: Vec<uuid::Uuid> = sheets.iter().map(|sheet| sheet.0).collect();
        let rows = self.for_access().query(OWNERS, &[&given]).await?;
        rows.iter().map(decode_owner).collect()
    }

    /// Makes a sheet with blank rows.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the id is taken; [`StoreError::NotFound`] when there is
    /// no such owner, or its account has ended; [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn create_sheet(&self, sheet: &NewSheet) -> Result<SheetRecord, StoreError> {
        let connection = self.connection().await?;
        insert_sheet(&connection, sheet).await?;
        load(&connection, sheet.id).await?.ok_or(StoreError::NotFound("sheet"))
    }

    /// All that opening a sheet needs, at one moment; `None` if there is none with this id. Deleted
    /// sheets are found, too.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn load_sheet(&self, id: SheetId) -> Result<Option<SheetRecord>, StoreError> {
        load(&self.connection().await?, id).await
    }

    /// A sheet as a list shows it, and its columns: what does not grow with the spans of its rows.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn sheet_with_columns(
        &self,
        id: SheetId,
    ) -> Result<Option<(SheetSummary, Vec<ColumnRecord>)>, StoreError> {
        let row = self.query_opt(WITH_COLUMNS, &[&id.0]).await?;
        row.map(|row| Ok((decode_summary(&row)?, decode_columns(&row, SUMMARY_COLUMNS)?)))
            .transpose()
    }

    /// A bound of the bytes of each committed row of a sheet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn largest_row(&self, id: SheetId) -> Result<u64, StoreError> {
        let row = self.query_opt(LARGEST_ROW, &[&id.0]).await?;
        row.map_or(Ok(SMALL_ROW_BYTES), |row| from_bigint(row.try_get(0)?))
    }

    /// The last committed revision of a sheet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::NotFound`] when there is no such sheet.
    pub async fn head(&self, id: SheetId) -> Result<Revision, StoreError> {
        let row = self.for_commits().query_opt(HEAD, &[&id.0]).await?;
        let row = row.ok_or(StoreError::NotFound("sheet"))?;
        Ok(Revision(from_bigint(row.try_get(0)?)?))
    }

    /// A sheet as a list shows it; `None` if there is none with this id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn sheet_summary(&self, id: SheetId) -> Result<Option<SheetSummary>, StoreError> {
        self.summary(SUMMARY, &[&id.0]).await
    }

    /// Up to `limit` sheets that an account can read, the newest first, with its role on each.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn list_sheets(
        &self,
        account: AccountId,
        filter: SheetFilter<'_>,
        limit: u32,
    ) -> Result<Vec<(SheetSummary, Role)>, StoreError> {
        if let Some(text) = filter.name_contains {
            check_text(text)?;
        }
        let (after, limit) = (filter.after.map(|id| id.0), i64::from(limit));
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&account.0, &filter.deleted, &after, &filter.name_contains, &limit];
        let rows = self.query(LIST, &parameters).await?;
        let listed = |row| Ok((decode_summary(row)?, decode_role(row, SUMMARY_COLUMNS)?));
        rows.iter().map(listed).collect()
    }

    /// Gives a sheet another name, by an editor, if it is still at the version that the caller saw (`None`: at any). Returns
    /// it as it is now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (deleted ones count as gone), [`StoreError::Changed`]: also where `by` is no editor any more,
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn rename_sheet(
        &self,
        id: SheetId,
        name: &str,
        seen_version: Option<u64>,
        by: AccountId,
    ) -> Result<SheetSummary, StoreError> {
        check_text(name)?;
        let seen = seen_version.map(to_bigint).transpose()?;
        let now = Micros(now_micros());
        if let Some(summary) = self.summary(RENAME, &[&id.0, &name, &seen, &now, &by.0]).await? {
            return Ok(summary);
        }
        match self.sheet_summary(id).await? {
            Some(SheetSummary { version, deleted_micros: None, .. }) => {
                Err(StoreError::Changed { found: version })
            }
            _ => Err(StoreError::NotFound("sheet")),
        }
    }

    async fn summary(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<SheetSummary>, StoreError> {
        let row = self.for_access().look_up(sql, parameters).await?;
        row.as_ref().map(decode_summary).transpose()
    }
}

/// Writes a new sheet's tables on a connection that may be in a transaction.
pub(super) async fn insert_sheet(
    connection: &Connection,
    sheet: &NewSheet,
) -> Result<(), StoreError> {
    check_text(&sheet.name)?;
    let mut names = Vec::with_capacity(sheet.columns.len());
    for column in &sheet.columns {
        check_text(&column.name)?;
        check_text(&column.settings)?;
        names.push(&*column.name);
    }
    let settings: Vec<_> = sheet.columns.iter().map(|column| &*column.settings).collect();
    let kinds: Vec<_> = sheet.columns.iter().map(|column| kind_to_sql(column.kind)).collect();
    let widths: Vec<_> = sheet.columns.iter().map(|column| column.width.map(i64::from)).collect();
    let first_row = to_bigint(FIRST_ID)?;
    let next_column = to_bigint(FIRST_ID + sheet.columns.len() as u64)?;
    let (row_count, now) = (i64::from(sheet.row_count), Micros(now_micros()));
    // The first checkpoint has them as well.
    let texts = names.iter().zip(&settings);
    let columns_bytes: usize =
        texts.map(|(name, settings)| 2 * (name.len() + settings.len() + TUPLE_BYTES)).sum();
    let columns_bytes = to_bigint(columns_bytes as u64)?;
    let query = async {
        let statement = connection.prepare_cached(CREATE).await?;
        let parameters: [&(dyn ToSql + Sync); 13] = [
            &sheet.id.0,
            &sheet.owner.0,
            &&*sheet.name,
            &first_row,
            &next_column,
            &row_count,
            &now,
            &names,
            &kinds,
            &widths,
            &FIRST_SPAN_KEY,
            &columns_bytes,
            &settings,
        ];
        match connection.execute(&statement, &parameters).await {
            Err(error) if violated_unique(&error).is_some() => {
                Err(StoreError::AlreadyExists("sheet"))
            }
            Err(error) if violates_reference(&error) => Err(StoreError::NotFound("account")),
            other => Ok(other.map(|_| ())?),
        }
    };
    connection.within(QUERY_TIMEOUT, query).await
}

/// Loads a sheet on a connection that may be in a transaction.
pub(super) async fn load(
    connection: &Connection,
    id: SheetId,
) -> Result<Option<SheetRecord>, StoreError> {
    let query = async {
        let statement = connection.prepare_cached(LOAD).await?;
        connection.query_opt(&statement, &[&id.0]).await
    };
    let row = connection.within(QUERY_TIMEOUT, query).await?;
    row.as_ref().map(decode_record).transpose()
}
