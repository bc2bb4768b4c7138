//! Turns a list of commands into one delta on the head.
//!
//! Commands are the form that people type: rows by position or id, columns by position, id or name.
//! Each command stands on the result of those before it; the whole list becomes one delta, so that
//! all of it happens or nothing does. Nothing here changes the sheet.
//!
//! Invariant: counts are held against their limits before anything is made of them, so memory and work
//! are bounded by the message and the sheet's limits.

mod columns;
mod counts;
mod renamed;
mod sum;

use std::sync::Arc;

use gridloom::convert;
use gridloom::v1::{self, column_ref, command, row_ref};
use ot_engine::{AxisDelta, CellEdit, ColumnEdit, ColumnId, Delta, Edit, Limits, RowId, Value};

use self::columns::{Columns, Named};
pub use self::counts::check_counts;
use self::counts::too_many_cells;
use self::sum::Sum;
use crate::refusal::Refusal;
use model::ColumnRecord;

/// The head that commands stand on.
pub struct Head<'a> {
    /// How many rows.
    pub rows: u32,
    /// The columns, in order.
    pub columns: &'a [ColumnRecord],
    /// Where a row stands.
    pub position_of: &'a dyn Fn(RowId) -> Option<u32>,
    /// What a delta may hold.
    pub limits: &'a Limits,
}

/// The delta that does what the commands say.
pub fn to_delta(list: &v1::CommandList, head: &Head<'_>) -> Result<Delta, Refusal> {
    check_counts(list, head.limits)?;
    let mut compiler = Compiler::new(head);
    for (index, command) in list.commands.iter().enumerate() {
        let delta = compiler
            .command(command)
            .map_err(|refusal| refusal.within(&format!("commands[{index}]")))?;
        compiler.add(delta);
    }
    Ok(compiler.finish())
}

/// A refusal of the delta of a list. In place of a text edit of the delta it names the command, or all of them where
/// several edit a text.
pub(super) fn named_by_command(list: &v1::CommandList, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Malformed { field, rule } if field.starts_with("delta.texts[") => {
            Refusal::Malformed { field: text_command(list), rule }
        }
        other => other,
    }
}

/// The path of the command that edits a text, if it is one alone.
fn text_command(list: &v1::CommandList) -> String {
    let edits_text = |it: &v1::Command| matches!(it.command, Some(command::Command::EditText(_)));
    let mut found = list.commands.iter().enumerate().filter(|(_, it)| edits_text(it));
    match (found.next(), found.next()) {
        (Some((at, _)), None) => format!("commands[{at}].edit_text.runs"),
        _ => "commands".to_owned(),
    }
}

struct Compiler<'a> {
    head: &'a Head<'a>,
    /// The size that the commands so far leave.
    rows: u32,
    width: u32,
    columns: Columns<'a>,
    sum: Sum,
    cells: usize,
}

impl<'a> Compiler<'a> {
    fn new(head: &'a Head<'a>) -> Self {
        // The column limit is far below u32::MAX.
        let width = u32::try_from(head.columns.len()).unwrap_or(u32::MAX);
        let (rows, columns) = (head.rows, Columns::new(head.columns));
        Self { head, rows, width, columns, sum: Sum::default(), cells: 0 }
    }

    fn finish(self) -> Delta {
        self.sum.finish()
    }

    /// Takes a command's delta up, and what it means for the commands after it.
    fn add(&mut self, delta: Delta) {
        self.rows = delta.rows.len_after(self.rows);
        self.width = delta.cols.len_after(self.width);
        self.sum.add(delta);
    }

