//! One atomic change of a sheet. Plain data: it does not know the sheet it was made for.
//!
//! The axes apply first; cell and attribute edits are addressed in the positions *after* them.
//! Invariant of a valid delta: cells are sorted by `(row, col)`, columns by `col`, each position at
//! most once.

use std::sync::Arc;

use crate::{AxisDelta, ColumnKind, Origin, TextDelta, Value};

/// What happens to one cell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Edit {
    /// The cell's value becomes this.
    Set(Value),
    /// The cell's text changes. A cell that holds no text counts as empty text, and holds one after.
    Text(TextDelta),
}

/// The edit of one cell, at its position after the axes have changed.
#[derive(Clone, Debug, PartialEq)]
pub struct CellEdit {
    /// Row position.
    pub row: u32,
    /// Column position.
    pub col: u32,
    /// What happens to it.
    pub edit: Edit,
}

/// The edit of a column's attributes; an absent attribute is left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnEdit {
    /// Column position, after the axes have changed.
    pub col: u32,
    /// A new title.
    pub name: Option<Arc<str>>,
    /// A new kind.
    pub kind: Option<ColumnKind>,
    /// A new width, in CSS pixels; 0 takes the chosen one away.
    pub width: Option<u32>,
}

/// One atomic change of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    /// What happens to the rows.
    pub rows: AxisDelta,
    /// What happens to the columns.
    pub cols: AxisDelta,
    /// Cell edits, sorted by `(row, col)`.
    pub cells: Vec<CellEdit>,
    /// Column attribute edits, sorted by `col`.
    pub columns: Vec<ColumnEdit>,
}

impl CellEdit {
    /// Sets the cell at `(row, col)`.
    #[must_use]
    pub fn set(row: u32, col: u32, value: impl Into<Value>) -> Self {
        Self { row, col, edit: Edit::Set(value.into()) }
    }

    /// Edits the text of the cell at `(row, col)`.
    #[must_use]
    pub const fn text(row: u32, col: u32, edit: TextDelta) -> Self {
        Self { row, col, edit: Edit::Text(edit) }
    }

    /// `(row, col)`, the order of a delta's cells.
    #[must_use]
    pub const fn key(&self) -> (u32, u32) {
        (self.row, self.col)
    }
}

impl Edit {
    /// The value that the cell holds afterwards, which held `before`.
    #[must_use]
    pub fn apply(&self, before: &Value) -> Value {
        match self {
            Self::Set(value) => value.clone(),
            Self::Text(edit) => Value::Text(edit.apply(before.as_text()).into()),
        }
    }

    /// The value that it sets; `None` for an edit whose outcome depends on what the cell held.
    #[must_use]
    pub const fn as_set(&self) -> Option<&Value> {
        match self {
            Self::Set(value) => Some(value),
            Self::Text(_) => None,
        }
    }

    /// `self`, then `later`, as one edit.
    #[must_use]
    pub fn compose(&self, later: &Self) -> Self {
        match (self, later) {
            (_, Self::Set(_)) => later.clone(),
            (Self::Set(value), Self::Text(_)) => Self::Set(later.apply(value)),
            (Self::Text(first), Self::Text(second)) => Self::Text(first.compose(second)),
        }
    }

    /// The edit that takes this one back from a cell that held `before`: of a text edit only what it
    /// changed.
    #[must_use]
    pub fn inverse(&self, before: &Value) -> Self {
        match (self, before) {
            (Self::Text(edit), Value::Text(text)) => Self::Text(edit.inverse(text)),
            _ => Self::Set(before.clone()),
        }
    }
}

impl ColumnEdit {
    /// Whether it edits nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.kind.is_none() && self.width.is_none()
    }

    /// Lays `later` over this edit.
    pub fn merge(&mut self, later: Self) {
        self.name = later.name.or(self.name.take());
        self.kind = later.kind.or(self.kind);
        self.width = later.width.or(self.width);
    }
}

