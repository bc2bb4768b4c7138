//! Rows of any size are complete in the frames that are made of them.
//!
//! Not about which rows are sent. Invariant: no frame is larger than its limit and one cell.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::sample::columns;

/// The largest cell in these tests, in bytes.
const CELL_BYTES: usize = 40_000;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => Just(Value::Empty),
        2 => any::<i32>().prop_map(|number| Value::Number(number.into())),
        2 => "[a-c]{0,9}".prop_map(|text| Value::Text(text.into())),
        1 => (0..CELL_BYTES).prop_map(|bytes| Value::Text("x".repeat(bytes).into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_rows_come_whole_out_of_frames_of_bounded_size(
        rows in vec(vec(value(), 9), 0..9), from in 0..9_u32, until in 0..12_u32,
    ) {
        let columns = columns(9);
        let body = |row: &Vec<Value>| -> RowBody {
            row.iter().zip(&columns).map(|(value, column)| (column.id, value.clone())).collect()
        };
        let bodies = (0..).zip(&rows).map(|(id, row)| (RowId(id), Arc::new(body(row)))).collect();
        let cols = from..until.max(from);
        let mut part = CellsPart::new(Revision(7), 100, &cols, &columns, bodies);
        let width = cols.end.min(9) - cols.start.min(9);
        let mut seen: BTreeMap<(u32, u32), v1::Value> = BTreeMap::new();
        let mut columns_of = vec![0; rows.len()];
        while let Some(frame) = part.next_frame() {
            prop_assert!(frame.encoded_len() <= CELLS_FRAME_BYTES + CELL_BYTES + 64);
            prop_assert!(frame.rows.len() == 1 || frame.column_count == width);
            for (row, at) in frame.rows.into_iter().zip(frame.start_row - 100..) {
                prop_assert_eq!(row.row_id, u64::from(at));
                prop_assert_eq!(frame.start_col, from + columns_of[at as usize], "in order");
                prop_assert!(row.values.len() <= frame.column_count as usize);
                columns_of[at as usize] += frame.column_count;
                seen.extend((frame.start_col..).zip(row.values).map(|(col, v)| ((at, col), v)));
            }
        }
        prop_assert_eq!(columns_of, vec![width; rows.len()], "no column is left out");
        for (at, row) in (0..).zip(&rows) {
            for col in cols.clone().take_while(|col| *col < 9) {
                let sent = seen.get(&(at, col)).cloned().unwrap_or_default();
                prop_assert_eq!(&sent, &convert::value_to_wire(&row[col as usize]));
            }
        }
    }
}
