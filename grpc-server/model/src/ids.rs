//! The ids of sheets, accounts and nodes: UUIDs, each kind with a type of its own.
//!
//! Not the engine's ids (rows, columns, clients): those are numbers inside one sheet. Invariant: no conversion exists
//! between two kinds.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id. Version 7: ids sort by the time of their making, which keeps indexes
            /// dense and gives lists a stable order for nothing.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// Names a sheet.
    SheetId
}

uuid_id! {
    /// Names an account.
    AccountId
}

uuid_id! {
    /// Names one run of a server: after a restart it is another.
    NodeId
}

uuid_id! {
    /// Names a file, and the upload that it was before.
    FileId
}

uuid_id! {
    /// Names a view of a table: the id of the job that has made it.
    ViewId
}

uuid_id! {
    /// Names the content of files: files of one account with equal bytes share it.
    ContentId
}
