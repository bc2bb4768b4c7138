//! Opens a live sheet: starts the owner task and waits for the first session.
//!
//! It does not reconnect; the owner task does. Invariant: an error means that no task is left.

use std::sync::{Arc, OnceLock};

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::handle::Sheet;
use super::owner::Owner;
use super::progress::Progress;
use super::shared::Shared;
use crate::core::{LiveOptions, LiveSheet, Looking};
use crate::net::client::Client;
use crate::net::error::Error;

/// Most commands that wait for the owner task; above it a handle waits.
const COMMANDS_MAX: usize = 1024;
/// Most events that a listener may lag behind before it loses the oldest.
const EVENTS_MAX: usize = 8192;

/// Options for opening a live sheet.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The rows to load and follow.
    pub looking: Looking,
    /// Limit on the edits in flight.
    pub max_in_flight_edits: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        let max_in_flight_edits = LiveOptions::default().max_in_flight_edits;
        Self { looking: Looking::All, max_in_flight_edits }
    }
}

impl Client {
    /// Opens a sheet for live editing and loads it in the background.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server refuses it, for example because the sheet does not exist; any error
    /// of the first connection.
    pub async fn open(&self, sheet_id: &str) -> Result<Sheet, Error> {
        self.open_with(sheet_id, OpenOptions::default()).await
    }

    /// Opens a sheet for live editing with options.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn open_with(&self, sheet_id: &str, options: OpenOptions) -> Result<Sheet, Error> {
        let live = LiveSheet::new(
            sheet_id,
            LiveOptions {
                max_in_flight_edits: options.max_in_flight_edits,
                looking: options.looking,
                place: self.place(),
            },
        );
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let (events, _) = broadcast::channel(EVENTS_MAX);
        let (progress, watched) = watch::channel(Progress::of(&live));
        let end = Arc::new(OnceLock::new());
        let shared = Shared {
            sheet_id: sheet_id.to_owned(),
            commands,
            events: events.downgrade(),
            progress: watched,
            end: Arc::clone(&end),
        };
        let (opened, open) = oneshot::channel();
        let owner = Owner::new(self.clone(), live, inbox, events, progress, opened);
        tokio::spawn(owner.run(end));
        match open.await {
            Ok(()) => Ok(Sheet::new(shared)),
            Err(_) => Err(shared.ended()),
        }
    }
}
