//! Groups cells into rectangles and back: a pasted range is one block on the wire, not one for each cell.
//!
//! It does not find the least number of blocks. The grouping is greedy from top to bottom. Neighbours in a
//! row make a strip, and a strip extends the block above it with the same left edge and width.
//!
//! Invariant: the blocks have exactly the cells. Cost: linear in the number of cells.

use ot_engine::{CellEdit, Edit};

use super::ConvertError;
use super::value::{value_from_wire, value_to_wire};
use crate::v1;

/// The cells of all blocks and of `texts`, sorted by position. The error's path is relative to the delta.
///
/// # Errors
/// A block that is not a rectangle, that reaches past the last possible position, or that overlaps another
/// block or a text edit; two edits of one text; a malformed value.
pub(super) fn cells_from_blocks(
    blocks: Vec<v1::CellBlock>,
    texts: Vec<CellEdit>,
) -> Result<Vec<CellEdit>, ConvertError> {
    let count: usize = blocks.iter().map(|block| block.values.len()).sum();
    let mut cells = texts;
    cells.reserve(count);
    for (i, block) in blocks.into_iter().enumerate() {
        push_block(block, &mut cells).map_err(|error| error.within(&format!("cells[{i}]")))?;
    }
    if !cells.is_sorted_by(|a, b| a.key() < b.key()) {
        cells.sort_unstable_by_key(CellEdit::key);
        if let Some(pair) = cells.windows(2).find(|pair| pair[0].key() == pair[1].key()) {
            let (row, col) = pair[0].key();
            let rule = format!("must not overlap: row {row}, column {col} has two contents");
            let are_texts = pair.iter().all(|cell| cell.edit.as_set().is_none());
            return Err(ConvertError::new(if are_texts { "texts" } else { "cells" }, rule));
        }
    }
    Ok(cells)
}

fn push_block(block: v1::CellBlock, cells: &mut Vec<CellEdit>) -> Result<(), ConvertError> {
    let width = block.width.max(1);
    let count = block.values.len() as u64;
    if count == 0 {
        return Err(ConvertError::new("values", "must not be empty"));
    }
    if !count.is_multiple_of(u64::from(width)) {
        let rule = format!("must be whole rows: {count} is not a multiple of the width {width}");
        return Err(ConvertError::new("values", rule));
    }
    let height = count / u64::from(width);
    if u64::from(block.row) + height > u64::from(u32::MAX) {
        return Err(ConvertError::new("row", "reaches past the last possible row"));
    }
    if block.col.checked_add(width).is_none() {
        return Err(ConvertError::new("col", "reaches past the last possible column"));
    }
    let (mut row, mut col) = (block.row, block.col);
    for (i, value) in block.values.into_iter().enumerate() {
        let value =
            value_from_wire(value).map_err(|error| error.within(&format!("values[{i}]")))?;
        cells.push(CellEdit { row, col, edit: Edit::Set(value) });
        col += 1;
        if col - block.col == width {
            (row, col) = (row + 1, block.col);
        }
    }
    Ok(())
}

/// The blocks of sorted cells, without text edits.
pub(super) fn blocks_from_cells(cells: &[CellEdit]) -> Vec<v1::CellBlock> {
    let mut grouping = Grouping::default();
    let mut start = 0;
    while start < cells.len() {
        if cells[start].edit.as_set().is_none() {
            start += 1;
            continue;
        }
        let end = strip_end(cells, start);
        grouping.add(&cells[start..end]);
        start = end;
    }
    grouping.blocks
}

/// The end of the strip of neighbours in one row that begins at `start`.
fn strip_end(cells: &[CellEdit], start: usize) -> usize {
    let mut end = start + 1;
    while end < cells.len()
        && cells[end].row == cells[start].row
        && cells[end].col - cells[end - 1].col == 1
        && cells[end].edit.as_set().is_some()
    {
        end += 1;
    }
    end
}

/// The blocks so far. Only blocks with a strip in the row above can grow. They are sorted from left to
/// right like the strips of this row, so one cursor finds them.
#[derive(Default)]
struct Grouping {
    blocks: Vec<v1::CellBlock>,
    /// Indices of the blocks with a strip in the row above.
    above: Vec<usize>,
    /// The first block in `above` that may still match.
    cursor: usize,
    /// Indices of the blocks with a strip in this row.
    here: Vec<usize>,
    row: u32,
}

impl Grouping {
    fn add(&mut self, strip: &[CellEdit]) {
        let Some(first) = strip.first() else { return };
        if first.row != self.row {
            self.next_row(first.row);
        }
        let index = self.block_above(first.col, strip.len()).unwrap_or_else(|| {
            let width = u32::try_from(strip.len()).unwrap_or(u32::MAX);
            let values = Vec::with_capacity(strip.len());
            self.blocks.push(v1::CellBlock { row: first.row, col: first.col, width, values });
            self.blocks.len() - 1
        });
        let values = strip.iter().filter_map(|cell| cell.edit.as_set().map(value_to_wire));
        self.blocks[index].values.extend(values);
        self.here.push(index);
    }

    fn next_row(&mut self, row: u32) {
        std::mem::swap(&mut self.above, &mut self.here);
        self.here.clear();
        self.cursor = 0;
        if self.row.checked_add(1) != Some(row) {
            self.above.clear();
        }
        self.row = row;
    }

    /// The block above with this left edge and width.
    fn block_above(&mut self, col: u32, width: usize) -> Option<usize> {
        while let Some(&index) = self.above.get(self.cursor) {
            let block = &self.blocks[index];
            if block.col >= col {
                return (block.col == col && block.width as usize == width).then_some(index);
            }
            self.cursor += 1;
        }
        None
    }
}
