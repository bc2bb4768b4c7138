//! The windows under random sheets, looks, changes, caches, fetches, credit and leaving, against lists of ids.
//!
//! Not here: the actor that does the steps in the product (its own tests). Laws: see `oracle` and `world`.

mod oracle;
mod world;

use proptest::prelude::*;

use super::*;
use world::{Event, World};

const SESSIONS: u64 = 3;

/// A part of an axis, in thousandths of its length, so that it fits after any change.
fn part() -> impl Strategy<Value = Range<u32>> {
    let small =
        (0..1000_u32, 0..40_u32).prop_map(|(start, count)| start..(start + count).min(1000));
    let any = (0..=1000_u32, 0..=1000_u32).prop_map(|(a, b)| a.min(b)..a.max(b));
    prop_oneof![3 => small, 2 => any, 1 => Just(0..1000)]
}

fn event() -> impl Strategy<Value = Event> {
    let session = (0..SESSIONS).prop_map(SessionKey);
    let looks = prop::collection::vec(part(), 0..4);
    prop_oneof![
        4 => (session.clone(), looks).prop_map(|(session, rows)| Event::Look { session, rows }),
        2 => part().prop_map(Event::Read),
        2 => (0..1000_u32, 1..30_u32).prop_map(|(at, count)| Event::Insert { at, count }),
        2 => part().prop_map(Event::Delete),
        3 => (part(), 0..1000_u32).prop_map(|(rows, to)| Event::Move { rows, to }),
        12 => any::<prop::sample::Index>().prop_map(Event::Fetched),
        1 => any::<prop::sample::Index>().prop_map(Event::Failed),
        1 => any::<prop::sample::Index>().prop_map(Event::Lost),
        8 => any::<prop::sample::Index>().prop_map(Event::Credit),
        1 => session.clone().prop_map(Event::Leave),
        2 => session.prop_map(Event::Fill),
        2 => part().prop_map(Event::Cache),
        2 => Just(Event::Evict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rows_arrive_once_in_order_on_credit_and_for_those_that_stay(
        rows in 0..2500_u32,
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut world = World::new(rows);
        for event in events {
            world.play(event);
            world.windows.check_invariants();
        }
        world.finish();
        world.windows.check_invariants();
    }
}

fn only(rows: Range<u32>) -> Vec<Range<u32>> {
    std::iter::once(rows).collect()
}

#[test]
fn a_look_follows_its_columns_too() {
    let mut windows = Windows::default();
    let session = SessionKey(1);
    let read = windows.look(session, only(0..2), 3..5, 2);
    assert_eq!(windows.next(read, 2), Action::AwaitCredit { session, first: true });
    let cols = ot_engine::AxisDelta::insert(0, 2);
    windows.follow(&Delta { cols, ..Delta::identity() });
    windows.on_credit(read);
    assert!(matches!(windows.next(read, 2), Action::Take { .. }));
    windows.on_rows(read, 2, 100);
    assert_eq!(windows.next(read, 2), Action::Send { session, start_row: 0, cols: 5..7 });
    assert_eq!(windows.next(read, 2), Action::SendEnd { session, start_col: 5 });
    assert_eq!(windows.next(read, 2), Action::Nothing);
    assert!(windows.is_empty());
}

#[test]
fn pieces_grow_with_small_rows_and_shrink_with_large_ones() {
    let mut windows = Windows::default();
    let (session, rows) = (SessionKey(1), 100_000);
    let read = windows.look(session, only(0..rows), 0..1, rows);
    let mut pieces = Vec::new();
    for bytes in [1000, 1000, 1000, 4 << 20, 1000] {
        windows.on_credit(read);
        loop {
            match windows.next(read, rows) {
                Action::AwaitCredit { .. } => windows.on_credit(read),
                Action::Fetch { .. } => windows.on_fetched(read),
                Action::Take { positions, .. } => {
                    // Rows of 4 MiB fill a piece after the third.
                    let count = positions.end - positions.start;
                    let taken = if bytes > 1000 { 3 } else { count };
                    pieces.push(taken);
                    windows.on_rows(read, taken, bytes);
                }
                Action::Send { .. } => break,
                step => panic!("{step:?}"),
            }
        }
    }
    assert_eq!(pieces, [256, 512, 1000, 3, 3]);
}
