//! Workbooks that are written: their values, their limits, and the names of worksheets.

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::out::{any_rows, column, file};
use super::{kept, rows_of, table_of};
use crate::out::Room;
use crate::{Options, OutColumn, RowWriter, SavedFor, SavedFormat, Stop, WriteError, worksheets};

/// What a workbook holds of a value.
fn held(value: &Value) -> Value {
    const DAY: i64 = 86_400_000_000;
    let text = || Value::from(&*values::exact(value));
    let is_counted = |days: i64| days >= -25_508;
    match value {
        Value::Date(days) if !is_counted((*days).into()) => text(),
        Value::LocalDateTime(micros) | Value::Instant(micros) => {
            match is_counted(micros.div_euclid(DAY)) {
                true => Value::LocalDateTime(micros.div_euclid(1000) * 1000),
                false => text(),
            }
        }
        Value::Number(number) if number.is_subnormal() => text(),
        Value::Text(it) => Value::Text(it.clone()),
        value => value.clone(),
    }
}

/// The rows of the first worksheet, each value as a text where a column has several kinds.
fn read(bytes: &[u8]) -> Vec<Vec<Value>> {
    let (_, table) = table_of(bytes, "x.xlsx", &Options::default()).expect("a table");
    rows_of(&table)
}

fn is_same(read: &Value, written: &Value) -> bool {
    let held = held(written);
    let midnight = |days: i32| Value::LocalDateTime(i64::from(days) * 86_400_000_000);
    // A day among times is its beginning, and a column of texts has texts.
    *read == held
        || *read == Value::from(&*values::exact(&held))
        || matches!(&held, Value::Date(days) if *read == midnight(*days))
        || matches!(read, Value::Date(days) if held == midnight(*days))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_workbook_is_read_as_the_same_values((columns, rows) in any_rows()) {
        let (bytes, _) = file(SavedFormat::Xlsx, &columns, &rows);
        // Empty rows at both ends are not read.
        let is_empty = |row: &Vec<Value>| row.iter().all(Value::is_empty);
        let mut rows: Vec<_> = rows.into_iter().skip_while(is_empty).collect();
        while rows.last().is_some_and(is_empty) {
            rows.pop();
        }
        let read = read(&bytes);
        prop_assert_eq!(read.len(), rows.len());
        for (read, row) in read.iter().zip(&rows) {
            for (read, value) in read.iter().zip(row) {
                prop_assert!(is_same(read, value), "{read:?} {value:?}");
            }
        }
    }
}

#[test]
fn what_a_workbook_does_not_hold_is_noted() {
    let columns = [column("t", ColumnKind::Instant, true), column("x", ColumnKind::Any, false)];
    let long = "é".repeat(40_000);
    let rows = [
        vec![Value::Instant(1_714_559_400_000_001), Value::from(&*long)],
        vec![Value::Empty, Value::Date(-100_000)],
        vec![Value::Empty, Value::Number(5e-324)],
    ];
    let (bytes, notes) = file(SavedFormat::Xlsx, &columns, &rows);
    assert_eq!(
        notes,
        [
            "times of a workbook have no zone: those of \"t\" are in UTC",
            "1 text was cut at 32767 characters, the most of a cell",
            "1 day or time before 1900-03-01 is a text, since a workbook does not count them",
            "1 time was cut to milliseconds",
            "1 number near 0 is a text, since a workbook takes them for 0",
        ]
    );
    let read = read(&bytes);
    assert_eq!(read[0][0], Value::LocalDateTime(1_714_559_400_000_000));
    assert_eq!(read[0][1], Value::from(&*"é".repeat(32_767)));
    assert_eq!(read[1][1], Value::from("1696-03-17"));
}

#[test]
fn texts_are_neither_formulas_nor_links_nor_numbers() {
    let columns = [column("a", ColumnKind::Text, true)];
    let texts = [
        "=1+1",
        "https://example.org",
        "9007199254740993",
        " \t a\r\nb ",
        "_x0041_",
        "\u{1}\u{7f}\u{ffff}",
        "<&>\"'",
        "]]>",
    ];
    let rows: Vec<Vec<Value>> = texts.iter().map(|text| vec![Value::from(*text)]).collect();
    let (bytes, notes) = file(SavedFormat::Xlsx, &columns, &rows);
    assert_eq!((read(&bytes), notes), (rows, Vec::new()));
    for part in ["xl/sharedStrings.xml", "hyperlink"] {
        assert!(!bytes.windows(part.len()).any(|it| it == part.as_bytes()));
    }
}

