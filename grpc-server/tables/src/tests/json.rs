//! Tables of JSON: lines and arrays, exact numbers, late keys, and files that are damaged.

use csv_reader::Repairs;
use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{kept, rows_of, table_of};
use crate::{CsvChoices, Format, Options, ReadLimits, Stop, preview};

fn json() -> Options {
    Options { format: Some(Format::JsonLines), ..Options::default() }
}

#[test]
fn lines_and_arrays_are_the_same_table() {
    let lines = "{\"a\":1,\"b\":\"x\"}\n\n{\"b\":\"5\",\"c\":[1, {\"d\":\"}\"}]}\r\n";
    let array = "\u{feff} [ {\"a\":1,\"b\":\"x\"},\n {\"b\":\"5\",\"c\":[1, {\"d\":\"}\"}]} ] ";
    for file in [lines, array] {
        let (report, table) =
            table_of(file.as_bytes(), "x.json", &Options::default()).expect("a table");
        assert_eq!((report.format, &report.doubts[..]), (Format::JsonLines, &[][..]));
        let columns = report.columns.iter().map(|column| (&*column.name, column.kind));
        let kinds = [("a", ColumnKind::Number), ("b", ColumnKind::Text), ("c", ColumnKind::Text)];
        assert!(columns.eq(kinds), "{:?}", report.columns);
        let nested = Value::from("[1, {\"d\":\"}\"}]");
        assert_eq!(
            rows_of(&table),
            [
                [Value::Number(1.0), Value::from("x"), Value::Empty],
                [Value::Empty, Value::from("5"), nested]
            ]
        );
        let seen = preview(&kept(file), "x", &Options::default(), &Stop::default());
        assert_eq!(seen.expect("a preview").rows, rows_of(&table));
    }
}

#[test]
fn numbers_are_exact_or_their_texts() {
    let numbers = "1 -0.5 1.50 1e3 1E+3 9007199254740993 18446744073709551615 0.1 1e400 -0";
    let file: String = numbers.split(' ').map(|it| format!("{{\"n\":{it}}}\n")).collect();
    let (_, table) = table_of(file.as_bytes(), "x", &json()).expect("a table");
    let expected = [
        Value::Number(1.0),
        Value::Number(-0.5),
        Value::Number(1.5),
        Value::Number(1000.0),
        Value::Number(1000.0),
        Value::from("9007199254740993"),
        Value::from("18446744073709551615"),
        Value::Number(0.1),
        Value::from("1e400"),
        Value::Number(0.0),
    ];
    assert!(rows_of(&table).into_iter().flatten().eq(expected));
}

#[test]
fn texts_are_no_numbers_unless_that_is_chosen() {
    let file = b"{\"a\":\"5\",\"b\":true}\n{\"a\":7,\"b\":\"2024-05-01\"}\n";
    let (_, table) = table_of(file, "x", &json()).expect("a table");
    assert_eq!(
        rows_of(&table),
        [[Value::from("5"), Value::Bool(true)], [Value::Number(7.0), Value::from("2024-05-01")]]
    );
    let kinds = vec![Some(ColumnKind::Number), Some(ColumnKind::Date)];
    let (report, table) = table_of(file, "x", &Options { kinds, ..json() }).expect("a table");
    assert_eq!(
        rows_of(&table),
        [[Value::Number(5.0), Value::Bool(true)], [Value::Number(7.0), Value::Date(19_844)]]
    );
    assert_eq!(report.doubts, ["1 value of \"b\" does not fit its kind and stays text"]);
}

#[test]
fn numbers_beside_texts_that_look_like_numbers_are_in_doubt() {
    let doubts = |values: &[&str], options: Options| {
        let file: String = values.iter().map(|value| format!("{{\"a\":{value}}}\n")).collect();
        table_of(file.as_bytes(), "x", &options).expect("a table").0.doubts
    };
    let ids = ["1", "9007199254740993", "2"];
    let doubt = "\"a\" holds 2 numbers and 1 text that looks like one; if all are versions or codes, choose the kind Text for it \
                 (--kinds)";
    assert_eq!(doubts(&ids, json()), [doubt]);
    let text = Options { kinds: vec![Some(ColumnKind::Text)], ..json() };
    assert_eq!(doubts(&ids, text), [""; 0]);
    for values in [
        &["1.9", "\"1.10.1\""][..],
        &["7", "\"007\""],
        &["30", "\"+49 30\"", "null"],
        &["12.5", "\"1.234,5\""],
    ] {
        let doubts = doubts(values, json());
        assert!(doubts[0].starts_with("\"a\" holds 1 number and 1 text"), "{doubts:?}");
    }
    let notes = ["\"call back\"", "5", "\"5-6\"", "\"later\""];
    for values in [&notes[..], &["1", "2"], &["\"1\"", "\"2\""], &["1", "true", "\"2\""]] {
        assert_eq!(doubts(values, json()), [""; 0], "{values:?}");
    }
}

