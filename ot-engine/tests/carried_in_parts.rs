//! An edit that is carried to the head in parts, outside of the sequencer, becomes what it becomes at once.
//!
//! Invariant: two sequencers that order the same edits, one of them in parts, have the same entries and conflicts.

#[path = "support/generate.rs"]
mod generate;

use std::sync::Arc;

use ot_engine::{
    AxisDelta, ClientId, DEFAULT_HISTORY, Delta, Entry, Limits, NextIds, Outcome, Revision,
    Sequence, Sequencer, Size, Submission, SubmitError, Submitter,
};
use proptest::prelude::*;

const SUBMITTERS: [Submitter; 3] = [Submitter::Client, Submitter::Restoring, Submitter::Yielding];
const SIZE: Size = Size { rows: 12, cols: 3 };

fn sequencer() -> Sequencer {
    let next = NextIds { row: 13, col: 4 };
    Sequencer::new(Revision(0), SIZE, next, Limits::DEFAULT, DEFAULT_HISTORY)
}

/// An edit of one of three clients on the head, half of them of cells only.
fn submission(server: &Sequencer, numbers: &mut [u64; 3], seed: u64) -> Submission {
    let client = (seed % 3) as usize;
    numbers[client] += 1;
    let size = server.size();
    let delta = match seed.is_multiple_of(2) && size.rows > 0 && size.cols > 0 {
        true => Delta::set_cell(seed as u32 % size.rows, seed as u32 % size.cols, seed as f64),
        false => generate::from_seed(size, seed),
    };
    let (client, sequence) = (ClientId(client as u128 + 1), Sequence(numbers[client]));
    Submission { client, sequence, base: server.head(), delta: delta.into() }
}

fn submit(server: &mut Sequencer, submission: Submission) -> Arc<Entry> {
    let entry = match server.submit(submission) {
        Ok(Outcome::Accepted(entry)) => entry,
        other => panic!("expected an entry, got {other:?}"),
    };
    server.mark_durable(entry.revision);
    entry
}

/// How much arrives between two parts, and how long the parts are.
#[derive(Clone, Debug)]
struct Part {
    arrive: Vec<u64>,
    work: usize,
}

fn part() -> impl Strategy<Value = Part> {
    let seeds = prop::collection::vec(any::<u64>(), 0..4);
    (seeds, 0..40_usize).prop_map(|(arrive, work)| Part { arrive, work })
}

proptest! {
    #![proptest_config(generate::config(512))]

    #[test]
    fn parts_lead_where_one_step_leads(
        before in prop::collection::vec(any::<u64>(), 1..10),
        seed in any::<u64>(),
        parts in prop::collection::vec(part(), 1..5),
        submitter in prop::sample::select(SUBMITTERS.to_vec()),
        staged in any::<u64>(),
    ) {
        let (mut server, mut twin) = (sequencer(), sequencer());
        let mut numbers = [0; 3];
        let mut edit = submission(&server, &mut [0; 3], seed);
        (edit.client, edit.sequence) = (ClientId(9), Sequence(1));
        for seed in before {
            let next = submission(&server, &mut numbers, seed);
            submit(&mut server, next.clone());
            submit(&mut twin, next);
        }
        let mut carry = server.carry(&edit, submitter).expect("it fits its base");
        for Part { arrive, work } in parts {
            let entries = server.durable_after(carry.at());
            let done = carry.over(&entries, work);
            prop_assert!(done > 0 || entries.is_empty());
            prop_assert_eq!(carry.at().0, server.head().0 - (entries.len() - done) as u64);
            for seed in arrive {
                let next = submission(&server, &mut numbers, seed);
                submit(&mut server, next.clone());
                submit(&mut twin, next);
            }
        }
        // One that is staged, and may be rolled back, is not carried over outside.
        let next = submission(&server, &mut numbers, staged);
        prop_assert!(server.submit(next.clone()).is_ok() && twin.submit(next).is_ok());
        prop_assert!(server.durable_after(server.durable()).is_empty());
        let parts = server.submit_carried(carry);
        let once = twin.submit_by(edit.clone(), submitter);
        prop_assert_eq!(parts, once);
        server.check_invariants();
        let again = server.submit(edit);
        prop_assert!(matches!(again, Ok(Outcome::Already { .. })), "{:?}", again);
    }
}

