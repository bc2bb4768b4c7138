//! Lists of files, and single ones.
//!
//! Not uploads. A page begins behind the place of a file: its value in the order, then its id. Invariant: the order is
//! total, and a place stays where it is when its file changes; so a file that does not change is in one page.
//!
//! Names are sorted by the collation of texts, for which there is no index: its version would make one invalid. The
//! statement sorts as many names as an account may have files. They are compared as the texts of cells are.

use tokio_postgres::types::ToSql;

use super::decode::{self, FOUND_COLUMNS};
use crate::sql::{Micros, check_text, from_bigint, to_bigint};
use crate::{Store, StoreError};
use model::{AccountId, FileId, FileOrder, FileRecord, FoundFile};

/// No place is at a later time, and Postgres has times up to here.
const LAST_MICROS: i64 = i64::MAX / 2;

/// Of the files that are shared with an account, a list has those whose roles were given last: the work of a page is bounded,
/// whatever others share.
const SHARED_LISTED: i64 = 1_000;

/// `$2`: removed files. `$3`, `$4`: the place behind which the page begins; null: the first page. `$5`: what names contain.
/// `$7`: the account's own files. `$8`: those of others, of which `$9` are looked at.
macro_rules! page {
    ($key:literal, $behind:literal, $order:literal, $of_both:literal) => {
        concat!(
            "with given as materialized (
                select file_shares.file from accounts join file_shares on file_shares.email = accounts.email
                where accounts.id = $1 and $8 and not $2
                order by file_shares.given_at desc, file_shares.file desc limit $9
            ), own as (
                select files.id, ",
            $key,
            " as key from files
                where $7 and files.owner = $1 and (files.removed_at is not null) = $2
                    and ($5::text is null or position(folded_text($5) in folded_text(files.name)) > 0)
                    and ",
            $behind,
            " order by ",
            $order,
            " limit $6
            ), shared as (
                select files.id, ",
            $key,
            " as key from given join files on files.id = given.file
                where files.owner <> $1 and file_role_on(files.id, $1) is not null
                    and ($5::text is null or position(folded_text($5) in folded_text(files.name)) > 0)
                    and ",
            $behind,
            " order by ",
            $order,
            " limit $6
            ), listed as (
                select id, key from (select id, key from own union all select id, key from shared) as files
                order by ",
            $of_both,
            " limit $6
            )
            select ",
            found_columns!("$1"),
            ", files.key from (
                select files.*, listed.key from listed join files on files.id = listed.id
            ) as files
            left join file_contents as content on content.id = files.content
            order by ",
            $of_both
        )
    };
}

/// Bound: three names of 200 characters and numbers for each of `limit` files; so have the others.
const BY_NAME: &str = page!(
    "normal_text(files.name)",
    "($3::text is null or (normal_text(files.name) collate texts, files.id) > ($3::text, $4::uuid))",
    "normal_text(files.name) collate texts, files.id",
    "files.key collate texts, files.id"
);

const BY_NAME_DESCENDING: &str = page!(
    "normal_text(files.name)",
    "($3::text is null or (normal_text(files.name) collate texts, files.id) < ($3::text, $4::uuid))",
    "normal_text(files.name) collate texts desc, files.id desc",
    "files.key collate texts desc, files.id desc"
);

const BY_SIZE: &str = page!(
    "files.bytes",
    "(files.bytes, files.id) > (coalesce($3::bigint, -1),
        coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))",
    "files.bytes, files.id",
    "files.key, files.id"
);

const BY_SIZE_DESCENDING: &str = page!(
    "files.bytes",
    "(files.bytes, files.id) < (coalesce($3::bigint, 9223372036854775807),
        coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))",
    "files.bytes desc, files.id desc",
    "files.key desc, files.id desc"
);

const BY_TIME: &str = page!(
    "files.created_at",
    "(files.created_at, files.id) > (coalesce($3::timestamptz, '-infinity'),
        coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))",
    "files.created_at, files.id",
    "files.key, files.id"
);

const BY_TIME_DESCENDING: &str = page!(
    "files.created_at",
    "(files.created_at, files.id) < (coalesce($3::timestamptz, 'infinity'),
        coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))",
    "files.created_at desc, files.id desc",
    "files.key desc, files.id desc"
);

const FILE: &str = concat!(
    "select ",
    file_columns!(),
    " from files left join file_contents as content on content.id = files.content
    where files.owner = $1 and files.id = $2"
);