impl Delta {
    /// The change that changes nothing.
    #[must_use]
    pub const fn identity() -> Self {
        Self {
            rows: AxisDelta::identity(),
            cols: AxisDelta::identity(),
            cells: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// A delta from its parts, in any order; edits are sorted, and a position that is edited twice
    /// stays so, for [`validate`](crate::validate) to refuse.
    #[must_use]
    pub fn from_parts(
        rows: AxisDelta,
        cols: AxisDelta,
        mut cells: Vec<CellEdit>,
        mut columns: Vec<ColumnEdit>,
    ) -> Self {
        sort_cells(&mut cells);
        columns.sort_by_key(|edit| edit.col);
        Self { rows, cols, cells, columns }
    }

    /// Sets one cell.
    #[must_use]
    pub fn set_cell(row: u32, col: u32, value: impl Into<Value>) -> Self {
        Self { cells: vec![CellEdit::set(row, col, value)], ..Self::identity() }
    }

    /// Sets cells; where one is named twice, the last wins.
    #[must_use]
    pub fn set_cells(cells: impl IntoIterator<Item = (u32, u32, Value)>) -> Self {
        let mut cells: Vec<CellEdit> =
            cells.into_iter().map(|(row, col, value)| CellEdit::set(row, col, value)).collect();
        sort_cells(&mut cells);
        cells.dedup_by(|later, earlier| {
            let same = later.key() == earlier.key();
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self { cells, ..Self::identity() }
    }

    /// Changes rows only.
    #[must_use]
    pub fn rows(rows: AxisDelta) -> Self {
        Self { rows, ..Self::identity() }
    }

    /// Changes columns (their order and number) only.
    #[must_use]
    pub fn cols(cols: AxisDelta) -> Self {
        Self { cols, ..Self::identity() }
    }

    /// Edits one column's attributes.
    #[must_use]
    pub fn update_column(edit: ColumnEdit) -> Self {
        Self { columns: vec![edit], ..Self::identity() }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        self.keeps_axes() && self.cells.is_empty() && self.columns.is_empty()
    }

    /// Whether every line stays where it is: only cells and attributes are edited.
    #[must_use]
    pub const fn keeps_axes(&self) -> bool {
        self.rows.is_identity() && self.cols.is_identity()
    }

    /// Whether a cell's text is edited in place.
    #[must_use]
    pub fn edits_text(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell.edit, Edit::Text(_)))
    }

    /// Whether only cells are edited: the hot case.
    #[must_use]
    pub const fn is_cells_only(&self) -> bool {
        self.keeps_axes() && self.columns.is_empty()
    }

    /// What it costs to keep and to transform: runs, cells and column edits, plus one.
    #[must_use]
    pub fn weight(&self) -> usize {
        let runs = self.rows.runs().len() + self.cols.runs().len();
        1 + runs + self.cells.len() + self.columns.len()
    }

    /// Where the cell at `(row, col)`, positions after the axes, stood before; `None` for a cell of a
    /// line that this delta inserts.
    #[must_use]
    pub fn map_cell_back(&self, row: u32, col: u32) -> Option<(u32, u32)> {
        match (self.rows.map_back(row), self.cols.map_back(col)) {
            (Origin::Old(row), Origin::Old(col)) => Some((row, col)),
            _ => None,
        }
    }

    /// The edit of the cell at `(row, col)`, positions after the axes.
    #[must_use]
    pub fn cell(&self, row: u32, col: u32) -> Option<&CellEdit> {
        let found = self.cells.binary_search_by_key(&(row, col), CellEdit::key);
        found.ok().map(|index| &self.cells[index])
    }

    /// Checks that edits are sorted and unique.
    ///
    /// # Panics
    /// When they are not: that is a bug in this crate.
    pub fn check_invariants(&self) {
        assert!(self.cells.is_sorted_by(|a, b| a.key() < b.key()), "cells out of order");
        assert!(self.columns.is_sorted_by(|a, b| a.col < b.col), "columns out of order");
    }
}

/// Sorts cells by position, keeping the order of those at one position. Nearly always they are
/// sorted already.
pub(crate) fn sort_cells(cells: &mut [CellEdit]) {
    if !cells.is_sorted_by_key(CellEdit::key) {
        cells.sort_by_key(CellEdit::key);
    }
}
