//! Every engine type survives the wire, a rectangle stays one block, and a malformed field is refused by its
//! path.
//!
//! Invariant: each conversion has a property or an example.

use std::sync::Arc;

use ot_engine::{
    AxisDelta, CellEdit, ClientId, Column, ColumnEdit, ColumnId, ColumnKind, Delta, LineId,
    Revision, Run, Value, Window,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use prost::Message;

use super::*;
use crate::v1;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Bool),
        (-1e300..1e300).prop_map(Value::Number),
        ".{0,6}".prop_map(|text| Value::Text(text.into())),
        any::<i64>().prop_map(Value::Instant),
        any::<i32>().prop_map(Value::Date),
        any::<i64>().prop_map(Value::LocalDateTime),
    ]
}

fn kind() -> impl Strategy<Value = ColumnKind> {
    prop::sample::select(vec![
        ColumnKind::Any,
        ColumnKind::Bool,
        ColumnKind::Number,
        ColumnKind::Text,
        ColumnKind::Instant,
        ColumnKind::Date,
        ColumnKind::LocalDateTime,
        ColumnKind::Choice,
        ColumnKind::Choices,
        ColumnKind::Link,
        ColumnKind::Email,
    ])
}

fn run() -> impl Strategy<Value = Run> {
    prop_oneof![
        (1..9_u32).prop_map(Run::Keep),
        (1..9_u32).prop_map(Run::Delete),
        (0..3_u32, 1..9_u32).prop_map(|(slot, count)| Run::Lift { slot, count }),
        (1..9_u32, prop::option::of(0..99_u64))
            .prop_map(|(count, first)| Run::Insert { count, first: first.map(LineId) }),
        (0..3_u32).prop_map(|slot| Run::Drop { slot }),
    ]
}

fn axis() -> impl Strategy<Value = AxisDelta> {
    vec(run(), 0..6).prop_map(AxisDelta::from_runs)
}

fn settings() -> impl Strategy<Value = Arc<str>> {
    let texts = [
        "",
        "option a\noption b, c\nlocale de\nrefuse",
        "decimals 2\nthousands\npercent",
        "currency EUR",
    ];
    prop::sample::select(texts.to_vec()).prop_map(Into::into)
}

type Attributes = (Option<String>, Option<ColumnKind>, Option<u32>, Option<Arc<str>>);

fn attributes() -> impl Strategy<Value = Attributes> {
    let name = prop::option::of(".{0,5}");
    let one = (
        name,
        prop::option::of(kind()),
        prop::option::of(0..500_u32),
        prop::option::of(settings()),
    );
    one.prop_filter("edits nothing", |edit| *edit != (None, None, None, None))
}

/// Small positions, so that neighbours and rectangles are common.
fn delta() -> impl Strategy<Value = Delta> {
    let cells = btree_map((0..5_u32, 0..5_u32), value(), 0..25);
    let columns = btree_map(0..6_u32, attributes(), 0..3);
    (axis(), axis(), cells, columns).prop_map(|(rows, cols, cells, columns)| Delta {
        rows,
        cols,
        cells: cells.into_iter().map(|((row, col), v)| CellEdit::set(row, col, v)).collect(),
        columns: columns
            .into_iter()
            .map(|(col, (name, kind, width, settings))| ColumnEdit {
                col,
                name: name.map(Into::into),
                kind,
                width,
                settings,
            })
            .collect(),
    })
}

