//! What the server refuses, and what a fresh start discards, is listed with the values that the person saw.
//!
//! Invariant: this holds for every reason of a refusal.

use gridloom::{rpc, v1};
use ot_engine::Value;

use super::super::{
    DISCARDED_BYTES_MAX, DISCARDED_CELLS_MAX, Event, LiveOptions, LiveSheet, UnsavedCell,
};
use super::fake_server::frame;
use super::world::World;

/// The last code of google.rpc.Code.
const LAST_CODE: i32 = 16;

fn open() -> World {
    let mut world = World::new(1, 6, 3);
    world.connect(0);
    world.settle();
    world
}

fn set(live: &mut LiveSheet, row: u32, col: u32, value: &str) -> u64 {
    live.set_cells(row, col, 1, vec![value.into()]).expect("fits").0
}

/// The discarded cells after a frame.
fn discarded(live: &mut LiveSheet, sent: v1::server_frame::Frame) -> Vec<(u32, u32, Value)> {
    let events = live.on_frame(frame(sent)).expect("the server keeps the protocol");
    let cells = events.into_iter().filter_map(|event| match event {
        Event::Discarded { cells, left_out: 0 } => Some(cells.to_vec()),
        _ => None,
    });
    let cells = cells.flatten();
    cells.map(|UnsavedCell { row, col, value }| (row, col, value)).collect()
}

fn rejected(sequence: u64, code: i32) -> v1::server_frame::Frame {
    let status = Some(rpc::Status { code, message: "no".to_owned(), ..rpc::Status::default() });
    v1::server_frame::Frame::Rejected(v1::Rejected { sequence, status })
}

#[test]
fn a_refusal_for_any_reason_lists_what_was_typed() {
    for code in 0..=LAST_CODE {
        let mut world = open();
        let live = world.live(0);
        let first = set(live, 1, 2, "typed");
        drop(live.outgoing());
        set(live, 4, 0, "later");
        assert_eq!(discarded(live, rejected(first, code)), [(1, 2, "typed".into())], "code {code}");
        assert_eq!(discarded(live, rejected(first, code)), [], "a repeated refusal, code {code}");
    }
}

#[test]
fn an_edit_that_a_later_one_has_replaced_is_not_listed() {
    let mut world = open();
    let live = world.live(0);
    let first = set(live, 1, 1, "first");
    drop(live.outgoing());
    set(live, 1, 1, "second");
    set(live, 2, 2, "beside");
    assert_eq!(discarded(live, rejected(first, 7)), []);
}

#[test]
fn the_edits_before_an_answer_whose_refusals_were_lost_are_listed() {
    let mut world = open();
    let live = world.live(0);
    set(live, 0, 0, "refused");
    drop(live.outgoing());
    let second = set(live, 1, 0, "saved");
    drop(live.outgoing());
    set(live, 2, 0, "waits");
    let accepted = v1::Accepted { sequence: second, revision: 1, ..v1::Accepted::default() };
    let lost = discarded(live, v1::server_frame::Frame::Accepted(accepted));
    assert_eq!(lost, [(0, 0, "refused".into())]);
}

#[test]
fn what_was_typed_into_lines_that_are_refused_is_listed() {
    let mut world = open();
    let live = world.live(0);
    let rows = live.insert_rows(1, 2).expect("fits").0;
    drop(live.outgoing());
    set(live, 2, 0, "into a new row");
    set(live, 4, 1, "into a row that stays");
    set(live, 0, 1, "above");
    assert_eq!(discarded(live, rejected(rows, 3)), [(2, 0, "into a new row".into())]);
    assert_eq!(live.pending(), 1, "the others are still sent");
}

#[test]
fn what_a_fresh_start_discards_is_listed_once() {
    let mut world = World::new(2, 6, 3);
    world.connect(0);
    world.connect(1);
    world.settle();
    world.disconnect(0);
    set(world.live(0), 0, 0, "lost");
    world.live(0).insert_rows(0, 1).expect("fits");
    set(world.live(0), 3, 1, "lost, too");
    set(world.live(1), 5, 2, "theirs");
    world.settle();
    world.prune();
    world.connect(0);
    let lost = world.settle_events(0).into_iter().filter_map(|event| match event {
        Event::Discarded { cells, left_out: 0 } => Some(cells.to_vec()),
        _ => None,
    });
    let cell = |row, col, value: &str| UnsavedCell { row, col, value: value.into() };
    assert_eq!(lost.collect::<Vec<_>>(), [[cell(1, 0, "lost"), cell(3, 1, "lost, too")]]);
}

#[test]
fn a_text_that_was_edited_is_listed_whole() {
    let mut world = open();
    set(world.live(0), 0, 0, "old words");
    world.settle();
    let live = world.live(0);
    let typed = live.type_text(0, 0, "old words", "old and new words").expect("fits");
    drop(live.outgoing());
    let lost = discarded(live, rejected(typed.expect("an edit").0, 5));
    assert_eq!(lost, [(0, 0, "old and new words".into())]);
}

#[test]
fn what_an_earlier_edit_and_a_later_one_keep_is_not_listed() {
    let mut world = open();
    let live = world.live(0);
    set(live, 0, 0, "before");
    drop(live.outgoing());
    let second = set(live, 1, 0, "refused");
    drop(live.outgoing());
    live.insert_rows(0, 2).expect("fits");
    set(live, 0, 1, "after");
    assert_eq!(discarded(live, rejected(second, 7)), [(3, 0, "refused".into())]);
    assert_eq!((live.pending(), live.discarded_cells()), (3, 1));
}

#[test]
fn each_refused_row_lists_what_was_typed_into_it_alone() {
    let mut world = open();
    let live = world.live(0);
    let mut rows = Vec::new();
    for row in 0..20 {
        rows.push(live.insert_rows(row, 1).expect("fits").0);
        set(live, row, 0, &format!("in row {row}"));
    }
    for (row, sequence) in rows.into_iter().enumerate() {
        drop(live.outgoing());
        // The cell was typed after the row was made, and the rows before are gone.
        assert_eq!(
            discarded(live, rejected(sequence, 7)),
            [(0, 0, format!("in row {row}").as_str().into())]
        );
        // Nothing is left of the edit of the cell; the server accepts that.
        drop(live.outgoing());
        let accepted =
            v1::Accepted { sequence: sequence + 1, revision: sequence, ..v1::Accepted::default() };
        assert_eq!(discarded(live, v1::server_frame::Frame::Accepted(accepted)), []);
    }
    assert_eq!((live.pending(), live.discarded_cells()), (0, 20));
}

#[test]
fn lost_cells_that_do_not_fit_an_event_are_counted() {
    let mut live = LiveSheet::new("sheet", LiveOptions::default());
    let cell = |row, value| UnsavedCell { row, col: 0, value };
    let listed = |event: Option<Event>| match event {
        Some(Event::Discarded { cells, left_out }) => (cells.len(), left_out),
        _ => (0, 0),
    };
    assert_eq!(listed(live.discard_cells(Vec::new())), (0, 0));
    let many = 0..DISCARDED_CELLS_MAX as u32 + 5;
    let many = many.map(|row| cell(row, Value::Bool(true))).collect();
    assert_eq!(listed(live.discard_cells(many)), (DISCARDED_CELLS_MAX, 5));
    let long = Value::Text("x".repeat(DISCARDED_BYTES_MAX / 4).into());
    let large = (0..6).map(|row| cell(row, long.clone())).collect();
    assert_eq!(listed(live.discard_cells(large)), (3, 3));
    assert_eq!(live.discarded_cells(), DISCARDED_CELLS_MAX as u64 + 11);
}
