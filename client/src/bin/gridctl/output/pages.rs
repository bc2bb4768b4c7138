//! A list that is printed to standard output, page by page: as a table, or one JSON object on each line.
//!
//! It knows no item. Invariant: the head stands once, before the first items.

use std::io::Write;

use serde_json::Value as Json;

use super::columns::{Cell, Columns};

/// The pages so far.
#[derive(Debug)]
pub(crate) struct Pages {
    json: bool,
    has_head: bool,
    columns: Columns,
}

impl Pages {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, has_head: false, columns: Columns::default() }
    }

    /// Prints the items of a page, and the head before the first ones.
    pub(crate) fn print<T>(
        &mut self,
        items: &[T],
        head: impl Fn() -> Vec<Cell>,
        cells: impl Fn(&T) -> Vec<Cell>,
        json: impl Fn(&T) -> Json,
    ) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            for item in items {
                writeln!(out, "{}", json(item))?;
            }
            return out.flush();
        }
        let mut lines = Vec::with_capacity(items.len() + 1);
        if !items.is_empty() && !std::mem::replace(&mut self.has_head, true) {
            lines.push(head());
        }
        lines.extend(items.iter().map(cells));
        self.columns.print(&lines, out)
    }
}
