//! Conflicts: the edits that a transform discards, as values.
//!
//! They resolve nothing; `transform.rs` decides. They exist so that the server can report each lost
//! edit to its author.
//!
//! Invariant: a conflict holds the lost content, and the content that is kept in its place where there is one.

use std::sync::Arc;

use crate::{ColumnKind, Edit};

/// One of two transformed deltas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The delta that is first in history.
    Earlier,
    /// The delta that is second in history.
    Later,
}

/// The reason why an edit is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The other delta is later and edits the same cell or attribute, or it sets the cell whose text
    /// this delta edits.
    Overwritten,
    /// The other delta deletes the row.
    RowDeleted,
    /// The other delta deletes the column.
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
    /// The settings.
    Settings(Arc<str>),
}

/// The content of an edit.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The edit of a cell.
    Cell(Edit),
    /// The new value of a column's attribute.
    Attribute(Attribute),
}

impl Content {
    /// The most bytes that the content occupies.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Cell(edit) => edit.bytes(),
            Self::Attribute(Attribute::Name(text) | Attribute::Settings(text)) => {
                size_of::<Self>() + text.len()
            }
            Self::Attribute(_) => size_of::<Self>(),
        }
    }

    /// Whether the edit changes a cell's text.
    pub(crate) const fn is_text_edit(&self) -> bool {
        matches!(self, Self::Cell(Edit::Text(_)))
    }
}

/// One lost edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The row, in positions after both deltas; for a deleted row its former place. `None` for a
    /// column's attribute.
    pub row: Option<u32>,
    /// The column, in positions after both deltas; for a deleted column its former place.
    pub col: u32,
    /// The delta whose edit is lost.
    pub loser: Side,
    /// The lost content.
    pub lost: Content,
    /// The content that is kept; `None` when the row or column is deleted, and for a cell of an edit that yields to another
    /// kind or other settings of its column.
    pub kept: Option<Content>,
    /// The reason.
    pub reason: Reason,
}

/// The target of an overwritten edit: the cell, or the column and one of its attributes.
pub(crate) type OverwrittenKey = (Option<u32>, u32, u8);

impl Conflict {
    /// The target of an overwritten edit; `None` when its line is deleted.
    pub(crate) fn overwritten_key(&self) -> Option<OverwrittenKey> {
        let kind = match &self.lost {
            Content::Cell(_) => 0,
            Content::Attribute(Attribute::Name(_)) => 1,
            Content::Attribute(Attribute::Kind(_)) => 2,
            Content::Attribute(Attribute::Width(_)) => 3,
            Content::Attribute(Attribute::Settings(_)) => 4,
        };
        (self.reason == Reason::Overwritten).then_some((self.row, self.col, kind))
    }
}
