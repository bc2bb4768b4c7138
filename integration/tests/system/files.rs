//! Files: uploads in pieces, their limits, the list, downloads, and the place of the pieces.
//!
//! Here: the calls of one account, and a file from its upload to its download. Not the page. Invariant: a download has
//! the bytes of the upload, or an error.

#[path = "files/bucket.rs"]
mod bucket;
#[path = "files/command_line.rs"]
mod command_line;
#[path = "files/crashes.rs"]
mod crashes;
#[path = "files/downloads.rs"]
mod downloads;
#[path = "files/full_disk.rs"]
pub(crate) mod full_disk;
#[path = "files/limits.rs"]
mod limits;
#[path = "files/links.rs"]
mod links;
#[path = "files/lists.rs"]
mod lists;
#[path = "files/memory.rs"]
mod memory;
#[path = "files/notebook.rs"]
mod notebook;
#[path = "files/place.rs"]
mod place;
#[path = "files/removal.rs"]
mod removal;
#[path = "files/servers.rs"]
mod servers;
#[path = "files/strangers.rs"]
mod strangers;
#[path = "files/sweep.rs"]
mod sweep;
#[path = "files/uploads.rs"]
mod uploads;

use std::fmt::Debug;

use bytes::Bytes;
use gridloom::v1;
use gridloom::v1::file_service_client::FileServiceClient;
use integration::harness::{Random, Server, authorized, sign_up_with_token, within};
use model::limits::files::PIECE_BYTES;
use sha2::{Digest, Sha256};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

/// The bytes of each piece but the last one.
const PIECE: usize = PIECE_BYTES as usize;
/// The most bytes of one answer of a download.
const ANSWER_BYTES: usize = 256 * 1024;

/// The calls of one account.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    calls: FileServiceClient<Channel>,
    pub(crate) token: String,
}

impl Files {
    /// Those of a new account.
    pub(crate) async fn sign_up(server: &Server) -> Self {
        let (_, token) = sign_up_with_token(server).await;
        Self::at(server, &token).await
    }

    /// Those of an account with this token, over a connection of their own.
    pub(crate) async fn at(server: &Server, token: &str) -> Self {
        let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
        let channel = endpoint.connect().await.expect("the server is there");
        Self { calls: FileServiceClient::new(channel), token: token.to_owned() }
    }

    /// The same account at a server that was started again.
    pub(crate) async fn again(&self, server: &Server) -> Self {
        Self::at(server, &self.token).await
    }

    async fn start(&self, name: &str, size: usize) -> Result<v1::Upload, Status> {
        let started = self.start_as(name, size as u64, "").await?;
        Ok(started.upload.expect("a new upload"))
    }

    async fn start_as(
        &self,
        name: &str,
        size_bytes: u64,
        request_id: &str,
    ) -> Result<v1::StartUploadResponse, Status> {
        let (name, request_id) = (name.to_owned(), request_id.to_owned());
        let request = v1::StartUploadRequest { name, size_bytes, request_id };
        let answer = self.calls.clone().start_upload(authorized(request, &self.token)).await?;
        Ok(answer.into_inner())
    }

    /// Sends a piece with its digest. Returns the bytes that the server has.
    async fn send(&self, upload: &str, number: u32, data: &[u8]) -> Result<u64, Status> {
        self.send_with(upload, number, data, &digest(data)).await
    }

    async fn send_with(
        &self,
        upload: &str,
        number: u32,
        data: &[u8],
        digest: &[u8],
    ) -> Result<u64, Status> {
        let (data, digest) = (Bytes::copy_from_slice(data), Bytes::copy_from_slice(digest));
        let upload_id = upload.to_owned();
        let request = v1::UploadPieceRequest { upload_id, number, data, digest };
        let answer = self.calls.clone().upload_piece(authorized(request, &self.token)).await?;
        Ok(answer.into_inner().received_bytes)
    }

