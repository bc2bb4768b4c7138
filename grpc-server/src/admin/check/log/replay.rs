//! Applies change after change to the order at the floor, and checks that each fits.
//!
//! Not the tables: `order` and `rows` compare those with the result.
//!
//! Invariant: after the first change that does not fit there is no state any more, and no later change is
//! judged by one.

use ot_engine::{AxisDelta, Delta, LineId, Run, Size, validate};

use crate::admin::check::overwritten::Commit;
use crate::admin::check::replayed::{ANYTHING, At};
use crate::admin::check::written::Written;
use crate::admin::check::{Findings, order};
use crate::admin::finding::Rule;
use model::Origin;
use sheet::state::{SheetState, structural_inverse};
use store::{AuditedChange, AuditedSheet};

/// The replay of one sheet's log.
pub(super) struct Replay {
    head: i64,
    floor: i64,
    next: i64,
    /// `None` after a change that does not fit.
    pub(super) state: Option<At>,
    commit: Option<Commit>,
    /// The head that the last change's commit stood on.
    batch: Option<i64>,
    pub(super) written: Written,
    pub(super) changes: u64,
}

/// A commit that has ended, and where.
type Ended = Option<(Commit, i64)>;

impl Replay {
    pub(super) fn new(sheet: &AuditedSheet, floor: i64, state: Option<At>) -> Self {
        Self {
            head: sheet.head,
            floor,
            // Before the first change there is nothing that could have made the floor.
            next: floor.max(1),
            state,
            commit: None,
            batch: None,
            written: Written::default(),
            changes: 0,
        }
    }

    /// Takes the next change; gives the commit before it, if that has ended.
    pub(super) fn take(&mut self, change: &AuditedChange, findings: &mut Findings<'_>) -> Ended {
        self.changes += 1;
        let revision = change.revision;
        if revision != self.next {
            self.gap(revision - 1, findings);
        }
        self.next = revision.saturating_add(1);
        if revision > self.head {
            let what = format!("the log has it, and the head is {}", self.head);
            findings.at(revision, Rule::LogHasNoGaps, what);
        }
        check_alone(change, findings);
        if revision <= self.floor {
            // The change that made the floor: the order noted there already holds its effect.
            return None;
        }
        let ended = self.join(change, findings);
        self.step(change, findings);
        ended
    }

    /// After the last change; gives the last commit.
    pub(super) fn finish(&mut self, findings: &mut Findings<'_>) -> Ended {
        if self.next <= self.head {
            self.gap(self.head, findings);
        }
        let last = self.next - 1;
        self.state.is_some().then(|| Some((self.commit.take()?, last))).flatten()
    }

    fn gap(&mut self, until: i64, findings: &mut Findings<'_>) {
        let what = if self.next == until {
            "the log lacks it".to_owned()
        } else {
            format!("the log lacks it, and what follows up to {until}")
        };
        findings.at(self.next, Rule::LogHasNoGaps, what);
        // The replay from the floor does without the change that made it.
        if until > self.floor {
            self.state = None;
        }
    }

    /// Adds the change to the last commit, or begins one, which must stand where that ended.
    fn join(&mut self, change: &AuditedChange, findings: &mut Findings<'_>) -> Ended {
        let (revision, batch) = (change.revision, change.batch);
        if self.batch == Some(batch) {
            return None;
        }
        if batch != revision - 1 {
            let what = format!(
                "its commit stands on {batch}: neither that of the change before, nor the revision before it"
            );
            findings.at(revision, Rule::CommitsJoin, what);
        }
        self.batch = Some(batch);
        let state = self.state.as_ref()?;
        let ended = self.commit.replace(Commit::new(batch, state.next_row_id));
        ended.map(|commit| (commit, revision - 1))
    }

    fn step(&mut self, change: &AuditedChange, findings: &mut Findings<'_>) {
        let Some(mut state) = self.state.take() else { return };
        let Ok(delta) = &change.delta else { return };
        let revision = change.revision;
        if let Err(broken) = validate(delta, size(&state.order), &ANYTHING) {
            findings.at(revision, Rule::ChangesFit, format!("the change: {broken}"));
            return;
        }
        let inverse = structural_inverse(delta, state.order.row_order(), state.order.columns());
        let before = (change.inverse.as_ref().ok() != Some(&inverse)).then(|| state.order.clone());
        if let Err(error) = state.order.step(delta) {
            findings.at(revision, Rule::ChangesFit, format!("the change: {error}"));
            return;
        }
        if let (Some(before), Ok(stored)) = (before, &change.inverse) {
            check_inverse(revision, stored.as_ref(), (&before, &state.order), findings);
        }
        if let Ok(origin) = change.origin {
            check_ids(revision, origin, delta, &mut state, findings);
        }
        self.write(revision, delta, &state.order);
        self.state = Some(state);
    }

