//! The verdict: whether each accepted edit is stored once, in one order, and the same in every place.
//!
//! Pure: it takes histories, a log and observed states. Invariant: each difference is a note or a count; the
//! counts are for the table, the notes for the reader.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use ot_engine::{ClientId, Delta, Edit as CellChange, Revision, Sequence, Sheet, Value};

use super::history::{Action, Answer, Edit, Gap, Seen, fingerprint, token_of};
use super::timeline::Phases;

/// Notes of one kind of defect that a verdict keeps; the others are counted.
const NOTES_OF_A_KIND: usize = 5;
/// During a fault of one node that lasts this long, each writer at another node must have an accepted edit.
const HELD_UP: Duration = Duration::from_secs(5);

/// One change of the operation log.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) revision: Revision,
    pub(crate) name: (ClientId, Sequence),
    pub(crate) delta: Delta,
}

/// A whole sheet at the end, as one place holds it.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) place: String,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// All evidence of a run.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The sheet before the first edit.
    pub(crate) beginning: Sheet,
    pub(crate) edits: Vec<Edit>,
    pub(crate) log: Vec<Logged>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) endings: Vec<Ending>,
}

/// The findings of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Accepted edits that are not in the log, or whose row is not in the sheet.
    pub lost: u64,
    /// Edits that are stored more than once, or that no writer made.
    pub duplicated: u64,
    /// All other differences; empty for a sound run.
    pub notes: Vec<String>,
}

impl Verdict {
    /// Whether the run has no difference.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.notes.is_empty()
    }

    fn note(&mut self, kind: &str, wrong: Vec<String>) {
        let more = wrong.len().saturating_sub(NOTES_OF_A_KIND);
        self.notes
            .extend(wrong.into_iter().take(NOTES_OF_A_KIND).map(|what| format!("{kind}: {what}")));
        if more > 0 {
            self.notes.push(format!("{kind}: {more} more"));
        }
    }
}

impl Evidence {
    pub(crate) fn judge(mut self) -> Verdict {
        self.log.sort_by_key(|logged| logged.revision);
        let mut verdict = Verdict::default();
        self.check_log(&mut verdict);
        self.check_names(&mut verdict);
        self.check_tokens(&mut verdict);
        self.check_times(&mut verdict);
        self.check_seen(&mut verdict);
        self.check_gaps(&mut verdict);
        verdict
    }

    /// Revisions are 1, 2, 3, ... with no gaps.
    fn check_log(&self, verdict: &mut Verdict) {
        let wrong = self.log.iter().zip(1..).filter(|(logged, at)| logged.revision.0 != *at);
        let wrong = wrong.map(|(logged, at)| format!("{} in place of {at}", logged.revision));
        verdict.note("the log has a gap", wrong.collect());
    }

    /// The log holds each accepted edit under its name and revision, no refused one, and no edit that no
    /// writer made.
    fn check_names(&self, verdict: &mut Verdict) {
        let mut log: HashMap<_, _> =
            self.log.iter().map(|logged| (logged.name, logged.revision)).collect();
        let (mut differ, mut refused) = (Vec::new(), Vec::new());
        for edit in &self.edits {
            let found = edit.name.and_then(|name| log.remove(&name));
            match (&edit.answer, found) {
                (Answer::Accepted(answered), Some(found)) if *answered != found => {
                    differ.push(format!(
                        "{} was answered {answered}, the log has {found}",
                        edit.token
                    ));
                }
                (Answer::Accepted(answered), None) => {
                    verdict.lost += 1;
                    differ
                        .push(format!("{} was answered {answered}, the log lacks it", edit.token));
                }
                (Answer::Rejected(code, _), Some(found)) => {
                    refused.push(format!("{} ({code:?}) is revision {found}", edit.token));
                }
                _ => {}
            }
        }
        verdict.note("not as accepted", differ);
        verdict.note("refused and applied", refused);
        verdict.duplicated += log.len() as u64;
        let foreign = log.values().map(|revision| format!("revision {revision}"));
        verdict.note("no writer made", foreign.collect());
    }

    /// Each token is written once, and each appended row is in the sheet once.
    fn check_tokens(&self, verdict: &mut Verdict) {
        let mut written: HashMap<&str, u64> = HashMap::new();
        for token in self.log.iter().flat_map(|logged| tokens(&logged.delta)) {
            *written.entry(token).or_default() += 1;
        }
        let twice = written.into_iter().filter(|(_, count)| *count > 1);
        let twice: Vec<String> = twice.map(|(token, _)| token.to_owned()).collect();
        verdict.duplicated += twice.len() as u64;
        verdict.note("applied twice", twice);
        for ending in &self.endings {
            self.check_rows(ending, verdict);
        }
    }

