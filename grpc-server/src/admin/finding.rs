//! The findings of a check: a closed list of rules, and the places where one is broken.
//!
//! Not the checks: each room of `check` looks at one part of the database.
//!
//! Invariant: each finding is counted; of each rule on each sheet only the first ones are reported.

use std::fmt;

use serde::Serialize;

use model::SheetId;

/// Findings of one rule on one sheet that are reported; further ones are counted.
const REPORTED_OF_A_RULE: u32 = 10;

/// A rule that a sound database keeps. Its name is stable, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The requested sheet exists.
    SheetExists,
    /// The log has each revision from the floor to the head, and none beyond.
    LogHasNoGaps,
    /// Each change can be read.
    ChangesDecode,
    /// Each change fits the sheet as it was before it.
    ChangesFit,
    /// Each change has the inverse that takes its lines back.
    InversesFit,
    /// The changes of a commit stand together, on the head that it found.
    CommitsJoin,
    /// A client gives each number once, in ascending order.
    EditNamesUnique,
    /// New lines get ids that were never given, others ids that were.
    IdsGivenOnce,
    /// The sheet's counters are past all ids that were given.
    CountersPastIds,
    /// No row stands in the order twice.
    SpansDoNotOverlap,
    /// The order of rows is the one that the log produces.
    RowOrderIsThatOfTheLog,
    /// The columns are the ones that the log produces, at positions without gaps.
    ColumnsAreThoseOfTheLog,
    /// The sheet's count of rows is that of its order.
    RowCountFits,
    /// Rows are kept only under ids that were given.
    RowsHaveGivenIds,
    /// Cells hold values, in columns that were made.
    ValuesAreValid,
    /// Cells hold what the log last wrote there.
    CellsAreThoseOfTheLog,
    /// Each commit keeps the cells that it overwrote, and nothing else.
    OverwrittenIsKept,
    /// A noted order is that of the log.
    CheckpointsFit,
    /// History begins at a noted order.
    FloorIsNoted,
    /// Every stored row belongs to a sheet.
    NothingIsStray,
    /// The journal can be read.
    JournalReadable,
    /// The journal continues where the tables end.
    JournalJoins,
}

impl fmt::Display for Rule {
    /// The name, as in JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A broken rule, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The sheet; `None` for a finding that concerns no single sheet.
    #[serde(serialize_with = "sheet_text")]
    pub sheet: Option<SheetId>,
    /// The revision; `None` for a finding that concerns no single revision.
    pub revision: Option<i64>,
    /// The rule.
    pub rule: Rule,
    /// The problem, as text.
    pub what: String,
}

fn sheet_text<S: serde::Serializer>(sheet: &Option<SheetId>, to: S) -> Result<S::Ok, S::Error> {
    sheet.map(|sheet| sheet.to_string()).serialize(to)
}

/// The counts of one checked sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetReport {
    /// Its id.
    pub sheet: String,
    /// Its name.
    pub name: String,
    /// The oldest revision that the history still holds.
    pub floor: i64,
    /// The newest one in the tables.
    pub head: i64,
    /// Changes that were read and replayed.
    pub changes: u64,
    /// Noted orders that were compared.
    pub checkpoints: u64,
    /// Rows in its order.
    pub rows: i64,
    /// Rows that are kept with their cells, deleted ones among them.
    pub bodies: u64,
    /// Rows of which older cells are kept, each counted once for each commit.
    pub overwritten: u64,
    /// Changes in the journal that the tables do not have yet.
    pub journaled: u64,
    /// Findings.
    pub findings: u64,
}

/// The events of a running check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A sheet has been checked. Its findings are reported before it.
    Sheet(SheetReport),
    /// A rule is broken.
    Finding(Finding),
}

/// Counts the findings of one sheet and reports the first ones of each rule.
pub struct Findings<'a> {
    sheet: Option<SheetId>,
    report: &'a mut (dyn FnMut(Event) + Send),
    counts: Vec<(Rule, u32)>,
}

impl fmt::Debug for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Findings").field("sheet", &self.sheet).finish_non_exhaustive()
    }
}

impl<'a> Findings<'a> {
    pub(super) fn new(sheet: Option<SheetId>, report: &'a mut (dyn FnMut(Event) + Send)) -> Self {
        Self { sheet, report, counts: Vec::new() }
    }

    /// Adds a broken rule at a revision.
    pub(super) fn at(&mut self, revision: i64, rule: Rule, what: impl Into<String>) {
        self.count(Some(revision), rule, what.into());
    }

    /// Adds a broken rule.
    pub(super) fn add(&mut self, rule: Rule, what: impl Into<String>) {
        self.count(None, rule, what.into());
    }

    /// Reports how many findings were left out; returns the number of all.
    pub(super) fn finish(self) -> u64 {
        for (rule, count) in &self.counts {
            if let Some(more) = count.checked_sub(REPORTED_OF_A_RULE).filter(|more| *more > 0) {
                let what = format!("and {more} more of this kind");
                let (sheet, rule) = (self.sheet, *rule);
                (self.report)(Event::Finding(Finding { sheet, revision: None, rule, what }));
            }
        }
        self.counts.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    fn count(&mut self, revision: Option<i64>, rule: Rule, what: String) {
        let at = self.counts.iter().position(|(known, _)| *known == rule);
        let at = at.unwrap_or_else(|| {
            self.counts.push((rule, 0));
            self.counts.len() - 1
        });
        let count = &mut self.counts[at].1;
        *count = count.saturating_add(1);
        if *count <= REPORTED_OF_A_RULE {
            (self.report)(Event::Finding(Finding { sheet: self.sheet, revision, rule, what }));
        }
    }
}
