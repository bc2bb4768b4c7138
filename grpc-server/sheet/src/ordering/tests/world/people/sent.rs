//! An edit that was sent, and its answer.
//!
//! Plain data. Invariant: an answer is set once.

use gridloom::v1;
use ot_engine::{ClientId, Delta, Revision, Sequence};

use crate::refusal::Refusal;

/// What was asked for.
#[derive(Clone, Debug)]
pub(in crate::ordering::tests) enum Form {
    Delta {
        base: Revision,
        delta: Delta,
    },
    Commands(v1::CommandList),
    /// The changes of an undo, one for each turn that it had.
    Restoring(Vec<(Revision, Delta)>),
}

impl Form {
    /// Whether a client may send it before it has an answer to the edit before.
    pub(super) fn can_be_pipelined(&self) -> bool {
        match self {
            Self::Delta { delta, .. } => delta.is_cells_only() && !delta.edits_text(),
            _ => false,
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::ordering::tests) enum Answer {
    Accepted(Revision),
    Refused(Refusal),
    /// Its caller was refused because the sheet closed, and does not know.
    Unknown,
}

/// An edit that was sent.
#[derive(Debug)]
pub(in crate::ordering::tests) struct Sent {
    /// The client under which it is sequenced.
    pub(in crate::ordering::tests) client: ClientId,
    pub(in crate::ordering::tests) sequence: Sequence,
    pub(in crate::ordering::tests) form: Form,
    pub(in crate::ordering::tests) answer: Option<Answer>,
    /// The live client; `None` for a unary edit.
    pub(in crate::ordering::tests) live: Option<usize>,
    /// It was parked, so requests of others do not wait for it.
    pub(super) parked: bool,
}
