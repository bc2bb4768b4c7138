//! What a check can find: a closed list of rules, and where one is broken.

use std::fmt;

use serde::Serialize;

use model::SheetId;

/// Findings of one rule on one sheet that are told; further ones are counted.
const TOLD_OF_A_RULE: u32 = 10;

/// A rule that a sound database keeps. Its name is stable, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The sheet that was asked for is there.
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
    /// The order of rows is where the log leads to.
    RowOrderIsThatOfTheLog,
    /// The columns are where the log leads to, and stand side by side.
    ColumnsAreThoseOfTheLog,
    /// The sheet's count of rows is that of its order.
    RowCountFits,
    /// Rows are kept only under ids that were given.
    RowsHaveGivenIds,
    /// Cells hold values, in columns that were made.
    ValuesAreValid,
    /// Cells hold what the log last wrote there.
    CellsAreThoseOfTheLog,
    /// For each commit it is kept what it overwrote, and nothing else.
    OverwrittenIsKept,
    /// A noted order is that of the log.
    CheckpointsFit,
    /// History begins at a noted order.
    FloorIsNoted,
    /// All that is kept belongs to a sheet.
    NothingIsStray,
    /// The journal can be read.
    JournalReadable,
    /// The journal goes on where the tables end.
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
    /// On which sheet; `None` where it is not about one.
    #[serde(serialize_with = "sheet_text")]
    pub sheet: Option<SheetId>,
    /// At which revision; `None` where it is not about one.
    pub revision: Option<i64>,
    /// Which rule.
    pub rule: Rule,
    /// What is wrong, in words.
    pub what: String,
}

fn sheet_text<S: serde::Serializer>(sheet: &Option<SheetId>, to: S) -> Result<S::Ok, S::Error> {
    sheet.map(|sheet| sheet.to_string()).serialize(to)
}

/// What was looked at of one sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetReport {
    /// Its id.
    pub sheet: String,
    /// Its name.
    pub name: String,
    /// The oldest revision that can be told.
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

/// What is told while the check goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A sheet was looked at. Its findings came before.
    Sheet(SheetReport),
    /// A rule is broken.
    Finding(Finding),
}

/// Takes findings of one sheet and passes them on, not too many of a kind.
pub struct Findings<'a> {
    sheet: Option<SheetId>,
    tell: &'a mut (dyn FnMut(Told) + Send),
    counts: Vec<(Rule, u32)>,
}

impl fmt::Debug for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Findings").field("sheet", &self.sheet).finish_non_exhaustive()
    }
}

impl<'a> Findings<'a> {
    pub(super) fn new(sheet: Option<SheetId>, tell: &'a mut (dyn FnMut(Told) + Send)) -> Self {
        Self { sheet, tell, counts: Vec::new() }
    }

    /// A rule is broken at a revision.
    pub(super) fn at(&mut self, revision: i64, rule: Rule, what: impl Into<String>) {
        self.add(Some(revision), rule, what.into());
    }

    /// A rule is broken.
    pub(super) fn tell(&mut self, rule: Rule, what: impl Into<String>) {
        self.add(None, rule, what.into());
    }

    /// Says how many findings were left out, and gives their number.
    pub(super) fn finish(self) -> u64 {
        for (rule, count) in &self.counts {
            if let Some(more) = count.checked_sub(TOLD_OF_A_RULE).filter(|more| *more > 0) {
                let what = format!("and {more} more of this kind");
                let (sheet, rule) = (self.sheet, *rule);
                (self.tell)(Told::Finding(Finding { sheet, revision: None, rule, what }));
            }
        }
        self.counts.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    fn add(&mut self, revision: Option<i64>, rule: Rule, what: String) {
        let at = self.counts.iter().position(|(known, _)| *known == rule);
        let at = at.unwrap_or_else(|| {
            self.counts.push((rule, 0));
            self.counts.len() - 1
        });
        let count = &mut self.counts[at].1;
        *count = count.saturating_add(1);
        if *count <= TOLD_OF_A_RULE {
            (self.tell)(Told::Finding(Finding { sheet: self.sheet, revision, rule, what }));
        }
    }
}
