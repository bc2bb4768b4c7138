//! What is written is read as the same values, in each format of text and in Parquet; an error of the place ends it.

use std::io::{self, Write};
use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{rows_of, table_of};
use crate::{Options, OutColumn, RowWriter, SavedFor, SavedFormat, WriteError};

pub(super) const FORMATS: [SavedFormat; 5] = [
    SavedFormat::Csv,
    SavedFormat::Tsv,
    SavedFormat::JsonLines,
    SavedFormat::Parquet,
    SavedFormat::Xlsx,
];
const MICROS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

pub(super) fn column(name: &str, kind: ColumnKind, is_exact: bool) -> OutColumn {
    OutColumn { name: Arc::from(name), kind, is_exact, is_whole: false }
}

/// The bytes of a file of these rows, and its notes.
pub(super) fn file(
    format: SavedFormat,
    columns: &[OutColumn],
    rows: &[Vec<Value>],
) -> (Vec<u8>, Vec<String>) {
    let mut out = Vec::new();
    let writer = RowWriter::new(format, SavedFor::Programs, "Stock", columns, &mut out);
    let mut writer = writer.expect("a file");
    rows.chunks(7).for_each(|rows| writer.write(rows).expect("rows"));
    let notes = writer.finish().expect("an end");
    (out, notes)
}

/// A value of a kind.
pub(super) fn value_of(kind: ColumnKind) -> BoxedStrategy<Value> {
    match kind {
        ColumnKind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnKind::Number => prop_oneof![
            any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::from),
            (-1000..1000_i32).prop_map(|it| Value::from(f64::from(it))),
        ]
        .boxed(),
        ColumnKind::Date => (-719_162..=2_932_896_i32).prop_map(Value::Date).boxed(),
        ColumnKind::LocalDateTime => MICROS.prop_map(Value::LocalDateTime).boxed(),
        ColumnKind::Instant => MICROS.prop_map(Value::Instant).boxed(),
        ColumnKind::Any => {
            [ColumnKind::Bool, ColumnKind::Number, ColumnKind::Date, ColumnKind::Text]
                .map(value_of)
                .into_iter()
                .reduce(|one, other| prop_oneof![one, other].boxed())
                .unwrap_or_else(|| Just(Value::Empty).boxed())
        }
        _ => prop_oneof![
            "[^\0]{1,12}".prop_map(|it| Value::from(&*it)),
            prop::sample::select(
                &["007", "true", "2024-05-01", "1.5", "=1", "a\r\nb", "_x0041_"][..]
            )
            .prop_map(Value::from),
        ]
        .boxed(),
    }
}

const KINDS: [ColumnKind; 7] = [
    ColumnKind::Any,
    ColumnKind::Bool,
    ColumnKind::Number,
    ColumnKind::Text,
    ColumnKind::Instant,
    ColumnKind::Date,
    ColumnKind::LocalDateTime,
];

/// Columns of distinct names whose values fit their kinds, and their rows.
pub(super) fn any_rows() -> impl Strategy<Value = (Vec<OutColumn>, Vec<Vec<Value>>)> {
    prop::collection::vec(prop::sample::select(&KINDS[..]), 1..5).prop_flat_map(|kinds| {
        let cell = |kind: &ColumnKind| prop_oneof![1 => Just(Value::Empty), 3 => value_of(*kind)];
        let row: Vec<_> = kinds.iter().map(cell).collect();
        let columns: Vec<OutColumn> =
            (0..).zip(&kinds).map(|(at, kind)| column(&format!("n{at}"), *kind, true)).collect();
        (Just(columns), prop::collection::vec(row, 0..40))
    })
}

