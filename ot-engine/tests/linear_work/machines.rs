//! The table of the public functions of the sequencer, the client's session, its replica and its view.
//!
//! Invariant: n is the size of one argument or of the state, never of both at once.

use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use ot_engine::{
    AxisDelta, Block, CellEdit, ClientId, ClientSession, Column, Delta, Edit, Entry, EntryConflict,
    HistoryLimits, Inserted, Limits, NextIds, Outcome, Replica, Revision, RowId, Sequence,
    Sequencer, Size, Submission, Submitter, TextDelta, Value, View, Window,
};

use crate::growth::{Row, work};
use crate::inputs::{axis, named, size};

const ME: ClientId = ClientId(1);
const OTHER: ClientId = ClientId(2);
const YIELDING: ClientId = ClientId(3);
/// No entry is dropped.
const KEPT: HistoryLimits =
    HistoryLimits { max_entries: usize::MAX, max_work: usize::MAX, max_bytes: usize::MAX };

fn submission(client: ClientId, sequence: u64, base: u64, delta: Delta) -> Submission {
    let (sequence, base) = (Sequence(sequence), Revision(base));
    Submission { client, sequence, base, delta: delta.into() }
}

fn sequencer(n: u32) -> Sequencer {
    let next = NextIds { row: 1, col: 1 };
    Sequencer::new(Revision(0), size(n), next, Limits::UNBOUNDED, KEPT)
}

/// A sequencer with n edits of single cells by another client.
fn after_edits(n: u32) -> Sequencer {
    let mut sequencer = sequencer(n);
    for at in 0..n {
        let number = u64::from(at);
        let edit = submission(OTHER, number + 1, number, Delta::set_cell(at, 0, 1.0));
        sequencer.submit(edit).expect("is accepted");
    }
    sequencer
}

fn column(rows: Range<u32>) -> Delta {
    Delta { cells: rows.map(|row| CellEdit::set(row, 0, 2.0)).collect(), ..Delta::identity() }
}

/// The conflicts of a paste over n cells that others have edited.
pub(crate) fn conflicts(n: u32) -> Vec<EntryConflict> {
    let mut sequencer = after_edits(n);
    match sequencer.submit(submission(ME, 1, 0, column(0..n))) {
        Ok(Outcome::Accepted(entry)) => entry.conflicts.to_vec(),
        other => panic!("{other:?}"),
    }
}

/// A client with n cells in one edit that waits, and a view of n rows.
fn replica(n: u32) -> Replica {
    let columns = vec![Column::default(); 4];
    let mut replica = Replica::new(ME, Revision(0), n * 4, columns, Limits::UNBOUNDED);
    let text = || vec![Value::from("t"), Value::Empty, Value::Empty, Value::Empty];
    let rows = (0..n * 4).map(|_| text()).collect();
    replica.load(&Block { row: 0, cols: 0..4, rows, ..Block::default() });
    replica
}

fn texts(n: u32) -> Delta {
    let text = |row| CellEdit::text(row, 0, TextDelta::splice(0, 0, "a"));
    Delta { cells: (0..n).map(text).collect(), ..Delta::identity() }
}

fn moved_texts(n: u32) -> Delta {
    Delta { rows: axis(n), ..texts(n) }
}

/// The view of n loaded rows, cut by a delta of n blocks.
fn view(n: u32) -> View {
    let mut view = View::new(n * 4, vec![Column::default(); 2]);
    let rows = (0..n * 4).map(|_| vec![Value::Number(1.0); 2]).collect();
    view.load(&Block { row: 0, cols: 0..2, rows, ..Block::default() });
    view
}

