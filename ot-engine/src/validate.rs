//! Refuses every malformed delta, by field and rule.
//!
//! The gate between what came from outside and the rest of the crate: no other function may panic
//! or overflow on a delta that passed. Cost: one look at each run and cell.

mod text;

use std::fmt;

use crate::{AxisDelta, CellEdit, ColumnEdit, Delta, Edit, Run, Size, Value};
use text::text_edit;
pub use text::validate_text;

/// Bounds on what a delta may ask for. The defaults are the protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text in one cell.
    pub max_text_bytes: u32,
    /// Cell edits in one delta.
    pub max_cells: u32,
    /// Columns of a sheet.
    pub max_columns: u32,
    /// Rows of a sheet.
    pub max_rows: u32,
    /// Runs on one axis of a delta.
    pub max_runs: u32,
    /// Bytes of a column's name.
    pub max_name_bytes: u32,
    /// Width of a column, in CSS pixels.
    pub max_width_pixels: u32,
}

impl Limits {
    /// What a server allows unless it is configured otherwise.
    pub const DEFAULT: Self = Self {
        max_text_bytes: 64 * 1024,
        max_cells: 100_000,
        max_columns: 16_384,
        max_rows: 50_000_000,
        max_runs: 16_384,
        max_name_bytes: 1024,
        max_width_pixels: 4096,
    };

    /// None: only the rules that do not depend on a server's configuration.
    pub const UNBOUNDED: Self = Self {
        max_text_bytes: u32::MAX,
        max_cells: u32::MAX,
        max_columns: u32::MAX,
        max_rows: u32::MAX,
        max_runs: u32::MAX,
        max_name_bytes: u32::MAX,
        max_width_pixels: u32::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The earliest and latest date-time, year 1 to year 9999, in microseconds since the Unix epoch.
const DATE_TIMES_MICROSECONDS: std::ops::RangeInclusive<i64> =
    -62_135_596_800_000_000..=253_402_300_799_999_999;

/// The rule that a delta breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The runs walk past the last line.
    #[error("reaches past the last of {len} lines")]
    PastEnd {
        /// How many lines there are.
        len: u32,
    },
    /// A block is lifted from more than one place.
    #[error("names a block that is lifted from two places; its lines must stand in a row")]
    LiftedTwice,
    /// A block is put down more than once.
    #[error("names a block that is dropped twice")]
    DroppedTwice,
    /// A block is lifted and never put down.
    #[error("names a block that is lifted and never dropped")]
    NeverDropped,
    /// A block is put down and was never lifted.
    #[error("names a block that is dropped and never lifted")]
    NeverLifted,
    /// More runs than allowed.
    #[error("has more than {max} runs")]
    TooManyRuns {
        /// The limit.
        max: u32,
    },
    /// The axis would get longer than allowed.
    #[error("would leave more than {max} lines")]
    TooManyLines {
        /// The limit.
        max: u32,
    },
    /// An insert names lines; ids are the server's to give.
    #[error("names its lines; only the server gives ids")]
    NamedInsert,
    /// The ids of an insert run past the last possible id.
    #[error("names lines past the last id")]
    IdOverflow,
    /// More cell edits than allowed.
    #[error("has more than {max} cell edits")]
    TooManyCells {
        /// The limit.
        max: u32,
    },
    /// The position is not in the sheet.
    #[error("is outside the sheet: positions end before {len}")]
    OutOfRange {
        /// How many rows (or columns) there are after the axes have changed.
        len: u32,
    },
    /// Two edits for one position, or edits out of order.
    #[error("edits a position twice, or out of order")]
    Repeated,
    /// Not a number that can be stored.
    #[error("is not a finite number")]
    NotFinite,
    /// Text beyond the limit.
    #[error("is longer than {max} bytes")]
    TextTooLong {
        /// The limit.
        max: u32,
    },
    /// A text edit walks past the end of the text.
    #[error("reaches past the end of the text, which has {len} characters")]
    PastText {
        /// How many characters there are.
        len: u32,
    },
    /// A text edit of a cell whose text is not known here: it can't have been made on it.
    #[error("edits a text that is not loaded")]
    TextNotLoaded,
    /// A NUL character, which the store can't hold.
    #[error("contains a NUL character")]
    NulInText,
    /// A date-time before year 1 or after year 9999.
    #[error("is outside the years 1 to 9999")]
    DateTimeOutOfRange,
    /// A width beyond the limit.
    #[error("is wider than {max} pixels")]
    TooWide {
        /// The limit.
        max: u32,
    },
}

/// A delta that was refused: which field, and which rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct Invalid {
    /// A path such as `rows[3].lift.slot` or `cells[17].row`, by index in normal form.
    pub field: String,
    /// The rule.
    pub rule: Rule,
}

impl Invalid {
    /// Allocates the path only on this, the rare way.
    fn new(field: impl fmt::Display, rule: Rule) -> Self {
        Self { field: field.to_string(), rule }
    }

    /// The same rule, with the field named inside a larger message (`edit.delta` and so on).
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }
}

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
            Edit::Set(set) => (".set", value(set, limits)),
            Edit::Text(edit) => (".text", text_edit(edit, limits)),
        };
        checked.or_else(|rule| broken(field, rule))?;
    }
    Ok(())
}

/// The rules for a value by itself.
fn value(value: &Value, limits: &Limits) -> Result<(), Rule> {
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
        if let Some(Err(rule)) = column.name.as_ref().map(|name| text(name, limits.max_name_bytes))
        {
            return broken(".name", rule);
        }
        if column.width.is_some_and(|width| width > limits.max_width_pixels) {
            return broken(".width", Rule::TooWide { max: limits.max_width_pixels });
        }
    }
    Ok(())
}
