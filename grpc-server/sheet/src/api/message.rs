//! The requests to a sheet's task, and the handle that sends them.
//!
//! The task owns everything about an open sheet; the handle owns the sending end of its inbox. Not here: the
//! wire's messages (`service` in the server). Invariant: a frame or an edit here has passed the check of its
//! form, or names its refusal.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, ColumnId, Presence, Revision, RowId, Sequence, SharedDelta, Window};
use prost::Message as _;
use rustc_hash::FxHashMap;
use tasks::Tasks;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

use crate::api::persons::Persons;
use crate::api::undo_target::UndoTarget;
pub use crate::fanout::applied::Applied;
use crate::fanout::published::SessionKey;
use crate::fanout::session::{EndReason, Outbox};
use crate::fanout::sessions::SessionOwner;
use crate::memory::{EditHold, EditRoom};
use crate::refusal::Refusal;
use model::sizes::DECODED_FACTOR;
use model::{AccountId, ColumnRecord, EditGroup, Role, RowBody, SheetId, SheetName};

/// Requests in the inbox of one sheet. While it is full, senders wait, and with them their clients.
pub const INBOX_REQUESTS: usize = 1024;

/// The size of a frame besides its content, in bytes.
const FRAME_BYTES: usize = 256;

/// A session that asks to join the sheet.
#[derive(Debug)]
pub struct Join {
    /// Its key in this process.
    pub key: SessionKey,
    /// Its id on the wire, for `Send`.
    pub session_id: String,
    /// Its account and token.
    pub owner: SessionOwner,
    /// Its client id.
    pub client: ClientId,
    /// Whether the client presented that id, so that its last edit must be looked up.
    pub presented: bool,
    /// The resume point: (epoch, revision).
    pub resume: Option<(u64, Revision)>,
    /// Its window, in the positions of its resume point.
    pub window: Window,
    /// Its outgoing queue.
    pub outbox: Outbox,
}

/// A frame that has been checked for its form.
#[derive(Debug)]
pub enum ClientMessage {
    /// A delta on a base revision.
    Edit {
        /// The edit's number.
        sequence: Sequence,
        /// The base revision.
        base: Revision,
        /// The change.
        delta: SharedDelta,
        /// The gesture that it is a part of.
        group: EditGroup,
    },
    /// Commands on the head.
    Commands {
        /// The edit's number.
        sequence: Sequence,
        /// The change.
        commands: Arc<v1::CommandList>,
        /// The gesture that they are a part of.
        group: EditGroup,
    },
    /// An edit that failed the check of its form; it is answered in its place among the others.
    Refused {
        /// The edit's number.
        sequence: Sequence,
        /// The reason.
        refusal: Refusal,
    },
    /// Another window.
    Look {
        /// The revision of the window's positions.
        revision: Revision,
        /// The window.
        window: Window,
        /// Row ranges to send.
        fetch: Vec<Range<u32>>,
    },
    /// A ping; its answer comes after the answers to all earlier frames.
    Ping(u64),
    /// The cursor, selections and edited cell of the session.
    Present {
        /// The revision of the positions.
        revision: Revision,
        /// The positions.
        presence: Presence,
    },
}