proptest! {
    #[test]
    fn a_delta_survives_the_wire(delta in delta()) {
        let wire = delta_to_wire(&delta);
        prop_assert!(prost::Message::encoded_len(&wire) <= delta.weight().bytes);
        prop_assert_eq!(delta_from_wire(wire), Ok(delta));
    }

    #[test]
    fn a_change_survives_the_wire(
        delta in delta(), revision: u64, time_micros: i64, origin in 1..=4, target: u64,
    ) {
        let head = ChangeHead {
            revision: Revision(revision),
            author: "ada".to_owned(),
            time_micros,
            origin: v1::ChangeOrigin::try_from(origin).expect("a known origin"),
            target: Revision(target),
        };
        let encoded = encode_change(&head, &delta, Conflicts::default());
        prop_assert_eq!(decode_change(encoded), Ok(Change { head, delta, conflicts: Conflicts::default() }));
    }

    #[test]
    fn a_rectangle_is_one_block(
        row in 0..1000_u32, col in 0..1000_u32, width in 1..9_u32, height in 1..9_u32,
    ) {
        let rows = (row..row + height).flat_map(|r| (col..col + width).map(move |c| (r, c)));
        let delta = Delta::set_cells(rows.map(|(r, c)| (r, c, Value::from(f64::from(r)))));
        let wire = delta_to_wire(&delta);
        prop_assert_eq!(wire.cells.len(), 1);
        prop_assert_eq!((wire.cells[0].row, wire.cells[0].col, wire.cells[0].width), (row, col, width));
    }

    #[test]
    fn arbitrary_blocks_never_panic(
        blocks in vec((any::<u32>(), any::<u32>(), any::<u32>(), 0..9_usize), 0..4),
    ) {
        let block = |(row, col, width, count)| v1::CellBlock {
            row, col, width, values: vec![v1::Value::default(); count],
        };
        let cells = blocks.into_iter().map(block).collect();
        if let Ok(delta) = delta_from_wire(v1::Delta { cells, ..v1::Delta::default() }) {
            delta.check_invariants();
        }
    }

    #[test]
    fn a_column_survives_the_wire(
        id in prop::option::of(any::<u64>()), name: String, kind in kind(), width in 0..500_u32,
        settings in settings(),
    ) {
        let width = (width > 0).then_some(width);
        let column = Column { id: id.map(ColumnId), name: name.into(), kind, width, settings };
        prop_assert_eq!(column_from_wire(column_to_wire(&column)), Ok(column));
    }

    #[test]
    fn a_kind_that_a_later_server_sends_is_any_kind(kind in 12..99_i32) {
        let column = column_from_wire(v1::Column { kind, ..v1::Column::default() });
        prop_assert_eq!(column.map(|column| column.kind), Ok(ColumnKind::Any));
        let columns = vec![v1::ColumnEdit { kind, ..v1::ColumnEdit::default() }];
        let delta = Some(v1::Delta { columns, ..v1::Delta::default() });
        let change = v1::Change { delta, ..v1::Change::default() };
        let received = decode_change(change.encode_to_vec().into()).expect("a change");
        prop_assert_eq!(received.delta.columns[0].kind, Some(ColumnKind::Any));
        prop_assert!(kind_from_wire(kind).is_err(), "a client that sends it is refused");
    }

    #[test]
    fn settings_that_a_later_server_sends_are_passed_over(decimals in 21..999_u32, thousands: bool) {
        let locale = "klingon".to_owned();
        let settings =
            v1::ColumnSettings { decimals: Some(decimals), thousands, locale, ..Default::default() };
        let known: Arc<str> = if thousands { "thousands".into() } else { "".into() };
        let sent = v1::Column { settings: Some(settings.clone()), ..v1::Column::default() };
        prop_assert_eq!(column_from_wire(sent).map(|column| column.settings), Ok(known.clone()));
        let edit = v1::ColumnEdit { settings: Some(settings.clone()), ..v1::ColumnEdit::default() };
        let delta = Some(v1::Delta { columns: vec![edit], ..v1::Delta::default() });
        let change = v1::Change { delta, ..v1::Change::default() };
        let received = decode_change(change.encode_to_vec().into()).expect("a change");
        prop_assert_eq!(&received.delta.columns[0].settings, &Some(known));
        prop_assert!(settings_from_wire(&settings).is_err(), "a client that sends them is refused");
    }

    #[test]
    fn a_client_id_survives_the_wire(id: u128) {
        prop_assert_eq!(client_id_from_wire(&client_id_to_wire(ClientId(id))), Ok(ClientId(id)));
    }

    #[test]
    fn a_window_survives_the_wire(a: u32, b: u32, c: u32, d: u32) {
        let window = Window { rows: a.min(b)..a.max(b), cols: c.min(d)..c.max(d) };
        prop_assert_eq!(window_from_wire(window_to_wire(&window)), window);
    }
}

#[test]
fn two_rectangles_side_by_side_are_two_blocks() {
    let cells = (0..100).flat_map(|row| [0, 1, 4, 5, 6].map(|col| (row, col, Value::Bool(true))));
    let blocks = delta_to_wire(&Delta::set_cells(cells)).cells;
    let shapes: Vec<_> = blocks.iter().map(|b| (b.row, b.col, b.width, b.values.len())).collect();
    assert_eq!(shapes, [(0, 0, 2, 200), (0, 4, 3, 300)]);
}

