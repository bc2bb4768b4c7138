//! A ticket for the outcome of an edit.
//!
//! Dropping it does not cancel the edit. Invariant: a ticket gets an outcome, or the reason why the live sheet
//! ended.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::outcome::Accepted;
use super::shared::Shared;
use crate::net::error::Error;

/// Waits for the outcome of an edit. The server gets the edit also when the ticket is dropped.
#[derive(Debug)]
#[must_use = "an edit may be refused; drop the ticket on purpose if that does not matter"]
pub struct EditTicket {
    outcome: oneshot::Receiver<Result<Accepted, Error>>,
    shared: Arc<Shared>,
}

impl EditTicket {
    pub(super) fn new(
        outcome: oneshot::Receiver<Result<Accepted, Error>>,
        shared: Arc<Shared>,
    ) -> Self {
        Self { outcome, shared }
    }

    /// Waits until the edit is durable.
    ///
    /// # Errors
    /// [`Error::Edit`] when the edit is not possible, [`Error::Refused`] when the server refuses it,
    /// [`Error::Lost`] when a fresh start discarded it.
    pub async fn accepted(self) -> Result<Accepted, Error> {
        self.outcome.await.unwrap_or_else(|_| Err(self.shared.ended()))
    }

    /// Waits until the edit is committed to Postgres.
    ///
    /// # Errors
    /// As for [`Self::accepted`].
    pub async fn committed(self) -> Result<Accepted, Error> {
        let accepted = self.outcome.await.unwrap_or_else(|_| Err(self.shared.ended()))?;
        self.shared.wait_for(|progress| progress.committed >= accepted.revision).await?;
        Ok(accepted)
    }
}