#[test]
fn a_client_that_waits_for_an_answer_is_refused_at_the_end() {
    let mut server = sequencer();
    let edit = |client: u128, sequence, base, delta: Delta| Submission {
        client: ClientId(client),
        sequence: Sequence(sequence),
        base: Revision(base),
        delta: delta.into(),
    };
    submit(&mut server, edit(1, 1, 0, Delta::rows(AxisDelta::insert(0, 1))));
    let late = edit(1, 2, 0, Delta::set_cell(0, 0, 1.0));
    let mut carry = server.carry(&late, Submitter::Client).expect("it fits its base");
    let entries = server.durable_after(Revision(0));
    assert_eq!(carry.over(&entries, usize::MAX), 1);
    assert_eq!(server.submit_carried(carry), Err(SubmitError::Pipelined(Revision(1))));
    // Its number is used up, as by an edit that is not carried.
    assert!(
        !server.is_next(ClientId(1), Sequence(2))
            && server.carry(&late, Submitter::Client).is_none()
    );
}

#[test]
fn work_counts_what_a_transform_visits() {
    let mut server = sequencer();
    let cells = |rows| Delta::set_cells((0..rows).map(|row| (row, 0, 1.0.into())));
    let edit = |sequence, delta: Delta| Submission {
        client: ClientId(sequence),
        sequence: Sequence(1),
        base: Revision(0),
        delta: delta.into(),
    };
    let few = edit(100, cells(2));
    assert_eq!(server.work_ahead(&few, Submitter::Client, usize::MAX), 0);
    for number in 1..=10 {
        submit(&mut server, edit(number, cells(8)));
    }
    // The shorter list is looked up in the longer one.
    assert_eq!(server.work_ahead(&few, Submitter::Client, usize::MAX), 10 * 3);
    assert_eq!(
        server.work_ahead(&few, Submitter::Client, 10),
        12,
        "the count stops above the limit"
    );
    let lines = edit(100, Delta::rows(AxisDelta::delete(0, 1)));
    assert!(server.work_ahead(&lines, Submitter::Client, usize::MAX) > 10 * 9, "all cells move");
    // A text edit that is lost to a value is removed from all others.
    let text = |row| ot_engine::CellEdit::text(row, 1, ot_engine::TextDelta::default());
    let texts = Delta { cells: (0..8).map(text).collect(), ..Delta::identity() };
    assert_eq!(server.work_ahead(&edit(100, texts), Submitter::Client, usize::MAX), 10 * 9);
    // An edit contains its client's own entries.
    let own = Submission { client: ClientId(1), sequence: Sequence(2), ..few.clone() };
    assert_eq!(server.work_ahead(&own, Submitter::Client, usize::MAX), 9 * 3 + 1);
    assert_eq!(server.work_ahead(&own, Submitter::Restoring, usize::MAX), 10 * 3);
    let answered = Submission { client: ClientId(1), ..few };
    assert_eq!(server.work_ahead(&answered, Submitter::Client, usize::MAX), 0);
}

/// The lost cells of deleted rows weigh nothing in the edit, and each later change of lines moves them.
#[test]
fn conflicts_count_where_lines_move() {
    const ROWS: u32 = 1_000;
    let size = Size { rows: 2 * ROWS, cols: 1 };
    let next = NextIds { row: u64::from(2 * ROWS) + 1, col: 2 };
    let mut server = Sequencer::new(Revision(0), size, next, Limits::DEFAULT, DEFAULT_HISTORY);
    let edit = |client: u128, base, delta: Delta| Submission {
        client: ClientId(client),
        sequence: Sequence(1),
        base: Revision(base),
        delta: delta.into(),
    };
    let late = edit(999, 0, Delta::set_cells((0..ROWS).map(|row| (row, 0, 1.0.into()))));
    submit(&mut server, edit(1, 0, Delta::rows(AxisDelta::delete(0, ROWS))));
    for number in 1..=100 {
        submit(&mut server, edit(number + 1, number as u64, Delta::rows(AxisDelta::insert(0, 1))));
    }
    let mut carry = server.carry(&late, Submitter::Client).expect("it fits its base");
    let entries = server.durable_after(carry.at());
    assert_eq!(carry.over(&entries[..1], usize::MAX), 1);
    assert_eq!(carry.conflicts(), ROWS as usize);
    assert!(server.work_left(&carry, usize::MAX) > 100 * ROWS as usize);
    // A part that finds them on its way counts them, too.
    let mut carry = server.carry(&late, Submitter::Client).expect("it fits its base");
    let done = carry.over(&entries, 20 * ROWS as usize);
    assert!((2..=20).contains(&done), "{done}");
}
