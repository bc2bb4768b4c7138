//! The lookups that wait at a server.
//!
//! Not their answers (`listening::lookups`). Invariant: names wait apart from rights, as no right depends on them.

use model::{AccountId, SheetId};
use redis_link::{Signal, Waiting};

/// What is looked up of tokens and roles, in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::edge::rights) enum RightsLookup {
    /// The tokens, sheets and roles of all open sessions.
    All,
    /// The tokens of an account.
    Account(AccountId),
    /// A sheet, and the roles of its sessions.
    Sheet(SheetId),
    /// The role of an account on a sheet.
    Role(SheetId, AccountId),
    /// The owner of a sheet.
    Owner(SheetId),
}

impl Signal for RightsLookup {
    const ALL: Self = Self::All;
}

/// What is looked up of names and colors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::edge::rights) enum NameLookup {
    /// Those of all open sheets and of the persons of their sessions.
    All,
    /// The name of a sheet.
    Sheet(SheetId),
    /// The name and the color of a person.
    Person(AccountId),
}

impl Signal for NameLookup {
    const ALL: Self = Self::All;
}

/// The lookups that wait.
#[derive(Debug, Default)]
pub(in crate::edge::rights) struct Due {
    pub(in crate::edge::rights) rights: Waiting<RightsLookup>,
    pub(in crate::edge::rights) names: Waiting<NameLookup>,
}

impl Due {
    /// Looks everything up.
    pub(in crate::edge::rights) fn add_all(&self) {
        self.rights.add(RightsLookup::All);
        self.names.add(NameLookup::All);
    }
}