/// Which files a list has, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFilter {
    /// Whose list it is.
    pub account: AccountId,
    /// Its own files, those of others, or both.
    pub scope: FileScope,
    /// Those whose name contains this, in any letter case.
    pub contains: Option<String>,
    /// The order.
    pub order: FileOrder,
    /// The other way round.
    pub descending: bool,
    /// Removed files, in place of the others. None of others is listed.
    pub removed: bool,
}

/// Whose files a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileScope {
    /// Those of the account.
    Own,
    /// Those of others that are shared with it.
    Shared,
    /// Both.
    All,
}

/// What a file is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKey {
    /// The name in normal form C.
    Name(String),
    /// The bytes.
    Size(u64),
    /// When it was made, in microseconds.
    Created(i64),
}

/// The place of a file in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// What it was sorted by.
    pub key: FileKey,
    /// The file.
    pub id: FileId,
}

impl Store {
    /// The first `limit` files of a list, behind a place of the same order, each with its place.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a place of another order, or a text that can't be stored; [`StoreError::Unavailable`],
    /// [`StoreError::Corrupt`].
    pub async fn files(
        &self,
        filter: &FileFilter,
        after: Option<&FilePlace>,
        limit: u32,
    ) -> Result<Vec<(FoundFile, FilePlace)>, StoreError> {
        let contains = filter.contains.as_deref();
        contains.map_or(Ok(()), check_text)?;
        let key = Key::of(filter.order, after)?;
        let (id, limit) = (after.map(|after| after.id.0), i64::from(limit));
        let (own, shared) = (filter.scope != FileScope::Shared, filter.scope != FileScope::Own);
        let parameters: [&(dyn ToSql + Sync); 9] = [
            &filter.account.0,
            &filter.removed,
            key.parameter(),
            &id,
            &contains,
            &limit,
            &own,
            &shared,
            &SHARED_LISTED,
        ];
        let sql = statement(filter.order, filter.descending);
        let rows = self.query(sql, &parameters).await?;
        let listed = |row: &tokio_postgres::Row| {
            let found = decode::found(row)?;
            let key = match filter.order {
                FileOrder::Name => FileKey::Name(row.try_get(FOUND_COLUMNS)?),
                FileOrder::Size => FileKey::Size(from_bigint(row.try_get(FOUND_COLUMNS)?)?),
                FileOrder::Created => FileKey::Created(row.try_get::<_, Micros>(FOUND_COLUMNS)?.0),
            };
            let place = FilePlace { key, id: found.file.id };
            Ok((found, place))
        };
        rows.iter().map(listed).collect()
    }

    /// A file, removed or not; `None`: the account has none with this id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file(
        &self,
        owner: AccountId,
        id: FileId,
    ) -> Result<Option<FileRecord>, StoreError> {
        let row = self.query_opt(FILE, &[&owner.0, &id.0]).await?;
        row.as_ref().map(decode::file).transpose()
    }
}

/// What a page begins behind, as a parameter; `None`: the first page.
#[derive(Debug)]
enum Key<'a> {
    Name(Option<&'a str>),
    Size(Option<i64>),
    Created(Option<Micros>),
}

impl<'a> Key<'a> {
    fn of(order: FileOrder, after: Option<&'a FilePlace>) -> Result<Self, StoreError> {
        Ok(match (order, after.map(|after| &after.key)) {
            (FileOrder::Name, None) => Self::Name(None),
            (FileOrder::Size, None) => Self::Size(None),
            (FileOrder::Created, None) => Self::Created(None),
            (FileOrder::Name, Some(FileKey::Name(name))) => {
                check_text(name)?;
                Self::Name(Some(name))
            }
            (FileOrder::Size, Some(FileKey::Size(bytes))) => Self::Size(Some(to_bigint(*bytes)?)),
            (FileOrder::Created, Some(FileKey::Created(micros @ 0..=LAST_MICROS))) => {
                Self::Created(Some(Micros(*micros)))
            }
            (FileOrder::Created, Some(FileKey::Created(_))) => {
                return Err(StoreError::Invalid("the time of the place is out of range".into()));
            }
            _ => return Err(StoreError::Invalid("the place is one of another order".into())),
        })
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Name(name) => name,
            Self::Size(bytes) => bytes,
            Self::Created(at) => at,
        }
    }
}

const fn statement(order: FileOrder, descending: bool) -> &'static str {
    match (order, descending) {
        (FileOrder::Name, false) => BY_NAME,
        (FileOrder::Name, true) => BY_NAME_DESCENDING,
        (FileOrder::Size, false) => BY_SIZE,
        (FileOrder::Size, true) => BY_SIZE_DESCENDING,
        (FileOrder::Created, false) => BY_TIME,
        (FileOrder::Created, true) => BY_TIME_DESCENDING,
    }
}
