//! A live sheet that keeps itself connected.
//!
//! One task owns the [`LiveSheet`], the connection and everybody who waits; the handle only sends it
//! messages. So there is no lock, and what one handle does happens in the order in which it was
//! called.

mod link;
mod owner;
mod pace;
mod ticket;

use std::sync::{Arc, OnceLock};

use ot_engine::{Delta, Revision, Sequence, Value, View};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::{Client, Error};
use crate::core::{EditError, Event, LiveOptions, LiveSheet, SaveState};
use owner::{Command, Owner};

pub use crate::core::{Looking, Person, Presence};
pub use ticket::{Accepted, EditTicket};

/// Commands that may wait for the owner task; past it, a handle waits.
const COMMANDS_MAX: usize = 1024;
/// Events that a listener may lag behind before it loses the oldest.
const EVENTS_MAX: usize = 8192;

/// How to open a live sheet.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// What to load and follow.
    pub looking: Looking,
    /// How many edits may be on the way unanswered.
    pub max_in_flight_edits: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        let max_in_flight_edits = LiveOptions::default().max_in_flight_edits;
        Self { looking: Looking::All, max_in_flight_edits }
    }
}

/// How far a live sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last revision seen.
    pub revision: Revision,
    /// Everything up to here is in Postgres.
    pub committed: Revision,
    /// How safe own edits are.
    pub save_state: SaveState,
    /// Connected, every own edit accepted, all that is looked at loaded.
    pub synced: bool,
}

impl Progress {
    fn of(live: &LiveSheet) -> Self {
        Self {
            revision: live.revision(),
            committed: live.committed(),
            save_state: live.save_state(),
            synced: live.is_synced(),
        }
    }
}

/// What all handles of one live sheet share.
#[derive(Debug)]
struct Shared {
    sheet_id: String,
    commands: mpsc::Sender<Command>,
    events: broadcast::WeakSender<Event>,
    progress: watch::Receiver<Progress>,
    /// Why the owner task ended, once it has.
    end: Arc<OnceLock<Error>>,
}

impl Shared {
    fn ended(&self) -> Error {
        self.end.get().cloned().unwrap_or(Error::Closed)
    }

    async fn wait_for(&self, until: impl FnMut(&Progress) -> bool) -> Result<Progress, Error> {
        let mut progress = self.progress.clone();
        let found = progress.wait_for(until).await.map(|found| *found);
        found.map_err(|_| self.ended())
    }
}

/// A handle on a sheet that is open for live editing. Cheap to clone; the connection ends with the
/// last handle (and the last ticket).
///
/// An edit shows in this client's view at once, is sent by itself, and survives a lost connection:
/// the sheet reconnects with back-off, goes on where it was, and sends again what was not answered.
#[derive(Clone, Debug)]
pub struct Sheet {
    shared: Arc<Shared>,
}

impl Client {
    /// Opens a sheet for live editing, and loads all of it in the background.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server does not open it, for example because there is no such
    /// sheet; any error of a first connection.
    pub async fn open(&self, sheet_id: &str) -> Result<Sheet, Error> {
        self.open_with(sheet_id, OpenOptions::default()).await
    }

    /// The same as [`Self::open`], with a choice of what to load.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn open_with(&self, sheet_id: &str, options: OpenOptions) -> Result<Sheet, Error> {
        let live = LiveSheet::new(
            sheet_id,
            LiveOptions {
                max_in_flight_edits: options.max_in_flight_edits,
                looking: options.looking,
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
            end: end.clone(),
        };
        let (opened, open) = oneshot::channel();
        let owner = Owner::new(self.clone(), live, inbox, events, progress, opened);
        tokio::spawn(owner.run(end));
        match open.await {
            Ok(()) => Ok(Sheet { shared: Arc::new(shared) }),
            Err(_) => Err(shared.ended()),
        }
    }
}

