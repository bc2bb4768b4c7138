//! The work of heavy edits: long lists of commands, and edits that many changes follow.
//!
//! It is done part by part, with data of its own. Not here: which edits are heavy, and what follows their work
//! (`heavy_edits`); where the parts run (`actor::lookups`). Invariant: a part is bounded, and the result does not
//! depend on the number of parts.

use std::sync::Arc;

use gridloom::v1::{self, command::Command as C, row_ref};
use ot_engine::{Carry, Entry as HistoryEntry, Limits, Revision, RowId, SharedDelta};
use prost::Message as _;

use super::commands::{self, Head};
use crate::refusal::Refusal;
use crate::state::row_order::RowOrder;
use model::ColumnRecord;
use model::allowance::tokens;
use model::sizes::{CARRY_CONFLICTS, CARRY_PART_STEPS, CARRY_STEPS};

/// Work of a parked edit.
#[derive(Debug)]
pub(crate) enum Heavy {
    Compile(Box<Compiling>),
    Carry { carrying: Box<Carrying>, entries: Vec<Arc<HistoryEntry>>, done: usize },
}

/// A list of commands, and what it needs to know of the sheet.
#[derive(Debug)]
pub(crate) struct Compiling {
    pub(super) list: Arc<v1::CommandList>,
    pub(super) base: Revision,
    pub(super) columns: Vec<ColumnRecord>,
    /// The order of rows, in which it looks rows up by id.
    pub(super) order: RowOrder,
    /// The steps of that.
    pub(super) lookups: usize,
    pub(super) limits: Limits,
}

/// An edit on its way over many changes.
#[derive(Debug)]
pub(crate) struct Carrying {
    pub(super) carry: Carry,
    /// The steps of its way, up to the last change that was counted.
    pub(super) work: usize,
    /// Those that were counted last.
    pub(super) new_work: usize,
}

/// The result of heavy work.
#[derive(Debug)]
pub(crate) enum Done {
    /// The list is this delta on that revision.
    Compiled(Revision, SharedDelta),
    Carried(Box<Carrying>),
}

/// What follows a part of heavy work.
pub(crate) enum Progress {
    /// The next part.
    Next(Heavy),
    Done(Result<Done, Refusal>),
}

impl Heavy {
    /// The steps of the work, about, of which the author's allowance knows nothing yet.
    pub(crate) fn work(&self) -> usize {
        match self {
            Self::Compile(compiling) => compiling.lookups,
            Self::Carry { carrying, .. } => carrying.new_work,
        }
    }

    /// Does one part of the work.
    pub(crate) fn part(self) -> Progress {
        match self {
            Self::Compile(compiling) => {
                let compiled = compiling.delta();
                Progress::Done(compiled.map(|delta| Done::Compiled(compiling.base, delta.into())))
            }
            Self::Carry { mut carrying, entries, done } => {
                let done = done + carrying.carry.over(&entries[done..], CARRY_PART_STEPS);
                let conflicts = carrying.carry.conflicts();
                if conflicts > CARRY_CONFLICTS {
                    let most = CARRY_CONFLICTS;
                    return Progress::Done(Err(Refusal::TooManyConflicts { conflicts, most }));
                }
                match done < entries.len() {
                    true => Progress::Next(Self::Carry { carrying, entries, done }),
                    false => Progress::Done(Ok(Done::Carried(carrying))),
                }
            }
        }
    }
}

#[cfg(test)]
impl Heavy {
    /// A compilation and a carry, both of nothing.
    pub(crate) fn samples() -> [Self; 2] {
        let limits = Limits::DEFAULT;
        let (columns, order, lookups) = (Vec::new(), RowOrder::default(), 0);
        let (list, base) = (Arc::default(), Revision(0));
        let compiling = Compiling { list, base, columns, order, lookups, limits };
        let size = ot_engine::Size { rows: 1, cols: 1 };
        let next = ot_engine::NextIds { row: 2, col: 2 };
        let history = ot_engine::DEFAULT_HISTORY;
        let sequencer = ot_engine::Sequencer::new(base, size, next, limits, history);
        let (client, sequence) = (ot_engine::ClientId(1), ot_engine::Sequence(1));
        let delta = SharedDelta::default();
        let edit = ot_engine::Submission { client, sequence, base, delta };
        let carry = sequencer.carry(&edit, ot_engine::Submitter::Client).expect("it fits its base");
        let carrying = Box::new(Carrying { carry, work: 0, new_work: 0 });
        let carry = Self::Carry { carrying, entries: Vec::new(), done: 0 };
        [Self::Compile(Box::new(compiling)), carry]
    }
}

impl Compiling {
    fn delta(&self) -> Result<ot_engine::Delta, Refusal> {
        let head = Head {
            rows: self.order.len(),
            columns: &self.columns,
            position_of: &|row| self.order.position_of(row),
            limits: &self.limits,
        };
        commands::to_delta(&self.list, &head)
    }
}

impl Carrying {
    pub(super) fn too_far(&self) -> Refusal {
        Refusal::TooFarBehind { steps: self.work, most: CARRY_STEPS }
    }
}

/// The cells, runs and commands of a list: its cost before it is compiled. Areas that are cleared count as the cells of
/// the largest edit at the most: a list that claims more is refused before it costs that.
pub(crate) fn items(list: &v1::CommandList, limits: &Limits) -> usize {
    let of = |command: &v1::Command| match &command.command {
        Some(C::SetCells(set)) => (set.values.len(), 0),
        Some(C::EditText(edit)) => (edit.runs.len(), 0),
        Some(C::ClearCells(clear)) => {
            (1, clear.height.max(1).saturating_mul(clear.width.max(1)) as usize)
        }
        _ => (1, 0),
    };
    let (sent, cleared) = list.commands.iter().map(of).fold((0, 0), |sum: (usize, usize), of| {
        (sum.0.saturating_add(of.0), sum.1.saturating_add(of.1))
    });
    sent.saturating_add(cleared.min(limits.max_cells as usize))
}

/// The tokens of a list.
pub(crate) fn list_tokens(list: &v1::CommandList, limits: &Limits) -> u32 {
    tokens(items(list, limits), list.encoded_len())
}

/// The ids of the rows that a list names.
pub(super) fn named_rows(list: &v1::CommandList) -> impl Iterator<Item = RowId> {
    let row = |command: &v1::Command| {
        let row = match command.command.as_ref()? {
            C::SetCells(set) => set.row.as_ref(),
            C::EditText(edit) => edit.row.as_ref(),
            C::ClearCells(clear) => clear.row.as_ref(),
            _ => None,
        };
        match row?.row.as_ref()? {
            row_ref::Row::Id(id) => Some(RowId(*id)),
            row_ref::Row::At(_) => None,
        }
    };
    list.commands.iter().filter_map(row)
}
