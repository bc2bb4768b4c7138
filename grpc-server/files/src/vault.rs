//! The calls of a vault.
//!
//! Not how a place keeps objects. Invariants: each call ends within [`CALL_LIMIT`]; a piece is lost only where the place has
//! its marker, since a place without one is not the place.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::{ContentId, PieceDigest};
use uuid::Uuid;

use crate::bucket::Bucket;
use crate::digest::digest_aside;
use crate::folder::Folder;
use crate::place::Place;
use crate::read::Read;
use crate::{BucketOptions, PlaceUrl, VaultError, names};

/// The longest time of a call.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// Writes of a marker whose result can't be read, before the claim fails.
const CLAIM_TRIES: usize = 3;

/// A place of pieces; cheap to clone.
#[derive(Clone)]
pub struct Vault {
    url: PlaceUrl,
    kind: Arc<Kind>,
}

enum Kind {
    Folder(Folder),
    Bucket(Bucket),
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client of a bucket has credentials.
        write!(f, "Vault({})", self.url)
    }
}

impl Vault {
    /// A vault at a place. No file is opened and nothing is sent, so the place may be unavailable.
    ///
    /// # Errors
    /// [`VaultError::BadPlace`]: the options of the bucket are incomplete or contradict each other.
    pub fn new(place: &PlaceUrl, bucket: &BucketOptions) -> Result<Self, VaultError> {
        let kind = match &place.0 {
            Place::Folder(path) => Kind::Folder(Folder::new(path.clone())),
            Place::Bucket { bucket: name, prefix } => {
                Kind::Bucket(Bucket::new(name, prefix.clone(), bucket)?)
            }
        };
        Ok(Self { url: place.clone(), kind: Arc::new(kind) })
    }

    /// The id in the marker of the place; `None`: it has no marker.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`], or [`VaultError::BadPlace`] where the marker has no id.
    pub async fn marker(&self) -> Result<Option<Uuid>, VaultError> {
        within_limit("reading the marker", self.read_marker()).await
    }

    /// Writes the marker where there is none, and returns the id in the marker. Of several calls at once one writes it, and
    /// all return its id. Makes a folder that is missing.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn claim(&self, id: Uuid) -> Result<Uuid, VaultError> {
        within_limit("writing the marker", self.write_marker(id)).await
    }

    /// Writes a piece, and returns its digest. It is durable then. The same bytes again change nothing, and repair a damaged
    /// piece; other bytes are another piece.
    ///
    /// # Errors
    /// [`VaultError`]; a part of the bytes may stay in the place until [`Self::delete`].
    pub async fn put(
        &self,
        content: ContentId,
        number: u32,
        bytes: Bytes,
    ) -> Result<PieceDigest, VaultError> {
        within_limit("writing a piece", async {
            let digest = digest_aside(&bytes).await?;
            let name = names::piece(number, digest);
            match &*self.kind {
                Kind::Folder(folder) => folder.put(content, name, bytes).await?,
                Kind::Bucket(bucket) => bucket.put(content, &name, bytes).await?,
            }
            Ok(digest)
        })
        .await
    }

    /// Reads a piece, and checks it.
    ///
    /// # Errors
    /// [`VaultError::Lost`], [`VaultError::Changed`], or [`VaultError::Unavailable`].
    pub async fn get(
        &self,
        content: ContentId,
        number: u32,
        digest: PieceDigest,
        bytes: u32,
    ) -> Result<Bytes, VaultError> {
        within_limit("reading a piece", async {
            let name = names::piece(number, digest);
            let read = match &*self.kind {
                Kind::Folder(folder) => folder.get(content, name, bytes).await?,
                Kind::Bucket(bucket) => bucket.get(content, &name, bytes).await?,
            };
            match read {
                Read::Bytes(bytes) if digest_aside(&bytes).await? == digest => Ok(bytes),
                Read::Bytes(_) | Read::Other => Err(VaultError::Changed { content, number }),
                Read::Missing => Err(self.lost(content, number).await?),
            }
        })
        .await
    }

    /// Deletes a piece; one that is missing changes nothing. The same number with another digest is another piece.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn delete_piece(
        &self,
        content: ContentId,
        number: u32,
        digest: PieceDigest,
    ) -> Result<(), VaultError> {
        within_limit("deleting a piece", async {
            let name = names::piece(number, digest);
            match &*self.kind {
                Kind::Folder(folder) => folder.delete_piece(content, name).await,
                Kind::Bucket(bucket) => bucket.delete_piece(content, &name).await,
            }
        })
        .await
    }

    /// Deletes all objects of a content; one without objects changes nothing.
    ///
    /// # Errors
    /// [`VaultError`]; some of the objects may be deleted, and a later call continues.
    pub async fn delete(&self, content: ContentId) -> Result<(), VaultError> {
        within_limit("deleting a content", async {
            match &*self.kind {
                Kind::Folder(folder) => folder.delete(content).await,
                Kind::Bucket(bucket) => bucket.delete(content).await,
            }
        })
        .await
    }

    /// The contents that have objects, in order of their ids: those after one, at most `most`. A folder is listed as a whole
    /// by each call.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn contents_after(
        &self,
        after: Option<ContentId>,
        most: usize,
    ) -> Result<Vec<ContentId>, VaultError> {
        within_limit("listing contents", async {
            match &*self.kind {
                Kind::Folder(folder) => folder.contents_after(after, most).await,
                Kind::Bucket(bucket) => bucket.contents_after(after, most).await,
            }
        })
        .await
    }

    /// The error for a piece that is not there.
    async fn lost(&self, content: ContentId, number: u32) -> Result<VaultError, VaultError> {
        let marker = self.read_marker().await?;
        let unmounted = || VaultError::Unavailable(format!("{} has no marker", self.url));
        Ok(marker.map_or_else(unmounted, |_| VaultError::Lost { content, number }))
    }

    async fn read_marker(&self) -> Result<Option<Uuid>, VaultError> {
        let read = match &*self.kind {
            Kind::Folder(folder) => folder.marker().await?,
            Kind::Bucket(bucket) => bucket.marker().await?,
        };
        let id = match read {
            Read::Missing => return Ok(None),
            Read::Other => None,
            Read::Bytes(bytes) => names::marked(&bytes),
        };
        let bad = || VaultError::BadPlace(format!("{} has no id in {}", self.url, names::MARKER));
        id.map(Some).ok_or_else(bad)
    }

    async fn write_marker(&self, id: Uuid) -> Result<Uuid, VaultError> {
        // Read first: a bucket that ignores the condition of a write keeps an earlier marker so.
        if let Kind::Bucket(_) = &*self.kind
            && let Some(earlier) = self.read_marker().await?
        {
            return Ok(earlier);
        }
        for _ in 0..CLAIM_TRIES {
            match &*self.kind {
                Kind::Folder(folder) => folder.claim(id).await?,
                Kind::Bucket(bucket) => bucket.claim(id).await?,
            }
            if let Some(id) = self.read_marker().await? {
                return Ok(id);
            }
        }
        Err(VaultError::Unavailable(format!("{} does not keep {}", self.url, names::MARKER)))
    }
}

/// The result of a call, or an error after the limit.
async fn within_limit<T>(
    call: &str,
    work: impl Future<Output = Result<T, VaultError>>,
) -> Result<T, VaultError> {
    let seconds = CALL_LIMIT.as_secs();
    let late = || VaultError::Unavailable(format!("{call} took more than {seconds} s"));
    tokio::time::timeout(CALL_LIMIT, work).await.unwrap_or_else(|_| Err(late()))
}
