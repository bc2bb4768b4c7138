//! The row order against a plain list of ids, under random deltas.
//!
//! Not about cells. Invariant: after each delta the order, its recorded changes and the list agree.

use std::collections::BTreeMap;

use ot_engine::{AxisDelta, LineId, RowId, Run};
use proptest::prelude::*;

use super::{RowOrder, RowOrderChanges, RowOrderError};
use model::Span;

/// One random step of a walk: what to do with how many of the rows that are left.
#[derive(Clone, Debug)]
enum Step {
    Keep(u32),
    Delete(u32),
    Lift(u32),
    Insert(u32),
    /// Drops some slot that was not dropped yet, whether it was lifted or is going to be.
    Drop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..9_u32).prop_map(Step::Keep),
        1 => (300..3000_u32).prop_map(Step::Keep),
        2 => (1..6_u32).prop_map(Step::Delete),
        2 => (1..9_u32).prop_map(Step::Lift),
        3 => (1..5_u32).prop_map(Step::Insert),
        2 => Just(Step::Drop),
    ];
    prop::collection::vec(step, 1..12)
}

/// Makes a valid delta for `len` rows; new rows get ids from `next` on.
fn delta(steps: &[Step], len: u32, next: &mut u64) -> AxisDelta {
    let (mut runs, mut left) = (Vec::new(), len);
    let (mut lifted, mut dropped) = (0, 0);
    let mut take = |count: u32| {
        let count = count.min(left);
        left -= count;
        count
    };
    for step in steps {
        match *step {
            Step::Keep(count) => runs.push(Run::Keep(take(count))),
            Step::Delete(count) => runs.push(Run::Delete(take(count))),
            Step::Lift(count) => {
                let count = take(count);
                if count > 0 {
                    runs.push(Run::Lift { slot: lifted, count });
                    lifted += 1;
                }
            }
            Step::Insert(count) => {
                runs.push(Run::Insert { count, first: Some(LineId(*next)) });
                *next += u64::from(count);
            }
            Step::Drop => {
                runs.push(Run::Drop { slot: dropped });
                dropped += 1;
            }
        }
    }
    // Each lifted slot must be dropped, and the other way round.
    for slot in dropped..lifted {
        runs.push(Run::Drop { slot });
    }
    let lifts = lifted;
    runs.retain(|run| !matches!(run, Run::Drop { slot } if *slot >= lifts));
    AxisDelta::from_runs(runs)
}

fn table(ids: u32) -> RowOrder {
    let span = Span { key: 0, start: RowId(1), length: ids };
    RowOrder::from_spans(if ids == 0 { vec![] } else { vec![span] }).unwrap()
}

fn listed(table: &RowOrder) -> Vec<u64> {
    table.ids(0..u32::MAX).flat_map(|range| range.start.0..range.end.0).collect()
}

/// What Postgres holds, kept up to date with nothing but the recorded changes.
#[derive(Default)]
struct Stored(BTreeMap<i64, Span>);

