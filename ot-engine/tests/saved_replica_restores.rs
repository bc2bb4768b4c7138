//! A client that is saved and restored at any time continues like one that ran without interruption.
//!
//! Invariant: no bytes make a restore panic, and no restored client panics later.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/saved.rs"]
mod saved;

use std::collections::VecDeque;

use ot_engine::{
    Block, CellEdit, ClientId, ClientSession, Delta, HistoryLimits, Limits, NextIds, Outcome,
    Replica, RestoreError, Revision, Sequence, Sequencer, Sheet, Size, Submission, TextDelta, View,
};
use proptest::collection::vec;
use proptest::prelude::*;

const ME: ClientId = ClientId(1);
const OTHER: ClientId = ClientId(2);

/// One step; a seed draws its delta.
#[derive(Clone, Debug)]
enum Step {
    Edit(u64),
    Send,
    Serve,
    Refuse,
    Other(u64),
    Receive,
    Reload,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<u64>().prop_map(Step::Edit),
        3 => Just(Step::Send),
        2 => Just(Step::Serve),
        1 => Just(Step::Refuse),
        3 => any::<u64>().prop_map(Step::Other),
        4 => Just(Step::Receive),
        2 => Just(Step::Reload),
    ];
    vec(step, 1..60)
}

/// A frame of the server.
enum Frame {
    Change(Revision, Delta),
    Accepted(Sequence, Revision),
    Rejected(Sequence),
}

/// One client twice: one that runs without interruption, and one that is saved and restored.
struct Twins {
    whole: Replica,
    saved: Replica,
    sequencer: Sequencer,
    /// The sheet at each revision.
    sheets: Vec<Sheet>,
    up: VecDeque<Submission>,
    down: VecDeque<Frame>,
    others: Sequence,
}

impl Twins {
    fn new(size: Size) -> Self {
        let limits = saved::LIMITS;
        let history = HistoryLimits { max_entries: 1000, max_work: 1_000_000, max_bytes: 1 << 20 };
        let next = NextIds { row: 1, col: 1 };
        let sequencer = Sequencer::new(Revision(0), size, next, limits, history);
        let sheet = generate::sheet(size);
        let session = ClientSession::new(ME, Revision(0)).with_max_in_flight(3);
        let mut whole = Replica::with_session(session, size.rows, sheet.columns.clone(), limits);
        whole.load(&everything(&sheet));
        Self {
            saved: whole.clone(),
            whole,
            sequencer,
            sheets: vec![sheet],
            up: VecDeque::new(),
            down: VecDeque::new(),
            others: Sequence(1),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Edit(seed) => {
                let mut delta = generate::from_seed(self.whole.view().size(), *seed);
                // Waiting text edits are saved as values; another test covers them.
                delta.cells.retain(|cell| cell.edit.as_set().is_some());
                assert_eq!(self.whole.edit(delta.clone()), self.saved.edit(delta));
            }
            Step::Send => {
                let submission = self.whole.outgoing();
                assert_eq!(submission, self.saved.outgoing());
                self.up.extend(submission);
            }
            Step::Serve => {
                if let Some(submission) = self.up.pop_front() {
                    self.submit(submission);
                }
            }
            Step::Refuse => {
                if let Some(submission) = self.up.pop_front() {
                    self.sequencer.refuse(ME, submission.sequence);
                    self.down.push_back(Frame::Rejected(submission.sequence));
                }
            }
            Step::Other(seed) => {
                let drawn = generate::from_seed(self.sequencer.size(), *seed);
                let delta = generate::fitted_to(drawn, &self.sheets[self.sheets.len() - 1]);
                let (sequence, base) = (self.others, self.sequencer.head());
                self.others = sequence.next();
                self.submit(Submission { client: OTHER, sequence, base, delta: delta.into() });
            }
            Step::Receive => self.receive(),
            Step::Reload => {
                let bytes = self.saved.save();
                self.saved = Replica::restore(&bytes, saved::LIMITS).expect("saved just now");
                // An edit after a restart is of another gesture.
                self.whole.begin_apart();
                assert_eq!(self.saved.save(), bytes);
                assert_eq!(self.saved.view().size(), self.whole.view().size());
                assert_eq!(self.saved.view().columns(), self.whole.view().columns());
                let there = &self.sheets[self.whole.revision().0 as usize];
                self.saved.load(&everything(there));
            }
        }
    }

    fn submit(&mut self, submission: Submission) {
        let (client, sequence) = (submission.client, submission.sequence);
        let frame = match self.sequencer.submit(submission) {
            Ok(Outcome::Accepted(entry)) => {
                self.sequencer.mark_durable(entry.revision);
                let mut sheet = self.sheets.last().expect("the first sheet").clone();
                sheet.apply(&entry.delta);
                self.sheets.push(sheet);
                match client == ME {
                    true => Frame::Accepted(sequence, entry.revision),
                    false => Frame::Change(entry.revision, (*entry.delta).clone()),
                }
            }
            _ if client == ME => Frame::Rejected(sequence),
            _ => return,
        };
        self.down.push_back(frame);
    }

    fn receive(&mut self) {
        match self.down.pop_front() {
            Some(Frame::Change(revision, delta)) => assert_eq!(
                self.whole.receive(revision, &delta).expect("in order"),
                self.saved.receive(revision, &delta).expect("in order"),
            ),
            Some(Frame::Accepted(sequence, revision)) => assert_eq!(
                self.whole.accepted(sequence, revision).expect("awaited"),
                self.saved.accepted(sequence, revision).expect("awaited"),
            ),
            Some(Frame::Rejected(sequence)) => assert_eq!(
                self.whole.rejected(sequence).expect("awaited"),
                self.saved.rejected(sequence).expect("awaited"),
            ),
            None => {}
        }
    }

