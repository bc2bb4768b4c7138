//! Refuses every malformed delta, by field and rule.
//!
//! The gate between what came from outside and the rest of the crate: no other function may panic
//! or overflow on a delta that passed. Cost: one look at each run and cell.

mod limits;
mod rule;
mod text;

use crate::{AxisDelta, CellEdit, ColumnEdit, Delta, Edit, Run, Size, Value};
pub use limits::Limits;
pub use rule::{Invalid, Rule};
pub use text::{validate_text, validate_text_edit};

/// The earliest and latest date-time, year 1 to year 9999, in microseconds since the Unix epoch.
const DATE_TIMES_MICROSECONDS: std::ops::RangeInclusive<i64> =
    -62_135_596_800_000_000..=253_402_300_799_999_999;

/// Whether `delta` may be applied to a sheet of `size`.
///
/// # Errors
/// The first broken rule, with its field.
pub fn validate(delta: &Delta, size: Size, limits: &Limits) -> Result<(), Invalid> {
    let rows = axis("rows", &delta.rows, size.rows, limits.max_rows, limits.max_runs)?;
    let cols = axis("cols", &delta.cols, size.cols, limits.max_columns, limits.max_runs)?;
    cells(&delta.cells, Size { rows, cols }, limits)?;
    columns(&delta.columns, cols, limits)
}

/// The part of a client's delta that only the server may fill in: line ids.
///
/// # Errors
/// [`Rule::NamedInsert`], with its field.
pub(crate) fn validate_unnamed(delta: &Delta) -> Result<(), Invalid> {
    for (name, axis) in [("rows", &delta.rows), ("cols", &delta.cols)] {
        for (i, run) in axis.runs().iter().enumerate() {
            if let Run::Insert { first: Some(_), .. } = run {
                let field = format_args!("{name}[{i}].insert.first_id").to_string();
                return Err(Invalid::new(field, Rule::NamedInsert));
            }
        }
    }
    Ok(())
}

/// After a transform: whether the sheet would get too long, now that others have inserted too.
pub(crate) fn validate_lengths(delta: &Delta, size: Size, limits: &Limits) -> Result<(), Invalid> {
    let axes = [
        ("rows", &delta.rows, size.rows, limits.max_rows),
        ("cols", &delta.cols, size.cols, limits.max_columns),
    ];
    for (name, axis, len, max) in axes {
        let grows = axis.runs().iter().any(|run| matches!(run, Run::Insert { .. }));
        if grows && axis.len_after(len) > max {
            return Err(Invalid::new(name, Rule::TooManyLines { max }));
        }
    }
    Ok(())
}

/// What is known about a slot half-way through the runs.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// Old position after its last lifted line.
    lifted_to: Option<u64>,
    dropped: bool,
}

/// Checks one axis and answers its length afterwards.
fn axis(
    name: &str,
    delta: &AxisDelta,
    len: u32,
    max_lines: u32,
    max_runs: u32,
) -> Result<u32, Invalid> {
    let runs = delta.runs();
    if runs.len() > max_runs as usize {
        return Err(Invalid::new(name, Rule::TooManyRuns { max: max_runs }));
    }
    let mut slots: Vec<Slot> = Vec::new();
    let (mut at, mut inserted, mut deleted) = (0_u64, 0_u64, 0_u64);
    for (i, run) in runs.iter().enumerate() {
        let broken = |field: &str, rule| Err(Invalid::new(format!("{name}[{i}].{field}"), rule));
        if let Err((field, rule)) = slot_rules(*run, at, &mut slots) {
            return broken(field, rule);
        }
        at += u64::from(run.consumes());
        if at > u64::from(len) {
            return broken(count_field(*run), Rule::PastEnd { len });
        }
        match *run {
            Run::Delete(count) => deleted += u64::from(count),
            Run::Insert { count, first } => {
                inserted += u64::from(count);
                if first.is_some_and(|id| id.0.checked_add(u64::from(count)).is_none()) {
                    return broken("insert.first_id", Rule::IdOverflow);
                }
            }
            Run::Keep(_) | Run::Lift { .. } | Run::Drop { .. } => {}
        }
    }
    if let Some(slot) = slots.iter().position(|slot| !slot.dropped || slot.lifted_to.is_none()) {
        return Err(unfinished(name, runs, slot as u32, slots[slot].dropped));
    }
    let after = u64::from(len) - deleted + inserted;
    match u32::try_from(after) {
        // An axis that is too long already (limits were lowered) may still shrink or stay.
        Ok(after) if after <= max_lines || inserted == 0 => Ok(after),
        _ => Err(Invalid::new(name, Rule::TooManyLines { max: max_lines })),
    }
}

