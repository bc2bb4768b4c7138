//! What can be said to a sheet's task, and the handle that says it.
//!
//! The task owns everything about an open sheet; the handle owns nothing but the way there.

use std::ops::Range;
use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, Delta, EntryConflict, Presence, Revision, RowId, Sequence, Window};
use tokio::sync::{mpsc, oneshot, watch};

use crate::api::undo_target::UndoTarget;
use crate::fanout::published::SessionKey;
use crate::fanout::session::{EndReason, Outbox};
use crate::fanout::sessions::SessionOwner;
use crate::refusal::Refusal;
use model::{AccountId, ColumnRecord, RowBody, SheetId};

/// Requests queued for one sheet; past it, senders wait, and with them their clients.
pub const INBOX_REQUESTS: usize = 1024;

/// A session that wants to be part of the sheet.
#[derive(Debug)]
pub struct Join {
    /// Its name in this process.
    pub key: SessionKey,
    /// Its name for `Send`.
    pub session_id: String,
    /// Who it is.
    pub owner: SessionOwner,
    /// Its client id.
    pub client: ClientId,
    /// Whether the client brought that id along, so that it must be looked up.
    pub presented: bool,
    /// Where it goes on: (epoch, revision).
    pub resume: Option<(u64, Revision)>,
    /// What it looks at, in the positions of its resume point.
    pub window: Window,
    /// Its way out.
    pub outbox: Outbox,
}

/// A frame that has been checked for its form.
#[derive(Debug)]
pub enum ClientMessage {
    /// A delta on a base revision.
    Edit {
        /// The edit's number.
        sequence: Sequence,
        /// What it was made on.
        base: Revision,
        /// The change.
        delta: Delta,
    },
    /// Commands on the head.
    Commands {
        /// The edit's number.
        sequence: Sequence,
        /// The change.
        commands: v1::CommandList,
    },
    /// An edit that failed its first check; it is answered in its turn.
    Refused {
        /// The edit's number.
        sequence: Sequence,
        /// Why.
        refusal: Refusal,
    },
    /// Another window.
    Look {
        /// Whose positions the window is in.
        revision: Revision,
        /// The window.
        window: Window,
        /// Row ranges to send.
        fetch: Vec<Range<u32>>,
    },
    /// Answered after everything before it.
    Ping(u64),
    /// Where the session is.
    Present {
        /// Whose positions these are.
        revision: Revision,
        /// The positions.
        presence: Presence,
    },
}

/// A unary edit.
#[derive(Debug)]
pub struct Apply {
    /// Who asks.
    pub account: AccountId,
    /// Names the edit, with sequence 1.
    pub client: ClientId,
    /// Whether that name may have been used before, so that it must be looked up.
    pub presented: bool,
    /// The change.
    pub change: ApplyChange,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Applied, Refusal>>,
}

/// What a unary edit changes.
#[derive(Clone, Debug)]
pub enum ApplyChange {
    /// Commands on the head.
    Commands(v1::CommandList),
    /// A delta on a base revision.
    Delta {
        /// What it was made on.
        base: Revision,
        /// The change.
        delta: Delta,
    },
    /// A change of the caller's own is taken back, or everything since a revision.
    TakeBack(UndoTarget),
}

/// The answer to a unary edit: durable in the journal.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Its revision.
    pub revision: Revision,
    /// What did not take effect.
    pub conflicts: Arc<[EntryConflict]>,
}

/// A window of cells at one revision.
#[derive(Clone, Debug)]
pub struct WindowRead {
    /// The revision.
    pub revision: Revision,
    /// Position of the first row.
    pub start_row: u32,
    /// Rows with their ids and bodies.
    pub rows: Vec<(RowId, Option<Arc<RowBody>>)>,
    /// All columns of the sheet, in order.
    pub columns: Arc<[ColumnRecord]>,
    /// How many rows the sheet has.
    pub row_count: u32,
}

/// A unary read.
#[derive(Debug)]
pub struct Read {
    /// Which rows.
    pub rows: Range<u32>,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<WindowRead, Refusal>>,
}

/// Anything that a sheet's task can be asked.
#[derive(Debug)]
pub enum Request {
    /// Opens a session.
    Join(Box<Join>),
    /// What a session says.
    Frames {
        /// Which session.
        session: SessionKey,
        /// Its frames, in order.
        frames: Vec<ClientMessage>,
    },
    /// A session is over.
    Leave(SessionKey),
    /// Ends one session from the server's side.
    End(SessionKey, EndReason),
    /// A session goes on under another token, whose hash this is.
    Refresh(SessionKey, [u8; 32]),
    /// A unary edit.
    Apply(Box<Apply>),
    /// A unary read.
    Read(Read),
    /// Ends all sessions that were opened with this token.
    Revoke([u8; 32]),
    /// Tells all sessions that the server is about to stop, in microseconds since the epoch.
    Drain(i64),
    /// Ends all sessions and the task.
    Close(EndReason),
}

impl Request {
    /// Whether its answer must not lack anything that was accepted before, on whatever node.
    pub(crate) const fn wants_all(&self) -> bool {
        matches!(self, Self::Join(_) | Self::Apply(_) | Self::Read(_))
    }
}

/// The sheet is not open any more; open it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// The way to a sheet's task.
#[derive(Clone, Debug)]
pub struct SheetHandle {
    /// Which sheet.
    pub id: SheetId,
    pub(crate) inbox: mpsc::Sender<Request>,
    pub(crate) accepted: watch::Receiver<Revision>,
    pub(crate) committed: watch::Receiver<Revision>,
}

impl SheetHandle {
    /// Says something to the task, waiting while its inbox is full.
    ///
    /// # Errors
    /// [`Gone`] when the sheet is not open any more.
    pub async fn send(&self, request: Request) -> Result<(), Gone> {
        self.inbox.send(request).await.map_err(|_| Gone)
    }

    /// Says something that has no meaning any more once the sheet has closed.
    pub async fn tell(&self, request: Request) {
        // Closed is as good as told.
        let _ = self.send(request).await;
    }

    /// Says something from a place that cannot wait, such as a destructor.
    pub fn send_detached(&self, request: Request) {
        if let Err(mpsc::error::TrySendError::Full(request)) = self.inbox.try_send(request)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let inbox = self.inbox.clone();
            // The task is gone when this fails, and with it what the request was about.
            runtime.spawn(async move { inbox.send(request).await.ok() });
        }
    }

    /// Resolves when the sheet is not open any more.
    pub async fn closed(&self) {
        self.inbox.closed().await;
    }

    /// The last accepted revision.
    pub fn head(&self) -> Revision {
        *self.accepted.borrow()
    }

    /// Waits until everything up to `revision` is in Postgres.
    ///
    /// # Errors
    /// [`Gone`] when the sheet is closed first.
    pub async fn committed(&self, revision: Revision) -> Result<(), Gone> {
        let mut committed = self.committed.clone();
        committed.wait_for(|at| *at >= revision).await.map(|_| ()).map_err(|_| Gone)
    }
}
