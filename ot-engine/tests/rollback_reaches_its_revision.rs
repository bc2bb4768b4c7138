//! A rollback reaches its revision, with staged edits of any weight.
//!
//! Invariant: a sequencer that staged edits and rolled them back answers like one that never got them.

#[path = "support/generate.rs"]
mod generate;

use ot_engine::{
    ClientId, Delta, HistoryLimits, Limits, NextIds, Outcome, Revision, Sequence, Sequencer, Size,
    Submission,
};
use proptest::prelude::*;

const SIZE: Size = Size { rows: 40, cols: 4 };
/// Most generated batches are above these limits.
const HISTORY: HistoryLimits = HistoryLimits { max_entries: 4, max_work: 60, max_bytes: 4 << 10 };
/// More edits than the kept answers of a client.
const MANY: u64 = 300;

fn sequencer() -> Sequencer {
    Sequencer::new(Revision(0), SIZE, NextIds { row: 41, col: 5 }, Limits::DEFAULT, HISTORY)
}

/// The next edit of one of three clients on the head, sometimes heavier than the whole history.
fn submission(server: &Sequencer, numbers: &mut [u64; 3], seed: u64) -> Submission {
    let client = (seed % 3) as usize;
    numbers[client] += 1;
    let heavy = seed.is_multiple_of(5);
    let size = server.size();
    let delta = if heavy {
        let cells = (0..size.rows).flat_map(|row| (0..size.cols).map(move |col| (row, col)));
        Delta::set_cells(cells.map(|(row, col)| (row, col, (seed as f64).into())))
    } else {
        generate::from_seed(size, seed)
    };
    let (client, sequence) = (ClientId(client as u128 + 1), Sequence(numbers[client]));
    Submission { client, sequence, base: server.head(), delta: delta.into() }
}

proptest! {
    #![proptest_config(generate::config(256))]

    #[test]
    fn a_rolled_back_batch_has_no_effect(
        batches in prop::collection::vec((prop::collection::vec(any::<u64>(), 1..12), any::<bool>()), 1..12),
    ) {
        let (mut server, mut twin) = (sequencer(), sequencer());
        let mut numbers = [0; 3];
        for (seeds, lands) in batches {
            let (before, known) = (server.head(), numbers);
            let mut batch = Vec::new();
            for seed in seeds {
                let next = submission(&server, &mut numbers, seed);
                // Ids are not assigned again, so lines that were inserted twice have other ids.
                prop_assert!(matches!(server.submit(next.clone()), Ok(Outcome::Accepted(_))));
                server.check_invariants();
                batch.push(next);
            }
            if lands {
                server.mark_durable(server.head());
                for next in batch {
                    prop_assert!(matches!(twin.submit(next), Ok(Outcome::Accepted(_))));
                }
                twin.mark_durable(twin.head());
            } else {
                prop_assert!(server.rollback_to(before));
                numbers = known;
            }
            server.check_invariants();
            prop_assert_eq!((server.head(), server.size()), (twin.head(), twin.size()));
            prop_assert_eq!(server.durable(), server.head());
        }
    }
}

#[test]
fn answers_to_durable_edits_survive_a_rollback() {
    let mut server = sequencer();
    let edit = |sequence: u64, base: u64| Submission {
        client: ClientId(1),
        sequence: Sequence(sequence),
        base: Revision(base),
        delta: Delta::set_cell(0, 0, sequence as f64).into(),
    };
    server.submit(edit(1, 0)).expect("is accepted");
    server.mark_durable(Revision(1));
    for number in 2..MANY {
        server.submit(edit(number, 1)).expect("is accepted");
    }
    assert!(server.rollback_to(Revision(1)));
    server.check_invariants();
    let again = server.submit(edit(1, 0)).expect("an answer");
    assert!(matches!(again, Outcome::Already { revision: Revision(1), .. }), "{again:?}");
}
