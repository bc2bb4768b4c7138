//! A sheet that a job edits: the columns that it lacked, rows at its end, and what has become of the edits.
//!
//! Not which rows. Invariants: an edit yields to what others have changed since it was made, and the cells that it has lost are
//! counted; a column is found by its id once the job has begun, so a name that changes meanwhile makes no difference.

use std::collections::HashMap;
use std::sync::Arc;

use engine::Meter;
use heavy_work::{Caller, Size, run_sized};
use jobs::{Failure, Job};
use ot_engine::{AxisDelta, CellEdit, ColumnId, Delta, Revision, Value};

use super::batches::Row;
use super::columns::{self, SourceColumn, places, unlike};
use super::context::{Context, Filled, StepLater};
use super::done::Done;
use super::failures::{failure, panicked, unless_cancelled};
use super::inserts::{insert, inserted};
use super::names::Names;
use super::notes::{Notes, quoted};
use super::own_edits::OwnEdits;
use super::rules::{Refused, Rules};
use crate::service::sheets::JobSheet;
use crate::service::transfers::source::Source;
use model::{AccountId, ColumnRecord, SheetId};
use sheet::api::message::{Applied, ApplyChange};

/// See the [module](self).
pub(super) struct Edited<'a> {
    pub(super) job: &'a Job,
    pub(super) account: AccountId,
    pub(super) sheet: JobSheet,
    id: SheetId,
    limits: ot_engine::Limits,
    /// The rows of the source.
    total: u64,
    /// The step that writes rows.
    step: StepLater,
    pub(super) columns: Vec<SourceColumn>,
    /// The column of the sheet for each of the source.
    pub(super) ids: Vec<ColumnId>,
    /// Where they were when the sheet was read last.
    layout: Option<Arc<Layout>>,
    pub(super) refused: Refused,
    names: Names,
    done: &'a Done,
    pub(super) own: OwnEdits,
    /// Rows of edits that an earlier attempt has made.
    known: u64,
    /// Cells of the edits that were left out for newer changes of others.
    newer: u64,
    pub(super) notes: Notes,
}

/// Where the columns of the source are in the sheet, and what they take.
pub(super) struct Layout {
    of: Arc<[ColumnRecord]>,
    /// The position in the sheet, the place in the source and the id of each, by position.
    pub(super) order: Vec<(u32, usize, ColumnId)>,
    pub(super) rules: Rules,
}

#[cfg(test)]
impl Layout {
    pub(super) fn sample(
        of: Arc<[ColumnRecord]>,
        order: Vec<(u32, usize, ColumnId)>,
        rules: Rules,
    ) -> Self {
        Self { of, order, rules }
    }
}

