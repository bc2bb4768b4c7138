//! What all open sheets of a server share: its parts and its limits.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::durability::{COMMITS_AT_ONCE, Committers, Quarantine};
use crate::ports::history::History;
use crate::ports::journal::Journal;
use crate::ports::storage::Storage;
use crate::presence::link::PresenceBus;
use model::allowance::AccountAllowance;
use model::limits::Limits;

/// The server's parts that a sheet needs.
#[derive(Debug)]
pub struct Shared {
    /// The system of record.
    pub storage: Arc<dyn Storage>,
    /// The same, as time travel reads it.
    pub history: Arc<dyn History>,
    /// Where edits become durable.
    pub journal: Journal,
    /// What one caller may ask for.
    pub limits: Limits,
    /// The same, as far as the engine checks it.
    pub edit_limits: ot_engine::Limits,
    /// Edits of each account, over all sheets.
    pub account_edits: AccountAllowance,
    /// Bytes of row bodies that one open sheet may cache.
    pub row_cache_bytes: usize,
    /// Changes of lines after which a sheet's order is noted anew.
    pub checkpoint_changes: u32,
    /// How presence reaches other servers; `None` where there are none.
    pub presence: Option<PresenceBus>,
    /// Taken for each transaction that commits edits.
    pub commit_turns: Arc<Semaphore>,
    /// Sheets of which Postgres has refused a batch.
    pub quarantine: Arc<Quarantine>,
    /// How long a sheet without sessions stays open.
    pub idle: Duration,
}

impl Shared {
    /// Puts the parts together.
    pub fn new(
        store: Arc<dyn History>,
        journal: Journal,
        limits: Limits,
        row_cache_bytes: usize,
    ) -> Self {
        let edit_limits = ot_engine::Limits {
            max_text_bytes: limits.cell_bytes,
            max_cells: limits.edit_cells,
            max_columns: limits.columns,
            max_rows: limits.rows,
            ..ot_engine::Limits::DEFAULT
        };
        let commit_turns = Arc::new(Semaphore::new(COMMITS_AT_ONCE));
        Self {
            storage: store.clone(),
            history: store,
            journal,
            limits,
            account_edits: AccountAllowance::new(limits.account_edits()),
            edit_limits,
            row_cache_bytes,
            checkpoint_changes: CHECKPOINT_CHANGES,
            presence: None,
            commit_turns,
            quarantine: Arc::default(),
            idle: IDLE,
        }
    }

    /// What the committers of all sheets share.
    #[must_use]
    pub fn committers(&self) -> Committers {
        Committers {
            storage: self.storage.clone(),
            journal: self.journal.clone(),
            turns: Arc::clone(&self.commit_turns),
            checkpoint_changes: self.checkpoint_changes,
            quarantine: Arc::clone(&self.quarantine),
        }
    }
}

/// Changes of lines between two checkpoints. Looking back walks over half as many at most; one of a
/// much-edited sheet takes some hundred kilobytes in Postgres.
pub const CHECKPOINT_CHANGES: u32 = 1_000;
/// How long a sheet without sessions stays open, so that a reload of the page finds it warm.
const IDLE: Duration = Duration::from_secs(60);
