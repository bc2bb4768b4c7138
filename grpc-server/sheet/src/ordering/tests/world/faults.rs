//! How an append fails, and how the core learns of a rival's entry.
//!
//! Plain data. Invariant: a fault without an answer may have landed.

use super::super::made::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ordering::tests) enum AppendFault {
    None,
    /// It landed, and the answer is lost.
    UnknownLanded,
    UnknownNot,
    /// It has not landed, and it may do so later.
    UnknownLandsLater,
    /// Another node appends now.
    OtherTurn,
    Full,
}

impl AppendFault {
    pub(super) fn has_no_answer(self) -> bool {
        matches!(self, Self::UnknownLanded | Self::UnknownNot | Self::UnknownLandsLater)
    }
}

/// How the core learns of a rival's entry.
#[derive(Clone, Copy, Debug)]
pub(in crate::ordering::tests) enum Report {
    Entries,
    Look,
    Nothing,
}

/// One step of a run.
#[derive(Clone, Debug)]
pub(in crate::ordering::tests) enum Move {
    Edit {
        client: usize,
        kind: Kind,
        seed: u64,
    },
    Unary {
        kind: Kind,
        seed: u64,
    },
    Undo {
        seed: u64,
    },
    Mark {
        client: Option<usize>,
    },
    Alone,
    /// A client opens another session and sends again what it has no answer to.
    Rejoin {
        client: usize,
    },
    /// A client sends its unanswered edits again in the same session.
    SendAgain {
        client: usize,
    },
    /// A caller sends its unanswered unary edit again, under its name.
    CallAgain,
    Appended {
        fault: AppendFault,
    },
    Followed {
        answered: bool,
    },
    Rival {
        kind: Kind,
        seed: u64,
        report: Report,
    },
    Look,
    Rows {
        at: u64,
        found: bool,
    },
    History {
        at: u64,
        found: bool,
    },
    /// An undo has been looked up.
    UndoFound {
        at: u64,
    },
    /// Heavy work ends.
    Heavy {
        at: u64,
        ended: bool,
    },
    /// An append without an answer lands after all, if it still continues the journal.
    LandsLate {
        at: u64,
    },
    /// The rows that are in memory, as a set of bits.
    Memory {
        rows: u64,
    },
    /// The right of the account to edit ends, or is given back.
    Right {
        may_edit: bool,
    },
}
