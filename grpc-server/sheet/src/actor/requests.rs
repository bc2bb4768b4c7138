//! The requests that the ordering core knows by an id: callers that wait for an answer, and actions that wait
//! for their turn.
//!
//! A table without decisions. Invariant: each id is given out once, and its request is taken out once.

use std::ops::Range;

use ot_engine::{Revision, Window};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::lookups::FetchedRows;
use super::open_reads::Fetched;
use crate::admission::Found;
use crate::api::message::{Applied, Places, Read};
use crate::fanout::published::SessionKey;
use crate::fanout::session::EndReason;
use crate::ordering::work::RequestId;
use crate::refusal::Refusal;
use crate::time_travel::undo::call::UndoCall;
use crate::time_travel::undo::question::Answer as UndoAnswer;

/// The requests that wait.
#[derive(Default)]
pub(super) struct Requests {
    waiting: FxHashMap<RequestId, Waiting>,
    next: u64,
}

/// One request that waits.
pub(super) enum Waiting {
    /// The caller of a unary edit.
    Caller(oneshot::Sender<Result<Applied, Refusal>>),
    /// An undo, a redo or a restore. `again`: it met changes of other nodes, so it is looked up again.
    Undo { call: Box<UndoCall>, again: bool },
    /// An undo whose change has been looked up.
    UndoFound { call: Box<UndoCall>, answer: UndoAnswer },
    /// A session that asks to join.
    Join(SessionKey),
    /// A session whose lookup has ended.
    JoinFound(Found),
    /// Another window of a session.
    Look { session: SessionKey, revision: Revision, window: Window, fetch: Vec<Range<u32>> },
    /// A ping of a session.
    Ping { session: SessionKey, nonce: u64 },
    /// A unary read.
    Read(Read),
    /// A question for the positions of rows.
    Places(Places),
    /// Rows of a read that Postgres has at a revision after the head.
    Fetched(Fetched),
    /// Rows of a parked edit that Postgres has at a revision after the head.
    FetchedRows(FetchedRows),
    /// Postgres has committed a revision after the head.
    Committed,
    /// A caller that waits for the edits before.
    Sealed(oneshot::Sender<()>),
    /// The end of the sheet.
    Close(EndReason),
}

impl Requests {
    /// Adds a request.
    pub(super) fn add(&mut self, request: Waiting) -> RequestId {
        let id = RequestId(self.next);
        self.next += 1;
        self.waiting.insert(id, request);
        id
    }

    /// Removes a request.
    pub(super) fn take(&mut self, id: RequestId) -> Option<Waiting> {
        self.waiting.remove(&id)
    }

    /// Removes all requests, because the sheet ends: callers of edits are refused.
    pub(super) fn close(&mut self) {
        for request in std::mem::take(&mut self.waiting).into_values() {
            let caller = match request {
                Waiting::Caller(caller) => caller,
                Waiting::Undo { call, .. } | Waiting::UndoFound { call, .. } => call.apply.reply,
                _ => continue,
            };
            // A caller that has left needs no answer.
            drop(caller.send(Err(Refusal::Unavailable("the journal"))));
        }
    }
}
