//! The bytes of a content, written to the place piece by piece by an attempt at a job: of a table, of a view, or of a file that is
//! made.
//!
//! Not their format, and not the quota (the store). A piece is in the place before it is noted. Invariants: one piece is in
//! memory; the first error is kept, since other libraries do not pass it on as it is.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use engine::Steps;
use files::content_digest;
use jobs::{Failure, Job};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::failure::failed;
use super::room;
use crate::service::files::CheckedPlace;
use crate::service::jobs::plan;
use model::limits::FileLimits;
use model::limits::files::PIECE_BYTES;
use model::{AccountId, ContentDigest, ContentId, PieceDigest};
use store::{DraftPiece, Grown, Hold, Store};

const PIECE: usize = PIECE_BYTES as usize;

/// What an attempt needs to write contents.
pub(in crate::service) struct Drafts {
    store: Store,
    place: Arc<CheckedPlace>,
    pub(in crate::service) limits: FileLimits,
    hold: Hold,
    /// Whose job it is.
    account: AccountId,
    /// Whose bytes the contents take.
    owner: AccountId,
    runtime: Handle,
    /// Cancelled when the attempt is to end.
    pub(in crate::service) stop: CancellationToken,
    /// Those of the attempt.
    pub(in crate::service) steps: Steps,
}

impl Drafts {
    /// What an attempt at a job of `account` writes contents of `owner` with, until `stop`.
    pub(in crate::service) fn of_attempt(
        job: &Job,
        (account, owner): (AccountId, AccountId),
        (store, place, limits): (&Store, &Arc<CheckedPlace>, FileLimits),
        stop: &CancellationToken,
    ) -> Self {
        Self {
            store: store.clone(),
            place: Arc::clone(place),
            limits,
            hold: job.hold(),
            account,
            owner,
            runtime: Handle::current(),
            stop: stop.clone(),
            steps: plan::begin(job),
        }
    }

    /// Begins a content. Blocking, as all that follows.
    pub(in crate::service) fn begin(&self) -> Result<PieceWriter<'_>, Failure> {
        let content = ContentId::generate();
        let begun = self.store.begin_table_draft(self.hold, self.owner, content);
        if !self.wait(async { Ok(begun.await?) })? {
            return Err(lost());
        }
        Ok(PieceWriter {
            drafts: self,
            content,
            digests: Vec::new(),
            rest: Vec::new(),
            failure: None,
        })
    }

    /// Writes a piece, and notes it. Gives its digest.
    async fn put(
        &self,
        content: ContentId,
        number: u32,
        data: Bytes,
    ) -> Result<PieceDigest, Failure> {
        let bytes = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let vault = self.place.ready().await.map_err(failed)?;
        self.place.check_room().await.map_err(failed)?;
        let digest =
            vault.put(content, number, data).await.map_err(|error| failed(error.into()))?;
        let piece = DraftPiece { content, number, digest, bytes };
        let is_owner = self.account == self.owner;
        let limits = room::limits(is_owner, self.limits);
        let grown = self.store.grow_table_draft(self.hold, self.owner, piece, &limits).await?;
        match grown {
            Grown::Noted => Ok(digest),
            Grown::Full(usage) => Err(failed(room::full(is_owner, usage, limits).into())),
            Grown::Lost => Err(lost()),
        }
    }

    /// Waits for I/O, unless the attempt is to end.
    pub(in crate::service) fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Failure::Later("stopped".to_owned())),
                done = work => done,
            }
        })
    }
}

/// Writes the bytes of one content.
pub(in crate::service) struct PieceWriter<'a> {
    drafts: &'a Drafts,
    content: ContentId,
    /// Those of the pieces that are written, 32 bytes for each 2 MiB.
    digests: Vec<PieceDigest>,
    /// What the next piece has so far.
    rest: Vec<u8>,
    failure: Option<Failure>,
}

impl PieceWriter<'_> {
    /// The first error of a piece.
    pub(in crate::service) fn failure(&self) -> Option<Failure> {
        self.failure.clone()
    }

    /// Writes what is left; the content.
    pub(in crate::service) fn finish(self) -> Result<ContentId, Failure> {
        self.finish_file().map(|(content, _)| content)
    }

    /// The same with the digest of the content.
    pub(in crate::service) fn finish_file(mut self) -> Result<(ContentId, ContentDigest), Failure> {
        if !self.rest.is_empty() {
            self.put()?;
        }
        Ok((self.content, content_digest(self.digests)))
    }

    fn put(&mut self) -> Result<(), Failure> {
        let data = Bytes::from(std::mem::take(&mut self.rest));
        let number = u32::try_from(self.digests.len()).unwrap_or(u32::MAX);
        let put = self.drafts.put(self.content, number, data);
        self.digests.push(self.drafts.wait(put)?);
        Ok(())
    }
}

impl Write for PieceWriter<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("a piece was not written"));
        }
        if self.rest.capacity() == 0 {
            self.rest.reserve_exact(PIECE);
        }
        let count = buffer.len().min(PIECE - self.rest.len());
        self.rest.extend_from_slice(&buffer[..count]);
        if self.rest.len() == PIECE
            && let Err(failure) = self.put()
        {
            self.failure = Some(failure);
            return Err(io::Error::other("a piece was not written"));
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        // A piece is written when it is full, and the last one at the end.
        Ok(())
    }
}

/// Leaves what an attempt has written to the next sweep.
pub(in crate::service) async fn leave_drafts(store: &Store, hold: Hold) {
    // What is not left here, the sweep finds an hour after its last piece.
    let left = store.leave_table_drafts(hold).await;
    left.unwrap_or_else(|error| tracing::debug!(%error, "drafts not left"));
}

fn lost() -> Failure {
    let text = "another attempt has the job, or the account has ended";
    Failure::Later(text.to_owned())
}
