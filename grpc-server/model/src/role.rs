//! The roles on a sheet, what each allows, and the records of who has them.
//!
//! Not where a role is looked up (the server's `edge::rights::access`). Invariant: each role allows everything that the role
//! before it allows.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use crate::{AccountColor, AccountId, SheetId};

/// What an account is to a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads it.
    Viewer,
    /// Comments on it, too.
    Commenter,
    /// Edits and renames it, too.
    Editor,
    /// Deletes, shares and transfers it, too.
    Owner,
}

impl Role {
    /// All roles, the lowest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Commenter, Self::Editor, Self::Owner];

    /// Whether it may change cells, rows, columns and the name.
    #[must_use]
    pub fn may_edit(self) -> bool {
        self >= Self::Editor
    }

    /// Its name in tables and commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Commenter => "commenter",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is the name of no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRole;

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(name: &str) -> Result<Self, NoRole> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or(NoRole)
    }
}

/// A role that a person has on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRecord {
    /// The e-mail address that it was given to; `None` for a guest.
    pub email: Option<Arc<str>>,
    /// The role.
    pub role: Role,
    /// The account and its display name, once it has opened the sheet.
    pub account: Option<(AccountId, Arc<str>)>,
    /// The color of the account.
    pub color: AccountColor,
    /// The time at which it was given: microseconds since the epoch.
    pub given_micros: i64,
    /// The link that gave it; `None` for a role that was given to the address.
    pub link: Option<LinkId>,
}

/// The id of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(pub Uuid);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A link that gives a role to each account that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRecord {
    /// Its id.
    pub id: LinkId,
    /// The sheet.
    pub sheet: SheetId,
    /// The role that it gives.
    pub role: Role,
    /// Whether guests may open it.
    pub guests: bool,
    /// The time at which it was made: microseconds since the epoch.
    pub created_micros: i64,
    /// The time at which it ends, if it does.
    pub expires_micros: Option<i64>,
    /// The accounts that have opened it.
    pub opened: u32,
    /// SHA-256 of its token; `None` for a link of an earlier release.
    pub hash: Option<[u8; 32]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_by_its_name_and_the_order_is_that_of_rights() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert_eq!("Owner".parse::<Role>(), Err(NoRole));
        assert!(Role::ALL.is_sorted());
        assert_eq!(Role::ALL.map(Role::may_edit), [false, false, true, true]);
    }
}