impl ClientMessage {
    /// What the frame counts in the allowance of looks; edits have one of their own.
    #[must_use]
    pub fn look_cost(&self) -> u32 {
        let parts = match self {
            Self::Look { fetch, .. } => fetch.len(),
            Self::Present { presence, .. } => presence.selections.len(),
            Self::Ping(_) => 0,
            Self::Edit { .. } | Self::Commands { .. } | Self::Refused { .. } => return 0,
        };
        u32::try_from(parts).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The most bytes of memory that the frame occupies while it waits.
    #[must_use]
    pub fn bytes(&self) -> usize {
        FRAME_BYTES
            + match self {
                Self::Edit { delta, .. } => delta.weight().bytes,
                Self::Commands { commands, .. } => commands_bytes(commands),
                Self::Look { fetch, .. } => mem::size_of_val(&fetch[..]),
                Self::Present { presence, .. } => mem::size_of_val(&presence.selections[..]),
                Self::Refused { .. } | Self::Ping(_) => 0,
            }
    }
}

impl ApplyChange {
    /// The most bytes of memory that the change occupies while it waits.
    #[must_use]
    pub fn bytes(&self) -> usize {
        FRAME_BYTES
            + match self {
                Self::Commands(commands) => commands_bytes(commands),
                Self::Delta { delta, .. } => delta.weight().bytes,
                Self::TakeBack(_) => 0,
            }
    }
}

/// The most bytes of a decoded list: its smallest items are two bytes in a message.
fn commands_bytes(commands: &v1::CommandList) -> usize {
    commands.encoded_len().saturating_mul(DECODED_FACTOR)
}

/// A unary edit.
#[derive(Debug)]
pub struct Apply {
    /// The caller's account.
    pub account: AccountId,
    /// The caller's role, and the number of the lookup that found it.
    pub role: (Role, u64),
    /// The client id that names the edit, with sequence 1.
    pub client: ClientId,
    /// Whether that id may have been used before, so that it must be looked up.
    pub presented: bool,
    /// The change.
    pub change: ApplyChange,
    /// The gesture that an edit is a part of.
    pub group: EditGroup,
    /// The room that it takes while it waits.
    pub hold: EditHold,
    /// The receiver of the answer.
    pub reply: oneshot::Sender<Result<Applied, Refusal>>,
}

/// The change of a unary edit.
#[derive(Clone, Debug)]
pub enum ApplyChange {
    /// Commands on the head.
    Commands(Arc<v1::CommandList>),
    /// A delta on a base revision.
    Delta {
        /// The base revision.
        base: Revision,
        /// The change.
        delta: SharedDelta,
        /// Whether what has changed since the base stays, and the edit lists what it has left out for that.
        yields: bool,
    },
    /// An undo or redo of the caller's own change, or a restore of a revision.
    TakeBack(UndoTarget),
}

/// A window of cells at one revision.
#[derive(Clone, Debug)]
pub struct WindowRead {
    /// The epoch of the sheet's history: its revisions are others in another one.
    pub epoch: u64,
    /// The revision.
    pub revision: Revision,
    /// Position of the first row.
    pub start_row: u32,
    /// Rows with their ids and bodies.
    pub rows: Vec<(RowId, Option<Arc<RowBody>>)>,
    /// All columns of the sheet, in order.
    pub columns: Arc<[ColumnRecord]>,
    /// The number of rows of the sheet.
    pub row_count: u32,
}

/// The columns of a read.
#[derive(Clone, Debug)]
pub enum ReadColumns {
    /// By position; those beyond the sheet are left out.
    At(Range<u32>),
    /// By name in normal form C, sorted: callers choose the names, so no hash of them is used. Those that no column has
    /// are left out.
    Named(Arc<[String]>),
}

impl ReadColumns {
    /// Their ids, where they are so few that the other cells of a row are not worth reading.
    pub(crate) fn few_of(&self, columns: &[ColumnRecord]) -> Option<Vec<ColumnId>> {
        let ids: Vec<ColumnId> = match self {
            Self::At(places) => {
                let (start, end) = (places.start as usize, places.end as usize);
                columns.iter().take(end).skip(start).map(|column| column.id).collect()
            }
            Self::Named(names) => {
                let is = |wanted: &str| names.binary_search_by(|name| (**name).cmp(wanted)).is_ok();
                let named = |column: &&ColumnRecord| is(&values::normal(&column.name));
                columns.iter().filter(named).map(|column| column.id).collect()
            }
        };
        (2 * ids.len() < columns.len()).then_some(ids)
    }
}

/// A unary read.
#[derive(Debug)]
pub struct Read {
    /// The turn of its account, which lasts until the answer: see [`SheetMemory::fetches`](crate::memory::SheetMemory).
    pub turn: Option<Arc<OwnedSemaphorePermit>>,
    /// The positions of the rows.
    pub rows: Range<u32>,
    /// The columns that the caller will look at; the answer may lack the cells of others.
    pub columns: ReadColumns,
    /// The receiver of the answer.
    pub reply: oneshot::Sender<Result<WindowRead, Refusal>>,
}

/// A question for the positions of rows.
#[derive(Debug)]
pub struct Places {
    /// The ids of the rows.
    pub rows: Vec<RowId>,
    /// The receiver of the answer.
    pub reply: oneshot::Sender<PlacesFound>,
}

/// The positions of rows, and the columns, at one revision.
#[derive(Clone, Debug)]
pub struct PlacesFound {
    /// The position of each row; `None` for one that is not in the sheet.
    pub rows: Vec<Option<u32>>,
    /// The first row id that was never given out.
    pub next_row: RowId,
    /// The columns of the sheet, in order.
    pub columns: Vec<ColumnRecord>,
}

/// A request to a sheet's task.
#[derive(Debug)]
pub enum Request {
    /// Opens a session.
    Join(Box<Join>),
    /// Frames of a session.
    Frames {
        /// The session.
        session: SessionKey,
        /// Its frames, in order.
        frames: Vec<ClientMessage>,
        /// The room that they take while they wait.
        hold: EditHold,
    },
    /// A session has ended.
    Leave(SessionKey),
    /// Ends one session from the server's side.
    End(SessionKey, EndReason),
    /// A session continues under another token, of this hash.
    Refresh(SessionKey, [u8; 32]),
    /// A unary edit.
    Apply(Box<Apply>),
    /// A unary read.
    Read(Read),
    /// A question for the positions of rows.
    Places(Places),
    /// Ends all sessions that were opened with this token.
    Revoke([u8; 32]),
    /// Refuses further edits, or accepts them again; answered when the edits before are accepted or refused.
    Seal(bool, Option<oneshot::Sender<()>>),
    /// Sets the roles of accounts.
    Roles(Roles),
    /// Sets the name of the sheet.
    Name(SheetName),
    /// Roles or links have changed: all sessions receive it.
    Sharing,
    /// Comments have changed: all sessions receive it.
    Comments,
    /// Sets the names and colors of the persons with sessions.
    Persons(Persons),
    /// Sends all sessions the time at which the server stops, in microseconds since the Unix epoch.
    Drain(i64),
    /// Ends all sessions and the task.
    Close(EndReason),
}

/// The roles that accounts have on a sheet, as one lookup found them.
#[derive(Clone, Debug)]
pub struct Roles {
    /// The number of the lookup, which grows with its time.
    pub asked: u64,
    /// The accounts; `None`: it has no role.
    pub of: FxHashMap<AccountId, Option<Role>>,
}

impl Roles {
    /// The role of a session's owner where it is newer than that of the session; `Some(None)`: it has no role.
    pub(crate) fn newer(&self, owner: &SessionOwner) -> Option<Option<Role>> {
        self.of.get(&owner.account).copied().filter(|_| owner.role_asked < self.asked)
    }
}

/// The sheet is not open any more; open it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// A handle on a sheet's task.
#[derive(Clone, Debug)]
pub struct SheetHandle {
    /// The sheet.
    pub id: SheetId,
    pub(crate) inbox: mpsc::Sender<Request>,
    pub(crate) accepted: watch::Receiver<Revision>,
    pub(crate) committed: watch::Receiver<Revision>,
    pub(crate) room: EditRoom,
    pub(crate) tasks: Tasks,
}

impl SheetHandle {
    /// Waits until the sheet, the account and the server have room for edits of this size in memory.
    ///
    /// # Errors
    /// [`Gone`] when the sheet is not open any more.
    pub async fn room(&self, account: AccountId, bytes: usize) -> Result<EditHold, Gone> {
        tokio::select! {
            hold = self.room.take(account, bytes) => hold.ok_or(Gone),
            () = self.inbox.closed() => Err(Gone),
        }
    }

    /// Sends a request to the task. Waits while its inbox is full.
    ///
    /// # Errors
    /// [`Gone`] when the sheet is not open any more.
    pub async fn send(&self, request: Request) -> Result<(), Gone> {
        self.inbox.send(request).await.map_err(|_| Gone)
    }

    /// Sends a request that needs no answer, unless the sheet has closed.
    pub async fn send_if_open(&self, request: Request) {
        // A closed sheet needs no such request.
        let _ = self.send(request).await;
    }

    /// Sends a request from code that can't wait, such as a destructor.
    pub fn send_detached(&self, request: Request) {
        if let Err(mpsc::error::TrySendError::Full(request)) = self.inbox.try_send(request) {
            let inbox = self.inbox.clone();
            // An error means that the sheet has closed, and then the request has no object.
            self.tasks.try_spawn(async move { drop(inbox.send(request).await) });
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