/// A text that has the exact form of a value.
fn text(value: &Value) -> Value {
    match value {
        Value::Empty => Value::Empty,
        value => Value::from(&*values::exact(value)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn parquet_is_read_as_the_same_values((columns, rows) in any_rows()) {
        let (bytes, _) = file(SavedFormat::Parquet, &columns, &rows);
        let (report, table) = table_of(&bytes, "x.parquet", &Options::default()).expect("a table");
        let names = report.columns.iter().map(|it| &*it.name);
        prop_assert!(names.eq(columns.iter().map(|it| &*it.name)));
        let held = |(column, value): (&OutColumn, &Value)| match column.kind {
            ColumnKind::Any => text(value),
            _ => value.clone(),
        };
        let expected: Vec<Vec<Value>> =
            rows.iter().map(|row| columns.iter().zip(row).map(held).collect()).collect();
        prop_assert_eq!(rows_of(&table), expected);
        let kinds = report.columns.iter().map(|it| it.kind);
        let expected = columns.iter().map(|it| match it.kind {
            ColumnKind::Any => ColumnKind::Text,
            kind => kind,
        });
        prop_assert!(kinds.eq(expected));
    }

    #[test]
    fn json_lines_are_read_as_the_same_values((columns, rows) in any_rows()) {
        prop_assume!(!rows.is_empty());
        let (bytes, notes) = file(SavedFormat::JsonLines, &columns, &rows);
        prop_assert_eq!(notes, Vec::<String>::new());
        // Days and times are texts of JSON: their kinds are chosen.
        let chosen = columns.iter().map(|it| match it.kind {
            ColumnKind::Date | ColumnKind::Instant | ColumnKind::LocalDateTime => Some(it.kind),
            ColumnKind::Text => Some(ColumnKind::Text),
            _ => None,
        });
        let options = Options { kinds: chosen.collect(), ..Options::default() };
        let (report, table) = table_of(&bytes, "x.jsonl", &options).expect("a table");
        let names = report.columns.iter().map(|it| &*it.name);
        prop_assert!(names.eq(columns.iter().map(|it| &*it.name)));
        let held = |(column, value): (&OutColumn, &Value)| match (column.kind, value) {
            (ColumnKind::Any, Value::Date(_)) => text(value),
            _ => value.clone(),
        };
        let expected: Vec<Vec<Value>> =
            rows.iter().map(|row| columns.iter().zip(row).map(held).collect()).collect();
        let read = rows_of(&table);
        // A column of texts and other values is one of texts.
        let fits = |(read, wanted): (&Value, &Value)| read == wanted || *read == text(wanted);
        prop_assert_eq!(read.len(), expected.len());
        prop_assert!(read.iter().flatten().zip(expected.iter().flatten()).all(fits), "{read:?}");
    }

    #[test]
    fn csv_is_read_as_the_same_values((columns, rows) in any_rows()) {
        let (bytes, notes) = file(SavedFormat::Csv, &columns, &rows);
        prop_assert_eq!(notes, Vec::<String>::new());
        let (_, table) = table_of(&bytes, "x.csv", &Options::default()).expect("a table");
        prop_assert_eq!(rows_of(&table), rows);
    }
}

#[test]
fn a_row_of_json_has_the_cells_that_are_filled() {
    let columns = [
        column("a", ColumnKind::Any, true),
        column("a", ColumnKind::Any, true),
        column("", ColumnKind::Any, true),
        column("\"", ColumnKind::Any, true),
    ];
    let rows = [
        vec![Value::Number(-0.0)],
        vec![],
        vec![Value::Number(1e21), Value::Bool(true), Value::from(""), Value::from("\u{1}\"é")],
        vec![Value::Empty, Value::Date(0), Value::LocalDateTime(1), Value::Instant(0)],
    ];
    let (bytes, notes) = file(SavedFormat::JsonLines, &columns, &rows);
    let expected = concat!(
        "{\"a\":-0,\"a (2)\":null,\"C\":null,\"\\\"\":null}\n",
        "{}\n",
        "{\"a\":1e21,\"a (2)\":true,\"\\\"\":\"\\u0001\\\"é\"}\n",
        "{\"a (2)\":\"1970-01-01\",\"C\":\"1970-01-01 00:00:00.000001\",\"\\\"\":\"1970-01-01T00:00:00Z\"}\n",
    );
    assert_eq!(String::from_utf8_lossy(&bytes), expected);
    let note =
        "columns with equal names or without one have other names in the file: \"a (2)\", \"C\"";
    assert_eq!(notes, [note]);
}

#[test]
fn names_without_a_row_are_in_each_format_but_json_lines() {
    let columns = [column("a", ColumnKind::Text, true), column("b", ColumnKind::Number, true)];
    for format in FORMATS {
        let (bytes, notes) = file(format, &columns, &[]);
        if format == SavedFormat::JsonLines {
            let note = "the file is empty: in JSON lines columns have their names in rows alone";
            assert_eq!((bytes.len(), notes), (0, vec![note.to_owned()]));
            continue;
        }
        assert_eq!(notes, Vec::<String>::new());
        let (report, table) = table_of(&bytes, "x.csv", &Options::default()).expect("a table");
        assert!(report.columns.iter().map(|it| &*it.name).eq(["a", "b"]), "{format:?}");
        assert_eq!(table.rows(), 0);
    }
}

#[test]
fn columns_of_several_kinds_are_texts_of_parquet() {
    let columns = [
        column("n", ColumnKind::Number, false),
        column("t", ColumnKind::Any, false),
        column("n", ColumnKind::Number, true),
    ];
    let rows =
        [vec![Value::Number(1.5), Value::from("x"), Value::Number(2.0)], vec![Value::Date(0)]];
    let (bytes, notes) = file(SavedFormat::Parquet, &columns, &rows);
    assert_eq!(
        notes,
        [
            "columns with equal names or without one have other names in the file: \"n (2)\"",
            "columns whose values may have several kinds are texts in the file: \"n\""
        ]
    );
    let (_, table) = table_of(&bytes, "x", &Options::default()).expect("a table");
    assert_eq!(
        rows_of(&table),
        [
            [Value::from("1.5"), Value::from("x"), Value::Number(2.0)],
            [Value::from("1970-01-01"), Value::Empty, Value::Empty]
        ]
    );
    let mut out = Vec::new();
    let mut writer =
        RowWriter::new(SavedFormat::Parquet, SavedFor::Programs, "", &columns[2..], &mut out)
            .expect("a file");
    let error = writer.write(&[vec![Value::from("x")]]).expect_err("refused");
    assert!(matches!(error, WriteError::Failed(_)), "{error}");
    let mut out = Vec::new();
    let mut writer =
        RowWriter::new(SavedFormat::Parquet, SavedFor::Programs, "", &columns[2..], &mut out)
            .expect("a file");
    writer.write(&[vec![Value::from("-inf")], vec![Value::from("NaN")]]).expect("rows");
    let error = writer.write(&[vec![Value::from("1e400")]]).expect_err("refused");
    assert!(matches!(error, WriteError::Failed(_)), "{error}");
}

#[test]
fn later_values_of_csv_come_back() {
    let columns = [column("a", ColumnKind::Any, false), column("b", ColumnKind::Text, true)];
    let row = |at: u32| {
        let first = if at < 1500 { Value::from("x") } else { Value::from(f64::from(at)) };
        vec![first, Value::from(if at == 1600 { "y" } else { "7" })]
    };
    let rows: Vec<Vec<Value>> = (0..2000).map(row).collect();
    let (bytes, _) = file(SavedFormat::Csv, &columns, &rows);
    let (_, table) = table_of(&bytes, "x.csv", &Options::default()).expect("a table");
    assert_eq!(rows_of(&table), rows);
}

#[test]
fn values_behind_empty_rows_of_csv_come_back() {
    let columns = [
        column("a", ColumnKind::Any, false),
        column("b", ColumnKind::Text, true),
        column("c", ColumnKind::Any, false),
        column("d", ColumnKind::Number, false),
    ];
    let mixed = [
        Value::from("7"),
        Value::from("x"),
        Value::Number(7.0),
        Value::Date(3),
        Value::from("007"),
        Value::Bool(true),
    ];
    let texts = ["7", "x", "2024-05-01", "true", "007", "1e5"];
    let row = |at: usize| {
        let is_late = at >= 1500;
        vec![
            if is_late { mixed[at % 6].clone() } else { Value::Empty },
            if is_late { Value::from(texts[at % 6]) } else { Value::Empty },
            if is_late { mixed[at % 6].clone() } else { Value::from("7") },
            if is_late { mixed[at % 6].clone() } else { Value::from(1.0) },
        ]
    };
    let rows: Vec<Vec<Value>> = (0..2000).map(row).collect();
    let (bytes, _) = file(SavedFormat::Csv, &columns, &rows);
    let (report, table) = table_of(&bytes, "x.csv", &Options::default()).expect("a table");
    let read = rows_of(&table);
    for (at, (read, row)) in read.iter().zip(&rows).enumerate() {
        assert_eq!(read, row, "{at} {:?}", report.columns);
    }
}

#[test]
fn files_for_spreadsheets_run_no_formula() {
    let columns = [column("=a", ColumnKind::Any, true), column("b", ColumnKind::Any, true)];
    for (format, expected) in [
        (SavedFormat::Csv, "\u{feff}'=a,b\n'=1,-2\n"),
        (SavedFormat::Tsv, "\u{feff}'=a\tb\n'=1\t-2\n"),
    ] {
        let mut out = Vec::new();
        let writer = RowWriter::new(format, SavedFor::Spreadsheets, "", &columns, &mut out);
        let mut writer = writer.expect("a file");
        writer.write(&[vec![Value::from("=1"), Value::Number(-2.0)]]).expect("rows");
        assert_eq!(writer.finish().expect("an end"), Vec::<String>::new());
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}

/// A place that takes so many bytes, and counts what comes after its error.
struct Narrow {
    left: usize,
    after: usize,
    has_failed: bool,
}

impl Write for Narrow {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.after += if self.has_failed { buffer.len() } else { 0 };
        self.has_failed |= buffer.len() > self.left;
        if self.has_failed {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no room"));
        }
        self.left -= buffer.len();
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_of_the_place_ends_the_file() {
    let columns = [column("a", ColumnKind::Number, true)];
    let rows: Vec<Vec<Value>> =
        (0..40_000).map(|at| vec![Value::from(f64::from(at) * 0.7)]).collect();
    for format in FORMATS {
        for left in [0, 10, 1000, 30_000] {
            let mut out = Narrow { left, after: 0, has_failed: false };
            let mut write = || {
                let mut writer =
                    RowWriter::new(format, SavedFor::Programs, "x", &columns, &mut out)?;
                writer.write(&rows)?;
                writer.finish()
            };
            match write() {
                Err(WriteError::Out(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
                other => panic!("{format:?} {left}: {other:?}"),
            }
            assert_eq!(out.after, 0, "{format:?} {left}");
        }
    }
}
