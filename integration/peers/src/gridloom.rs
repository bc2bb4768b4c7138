//! Gridloom: two replicas and the sequencer between them.
//!
//! Not the server: no journal and no network. Invariant: every delta passes through its binary form.

use ot_engine::codec::{decode_delta, encode_delta};
use ot_engine::{
    AxisDelta, Block, ClientId, Column, DEFAULT_HISTORY, Delta, Limits, NextIds, Outcome, Replica,
    Revision, Sequencer, Size, Submission, Value,
};

use super::{Edit, Pair};

pub struct Gridloom {
    writer: Replica,
    reader: Replica,
    sequencer: Sequencer,
}

impl Gridloom {
    fn edit(&mut self, delta: Delta) {
        self.writer.edit(delta).expect("fits");
        while let Some(submission) = self.writer.outgoing() {
            let (revision, sequence, bytes) = order(&mut self.sequencer, submission);
            self.reader.receive(revision, &decode_delta(&bytes).expect("ours")).expect("in order");
            self.writer.accepted(sequence, revision).expect("in order");
        }
    }
}

/// Through the server: bytes in, bytes out.
fn order(
    sequencer: &mut Sequencer,
    submission: Submission,
) -> (Revision, ot_engine::Sequence, Vec<u8>) {
    let delta = decode_delta(&bytes(&submission.delta)).expect("ours");
    let sequence = submission.sequence;
    match sequencer.submit(Submission { delta: delta.into(), ..submission }) {
        Ok(Outcome::Accepted(entry)) => {
            sequencer.mark_durable(entry.revision);
            (entry.revision, sequence, bytes(&entry.delta))
        }
        other => panic!("{other:?}"),
    }
}

fn bytes(delta: &Delta) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_delta(delta, &mut bytes);
    bytes
}

fn delta(edit: Edit) -> Delta {
    match edit {
        Edit::Set(row, col, value) => Delta::set_cell(row, col, value),
        Edit::Insert(at) => Delta::rows(AxisDelta::insert(at, 1)),
    }
}

impl Pair for Gridloom {
    const NAME: &'static str = "Gridloom";

    fn new(rows: u32, cols: u32) -> Self {
        let columns = vec![Column::default(); cols as usize];
        let next = NextIds { row: u64::from(rows) + 1, col: u64::from(cols) + 1 };
        let (size, limits) = (Size { rows, cols }, Limits::DEFAULT);
        let block = Block {
            row: 0,
            cols: 0..cols,
            rows: vec![vec![Value::Number(0.0); cols as usize]; rows as usize],
            ..Block::default()
        };
        let replica = |id| {
            let mut replica =
                Replica::new(ClientId(id), Revision(0), rows, columns.clone(), limits);
            replica.load(&block);
            replica
        };
        let sequencer = Sequencer::new(Revision(0), size, next, limits, DEFAULT_HISTORY);
        Self { writer: replica(1), reader: replica(2), sequencer }
    }

    fn set(&mut self, row: u32, col: u32, value: f64) {
        self.edit(delta(Edit::Set(row, col, value)));
    }

    fn insert_row(&mut self, at: u32) {
        self.edit(delta(Edit::Insert(at)));
    }

    fn move_row(&mut self, from: u32, to: u32) -> bool {
        self.edit(Delta::rows(AxisDelta::move_lines(from, 1, to)));
        true
    }

    fn apart(&mut self, here: &[Edit], there: &[Edit]) {
        here.iter().for_each(|edit| drop(self.writer.edit(delta(*edit))));
        there.iter().for_each(|edit| drop(self.reader.edit(delta(*edit))));
        // Connected again: each replica sends its edits and receives the other's.
        loop {
            let (one, two) = (self.writer.outgoing(), self.reader.outgoing());
            if one.is_none() && two.is_none() {
                return;
            }
            for (submission, first) in [(one, true), (two, false)] {
                let Some(submission) = submission else { continue };
                let (revision, sequence, bytes) = order(&mut self.sequencer, submission);
                let delta = decode_delta(&bytes).expect("ours");
                let (author, other) = match first {
                    true => (&mut self.writer, &mut self.reader),
                    false => (&mut self.reader, &mut self.writer),
                };
                author.accepted(sequence, revision).expect("in order");
                other.receive(revision, &delta).expect("in order");
            }
        }
    }

    fn cells(&self) -> [Vec<Vec<f64>>; 2] {
        [&self.writer, &self.reader].map(|replica| {
            let (view, size) = (replica.view(), replica.view().size());
            let number = |row, col| match view.get(row, col) {
                Some(Value::Number(number)) => *number,
                _ => f64::MIN,
            };
            (0..size.rows).map(|row| (0..size.cols).map(|col| number(row, col)).collect()).collect()
        })
    }
}
