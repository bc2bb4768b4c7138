//! Waiting cell edits are joined while they are small.
//!
//! Invariant: no edit gets too large for a message while it waits.

use ot_engine::codec::encoded_len;
use ot_engine::{ClientId, ClientSession, Column, Delta, Limits, Replica, Revision};
use proptest::prelude::*;

#[path = "support/generate.rs"]
mod generate;

/// Half of the smallest message limit of a server: an edit may take twice as many bytes on the wire.
const SMALL_BYTES: usize = 8 << 10;

proptest! {
    #![proptest_config(generate::config(200))]

    #[test]
    fn a_waiting_edit_stays_small_or_unchanged(
        lengths in prop::collection::vec(prop_oneof![0..40_usize, 1_000..60_000_usize], 1..60),
    ) {
        let mut session = ClientSession::new(ClientId(1), Revision(0));
        let mut made = Vec::new();
        for (row, length) in (0..).zip(&lengths) {
            let delta = Delta::set_cell(row, 0, "x".repeat(*length).as_str());
            made.push(encoded_len(&delta));
            session.edit(delta);
        }
        let largest = made.iter().copied().max().unwrap_or_default();
        for (_, pending) in session.pending() {
            prop_assert!(encoded_len(pending) <= largest.max(SMALL_BYTES));
        }
        let cells: usize = session.pending().map(|(_, pending)| pending.cells.len()).sum();
        prop_assert_eq!(cells, lengths.len());
    }
}

#[test]
fn typed_edits_are_joined() {
    let mut session = ClientSession::new(ClientId(1), Revision(0));
    for row in 0..50 {
        session.edit(Delta::set_cell(row, 0, "typed"));
    }
    assert_eq!(session.pending().count(), 1);
}

#[test]
fn an_edit_that_begins_apart_is_not_joined() {
    let mut session = ClientSession::new(ClientId(1), Revision(0));
    for row in 0..6 {
        if row % 2 == 0 {
            session.begin_apart();
        }
        session.edit(Delta::set_cell(row, 0, "typed"));
    }
    assert_eq!(session.pending().count(), 3);
}

#[test]
fn a_joined_edit_has_no_more_cells_than_the_server_takes() {
    let limits = Limits { max_cells: 3, ..Limits::DEFAULT };
    let columns = vec![Column::default()];
    let mut replica = Replica::new(ClientId(1), Revision(0), 9, columns, limits);
    for row in [0, 2, 4] {
        let cells = [(row, 0, "a".into()), (row + 1, 0, "b".into())];
        replica.edit(Delta::set_cells(cells)).expect("fits");
    }
    let cells = replica.session().pending().map(|(_, edit)| edit.cells.len());
    assert_eq!(cells.collect::<Vec<_>>(), [2, 2, 2]);
    replica.edit(Delta::set_cell(6, 0, "c")).expect("fits");
    assert_eq!(replica.pending(), 3, "a smaller one still joins");
}
