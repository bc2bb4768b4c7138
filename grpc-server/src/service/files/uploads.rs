//! Uploads: started, received piece by piece, and finished as files.
//!
//! Not the quota, which the store keeps with the start of an upload. Invariants: a piece is written to the place before it is
//! noted, none is written that the upload has with other bytes, and one that another call was faster with is deleted; so a
//! caller that sends pieces again and again occupies no more than it has reserved. A call for a piece runs to its end, also where its caller leaves
//! (`edge::rights::invalidation::announced`).

use bytes::Bytes;
use files::{content_digest, piece_digest};
use gridloom::v1;
use heavy_work::{Caller, Size, run_sized};

use super::Files;
use super::wire::{file_name, file_to_wire, request_id, upload_to_wire};
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, ServiceError, SharingRefusal};
use crate::edge::pages;
use crate::edge::refusals;
use model::limits::files::{FILE_BYTES_MOST, MISSING_RANGES, UPLOADS};
use model::{
    AccountId, ContentDigest, ContentId, FileId, FoundFile, PieceDigest, Pieces, UploadRecord,
};
use store::{Finished, NewUpload, Noted, Started};

/// Digests of pieces that one query returns.
const DIGESTS_AT_ONCE: u32 = 8_192;
/// More than the bytes of an answer besides its ranges: its largest part is the name of the file.
const ANSWER_BYTES: usize = 2 * 1024;
/// The bytes of a SHA-256.
const DIGEST_BYTES: usize = 32;

impl Files {
    pub(super) async fn start(
        &self,
        identity: &Identity,
        request: &v1::StartUploadRequest,
    ) -> Result<v1::StartUploadResponse, ServiceError> {
        if identity.is_guest {
            return Err(SharingRefusal::Guest("an upload").into());
        }
        let most = self.limits.file_bytes.min(FILE_BYTES_MOST);
        if request.size_bytes > most {
            let rule = format!("must be at most {most}, the limit of a file");
            return Err(ServiceError::malformed("size_bytes", rule));
        }
        let name = file_name(&request.name)?;
        let new = NewUpload {
            id: FileId::generate(),
            content: ContentId::generate(),
            owner: identity.account,
            name: &name,
            bytes: request.size_bytes,
            request_id: request_id(&request.request_id)?,
        };
        self.place.ready().await?;
        self.place.check_room().await?;
        let refusal = match self.store.start_upload(new, &self.limits).await? {
            Started::Upload(upload) => {
                let missing = self.missing(identity.account, upload.id).await?;
                let upload = Some(upload_to_wire(&upload));
                return Ok(v1::StartUploadResponse { upload, missing, file: None });
            }
            Started::File(file) => {
                let file = Some(file_to_wire(&FoundFile::own(file)));
                return Ok(v1::StartUploadResponse { file, ..Default::default() });
            }
            Started::OtherUpload => return Err(FileRefusal::OtherUpload.into()),
            Started::Full(usage) => FileRefusal::StorageFull(usage, self.limits),
            Started::TooManyFiles(usage) => FileRefusal::TooManyFiles(usage, self.limits),
            Started::TooManyUploads => FileRefusal::TooManyUploads(UPLOADS),
        };
        refusals::log("uploads above a limit", &identity.account);
        Err(refusal.into())
    }

    pub(super) async fn piece(
        &self,
        identity: &Identity,
        request: v1::UploadPieceRequest,
    ) -> Result<v1::UploadPieceResponse, ServiceError> {
        let _held = self.held.try_acquire().map_err(|_| ServiceError::Busy("pieces of files"))?;
        let v1::UploadPieceRequest { upload_id, number, data, digest: given } = request;
        let upload = self.own_upload(identity, &upload_id).await?;
        let bytes = piece_bytes(upload.pieces, number, data.len())?;
        let digest = digest(identity.account, data.clone()).await?;
        check_digest(&given, digest)?;
        match self.store.piece_digests(upload.content, number, 1).await?.first() {
            Some(noted) if *noted == digest => {
                return Ok(v1::UploadPieceResponse { received_bytes: upload.received });
            }
            Some(_) => return Err(FileRefusal::OtherPiece(number).into()),
            None => {}
        }
        self.place.check_room().await?;
        let turn = self.pieces.acquire().await.map_err(ServiceError::internal)?;
        self.place.ready().await?.put(upload.content, number, data).await?;
        drop(turn);
        let noted = self.store.note_piece(identity.account, upload.id, number, digest, bytes);
        let refusal = match noted.await? {
            Noted::Received(received_bytes) => {
                return Ok(v1::UploadPieceResponse { received_bytes });
            }
            Noted::OtherPiece => FileRefusal::OtherPiece(number).into(),
            Noted::NoUpload => ServiceError::NotFound("upload"),
        };
        self.discard(upload.content, number, digest).await;
        Err(refusal)
    }

    /// Deletes a piece that was written while another call sent another one of its number, or ended the upload: no call notes
    /// it any more, so nothing has reserved its room. One that can't be deleted goes with its content.
    async fn discard(&self, content: ContentId, number: u32, digest: PieceDigest) {
        let noted = self.store.piece_digests(content, number, 1).await;
        // The upload may have become a file with this piece.
        if noted.is_ok_and(|noted| noted.first() != Some(&digest))
            && let Ok(vault) = self.place.ready().await
            && let Err(error) = vault.delete_piece(content, number, digest).await
        {
            tracing::warn!(%content, number, %error, "a piece that was refused stays until its content is deleted");
        }
    }