impl Sheet {
    /// The sheet's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.sheet_id
    }

    /// Sets one cell. Waits only while very many commands wait already.
    ///
    /// # Errors
    /// [`Error::Closed`] or the reason why the live sheet ended. What is wrong with the edit itself
    /// is told by the ticket.
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
        self.ticket(|outcome| Command::Edit { delta, outcome }).await
    }

    /// Makes an edit that depends on the view: looks, decides and edits with nothing in between.
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

    /// Looks at the live sheet: its view, columns, state. Edits go by [`Self::edit`].
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn read<R: Send + 'static>(
        &self,
        read: impl FnOnce(&LiveSheet) -> R + Send + 'static,
    ) -> Result<R, Error> {
        let (answer, answered) = oneshot::channel();
        let read = Box::new(move |live: &LiveSheet| {
            // Whoever asked may have given up.
            let _ = answer.send(read(live));
        });
        self.send(Command::Read(read)).await?;
        answered.await.map_err(|_| self.shared.ended())
    }

    /// The view as it is now, own edits included. Rows are shared, so no values are copied.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn snapshot(&self) -> Result<View, Error> {
        self.read(|live| live.view().cloned().unwrap_or_default()).await
    }

    /// Looks somewhere else: what is missing there is fetched.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn look(&self, looking: Looking) -> Result<(), Error> {
        self.send(Command::Look(looking)).await
    }

    /// Tells the others where this session is. Many at once are sent as one.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn set_presence(&self, presence: Presence) -> Result<(), Error> {
        self.send(Command::Present(presence)).await
    }

    /// The others in session; [`Event::People`] tells when to ask again.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        self.read(LiveSheet::people).await
    }

    /// All events from now on. A listener that lags far behind loses the oldest, and is told so.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Event> {
        match self.shared.events.upgrade() {
            Some(events) => events.subscribe(),
            // The owner task has ended: a channel without a sender says so.
            None => broadcast::channel(1).1,
        }
    }

    /// How far the sheet is now.
    #[must_use]
    pub fn progress(&self) -> Progress {
        *self.shared.progress.borrow()
    }

    /// Waits until this client is connected, everything that it did before is accepted, and all that
    /// it looks at is loaded.
    ///
    /// # Errors
    /// The reason why the live sheet ended.
    pub async fn wait_synced(&self) -> Result<Progress, Error> {
        let (passed, barrier) = oneshot::channel();
        self.send(Command::Barrier(passed)).await?;
        barrier.await.map_err(|_| self.shared.ended())?;
        self.shared.wait_for(|progress| progress.synced).await
    }

    /// Waits until this client has seen a revision.
    ///
    /// # Errors
    /// The reason why the live sheet ended.
    pub async fn wait_revision(&self, revision: Revision) -> Result<Progress, Error> {
        self.shared.wait_for(|progress| progress.revision >= revision).await
    }

    /// Waits until everything up to a revision is in Postgres.
    ///
    /// # Errors
    /// The reason why the live sheet ended.
    pub async fn wait_committed(&self, revision: Revision) -> Result<Progress, Error> {
        self.shared.wait_for(|progress| progress.committed >= revision).await
    }

    /// Drops the connection as a broken network would; the sheet reconnects by itself. For tests.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub async fn interrupt(&self) -> Result<(), Error> {
        self.send(Command::Interrupt).await
    }

    /// Ends the live sheet for all its handles. Edits that are not accepted yet are given up: wait
    /// with [`Self::wait_synced`] first.
    pub async fn close(self) {
        let (passed, closed) = oneshot::channel();
        if self.send(Command::Close(passed)).await.is_ok() {
            // Either way it has ended.
            let _ = closed.await;
        }
    }

    async fn ticket(
        &self,
        command: impl FnOnce(ticket::Outcome) -> Command,
    ) -> Result<EditTicket, Error> {
        let (outcome, answer) = oneshot::channel();
        self.send(command(outcome)).await?;
        Ok(EditTicket::new(answer, self.shared.clone()))
    }

    async fn send(&self, command: Command) -> Result<(), Error> {
        self.shared.commands.send(command).await.map_err(|_| self.shared.ended())
    }
}
