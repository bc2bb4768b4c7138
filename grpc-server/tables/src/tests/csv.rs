//! Tables of CSV are what the reader of CSV reads.

use std::sync::Arc;

use csv_reader::{CsvImport, Repairs};
use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{kept, never, rows_of, table_of};
use crate::{Bytes, CsvChoices, Done, Format, Options, ReadError, ReadLimits, Stop, preview, read};

fn options(repairs: Repairs) -> Options {
    Options { csv: CsvChoices { repairs, ..CsvChoices::default() }, ..Options::default() }
}

#[test]
fn kinds_and_misfits_come_back() {
    let file = "n,d,x\n1,2024-05-01,a\n2.5,2024-05-02,\nx,later,3\n";
    let kinds = vec![Some(ColumnKind::Number), Some(ColumnKind::Date)];
    let (report, table) =
        table_of(file.as_bytes(), "x.csv", &Options { kinds, ..Options::default() })
            .expect("a table");
    assert_eq!(report.format, Format::Csv);
    assert_eq!(report.doubts.len(), 2, "{:?}", report.doubts);
    assert_eq!(report.misfits, [1, 1, 1]);
    let kinds: Vec<ColumnKind> = report.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [ColumnKind::Number, ColumnKind::Date, ColumnKind::Any]);
    let rows = rows_of(&table);
    assert_eq!(rows[0], [Value::Number(1.0), Value::Date(19_844), Value::from("a")]);
    assert_eq!(rows[1], [Value::Number(2.5), Value::Date(19_845), Value::Empty]);
    assert_eq!(rows[2], [Value::from("x"), Value::from("later"), Value::Number(3.0)]);
}

#[test]
fn utf_16_and_nul_are_read_as_the_reader_of_csv_does() {
    let wide: Vec<u8> = "\u{feff}a;b\né;1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (_, table) = table_of(&wide, "x", &Options::default()).expect("a table");
    assert_eq!(rows_of(&table), [[Value::from("é"), Value::Number(1.0)]]);
    let nul = b"a,b\nx\0y,1\n";
    let error = table_of(nul, "x", &Options::default()).expect_err("refused");
    assert_eq!((error.reason(), &error.to_string()[..7]), ("CSV_NUL", "line 2:"));
    let (report, table) = table_of(nul, "x", &options(Repairs::ALL)).expect("a table");
    assert_eq!((report.repaired_rows, &rows_of(&table)[0][0]), (1, &Value::from("xy")));
}

#[test]
fn limits_are_named() {
    let long = format!("a\n\"{}\"\n", "x\n".repeat(5_000_000));
    let cell = table_of(long.as_bytes(), "x", &Options::default()).expect_err("refused");
    assert_eq!(cell.reason(), "CSV_ROW_TOO_LARGE");
    let wide = vec!["a"; 20_000].join(",");
    let columns = table_of(wide.as_bytes(), "x", &Options::default()).expect_err("refused");
    assert_eq!(columns.reason(), "CSV_TOO_MANY_COLUMNS");
    let limits = ReadLimits { rows: 2, ..ReadLimits::DEFAULT };
    let few = Options { limits, ..Options::default() };
    let rows = table_of(b"a\n1\n2\n3\n", "x", &few).expect_err("refused");
    assert_eq!(rows.reason(), "CSV_TOO_MANY_ROWS");
}

#[test]
fn a_preview_shows_the_begin_alone() {
    let mut file = format!("a,b\n{},1\n", "x".repeat(500));
    file += &"y,2\n".repeat(200_000);
    let seen = preview(&kept(file), "x.csv", &Options::default(), &Stop::default());
    let seen = seen.expect("a preview");
    assert_eq!((seen.rows.len(), seen.delimiter, seen.has_header), (20, Some(b','), true));
    assert_eq!(seen.rows[0][0].as_text().chars().count(), 201);
    assert_eq!(seen.encoding.as_deref(), Some("utf-8"));
}

#[test]
fn a_preview_that_ends_within_the_first_line_is_in_doubt() {
    let file = format!("{}\n1,2\n", "x".repeat(300_000));
    let seen = preview(&kept(file), "x.csv", &Options::default(), &Stop::default());
    let seen = seen.expect("a preview");
    let doubt = "the first line is longer than a preview reads".to_owned();
    assert!(seen.columns.is_empty() && seen.doubts.contains(&doubt), "{:?}", seen.doubts);
}

#[test]
fn a_reading_stops_where_its_caller_wants() {
    let file = kept("a,b\n".to_owned() + &"1,2\n".repeat(1_000_000));
    let stop = |done: Done| done.bytes > 1_000_000;
    let error = read(&file, "x", &Options::default(), &mut Vec::new(), &stop).expect_err("stopped");
    assert!(matches!(error, ReadError::Stopped), "{error}");
}

/// A file whose bytes are lost at an offset.
struct Torn(u64);

impl Bytes for Torn {
    fn len(&self) -> u64 {
        1 << 20
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        if offset + buffer.len() as u64 > self.0 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        buffer.fill(b'\n');
        Ok(buffer.len())
    }
}

#[test]
fn an_error_of_the_source_is_passed_on() {
    let file: Arc<dyn Bytes> = Arc::new(Torn(300_000));
    let error = read(&file, "x", &Options::default(), &mut Vec::new(), &never());
    let error = error.expect_err("no bytes");
    assert_eq!(error.to_string(), "the file could not be read: the disk is gone");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_are_those_of_the_reader_of_csv(text in "[ab1,.\"\\n;\\-]{0,200}") {
        let options = options(Repairs::ALL);
        let (mut import, mut rows) = (CsvImport::new(options.of_csv()), Vec::new());
        let read = import.push(text.as_bytes(), &mut rows).and_then(|()| import.finish(&mut rows));
        let format = Some(Format::Csv);
        match (read, table_of(text.as_bytes(), "x", &Options { format, ..options })) {
            (Ok(()), Ok((report, table))) => {
                let width = import.columns().len();
                rows.iter_mut().for_each(|row| row.resize(width, Value::Empty));
                prop_assert_eq!(rows_of(&table), rows);
                prop_assert_eq!(&report.doubts[..], import.doubts());
            }
            (Err(error), Err(ReadError::Csv(other))) => prop_assert_eq!(error, other),
            (read, other) => prop_assert!(false, "{:?} and {:?}", read, other.map(|it| it.0)),
        }
    }
}
