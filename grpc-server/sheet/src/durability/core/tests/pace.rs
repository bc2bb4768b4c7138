//! How long an entry waits until it is committed, and how many transactions a busy sheet makes.
//!
//! Not about failures. Invariant: a load runs on a clock of its own, so its costs are the same each time.

use std::time::{Duration, Instant};

use ot_engine::Revision;

use super::super::{Ask, Durability, Lease};
use crate::durability::sample::{Maker, SHEET};

const SECONDS: f64 = 2.0;

/// What a load costs: each entry's time until it is committed, sorted, and the transactions.
struct Cost {
    waits: Vec<Duration>,
    transactions: usize,
}

/// Entries arrive at a steady gap for some seconds. A turn comes after `turn`; a commit takes 2 ms and 20 us for
/// each entry, and the first one 15 ms, as after a pause of the disk.
fn run(gap: Duration, turn: Duration) -> Cost {
    let begin = Instant::now();
    let (mut core, mut maker) = (Durability::new(SHEET, Revision(0), None, 1000), Maker::default());
    let count = (SECONDS / gap.as_secs_f64()) as u32;
    let arrival = |number: u32| begin + gap * number;
    let (mut now, mut arrived) = (begin, 0);
    let mut cost = Cost { waits: Vec::new(), transactions: 0 };
    while (core.head().0 as u32) < count {
        while arrived < count && arrival(arrived) <= now {
            let entry = maker.next(0);
            let writes = maker.apply(&entry);
            core.on_entry(arrival(arrived), entry, writes);
            arrived += 1;
        }
        match core.next(now) {
            Ask::Lease => core.on_lease(now, Some(Lease::Kept)),
            Ask::Turn => {
                now += turn;
                core.on_turn(now);
            }
            Ask::Commit(batch) => {
                let first = if cost.transactions == 0 { 15_000 } else { 2_000 };
                now += Duration::from_micros(first + 20 * batch.entries.len() as u64);
                cost.transactions += 1;
                let numbers = batch.entries.iter().map(|entry| entry.revision.0 as u32 - 1);
                cost.waits.extend(numbers.map(|number| now - arrival(number)));
                core.on_commit(now, Ok(()));
            }
            Ask::SleepUntil(until) if arrived < count => now = until.min(arrival(arrived)),
            Ask::SleepUntil(until) => now = until,
            Ask::Wait => now = arrival(arrived),
            Ask::Report(_) | Ask::NoteOrder => {}
            other => panic!("{other:?}"),
        }
    }
    cost.waits.sort_unstable();
    cost
}

#[test]
fn a_steady_writer_does_not_wait_for_rests() {
    let Cost { waits, .. } = run(Duration::from_micros(600), Duration::ZERO);
    let median = waits[waits.len() / 2];
    assert!(median < Duration::from_millis(4), "{median:?}");
}

#[test]
fn a_busy_sheet_merges_many_entries_and_stays_near_the_journal() {
    let Cost { waits, transactions } = run(Duration::from_micros(66), Duration::ZERO);
    assert!(transactions <= 60, "{transactions} transactions");
    let longest = waits[waits.len() - 1];
    assert!(longest <= Duration::from_millis(250), "{longest:?}");
}

#[test]
fn a_sheet_that_waits_for_its_turn_leaves_the_next_turn_to_others() {
    let gap = Duration::from_micros(600);
    let contended = run(gap, Duration::from_millis(20)).transactions;
    let least = (SECONDS * 1000.0 / 22.0) as usize;
    assert!(contended < least * 9 / 10, "{contended} transactions of at most {least}");
}
