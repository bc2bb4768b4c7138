//! The parties that take turns.
//!
//! Plain data. Invariant: work that one account starts has that account as its caller.

use model::{AccountId, SheetId};

/// The party that takes turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Caller {
    /// The account that sent a request.
    Account(AccountId),
    /// A sheet, for the work of all its edits, such as a commit.
    Sheet(SheetId),
}
