//! Converts the values of a column to another kind: the rows are read in windows and converted beside the sheet's task,
//! and the results are ordered as edits that yield to newer ones.
//!
//! Not here: what a value becomes (the crate `values`). Invariants: an edit is within the limits of one edit, and the next
//! one is made when it is committed; each row is counted once; what the conversion has done is reported also where it
//! stops early.

mod asked;
mod batch;
mod row_set;
mod tally;

use std::ops::ControlFlow;
use std::sync::Arc;

use gridloom::v1;
use heavy_work::{Caller, Size};
use ot_engine::{ClientId, ColumnEdit, ColumnId, ColumnKind, Content, Revision};
use tonic::Status;
use values::{Conversion, Settings};

use self::asked::Asked;
use self::batch::{Batch, Seen, position_of};
use super::{Cells, Name, committed};
use crate::edge::auth::Identity;
use crate::edge::errors::{self, ServiceError};
use crate::service::sheets::columns::ColumnIndex;
use crate::service::sheets::editable::Editable;
use crate::service::sheets::queries::filter;
use model::gesture::{NAMES, further_name};
use model::{ColumnRecord, EditGroup};
use sheet::api::message::{Applied, ApplyChange, ReadColumns, SheetHandle, WindowRead};
use sheet::refusal::Refusal;

/// Rows of one read.
const WINDOW_ROWS: u32 = 10_000;
/// How often all rows are looked at, where others edit meanwhile.
const PASSES: u32 = 8;

/// A conversion under way.
struct Run<'a> {
    cells: &'a Cells,
    identity: &'a Identity,
    editable: &'a Editable,
    column: ColumnId,
    /// The position of the column when it was read last.
    col: u32,
    kind: ColumnKind,
    settings: Arc<str>,
    /// Those that the column has until the first edit.
    former: (ColumnKind, Arc<str>),
    /// The kind and the settings that the first edit gives the column.
    changes: ColumnEdit,
    conversion: Conversion,
    dry_run: bool,
    /// The name of its first edit, and whether that may have been used before.
    name: (ClientId, bool),
    group: EditGroup,
    /// The names that are used.
    names: u16,
    /// Its edits.
    edits: u32,
    /// The last one.
    revision: Option<Revision>,
    /// The revision of the sheet, if no other edit comes.
    expected: Revision,
    /// The number of rows that the sheet had when it was read last.
    row_count: u32,
    /// Whether another edit has come since the pass began: it may have moved rows.
    disturbed: bool,
    /// Whether this is the first pass.
    is_first_pass: bool,
    seen: Seen,
}

/// Why a conversion ends early.
enum Ended {
    /// It has stopped, for this reason.
    Stopped(String),
    /// The call fails.
    Failed(Status),
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        Self::Failed(status)
    }
}

impl Cells {
    pub(in crate::service::sheets) async fn convert(
        &self,
        identity: &Identity,
        editable: &Editable,
        request: v1::ConvertColumnRequest,
    ) -> Result<v1::ConvertColumnResponse, Status> {
        let name_bytes = self.registry.shared().edit_limits.max_name_bytes;
        let asked = Asked::read((identity, editable.sheet), request, name_bytes)?;
        let _turn = self.conversions.turn(identity.account).await;
        let nothing = ReadColumns::At(0..0);
        let head = self.window(identity.account, editable.sheet, 0..0, nothing).await?;
        let index = ColumnIndex::new(&head.columns);
        let column = filter::column(asked.column.as_ref(), &index, "column")?;
        let kind = asked.kind.unwrap_or(column.kind);
        let settings = asked.settings.unwrap_or_else(|| Arc::clone(&column.settings));
        let changes = changes(column, kind, &settings);
        let read = Settings::known(&settings);
        let former = Settings::known(&column.settings);
        let (from, to) = (former.rule(column.kind.into()), read.rule(kind.into()));
        check_options(kind, &read)?;
        let locale = read.locale(asked.reader);
        let (zone, drops_times) = (asked.zone, asked.drops_times);
        let conversion = Conversion { from, to, locale, zone, drops_times };
        let mut run = Run {
            cells: self,
            identity,
            editable,
            column: column.id,
            col: position_of(&head.columns, column.id).unwrap_or_default(),
            kind,
            settings,
            former: (column.kind, Arc::clone(&column.settings)),
            changes,
            conversion,
            dry_run: asked.dry_run,
            name: asked.name,
            group: asked.group,
            names: 0,
            edits: 0,
            revision: None,
            expected: head.revision,
            row_count: head.row_count,
            disturbed: false,
            is_first_pass: true,
            seen: Seen::default(),
        };
        let stopped = match run.passes().await {
            Ok(()) => String::new(),
            Err(Ended::Stopped(why)) => why,
            Err(Ended::Failed(status)) if run.edits == 0 => return Err(status),
            Err(Ended::Failed(status)) => status.message().to_owned(),
        };
        let answer = run.seen.end().into_answer();
        let revision = run.revision.map_or(0, |revision| revision.0);
        Ok(v1::ConvertColumnResponse { revision, edits: run.edits, stopped, ..answer })
    }
}

