//! Tables that are damaged are errors, never panics.

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{kept, written};
use crate::table::Table;
use crate::write::Sizes;

fn sound() -> Vec<u8> {
    let row = |at: u32| vec![Value::from(f64::from(at)), Value::from(&*format!("text {at}"))];
    let rows: Vec<Vec<Value>> = (0..300).map(row).collect();
    let sizes = Sizes { group_rows: 100, page_rows: 16, ..Sizes::default() };
    written(&[ColumnKind::Number, ColumnKind::Any], &rows, sizes)
}

/// Reads all that a table has; errors are as good as rows.
fn look(bytes: Vec<u8>) {
    let Ok(table) = Table::open(kept(bytes)) else { return };
    let columns: Vec<usize> = (0..table.columns().len().min(4)).collect();
    for from in [0, 150, 299] {
        drop(table.rows_at(from, 100, &columns, 1 << 20));
    }
}

#[test]
fn a_table_that_is_cut_is_an_error() {
    let sound = sound();
    for end in (0..sound.len()).step_by(7).chain(sound.len() - 40..sound.len()) {
        let error = Table::open(kept(&sound[..end])).expect_err("an error");
        assert_eq!(error.reason(), "TABLE_DAMAGED", "{end}: {error}");
    }
}

#[test]
fn a_parquet_file_of_another_program_is_no_table() {
    let error = Table::open(kept(b"PAR1\x15\x04PAR1".to_vec())).expect_err("an error");
    assert!(error.to_string().starts_with("the Parquet file is damaged"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn flipped_bytes_are_rows_or_errors(flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4)) {
        let mut bytes = sound();
        for (at, by) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= by;
        }
        look(bytes);
    }

    #[test]
    fn flipped_bytes_of_the_footer_are_rows_or_errors(flips in prop::collection::vec((0..3000_usize, 1..=255_u8), 1..4)) {
        let mut bytes = sound();
        for (back, by) in flips {
            let at = bytes.len().saturating_sub(8 + back);
            bytes[at] ^= by;
        }
        look(bytes);
    }
}