/// See [`crate::table`].
pub(crate) const MEASURED: &[Row] = &[
    (&["sequencer submit"], 1_000, |n| {
        let mut sequencer = after_edits(n);
        work(move || sequencer.submit(submission(ME, 1, 0, column(0..n))))
    }),
    (
        &[
            "sequencer carry",
            "sequencer durable_after",
            "sequencer submit_carried",
            "sequencer work_ahead",
            "sequencer work_left",
            "sequencer/carry over",
        ],
        1_000,
        |n| {
            let mut sequencer = after_edits(n);
            sequencer.mark_durable(Revision(u64::from(n)));
            work(move || {
                let edit = submission(ME, 1, 0, column(0..n));
                black_box(sequencer.work_ahead(&edit, Submitter::Client, usize::MAX));
                let mut carry = sequencer.carry(&edit, Submitter::Client).expect("fits");
                let entries = sequencer.durable_after(Revision(0));
                black_box(sequencer.work_left(&carry, usize::MAX));
                let half = carry.over(&entries, n as usize);
                carry.over(&entries[half..], usize::MAX);
                sequencer.submit_carried(carry)
            })
        },
    ),
    (&["sequencer submit", "sequencer submit_restoring", "sequencer submit_by"], 500, |n| {
        let mut sequencer = sequencer(n);
        work(move || {
            let yielding = submission(YIELDING, 1, 0, column(0..n));
            black_box(sequencer.submit_by(yielding, Submitter::Yielding).expect("fits"));
            let restored = submission(ME, 1, 0, named(n));
            black_box(sequencer.submit_restoring(restored).expect("fits"));
            let plain = Delta { rows: axis(n), ..column(0..n) };
            sequencer.submit(submission(OTHER, 1, 0, plain)).expect("fits")
        })
    }),
    (
        &["sequencer mark_durable", "sequencer check_invariants", "sequencer limit_history_bytes"],
        1_000,
        |n| {
            let mut sequencer = after_edits(n);
            work(move || {
                sequencer.mark_durable(sequencer.head());
                sequencer.limit_history_bytes(1);
                sequencer.mark_durable(sequencer.head());
                sequencer.check_invariants();
            })
        },
    ),
    (&["sequencer rollback_to"], 1_000, |n| {
        let mut sequencer = after_edits(n);
        work(move || assert!(sequencer.rollback_to(Revision(0))))
    }),
    (&["sequencer/recovery backfill", "sequencer/recovery replay"], 1_000, |n| {
        let entries: Vec<Arc<Entry>> =
            after_edits(n).since(Revision(0)).expect("all are kept").cloned().collect();
        let next = NextIds { row: 1, col: 1 };
        let head = Revision(u64::from(n));
        let mut older = Sequencer::new(head, size(n), next, Limits::UNBOUNDED, KEPT);
        let mut replayed = sequencer(n);
        work(move || {
            older.backfill(entries.iter().cloned());
            assert!(entries.into_iter().all(|entry| replayed.replay(entry)));
        })
    }),
    (
        &[
            "session edit",
            "session next_to_send",
            "session receive",
            "session resume",
            "session rejected",
            "session resync",
            "session check_invariants",
            "session/saved save",
            "session/saved restore",
        ],
        500,
        |n| {
            let (mine, theirs) = (crate::inputs::delta(n), named(n));
            work(move || {
                let mut session = ClientSession::new(ME, Revision(0));
                let sequence = session.edit(mine);
                black_box(session.next_to_send());
                black_box(session.receive(Revision(1), &theirs).expect("follows"));
                session.check_invariants();
                black_box(session.resume());
                let saved = session.save();
                let after = size(n).after(&theirs);
                black_box(
                    ClientSession::restore(&saved, after, &Limits::UNBOUNDED).expect("saved"),
                );
                black_box(session.rejected(sequence).expect("is in flight"));
                session.resync(Revision(9))
            })
        },
    ),
    (&["session accepted"], 500, |n| {
        let mut session = ClientSession::new(ME, Revision(0));
        let sequence = session.edit(crate::inputs::delta(n));
        session.next_to_send();
        work(move || session.accepted(sequence, Revision(1)))
    }),
    (
        &[
            "replica alter_pending",
            "replica edit",
            "replica outgoing",
            "replica resume",
            "replica receive",
            "replica receive_with",
            "replica set_window",
            "replica to_confirmed",
            "replica check_invariants",
            "replica accepted",
            "replica accepted_with",
            "replica/saved save",
            "replica/saved restore",
        ],
        500,
        |n| {
            let mut replica = replica(n);
            work(move || {
                let sequence = replica.edit(moved_texts(n)).expect("is loaded");
                black_box(replica.outgoing());
                replica.alter_pending(|delta| delta.cells.shrink_to_fit());
                let theirs = Delta { rows: crate::inputs::named_axis(n), ..column(0..n) };
                black_box(replica.receive(Revision(1), &theirs).expect("follows"));
                let restored = Inserted::Restored;
                let more = Delta::rows(AxisDelta::delete(0, 1));
                black_box(replica.receive_with(Revision(2), &more, restored).expect("follows"));
                black_box((replica.resume(), replica.to_confirmed(&Window::rows(1..n))));
                let saved = replica.save();
                black_box(Replica::restore(&saved, Limits::UNBOUNDED).expect("saved"));
                // Its texts are outside of the window then, so its rows are unloaded one by one.
                replica.set_window(Window::rows(0..1));
                black_box(replica.accepted(sequence, Revision(3)).expect("is in flight"));
                replica.check_invariants();
            })
        },
    ),
    (
        &[
            "replica rejected",
            "replica resync",
            "replica new",
            "replica with_session",
            "replica load",
        ],
        500,
        |n| {
            work(move || {
                let mut replica = replica(n);
                let sequence = replica.edit(moved_texts(n)).expect("is loaded");
                black_box(replica.outgoing());
                black_box(replica.rejected(sequence).expect("is in flight"));
                let session = ClientSession::new(ME, Revision(0));
                let other = Replica::with_session(session, n, Vec::new(), Limits::UNBOUNDED);
                (other, replica.resync(Revision(1), n, Vec::new()))
            })
        },
    ),
    (
        &["state/view new", "state/view load", "state/view apply", "state/view apply_with"],
        1_000,
        |n| {
            work(move || {
                let (mut view, rows) = (view(n), axis(n));
                view.apply(&Delta::rows(rows.clone()));
                view.apply_with(&Delta::rows(rows), Inserted::Restored);
                view
            })
        },
    ),
    (
        &[
            "state/view is_loaded",
            "state/view unloaded",
            "state/view loaded_rows",
            "state/view row_of",
            "state/view forget_rows",
            "state/view retain",
            "state/view check_invariants",
        ],
        1_000,
        |n| {
            let mut view = view(n);
            work(move || {
                view.forget_rows((0..n).map(|at| at * 2));
                black_box((view.is_loaded(&Window::ALL), view.unloaded(0..n).count()));
                black_box(view.row_of(RowId(u64::MAX)));
                view.check_invariants();
                let outside = view.retain(&Window { rows: n..n * 2, cols: 0..1 });
                (outside, view.loaded_rows())
            })
        },
    ),
];

#[test]
fn a_text_edit_of_a_moved_row_is_judged_by_the_text_before_the_move() {
    let mut replica = replica(4);
    let far = CellEdit::text(0, 0, TextDelta::splice(2, 0, "a"));
    let delta = Delta { rows: axis(4), cells: vec![far], ..Delta::identity() };
    assert!(replica.edit(delta).is_err(), "the row that comes to the front has one character");
    let view = View::new(1, vec![Column::default()]);
    let inserted = Delta { rows: AxisDelta::insert(0, 1), ..texts(1) };
    let origins = inserted.cell_origins();
    assert_eq!(view.get_before(&origins, &inserted.cells[0]), Some(&Value::Empty));
    assert_eq!(Size::new(1, 1).after(&inserted), Size::new(2, 1));
    assert!(matches!(inserted.cells[0].edit, Edit::Text(_)));
}
