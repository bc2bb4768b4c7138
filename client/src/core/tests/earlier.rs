//! Servers of other releases: values that an earlier one does not know, and kinds of a later one.

use gridloom::convert::delta_from_wire;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use ot_engine::{ColumnEdit, ColumnKind, Delta, Value};

use super::super::{EditError, LiveOptions, LiveSheet, Looking};
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

/// The deltas of the edits that are sent now.
fn sent(live: &mut LiveSheet) -> Vec<Delta> {
    let delta = |frame: v1::ClientFrame| {
        let Some(v1::client_frame::Frame::Edit(edit)) = frame.frame else { return None };
        let Some(v1::edit::Change::Delta(delta)) = edit.change else { return None };
        Some(delta_from_wire(delta).expect("well formed"))
    };
    live.outgoing().into_iter().filter_map(delta).collect()
}

#[test]
fn pending_days_are_text_for_an_earlier_server_that_resumes_the_session() {
    let later = v1::Limits { calendar_values: true, ..v1::Limits::default() };
    let mut live = open(later, 0);
    live.set_cell(0, 0, Value::Date(1)).expect("fits");
    let day = Delta::set_cell(0, 0, Value::Date(1));
    assert_eq!(sent(&mut live), [day]);
    live.set_cell(1, 0, Value::LocalDateTime(0)).expect("fits");
    let due = ColumnEdit {
        col: 0,
        name: Some("Due".into()),
        kind: Some(ColumnKind::Date),
        ..ColumnEdit::default()
    };
    live.update_column(due).expect("fits");
    let saved = live.save().expect("edits wait");

    let mut live = LiveSheet::restore(&saved, LiveOptions::default()).expect("its own");
    drop(live.hello());
    let limits = Some(v1::Limits::default().into());
    let welcome = v1::Welcome { limits, resumed: true, ..welcome() };
    live.on_frame(frame(Frame::Welcome(welcome))).expect("a welcome");
    let named = ColumnEdit { col: 0, name: Some("Due".into()), ..ColumnEdit::default() };
    let wanted = [
        Delta::set_cell(0, 0, Value::from("1970-01-02")),
        Delta::set_cell(1, 0, Value::from("1970-01-01 00:00:00")),
        Delta::update_column(named),
    ];
    assert_eq!(sent(&mut live), wanted);
    assert_eq!(live.unsaved_cells()[0].value, Value::from("1970-01-02"));
}

#[test]
fn a_kind_that_an_earlier_server_does_not_know_is_refused() {
    let mut live = open(v1::Limits::default(), 0);
    let of = |kind| ColumnEdit { kind: Some(kind), ..ColumnEdit::default() };
    for kind in [ColumnKind::Date, ColumnKind::LocalDateTime, ColumnKind::Choice, ColumnKind::Link]
    {
        assert_eq!(live.update_column(of(kind)), Err(EditError::UnknownKind));
    }
    let settings = ColumnEdit { settings: Some("decimals 2".into()), ..ColumnEdit::default() };
    assert_eq!(live.update_column(settings.clone()), Err(EditError::UnknownKind));
    live.update_column(of(ColumnKind::Instant)).expect("is known");
    assert_eq!(live.pending(), 1);
    let limits =
        v1::Limits { calendar_values: true, column_settings: true, ..v1::Limits::default() };
    open(limits, 0).update_column(settings).expect("is known");
}

#[test]
fn a_column_of_a_kind_that_only_a_later_server_knows_takes_any_value() {
    let live = open(v1::Limits::default(), 77);
    assert_eq!(live.columns()[0].kind, ColumnKind::Any);
}
