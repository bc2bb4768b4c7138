//! Rows of a view keep their ids while lines move, and own new lines have theirs when the server has accepted them.

use ot_engine::{
    AxisDelta, Block, ClientId, Column, Delta, FirstIds, Inserted, Limits, LineId, Replica,
    Revision, RowId, Run, Value,
};

/// A replica of three loaded rows with the ids 11, 12 and 13, and one column.
fn replica() -> Replica {
    let columns = vec![Column::default()];
    let mut replica = Replica::new(ClientId(1), Revision(0), 3, columns, Limits::DEFAULT);
    let rows = vec![vec![Value::Number(1.0)]; 3];
    replica.load(&Block { row: 0, cols: 0..1, rows, ids: [11, 12, 13].map(RowId).to_vec() });
    replica
}

/// The ids of all rows of the view; 0 for a row without one.
fn ids(replica: &Replica) -> Vec<u64> {
    let view = replica.view();
    (0..view.size().rows).map(|row| view.row_id(row).map_or(0, |id| id.0)).collect()
}

/// Inserts lines with ids, as another client's change has them.
fn insert(at: u32, count: u32, first: u64) -> AxisDelta {
    AxisDelta::from_runs([Run::Keep(at), Run::Insert { count, first: Some(LineId(first)) }])
}

#[test]
fn ids_move_with_their_rows() {
    let mut replica = replica();
    replica.edit(Delta::rows(AxisDelta::move_lines(2, 1, 0))).expect("fits");
    assert_eq!(ids(&replica), [13, 11, 12]);
    let change = Delta::rows(insert(1, 2, 20));
    replica.receive(Revision(1), &change).expect("in order");
    assert_eq!(ids(&replica), [13, 11, 20, 21, 12]);
    assert_eq!(replica.view().row_of(RowId(21)), Some(3));
    assert_eq!(replica.view().row_of(RowId(99)), None);
}

#[test]
fn own_new_lines_have_ids_once_they_are_accepted() {
    let mut replica = replica();
    let lines = |at| AxisDelta::insert(at, 1);
    let both = Delta { rows: lines(1), cols: lines(0), ..Delta::identity() };
    let sequence = replica.edit(both).expect("fits");
    replica.edit(Delta::rows(AxisDelta::insert(0, 1))).expect("fits");
    assert_eq!(ids(&replica), [0, 11, 0, 12, 13]);
    replica.outgoing().expect("an edit to send");
    let named = FirstIds { row: Some(30), col: Some(5) };
    replica.accepted_with(sequence, Revision(1), named).expect("is in flight");
    assert_eq!(ids(&replica), [0, 11, 30, 12, 13], "the later one waits for its answer");
    assert_eq!(replica.view().columns()[0].id.map(|id| id.0), Some(5));
    replica.check_invariants();
}

#[test]
fn restored_rows_have_no_id_until_they_are_loaded() {
    let mut replica = replica();
    let change = Delta::rows(insert(3, 1, 14));
    replica.receive_with(Revision(1), &change, Inserted::Restored).expect("in order");
    assert_eq!(ids(&replica), [11, 12, 13, 0]);
    let rows = vec![vec![Value::Empty]];
    replica.load(&Block { row: 3, cols: 0..1, rows, ids: vec![RowId(14)] });
    assert_eq!(ids(&replica), [11, 12, 13, 14]);
}
