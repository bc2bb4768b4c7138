//! Rows of the tables of files as domain types.
//!
//! Not the statements. Invariant: the columns are those of `upload_columns!`, `file_columns!` and
//! `found_columns!`, from the first one on.

use std::sync::Arc;

use tokio_postgres::Row;
use uuid::Uuid;

use crate::StoreError;
use crate::sharing::decode_role;
use crate::sql::{Micros, from_bigint, u32_from_bigint};
use model::{
    AccountId, ContentDigest, ContentId, FileId, FileRecord, FoundFile, Original, PieceDigest,
    Pieces, UploadRecord,
};

/// The columns of a file; further ones follow them.
pub(super) const FILE_COLUMNS: usize = 12;

/// The columns of a file with a role; further ones follow them.
pub(super) const FOUND_COLUMNS: usize = FILE_COLUMNS + 2;

pub(super) fn upload(row: &Row) -> Result<UploadRecord, StoreError> {
    Ok(UploadRecord {
        id: FileId(row.try_get(0)?),
        owner: AccountId(row.try_get(1)?),
        name: row.try_get(2)?,
        content: ContentId(row.try_get(3)?),
        pieces: pieces(row, 4)?,
        received: from_bigint(row.try_get(6)?)?,
        started_micros: row.try_get::<_, Micros>(7)?.0,
        last_micros: row.try_get::<_, Micros>(8)?.0,
    })
}

pub(super) fn file(row: &Row) -> Result<FileRecord, StoreError> {
    Ok(FileRecord {
        id: FileId(row.try_get(0)?),
        owner: AccountId(row.try_get(1)?),
        name: row.try_get(2)?,
        original: original(row)?,
        pieces: match row.try_get::<_, Option<i64>>(5)? {
            Some(_) => pieces(row, 4)?,
            None => Pieces::of(from_bigint(row.try_get(4)?)?),
        },
        created_micros: row.try_get::<_, Micros>(7)?.0,
        removed_micros: row.try_get::<_, Option<Micros>>(8)?.map(|at| at.0),
        version: row.try_get(9)?,
        original_deleted_micros: row.try_get::<_, Option<Micros>>(10)?.map(|at| at.0),
        shared_with: u32_from_bigint(row.try_get(11)?)?,
    })
}

/// A file, and the role of an account on it.
pub(super) fn found(row: &Row) -> Result<FoundFile, StoreError> {
    Ok(FoundFile {
        file: file(row)?,
        role: decode_role(row, FILE_COLUMNS)?,
        owner_name: row.try_get::<_, Option<&str>>(FILE_COLUMNS + 1)?.map(Arc::from),
    })
}

/// The content of a file, unless it is deleted.
fn original(row: &Row) -> Result<Option<Original>, StoreError> {
    let Some(content) = row.try_get::<_, Option<Uuid>>(3)?.map(ContentId) else { return Ok(None) };
    let digest: Option<&[u8]> = row.try_get(6)?;
    let no_digest = || StoreError::Corrupt(format!("content {content} of a file has no digest"));
    let digest = ContentDigest(bytes(digest.ok_or_else(no_digest)?)?);
    Ok(Some(Original { content, digest }))
}

/// The digest of a piece in a column.
pub(super) fn piece_digest(row: &Row, column: usize) -> Result<PieceDigest, StoreError> {
    bytes(row.try_get(column)?).map(PieceDigest)
}

/// The size of a content and of its pieces, in two columns.
fn pieces(row: &Row, first: usize) -> Result<Pieces, StoreError> {
    Ok(Pieces {
        bytes: from_bigint(row.try_get(first)?)?,
        piece_bytes: u32_from_bigint(row.try_get(first + 1)?)?,
    })
}

fn bytes(digest: &[u8]) -> Result<[u8; 32], StoreError> {
    digest.try_into().map_err(|_| StoreError::Corrupt("a digest of another size".into()))
}
