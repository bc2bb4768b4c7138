//! A place that is a folder.
//!
//! `LocalFileSystem` of `object_store` is not used: it syncs neither files nor folders, and follows links. Not here: the calls
//! of the system (`folder::disk`). Invariant: a call that the system does not return from keeps its turn, so a disk that hangs
//! holds at most [`CALLS_AT_ONCE`] threads of the runtime.

mod disk;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use model::ContentId;
use model::limits::files::SERVER_PIECES_AT_ONCE;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::VaultError;
use crate::read::Read;

/// Calls at once, each on a thread: the pieces that a server writes, and downloads and jobs beside them. Further ones wait.
const CALLS_AT_ONCE: usize = SERVER_PIECES_AT_ONCE + 16;

/// A folder.
pub(crate) struct Folder {
    root: PathBuf,
    turns: Arc<Semaphore>,
}

impl Folder {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, turns: Arc::new(Semaphore::new(CALLS_AT_ONCE)) }
    }

    pub(crate) async fn marker(&self) -> Result<Read, VaultError> {
        self.run(disk::marker).await
    }

    pub(crate) async fn claim(&self, id: Uuid) -> Result<(), VaultError> {
        self.run(move |root| disk::claim(root, id)).await
    }

    pub(crate) async fn put(
        &self,
        content: ContentId,
        name: String,
        bytes: Bytes,
    ) -> Result<(), VaultError> {
        self.run(move |root| disk::put(root, content, &name, &bytes)).await
    }

    pub(crate) async fn get(
        &self,
        content: ContentId,
        name: String,
        bytes: u32,
    ) -> Result<Read, VaultError> {
        self.run(move |root| disk::get(root, content, &name, bytes)).await
    }

    pub(crate) async fn delete_piece(
        &self,
        content: ContentId,
        name: String,
    ) -> Result<(), VaultError> {
        self.run(move |root| disk::delete_piece(root, content, &name)).await
    }

    pub(crate) async fn delete(&self, content: ContentId) -> Result<(), VaultError> {
        self.run(move |root| disk::delete(root, content)).await
    }

    pub(crate) async fn contents_after(
        &self,
        after: Option<ContentId>,
        most: usize,
    ) -> Result<Vec<ContentId>, VaultError> {
        self.run(move |root| disk::contents_after(root, after, most)).await
    }

    /// Runs work on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, VaultError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let root = self.root.clone();
        let done = spawn_blocking(move || {
            let _turn = turn;
            work(&root)
        });
        let done = done.await.map_err(|error| VaultError::ended(&error))?;
        done.map_err(|error| VaultError::folder(&self.root, &error))
    }
}
