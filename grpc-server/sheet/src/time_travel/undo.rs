//! Undo and redo of what an account did at one place, on the current sheet, and restore of an older revision.
//!
//! The inverse is made outside of the sheet's task, since that reads the log and may take a while. Then it is
//! ordered like any other edit, and transformed over the changes that came meanwhile. A group of edits is undone one by
//! one, the last one first, so each is undone as it would be alone. Each account has one undo at a time; other accounts
//! continue to edit.
//!
//! Not here: the order of edits (`ordering`). Invariants: a stack that is in memory follows from the place's changes in
//! the order of the log; a change that can't be undone, or whose undo changes nothing, bars no other one.

pub(crate) mod bounds;
pub(crate) mod call;
mod inverse;
mod line_ids;
mod lookup;
pub(crate) mod question;
mod returned;
mod seek;
pub(crate) mod stack;
mod texts;
mod unchanged;

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use self::call::UndoCall;
use self::stack::Stacks;
use model::{AccountId, Entry};

/// The undos of one sheet, by account.
pub(crate) type Undos = FxHashMap<AccountId, Undoing>;

/// The undos of one account.
#[derive(Debug, Default)]
pub(crate) struct Undoing {
    /// Those that were read from the log.
    pub(crate) stacks: Stacks,
    pub(crate) waiting: VecDeque<Box<UndoCall>>,
    pub(crate) busy: bool,
    /// How often the running undo was looked up for its current edit.
    pub(crate) lookups: u32,
}

impl Undoing {
    /// Adds a change of the account to the stack of its place.
    pub(crate) fn follow(&mut self, entry: &Entry) {
        self.stacks.follow(entry);
    }
}
