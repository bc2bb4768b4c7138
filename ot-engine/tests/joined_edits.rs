//! Waiting cell edits are joined while they are small.
//!
//! Invariant: no edit gets too large for a message while it waits.

use ot_engine::codec::encoded_len;
use ot_engine::{ClientId, ClientSession, Delta, Revision};
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
