//! The rules for the runs of an axis.
//!
//! Cells and attributes have files of their own. Invariant: an axis delta that passed walks over at most
//! the lines that there are, and lifts and drops each slot exactly once.

use super::{Invalid, Limits, Rule};
use crate::{AxisDelta, Delta, Run, Size};

/// The state of a slot after the runs checked so far.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// Old position after the last lifted line.
    lifted_to: Option<u64>,
    dropped: bool,
}

/// Checks one axis and returns its length after the delta.
pub(super) fn check(
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
        return Err(incomplete_slot(name, runs, slot as u32, slots[slot].dropped));
    }
    let after = u64::from(len) - deleted + inserted;
    match u32::try_from(after) {
        // An axis that is already too long (the limits were lowered) may stay or shrink.
        Ok(after) if after <= max_lines || inserted == 0 => Ok(after),
        _ => Err(Invalid::new(name, Rule::TooManyLines { max: max_lines })),
    }
}

/// The rules for blocks. Normal form numbers slots by first appearance, so each slot is at most the
/// length of `slots`. The list has at most one element for each run.
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

/// The error for a slot that is lifted and never dropped, or dropped and never lifted.
fn incomplete_slot(name: &str, runs: &[Run], slot: u32, dropped: bool) -> Invalid {
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

/// Checks that a client's delta names no line ids; only the server assigns them.
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

/// Checks after a transform that the sheet does not get too long, since other clients may have inserted
/// lines too.
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
