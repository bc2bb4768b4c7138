//! Uses a client that was restored from any bytes. The properties and the fuzz targets share it.
//!
//! It draws nothing. Invariant: no call on a restored client panics.

use ot_engine::{
    AxisDelta, Block, ClientSession, Delta, Limits, Replica, Revision, Size, Value, Window,
};

/// Small, so that hostile bytes can't name many lines.
pub(crate) const LIMITS: Limits = Limits { max_rows: 60, max_columns: 20, ..Limits::DEFAULT };

/// Restores a session and a replica, and uses the results.
pub(crate) fn restore_and_use(bytes: &[u8]) {
    if let Ok(session) = ClientSession::restore(bytes, Size::new(5, 3), &LIMITS) {
        session.check_invariants();
        let again = ClientSession::restore(&session.save(), Size::new(5, 3), &LIMITS);
        assert_eq!(again.expect("saved just now").save(), session.save());
    }
    if let Ok(replica) = Replica::restore(bytes, LIMITS) {
        use_replica(replica);
    }
}

/// Calls every method: changes, answers, edits, a new window, values.
fn use_replica(mut replica: Replica) {
    replica.check_invariants();
    for nth in 0..4 {
        // Made in each round, because answers change the size.
        let delta = &changes(replica.confirmed().size())[nth];
        let revision = Revision(replica.revision().0 + 2);
        replica.receive(revision, delta).expect("a later revision");
        replica.check_invariants();
        for delta in changes(replica.view().size()) {
            let _ = replica.edit(delta);
        }
        while replica.outgoing().is_some() {}
        if let Some(sent) = replica.resume().first() {
            replica.rejected(sent.sequence).expect("it is in flight");
            replica.check_invariants();
        }
        if let Some(sent) = replica.resume().first() {
            replica.accepted(sent.sequence, revision.next()).expect("it is in flight");
            replica.check_invariants();
        }
    }
    let _ = replica.to_confirmed(&Window::ALL);
    let cols = replica.confirmed().size().cols.min(3);
    replica.load(&Block {
        row: 0,
        cols: 0..cols,
        rows: vec![vec![Value::Empty]; 4],
        ..Block::default()
    });
    replica.set_window(Window::rows(1..3));
    replica.check_invariants();
    replica.resync(Revision(7), 1, Vec::new());
    replica.check_invariants();
}

/// A few changes, each valid on `size`; the second and the third conflict with most edits.
fn changes(size: Size) -> [Delta; 4] {
    let tail = size.rows.saturating_sub(1);
    let cell = |row, col| match row < size.rows && col < size.cols {
        true => Delta::set_cell(row, col, "other"),
        false => Delta::identity(),
    };
    [
        cell(0, 0),
        Delta::rows(AxisDelta::move_lines(tail, size.rows.min(1), 0)),
        Delta::cols(AxisDelta::delete(0, size.cols.min(1))),
        Delta::rows(AxisDelta::insert(size.rows / 2, 1)),
    ]
}