impl<'a> Edited<'a> {
    /// Finds the columns, and inserts those that the sheet lacks. `key` has the place of the key in the source, and its column.
    pub(super) async fn begin(
        fill: &Context,
        job: &'a Job,
        (account, source): (AccountId, &Source),
        (id, key): (SheetId, Option<(usize, ColumnId)>),
        (names, done): (Names, &'a Done),
    ) -> Result<Self, Failure> {
        fill.parts.access.editor(account, id).await.map_err(failure)?;
        let sheet = fill.parts.sheet((account, id), names.group());
        let limits = fill.parts.registry.shared().edit_limits;
        let mut notes = Notes::default();
        if job.attempt() > 1 {
            notes.add("An earlier attempt was interrupted: these notes may lack what it has done.");
        }
        let columns = columns::of_source(source);
        let head = sheet.window(0..0).await.map_err(failure)?;
        if key.is_some_and(|(_, key)| head.columns.iter().all(|column| column.id != key)) {
            return Err(Failure::Final("the column of the key was deleted".to_owned()));
        }
        let found = places(&columns, &head.columns, key);
        let missing = columns.iter().zip(&found).filter(|(_, place)| place.is_none());
        let missing: Vec<&SourceColumn> = missing.map(|(column, _)| column).collect();
        let mut own = OwnEdits::default();
        let now = match missing.is_empty() {
            true => head.columns,
            false => {
                own.add(insert(&sheet, names, &missing, &head).await?);
                notes.add(inserted(&missing));
                sheet.window(0..0).await.map_err(failure)?.columns
            }
        };
        let found = places(&columns, &now, key);
        unlike(&columns, &now, &found, key).into_iter().for_each(|note| notes.add(note));
        let id_at = |place: &Option<usize>| Some(now.get((*place)?)?.id);
        let ids: Option<Vec<ColumnId>> = found.iter().map(id_at).collect();
        let deleted = "columns that an earlier attempt has inserted were deleted or renamed; begin another job";
        let ids = ids.ok_or_else(|| Failure::Final(deleted.to_owned()))?;
        let (total, layout, refused) = (source.rows(), None, Refused::default());
        let step = fill.write_later();
        Ok(Self {
            job,
            account,
            sheet,
            id,
            limits,
            total,
            step,
            columns,
            ids,
            layout,
            refused,
            names,
            done,
            own,
            known: 0,
            newer: 0,
            notes,
        })
    }

    /// The step that writes rows, which begins here at the latest.
    pub(super) fn meter(&self) -> Arc<Meter> {
        Arc::clone(self.step.begun())
    }

    /// Reports how many rows of the source are done.
    pub(super) fn progress(&self, rows: u64) {
        self.step.begun().rows_are(rows);
        self.job.progress(rows, Some(self.total));
    }

    /// Where the columns are in a read of the sheet.
    pub(super) fn layout(&mut self, now: &Arc<[ColumnRecord]>) -> Result<Arc<Layout>, Failure> {
        if let Some(known) = &self.layout
            && Arc::ptr_eq(&known.of, now)
        {
            return Ok(Arc::clone(known));
        }
        let mut order = Vec::with_capacity(self.ids.len());
        let mut records = Vec::with_capacity(self.ids.len());
        let at: HashMap<ColumnId, u32> = now.iter().map(|column| column.id).zip(0..).collect();
        for (place, (id, column)) in self.ids.iter().zip(&self.columns).enumerate() {
            let found = at.get(id).and_then(|col| Some((*col, now.get(*col as usize)?)));
            let Some((col, record)) = found else {
                let name = quoted(&column.name);
                return Err(Failure::Final(format!("the column {name} was deleted meanwhile")));
            };
            order.push((col, place, *id));
            records.push(record);
        }
        let rules = Rules::of(self.limits, records.into_iter());
        order.sort_unstable_by_key(|(col, ..)| *col);
        let layout = Arc::new(Layout { of: Arc::clone(now), order, rules });
        self.layout = Some(Arc::clone(&layout));
        Ok(layout)
    }

    /// Appends rows in one edit: the one of this number, or one that no other attempt makes.
    pub(super) async fn append(
        &mut self,
        rows: Vec<Row>,
        number: Option<u64>,
    ) -> Result<(), Failure> {
        let count = rows.len() as u64;
        let head = self.sheet.window(0..0).await.map_err(failure)?;
        let layout = self.layout(&head.columns)?;
        let size = Size::Items(rows.len().saturating_mul(layout.order.len()));
        let row_count = head.row_count;
        let meter = self.meter();
        let work = move || meter.busy(|| appended(rows, &layout, row_count));
        let made = run_sized(Caller::Account(self.account), size, work).await;
        let (delta, refused) = made.map_err(panicked)?;
        self.refused.append(refused);
        let is_known = self.apply(head.revision, delta, number).await?;
        self.done.add_appended(count);
        self.known += if is_known { count } else { 0 };
        Ok(())
    }

    /// Changes cells of so many rows, in an edit that no other attempt makes. Gives how many cells it has lost.
    pub(super) async fn change(
        &mut self,
        base: Revision,
        (cells, rows): (Vec<CellEdit>, u64),
    ) -> Result<u64, Failure> {
        let before = self.newer;
        let (rows_kept, columns_kept) = (AxisDelta::identity(), AxisDelta::identity());
        let delta = Delta::from_parts(rows_kept, columns_kept, cells, Vec::new());
        self.apply(base, delta, None).await?;
        self.done.add_changed(rows);
        Ok(self.newer - before)
    }

    /// Gives whether an earlier attempt has made the edit: its revision is not above the base then.
    async fn apply(
        &mut self,
        base: Revision,
        delta: Delta,
        number: Option<u64>,
    ) -> Result<bool, Failure> {
        unless_cancelled(self.job)?;
        let name = match number {
            Some(number) => (self.names.of(number), true),
            None => (self.names.unused(), false),
        };
        let change = ApplyChange::Delta { base, delta: delta.into(), yields: true };
        let applied = self.meter().polls(self.sheet.apply(name, change)).await.map_err(failure)?;
        self.own.add(applied.revision);
        self.newer += lost(&applied);
        Ok(applied.revision <= base)
    }

    /// What was done.
    pub(super) fn end(self) -> Filled {
        self.step.begun().task_ends();
        let Self { id, columns, refused, done, known, newer, mut notes, .. } = self;
        let (appended, changed) = done.rows();
        notes.count(changed, "row is changed", "rows are changed");
        notes.count(appended, "row is appended", "rows are appended");
        notes.count(
            known,
            "of these rows was appended by an earlier attempt, and is not appended again if it was undone since",
            "of these rows were appended by an earlier attempt, and are not appended again if they were undone since",
        );
        let newer_notes = (
            "value is left out, since its cell or column was changed meanwhile",
            "values are left out, since their cells or columns were changed meanwhile",
        );
        notes.count(newer, newer_notes.0, newer_notes.1);
        refused.note(&columns, &mut notes);
        Filled { sheet: id, rows: appended + changed, notes }
    }
}

/// The edit that appends rows to a sheet of so many.
fn appended(rows: Vec<Row>, layout: &Layout, row_count: u32) -> (Delta, Refused) {
    let (mut refused, mut cells) = (Refused::default(), Vec::new());
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for (row, Row { number, mut values }) in (row_count..).zip(rows) {
        for &(col, at, _) in &layout.order {
            let value = values.get_mut(at).map(|value| std::mem::replace(value, Value::Empty));
            let value = value.unwrap_or_default();
            if let Some(value) = layout.rules.take((number, at), value, &mut refused) {
                cells.push(CellEdit::set(row, col, value));
            }
        }
    }
    let rows = AxisDelta::insert(row_count, count);
    (Delta { rows, cells, ..Delta::identity() }, refused)
}

/// The cells that an edit has lost to newer changes.
fn lost(applied: &Applied) -> u64 {
    let own = applied.conflicts.iter().filter(|it| it.revision == applied.revision);
    own.count() as u64 + u64::from(applied.left_out)
}

#[cfg(test)]
mod tests {
    use ot_engine::{ColumnKind, Edit};

