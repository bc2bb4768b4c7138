//! The pieces of contents: noted, counted, listed.
//!
//! Not their bytes, which are in the place before a row is here. Invariants: a piece never changes; what an upload has
//! received is the sum of its pieces, since one statement writes both and holds the upload.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::decode::piece_digest;
use crate::sql::{from_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::{AccountId, ContentId, FileId, PieceDigest};

/// Locks the upload. `fits`: there is a piece of this number, and it has so many bytes.
const NOTE: &str = "
    with upload as (
        select upload.id, upload.content, $5::bigint > 0 and $5::bigint
            = least(content.piece_bytes, content.bytes - $3::bigint * content.piece_bytes) as fits
        from file_uploads as upload join file_contents as content on content.id = upload.content
        where upload.owner = $1 and upload.id = $2
        for no key update of upload
    ), piece as (
        insert into file_pieces (content, number, digest, bytes)
        select content, $3::bigint, $4::bytea, $5::bigint from upload where fits
        on conflict (content, number) do nothing
        returning bytes
    ), counted as (
        update file_uploads
        set received = received + coalesce((select bytes from piece), 0), last_at = now()
        from upload where file_uploads.id = upload.id and fits
        returning received
    )
    select content, fits, (select received from counted), exists (select from piece) from upload";

const DIGEST: &str = "select digest from file_pieces where content = $1 and number = $2";

/// A gap is between two pieces that are there, before the first one, or behind the last one.
/// Bound: two numbers for each of `most` ranges.
const MISSING: &str = "
    with upload as (
        select content.id, (content.bytes + content.piece_bytes - 1) / content.piece_bytes as pieces
        from file_uploads as upload join file_contents as content on content.id = upload.content
        where upload.owner = $1 and upload.id = $2
    ), there as (
        select -1::bigint as number, pieces from upload
        union all
        select file_pieces.number, pieces
        from upload join file_pieces on file_pieces.content = upload.id
    ), gaps as (
        select number + 1 as first, lead(number, 1, pieces) over (order by number) - number - 1 as pieces
        from there
    )
    select first, pieces from gaps where pieces > 0 order by first limit $3";

/// Bound: a digest of 32 bytes and a number for each of `most` pieces.
const DIGESTS: &str = "
    select number, digest from file_pieces
    where content = $1 and number >= $2 order by number limit $3";

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// The upload has it, now or since an earlier call, and so many bytes altogether.
    Received(u64),
    /// The upload has another piece of this number.
    OtherPiece,
    /// The account has no such upload.
    NoUpload,
}

impl Store {
    /// Notes a piece whose bytes are in the place.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a number that the upload has not, or another size; [`StoreError::Unavailable`],
    /// [`StoreError::Corrupt`].
    pub async fn note_piece(
        &self,
        owner: AccountId,
        id: FileId,
        number: u32,
        digest: PieceDigest,
        bytes: u32,
    ) -> Result<Noted, StoreError> {
        let (at, size, hash) = (i64::from(number), i64::from(bytes), digest.0.as_slice());
        let parameters: [&(dyn ToSql + Sync); 5] = [&owner.0, &id.0, &at, &hash, &size];
        let Some(row) = self.query_opt(NOTE, &parameters).await? else {
            return Ok(Noted::NoUpload);
        };
        let Some(received) = row.try_get::<_, Option<i64>>(2)? else {
            return Err(misfit(number, bytes));
        };
        let received = Noted::Received(from_bigint(received)?);
        if row.try_get(3)? {
            return Ok(received);
        }
        // A statement of its own: the first one does not see a piece of a call beside it, for which it has waited.
        let content = ContentId(row.try_get(0)?);
        let there = self.query_opt(DIGEST, &[&content.0, &at]).await?;
        let there = there.map(|row| piece_digest(&row, 0)).transpose()?;
        Ok(match there {
            Some(there) if there == digest => received,
            Some(_) => Noted::OtherPiece,
            // The upload was cancelled and swept meanwhile.
            None => Noted::NoUpload,
        })
    }

    /// The pieces that an upload lacks: the first `most` ranges, each with its first number and its length. None for an
    /// upload that does not exist.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn missing_pieces(
        &self,
        owner: AccountId,
        id: FileId,
        most: usize,
    ) -> Result<Vec<(u32, u32)>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.query(MISSING, &[&owner.0, &id.0, &most]).await?;
        let range =
            |row: &Row| Ok((u32_from_bigint(row.try_get(0)?)?, u32_from_bigint(row.try_get(1)?)?));
        rows.iter().map(range).collect()
    }

    /// The digests of the pieces of a content from a number on, in order, up to the first one that is missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn piece_digests(
        &self,
        content: ContentId,
        from: u32,
        most: u32,
    ) -> Result<Vec<PieceDigest>, StoreError> {
        let (first, limit) = (i64::from(from), i64::from(most));
        let rows = self.query(DIGESTS, &[&content.0, &first, &limit]).await?;
        let mut digests = Vec::with_capacity(rows.len());
        for (number, row) in (first..).zip(&rows) {
            if row.try_get::<_, i64>(0)? != number {
                break;
            }
            digests.push(piece_digest(row, 1)?);
        }
        Ok(digests)
    }
}

fn misfit(number: u32, bytes: u32) -> StoreError {
    StoreError::Invalid(format!("piece {number} of the upload does not have {bytes} bytes"))
}
