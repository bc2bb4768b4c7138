//! The answers that parked edits wait for: rows, older changes, heavy work, and the lookups of undos.
//!
//! Invariant: each is given at any time, in any order, or refused.

use super::World;
use crate::ordering::heavy::Progress;
use crate::ordering::work::Bodies;
use crate::refusal::Refusal;

impl World {
    pub(super) fn fetched_rows(&mut self, at: u64, found: bool) {
        if self.rows.is_empty() {
            return;
        }
        let at = at as usize % self.rows.len();
        let (id, rows) = self.rows.swap_remove(at);
        let answer = if found {
            Ok(rows.into_iter().map(|row| (row, self.body(row))).collect::<Bodies>())
        } else {
            self.injected.insert("storage");
            Err(Refusal::Unavailable("Postgres"))
        };
        self.core.on_rows(id, answer);
    }

    pub(super) fn fetched_history(&mut self, at: u64, found: bool) {
        if self.history.is_empty() {
            return;
        }
        let at = at as usize % self.history.len();
        let (id, older) = self.history.swap_remove(at);
        if !found {
            self.injected.insert("storage");
            return self.core.on_history(id, Err(Refusal::Unavailable("Postgres")));
        }
        let dropped = !self.core.parked.is_parked(id);
        assert!(dropped || self.core.kept_after() <= older.until, "changes since then are kept");
        let changes = self.journal.between(older.after, older.until.max(self.core.oldest()));
        self.core.on_history(id, Ok(changes));
    }

    pub(super) fn undo_found(&mut self, at: u64) {
        if self.undos.is_empty() {
            return;
        }
        let at = at as usize % self.undos.len();
        let restoring = self.undos.swap_remove(at);
        self.core.restore(restoring);
    }

    pub(super) fn heavy(&mut self, at: u64, ended: bool) {
        if self.heavy.is_empty() {
            return;
        }
        let at = at as usize % self.heavy.len();
        let (id, heavy) = self.heavy.swap_remove(at);
        if !ended {
            self.injected.insert("heavy");
            return self.core.on_heavy(id, Err(Refusal::Unavailable("the sheet")));
        }
        match heavy.part() {
            Progress::Next(next) => self.heavy.push((id, next)),
            Progress::Done(done) => self.core.on_heavy(id, done),
        }
    }
}
