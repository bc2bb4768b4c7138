//! Why an edit or a read was refused: a closed list, in the sheet's own words.
//!
//! Not the wire: `edge/errors.rs` maps it to status codes and sentences in one place.

use std::time::Duration;

use ot_engine::{Invalid, Revision, Rule, Sequence};

/// Why the sheet refused something. It did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A part of the request breaks a rule.
    #[error("{field}: {rule}")]
    Malformed {
        /// The part, as a path from the request.
        field: String,
        /// The rule.
        rule: String,
    },
    /// A position or an id that the sheet does not have.
    #[error("{field}: {rule}")]
    OutOfRange {
        /// The part, as a path from the request.
        field: String,
        /// The rule.
        rule: String,
    },
    /// The base is a revision that does not exist yet.
    #[error("base revision {base} is beyond the newest one, {head}")]
    BaseInFuture {
        /// What the client named.
        base: Revision,
        /// The newest revision.
        head: Revision,
    },
    /// The history since the base is no longer kept.
    #[error("history before revision {oldest} is no longer kept")]
    Compacted {
        /// The oldest base that can still be used.
        oldest: Revision,
    },
    /// The person has no change to take back.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// The person has no undo to take back.
    #[error("there is nothing to redo")]
    NothingToRedo,
    /// Too much has happened since a change, or the log no longer has it.
    #[error("revision {target} is too long ago to be taken back")]
    TooLongAgo {
        /// The change.
        target: Revision,
    },
    /// A revision that is to be restored is no longer kept.
    #[error("history begins at revision {oldest}")]
    RevisionGone {
        /// The oldest one that is.
        oldest: Revision,
    },
    /// A restore would set more cells than one edit may.
    #[error("{cells} cells with {bytes} bytes are to be set; one edit may set {most} cells")]
    TooManyCells {
        /// How many.
        cells: u64,
        /// What they hold.
        bytes: u64,
        /// The limit.
        most: u32,
    },
    /// The edit was made on top of an unanswered one that moves lines; or it edits text, and was made
    /// on top of any unanswered one.
    #[error("edit {sequence} was sent before an earlier one was answered")]
    Pipelined {
        /// The edit.
        sequence: Sequence,
    },
    /// The edit was answered before, and the answer was a refusal that is no longer at hand.
    #[error("edit {sequence} was answered before and was not accepted")]
    Stale {
        /// The edit.
        sequence: Sequence,
    },
    /// The account may only read.
    #[error("this account may read the sheet, not change it")]
    ReadOnly,
    /// The client id belongs to another account.
    #[error("this client id belongs to another account")]
    ForeignClient,
    /// Too many edits.
    #[error("too many edits at once")]
    RateLimited {
        /// When it helps to try again.
        retry_after: Duration,
    },
    /// What the edit leads to is larger than one entry of the journal may be.
    #[error("the edit takes {bytes} bytes in the journal; one edit may take {most}")]
    TooLarge {
        /// What it takes, or more.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// The journal has no room.
    #[error("the journal is full")]
    JournalFull,
    /// A needed part is away.
    #[error("{0} is away")]
    Unavailable(&'static str),
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        let (field, rule) = (invalid.field.to_string(), invalid.rule.to_string());
        match invalid.rule {
            Rule::PastEnd { .. } | Rule::OutOfRange { .. } => Self::OutOfRange { field, rule },
            _ => Self::Malformed { field, rule },
        }
    }
}

impl Refusal {
    /// Puts the field below `prefix`, the request's own name for the part that was checked.
    #[must_use]
    pub fn within(self, prefix: &str) -> Self {
        match self {
            Self::Malformed { field, rule } => {
                Self::Malformed { field: format!("{prefix}.{field}"), rule }
            }
            Self::OutOfRange { field, rule } => {
                Self::OutOfRange { field: format!("{prefix}.{field}"), rule }
            }
            other => other,
        }
    }
}
