//! What was lost when two deltas met. Values, so that every loss can be told to its author.

use std::sync::Arc;

use crate::{ColumnKind, Edit};

/// Which of the two deltas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The one that stands first in history.
    Earlier,
    /// The one that stands after it.
    Later,
}

/// Why an edit was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The other delta edited the same cell or attribute and stands later, or it sets the cell whose
    /// text this one edits.
    Overwritten,
    /// The other delta deleted the row.
    RowDeleted,
    /// The other delta deleted the column.
    ColumnDeleted,
}

/// One column attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The title.
    Name(Arc<str>),
    /// The kind.
    Kind(ColumnKind),
    /// The width in CSS pixels.
    Width(u32),
}

/// What an edit would have made of its target.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The edit of a cell.
    Cell(Edit),
    /// The new value of a column's attribute.
    Attribute(Attribute),
}

impl Content {
    /// Whether it is an edit of a cell's text.
    pub(crate) const fn is_text_edit(&self) -> bool {
        matches!(self, Self::Cell(Edit::Text(_)))
    }
}

/// One edit that did not survive.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The row, in positions after both deltas; for a deleted row the place where it stood. `None`
    /// for a column's attribute.
    pub row: Option<u32>,
    /// The column, likewise.
    pub col: u32,
    /// Whose edit was lost.
    pub loser: Side,
    /// What was lost.
    pub lost: Content,
    /// What stands instead; `None` when the row or column is gone.
    pub kept: Option<Content>,
    /// Why.
    pub reason: Reason,
}

/// What an overwriting is about: the cell, or the column and which of its attributes.
pub(crate) type OverwrittenKey = (Option<u32>, u32, u8);

impl Conflict {
    /// Names the thing that was overwritten; `None` when it was deleted.
    pub(crate) fn overwritten_key(&self) -> Option<OverwrittenKey> {
        let kind = match &self.lost {
            Content::Cell(_) => 0,
            Content::Attribute(Attribute::Name(_)) => 1,
            Content::Attribute(Attribute::Kind(_)) => 2,
            Content::Attribute(Attribute::Width(_)) => 3,
        };
        (self.reason == Reason::Overwritten).then_some((self.row, self.col, kind))
    }
}
