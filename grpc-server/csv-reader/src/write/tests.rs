//! What is written for programs comes back; what is written for spreadsheets runs nothing.

use super::*;
use crate::{CsvImport, CsvOptions, CsvRow, Notation, Repairs, are_texts, sampled};
use proptest::prelude::*;

const PROGRAMS: CsvForm = CsvForm { written_for: WrittenFor::Programs, delimiter: b',' };
const SPREADSHEETS: CsvForm = CsvForm { written_for: WrittenFor::Spreadsheets, ..PROGRAMS };

fn written(names: &[String], rows: &[CsvRow], form: CsvForm) -> Vec<u8> {
    let (width, mut out) = (names.len(), Vec::new());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let padded = |row: &CsvRow| -> CsvRow {
        row.iter().cloned().chain(std::iter::repeat(Value::Empty)).take(width).collect()
    };
    let rows: Vec<CsvRow> = rows.iter().map(padded).collect();
    let rows: Vec<Vec<&Value>> = rows.iter().map(|row| row.iter().collect()).collect();
    let count = sampled(&names, rows.iter().map(|row| row.iter().copied())).unwrap_or(rows.len());
    let (sample, behind) = rows.split_at(count);
    let has_other =
        |col: usize| behind.iter().any(|row| !matches!(row[col], Value::Empty | Value::Text(_)));
    let texts = are_texts(width, sample).into_iter().enumerate();
    let later: Vec<bool> = texts.map(|(col, is_text)| is_text && has_other(col)).collect();
    let quoting = Quoting::of(&names, sample, &later);
    write_names(&mut out, names.iter().copied(), form, &quoting);
    for row in &rows {
        write_row(&mut out, row.iter().copied(), form, &quoting);
    }
    out
}

fn read(file: &[u8]) -> (Vec<String>, Vec<CsvRow>) {
    let mut import = CsvImport::new(CsvOptions {
        no_header: false,
        header: false,
        repair: Repairs::NONE,
        encoding: None,
        delimiter: None,
        notation: Notation::PLAIN,
        cell_bytes: 1_000,
        columns: 1_000,
        rows: 10_000,
    });
    let mut rows = Vec::new();
    import.push(file, &mut rows).expect("an own export");
    import.finish(&mut rows).expect("an own export");
    (import.columns().iter().map(|column| column.name.to_string()).collect(), rows)
}

#[test]
fn formulas_are_defused_for_spreadsheets_alone() {
    let texts = ["=1+1", "@SUM(1)", "\t=1", "+49 30", "-5", "a=1", "7"];
    let rows: Vec<CsvRow> = texts.iter().map(|text| vec![Value::from(*text)]).collect();
    let names = ["=A".to_owned()];
    let file = written(&names, &rows, SPREADSHEETS);
    assert_eq!(
        String::from_utf8_lossy(&file),
        "\u{feff}'=A\n'=1+1\n'@SUM(1)\n\"'\t'=1\"\n'+49 30\n'-5\na=1\n7\n"
    );
    let numbers = written(&names, &[vec![Value::Number(-5.0)]], SPREADSHEETS);
    assert!(numbers.ends_with(b"\n-5\n"));
    let file = written(&names, &rows, PROGRAMS);
    assert_eq!(
        String::from_utf8_lossy(&file),
        "=A\n=1+1\n@SUM(1)\n\"\t=1\"\n+49 30\n\"-5\"\na=1\n\"7\"\n"
    );
}

