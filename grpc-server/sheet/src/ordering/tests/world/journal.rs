//! The journal of the test: the true log, a rival that appends to it, and appends that land late.
//!
//! Invariant: the log has no gaps, and `sheets` holds the sheet after each of its entries.

use std::sync::Arc;

use ot_engine::{ClientId, Outcome, Revision, Sequence, Sequencer, Sheet, Submission};
use uuid::Uuid;

use super::super::made::{self, Kind};
use super::{SHEET, WithDeleted};
use crate::ports::journal::JournalError;
use crate::reading::history;
use model::{AccountId, Entry, Origin};

/// The client id of the rival; each of its edits has another.
const RIVAL: u128 = 1_000_000;

pub(in crate::ordering::tests) struct Journal {
    pub(in crate::ordering::tests) log: Vec<Arc<Entry>>,
    sheets: Vec<WithDeleted>,
    sequencer: Sequencer,
    /// Appends without an answer that may still land.
    pub(super) late: Vec<Vec<Arc<Entry>>>,
}

impl Journal {
    pub(super) fn new(sequencer: Sequencer) -> Self {
        Self { log: Vec::new(), sheets: vec![WithDeleted::new()], sequencer, late: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.log.len()
    }

    pub(in crate::ordering::tests) fn sheet_at(&self, revision: Revision) -> &Sheet {
        &self.at(revision).sheet
    }

    pub(super) fn at(&self, revision: Revision) -> &WithDeleted {
        &self.sheets[revision.0 as usize]
    }

    pub(super) fn entry(&self, revision: Revision) -> Option<&Arc<Entry>> {
        self.log.get(revision.0 as usize - 1)
    }

    pub(super) fn after(&self, revision: Revision) -> Vec<Arc<Entry>> {
        self.log[revision.0 as usize..].to_vec()
    }

    pub(super) fn between(&self, after: Revision, until: Revision) -> &[Arc<Entry>] {
        &self.log[after.0 as usize..until.0 as usize]
    }

    /// Appends entries, unless others were first.
    pub(super) fn append(&mut self, entries: &[Arc<Entry>]) -> Result<(), JournalError> {
        let before = entries[0].revision.0 as usize - 1;
        if before < self.log.len() {
            return Err(JournalError::Lost(self.log[before..].to_vec()));
        }
        assert_eq!(before, self.log.len(), "an append continues the journal");
        entries.iter().for_each(|entry| self.land(Arc::clone(entry)));
        Ok(())
    }

    fn land(&mut self, entry: Arc<Entry>) {
        let replayed = self.sequencer.replay(history::entry_after(&entry, self.sequencer.size()));
        assert!(replayed, "an entry continues the log");
        let mut sheet = self.sheets[self.log.len()].clone();
        sheet.apply(&entry.delta);
        self.sheets.push(sheet);
        self.log.push(entry);
    }

    pub(super) fn lands_late(&mut self, at: u64) {
        if !self.late.is_empty() {
            let entries = self.late.swap_remove(at as usize % self.late.len());
            if entries[0].revision.0 as usize == self.log.len() + 1 {
                entries.into_iter().for_each(|entry| self.land(entry));
            }
        }
    }

    /// A rival edits the sheet and appends at once.
    pub(super) fn rival(&mut self, (kind, seed): (Kind, u64)) -> Arc<Entry> {
        let head = self.sequencer.head();
        let delta = made::delta(kind, seed, self.sheet_at(head));
        let client = ClientId(RIVAL + u128::from(head.0));
        let submission =
            Submission { client, sequence: Sequence(1), base: head, delta: delta.into() };
        let mut sequencer = Sequencer::new(
            head,
            self.sequencer.size(),
            self.sequencer.next_ids(),
            ot_engine::Limits::DEFAULT,
            ot_engine::DEFAULT_HISTORY,
        );
        let Ok(Outcome::Accepted(accepted)) = sequencer.submit(submission) else {
            panic!("an edit on the head is accepted")
        };
        let mut sheet = self.sheet_at(head).clone();
        sheet.apply(&accepted.delta);
        let texts = accepted.delta.cells.iter().filter(|cell| cell.edit.as_set().is_none());
        let text = |cell: &ot_engine::CellEdit| {
            Arc::from(sheet.get(cell.row, cell.col).map_or("", |value| value.as_text()))
        };
        let entry = Arc::new(Entry {
            sheet: SHEET,
            revision: accepted.revision,
            client,
            sequence: Sequence(1),
            base: head,
            account: AccountId(Uuid::nil()),
            at_micros: 0,
            // Some place lines as a restore does.
            origin: if kind == Kind::InsertRows { Origin::Restore } else { Origin::Edit },
            group: Default::default(),
            texts: texts.map(text).collect(),
            delta: accepted.delta.clone(),
            conflicts: Arc::clone(&accepted.conflicts),
        });
        self.land(Arc::clone(&entry));
        entry
    }
}
