//! A sheet that the caller of a unary edit may change.
//!
//! Not the check of the role (`edge::rights::access`). Invariant: until it is dropped, the sheet receives each change of the
//! caller's role.

use crate::edge::rights::access::FoundRole;
use crate::edge::rights::session_index::IndexedSession;
use model::SheetId;

/// A sheet, and the role with which its caller came.
#[derive(Debug)]
pub(super) struct Editable {
    pub(super) sheet: SheetId,
    pub(super) role: FoundRole,
    _indexed: IndexedSession,
}

impl Editable {
    pub(super) const fn new(sheet: SheetId, role: FoundRole, indexed: IndexedSession) -> Self {
        Self { sheet, role, _indexed: indexed }
    }
}