/// The names of the worksheets of a workbook, and the rows of each.
fn all_of(bytes: &[u8]) -> Vec<(String, Vec<Vec<Value>>)> {
    let names = worksheets(&kept(bytes.to_vec()), &Options::default(), &Stop::default());
    let rows = |name: String| {
        let chosen = Options { worksheet: Some(name.clone()), ..Options::default() };
        let (report, table) = table_of(bytes, "x.xlsx", &chosen).expect("a table");
        assert_eq!(&*report.columns[0].name, "a");
        (name, rows_of(&table))
    };
    names.expect("names").into_iter().map(rows).collect()
}

/// The bytes of a workbook with so much room.
fn within(
    room: Room,
    columns: &[OutColumn],
    rows: &[Vec<Value>],
    out: &mut Vec<u8>,
) -> Result<Vec<String>, WriteError> {
    let mut writer = RowWriter::workbook("Sto/ck", columns, room, out)?;
    writer.write(rows)?;
    writer.finish()
}

#[test]
fn rows_continue_in_another_worksheet() {
    // With the row of the names as many as a worksheet has.
    assert_eq!(Room::READ_BY_ALL.rows + 1, 1 << 20);
    let room = Room { rows: 5, ..Room::READ_BY_ALL };
    let columns = [column("a", ColumnKind::Number, true)];
    let rows: Vec<Vec<Value>> = (0..11).map(|at| vec![Value::from(f64::from(at))]).collect();
    let mut out = Vec::new();
    let notes = within(room, &columns, &rows, &mut out).expect("a file");
    assert_eq!(notes, ["the rows are in 3 worksheets, since one has no room for them"]);
    let expected = [("Sto_ck", 0..5), ("Sto_ck (2)", 5..10), ("Sto_ck (3)", 10..11)]
        .map(|(name, places)| (name.to_owned(), rows[places].to_vec()));
    assert_eq!(all_of(&out), expected);
    // Rows that fill a worksheet begin no other one.
    let mut out = Vec::new();
    assert_eq!(within(room, &columns, &rows[..5], &mut out).expect("a file"), Vec::<String>::new());
    assert_eq!(all_of(&out), [("Sto_ck".to_owned(), rows[..5].to_vec())]);
}

#[test]
fn a_worksheet_has_a_bounded_number_of_bytes() {
    let room = Room { sheet_bytes: 100_000, ..Room::READ_BY_ALL };
    let columns = [column("a", ColumnKind::Text, true)];
    let row = |at: u32| vec![Value::from(&*format!("{at:x<10000}"))];
    let rows: Vec<Vec<Value>> = (0..40).map(row).collect();
    let mut out = Vec::new();
    within(room, &columns, &rows, &mut out).expect("a file");
    let sheets = all_of(&out);
    assert!(sheets.len() > 2 && sheets.iter().all(|(_, rows)| (1..=20).contains(&rows.len())));
    assert_eq!(sheets.into_iter().flat_map(|(_, rows)| rows).collect::<Vec<_>>(), rows);
}

#[test]
fn a_workbook_has_a_bounded_number_of_bytes() {
    let room = Room { archive_bytes: 5_000, ..Room::READ_BY_ALL };
    let columns = [column("a", ColumnKind::Number, true)];
    let row = |at: u32| vec![Value::from(f64::from(at) * 0.7)];
    let rows: Vec<Vec<Value>> = (0..10_000).map(row).collect();
    let mut out = Vec::new();
    let error = within(room, &columns, &rows, &mut out).expect_err("refused");
    assert!(matches!(error, WriteError::TooLarge(_)), "{error}");
    // The archive has no end.
    assert!(!out.windows(4).any(|it| it == b"PK\x05\x06"));
}

#[test]
fn a_worksheet_has_a_bounded_number_of_columns() {
    let columns: Vec<OutColumn> =
        (0..16_385).map(|at| column(&format!("{at}"), ColumnKind::Any, true)).collect();
    let mut out = Vec::new();
    let writer = RowWriter::new(SavedFormat::Xlsx, SavedFor::Programs, "x", &columns, &mut out);
    let Err(WriteError::TooLarge(text)) = writer else { panic!("refused") };
    assert_eq!(text, "a worksheet has at most 16384 columns, and these are 16385: choose fewer");
    let mut out = Vec::new();
    let writer =
        RowWriter::new(SavedFormat::Xlsx, SavedFor::Programs, "x", &columns[1..], &mut out);
    let mut writer = writer.expect("a file");
    writer.write(&[vec![Value::Bool(true); 16_384]]).expect("a row");
    writer.finish().expect("an end");
    let (report, table) = table_of(&out, "x.xlsx", &Options::default()).expect("a table");
    assert_eq!((report.columns.len(), table.rows()), (16_384, 1));
}