    /// An upload under way.
    async fn under_way(&self, upload: &str) -> Result<v1::GetUploadResponse, Status> {
        let request = v1::GetUploadRequest { upload_id: upload.to_owned() };
        let answer = self.calls.clone().get_upload(authorized(request, &self.token)).await?;
        Ok(answer.into_inner())
    }

    /// The ranges of its pieces that are missing.
    async fn missing(&self, upload: &str) -> Vec<(u32, u32)> {
        let answer = self.under_way(upload).await.expect("is under way");
        answer.missing.iter().map(|range| (range.first, range.count)).collect()
    }

    async fn uploads(&self) -> Vec<v1::Upload> {
        let request = authorized(v1::ListUploadsRequest {}, &self.token);
        let answer = self.calls.clone().list_uploads(request).await.expect("are listed");
        answer.into_inner().uploads
    }

    async fn finish(&self, upload: &str) -> Result<v1::FinishUploadResponse, Status> {
        let request = v1::FinishUploadRequest { upload_id: upload.to_owned() };
        let answer = self.calls.clone().finish_upload(authorized(request, &self.token)).await?;
        Ok(answer.into_inner())
    }

    async fn cancel(&self, upload: &str) -> Result<(), Status> {
        let request = v1::CancelUploadRequest { upload_id: upload.to_owned() };
        self.calls.clone().cancel_upload(authorized(request, &self.token)).await.map(drop)
    }

    /// Sends what an upload lacks and finishes it.
    async fn complete(&self, upload: &str, content: &[u8]) -> Result<v1::File, Status> {
        for (first, count) in self.missing(upload).await {
            for number in first..first + count {
                let data = content.chunks(PIECE).nth(number as usize).expect("a piece");
                self.send(upload, number, data).await?;
            }
        }
        Ok(self.finish(upload).await?.file.expect("a file"))
    }

    /// A file from its start to its end.
    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> Result<v1::File, Status> {
        let upload = self.start(name, content.len()).await?;
        self.complete(&upload.id, content).await
    }

    pub(crate) async fn file(&self, id: &str) -> Result<v1::File, Status> {
        let request = v1::GetFileRequest { file_id: id.to_owned() };
        let answer = self.calls.clone().get_file(authorized(request, &self.token)).await?;
        Ok(answer.into_inner().file.expect("a file"))
    }

    async fn page(&self, request: v1::ListFilesRequest) -> Result<v1::ListFilesResponse, Status> {
        let answer = self.calls.clone().list_files(authorized(request, &self.token)).await?;
        Ok(answer.into_inner())
    }

    /// The names of all files that are not removed, in the order of their uploads.
    async fn names(&self) -> Vec<String> {
        let order = v1::FileOrder::Created.into();
        let request = v1::ListFilesRequest { order, ..v1::ListFilesRequest::default() };
        let page = self.page(request).await.expect("is listed");
        page.files.into_iter().map(|file| file.name).collect()
    }

    async fn rename(&self, id: &str, name: &str, etag: &str) -> Result<v1::File, Status> {
        let (file_id, name, etag) = (id.to_owned(), name.to_owned(), etag.to_owned());
        let request = v1::RenameFileRequest { file_id, name, etag };
        let answer = self.calls.clone().rename_file(authorized(request, &self.token)).await?;
        Ok(answer.into_inner().file.expect("a file"))
    }

    /// Removes a file. Returns it, unless it is deleted for good.
    pub(crate) async fn remove(
        &self,
        id: &str,
        for_good: bool,
    ) -> Result<Option<v1::File>, Status> {
        let request = v1::RemoveFileRequest { file_id: id.to_owned(), for_good };
        let answer = self.calls.clone().remove_file(authorized(request, &self.token)).await?;
        Ok(answer.into_inner().file)
    }

    pub(crate) async fn restore(&self, id: &str) -> Result<v1::File, Status> {
        let request = v1::RestoreFileRequest { file_id: id.to_owned() };
        let answer = self.calls.clone().restore_file(authorized(request, &self.token)).await?;
        Ok(answer.into_inner().file.expect("a file"))
    }