#[test]
fn keys_behind_the_first_rows_lose_nothing() {
    let mut file = "{\"a\":1}\n".repeat(1500);
    file += "{\"a\":2,\"b\\n\":{\"c\": 1},\"d\":\"x\"}\n";
    let (report, table) = table_of(file.as_bytes(), "x", &json()).expect("a table");
    assert_eq!(report.columns.len(), 2);
    assert_eq!(rows_of(&table)[1500][1], Value::from("{\"b\\n\":{\"c\": 1},\"d\":\"x\"}"));
    assert_eq!(
        report.doubts,
        [
            "1 row has values whose keys are not in the first rows; they are in the column \"(other)\""
        ]
    );
    let (report, _) = table_of(&file.as_bytes()[..8 * 1500], "x", &json()).expect("a table");
    assert_eq!(report.columns.len(), 1);
}

#[test]
fn late_keys_together_are_no_larger_than_a_cell() {
    let late = |count: usize| {
        let members: Vec<String> =
            (0..count).map(|at| format!("\"k{at}\":\"{}\"", "x".repeat(100_000))).collect();
        format!("{}{{{}}}\n", "{\"a\":1}\n".repeat(1500), members.join(","))
    };
    assert!(table_of(late(10).as_bytes(), "x", &json()).is_ok());
    let error = table_of(late(11).as_bytes(), "x", &json()).expect_err("refused");
    let problem = "line 1501: \"(other)\" has more than 1048576 bytes, the most of a cell";
    assert_eq!(error.to_string(), problem);
}

#[test]
fn a_preview_that_ends_within_the_first_object_is_in_doubt() {
    let file = format!("{{\"a\":\"{}\"}}\n", "x".repeat(300_000));
    for file in [format!("[{file}]"), file] {
        let seen = preview(&kept(file), "x", &json(), &Stop::default()).expect("a preview");
        let doubts = ["the first line is longer than a preview reads"];
        assert_eq!((seen.columns.len(), &seen.doubts[..]), (0, &doubts.map(String::from)[..]));
    }
}

#[test]
fn errors_name_the_line_and_the_rule() {
    let long = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}\n", "x".repeat(10_000_000));
    let cell = format!("{{\"a\":\"{}\"}}\n", "x".repeat(2_000_000));
    let cases = [
        ("", "line 1: the file is empty"),
        ("{\"a\":1}\n[1]\n", "line 2: expected an object"),
        ("{\"a\":1}\n\n{\"a\":\n", "line 3: the file ends within the object"),
        ("[{\"a\":1} {\"a\":2}]", "line 1: expected a comma"),
        ("[{\"a\":1},", "line 1: the file ends within its array"),
        ("[{\"a\":1}]\n5", "line 2: something follows"),
        ("{\"a\":01}\n", "line 1: no object of JSON"),
        ("{\"a\":\"\\ud800\"}\n", "line 1: \"a\" is no text"),
        ("{\"a\":\"\\u0000\"}\n", "line 1: \"a\" holds a NUL character"),
        (&long, "line 2: the object that begins here has more than 8388608 bytes"),
        (&cell, "line 1: \"a\" has more than 1048576 bytes"),
    ];
    for (file, begin) in cases {
        let error = table_of(file.as_bytes(), "x", &json()).expect_err("refused");
        assert!(error.to_string().starts_with(begin), "{error}");
    }
    let csv = CsvChoices { repairs: Repairs::ALL, ..CsvChoices::default() };
    let (report, table) =
        table_of(b"{\"a\":\"x\\u0000\"}", "x", &Options { csv, ..json() }).expect("a table");
    assert_eq!((report.repaired_rows, rows_of(&table)), (1, vec![vec![Value::from("x")]]));
}

#[test]
fn many_keys_are_refused() {
    let limits = ReadLimits { columns: 3, ..ReadLimits::DEFAULT };
    let few = Options { limits, ..json() };
    let error = table_of(b"{\"a\":1,\"b\":1,\"c\":1,\"d\":1}", "x", &few).expect_err("refused");
    assert_eq!(error.reason(), "TABLE_LIMIT");
    let (_, table) = table_of(b"{}\n{}\n", "x", &few).expect("a table");
    assert_eq!((table.columns().len(), table.rows()), (0, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_is_a_table_or_an_error(text in "[\\[{}\\]:,\"\\\\a1.e\\-\n ]{0,80}") {
        let file = format!("{{\"a\":{text}");
        for text in [&file, &text] {
            drop(table_of(text.as_bytes(), "x", &json()));
            drop(preview(&kept(text.as_str()), "x", &json(), &Stop::default()));
        }
    }

    #[test]
    fn any_texts_come_back(texts in prop::collection::vec("[^\0]{1,20}", 1..30)) {
        let line = |text: &String| {
            format!("{{\"a\":{}}}\n", serde_json::to_string(text).expect("a text"))
        };
        let file: String = texts.iter().map(line).collect();
        let (_, table) = table_of(file.as_bytes(), "x", &json()).expect("a table");
        let rows = rows_of(&table);
        prop_assert!(rows.iter().flatten().eq(texts.iter().map(|it| &**it).map(Value::from).collect::<Vec<_>>().iter()));
    }
}
