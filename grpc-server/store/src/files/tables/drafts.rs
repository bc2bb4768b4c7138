//! Contents that an attempt at a job writes: begun, and grown piece by piece.
//!
//! Not their bytes, which are in the place before a row is here. Invariants: a content grows only while its attempt has its
//! job; no piece leads beyond the quota of the owner, since the count and the piece are one transaction that locks the
//! account; a content that is no table yet is released, so that the sweep deletes what an attempt has left.

use tokio_postgres::types::ToSql;

use crate::files::transaction::Transaction;
use crate::files::usage::usage_on;
use crate::jobs::Hold;
use crate::{Store, StoreError};
use model::limits::FileLimits;
use model::limits::files::PIECE_BYTES;
use model::{AccountId, ContentId, FileUsage, PieceDigest};

const BEGIN: &str = "
    with content as (
        insert into file_contents (id, owner, bytes, piece_bytes, released_at)
        select $3::uuid, $4::uuid, 0, $5::bigint, now()
        from jobs where jobs.id = $1 and jobs.fence = $2
        returning id, owner
    )
    insert into file_table_drafts (content, owner, job, fence)
    select id, owner, $1::uuid, $2::bigint from content";

/// The same piece once more changes nothing: the answer to the first call may be lost.
const GROW: &str = "
    with draft as (
        select draft.content from file_table_drafts as draft
        join jobs on jobs.id = draft.job and jobs.fence = draft.fence
        where draft.content = $1 and draft.job = $2 and draft.fence = $3
    ), piece as (
        insert into file_pieces (content, number, digest, bytes)
        select content, $4::bigint, $5::bytea, $6::bigint from draft
        on conflict (content, number) do nothing
        returning bytes
    )
    update file_contents
    set bytes = file_contents.bytes + coalesce((select piece.bytes from piece), 0), released_at = now()
    from draft where file_contents.id = draft.content and not is_leaving";

/// The other contents of the attempt, which are complete: the sweep takes none while the attempt writes.
const RENEW: &str = "
    update file_contents set released_at = now()
    where not is_leaving and released_at < now() - interval '5 minutes' and id = any(array(
        select content from file_table_drafts where owner = $1 and job = $2 and fence = $3))";

/// Released so long ago that the next sweep deletes them: no reader has ever seen them.
const LEAVE: &str = "
    update file_contents set released_at = to_timestamp(0)
    where not is_leaving and id = any(array(
        select content from file_table_drafts where job = $1 and fence = $2))";

/// A piece of a content that an attempt writes.
#[derive(Clone, Copy, Debug)]
pub struct DraftPiece {
    /// The content.
    pub content: ContentId,
    /// The number of the piece.
    pub number: u32,
    /// SHA-256 of its bytes.
    pub digest: PieceDigest,
    /// Its bytes: those of a piece, but for the last one.
    pub bytes: u32,
}

/// What became of a piece of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// The content has it.
    Noted,
    /// The account has not as many bytes left.
    Full(FileUsage),
    /// Another attempt has the job, or the content is swept, or the account has ended.
    Lost,
}

impl Store {
    /// Begins a content without a byte. False: another attempt has the job.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when there is no such account, or the id is taken; [`StoreError::Unavailable`].
    pub async fn begin_table_draft(
        &self,
        hold: Hold,
        owner: AccountId,
        content: ContentId,
    ) -> Result<bool, StoreError> {
        let piece_bytes = i64::from(PIECE_BYTES);
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&hold.job.0, &hold.fence, &content.0, &owner.0, &piece_bytes];
        Ok(self.execute(BEGIN, &parameters).await? > 0)
    }

    /// Leaves the contents that an attempt has begun to the next sweep. The attempt writes nothing further.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn leave_table_drafts(&self, hold: Hold) -> Result<(), StoreError> {
        self.execute(LEAVE, &[&hold.job.0, &hold.fence]).await.map(drop)
    }

    /// Notes a piece whose bytes are in the place, if the owner may keep them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn grow_table_draft(
        &self,
        hold: Hold,
        owner: AccountId,
        piece: DraftPiece,
        limits: &FileLimits,
    ) -> Result<Grown, StoreError> {
        let transaction = Transaction::begin(self).await?;
        let grown = grow_on(&transaction, hold, owner, piece, limits).await?;
        if grown != Grown::Lost {
            transaction.commit().await?;
        }
        Ok(grown)
    }
}

async fn grow_on(
    transaction: &Transaction,
    hold: Hold,
    owner: AccountId,
    piece: DraftPiece,
    limits: &FileLimits,
) -> Result<Grown, StoreError> {
    if !transaction.lock_owner(owner).await? {
        return Ok(Grown::Lost);
    }
    let usage = usage_on(transaction, owner).await?;
    if usage.used.saturating_add(u64::from(piece.bytes)) > limits.account_file_bytes {
        return Ok(Grown::Full(usage));
    }
    let (number, bytes) = (i64::from(piece.number), i64::from(piece.bytes));
    let digest = piece.digest.0.as_slice();
    let parameters: [&(dyn ToSql + Sync); 6] =
        [&piece.content.0, &hold.job.0, &hold.fence, &number, &digest, &bytes];
    if transaction.execute(GROW, &parameters).await? == 0 {
        return Ok(Grown::Lost);
    }
    transaction.execute(RENEW, &[&owner.0, &hold.job.0, &hold.fence]).await?;
    Ok(Grown::Noted)
}
