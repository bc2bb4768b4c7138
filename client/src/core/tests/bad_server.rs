//! A server that violates the protocol causes an error, never a panic.
//!
//! Invariant: after an error the next connection starts fresh.

use gridloom::convert::encode_change;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use ot_engine::{AxisDelta, Delta, Revision, Run};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;

use super::super::{LiveOptions, LiveSheet, Looking, ProtocolError};
use super::fake_server::{frame, welcome};

fn open() -> LiveSheet {
    let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
    let mut live = LiveSheet::new("sheet", options);
    drop(live.hello());
    live.on_frame(frame(Frame::Welcome(welcome()))).expect("a welcome");
    drop(live.outgoing());
    live
}

fn change(revision: u64, delta: &Delta) -> Frame {
    let changes = vec![encode_change(
        &super::fake_server::head(Revision(revision)),
        delta,
        Default::default(),
    )];
    Frame::Changes(v1::Changes { changes, through: 0 })
}

fn broken(sent: Frame) -> ProtocolError {
    let mut live = open();
    let error = live.on_frame(frame(sent)).expect_err("out of order");
    assert!(!live.is_open(), "the connection is closed");
    assert_eq!(live.hello().resume, None, "the next one starts fresh");
    error
}

#[test]
fn a_repeated_revision_is_an_error() {
    let error = broken(change(0, &Delta::identity()));
    assert!(matches!(error, ProtocolError::Order(_)), "{error}");
}

#[test]
fn a_change_beyond_the_sheet_is_an_error() {
    let error = broken(change(1, &Delta::rows(AxisDelta::delete(2, 5))));
    assert!(matches!(error, ProtocolError::Unfit(_)), "{error}");
    let error = broken(change(1, &Delta::set_cell(9, 0, true)));
    assert!(matches!(error, ProtocolError::Unfit(_)), "{error}");
}

#[test]
fn an_answer_to_nothing_is_an_error() {
    let accepted = v1::Accepted { sequence: 9, revision: 1, ..Default::default() };
    assert!(matches!(broken(Frame::Accepted(accepted)), ProtocolError::Order(_)));
    let rejected = v1::Rejected { sequence: 9, status: None };
    assert!(matches!(broken(Frame::Rejected(rejected)), ProtocolError::Order(_)));
}

#[test]
fn cells_beyond_the_sheet_are_an_error() {
    let rows = vec![v1::RowCells::default(); 9];
    let cells = v1::WindowCells { column_count: 1, rows, ..v1::WindowCells::default() };
    assert!(matches!(broken(Frame::Window(cells)), ProtocolError::Malformed(_)));
}

#[test]
fn a_second_welcome_is_an_error() {
    assert!(matches!(broken(Frame::Welcome(welcome())), ProtocolError::OutOfPlace(_)));
}

#[test]
fn a_frame_before_welcome_is_an_error() {
    let mut live = LiveSheet::new("sheet", LiveOptions::default());
    drop(live.hello());
    let error = live.on_frame(frame(Frame::Committed(v1::Committed { revision: 1 })));
    assert!(matches!(error, Err(ProtocolError::OutOfPlace(_))));
}

/// Any frame, with small numbers so that it is often nearly valid.
fn any_frame() -> impl Strategy<Value = Frame> {
    let small = || 0..4_u32;
    let run = prop_oneof![
        small().prop_map(Run::Keep),
        small().prop_map(Run::Delete),
        (small(), small()).prop_map(|(slot, count)| Run::Lift { slot, count }),
        (small(), prop::option::of(any::<u64>()))
            .prop_map(|(count, first)| Run::Insert { count, first: first.map(ot_engine::LineId) }),
        small().prop_map(|slot| Run::Drop { slot }),
    ];
    let axis = vec(run, 0..4).prop_map(AxisDelta::from_runs);
    let delta = (axis.clone(), axis, small(), small()).prop_map(|(rows, cols, row, col)| {
        let cells = Delta::set_cell(row, col, true).cells;
        Delta { rows, cols, cells, columns: Vec::new() }
    });
    let cells = (0..3_u64, small(), small(), small(), 0..4_usize, any::<bool>());
    prop_oneof![
        (0..4_u64, delta).prop_map(|(revision, delta)| change(revision, &delta)),
        cells.prop_map(|(revision, start_row, start_col, column_count, rows, last)| {
            let row = v1::RowCells { row_id: 0, values: vec![v1::Value::default(); rows] };
            let rows = vec![row; rows];
            Frame::Window(v1::WindowCells {
                revision,
                start_row,
                start_col,
                column_count,
                rows,
                last,
            })
        }),
        (0..4_u64, 0..4_u64).prop_map(|(sequence, revision)| {
            Frame::Accepted(v1::Accepted { sequence, revision, ..Default::default() })
        }),
        (0..4_u64)
            .prop_map(|sequence| { Frame::Rejected(v1::Rejected { sequence, status: None }) }),
        (0..5_i32).prop_map(|reason| Frame::Resync(v1::Resync { reason })),
        (any::<bool>(), small(), 0..3_u64).prop_map(|(resumed, row_count, revision)| {
            Frame::Welcome(v1::Welcome { resumed, row_count, revision, ..welcome() })
        }),
        (0..3_u64).prop_map(|nonce| Frame::Pong(v1::Pong { nonce })),
        any::<(bool, bool)>().prop_map(|(sharing, comments)| {
            Frame::Sheet(v1::SheetChange { name: "Stock".to_owned(), sharing, comments })
        }),
    ]
}

proptest! {
    #[test]
    fn no_frame_makes_it_panic(frames in vec((any_frame(), any::<bool>()), 0..30)) {
        let mut live = open();
        for (sent, edits) in frames {
            if edits {
                drop(live.set_cells(0, 0, 1, vec![true.into()]));
                drop(live.move_rows(0, 1, 2));
                drop(live.insert_rows(1, 1));
            }
            drop(live.outgoing());
            if live.on_frame(frame(sent)).is_err() {
                drop(live.hello());
                drop(live.on_frame(frame(Frame::Welcome(welcome()))));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..60)) {
        let mut live = open();
        if let Ok(decoded) = v1::ServerFrame::decode(bytes.as_slice()) {
            drop(live.on_frame(decoded));
        }
        let changes = vec![bytes.into()];
        drop(live.on_frame(frame(Frame::Changes(v1::Changes { changes, through: 0 }))));
    }
}
