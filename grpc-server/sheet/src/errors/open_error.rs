//! Why a sheet can't be opened, and how its journal and Postgres differ.
//!
//! Not here: the checks (`loading`, `durability::lineage`), and the status of the call (`edge::errors` in the
//! server). Invariant: an error that needs the operator changes neither the journal nor Postgres.

use std::sync::Arc;

use ot_engine::Revision;

use crate::ports::journal::JournalError;
use crate::ports::storage::StoreError;
use crate::state::Misfit;

/// Why a sheet can't be opened. All callers that wait for one opening receive the same.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such sheet, or it was deleted.
    #[error("there is no such sheet")]
    NotFound,
    /// Postgres is away or failed.
    #[error("the sheet could not be loaded: {0}")]
    Store(Arc<StoreError>),
    /// The journal is away or failed.
    #[error("the journal could not be read: {0}")]
    Journal(#[from] JournalError),
    /// Postgres and the journal hold different histories. Both stay unchanged until the operator has restored
    /// the data directory or the database that belongs to the other.
    #[error(
        "the journal and Postgres hold different histories of this sheet: the journal continues at \
         revision {journal}, Postgres ends at {committed}, and {difference}; the sheet stays closed \
         and its journal is kept until the data directory and the database fit together again"
    )]
    Split {
        /// The revision of the journal where they differ.
        journal: Revision,
        /// The last one in Postgres.
        committed: Revision,
        /// The difference there.
        difference: Difference,
    },
    /// Postgres can't store an accepted change, so the sheet stays closed and its changes are parked.
    #[error("the sheet is set aside: {0}")]
    SetAside(Arc<str>),
    /// The log does not fit the record.
    #[error("the sheet does not fit its log: {0}")]
    Misfit(#[from] Misfit),
    /// The server is about to stop.
    #[error("the server is about to stop")]
    Draining,
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl OpenError {
    /// Whether the sheet stays closed until its operator or its owner acts.
    #[must_use]
    pub const fn needs_operator(&self) -> bool {
        matches!(self, Self::Split { .. } | Self::SetAside(_))
    }

    /// Whether each further attempt fails, too, as long as the row of the sheet in Postgres stays as it is.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        self.needs_operator() || matches!(self, Self::NotFound | Self::Misfit(_))
    }

    /// Whether this server has no memory for the entries of the sheet that are not in Postgres.
    #[must_use]
    pub const fn is_without_memory(&self) -> bool {
        matches!(self, Self::Journal(JournalError::Full))
    }
}

/// The difference between a journal and Postgres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// Changes are missing between the two.
    #[error("the changes before it are missing")]
    Gap,
    /// The operation log holds another change under this revision, or none.
    #[error("Postgres holds another change there, or none")]
    OtherChange,
    /// The operation log holds the same edit under another revision.
    #[error("Postgres holds the same edit elsewhere")]
    OtherPlace,
    /// The change stands on another sheet than the one in Postgres.
    #[error("it does not fit the sheet in Postgres")]
    Unfit,
}
