//! Servers of other releases: values that an earlier one does not know, and kinds of a later one.

use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use ot_engine::{ColumnKind, Value};

use super::super::{LiveOptions, LiveSheet, Looking};
use super::fake_server::{frame, welcome};

/// A sheet of 3 rows at a server with these limits, whose one column is of this kind.
fn open(limits: v1::Limits, kind: i32) -> LiveSheet {
    let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
    let mut live = LiveSheet::new("sheet", options);
    drop(live.hello());
    let columns = vec![v1::Column { kind, ..v1::Column::default() }];
    let welcome = v1::Welcome { limits: Some(limits.into()), columns, ..welcome() };
    live.on_frame(frame(Frame::Welcome(welcome))).expect("a welcome");
    live
}

/// The unsaved value of the cell after this one was set.
fn set(live: &mut LiveSheet, value: Value) -> Value {
    live.set_cell(0, 0, value).expect("fits");
    live.unsaved_cells().pop().expect("the own edit").value.clone()
}

#[test]
fn days_are_text_for_a_server_that_does_not_know_them() {
    let mut earlier = open(v1::Limits::default(), 0);
    assert_eq!(set(&mut earlier, Value::Date(1)), Value::from("1970-01-02"));
    assert_eq!(set(&mut earlier, Value::LocalDateTime(0)), Value::from("1970-01-01 00:00:00"));
    assert_eq!(set(&mut earlier, Value::Instant(0)), Value::Instant(0));
    let limits = v1::Limits { calendar_values: true, ..v1::Limits::default() };
    let mut live = open(limits, 0);
    assert_eq!(set(&mut live, Value::Date(1)), Value::Date(1));
}

#[test]
fn a_column_of_a_kind_that_only_a_later_server_knows_takes_any_value() {
    let live = open(v1::Limits::default(), 77);
    assert_eq!(live.columns()[0].kind, ColumnKind::Any);
}