    pub(super) async fn upload(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<v1::GetUploadResponse, ServiceError> {
        let upload = self.own_upload(identity, id).await?;
        let missing = self.missing(identity.account, upload.id).await?;
        Ok(v1::GetUploadResponse { upload: Some(upload_to_wire(&upload)), missing })
    }

    pub(super) async fn uploads(
        &self,
        identity: &Identity,
    ) -> Result<v1::ListUploadsResponse, ServiceError> {
        self.place.ready().await?;
        let uploads = self.store.uploads(identity.account).await?;
        let room = self.message_bytes as usize;
        let uploads = pages::fitting_or_none(uploads.iter().map(upload_to_wire), room);
        Ok(v1::ListUploadsResponse { uploads })
    }

    pub(super) async fn finish(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<v1::FinishUploadResponse, ServiceError> {
        let no_upload = || ServiceError::NotFound("upload");
        let owner = identity.account;
        let id = id.parse::<FileId>().map_err(|_| no_upload())?;
        let digest = match self.store.upload(owner, id).await? {
            Some(upload) => self.whole(owner, &upload).await?,
            // It may be a file since an earlier call; else there is nothing that would get this digest.
            None => ContentDigest([0; DIGEST_BYTES]),
        };
        match self.store.finish_upload(owner, id, digest).await? {
            Finished::File { file, known } => {
                let file = Some(file_to_wire(&FoundFile::own(file)));
                Ok(v1::FinishUploadResponse { file, content_known: known })
            }
            Finished::Missing(missing) => Err(FileRefusal::PiecesMissing(missing).into()),
            Finished::NoUpload => Err(no_upload()),
        }
    }

    pub(super) async fn cancel(&self, identity: &Identity, id: &str) -> Result<(), ServiceError> {
        // No upload has an id of another form.
        let Ok(id) = id.parse::<FileId>() else { return Ok(()) };
        self.place.ready().await?;
        Ok(self.store.cancel_upload(identity.account, id).await?)
    }

    /// The pieces that an upload lacks; the first ranges, if there are very many.
    async fn missing(
        &self,
        owner: AccountId,
        id: FileId,
    ) -> Result<Vec<v1::PieceRange>, ServiceError> {
        let ranges = self.store.missing_pieces(owner, id, MISSING_RANGES).await?;
        let ranges = ranges.into_iter().map(|(first, count)| v1::PieceRange { first, count });
        let room = (self.message_bytes as usize).saturating_sub(ANSWER_BYTES);
        Ok(pages::fitting(ranges, room))
    }

    /// The digest of the content of an upload that has all its pieces, in a place that has them.
    async fn whole(
        &self,
        owner: AccountId,
        upload: &UploadRecord,
    ) -> Result<ContentDigest, ServiceError> {
        self.place.ready().await?;
        let missing = self.store.missing_pieces(owner, upload.id, MISSING_RANGES).await?;
        if !missing.is_empty() {
            let missing = missing.iter().map(|(_, count)| *count).fold(0, u32::saturating_add);
            return Err(FileRefusal::PiecesMissing(missing).into());
        }
        let count = upload.pieces.count();
        let mut digests: Vec<PieceDigest> = Vec::new();
        while let Some(left) = count.checked_sub(u32::try_from(digests.len()).unwrap_or(u32::MAX))
            && left > 0
        {
            let from = count - left;
            let most = left.min(DIGESTS_AT_ONCE);
            let page = self.store.piece_digests(upload.content, from, most).await?;
            if page.is_empty() {
                // The upload was cancelled meanwhile, and its pieces are being deleted.
                return Err(ServiceError::NotFound("upload"));
            }
            digests.extend(page);
        }
        let size = Size::Bytes(digests.len() * DIGEST_BYTES);
        let digest = run_sized(Caller::Account(owner), size, move || content_digest(digests));
        digest.await.map_err(ServiceError::internal)
    }
}

/// Checks the size of a piece, which it returns.
fn piece_bytes(pieces: Pieces, number: u32, given: usize) -> Result<u32, ServiceError> {
    let Some(bytes) = pieces.bytes_of(number) else {
        let rule = format!("must be below {}, the number of pieces", pieces.count());
        return Err(ServiceError::malformed("number", rule));
    };
    if given == bytes as usize {
        return Ok(bytes);
    }
    let rule = format!("must have {bytes} bytes, the size of piece {number}, and has {given}");
    Err(ServiceError::malformed("data", rule))
}

/// The digest of a piece. A large one is hashed beside the threads that serve calls.
async fn digest(account: AccountId, data: Bytes) -> Result<PieceDigest, ServiceError> {
    let size = Size::Bytes(data.len());
    let digest = run_sized(Caller::Account(account), size, move || piece_digest(&data));
    digest.await.map_err(ServiceError::internal)
}

/// Compares the digest that a request names, if it names one.
fn check_digest(given: &[u8], digest: PieceDigest) -> Result<(), ServiceError> {
    let rule = match given.len() {
        0 => return Ok(()),
        DIGEST_BYTES if given == digest.0 => return Ok(()),
        DIGEST_BYTES => {
            "is not that of the bytes, of which one was changed on the way: send it again"
        }
        _ => "must be a SHA-256, of 32 bytes, or absent",
    };
    Err(ServiceError::malformed("digest", rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_has_the_size_of_its_number() {
        let pieces = Pieces { bytes: 7, piece_bytes: 3 };
        for (number, given, is_one) in
            [(0, 3, true), (2, 1, true), (0, 2, false), (2, 3, false), (3, 0, false), (3, 1, false)]
        {
            assert_eq!(piece_bytes(pieces, number, given).is_ok(), is_one, "{number} {given}");
        }
    }

    #[test]
    fn a_digest_is_absent_or_that_of_the_bytes() {
        let digest = PieceDigest([7; 32]);
        assert!(check_digest(&[], digest).is_ok() && check_digest(&[7; 32], digest).is_ok());
        assert!(check_digest(&[8; 32], digest).is_err() && check_digest(&[7; 31], digest).is_err());
    }
}
