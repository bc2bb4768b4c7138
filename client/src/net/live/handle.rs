//! The handle of a live sheet.
//!
//! It holds no sheet: each method sends a command to the owner task. Invariant: commands of one handle take
//! effect in the order of the calls.

use std::sync::Arc;

use ot_engine::{Delta, Revision, Sequence, Value, View};
use tokio::sync::{broadcast, oneshot};

use super::command::Command;
use super::outcome::Outcome;
use super::progress::Progress;
use super::shared::Shared;
use super::ticket::EditTicket;
use crate::core::{EditError, Event, LiveSheet, Looking, Person, Presence};
use crate::net::error::Error;

/// A handle of a live sheet. Cheap to clone; the connection ends with the last handle and ticket.
///
/// An edit shows in this client's view immediately, and the owner task sends it. It survives a lost
/// connection: the sheet reconnects with back-off, resumes, and sends unanswered edits again.
#[derive(Clone, Debug)]
pub struct Sheet {
    shared: Arc<Shared>,
}

impl Sheet {
    pub(super) fn new(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }

    /// The sheet's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.sheet_id
    }

    /// Sets one cell. It waits only while the command queue is full.
    ///
    /// # Errors
    /// [`Error::Closed`], or the reason why the live sheet ended. The ticket returns an error of the edit.
    pub async fn set(
        &self,
        row: u32,
        col: u32,
        value: impl Into<Value>,
    ) -> Result<EditTicket, Error> {
        self.apply(Delta::set_cell(row, col, value)).await
    }

    /// Makes any edit, in positions of this client's view.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn apply(&self, delta: Delta) -> Result<EditTicket, Error> {
        self.apply_in(0, delta).await
    }

    /// Makes any edit, as a part of a gesture: one undo takes consecutive edits of one group back. See
    /// [`new_group`](crate::net::new_group).
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn apply_in(&self, group: u64, delta: Delta) -> Result<EditTicket, Error> {
        self.ticket(|outcome| Command::Edit { delta, group, outcome }).await
    }

    /// Makes an edit that depends on the view; no other change comes between reading and editing.
    ///
    /// ```no_run
    /// # async fn example(sheet: client::net::Sheet) -> Result<(), client::Error> {
    /// // Append a row.
    /// let ticket = sheet.edit(|live| live.insert_rows(live.row_count(), 1)).await?;
    /// ticket.committed().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn edit(
        &self,
        edit: impl FnOnce(&mut LiveSheet) -> Result<Sequence, EditError> + Send + 'static,
    ) -> Result<EditTicket, Error> {
        self.ticket(|outcome| Command::EditWith { edit: Box::new(edit), outcome }).await
    }

    /// Reads the live sheet: its view, columns and state. [`Self::edit`] edits it.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn read<R: Send + 'static>(
        &self,
        read: impl FnOnce(&LiveSheet) -> R + Send + 'static,
    ) -> Result<R, Error> {
        let (answer, answered) = oneshot::channel();
        let read = Box::new(move |live: &LiveSheet| {
            // The caller may have stopped waiting.
            let _ = answer.send(read(live));
        });
        self.send(Command::Read(read)).await?;
        answered.await.map_err(|_| self.shared.ended())
    }

    /// The current view with own edits. It shares its rows and copies no values.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn snapshot(&self) -> Result<View, Error> {
        self.read(|live| live.view().cloned().unwrap_or_default()).await
    }

    /// Sets the wanted rows; missing rows are fetched.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn look(&self, looking: Looking) -> Result<(), Error> {
        self.send(Command::Look(looking)).await
    }

    /// Sets this session's presence. Only the newest of several is sent.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn set_presence(&self, presence: Presence) -> Result<(), Error> {
        self.send(Command::Present(presence)).await
    }

    /// The other participants. Read them again after [`Event::People`].
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        self.read(LiveSheet::people).await
    }

    /// All events from now on. A listener that lags too far loses the oldest and gets an error with their number.
    /// [`Progress::discarded_cells`] shows whether cells of lost edits were among them, also after the live sheet ended.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Event> {
        match self.shared.events.upgrade() {
            Some(events) => events.subscribe(),
            // The owner task has ended, and so does a channel without a sender.
            None => broadcast::channel(1).1,
        }
    }

    /// The current progress.
    #[must_use]
    pub fn progress(&self) -> Progress {
        *self.shared.progress.borrow()
    }

    /// Waits until the session is open, all earlier edits are accepted and the viewport is loaded.
    ///
    /// # Errors
    /// The reason why the live sheet ended.
    pub async fn wait_synced(&self) -> Result<Progress, Error> {
        let (passed, barrier) = oneshot::channel();
        self.send(Command::Barrier(passed)).await?;
        barrier.await.map_err(|_| self.shared.ended())?;
        self.shared.wait_for(|progress| progress.synced).await
    }

    /// Waits until this client has received a revision.
    ///
    /// # Errors
    /// The reason why the live sheet ended.
    pub async fn wait_revision(&self, revision: Revision) -> Result<Progress, Error> {
        self.shared.wait_for(|progress| progress.revision >= revision).await
    }

    /// Waits until a revision is committed to Postgres.
    ///
    /// # Errors
    /// The reason why the live sheet ended.
    pub async fn wait_committed(&self, revision: Revision) -> Result<Progress, Error> {
        self.shared.wait_for(|progress| progress.committed >= revision).await
    }

    /// Drops the connection as a broken network does; the sheet reconnects. For tests.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn interrupt(&self) -> Result<(), Error> {
        self.send(Command::Interrupt).await
    }

    /// Ends the live sheet for all its handles. It discards edits that are not accepted yet; call
    /// [`Self::wait_synced`] first.
    pub async fn close(self) {
        let (passed, closed) = oneshot::channel();
        if self.send(Command::Close(passed)).await.is_ok() {
            // An answer and a closed channel both mean that the task has ended.
            let _ = closed.await;
        }
    }

    async fn ticket(&self, command: impl FnOnce(Outcome) -> Command) -> Result<EditTicket, Error> {
        let (outcome, answer) = oneshot::channel();
        self.send(command(outcome)).await?;
        Ok(EditTicket::new(answer, self.shared.clone()))
    }

    async fn send(&self, command: Command) -> Result<(), Error> {
        self.shared.commands.send(command).await.map_err(|_| self.shared.ended())
    }
}