    /// Takes in the cells, which are sorted by row.
    fn write(&mut self, revision: i64, delta: &Delta, order: &SheetState) {
        let mut cursor = order.row_order().cursor();
        for cell in &delta.cells {
            let row = cursor.id_at(cell.row);
            let column = order.columns().get(cell.col as usize).map(|column| column.id);
            // Validated: they are there.
            let Some((row, column)) = row.zip(column) else { continue };
            self.written.write(revision, (row, column), &cell.edit);
            if let Some(commit) = &mut self.commit {
                commit.write(row, column);
            }
        }
    }
}

fn size(order: &SheetState) -> Size {
    Size { rows: order.row_count(), cols: u32::try_from(order.columns().len()).unwrap_or(u32::MAX) }
}

/// Checks a change without the sheet.
fn check_alone(change: &AuditedChange, findings: &mut Findings<'_>) {
    let revision = change.revision;
    for (part, error) in [
        ("the change", change.delta.as_ref().err()),
        ("its inverse", change.inverse.as_ref().err()),
        ("its origin", change.origin.as_ref().err()),
    ] {
        if let Some(error) = error {
            findings.at(revision, Rule::ChangesDecode, format!("{part} can't be read: {error}"));
        }
    }
    if !(0..revision).contains(&change.base) {
        let what = format!("it was made on revision {}, which is not before it", change.base);
        findings.at(revision, Rule::ChangesFit, what);
    }
    if let Ok(Origin::Undo(target) | Origin::Redo(target)) = change.origin
        && i64::try_from(target.0).is_ok_and(|target| target >= revision)
    {
        let what = format!("it takes back revision {target}, which is not before it");
        findings.at(revision, Rule::ChangesFit, what);
    }
    if change.sequence < 1 {
        let what = format!("its number is {}; they begin at 1", change.sequence);
        findings.at(revision, Rule::EditNamesUnique, what);
    }
}

/// An inverse that differs from the one that this release makes is right if it leads back.
fn check_inverse(
    revision: i64,
    stored: Option<&Delta>,
    (before, after): (&SheetState, &SheetState),
    findings: &mut Findings<'_>,
) {
    let wrong = match stored {
        None => "it moves lines, and there is no inverse that moves them back".to_owned(),
        Some(inverse) => match leads_back(inverse, before, after) {
            Ok(true) => return,
            Ok(false) => "its inverse does not lead back to the sheet before it".to_owned(),
            Err(error) => format!("its inverse: {error}"),
        },
    };
    findings.at(revision, Rule::InversesFit, wrong);
}

fn leads_back(inverse: &Delta, before: &SheetState, after: &SheetState) -> Result<bool, String> {
    validate(inverse, size(after), &ANYTHING).map_err(|broken| broken.to_string())?;
    let mut back = after.clone();
    back.step(inverse).map_err(|error| error.to_string())?;
    let name = |state: &SheetState| -> Vec<_> {
        // A width can't be taken away again.
        state.columns().iter().map(|it| (it.id, it.name.clone(), it.kind)).collect()
    };
    let rows = order::rows_of;
    Ok(rows(&back) == rows(before) && name(&back) == name(before))
}

/// New lines get new ids; what comes back has ids that were given.
fn check_ids(
    revision: i64,
    origin: Origin,
    delta: &Delta,
    state: &mut At,
    findings: &mut Findings<'_>,
) {
    let axes = [
        ("row", &delta.rows, &mut state.next_row_id),
        ("column", &delta.cols, &mut state.next_column_id),
    ];
    for (line, axis, next) in axes {
        for (first, end) in placed(axis) {
            if origin.restores_lines() && end > *next {
                let what = format!("it brings {line} {} back, which was never made", end - 1);
                findings.at(revision, Rule::IdsGivenOnce, what);
            } else if !origin.restores_lines() && first < *next {
                let what = format!("it makes {line} {first}, which was made before");
                findings.at(revision, Rule::IdsGivenOnce, what);
            }
            *next = end.max(*next);
        }
    }
}

fn placed(axis: &AxisDelta) -> impl Iterator<Item = (u64, u64)> {
    axis.runs().iter().filter_map(|run| match *run {
        Run::Insert { count, first: Some(LineId(first)) } => {
            Some((first, first.saturating_add(u64::from(count))))
        }
        _ => None,
    })
}