/// What a spreadsheet runs that divides lines at semicolons or tabs, or that passes over quotes.
#[test]
fn formulas_inside_of_a_text_are_defused_for_spreadsheets() {
    for (text, defused) in [
        ("x;=HYPERLINK(\"a\")", "x;'=HYPERLINK(\"a\")"),
        ("x; \"@a", "x;' \"@a"),
        ("a,-1;+2\t=3", "a,'-1;'+2\t'=3"),
        ("a\r\n=1\n\n-2", "a\r\n'=1\n\n'-2"),
        ("＝1；＋2;－3", "'＝1；＋2;'－3"),
        ("\n1", "'\n1"),
        ("=1;=2", "'=1;'=2"),
        ("x;a=1, b-2; 7 -3", "x;a=1, b-2; 7 -3"),
        (";é=1;", ";é=1;"),
    ] {
        assert_eq!(super::defused(text), defused, "{text:?}");
        let file = written(&["A".to_owned()], &[vec![Value::from(text)]], SPREADSHEETS);
        let line = format!("\u{feff}A\n\"{}\"\n", defused.replace('"', "\"\""));
        let plain = format!("\u{feff}A\n{defused}\n");
        let expected = if is_special(defused) { line } else { plain };
        assert_eq!(String::from_utf8_lossy(&file), expected);
    }
}

/// What spreadsheets take away before they look for a formula, at the begin and behind a separator, in names, too.
#[test]
fn formulas_behind_what_is_passed_over_are_defused_for_spreadsheets() {
    for blank in [" ", "\u{a0}", "\u{3000}", "\u{feff}", "\u{200b}", "\u{ad}", " \u{feff} ", "\""] {
        for (text, expected) in [
            (format!("{blank}=1"), format!("'{blank}=1")),
            (format!("x;{blank}@a"), format!("x;'{blank}@a")),
            (format!("{blank}a=1"), format!("{blank}a=1")),
            (format!("x;{blank}7-3"), format!("x;{blank}7-3")),
        ] {
            assert_eq!(super::defused(&text), expected, "{text:?}");
        }
        let names = [format!("{blank}=A")];
        let file = written(&names, &[], SPREADSHEETS);
        let defused = format!("'{blank}=A").replace('"', "\"\"");
        assert!(String::from_utf8_lossy(&file).contains(&defused), "{blank:?}");
    }
}

/// Texts that have the form of something else.
const FORMS: [&str; 10] =
    ["7", "true", "2024-05-01", "1e21", "007", "sep=;", " ", "'", "\u{1a}", "NA"];

#[test]
fn a_text_that_looks_like_a_number_is_quoted_where_no_other_text_shows_it() {
    let names = ["Id".to_owned(), "2.5".to_owned()];
    let rows =
        [vec![Value::from("7"), Value::Number(1.0)], vec![Value::from("8"), Value::Number(2.0)]];
    let file = written(&names, &rows, PROGRAMS);
    assert_eq!(String::from_utf8_lossy(&file), "Id,\"2.5\"\n\"7\",1\n\"8\",2\n");
    let codes = [vec![Value::from("7")], vec![Value::from("007")]];
    let file = written(&names, &codes, PROGRAMS);
    assert_eq!(String::from_utf8_lossy(&file), "Id,2.5\n7,\n007,\n");
    let words = [vec![Value::from("7")], vec![Value::from("x")]];
    let file = written(&names, &words, PROGRAMS);
    assert_eq!(String::from_utf8_lossy(&file), "Id,2.5\n\"7\",\nx,\n");
    let both = [vec![Value::from("x")], vec![Value::Number(7.0)]];
    let file = written(&names, &both, PROGRAMS);
    assert_eq!(String::from_utf8_lossy(&file), "Id,2.5\nx,\n7,\n", "each shows what it is");
}

#[test]
fn fields_are_quoted_where_they_must_be() {
    let names = ["a".to_owned(), "b".to_owned()];
    let rows = [
        vec![Value::from("a,b"), Value::from("c\"d")],
        vec![Value::from("e\nf"), Value::from("g;h")],
        vec![Value::Empty, Value::Empty],
    ];
    let file = written(&names, &rows, PROGRAMS);
    let expected = "a,b\n\"a,b\",\"c\"\"d\"\n\"e\nf\",\"g;h\"\n,\n";
    assert_eq!(String::from_utf8_lossy(&file), expected);
    let file = written(&names[..1], &[vec![Value::Empty]], PROGRAMS);
    assert_eq!(String::from_utf8_lossy(&file), "a\n\"\"\n");
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[^\0]{1,8}".prop_map(|text| Value::from(text.as_str())),
        "[,;\t|\"\r\n a1]{1,6}".prop_map(|text| Value::from(text.as_str())),
        prop::sample::select(&FORMS[..]).prop_map(Value::from),
    ]
}

