//! What an edit gives in return: a claim on its outcome.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::Revision;
use tokio::sync::oneshot;

use super::{Error, Shared};

pub(super) type Outcome = oneshot::Sender<Result<Accepted, Error>>;

/// An edit that is durable and has its place in the order.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The revision that it became. Edits that waited together share one.
    pub revision: Revision,
    /// Parts of it that did not take effect.
    pub conflicts: Arc<[v1::Conflict]>,
    /// How many more there are, which the server had no room to tell.
    pub conflicts_left_out: u32,
}

/// Wait on it for the outcome of an edit, or drop it: the edit goes its way regardless.
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
    /// [`Error::Edit`] when it can't be made, [`Error::Refused`] when the server refuses it,
    /// [`Error::Lost`] when it could not be carried over a fresh start.
    pub async fn accepted(self) -> Result<Accepted, Error> {
        self.outcome.await.unwrap_or_else(|_| Err(self.shared.ended()))
    }

    /// Waits until the edit is in Postgres.
    ///
    /// # Errors
    /// As for [`Self::accepted`].
    pub async fn committed(self) -> Result<Accepted, Error> {
        let accepted = self.outcome.await.unwrap_or_else(|_| Err(self.shared.ended()))?;
        self.shared.wait_for(|progress| progress.committed >= accepted.revision).await?;
        Ok(accepted)
    }
}
