//! The parts and limits of a server that its open sheets share.
//!
//! Not here: the state of any sheet. Invariant: nothing here changes while sheets are open, except through the
//! types' own locks.

use std::sync::Arc;
use std::time::Duration;

use gridloom::pieces::FRAME_BYTES_MOST;
use gridloom::{convert, v1};
use tasks::Tasks;
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
use model::storage::Storage as AccountStorages;

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
    pub account_edits: Arc<AccountAllowance>,
    /// The bytes that the account of each open sheet has stored.
    pub account_storage: Arc<AccountStorages>,
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
    /// The owner of the tasks of all sheets.
    pub tasks: Tasks,
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
            account_edits: Arc::new(AccountAllowance::new(limits.account_edits())),
            account_storage: Arc::new(AccountStorages::new(limits.quotas.account_bytes)),
            edit_limits,
            memory: SheetMemory::new(&Memory::default()),
            row_cache_bytes,
            checkpoint_changes: CHECKPOINT_CHANGES,
            presence: None,
            commit_turns,
            quarantine: Arc::default(),
            idle: IDLE,
            tasks: Tasks::new(),
        }
    }

    /// The limits as a client receives them.
    #[must_use]
    pub fn wire_limits(&self) -> v1::Limits {
        let (limits, quotas) = (&self.limits, &self.limits.quotas);
        v1::Limits {
            message_bytes: limits.message_bytes,
            edits_per_second: limits.edits_per_second,
            edits_burst: limits.edits_burst,
            account_edits_per_second: limits.account_edits_per_second,
            account_edits_burst: limits.account_edits_burst,
            looks_per_second: limits.looks_per_second,
            looks_burst: limits.looks_burst,
            account_looks_per_second: limits.account_looks_per_second,
            account_looks_burst: limits.account_looks_burst,
            account_calls_per_second: limits.account_calls_per_second,
            account_calls_burst: limits.account_calls_burst,
            frame_bytes: FRAME_BYTES_MOST as u32,
            row_bytes: limits.row_bytes,
            sheet_spans: limits.sheet_spans,
            account_bytes: quotas.account_bytes,
            account_sheets: quotas.account_sheets,
            account_sessions: quotas.account_sessions,
            account_sessions_per_second: quotas.account_sessions_per_second,
            account_sessions_burst: quotas.account_sessions_burst,
            account_recorded_sessions: quotas.account_recorded_sessions,
            calendar_values: true,
            export_forms: true,
            column_settings: true,
            import_notation: true,
            conversion_zone: true,
            sheet_settings_bytes: model::limits::SHEET_SETTINGS_BYTES as u32,
            ..convert::limits_to_wire(&self.edit_limits)
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
            tasks: self.tasks.clone(),
            allowance: Arc::clone(&self.account_edits),
        }
    }
}

/// Changes of lines between two checkpoints. A snapshot replays half as many at most; a checkpoint of a
/// much-edited sheet takes some hundred kilobytes in Postgres.
pub const CHECKPOINT_CHANGES: u32 = 1_000;
/// How long a sheet without sessions stays open, so that a reload of the page need not load it again.
const IDLE: Duration = Duration::from_secs(60);
