//! The work of the ordering core: edits, and requests that wait for the edits before them.
//!
//! Plain data. Invariant: work that returns to the queue asks for the same change again.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, Revision, RowId, Sequence, SharedDelta, Submission};
use prost::Message as _;
use rustc_hash::FxHashMap;

use super::commands;
use super::heavy::Carrying;
use crate::api::message::ApplyChange;
use crate::api::undo_target::UndoTarget;
use crate::fanout::published::{SessionKey, command_client};
use crate::memory::EditHold;
use crate::refusal::Refusal;
use model::{AccountId, EditGroup, Origin, RowBody};

/// Bytes that a piece of work takes besides its change.
const WORK_BYTES: usize = 256;

/// Rows by id, as they are at the published head.
pub(crate) type Bodies = FxHashMap<RowId, Arc<RowBody>>;

/// Names a request for which the actor keeps a caller or an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RequestId(pub(crate) u64);

/// The account and the client of an edit, and the gesture that it is a part of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Author {
    pub(crate) account: AccountId,
    pub(crate) client: ClientId,
    pub(crate) group: EditGroup,
}

/// One piece of work.
#[derive(Debug)]
pub(crate) enum Work {
    /// A delta of a live session.
    Live { author: Author, session: SessionKey, submission: Submission },
    /// Commands of a live session.
    Commands { author: Author, session: SessionKey, sequence: Sequence, list: Arc<v1::CommandList> },
    /// An edit of a live session that is refused; it uses its number up.
    Refused { client: ClientId, session: SessionKey, sequence: Sequence, refusal: Refusal },
    /// A unary edit.
    Unary { request: RequestId, author: Author, change: ApplyChange },
    /// The delta of an undo, redo or restore, made on the published head.
    Restoring(Box<Restoring>),
    /// A request that waits until the work before it is published, except parked work: with a client, until
    /// the work of that client is.
    Mark { request: RequestId, client: Option<ClientId> },
    /// A request that needs everything accepted before it, by any node, and no staged edit.
    Alone { request: RequestId },
}

/// An undo, redo or restore whose change has been looked up.
#[derive(Debug)]
pub(crate) struct Restoring {
    pub(crate) request: RequestId,
    pub(crate) author: Author,
    pub(crate) target: UndoTarget,
    pub(crate) base: Revision,
    pub(crate) delta: SharedDelta,
    pub(crate) origin: Origin,
}

impl Work {
    /// The client whose later work waits while this work is parked.
    pub(super) fn client(&self) -> Option<ClientId> {
        match self {
            Self::Live { author, .. } | Self::Commands { author, .. } => Some(author.client),
            Self::Unary { author, .. } => Some(author.client),
            Self::Refused { client, .. } => Some(*client),
            Self::Mark { client, .. } => *client,
            Self::Restoring(restoring) => Some(restoring.author.client),
            Self::Alone { .. } => None,
        }
    }

    /// The account of an edit.
    pub(super) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Live { author, .. } | Self::Commands { author, .. } => Some(author.account),
            Self::Unary { author, .. } => Some(author.account),
            Self::Restoring(restoring) => Some(restoring.author.account),
            Self::Refused { .. } | Self::Mark { .. } | Self::Alone { .. } => None,
        }
    }

    /// The caller of a unary edit.
    pub(super) fn caller(&self) -> Option<RequestId> {
        match self {
            Self::Unary { request, .. } => Some(*request),
            Self::Restoring(restoring) => Some(restoring.request),
            _ => None,
        }
    }

    /// The session and the number of a live edit.
    pub(super) fn live(&self) -> Option<(SessionKey, Sequence)> {
        match self {
            Self::Live { session, submission, .. } => Some((*session, submission.sequence)),
            Self::Commands { session, sequence, .. } | Self::Refused { session, sequence, .. } => {
                Some((*session, *sequence))
            }
            _ => None,
        }
    }

    /// A refusal of its delta, where that was made of commands: with the command in place of a text edit.
    pub(super) fn named(&self, refusal: Refusal) -> Refusal {
        match self {
            Self::Commands { list, .. }
            | Self::Unary { change: ApplyChange::Commands(list), .. } => {
                commands::named_by_command(list, refusal)
            }
            _ => refusal,
        }
    }

    /// The bytes that it takes while it is parked.
    pub(super) fn bytes(&self) -> usize {
        let change = match self {
            Self::Live { submission, .. } => submission.delta.weight().bytes,
            Self::Commands { list, .. }
            | Self::Unary { change: ApplyChange::Commands(list), .. } => list.encoded_len(),
            Self::Unary { change: ApplyChange::Delta { delta, .. }, .. } => delta.weight().bytes,
            Self::Restoring(restoring) => restoring.delta.weight().bytes,
            _ => 0,
        };
        WORK_BYTES + change
    }

    /// The work as it returns to the queue after a rollback: an undo is looked up again, because other
    /// nodes have changed the sheet.
    fn again(self) -> Self {
        match self {
            Self::Restoring(restoring) => {
                let Restoring { request, author, target, .. } = *restoring;
                Self::Unary { request, author, change: ApplyChange::TakeBack(target) }
            }
            other => other,
        }
    }
}

/// Work with what the core has learned of it.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) work: Work,
    /// The turn in which it arrived.
    pub(super) arrived: u64,
    /// It returned to the queue after a rollback; entries after this revision were published meanwhile.
    pub(super) again_after: Option<Revision>,
    /// An append of it has no answer, so it may still land: it can't be refused any more.
    pub(super) unanswered: bool,
    /// It was staged before: it has passed the limits, and counts in the bytes of the account.
    pub(super) passed: bool,
    /// It is appended in a batch of its own, because the journal has little room.
    pub(super) apart: bool,
    /// Rows that were fetched for it.
    pub(super) rows: Bodies,
    /// Older changes, after this revision, were fetched for it.
    pub(super) history: Option<Revision>,
    /// Its list of commands as a delta on a published revision.
    pub(super) compiled: Option<(Revision, SharedDelta)>,
    /// How far it is carried over the changes since its base.
    pub(super) carrying: Option<Box<Carrying>>,
    /// The room that it takes until it is published or refused.
    pub(super) _hold: EditHold,
}

impl Queued {
    pub(super) fn new(work: Work, arrived: u64) -> Self {
        let rows = Bodies::default();
        Self {
            work,
            arrived,
            again_after: None,
            unanswered: false,
            passed: false,
            apart: false,
            rows,
            history: None,
            compiled: None,
            carrying: None,
            _hold: EditHold::default(),
        }
    }

    /// The work as it returns to the queue after a rollback to `durable`.
    pub(super) fn again(self, durable: Revision) -> Self {
        let again_after = self.again_after.or(Some(durable));
        Self { work: self.work.again(), again_after, ..self }
    }
}

/// The id under which a client's parked work is kept: one for its deltas and its commands.
pub(super) fn line_of(client: ClientId) -> ClientId {
    client.min(command_client(client))
}
