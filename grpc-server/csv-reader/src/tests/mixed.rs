//! Columns whose values are partly numbers and partly texts that look like numbers: no file is read so without a doubt.

use super::*;
use crate::Preview;

/// A file of a column `Code` with these fields, and of one more.
fn file(fields: &[&str]) -> String {
    let rows: String = fields.iter().map(|field| format!("{field};x\n")).collect();
    format!("Code;Item\n{rows}")
}

fn doubts(fields: &[&str]) -> Vec<String> {
    good(file(fields).as_bytes(), PLAIN).doubts
}

#[test]
fn versions_that_are_numbers_and_texts_are_counted() {
    let table = good(file(&["1.9", "1.8", "1.10.1", "N/A", ""]).as_bytes(), PLAIN);
    assert_eq!(table.kinds[0], ColumnKind::Any);
    assert_eq!((&table.rows[0][0], &table.rows[2][0]), (&Value::Number(1.9), &text("1.10.1")));
    assert_eq!(
        table.doubts,
        [
            "\"Code\" holds 2 numbers and 1 text that looks like one; if all are versions or codes, choose the kind Text for it \
             (--kinds)"
        ]
    );
}

/// Where one text shows that all are codes, they are read as such, which is a doubt, too.
#[test]
fn no_column_of_codes_is_read_without_a_doubt() {
    for fields in [
        &["1.10", "1.9", "1.10.1"][..],
        &["1.9", "1.10.1"],
        &["1", "2", "9007199254740993"],
        &["12345678901234567890", "7"],
        &["7", "007"],
        &["4930123", "+4930123"],
        &["4930123", "+49 30 123"],
        &["12", "1.234,5"],
        &["12", "1,234.5"],
        &["1.5", "1,5"],
        &["10", "10.0.0.1"],
        &["1", "2-3", "some"],
    ] {
        let doubts = doubts(fields);
        let names = |doubt: &String| doubt.contains("\"Code\"") && doubt.contains("--kinds");
        assert!(doubts.iter().any(names), "{fields:?}: {doubts:?}");
    }
}

#[test]
fn values_behind_the_first_rows_are_counted_too() {
    let late = [&[""; 1_000][..], &["1.9", "1.10.1"]].concat();
    let doubts = read_in(file(&late).as_bytes(), usize::MAX, PLAIN).expect("good").doubts;
    assert!(doubts[0].starts_with("\"Code\" holds 1 number and 1 text"), "{doubts:?}");
}

#[test]
fn notes_and_columns_of_one_sort_are_in_no_doubt() {
    for fields in [
        &["call back", "10", "555-1234", "later"][..],
        &["x", "10", "y"],
        &["1.10.1", "1.2.3.4"],
        &["1.9", "1.8"],
        &["2024-05-01", "5", "10.0.0.1"],
    ] {
        assert_eq!(doubts(fields), [""; 0], "{fields:?}");
    }
}

/// The quotes of its name mark a column of texts that has other values, too.
#[test]
fn an_own_export_is_in_no_doubt() {
    let own = good(b"\"Code\",n\n7,1\n007,2\n", PLAIN);
    assert_eq!((own.kinds[0], &own.doubts[..]), (ColumnKind::Any, &[][..]));
    let other = good(b"Code,n\n7,1\n007,2\n", PLAIN);
    assert_eq!((other.kinds[0], other.doubts.len()), (ColumnKind::Text, 1));
}

#[test]
fn a_preview_of_the_begin_counts_what_it_reads() {
    let file = file(&["1.9", "1.10.1", "2.1.1"]);
    let cut = file.strip_suffix("2.1.1;x\n").expect("ends so");
    for (begin, is_cut) in [(&*file, false), (cut, true)] {
        let doubts = Preview::of(&PLAIN, &[], begin.as_bytes(), is_cut).expect("good").doubts;
        assert_eq!(doubts.len(), 1, "{doubts:?}");
        assert!(doubts[0].starts_with("\"Code\" holds 1 number and "), "{doubts:?}");
    }
}

#[test]
fn a_chosen_kind_is_no_doubt() {
    for kind in [ColumnKind::Any, ColumnKind::Text] {
        let mut rows = Vec::new();
        let mut import = CsvImport::new(PLAIN).with_kinds(vec![Some(kind)]);
        import.push(file(&["1.9", "1.10.1"]).as_bytes(), &mut rows).expect("good");
        import.finish(&mut rows).expect("good");
        assert_eq!(import.doubts(), [""; 0], "{kind:?}");
    }
}