    pub(crate) async fn usage(&self) -> v1::GetFileUsageResponse {
        let request = authorized(v1::GetFileUsageRequest {}, &self.token);
        let answer = self.calls.clone().get_file_usage(request).await.expect("is counted");
        answer.into_inner()
    }

    /// A link to a file.
    async fn link(&self, id: &str) -> Result<v1::CreateDownloadLinkResponse, Status> {
        let request = v1::CreateDownloadLinkRequest { file_id: id.to_owned() };
        let request = authorized(request, &self.token);
        Ok(self.calls.clone().create_download_link(request).await?.into_inner())
    }

    async fn read(
        &self,
        id: &str,
        offset: u64,
        length: u64,
    ) -> Result<tonic::Streaming<v1::DownloadFileResponse>, Status> {
        let request = v1::DownloadFileRequest { file_id: id.to_owned(), offset, length };
        let answer = self.calls.clone().download_file(authorized(request, &self.token)).await?;
        Ok(answer.into_inner())
    }

    /// A part of a file; length 0: to its end.
    pub(crate) async fn download(
        &self,
        id: &str,
        offset: u64,
        length: u64,
    ) -> Result<Vec<u8>, Status> {
        let mut answers = self.read(id, offset, length).await?;
        let mut content = Vec::new();
        let mut is_first = true;
        while let Some(answer) = within("the next bytes", answers.message()).await? {
            assert_eq!(answer.file.is_some(), is_first, "the first answer alone has the file");
            assert!(answer.data.len() <= ANSWER_BYTES, "{} bytes", answer.data.len());
            content.extend_from_slice(&answer.data);
            is_first = false;
        }
        assert!(!is_first, "no answer");
        Ok(content)
    }
}

/// The code of a refusal with the field, or with the reason where no field is at fault.
pub(crate) fn refused<T: Debug>(outcome: Result<T, Status>) -> (Code, String) {
    crate::chat::refused(outcome.map_err(client::Error::from))
}

/// Bytes without a pattern, the same for the same seed.
fn content(seed: u64, bytes: usize) -> Vec<u8> {
    let mut random = Random::from_seed(seed);
    let mut content = vec![0; bytes];
    for chunk in content.chunks_mut(8) {
        let word = random.any().to_le_bytes();
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
    content
}

/// SHA-256.
fn digest(data: &[u8]) -> Vec<u8> {
    let digest: [u8; 32] = Sha256::digest(data).into();
    digest.to_vec()
}

/// SHA-256 over the digests of the pieces.
fn digest_of_pieces(content: &[u8]) -> Vec<u8> {
    digest(&content.chunks(PIECE).map(digest).collect::<Vec<_>>().concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_downloaded_as_it_was_uploaded() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let sizes = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7];
    for (seed, size) in (0..).zip(sizes) {
        let content = content(seed, size);
        let file = files.upload(&format!("{size} bytes"), &content).await.expect("is uploaded");
        assert_eq!((file.size_bytes, &*file.name), (size as u64, &*format!("{size} bytes")));
        assert_eq!(file.digest, digest_of_pieces(&content), "the digest of {size} bytes");
        assert!(file.created_at_micros > 0 && !file.etag.is_empty(), "{file:?}");
        assert_eq!((file.removed_at_micros, file.deleted_at_micros), (0, 0));
        let downloaded = files.download(&file.id, 0, 0).await.expect("is downloaded");
        assert!(downloaded == content, "{size} bytes differ");
        assert_eq!(files.file(&file.id).await.expect("is there"), file);
    }
    assert_eq!(files.names().await.len(), sizes.len());
    let usage = files.usage().await;
    let used: usize = sizes.iter().sum();
    assert_eq!((usage.used_bytes, usage.files), (used as u64, sizes.len() as u32));
}