fn no_text() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        prop::num::f64::NORMAL.prop_map(Value::Number),
        (-1000..1000_i32).prop_map(|number| Value::Number(number.into())),
        (-719_162..=2_932_896_i32).prop_map(Value::Date),
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::Instant),
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::LocalDateTime),
    ]
}

/// The cells of a column: texts, or other values, or both.
fn column(height: usize) -> impl Strategy<Value = Vec<Value>> {
    let cells = |value: BoxedStrategy<Value>| {
        prop::collection::vec(prop_oneof![1 => Just(Value::Empty), 4 => value], height)
    };
    let both = prop_oneof![text(), no_text()].boxed();
    prop_oneof![cells(text().boxed()), cells(no_text().boxed()), cells(both)]
}

fn table() -> impl Strategy<Value = (Vec<String>, Vec<CsvRow>)> {
    (1..4_usize, 0..12_usize).prop_flat_map(|(width, height)| {
        let name = prop_oneof![
            "[a-z]{1,4}",
            "[a-z][;|,][a-z]",
            "[1-9][0-9]{0,3}",
            "2024-05-0[1-9]",
            "(sep|SEP)=[;:]",
        ];
        let columns = prop::collection::vec(column(height), width);
        (prop::collection::btree_set(name, width), columns).prop_map(move |(names, columns)| {
            let row = |at: usize| columns.iter().map(|cells| cells[at].clone()).collect();
            (names.into_iter().collect(), (0..height).map(row).collect())
        })
    })
}

fn trimmed(mut row: CsvRow) -> CsvRow {
    while row.last() == Some(&Value::Empty) {
        row.pop();
    }
    row
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Import after export changes nothing.
    #[test]
    fn an_own_export_is_imported_as_the_same((names, rows) in table()) {
        let (read_names, read_rows) = read(&written(&names, &rows, PROGRAMS));
        prop_assert_eq!(read_names, names);
        prop_assert_eq!(read_rows, rows.into_iter().map(trimmed).collect::<Vec<_>>());
    }

    /// Another reader finds the same fields between tabs as between commas.
    #[test]
    fn tabs_change_no_field((names, rows) in table()) {
        for form in [PROGRAMS, SPREADSHEETS] {
            let fields = |form: CsvForm| {
                let file = written(&names, &rows, form);
                let mut reader = csv::ReaderBuilder::new();
                reader.has_headers(false).delimiter(form.delimiter);
                let records = reader.from_reader(&file[..]).into_byte_records();
                records.collect::<Result<Vec<_>, _>>().expect("records")
            };
            let tabs = fields(CsvForm { delimiter: b'\t', ..form });
            prop_assert_eq!(tabs, fields(form));
        }
    }
}

fn assert_comes_back(names: &[String], rows: Vec<CsvRow>) {
    let file = written(names, &rows, PROGRAMS);
    let (read_names, read_rows) = read(&file);
    assert_eq!(read_names, names);
    for (at, (read, row)) in read_rows.iter().zip(&rows).enumerate() {
        assert_eq!(*read, trimmed(row.clone()), "row {at}");
    }
    assert_eq!(read_rows.len(), rows.len());
}

