//! Commands that name rows by id, in an order of many spans.
//!
//! Not here: the lookup itself (`row_order`). Invariant: the walks over the spans leave the task of the sheet, or their
//! account pays for them.

use super::*;
use model::Span;
use ot_engine::RowId;

/// A sheet whose rows stand in so many spans.
fn scattered(spans: u64) -> SheetRecord {
    let span = |at: u64| Span { key: at as i64, start: RowId(2 * (spans - at) - 1), length: 1 };
    let mut record = record(0, 2);
    record.spans = (0..spans).map(span).collect();
    (record.row_count, record.next_row_id) = (spans as u32, RowId(2 * spans + 1));
    record
}

/// A list that sets a cell of each row with one of these ids.
fn list(ids: impl IntoIterator<Item = u64>, sequence: u64) -> Work {
    let set = |id| {
        let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::Id(id)) });
        let values = vec![v1::Value { kind: Some(v1::value::Kind::Number(1.0)) }];
        let set = v1::SetCells { row, values, width: 1, ..Default::default() };
        v1::Command { command: Some(Command::SetCells(set)) }
    };
    let list = v1::CommandList { commands: ids.into_iter().map(set).collect() };
    Work::Commands {
        author: Author { account: ACCOUNT, client: HEAVY, group: Default::default() },
        session: SessionKey(1),
        sequence: Sequence(sequence),
        list: Arc::new(list),
    }
}

#[test]
fn lookups_in_an_order_of_many_spans_are_done_elsewhere_and_paid_for() {
    let (mut few, mut many) = (Core::of(&scattered(40)), Core::of(&scattered(40_000)));
    for core in [&mut few, &mut many] {
        core.push(list([1, 3], 1));
    }
    assert_eq!((few.heavy.len(), few.published.len()), (0, 1), "{:?}", few.refused);
    assert!(few.charged >= 40, "{}", few.charged);
    let (_, heavy) = many.heavy.first().expect("it is worked on elsewhere");
    assert!(heavy.work() >= 40_000, "{}", heavy.work());
    many.end_heavy();
    assert_eq!(many.published.len(), 1, "{:?}", many.refused);
    // The index that a longer list makes serves the next ones, until lines change.
    many.push(list((0..40).map(|at| 2 * at + 1), 2));
    many.end_heavy();
    many.push(list([5], 3));
    assert_eq!((many.heavy.len(), many.published.len()), (0, 3), "{:?}", many.refused);
    many.edit(HEAVY, 4, 3, Delta::rows(AxisDelta::delete(0, 1)));
    many.push(list([5], 5));
    assert_eq!(many.heavy.len(), 1);
}
