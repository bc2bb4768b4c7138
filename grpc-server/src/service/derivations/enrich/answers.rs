//! The answers to all keys, and what became of the keys without one.
//!
//! Not the requests (`asker`). Invariants: the values have a bound in bytes, and many of them a turn of the server; an API that is down
//! ends the work early; the notes name few keys, and count all.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jobs::Failure;
use ot_engine::{ColumnKind, Value};

use super::objects::{TakenValues, too_many_bytes};
use crate::service::turns::Turn;
use model::limits::outbound::{ENRICH_FAILURES_IN_A_ROW, ENRICH_SMALL_BYTES, ENRICH_VALUES_BYTES};
use tables::OutColumn;

/// Keys that a note names, and the characters of each.
const NAMED: usize = 20;
const NAME: usize = 50;
/// Keys whose failures are shown with their reasons.
const REASONS: usize = 5;

/// What became of a key.
pub(super) enum Ended {
    /// The API has an object.
    Values(TakenValues),
    /// The API does not know it.
    NotFound,
    /// There is no answer, and the reason.
    Failed(String),
    /// The same, and no other key would have one.
    Down(String),
}

/// The answers, by the numbers of the keys.
pub(super) struct Answers {
    values: Vec<Option<Box<[Value]>>>,
    bytes: usize,
    /// That of the larger enrichments, until the values are dropped.
    turn: Option<Turn>,
    /// For each column, the kinds of its values, and whether an object has it.
    kinds: Vec<Kinds>,
    found: u64,
    objects: u64,
    too_long: u64,
    changed: u64,
    not_found: u64,
    not_found_names: Vec<String>,
    failed: u64,
    failed_names: Vec<String>,
    last_failure: String,
    in_a_row: u32,
}

/// The kinds of the values of a column.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    bools: bool,
    numbers: bool,
    texts: bool,
}

impl Answers {
    /// None yet, to so many keys.
    pub(super) fn new(keys: usize, columns: usize) -> Self {
        let mut values = Vec::new();
        values.resize_with(keys, || None);
        Self {
            values,
            bytes: 0,
            turn: None,
            kinds: vec![Kinds::default(); columns],
            found: 0,
            objects: 0,
            too_long: 0,
            changed: 0,
            not_found: 0,
            not_found_names: Vec::new(),
            failed: 0,
            failed_names: Vec::new(),
            last_failure: String::new(),
            in_a_row: 0,
        }
    }

    /// Enters what became of a key with this number and name.
    pub(super) fn enter(
        &mut self,
        (number, name): (usize, &str),
        ended: Ended,
    ) -> Result<(), Failure> {
        match ended {
            Ended::Values(taken) => {
                self.in_a_row = 0;
                self.keep(number, taken)
            }
            Ended::NotFound => {
                (self.in_a_row, self.not_found) = (0, self.not_found + 1);
                if self.not_found_names.len() < NAMED {
                    self.not_found_names.push(short(name));
                }
                Ok(())
            }
            Ended::Failed(why) => self.fail(name, why),
            Ended::Down(why) => Err(Failure::Final(why)),
        }
    }

    fn keep(&mut self, number: usize, taken: TakenValues) -> Result<(), Failure> {
        self.bytes = self.bytes.saturating_add(taken.bytes());
        if self.bytes > ENRICH_VALUES_BYTES {
            return Err(Failure::Final(too_many_bytes()));
        }
        let TakenValues { values, found, too_long, changed } = taken;
        for (kinds, value) in self.kinds.iter_mut().zip(values.iter()) {
            match value {
                Value::Empty => {}
                Value::Bool(_) => kinds.bools = true,
                Value::Number(_) => kinds.numbers = true,
                _ => kinds.texts = true,
            }
        }
        self.found |= found;
        self.objects += 1;
        self.too_long += too_long;
        self.changed += changed;
        if let Some(place) = self.values.get_mut(number) {
            *place = Some(values);
        }
        Ok(())
    }