/// Names as people have them: empty, equal, equal in normal form or without letter case, with white space or quotes, or as
/// the begin of a file of another format.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "",
        "",
        "a",
        "a",
        "A",
        " a",
        "a ",
        "\u{e9}",
        "e\u{301}",
        "\u{c9}",
        "\"",
        "\"a\"",
        "a\"b",
        "'",
        "1",
        "1",
        "2.5",
        "a (2)",
        "B",
        "sep=;",
        "<html>",
        "<!DOCTYPE html>",
        "<?xml version>",
        "%PDF-1.7",
        "[{\"a\":1}",
        "-",
    ];
    prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[^\0]{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Names come back as they are, whichever they are.
    #[test]
    fn the_names_of_an_own_export_come_back(
        (names, columns) in (1..5_usize, 0..6_usize).prop_flat_map(|(width, height)| {
            (prop::collection::vec(name(), width), prop::collection::vec(column(height), width))
        }),
    ) {
        let row = |at: usize| columns.iter().map(|cells| cells[at].clone()).collect();
        let rows: Vec<CsvRow> = (0..columns[0].len()).map(row).collect();
        let (read_names, read_rows) = read(&written(&names, &rows, PROGRAMS));
        prop_assert_eq!(read_names, names);
        prop_assert_eq!(read_rows, rows.into_iter().map(trimmed).collect::<Vec<_>>());
    }
}

/// A lone empty name stands in quotes, which mark its column.
#[test]
fn codes_below_a_lone_empty_name_come_back() {
    let rows = [Value::from("7"), Value::from("007"), Value::Empty].map(|value| vec![value]);
    let (names, read_rows) = read(&written(&[String::new()], &rows, PROGRAMS));
    assert_eq!(names, [""]);
    assert_eq!(read_rows, rows.map(trimmed));
}

/// Columns that look like one kind for as long as an import looks.
#[test]
fn a_kind_that_first_appears_behind_the_sample_comes_back() {
    let (first, later) = (1_000, 5);
    let columns: [(&str, Value, Value); 8] = [
        ("texts then number", Value::from("a"), Value::Number(5.0)),
        ("numbers then truth", Value::Number(1.0), Value::Bool(true)),
        ("numbers then text", Value::Number(1.0), Value::from("7")),
        ("numeric texts then number", Value::from("7"), Value::Number(7.0)),
        ("numeric texts then text", Value::from("7"), Value::from("x")),
        ("a,b", Value::from("a"), Value::Date(3)),
        ("2.5", Value::Empty, Value::Number(5.0)),
        ("2024", Value::from("2024"), Value::from("x")),
    ];
    let names = columns.each_ref().map(|(name, ..)| (*name).to_owned());
    let row = |at: usize| {
        let value = |(_, begin, end): &(&str, Value, Value)| {
            if at < first { begin.clone() } else { end.clone() }
        };
        columns.iter().map(value).collect::<CsvRow>()
    };
    assert_comes_back(&names, (0..first + later).map(row).collect());
    // Each of them alone: a lone column has blank lines.
    for (col, name) in names.iter().enumerate() {
        let rows = (0..first + later).map(|at| vec![row(at)[col].clone()]).collect();
        assert_comes_back(std::slice::from_ref(name), rows);
    }
}

/// The sample of a wide sheet ends by its bytes, in the export where it does in the import.
#[test]
fn a_wide_sheet_comes_back() {
    let names: Vec<String> = (0..100).map(|col| format!("{}.5", col * 7)).collect();
    for filler in ["", "x", "a text of some length in each of the cells"] {
        let value = |row: usize, col: usize| match (row, col % 3) {
            (0..400, 0) | (_, 1) => Value::from(filler).normalized(),
            (_, 0) => Value::Number(2.5),
            _ => Value::from("12"),
        };
        let row = |at: usize| (0..100).map(|col| value(at, col)).collect();
        assert_comes_back(&names, (0..1_300).map(row).collect());
    }
}

/// What the reader of a file takes away at its begin, at its end, or around a field.
#[test]
fn marks_and_white_space_come_back() {
    for name in
        ["\u{feff}a", " a ", "PAR1", "PK\u{3}\u{4}", "sep=;", "\u{1a}", "a\tb", "1", "\u{a0}x"]
    {
        let rows =
            ["\u{1a}\u{1a}", " 5", "5 ", "\u{feff}", "\u{b}"].map(|text| vec![Value::from(text)]);
        assert_comes_back(&[name.to_owned()], rows.to_vec());
        assert_comes_back(&[name.to_owned(), "b".to_owned()], rows.to_vec());
    }
}
