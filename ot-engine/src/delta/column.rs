//! The edit of one column's attributes.
//!
//! It does not move, insert or delete columns; the column axis of the delta does.
//!
//! Invariant: an absent attribute keeps the value that the column has.

use std::sync::Arc;

use crate::{Column, ColumnKind};

/// The edit of a column's attributes; an absent attribute is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnEdit {
    /// Column position, after the axes apply.
    pub col: u32,
    /// A new title.
    pub name: Option<Arc<str>>,
    /// A new kind.
    pub kind: Option<ColumnKind>,
    /// A new width, in CSS pixels; 0 restores the default width.
    pub width: Option<u32>,
    /// New settings; an empty text removes them.
    pub settings: Option<Arc<str>>,
}

impl ColumnEdit {
    /// Whether no attribute is present.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.kind.is_none()
            && self.width.is_none()
            && self.settings.is_none()
    }

    /// Adds `later` to this edit; where both have an attribute, `later` wins.
    pub fn merge(&mut self, later: Self) {
        self.name = later.name.or(self.name.take());
        self.kind = later.kind.or(self.kind);
        self.width = later.width.or(self.width);
        self.settings = later.settings.or(self.settings.take());
    }
}

impl Column {
    /// Applies an attribute edit to this column.
    pub fn apply(&mut self, edit: &ColumnEdit) {
        if let Some(name) = &edit.name {
            self.name = name.clone();
        }
        self.kind = edit.kind.unwrap_or(self.kind);
        if let Some(width) = edit.width {
            self.width = (width > 0).then_some(width);
        }
        if let Some(settings) = &edit.settings {
            self.settings = settings.clone();
        }
    }
}
