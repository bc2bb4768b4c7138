//! Ids, revisions and sequence numbers, as newtypes.
//!
//! They assign no ids; the [`Sequencer`](crate::Sequencer) does.
//!
//! Invariant: no conversion exists between two kinds, except from a line id to a row or column id.

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
    /// A row's stable id. The server assigns it and never reuses it.
    RowId(u64)
}
id! {
    /// A column's stable id. The server assigns it and never reuses it.
    ColumnId(u64)
}
id! {
    /// The id of a line on either axis.
    LineId(u64)
}
id! {
    /// The number of accepted deltas that lead to a state of a sheet; 0 is the sheet as created.
    Revision(u64)
}
id! {
    /// The id of one client's replica, never reused; with [`Sequence`] it identifies an edit.
    ClientId(u128)
}
id! {
    /// The number of an edit among its client's edits; the first is 1.
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
    /// The largest valid number: 2^63 - 2. Stores with signed 64-bit numbers hold it and the next one.
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