    fn check_rows(&self, ending: &Ending, verdict: &mut Verdict) {
        let mut found: HashMap<&str, u64> = HashMap::new();
        for token in ending.rows.iter().filter_map(|row| token_of(row.first()?)) {
            *found.entry(token).or_default() += 1;
        }
        let appended = self.edits.iter().filter(|edit| edit.action == Action::Append);
        let mut missing = Vec::new();
        for edit in appended.filter(|edit| edit.revision().is_some()) {
            if !found.contains_key(&*edit.token) {
                verdict.lost += 1;
                missing.push(format!("{} of {}", edit.token, ending.place));
            }
        }
        verdict.note("a row is missing", missing);
        let twice: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
        verdict.duplicated += twice.len() as u64;
        let twice = twice.iter().map(|(token, _)| format!("{token} in {}", ending.place));
        verdict.note("a row is there twice", twice.collect());
    }

    /// An edit that was answered before another one was made has the smaller revision.
    fn check_times(&self, verdict: &mut Verdict) {
        let accepted = || self.edits.iter().filter_map(|edit| Some((edit, edit.revision()?)));
        let mut ends: Vec<(Duration, Revision)> =
            accepted().map(|(edit, revision)| (edit.answered, revision)).collect();
        let mut begins: Vec<(&Edit, Revision)> = accepted().collect();
        ends.sort();
        begins.sort_by_key(|(edit, _)| edit.invoked);
        let (mut ends, mut before) = (ends.into_iter().peekable(), Revision(0));
        let mut wrong = Vec::new();
        for (edit, revision) in begins {
            while let Some((_, end)) = ends.next_if(|(at, _)| *at < edit.invoked) {
                before = before.max(end);
            }
            if revision <= before {
                wrong.push(format!("{} is {revision}, begun after {before}", edit.token));
            }
        }
        verdict.note("against the order of time", wrong);
    }

    /// The log, applied from the beginning, gives each observed state and each ending.
    fn check_seen(&self, verdict: &mut Verdict) {
        let mut seen: BTreeMap<Revision, Vec<&Seen>> = BTreeMap::new();
        for observed in &self.seen {
            seen.entry(observed.revision).or_default().push(observed);
        }
        let mut sheet = self.beginning.clone();
        let mut differ = Vec::new();
        let mut compare = |revision: Revision, sheet: &Sheet| {
            let Some(states) = seen.remove(&revision) else { return };
            let expected = fingerprint(sheet.rows.iter().flatten());
            let wrong = states.iter().filter(|state| state.fingerprint != expected);
            differ.extend(wrong.map(|state| format!("{} at {revision}", state.by)));
        };
        compare(Revision(0), &sheet);
        for logged in &self.log {
            sheet.apply(&logged.delta);
            compare(logged.revision, &sheet);
        }
        let beyond =
            seen.values().flatten().map(|state| format!("{} at {}", state.by, state.revision));
        verdict.note("a revision that the log lacks", beyond.collect());
        verdict.note("another sheet than the log makes", differ);
        let unequal = self.endings.iter().filter(|ending| ending.rows != sheet.rows);
        let unequal = unequal.map(|ending| ending.place.clone());
        verdict.note("another sheet at the end", unequal.collect());
    }

    /// Every session receives each change that changes anything.
    fn check_gaps(&self, verdict: &mut Verdict) {
        let mut sheet = self.beginning.clone();
        let mut missed = Vec::new();
        for logged in &self.log {
            let revision = logged.revision;
            let misses = |gap: &&Gap| gap.after < revision && revision < gap.before;
            let gap = self.gaps.iter().find(misses);
            let before = gap.map(|gap| (gap, sheet.clone()));
            sheet.apply(&logged.delta);
            if let Some((gap, _)) = before.filter(|(_, before)| *before != sheet) {
                missed.push(format!("{} of {revision}", gap.by));
            }
        }
        verdict.note("a session missed a change", missed);
    }
}

fn tokens(delta: &Delta) -> impl Iterator<Item = &str> {
    delta.cells.iter().filter_map(|cell| match &cell.edit {
        CellChange::Set(value) => token_of(value),
        _ => None,
    })
}

/// Writers at other nodes than the struck first one that had no accepted edit during the fault. A fault shorter
/// than [`HELD_UP`] gives no finding.
pub(crate) fn held_up(edits: &[Edit], writers: usize, nodes: usize, phases: Phases) -> Vec<String> {
    let Phases { begun, ended } = phases;
    if ended.saturating_sub(begun) < HELD_UP {
        return Vec::new();
    }
    let during = |edit: &&Edit| edit.invoked >= begun && edit.answered < ended;
    let accepted = edits.iter().filter(during).filter(|edit| edit.revision().is_some());
    let active: HashSet<&str> = accepted.filter_map(|edit| edit.token.split('.').next()).collect();
    let others = (0..writers).filter(|writer| writer % nodes != 0).map(|it| it.to_string());
    let idle = others.filter(|writer| !active.contains(writer.as_str()));
    idle.map(|writer| format!("writer {writer} is at another node and had no accepted edit"))
        .collect()
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