/// The rules about blocks. Normal form numbers slots by first appearance, so a slot is at most one
/// past those known: the list can't be made to grow beyond the number of runs.
fn slot_rules(run: Run, at: u64, slots: &mut Vec<Slot>) -> Result<(), (&'static str, Rule)> {
    let (Run::Lift { slot, .. } | Run::Drop { slot }) = run else { return Ok(()) };
    let index = slot as usize;
    if index >= slots.len() {
        slots.resize(index + 1, Slot::default());
    }
    let known = &mut slots[index];
    if let Run::Lift { count, .. } = run {
        if known.lifted_to.is_some_and(|end| end != at) {
            return Err(("lift.slot", Rule::LiftedTwice));
        }
        known.lifted_to = Some(at + u64::from(count));
    } else if std::mem::replace(&mut known.dropped, true) {
        return Err(("drop", Rule::DroppedTwice));
    }
    Ok(())
}

/// Names the run of a slot that lacks its other half.
fn unfinished(name: &str, runs: &[Run], slot: u32, dropped: bool) -> Invalid {
    let of_slot = |run: &Run| match *run {
        Run::Lift { slot: this, .. } | Run::Drop { slot: this } => this == slot,
        Run::Keep(_) | Run::Delete(_) | Run::Insert { .. } => false,
    };
    let i = runs.iter().position(of_slot).unwrap_or_default();
    let (field, rule) =
        if dropped { ("drop", Rule::NeverLifted) } else { ("lift.slot", Rule::NeverDropped) };
    Invalid::new(format!("{name}[{i}].{field}"), rule)
}

const fn count_field(run: Run) -> &'static str {
    match run {
        Run::Keep(_) => "keep",
        Run::Delete(_) => "delete",
        Run::Lift { .. } => "lift.count",
        Run::Insert { .. } => "insert.count",
        Run::Drop { .. } => "drop",
    }
}

fn cells(cells: &[CellEdit], size: Size, limits: &Limits) -> Result<(), Invalid> {
    if cells.len() > limits.max_cells as usize {
        return Err(Invalid::new("cells", Rule::TooManyCells { max: limits.max_cells }));
    }
    let mut last = None;
    for (i, cell) in cells.iter().enumerate() {
        let broken = |field: &str, rule| Err(Invalid::new(format!("cells[{i}]{field}"), rule));
        if cell.row >= size.rows {
            return broken(".row", Rule::OutOfRange { len: size.rows });
        }
        if cell.col >= size.cols {
            return broken(".col", Rule::OutOfRange { len: size.cols });
        }
        if last >= Some(cell.key()) {
            return broken("", Rule::Repeated);
        }
        last = Some(cell.key());
        let (field, checked) = match &cell.edit {
            Edit::Set(set) => (".set", validate_value(set, limits)),
            Edit::Text(edit) => (".text", validate_text_edit(edit, limits)),
        };
        checked.or_else(|rule| broken(field, rule))?;
    }
    Ok(())
}

/// The rules for a value by itself.
///
/// # Errors
/// The first broken rule.
pub fn validate_value(value: &Value, limits: &Limits) -> Result<(), Rule> {
    match value {
        Value::Number(number) if !number.is_finite() => Err(Rule::NotFinite),
        Value::Text(content) => text(content, limits.max_text_bytes),
        Value::DateTime(at) if !DATE_TIMES_MICROSECONDS.contains(at) => {
            Err(Rule::DateTimeOutOfRange)
        }
        Value::Empty | Value::Bool(_) | Value::Number(_) | Value::DateTime(_) => Ok(()),
    }
}

fn text(content: &str, max: u32) -> Result<(), Rule> {
    if content.len() > max as usize {
        Err(Rule::TextTooLong { max })
    } else if content.as_bytes().contains(&0) {
        Err(Rule::NulInText)
    } else {
        Ok(())
    }
}

fn columns(columns: &[ColumnEdit], len: u32, limits: &Limits) -> Result<(), Invalid> {
    let mut last = None;
    for (i, column) in columns.iter().enumerate() {
        let broken = |field: &str, rule| Err(Invalid::new(format!("columns[{i}]{field}"), rule));
        if column.col >= len {
            return broken(".col", Rule::OutOfRange { len });
        }
        if last >= Some(column.col) {
            return broken("", Rule::Repeated);
        }
        last = Some(column.col);
        validate_column(column, limits).or_else(|(field, rule)| broken(field, rule))?;
    }
    Ok(())
}

/// The rules for the attributes of a column by themselves.
///
/// # Errors
/// The first broken rule, with its field: `.name` or `.width`.
pub fn validate_column(column: &ColumnEdit, limits: &Limits) -> Result<(), (&'static str, Rule)> {
    if let Some(name) = &column.name {
        text(name, limits.max_name_bytes).map_err(|rule| (".name", rule))?;
    }
    if column.width.is_some_and(|width| width > limits.max_width_pixels) {
        return Err((".width", Rule::TooWide { max: limits.max_width_pixels }));
    }
    Ok(())
}