impl Stored {
    fn write(&mut self, changes: &RowOrderChanges) {
        for key in changes.removed() {
            self.0.remove(&key);
        }
        self.0.extend(changes.upserted().into_iter().map(|span| (span.key, span)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_table_is_the_list_and_its_recorded_changes_are_the_table(
        len in prop_oneof![Just(0_u32), 1..2000_u32],
        plans in prop::collection::vec(steps(), 1..40),
        commit_every in 1..5_usize,
    ) {
        let mut table = table(len);
        let mut model: Vec<u64> = (1..=u64::from(len)).collect();
        let mut next = u64::from(len) + 1;
        let mut stored = Stored(table.spans().map(|span| (span.key, *span)).collect());
        let mut pending = RowOrderChanges::default();
        for (index, plan) in plans.iter().enumerate() {
            let delta = delta(plan, table.len(), &mut next);
            let mut changes = RowOrderChanges::default();
            table.apply(&delta, &mut changes).unwrap();
            pending.merge(changes);
            let mut new = Vec::new();
            model = delta.apply_to_vec(model, |id| {
                new.push(id);
                id.unwrap().0
            });
            table.check_invariants();
            prop_assert_eq!(listed(&table), model.clone());
            prop_assert_eq!(table.len() as usize, model.len());
            if index % commit_every == 0 {
                stored.write(&std::mem::take(&mut pending));
                prop_assert!(stored.0.values().eq(table.spans()));
            }
        }
        for (position, id) in model.iter().enumerate().step_by(7) {
            let position = position as u32;
            prop_assert_eq!(table.id_at(position), Some(RowId(*id)));
            prop_assert_eq!(table.position_of(RowId(*id)), Some(position));
        }
        prop_assert_eq!(table.id_at(table.len()), None);
        prop_assert_eq!(table.position_of(RowId(next)), None);
    }

    #[test]
    fn any_runs_at_all_are_applied_or_refused_whole(
        len in 0..50_u32,
        runs in prop::collection::vec(any_run(), 0..8),
    ) {
        let mut table = table(len);
        let before = listed(&table);
        let mut changes = RowOrderChanges::default();
        match table.apply(&AxisDelta::from_runs(runs), &mut changes) {
            Ok(()) => {}
            Err(_) => {
                prop_assert!(changes.is_empty());
                prop_assert_eq!(listed(&table), before);
            }
        }
        table.check_invariants();
    }
}

fn any_run() -> impl Strategy<Value = Run> {
    let count = prop_oneof![0..20_u32, Just(u32::MAX)];
    let id = prop_oneof![Just(1000_u64), Just(u64::MAX - 3)];
    prop_oneof![
        count.clone().prop_map(Run::Keep),
        count.clone().prop_map(Run::Delete),
        (0..3_u32, count.clone()).prop_map(|(slot, count)| Run::Lift { slot, count }),
        (0..3_u32).prop_map(|slot| Run::Drop { slot }),
        (count, prop::option::of(id))
            .prop_map(|(count, id)| Run::Insert { count, first: id.map(LineId) }),
    ]
}

/// Inserts at `at` a row whose id does not follow its neighbours'.
fn insert_one(table: &mut RowOrder, at: u32, id: u64) -> RowOrderChanges {
    let mut changes = RowOrderChanges::default();
    let insert = Run::Insert { count: 1, first: Some(LineId(id)) };
    table.apply(&AxisDelta::from_runs([Run::Keep(at), insert]), &mut changes).unwrap();
    table.check_invariants();
    changes
}

#[test]
fn keys_at_one_place_never_run_out() {
    let mut table = table(10);
    let mut written = 0;
    let mut model: Vec<u64> = (1..=10).collect();
    for index in 0..5000 {
        let id = 1_000_000 - 2 * index;
        written += insert_one(&mut table, 5, id).len();
        model.insert(5, id);
    }
    assert_eq!(listed(&table), model);
    assert!(written < 5000 * 40, "{written} spans written for 5000 inserts");
}

#[test]
fn many_lookups_of_one_order_are_answered_by_an_index_that_a_change_drops() {
    let mut table = table(100);
    insert_one(&mut table, 50, 1_000);
    for _ in 0..100 {
        assert_eq!(table.position_of(RowId(1_000)), Some(50));
        assert_eq!(table.position_of(RowId(100)), Some(100));
        assert_eq!(table.position_of(RowId(0)), None);
    }
    assert!(table.by_id.is_indexed());
    insert_one(&mut table, 0, 2_000);
    assert!(!table.by_id.is_indexed());
    assert_eq!(table.position_of(RowId(1_000)), Some(51));
}

#[test]
fn rows_added_one_after_the_other_stay_one_span() {
    let mut table = table(10);
    for index in 0..100 {
        assert_eq!(insert_one(&mut table, 10 + index, 11 + u64::from(index)).len(), 1);
    }
    assert_eq!(table.span_count(), 1);
}

#[test]
fn a_block_that_is_moved_there_and_back_leaves_one_span() {
    let mut table = table(1_000_000);
    let mut changes = RowOrderChanges::default();
    table.apply(&AxisDelta::move_lines(10, 5, 900_000), &mut changes).unwrap();
    assert_eq!(table.span_count(), 4);
    table.apply(&AxisDelta::move_lines(899_995, 5, 10), &mut changes).unwrap();
    assert_eq!(table.span_count(), 1);
    assert_eq!(changes.upserted(), [Span { key: 0, start: RowId(1), length: 1_000_000 }]);
}

#[test]
fn spans_that_are_no_table_are_refused() {
    let span = |key, length| Span { key, start: RowId(1), length };
    let refused = |spans: &[Span]| RowOrder::from_spans(spans.to_vec()).unwrap_err();
    assert_eq!(refused(&[span(1, 0)]), RowOrderError::Empty(1));
    assert_eq!(refused(&[span(1, 1), span(1, 1)]), RowOrderError::OutOfOrder(1));
    assert_eq!(refused(&[span(1, u32::MAX), span(2, 1)]), RowOrderError::TooLong);
}

/// Chunks that a delta of `n` runs passes in an order of about as many spans.
fn passed(n: u32) -> usize {
    let span =
        |at: u32| Span { key: i64::from(at) << 20, start: RowId(u64::from(at) * 10), length: 3 };
    let mut order = RowOrder::from_spans((0..n).map(span).collect()).unwrap();
    let cuts = (0..n).flat_map(|_| [Run::Keep(1), Run::Delete(1), Run::Keep(1)]);
    order.apply(&AxisDelta::from_runs(cuts), &mut RowOrderChanges::default()).unwrap();
    let lifts = (0..n / 2).flat_map(|slot| [Run::Lift { slot, count: 1 }, Run::Keep(2)]);
    let drops = (0..n / 2).rev().map(|slot| Run::Drop { slot });
    let moves = AxisDelta::from_runs(lifts.chain(drops));
    order.apply(&moves, &mut RowOrderChanges::default()).unwrap();
    let first = |at: u32| Some(LineId(1_000_000 + u64::from(at) * 7));
    let inserts = (0..n).flat_map(|at| [Run::Keep(1), Run::Insert { count: 1, first: first(at) }]);
    order.apply(&AxisDelta::from_runs(inserts), &mut RowOrderChanges::default()).unwrap();
    order.check_invariants();
    order.steps
}

#[test]
fn a_delta_of_many_runs_passes_each_chunk_a_few_times() {
    for n in [2_000, 4_000, 8_000] {
        let passed = passed(n);
        assert!(passed <= n as usize * 4, "{passed} chunks for {n} runs");
    }
}

#[test]
fn a_clone_shares_the_spans() {
    let span =
        |at: u32| Span { key: i64::from(at) << 20, start: RowId(u64::from(at) * 10), length: 3 };
    let count = 100_000;
    let mut order = RowOrder::from_spans((0..count).map(span).collect()).unwrap();
    let mut clone = None;
    let cost = allocation_counter::measure(|| clone = Some(order.clone()));
    assert!(cost.bytes_total < u64::from(count), "{cost:?}");
    order.apply(&AxisDelta::delete(0, 1), &mut RowOrderChanges::default()).unwrap();
    let clone = clone.expect("it was made");
    assert_eq!((clone.len(), order.len()), (count * 3, count * 3 - 1));
    assert_eq!(clone.id_at(0), Some(RowId(0)));
}