    fn check(&self) {
        self.saved.check_invariants();
        assert_eq!(self.whole.resume(), self.saved.resume());
        assert!(self.whole.session().pending().eq(self.saved.session().pending()));
        assert_same(self.whole.confirmed(), self.saved.confirmed());
        assert_same(self.whole.view(), self.saved.view());
        assert_eq!(self.whole.window(), self.saved.window());
    }
}

fn assert_same(one: &View, other: &View) {
    assert_eq!(one.size(), other.size());
    assert_eq!(one.columns(), other.columns());
    for row in 0..one.size().rows {
        for col in 0..one.size().cols {
            assert_eq!(one.get(row, col), other.get(row, col), "at {row}:{col}");
        }
    }
}

fn everything(sheet: &Sheet) -> Block {
    Block { row: 0, cols: 0..sheet.size().cols, rows: sheet.rows.clone(), ..Block::default() }
}

fn size() -> impl Strategy<Value = Size> {
    (1_u32..8, 1_u32..5).prop_map(|(rows, cols)| Size { rows, cols })
}

fn played(size: Size, steps: &[Step]) -> Twins {
    let mut twins = Twins::new(size);
    for step in steps {
        twins.step(step);
        twins.check();
    }
    twins
}

proptest! {
    #![proptest_config(generate::config(300))]

    #[test]
    fn a_restored_client_continues_like_one_without_interruption(size in size(), steps in steps()) {
        let mut twins = played(size, &steps);
        for step in [Step::Reload, Step::Send, Step::Serve, Step::Send, Step::Serve] {
            twins.step(&step);
        }
        while !twins.down.is_empty() {
            twins.step(&Step::Receive);
            twins.check();
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_harmless(
        size in size(),
        steps in steps(),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let twins = played(size, &steps);
        let bytes = twins.whole.save();
        for end in 0..bytes.len() {
            prop_assert!(Replica::restore(&bytes[..end], saved::LIMITS).is_err());
        }
        let mut longer = bytes.clone();
        longer.push(0);
        prop_assert!(Replica::restore(&longer, saved::LIMITS).is_err());
        let (mut replica, mut session) = (bytes, twins.whole.session().save());
        for (index, byte) in flips {
            let at = index.index(replica.len());
            replica[at] = byte;
            saved::restore_and_use(&replica);
            let at = index.index(session.len());
            session[at] = byte;
            saved::restore_and_use(&session);
        }
    }

    #[test]
    fn any_bytes_are_restored_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        saved::restore_and_use(&bytes);
        let framed: Vec<u8> = [1].into_iter().chain(bytes.iter().map(|byte| byte % 8)).collect();
        saved::restore_and_use(&framed);
    }
}

/// An example of each error.
#[test]
fn a_restore_error_names_its_cause() {
    let (size, limits) = (Size::new(3, 2), Limits::DEFAULT);
    let mut session = ClientSession::new(ME, Revision(5));
    session.edit(Delta::set_cell(2, 1, "mine"));
    let bytes = session.save();
    let restore = |bytes: &[u8], size| ClientSession::restore(bytes, size, &limits);
    assert_eq!(restore(&bytes, size).expect("whole").save(), bytes);
    let refused = |bytes: &[u8], size| restore(bytes, size).expect_err("refused").to_string();
    assert_eq!(
        refused(&bytes, Size::new(2, 2)),
        "the pending edit 1 does not fit the sheet: cells[0].row is outside the sheet: positions \
         end before 2"
    );
    assert_eq!(refused(&bytes[..20], size), "saved bytes are damaged: the bytes end too early");
    let mut newer = bytes.clone();
    newer[0] = 9;
    assert_eq!(restore(&newer, size).expect_err("newer"), RestoreError::UnknownVersion(9));
    // Byte 18 is the next number, 2; the waiting edit has number 1.
    let mut reused = bytes;
    assert_eq!(std::mem::replace(&mut reused[18], 1), 2);
    assert_eq!(
        refused(&reused, size),
        "saved bytes are damaged: the numbers of edits do not ascend"
    );
}

/// A few bytes can name many lines; the limits bound them.
#[test]
fn a_huge_sheet_is_refused() {
    let mut columns = Replica::new(
        ME,
        Revision(0),
        3,
        Vec::new(),
        Limits { max_columns: u32::MAX, ..Limits::DEFAULT },
    );
    let many = Delta::cols(ot_engine::AxisDelta::insert(0, 40_000));
    columns.edit(many).expect("within those limits");
    let error = Replica::restore(&columns.save(), Limits::DEFAULT).expect_err("too many");
    assert!(matches!(error, RestoreError::Misfit { .. }), "{error}");
}

#[test]
fn a_waiting_text_edit_is_saved_as_its_value() {
    let sheet = generate::sheet(Size::new(2, 2));
    let mut client = Replica::new(ME, Revision(0), 2, sheet.columns.clone(), saved::LIMITS);
    client.load(&everything(&sheet));
    let typed = |col, new| Delta {
        cells: vec![CellEdit::text(0, col, TextDelta::splice(0, 0, new))],
        ..Delta::identity()
    };
    client.edit(typed(0, "sent ")).expect("fits");
    let sent = client.outgoing().expect("it is sent");
    client.edit(typed(1, "waits ")).expect("fits");
    let back = Replica::restore(&client.save(), saved::LIMITS).expect("saved just now");
    let pending: Vec<_> = back.session().pending().map(|(_, delta)| delta.cells.clone()).collect();
    let value = CellEdit::set(0, 1, "waits 0:1");
    assert_eq!(pending, [sent.delta.cells.clone(), vec![value]]);
    assert_eq!(back.resume(), [sent], "the sent edit is sent again unchanged");
}
