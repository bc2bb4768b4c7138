//! Downloads: the content of a file, or a part of it, streamed piece by piece.
//!
//! The reader sets the pace (`service::outflow`). Not the check of a piece, which the vault makes. Invariants: a download
//! holds one piece and what waits for its reader, for a file of any size; it sends no byte of a piece that is not whole; one
//! of the owner that has begun runs on though its file is removed, and for an hour though it is deleted for good. One of
//! another account ends with its role, within [`LOOK_EVERY`].

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use files::VaultError;
use gridloom::v1;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tonic::Status;

use super::parts::{Part, parts, range};
use super::wire::file_to_wire;
use super::{CheckedPlace, Files};
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, OriginalRefusal, ServiceError};
use crate::edge::rights::access::Access;
use crate::service::outflow::{self, Outflow, PieceStream, Stopped};
use model::{AccountId, ContentId, FileId, FileRecord, PieceDigest, Pieces, Role};
use store::Store;

/// The stream of a download.
pub(crate) type DownloadStream = PieceStream<v1::DownloadFileResponse>;

/// Digests of pieces that one query returns: a gigabyte.
const DIGESTS_AT_ONCE: u32 = 512;

/// Between two looks whether an account that is not the owner still has a role.
const LOOK_EVERY: Duration = Duration::from_secs(60);

const TOO_SLOW: &str = "the download was read too slowly: read a piece within 60 s, and 64 KiB/s on average; continue at \
     the offset of what was received";
const WANTED: &str = "the download ended, because another account waits for its place: while others wait, read 1 MiB/s on \
     average, and all within 600 s; continue at the offset of what was received";

impl Files {
    pub(super) async fn download(
        &self,
        identity: &Identity,
        request: &v1::DownloadFileRequest,
    ) -> Result<DownloadStream, ServiceError> {
        let found = self.file(identity, &request.file_id, Role::Viewer).await?;
        let file = &found.file;
        if file.removed_micros.is_some() {
            return Err(FileRefusal::WhileRemoved.into());
        }
        let bytes = file.pieces.bytes;
        let range = range(bytes, request.offset, request.length).ok_or_else(|| {
            let rule = format!("must be at most {bytes}, the size of the file");
            ServiceError::OutOfRange { field: "offset".to_owned(), rule }
        })?;
        self.stream((identity.account, file), file_to_wire(&found), range).await
    }

    /// Streams a part of a file, which a caller or a link of the account has named, once it is the turn of the account.
    pub(super) async fn stream(
        &self,
        (account, file): (AccountId, &FileRecord),
        first: v1::File,
        range: Range<u64>,
    ) -> Result<DownloadStream, ServiceError> {
        let deleted = FileRefusal::Original(OriginalRefusal::Deleted);
        let content = file.original.ok_or(deleted)?.content;
        let turn = self.downloads.turn(account).await;
        let (out, ended, stream) = outflow::open(turn.ok_or(ServiceError::Busy("downloads"))?);
        let download = Download {
            place: Arc::clone(&self.place),
            digests: Digests::new(self.store.clone(), content),
            reader: (account != file.owner).then(|| Reader::new(&self.access, account, file.id)),
            first: Some(first),
            pieces: file.pieces,
            out,
            piece_bytes: outflow::piece_bytes(self.message_bytes),
        };
        self.store.tasks().spawn(download.run(range, ended));
        Ok(stream)
    }
}

struct Download {
    pieces: Pieces,
    place: Arc<CheckedPlace>,
    digests: Digests,
    /// `None`: the owner.
    reader: Option<Reader>,
    out: Outflow<v1::DownloadFileResponse>,
    piece_bytes: usize,
    /// What the first answer has besides its bytes.
    first: Option<v1::File>,
}