/// The path and rule with which a delta is refused.
fn refusal(delta: v1::Delta) -> (String, String) {
    let error = delta_from_wire(delta).expect_err("malformed").within("delta");
    (error.field, error.rule)
}

fn block(row: u32, col: u32, width: u32, values: Vec<v1::Value>) -> v1::CellBlock {
    v1::CellBlock { row, col, width, values }
}

#[test]
fn an_empty_lift_is_named() {
    let lift = v1::run::Run::Lift(v1::run::Lift { slot: 0, count: 0 });
    let runs = [v1::run::Run::Keep(3), lift].map(|run| v1::Run { run: Some(run) });
    let (field, rule) = refusal(v1::Delta { rows: runs.into(), ..v1::Delta::default() });
    assert_eq!((field.as_str(), rule.as_str()), ("delta.rows[1].lift.count", "must be at least 1"));
}

#[test]
fn a_run_without_a_kind_is_named() {
    let cols = vec![v1::Run { run: None }];
    let (field, _) = refusal(v1::Delta { cols, ..v1::Delta::default() });
    assert_eq!(field, "delta.cols[0]");
}

#[test]
fn a_number_that_is_not_finite_is_named() {
    let nan = v1::Value { kind: Some(v1::value::Kind::Number(f64::NAN)) };
    let good = block(0, 0, 1, vec![v1::Value::default()]);
    let cells = vec![good, block(1, 0, 2, vec![v1::Value::default(), nan])];
    let (field, rule) = refusal(v1::Delta { cells, ..v1::Delta::default() });
    assert_eq!(
        (field.as_str(), rule.as_str()),
        ("delta.cells[1].values[1].number", "must be finite")
    );
}

#[test]
fn a_block_that_is_not_a_rectangle_is_named() {
    let cells = vec![block(0, 0, 2, vec![v1::Value::default(); 3])];
    let (field, _) = refusal(v1::Delta { cells, ..v1::Delta::default() });
    assert_eq!(field, "delta.cells[0].values");
}

#[test]
fn two_edits_of_one_text_are_named() {
    let insert = v1::TextRun { run: Some(v1::text_run::Run::Insert("x".to_owned())) };
    let edit = || v1::TextEdit { row: 1, col: 2, runs: vec![insert.clone()] };
    let texts = vec![edit(), edit()];
    let (field, rule) = refusal(v1::Delta { texts, ..v1::Delta::default() });
    assert_eq!(field, "delta.texts");
    assert_eq!(rule, "must not overlap: row 1, column 2 has two contents");
}

#[test]
fn overlapping_blocks_are_named() {
    let four = || vec![v1::Value::default(); 4];
    let cells = vec![block(0, 0, 2, four()), block(1, 1, 2, four())];
    let (field, rule) = refusal(v1::Delta { cells, ..v1::Delta::default() });
    assert_eq!(field, "delta.cells");
    assert!(rule.contains("row 1, column 1"), "{rule}");
}

#[test]
fn a_column_edited_twice_is_named() {
    let edit = |width| v1::ColumnEdit { col: 2, width: Some(width), ..v1::ColumnEdit::default() };
    let columns = vec![edit(1), edit(2)];
    let (field, _) = refusal(v1::Delta { columns, ..v1::Delta::default() });
    assert_eq!(field, "delta.columns");
}

#[test]
fn a_client_id_is_a_uuid() {
    let text = "01234567-89ab-cdef-0123-456789abcdef";
    let id = client_id_from_wire(text).expect("a UUID");
    assert_eq!(id, ClientId(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef));
    assert_eq!(client_id_to_wire(id), text);
    for bad in ["", "0123", "01234567-89ab-cdef-0123-456789abcdeg", &"0".repeat(33)] {
        assert_eq!(client_id_from_wire(bad).expect_err("no UUID").field, "client_id");
    }
}

#[test]
fn zero_has_no_sign() {
    for number in [0.0, -0.0] {
        let wire = v1::Value { kind: Some(v1::value::Kind::Number(number)) };
        for value in [value_from_wire(wire).expect("finite"), Value::Number(number).normalized()] {
            let Value::Number(held) = value else { panic!("{value:?} is no number") };
            assert_eq!(held.to_bits(), 0.0_f64.to_bits());
        }
    }
}