    fn command(&mut self, command: &v1::Command) -> Result<Delta, Refusal> {
        use command::Command as C;
        let Some(command) = &command.command else {
            return Err(Refusal::malformed("command", "one of the commands must be set"));
        };
        match command {
            C::SetCells(set) => self.set_cells(set).map_err(|r| r.within("set_cells")),
            C::ClearCells(clear) => self.clear_cells(clear).map_err(|r| r.within("clear_cells")),
            C::EditText(edit) => self.edit_text(edit).map_err(|r| r.within("edit_text")),
            C::InsertRows(lines) => {
                let most = self.head.limits.max_rows;
                insert(lines, self.rows, most, "insert_rows").map(Delta::rows)
            }
            C::DeleteRows(lines) => delete(lines, self.rows, "delete_rows").map(Delta::rows),
            C::MoveRows(lines) => move_lines(lines, self.rows, "move_rows").map(Delta::rows),
            C::InsertColumns(lines) => {
                let most = self.head.limits.max_columns;
                insert(lines, self.width, most, "insert_columns").map(Delta::cols)
            }
            C::DeleteColumns(lines) => delete(lines, self.width, "delete_columns").map(Delta::cols),
            C::MoveColumns(lines) => move_lines(lines, self.width, "move_columns").map(Delta::cols),
            C::UpdateColumn(update) => {
                self.update_column(update).map_err(|r| r.within("update_column"))
            }
        }
    }

    fn set_cells(&mut self, set: &v1::SetCells) -> Result<Delta, Refusal> {
        let (row, col) = (self.row(set.row.as_ref())?, self.column(set.col.as_ref(), "col")?);
        let width = set.width.max(1);
        let count = u32::try_from(set.values.len()).unwrap_or(u32::MAX);
        if count == 0 || !count.is_multiple_of(width) {
            return Err(Refusal::malformed(
                "values",
                "their count must be a multiple of width, and not 0",
            ));
        }
        self.rectangle(row, col, count / width, width)?;
        let mut cells = Vec::with_capacity(set.values.len());
        for (index, value) in (0_u32..).zip(&set.values) {
            let value = convert::value_from_wire(value.clone())
                .map_err(|e| Refusal::malformed(&format!("values[{index}]"), &e.rule))?;
            ot_engine::validate_value(&value, self.head.limits).map_err(|rule| {
                Refusal::malformed(&format!("values[{index}]"), &rule.to_string())
            })?;
            cells.push(CellEdit {
                row: row + index / width,
                col: col + index % width,
                edit: Edit::Set(value.normalized()),
            });
        }
        Ok(Delta { cells, ..Delta::identity() })
    }

    fn edit_text(&mut self, edit: &v1::EditText) -> Result<Delta, Refusal> {
        let (row, col) = (self.row(edit.row.as_ref())?, self.column(edit.col.as_ref(), "col")?);
        self.rectangle(row, col, 1, 1)?;
        let text = convert::text_from_wire(edit.runs.clone())
            .map_err(|error| error.within("runs"))
            .map_err(|error| Refusal::malformed(&error.field, &error.rule))?;
        ot_engine::validate_text_edit(&text, self.head.limits)
            .map_err(|rule| Refusal::malformed("runs", &rule.to_string()))?;
        // An empty cell stays empty.
        if text.is_identity() {
            return Ok(Delta::identity());
        }
        Ok(Delta { cells: vec![CellEdit::text(row, col, text)], ..Delta::identity() })
    }

    fn clear_cells(&mut self, clear: &v1::ClearCells) -> Result<Delta, Refusal> {
        let (row, col) = (self.row(clear.row.as_ref())?, self.column(clear.col.as_ref(), "col")?);
        let (height, width) = (clear.height.max(1), clear.width.max(1));
        self.rectangle(row, col, height, width)?;
        let cells = (row..row + height)
            .flat_map(|row| {
                (col..col + width).map(move |col| CellEdit::set(row, col, Value::Empty))
            })
            .collect();
        Ok(Delta { cells, ..Delta::identity() })
    }

    /// Checks that a rectangle lies in the sheet and that the list stays below its limit.
    fn rectangle(&mut self, row: u32, col: u32, height: u32, width: u32) -> Result<(), Refusal> {
        if u64::from(row) + u64::from(height) > u64::from(self.rows) {
            return Err(beyond("row", self.rows, "rows"));
        }
        if u64::from(col) + u64::from(width) > u64::from(self.width) {
            return Err(beyond("col", self.width, "columns"));
        }
        self.cells = self.cells.saturating_add(height as usize * width as usize);
        if self.cells > self.head.limits.max_cells as usize {
            return Err(too_many_cells(self.head.limits));
        }
        Ok(())
    }

