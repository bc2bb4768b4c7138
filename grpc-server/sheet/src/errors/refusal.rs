//! Why a sheet refuses an edit or a read: a closed list.
//!
//! Not here: status codes and their sentences (`edge::errors` in the server). Invariant: a refused
//! request has not changed the sheet. Exception: after [`Refusal::Unavailable`] an edit may still land. A refused
//! edit of a live session uses its number up.

use std::time::Duration;

use ot_engine::{Invalid, Revision, Rule, Sequence};

use model::gesture::PassedOver;
use model::storage::StorageExceeded;

/// Why the sheet refuses a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A field of the request breaks a rule.
    #[error("{field}: {rule}")]
    Malformed {
        /// The field, as a path from the request.
        field: String,
        /// The rule.
        rule: String,
    },
    /// A position or an id that the sheet does not have.
    #[error("{field}: {rule}")]
    OutOfRange {
        /// The field, as a path from the request.
        field: String,
        /// The rule.
        rule: String,
    },
    /// The base is a revision that does not exist yet.
    #[error("base revision {base} is beyond the newest one, {head}")]
    BaseInFuture {
        /// The base that the client named.
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
    /// The place has no change to undo, but for those that were passed over.
    #[error("there is nothing to undo")]
    NothingToUndo {
        /// Those, the newest first.
        passed: Vec<PassedOver>,
        /// Whether there may be others behind them.
        more: bool,
    },
    /// No change of the account that can be undone has this revision.
    #[error("revision {target} is no change of this account that can be undone")]
    NotUndoable {
        /// The revision.
        target: Revision,
    },
    /// The place has no undo to redo, but for those that were passed over.
    #[error("there is nothing to redo")]
    NothingToRedo {
        /// Those, the newest first.
        passed: Vec<PassedOver>,
        /// Whether there may be others behind them.
        more: bool,
    },
    /// There are too many changes since the target, or the log no longer has the target.
    #[error("revision {target} is too long ago to be taken back")]
    TooLongAgo {
        /// The change.
        target: Revision,
    },
    /// The log has a record that can't be read, without which the target can't be taken back.
    #[error("the history has a record that can't be read, which revision {target} needs")]
    HistoryUnreadable {
        /// The change.
        target: Revision,
    },
    /// The sheet is as it was at a revision that is to be restored.
    #[error("the sheet is as it was at revision {target}")]
    NothingToRestore {
        /// The revision.
        target: Revision,
    },
    /// A revision that is to be restored is no longer kept.
    #[error("history begins at revision {oldest}")]
    RevisionGone {
        /// The oldest revision that is kept.
        oldest: Revision,
    },
    /// A restore would set more cells than one edit may.
    #[error("{cells} cells with {bytes} bytes are to be set; one edit may set {most} cells")]
    TooManyCells {
        /// The number of cells.
        cells: u64,
        /// Their size in bytes.
        bytes: u64,
        /// The limit.
        most: u32,
    },
    /// The edit was sent before an earlier one was answered, and that one moves lines or this one edits text.
    #[error("edit {sequence} was sent before an earlier one was answered")]
    Pipelined {
        /// The edit.
        sequence: Sequence,
    },
    /// The edit was refused before, and the refusal is no longer in memory.
    #[error("edit {sequence} was answered before and was not accepted")]
    Stale {
        /// The edit.
        sequence: Sequence,
    },
    /// The changes of others came faster than an undo could be carried over them, several times in a row.
    #[error("the sheet changes too fast for this undo")]
    UndoOutdated,
    /// The account may only read.
    #[error("this account may read the sheet, not change it")]
    ReadOnly,
    /// The client id belongs to another account.
    #[error("this client id belongs to another account")]
    ForeignClient,
    /// Too many edits.
    #[error("too many edits, or too many cells in them, at once")]
    RateLimited {
        /// The time until the next attempt may succeed.
        retry_after: Duration,
    },
    /// The entry of the edit is larger than the journal takes.
    #[error("the edit takes {bytes} bytes in the journal; one edit may take {most}")]
    TooLarge {
        /// Its size, or an upper bound of it.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// The edit is made on a base that too much follows.
    #[error(
        "to bring the edit to the newest revision takes {steps} steps; one edit may take {most}"
    )]
    TooFarBehind {
        /// The steps: cells and runs of the edit and of the changes since its base, at most about.
        steps: usize,
        /// The limit.
        most: usize,
    },
    /// The edit is made on a base after which it loses or overwrites too many cells.
    #[error(
        "to bring the edit to the newest revision leads to {conflicts} conflicts; one edit may have {most}"
    )]
    TooManyConflicts {
        /// The conflicts so far.
        conflicts: usize,
        /// The limit.
        most: usize,
    },
    /// A row would take more bytes than Postgres is given.
    #[error("row {row} would hold {bytes} bytes; one row may hold {most}")]
    RowTooLarge {
        /// Its position.
        row: u32,
        /// Its size, or an upper bound of it.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// A value does not fit its column, which refuses such values.
    #[error("the value at row {row}, column {col} does not fit its column: {misfit}")]
    DoesNotFit {
        /// Its row.
        row: u32,
        /// Its column.
        col: u32,
        /// Why.
        misfit: values::Misfit,
    },
    /// The settings of the columns of the sheet would take more bytes.
    #[error("the settings of the columns would take more than {most} bytes")]
    TooManySettings {
        /// The limit.
        most: usize,
    },
    /// The rows whose texts an edit changes take more memory than one edit may.
    #[error("the rows whose texts the edit changes take more than {most} bytes")]
    TextRowsTooLarge {
        /// The limit.
        most: usize,
    },
    /// The rows that an edit writes take more memory than one edit may, and their sizes are not known without them.
    #[error("the rows that the edit writes take more than {most} bytes")]
    SizedRowsTooLarge {
        /// The limit.
        most: usize,
    },
    /// The values that an undo brings back take more memory than one undo may.
    #[error("the values that the undo reads take more than {most} bytes")]
    UndoTooLarge {
        /// The limit.
        most: usize,
    },
    /// The order of rows would have more spans than a sheet may.
    #[error("the order of rows would have more than {most} spans")]
    TooManySpans {
        /// The limit.
        most: usize,
    },
    /// The rows of one read take more memory than one may.
    #[error("{rows} rows hold more than one read returns")]
    ReadTooLarge {
        /// The number of rows.
        rows: usize,
    },
    /// The owner of the sheet has stored as much as an account may.
    #[error(transparent)]
    Storage(#[from] StorageExceeded),
    /// The journal has no room.
    #[error("the journal is full")]
    JournalFull,
    /// The sheet or the account holds its share of the journal.
    #[error("the sheet or the account holds its share of the journal")]
    JournalShareFull,
    /// The edit would wait for data or for heavy work, and the sheet has no room for further edits that wait.
    #[error("as many edits of this sheet as may wait already wait for data or for their turn")]
    TooManyWaiting,
    /// Postgres, Redis or another part that is needed is away.
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
    /// Whether an undo is refused for the change that it takes back: another one may be possible.
    pub(crate) const fn is_of_the_change(&self) -> bool {
        matches!(
            self,
            Self::Malformed { .. }
                | Self::OutOfRange { .. }
                | Self::TooLongAgo { .. }
                | Self::HistoryUnreadable { .. }
                | Self::TooManyCells { .. }
                | Self::TooLarge { .. }
                | Self::RowTooLarge { .. }
                | Self::DoesNotFit { .. }
                | Self::TooManySettings { .. }
                | Self::TooFarBehind { .. }
                | Self::TooManyConflicts { .. }
                | Self::TextRowsTooLarge { .. }
                | Self::SizedRowsTooLarge { .. }
                | Self::UndoTooLarge { .. }
                | Self::TooManySpans { .. }
                | Self::Storage(_)
        )
    }

    /// Whether an undo has ended at the number of changes that it may pass over.
    pub(crate) const fn has_more_behind(&self) -> bool {
        matches!(
            self,
            Self::NothingToUndo { more: true, .. } | Self::NothingToRedo { more: true, .. }
        )
    }

    /// The refusal of a field that breaks a rule.
    pub(crate) fn malformed(field: &str, rule: &str) -> Self {
        Self::Malformed { field: field.to_owned(), rule: rule.to_owned() }
    }

    /// Adds `prefix`, the name of the checked part within the request, to the field.
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