impl Download {
    async fn run(mut self, range: Range<u64>, ended: oneshot::Sender<Status>) {
        let status = match self.send_all(range).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.into(),
            Err(Stopped::Reader) => {
                let bytes = self.out.bytes();
                match self.out.has_no_reader() {
                    true => tracing::debug!(bytes, "download ended: its reader has left"),
                    false => tracing::info!(bytes, "download ended: its reader is too slow"),
                }
                Status::deadline_exceeded(TOO_SLOW)
            }
            Err(Stopped::Wanted) => {
                tracing::info!(
                    bytes = self.out.bytes(),
                    "download ended: another account waits for its turn"
                );
                Status::deadline_exceeded(WANTED)
            }
        };
        // A reader that has left needs no reason.
        drop(ended.send(status));
    }

    async fn send_all(&mut self, range: Range<u64>) -> Result<Result<(), ServiceError>, Stopped> {
        if range.is_empty() {
            // The file comes without a byte, too.
            self.send_one(Bytes::new()).await?;
        }
        for part in parts(self.pieces, range) {
            if let Some(reader) = &mut self.reader
                && let Err(error) = self.out.unless_stopped(reader.look()).await?
            {
                return Ok(Err(error));
            }
            let digest = self.out.unless_stopped(self.digests.of(part.number)).await?;
            let digest = match digest {
                Ok(digest) => digest,
                Err(error) => return Ok(Err(error)),
            };
            let sources = (&*self.place, &self.digests.store);
            let read = read(sources, self.digests.content, digest, &part);
            let data = match self.out.unless_stopped(read).await? {
                Ok(data) => data,
                Err(error) => return Ok(Err(error)),
            };
            if self.first.is_some() {
                // The reader has waited for these bytes: the time is not its own.
                self.out.begin();
            }
            self.send(data).await?;
        }
        Ok(Ok(()))
    }

    /// Sends bytes, in answers of one size.
    async fn send(&mut self, mut left: Bytes) -> Result<(), Stopped> {
        while !left.is_empty() {
            let data = left.split_to(left.len().min(self.piece_bytes));
            self.send_one(data).await?;
        }
        Ok(())
    }

    async fn send_one(&mut self, data: Bytes) -> Result<(), Stopped> {
        let bytes = data.len();
        let answer = v1::DownloadFileResponse { data, file: self.first.take() };
        self.out.send(answer, bytes).await
    }
}

/// An account that reads a file of another one.
struct Reader {
    access: Access,
    account: AccountId,
    file: FileId,
    /// When its role is looked up again; the first time at once, since it may have ended while it waited for its turn.
    due: Instant,
}

impl Reader {
    fn new(access: &Access, account: AccountId, file: FileId) -> Self {
        Self { access: access.clone(), account, file, due: Instant::now() }
    }

    /// Refuses a reader whose role has ended.
    async fn look(&mut self) -> Result<(), ServiceError> {
        let now = Instant::now();
        if now < self.due {
            return Ok(());
        }
        self.due = now + LOOK_EVERY;
        match self.access.file(self.account, self.file, Role::Viewer).await {
            Err(error @ ServiceError::File(_)) => Err(error),
            // A look without an answer ends no download.
            _ => Ok(()),
        }
    }
}

/// Reads a part of a piece.
async fn read(
    (place, store): (&CheckedPlace, &Store),
    content: ContentId,
    digest: PieceDigest,
    part: &Part,
) -> Result<Bytes, ServiceError> {
    let vault = place.ready().await?;
    match vault.get(content, part.number, digest, part.piece_bytes).await {
        Ok(piece) => Ok(piece.slice(part.within.clone())),
        Err(error @ (VaultError::Lost { .. } | VaultError::Changed { .. })) => {
            // A file that was deleted for good an hour ago has lost nothing.
            let is_damage = store.note_damage(content).await?;
            Err(if is_damage { error.into() } else { FileRefusal::NoFile.into() })
        }
        Err(error) => Err(error.into()),
    }
}

/// The digests of the pieces of a content, read page by page.
struct Digests {
    store: Store,
    content: ContentId,
    /// The number of the first one of the page.
    from: u32,
    page: Vec<PieceDigest>,
}

impl Digests {
    const fn new(store: Store, content: ContentId) -> Self {
        Self { store, content, from: 0, page: Vec::new() }
    }

    /// The digest of a piece.
    async fn of(&mut self, number: u32) -> Result<PieceDigest, ServiceError> {
        if self.known(number).is_none() {
            self.page = self.store.piece_digests(self.content, number, DIGESTS_AT_ONCE).await?;
            self.from = number;
        }
        // The file was deleted for good, and its content after it.
        self.known(number).ok_or_else(|| FileRefusal::NoFile.into())
    }

    fn known(&self, number: u32) -> Option<PieceDigest> {
        let at = number.checked_sub(self.from)?;
        self.page.get(at as usize).copied()
    }
}