/// Refuses a column of options without options, which no value would fit.
fn check_options(kind: ColumnKind, settings: &Settings) -> Result<(), ServiceError> {
    let takes_options = matches!(kind, ColumnKind::Choice | ColumnKind::Choices);
    if !takes_options || !settings.options.is_empty() {
        return Ok(());
    }
    let what = "must have at least one option for this kind, and the column has none";
    Err(ServiceError::malformed("settings.options", what))
}

/// What becomes of the column itself.
fn changes(column: &ColumnRecord, kind: ColumnKind, settings: &Arc<str>) -> ColumnEdit {
    ColumnEdit {
        kind: (kind != column.kind).then_some(kind),
        settings: (*settings != column.settings).then(|| Arc::clone(settings)),
        ..ColumnEdit::default()
    }
}

impl Run<'_> {
    /// Looks at all rows, and at those once more that other edits have moved or changed meanwhile.
    async fn passes(&mut self) -> Result<(), Ended> {
        for pass in 0..PASSES {
            (self.disturbed, self.is_first_pass) = (false, pass == 0);
            let has_found = self.pass().await?;
            let has_all = self.seen.row_count() >= u64::from(self.row_count);
            if !self.disturbed || (pass > 0 && !has_found && has_all) {
                return Ok(());
            }
        }
        Err(Ended::Stopped("others edited the sheet again and again; call once more".to_owned()))
    }

    /// Looks at the rows from the first to the last. Returns whether there was one that it had not seen.
    async fn pass(&mut self) -> Result<bool, Ended> {
        let (mut row, mut has_found) = (0, false);
        let mut batch: Option<Batch> = None;
        loop {
            let window = self.window(row).await?;
            if let Some(full) = batch.take_if(|batch| batch.base != window.revision) {
                let is_first = self.edits == 0;
                has_found |= self.order(full).await?;
                // An edit on a revision before that of the kind has none of its cells.
                if is_first && self.edits > 0 {
                    continue;
                }
            }
            let col = self.col;
            let begun = batch.take().unwrap_or_else(|| Batch::new(window.revision, col));
            let (rows, is_last) = (window.rows.len(), window.start_row);
            let is_last = is_last as usize + rows >= window.row_count as usize;
            let (filled, looked_at) = self.fill(begun, window).await?;
            match looked_at {
                ControlFlow::Continue(_) if is_last => {
                    has_found |= self.order(filled).await?;
                    return Ok(has_found);
                }
                ControlFlow::Continue(count) => {
                    row += count;
                    batch = Some(filled);
                }
                ControlFlow::Break(count) => {
                    row += count;
                    has_found |= self.order(filled).await?;
                }
            }
        }
    }

    /// The rows from a position on, with the cells of the column.
    async fn window(&mut self, row: u32) -> Result<WindowRead, Ended> {
        loop {
            let (account, sheet) = (self.identity.account, self.editable.sheet);
            let most = WINDOW_ROWS.min(self.cells.limits.edit_cells).max(1);
            let rows = row..row.saturating_add(most);
            let columns = ReadColumns::At(self.col..self.col.saturating_add(1));
            let window = self.cells.window(account, sheet, rows, columns).await?;
            self.disturbed |= window.revision != self.expected;
            (self.expected, self.row_count) = (window.revision, window.row_count);
            let found = position_of(&window.columns, self.column);
            let col = found.ok_or_else(|| Ended::Stopped("the column was deleted".to_owned()))?;
            let column = window.columns.get(col as usize);
            let (kind, settings) = match self.edits {
                0 => (self.former.0, &self.former.1),
                _ => (self.kind, &self.settings),
            };
            let is_same = |it: &ColumnRecord| it.kind == kind && it.settings == *settings;
            if !column.is_some_and(is_same) {
                return Err(rule_changed());
            }
            // The answer may lack the cells of other columns than the one that was asked for.
            if col == self.col {
                return Ok(window);
            }
            self.col = col;
        }
    }

    /// Adds the rows of a window to a batch, beside the threads that serve calls.
    async fn fill(
        &mut self,
        mut batch: Batch,
        window: WindowRead,
    ) -> Result<(Batch, ControlFlow<u32, u32>), Ended> {
        let (seen, conversion) = (std::mem::take(&mut self.seen), self.conversion.clone());
        let size = Size::Items(window.rows.len());
        let cells_most = self.cells.limits.edit_cells.max(1) as usize;
        let work = move || {
            let looked_at = batch.add(&window, &conversion, (&seen, cells_most));
            (batch, seen, looked_at)
        };
        let (caller, size) = (Caller::Account(self.identity.account), size);
        let filled = heavy_work::run_sized(caller, size, work).await;
        let (batch, seen, looked_at) =
            filled.map_err(|error| Ended::Failed(ServiceError::internal(error).into()))?;
        self.seen = seen;
        Ok((batch, looked_at))
    }

    /// Orders the change of a batch, and waits for its commit. Returns whether the batch has rows.
    async fn order(&mut self, mut batch: Batch) -> Result<bool, Ended> {
        let has_rows = batch.has_rows();
        if self.dry_run || (batch.is_empty() && self.changes.is_empty()) {
            let is_passed = self.expected != batch.base;
            match is_passed && self.is_first_pass && !self.dry_run {
                true => batch.again(&mut self.seen, true),
                false => batch.done(&mut self.seen),
            }
            return Ok(has_rows);
        }
        let delta = batch.delta(&self.changes).into();
        let change = ApplyChange::Delta { base: batch.base, delta, yields: true };
        let (handle, applied) = self.apply(batch.base, change).await?;
        let (is_whole, has_lost_rule) = losses(&applied);
        let is_next = applied.revision == batch.base.next();
        // An edit that the first call of this request had under way may have other cells.
        let is_own = !applied.is_again;
        self.disturbed |= !is_next || !is_whole || !is_own;
        match is_whole && is_own && (is_next || !self.is_first_pass) {
            // Without an attribute of its column the edit has none of its cells.
            _ if has_lost_rule => {}
            true => batch.done(&mut self.seen),
            // Rows without a new value may have got one before the column had its kind.
            false => batch.again(&mut self.seen, is_whole && is_own),
        }
        committed(&handle, applied.revision).await.map_err(Status::from)?;
        if has_lost_rule { Err(rule_changed()) } else { Ok(has_rows) }
    }

    /// Applies a change under the next name.
    async fn apply(
        &mut self,
        base: Revision,
        change: ApplyChange,
    ) -> Result<(SheetHandle, Applied), Ended> {
        let (first, presented) = self.name;
        while self.names < NAMES {
            let (client, group) = (further_name(first, self.names), self.group);
            let name = Name { client, presented, group };
            let sent = self.cells.answer(self.identity, self.editable, name, change.clone());
            let (handle, answer) = sent.await?;
            let applied = match answer {
                Ok(applied) => applied,
                Err(Refusal::RateLimited { retry_after }) => {
                    tokio::time::sleep(retry_after).await;
                    continue;
                }
                Err(refusal) => return Err(Ended::Failed(errors::refusal(&refusal))),
            };
            self.names += 1;
            if applied.revision > base {
                self.edits += 1;
                self.changes = ColumnEdit::default();
                (self.revision, self.expected) = (Some(applied.revision), applied.revision);
                return Ok((handle, applied));
            }
            // The call was sent again: this name is that of an edit of the first one.
            if !self.changes.is_empty() {
                let why = "this request_id was used before: the kind or the settings of the column are others since, or it is \
                    that of another call; choose another one";
                return Err(Ended::Stopped(why.to_owned()));
            }
        }
        let why = format!(
            "one request makes at most {NAMES} edits; call once more, with another request id"
        );
        Err(Ended::Stopped(why))
    }
}

/// Whether an edit has lost nothing to newer ones, and whether it has lost an attribute of its column.
fn losses(applied: &Applied) -> (bool, bool) {
    let own = applied.conflicts.iter().filter(|it| it.revision == applied.revision);
    let mut own = own.map(|conflict| &conflict.conflict.lost).peekable();
    (own.peek().is_none(), own.any(|lost| matches!(lost, Content::Attribute(_))))
}

fn rule_changed() -> Ended {
    Ended::Stopped("the kind or the settings of the column were changed meanwhile".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_options_needs_one() {
        let none = Settings::default();
        let some = Settings { options: vec!["a".into()], ..Settings::default() };
        for kind in [ColumnKind::Choice, ColumnKind::Choices] {
            let Err(ServiceError::Malformed { field, .. }) = check_options(kind, &none) else {
                panic!("{kind:?} was taken");
            };
            assert_eq!(field, "settings.options");
            assert!(check_options(kind, &some).is_ok());
        }
        assert!(check_options(ColumnKind::Text, &none).is_ok());
    }
}
