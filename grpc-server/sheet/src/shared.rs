//! The parts and limits of a server that its open sheets share.
//!
//! Not here: the state of any sheet. Invariant: nothing here changes while sheets are open, except through the
//! types' own locks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::durability::{COMMITS_AT_ONCE, Committers, Quarantine};
use crate::memory::SheetMemory;
use crate::ports::history::History;
use crate::ports::journal::Journal;
use crate::ports::storage::Storage;
use crate::presence::link::PresenceBus;
use model::allowance::AccountAllowance;
use model::limits::Limits;
use model::memory::Memory;

/// The parts and limits that a sheet needs.
#[derive(Debug)]
pub struct Shared {
    /// The system of record.
    pub storage: Arc<dyn Storage>,
    /// The same, as time travel reads it.
    pub history: Arc<dyn History>,
    /// Where edits become durable.
    pub journal: Journal,
    /// The limits of one caller.
    pub limits: Limits,
    /// The limits that the engine checks.
    pub edit_limits: ot_engine::Limits,
    /// The allowance of edits of each account, over all sheets.
    pub account_edits: AccountAllowance,
    /// The memory that all sheets share.
    pub memory: SheetMemory,
    /// Bytes of row bodies in the cache of one open sheet.
    pub row_cache_bytes: usize,
    /// Changes of lines between two checkpoints of a sheet's order.
    pub checkpoint_changes: u32,
    /// The bus on which nodes exchange presence; `None` on a single node.
    pub presence: Option<PresenceBus>,
    /// Turns at Postgres: one for each transaction that commits edits.
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
            memory: SheetMemory::new(&Memory::default()),
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

/// Changes of lines between two checkpoints. A snapshot replays half as many at most; a checkpoint of a
/// much-edited sheet takes some hundred kilobytes in Postgres.
pub const CHECKPOINT_CHANGES: u32 = 1_000;
/// How long a sheet without sessions stays open, so that a reload of the page need not load it again.
const IDLE: Duration = Duration::from_secs(60);
