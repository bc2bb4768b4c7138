//! The identity model: lines have ids, and each edit targets the ids of its cell.
//!
//! Invariant: after any history each edit is on the line of its target id, or is a reported conflict.

#[path = "support/generate.rs"]
mod generate;

use std::collections::BTreeMap;

use ot_engine::{
    ClientId, Content, Delta, Edit, HistoryLimits, Limits, LineId, NextIds, Outcome, Revision,
    Sequence, Sequencer, Size, Submission, TextRun,
};
use proptest::prelude::*;

/// The ids of the lines at one revision.
#[derive(Clone, Debug)]
struct Lines {
    rows: Vec<u64>,
    cols: Vec<u64>,
}

impl Lines {
    fn apply(&mut self, delta: &Delta) {
        let id = |id: Option<LineId>| id.expect("accepted inserts are named").0;
        self.rows = delta.rows.apply_to_vec(std::mem::take(&mut self.rows), id);
        self.cols = delta.cols.apply_to_vec(std::mem::take(&mut self.cols), id);
    }

    fn size(&self) -> Size {
        Size { rows: self.rows.len() as u32, cols: self.cols.len() as u32 }
    }
}

/// The target of each cell edit, as ids; `None` for a line that the delta itself inserts.
fn targets(delta: &Delta, at: &Lines) -> Vec<(Option<u64>, Option<u64>, Edit)> {
    let axis = |axis: &ot_engine::AxisDelta, lines: &[u64]| {
        axis.apply_to_vec(lines.iter().map(|id| Some(*id)).collect(), |_| None)
    };
    let (rows, cols) = (axis(&delta.rows, &at.rows), axis(&delta.cols, &at.cols));
    let target = |cell: &ot_engine::CellEdit| {
        (rows[cell.row as usize], cols[cell.col as usize], cell.edit.clone())
    };
    delta.cells.iter().map(target).collect()
}

/// The new content of an edit, which merging keeps.
fn new_content(edit: &Edit) -> String {
    match edit {
        Edit::Text(text) => {
            let new = text.runs().iter().filter_map(|run| match run {
                TextRun::Insert(new) => Some(&**new),
                TextRun::Retain(_) | TextRun::Delete(_) => None,
            });
            new.collect()
        }
        set => format!("{set:?}"),
    }
}

proptest! {
    #![proptest_config(generate::config(400))]

    #[test]
    fn each_edit_stays_on_its_line(
        size in (2_u32..8, 1_u32..4).prop_map(|(rows, cols)| Size { rows, cols }),
        plans in prop::collection::vec((0_u64..4, any::<prop::sample::Index>(), any::<u64>()), 1..25),
    ) {
        let next = NextIds { row: u64::from(size.rows), col: u64::from(size.cols) };
        let history = HistoryLimits { max_entries: 100, max_work: 10_000, max_bytes: 1 << 20 };
        let limits = Limits { max_rows: 30, max_columns: 10, ..Limits::DEFAULT };
        let mut server = Sequencer::new(Revision(0), size, next, limits, history);
        let start = Lines {
            rows: (0..u64::from(size.rows)).collect(),
            cols: (0..u64::from(size.cols)).collect(),
        };
        let mut states = vec![start];
        let mut seen: BTreeMap<u64, u64> = BTreeMap::new();
        let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
        for (client, base, seed) in plans {
            // Each client waits for its answer, so its base is not before its own last edit.
            let own = seen.get(&client).copied().unwrap_or(0);
            let head = states.len() as u64 - 1;
            let base = own + base.index((head - own + 1) as usize) as u64;
            let at = &states[base as usize];
            let delta = generate::from_seed(at.size(), seed);
            let expected = targets(&delta, at);
            let number = numbers.entry(client).or_insert(0);
            *number += 1;
            let submission = Submission {
                client: ClientId(u128::from(client) + 1), sequence: Sequence(*number), base: Revision(base), delta: delta.into(),
            };
            let Ok(Outcome::Accepted(entry)) = server.submit(submission) else { continue };
            server.mark_durable(entry.revision);
            let mut now = states[head as usize].clone();
            now.apply(&entry.delta);
            let applied: BTreeMap<(u64, u64), Edit> = entry.delta.cells.iter().map(|cell| {
                let id = (now.rows[cell.row as usize], now.cols[cell.col as usize]);
                (id, cell.edit.clone())
            }).collect();
            let reported: Vec<String> = entry.conflicts.iter().filter_map(|lost| {
                let Content::Cell(edit) = &lost.conflict.lost else { return None };
                (lost.revision == entry.revision).then(|| new_content(edit))
            }).collect();
            for (row, col, edit) in expected {
                let (Some(row), Some(col)) = (row, col) else { continue };
                match applied.get(&(row, col)) {
                    Some(there) => prop_assert_eq!(new_content(there), new_content(&edit)),
                    // A concurrent edit deleted the same characters, so no effect remains to report.
                    None if matches!(&edit, Edit::Text(text) if text.inserted_bytes() == 0) => {}
                    None => prop_assert!(reported.contains(&new_content(&edit)), "an edit is applied or reported"),
                }
            }
            states.push(now);
            seen.insert(client, entry.revision.0);
        }
    }
}
