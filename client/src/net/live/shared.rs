//! The state that all handles and tickets of one live sheet share.
//!
//! It holds no sheet; the owner task does. Invariant: after the task ends, each waiting caller gets the
//! reason.

use std::sync::{Arc, OnceLock};

use tokio::sync::{broadcast, mpsc, watch};

use super::command::Command;
use super::progress::Progress;
use crate::core::Event;
use crate::net::error::Error;

/// The shared state of all handles.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) sheet_id: String,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) events: broadcast::WeakSender<Event>,
    pub(super) progress: watch::Receiver<Progress>,
    /// The reason why the owner task ended, after it has.
    pub(super) end: Arc<OnceLock<Error>>,
}

impl Shared {
    pub(super) fn ended(&self) -> Error {
        self.end.get().cloned().unwrap_or(Error::Closed)
    }

    pub(super) async fn wait_for(
        &self,
        until: impl FnMut(&Progress) -> bool,
    ) -> Result<Progress, Error> {
        let mut progress = self.progress.clone();
        let found = progress.wait_for(until).await.map(|found| *found);
        found.map_err(|_| self.ended())
    }
}