    fn update_column(&mut self, update: &v1::UpdateColumn) -> Result<Delta, Refusal> {
        let col = self.column(update.column.as_ref(), "column")?;
        if col >= self.width {
            return Err(beyond("column", self.width, "columns"));
        }
        let kind = convert::kind_from_wire(update.kind)
            .map_err(|e| Refusal::malformed("kind", &e.rule))?;
        let name = update.name.as_deref().map(Arc::from);
        let settings = update.settings.as_ref().map(convert::settings_from_wire).transpose();
        let settings = settings.map_err(|e| Refusal::malformed(&e.field, &e.rule))?;
        let edit = ColumnEdit { col, name, kind, width: update.width, settings };
        ot_engine::validate_column(&edit, self.head.limits).map_err(|(field, rule)| {
            Refusal::malformed(field.trim_start_matches('.'), &rule.to_string())
        })?;
        Ok(Delta::update_column(edit))
    }

    fn row(&self, reference: Option<&v1::RowRef>) -> Result<u32, Refusal> {
        match reference.and_then(|reference| reference.row.as_ref()) {
            None => Ok(0),
            Some(row_ref::Row::At(at)) => Ok(*at),
            Some(row_ref::Row::Id(id)) => (self.head.position_of)(RowId(*id))
                .and_then(|at| self.sum.row(at))
                .ok_or_else(|| out_of_range("row.id", "the sheet has no row with this id")),
        }
    }

    fn column(&mut self, reference: Option<&v1::ColumnRef>, field: &str) -> Result<u32, Refusal> {
        match reference.and_then(|reference| reference.column.as_ref()) {
            None => Ok(0),
            Some(column_ref::Column::At(at)) => Ok(*at),
            Some(column_ref::Column::Id(id)) => {
                let wanted = id.parse().map(ColumnId).ok();
                wanted.and_then(|id| self.columns.with_id(id, &self.sum)).ok_or_else(|| {
                    out_of_range(&format!("{field}.id"), "the sheet has no column with this id")
                })
            }
            Some(column_ref::Column::Name(name)) => {
                let field = format!("{field}.name");
                match self.columns.named(name, &mut self.sum) {
                    Named::One(at) => Ok(at),
                    Named::Several => {
                        Err(Refusal::malformed(&field, "several columns have this name; use an id"))
                    }
                    Named::None => {
                        Err(out_of_range(&field, "the sheet has no column with this name"))
                    }
                }
            }
        }
    }
}

/// `most`: how many lines the axis may have.
fn insert(
    lines: &v1::InsertLines,
    length: u32,
    most: u32,
    name: &str,
) -> Result<AxisDelta, Refusal> {
    if lines.at > length {
        return Err(beyond("at", length, "lines").within(name));
    }
    let (count, room) = (lines.count.max(1), most.saturating_sub(length));
    if count > room {
        let rule = format!("is {count}, where the sheet's limit of {most} leaves room for {room}");
        return Err(Refusal::malformed("count", &rule).within(name));
    }
    Ok(AxisDelta::insert(lines.at, count))
}

fn delete(lines: &v1::DeleteLines, length: u32, name: &str) -> Result<AxisDelta, Refusal> {
    let count = lines.count.max(1);
    if u64::from(lines.at) + u64::from(count) > u64::from(length) {
        return Err(beyond("at", length, "lines").within(name));
    }
    Ok(AxisDelta::delete(lines.at, count))
}

fn move_lines(lines: &v1::MoveLines, length: u32, name: &str) -> Result<AxisDelta, Refusal> {
    let count = lines.count.max(1);
    if u64::from(lines.from) + u64::from(count) > u64::from(length) {
        return Err(beyond("from", length, "lines").within(name));
    }
    if lines.to > length {
        return Err(beyond("to", length, "lines").within(name));
    }
    if lines.to > lines.from && lines.to < lines.from + count {
        return Err(Refusal::malformed("to", "lies inside the moved lines").within(name));
    }
    Ok(AxisDelta::move_lines(lines.from, count, lines.to))
}

fn out_of_range(field: &str, rule: &str) -> Refusal {
    Refusal::OutOfRange { field: field.to_owned(), rule: rule.to_owned() }
}

fn beyond(field: &str, length: u32, what: &str) -> Refusal {
    out_of_range(field, &format!("reaches beyond the sheet, which has {length} {what}"))
}

#[cfg(test)]
mod tests;