    fn fail(&mut self, name: &str, why: String) -> Result<(), Failure> {
        self.failed += 1;
        self.in_a_row += 1;
        if self.in_a_row >= ENRICH_FAILURES_IN_A_ROW {
            let text = format!(
                "{ENRICH_FAILURES_IN_A_ROW} keys in a row had no answer; the last one: {why}"
            );
            return Err(Failure::Final(text));
        }
        if self.failed_names.len() < REASONS {
            self.failed_names.push(format!("{}: {why}", short(name)));
        }
        self.last_failure = why;
        Ok(())
    }

    /// Fails where no key had an answer.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.failed == 0 || self.objects + self.not_found > 0 {
            return Ok(());
        }
        Err(Failure::Final(format!("no key had an answer: {}", self.last_failure)))
    }

    /// Whether the values take more than a small enrichment may hold without a turn.
    pub(super) fn is_large(&self) -> bool {
        self.bytes > ENRICH_SMALL_BYTES
    }

    /// Keeps a turn as long as the values.
    pub(super) fn hold(&mut self, turn: Option<Turn>) {
        self.turn = turn;
    }

    /// Whether they have one.
    pub(super) const fn has_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// The values of a key.
    pub(super) fn of(&self, number: usize) -> Option<&[Value]> {
        self.values.get(number)?.as_deref()
    }

    /// The new columns, under these names. A column has the kind that all of its values have.
    pub(super) fn columns(&self, names: &[Arc<str>]) -> Vec<OutColumn> {
        let column = |(name, kinds): (&Arc<str>, &Kinds)| {
            let kind = match (kinds.bools, kinds.numbers, kinds.texts) {
                (true, false, false) => ColumnKind::Bool,
                (false, true, false) => ColumnKind::Number,
                (false, false, true) => ColumnKind::Text,
                _ => ColumnKind::Any,
            };
            OutColumn {
                name: Arc::clone(name),
                kind,
                is_exact: kind != ColumnKind::Any,
                is_whole: false,
            }
        };
        names.iter().zip(&self.kinds).map(column).collect()
    }

    /// Sentences about the keys without an answer, and the values that are missing.
    pub(super) fn notes(&self, names: &[Arc<str>]) -> Vec<String> {
        let (all, mut notes) = (self.values.len(), Vec::new());
        if self.not_found > 0 {
            let verb = if self.not_found == 1 { "was" } else { "were" };
            notes.push(format!(
                "{} of {} {verb} not found: {}",
                self.not_found,
                keys(all),
                listed(&self.not_found_names, self.not_found)
            ));
        }
        if self.failed > 0 {
            notes.push(format!(
                "{} of {} had no answer, and their columns are empty",
                self.failed,
                keys(all)
            ));
            notes.extend(self.failed_names.iter().cloned());
        }
        for (at, name) in (0_u32..).zip(names) {
            if self.objects > 0 && self.found.wrapping_shr(at) & 1 == 0 {
                let name: &str = name;
                notes.push(format!(
                    "no object of the API has a member for {name:?}; the column is empty"
                ));
            }
        }
        if self.too_long > 0 {
            let values = match self.too_long {
                1 => "1 value is".to_owned(),
                values => format!("{values} values are"),
            };
            notes.push(format!("{values} left out, too long for a cell or for a row"));
        }
        notes.extend(changed(self.changed));
        notes
    }
}

/// A sentence about values that are other than the API has sent them.
fn changed(values: u64) -> Option<String> {
    let have = match values {
        0 => return None,
        1 => "1 value has".to_owned(),
        values => format!("{values} values have"),
    };
    Some(format!("{have} half of a character, or a NUL character; U+FFFD stands in its place"))
}

fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// Names with commas between them, and a sign where there are more.
fn listed(names: &[String], all: u64) -> String {
    let more = if all > names.len() as u64 { ", \u{2026}" } else { "" };
    format!("{}{more}", names.join(", "))
}

/// The begin of a name.
pub(super) fn short(name: &str) -> String {
    let plain = |it: char| if it.is_control() { ' ' } else { it };
    let begin: String = name.chars().take(NAME).map(plain).collect();
    if name.chars().nth(NAME).is_some() { format!("{begin}\u{2026}") } else { begin }
}
