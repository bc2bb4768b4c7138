//! Names of things: newtypes, so that a row can't be taken for a revision.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(raw: $inner) -> Self {
                Self(raw)
            }
        }
    };
}

id! {
    /// A row's stable name: given by the server, never reused.
    RowId(u64)
}
id! {
    /// A column's stable name: given by the server, never reused.
    ColumnId(u64)
}
id! {
    /// The id of a line on an axis that is not yet known to be rows or columns.
    LineId(u64)
}
id! {
    /// The state of a sheet after so many accepted deltas; 0 is the sheet as it was created.
    Revision(u64)
}
id! {
    /// Names one client's replica for ever; with [`Sequence`] it names an edit.
    ClientId(u128)
}
id! {
    /// The number of an edit among its client's edits, from 1 on.
    Sequence(u64)
}

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Sequence {
    /// The last number that may name an edit. It is what 63 bits hold, as stores that know signed
    /// numbers alone do, less one: the number after it fits, too.
    pub const LAST: Self = Self(i64::MAX as u64 - 1);

    /// The sequence number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl From<LineId> for RowId {
    fn from(line: LineId) -> Self {
        Self(line.0)
    }
}

impl From<LineId> for ColumnId {
    fn from(line: LineId) -> Self {
        Self(line.0)
    }
}