    use super::*;

    #[test]
    fn rows_are_appended_with_their_cells_in_the_order_of_the_sheet() {
        let record = |id| ColumnRecord {
            id: ColumnId(id),
            name: "".into(),
            kind: ColumnKind::Number,
            width: None,
            settings: "refuse".into(),
        };
        let records = [record(1), record(2)];
        let rules = Rules::of(ot_engine::Limits::DEFAULT, records.iter());
        let order = vec![(1, 1, ColumnId(2)), (4, 0, ColumnId(1))];
        let layout = Layout { of: records.into(), order, rules };
        let row = |number, values: Vec<Value>| Row { number, values };
        let rows = vec![
            row(1, vec![1.0.into(), 2.0.into()]),
            row(2, Vec::new()),
            row(3, vec!["no".into(), 3.0.into()]),
        ];
        let (delta, refused) = appended(rows, &layout, 10);
        delta.check_invariants();
        assert_eq!(delta.rows, AxisDelta::insert(10, 3));
        let cells: Vec<_> = delta.cells.iter().map(|cell| (cell.row, cell.col)).collect();
        assert_eq!(cells, [(10, 1), (10, 4), (12, 1)]);
        assert_eq!(delta.cells[0].edit, Edit::Set(2.0.into()));
        let mut notes = Notes::default();
        let source = [0, 1].map(|_| SourceColumn { name: "a".into(), kind: ColumnKind::Number });
        refused.note(&source, &mut notes);
        assert_eq!(notes.into_sentences().len(), 1);
    }
}
