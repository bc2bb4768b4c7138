//! The import's laws, on files as people have them: quoted, ragged, in other encodings.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;

use super::{CsvImport, CsvOptions, CsvRow, ImportError, Notation, Problem, Repairs};

mod begins;
mod choices;
mod ends;
mod forms;
mod mixed;
mod notation;

const PLAIN: CsvOptions = CsvOptions {
    no_header: false,
    header: false,
    repair: Repairs::NONE,
    encoding: None,
    delimiter: None,
    notation: Notation::PLAIN,
    cell_bytes: 100,
    columns: 8,
    rows: 5_000,
};
const REPAIR: CsvOptions = CsvOptions { repair: Repairs::ALL, ..PLAIN };
const NO_HEADER: CsvOptions = CsvOptions { no_header: true, ..PLAIN };

struct Table {
    names: Vec<String>,
    kinds: Vec<ColumnKind>,
    rows: Vec<CsvRow>,
    repaired: u64,
    doubts: Vec<String>,
}

/// Reads `file` in pieces of `piece` bytes.
fn read_in(file: &[u8], piece: usize, options: CsvOptions) -> Result<Table, ImportError> {
    let (mut import, mut rows) = (CsvImport::new(options), Vec::new());
    for bytes in file.chunks(piece) {
        import.push(bytes, &mut rows)?;
    }
    import.finish(&mut rows)?;
    assert_eq!(import.rows(), rows.len() as u64);
    Ok(Table {
        names: import.columns().iter().map(|column| column.name.to_string()).collect(),
        kinds: import.columns().iter().map(|column| column.kind).collect(),
        rows,
        repaired: import.repaired_rows(),
        doubts: import.doubts().to_vec(),
    })
}

/// Reads it whole and byte by byte: the result must not depend on the pieces.
fn read(file: &[u8], options: CsvOptions) -> Result<Table, ImportError> {
    let whole = read_in(file, usize::MAX, options.clone());
    let bytewise = read_in(file, 1, options);
    match (&whole, &bytewise) {
        (Ok(one), Ok(other)) => {
            assert_eq!((&one.names, &one.kinds), (&other.names, &other.kinds));
            assert_eq!((&one.rows, one.repaired), (&other.rows, other.repaired));
            assert_eq!(one.doubts, other.doubts);
        }
        (Err(one), Err(other)) => assert_eq!(one, other),
        _ => panic!("the pieces make a difference"),
    }
    whole
}

fn good(file: &[u8], options: CsvOptions) -> Table {
    read(file, options).expect("the file is good")
}

fn bad(file: &[u8], options: CsvOptions) -> (u64, &'static str, String) {
    match read(file, options) {
        Ok(_) => panic!("the file was taken"),
        Err(error) => (error.line, error.problem.reason(), error.to_string()),
    }
}

fn text(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

#[test]
fn a_file_becomes_names_kinds_and_values() {
    let file = b"name,count,ok,since,at,mixed,void\n\
        Bolt,12,true,2024-05-01,2024-05-01T00:00:00Z,1,\n\
        Nut,-0.5,false,0001-01-01,2024-05-01T12:00:00Z,x,\n";
    let table = good(file, PLAIN);
    assert_eq!(table.names, ["name", "count", "ok", "since", "at", "mixed", "void"]);
    use ColumnKind::{Any, Bool, Date, Instant, Number, Text};
    assert_eq!(table.kinds, [Text, Number, Bool, Date, Instant, Any, Any]);
    let day = 1_714_521_600_000_000;
    assert_eq!(
        table.rows,
        [
            vec![
                text("Bolt"),
                Value::Number(12.0),
                Value::Bool(true),
                Value::Date(19_844),
                Value::Instant(day),
                Value::Number(1.0),
            ],
            vec![
                text("Nut"),
                Value::Number(-0.5),
                Value::Bool(false),
                Value::Date(-719_162),
                Value::Instant(day + 12 * 3_600_000_000),
                text("x"),
            ],
        ]
    );
}

#[test]
fn numbers_beside_words_are_numbers_and_beside_codes_text() {
    let table =
        good(b"Name,Mixed\nbanana,10\nApple,9\ncherry,2a\nZebra,100\n\xc3\xa4pfel,x\n", PLAIN);
    let column: Vec<&Value> = table.rows.iter().map(|row| &row[1]).collect();
    let number = Value::Number;
    assert_eq!(column, [&number(10.0), &number(9.0), &text("2a"), &number(100.0), &text("x")]);
    assert_eq!((table.kinds[1], table.doubts.len()), (ColumnKind::Any, 0));
    for code in
        ["007", "9.90", "12E3", "844197938335842304", "+4930", "2024-05-01 09:30", "-0", "1,5"]
    {
        let field = if code.contains(',') { format!("\"{code}\"") } else { code.to_owned() };
        let file = format!("Code,n\n7,1\nx,2\n{field},3\n");
        let table = good(file.as_bytes(), PLAIN);
        let column: Vec<&Value> = table.rows.iter().map(|row| &row[0]).collect();
        assert_eq!(column, [&text("7"), &text("x"), &text(code)]);
        let doubt = &table.doubts[0];
        assert!(doubt.contains(&format!("\"Code\" ({code:?})")), "{doubt}");
        // Behind the sample, too.
        let late = format!("Code,n\n{}{field},3\n", "x,1\n7,1\n".repeat(600));
        let table = read_in(late.as_bytes(), usize::MAX, PLAIN).expect("good");
        assert_eq!((&table.rows[1][0], &table.rows[1_200][0]), (&number(7.0), &text(code)));
    }
}

#[test]
fn what_would_be_written_in_another_way_stays_text() {
    for field in [
        "00601",
        "+4912345",
        "12345678901234567890",
        "9007199254740993",
        "844197938335842304",
        "1e999",
        "inf",
        "0x10",
        "1_000",
        "12E3",
        "1E5",
        "1e3",
        "100.00",
        "12345678901234.5678",
        "0.12345678901234567890",
        ".5",
        "5.",
        "-0",
        " 4 ",
        "1,50",
        "1.234,5",
        "TRUE",
        "True",
        "yes",
    ] {
        let table = good(format!("id;x\n{field};\n").as_bytes(), PLAIN);
        assert_eq!(
            (table.kinds[0], &table.rows[0][0]),
            (ColumnKind::Text, &text(field)),
            "{field}"
        );
    }
    for (field, number) in [("0", 0.0), ("-7", -7.0), ("0.5", 0.5), ("1e21", 1e21)] {
        let table = good(format!("n\n{field}\n").as_bytes(), PLAIN);
        assert_eq!(table.rows[0][0], Value::Number(number), "{field}");
    }
    // In a column of numbers, too: its kind was not chosen.
    let file = format!("n\n{}2.50\n", "1\n".repeat(1_000));
    let table = read_in(file.as_bytes(), usize::MAX, PLAIN).expect("good");
    assert_eq!((table.kinds[0], &table.rows[1_000][0]), (ColumnKind::Number, &text("2.50")));
}

#[test]
fn a_missing_value_does_not_change_a_columns_kind() {
    let table = good(b"n,t\n1,a\nNA,b\n,c\n2,d\n", PLAIN);
    assert_eq!(table.kinds[0], ColumnKind::Number);
    let column: Vec<&Value> = table.rows.iter().map(|row| &row[0]).collect();
    assert_eq!(column, [&Value::Number(1.0), &text("NA"), &Value::Empty, &Value::Number(2.0)]);
}

#[test]
fn times_that_no_calendar_holds_stay_text() {
    for field in [
        "2024-13-01",
        "2024-02-30",
        "2024-05-01x",
        "05/01/2024",
        "0000-01-01",
        "0001-01-01T00:00:00+01:00",
        "2016-12-31T23:59:60Z",
        "2024-05-01T12:00:00.1234567Z",
        "2024-05-01 24:00:00",
        // Another form of the same time.
        "2024-05-01 14:00",
        "2024-05-01T14:00:00",
        "2024-05-01T12:00:00.500Z",
        "2024-05-01T14:00:00+02:00",
    ] {
        let table = good(format!("t\n{field}\n").as_bytes(), PLAIN);
        assert_eq!((table.kinds[0], &table.rows[0][0]), (ColumnKind::Text, &text(field)));
    }
    let table = good(b"t,l\n2024-05-01T12:00:00.000001Z,2024-05-01 12:00:00\n", PLAIN);
    assert_eq!(table.kinds, [ColumnKind::Instant, ColumnKind::LocalDateTime]);
    let noon = 1_714_564_800_000_000;
    assert_eq!(table.rows, [vec![Value::Instant(noon + 1), Value::LocalDateTime(noon)]]);
}

#[test]
fn delimiters_are_found_outside_of_quotes() {
    for delimiter in [",", ";", "\t", "|"] {
        let file = format!("\"a,,;;||\"{delimiter}b{delimiter}c{delimiter}d{delimiter}e\n");
        assert_eq!(good(file.as_bytes(), PLAIN).names.len(), 5, "{delimiter:?}");
    }
    let given = CsvOptions { delimiter: Some(b';'), ..PLAIN };
    assert_eq!(good(b"a,b;c\n", given).names, ["a,b", "c"]);
}

#[test]
fn line_ends_quotes_and_byte_order_mark_are_understood() {
    let table = good(b"\xef\xbb\xbfa,b\r\n\"x\r\ny\",\"say \"\"hi\"\"\"\r\n\r\nlast,row", PLAIN);
    assert_eq!(table.names, ["a", "b"]);
    assert_eq!(
        table.rows,
        [vec![text("x\r\ny"), text("say \"hi\"")], vec![text("last"), text("row")]]
    );
}

#[test]
fn empty_and_repeated_names_are_kept() {
    let table = good(b"a,,a, a ,a (2)\n", PLAIN);
    assert_eq!(table.names, ["a", "", "a", "a", "a (2)"]);
    assert_eq!(table.rows.len(), 0);
    assert_eq!(good(b"x,2\n", NO_HEADER).names, ["A", "B"]);
    // The caller knows better than the guess.
    let header = CsvOptions { header: true, ..PLAIN };
    assert_eq!(good(b"Bolt,1.5\nNut,2.5\n", header).names, ["Bolt", "1.5"]);
}

#[test]
fn years_and_counted_columns_are_headers() {
    assert_eq!(good(b"country,2019,2021\nIt,4,5\n", PLAIN).names[1], "2019");
    assert_eq!(good(b"1,2,3\n7,8,9\n", PLAIN).names, ["1", "2", "3"]);
}

/// Bad files: their line, their reason.
#[test]
fn bad_files_are_refused_with_their_line() {
    let long = format!("a\nx\n{}\n", "y".repeat(101));
    let wide = "a,b,c,d,e,f,g,h,i\n";
    let cases: [(&[u8], u64, &str); 18] = [
        (b"", 1, "CSV_EMPTY"),
        (b"\r\n\n\n", 1, "CSV_EMPTY"),
        (b"\xef\xbb\xbf", 1, "CSV_EMPTY"),
        (b"a\0,\0b\0\n\0x\0,\0y\0", 1, "CSV_UTF16"),
        (b"\xff\xfea\0\n\0\x00\xd8\n\0", 2, "CSV_DAMAGED_TEXT"),
        (b"name,age\rAda,36\rAlan\rEdsger,72", 3, "CSV_RAGGED_ROW"),
        (b"PK\x03\x04...", 1, "CSV_NOT_TEXT"),
        (b"PAR1\x15\x04..", 1, "CSV_NOT_TEXT"),
        (b"Bolt,1.5\nNut,2.5\n", 1, "CSV_NO_HEADER"),
        (b"a,b\r\n1,2\r\n\r\n3\r\n", 4, "CSV_RAGGED_ROW"),
        (b"a,b\n\"x\ny\",2\n1,2,3\n", 4, "CSV_RAGGED_ROW"),
        (b"a,b\n1,caf\xe9\n", 2, "CSV_NOT_UTF8"),
        (b"a,b\nx\0,2\n", 2, "CSV_NUL"),
        (long.as_bytes(), 3, "CSV_CELL_TOO_LARGE"),
        (wide.as_bytes(), 1, "CSV_TOO_MANY_COLUMNS"),
        (b"a,b\n1,2\n3,\"x\n4,5\n", 3, "CSV_OPEN_QUOTE"),
        (b"a,b\n1,\"", 2, "CSV_OPEN_QUOTE"),
        (b"a\xff\n1\n", 1, "CSV_NOT_UTF8"),
    ];
    for (file, line, reason) in cases {
        let (at, why, text) = bad(file, PLAIN);
        assert_eq!((at, why), (line, reason), "{:?}: {text}", String::from_utf8_lossy(file));
        assert!(text.starts_with(&format!("line {line}: ")), "{text}");
    }
}

#[test]
fn more_rows_than_allowed_are_refused_in_every_stage() {
    for rows in [3, 2_000] {
        let options = CsvOptions { rows, ..PLAIN };
        let file = format!("a\n{}", "x\n".repeat(usize::try_from(rows).expect("small") + 1));
        let error = read_in(file.as_bytes(), 100, options).err().expect("too many");
        assert_eq!((error.line, error.problem), (rows + 2, Problem::TooManyRows { limit: rows }));
    }
}

#[test]
fn repair_fills_short_rows_drops_empty_fields_and_reads_windows_1252() {
    let table = good(b"a,b\n1\n2,x,,\n3,caf\xe9 \x80 \xc3\xa9\n4,y\n", REPAIR);
    assert_eq!(table.repaired, 3);
    assert_eq!(table.rows[0], [Value::Number(1.0)]);
    assert_eq!(table.rows[1], [Value::Number(2.0), text("x")]);
    assert_eq!(table.rows[2], [Value::Number(3.0), text("caf\u{e9} \u{20ac} \u{e9}")]);
    assert_eq!(bad(b"a,b\n1,2,3\n", REPAIR).1, "CSV_RAGGED_ROW");
}

#[test]
fn a_quote_that_never_closes_does_not_fill_the_memory() {
    let mut file = b"a,b\n1,\"".to_vec();
    file.resize(9 * 1024 * 1024, b'x');
    let error = read_in(&file, 64 * 1024, PLAIN).err().expect("refused");
    assert_eq!((error.line, error.problem.reason()), (2, "CSV_ROW_TOO_LARGE"));
}

#[test]
fn rows_beyond_the_sample_are_read_as_those_in_it() {
    let mut file = String::from("n,s\n");
    for row in 0..2_500 {
        file.push_str(&format!("{row},text {row}\n"));
    }
    file.push_str("odd,\n");
    let table = read_in(file.as_bytes(), 777, PLAIN).expect("good");
    assert_eq!(table.rows.len(), 2_501);
    assert_eq!(table.rows[2_400], [Value::Number(2_400.0), text("text 2400")]);
    assert_eq!(table.rows[2_500], [text("odd")]);
}

proptest! {
    /// Any file is a table or is refused, and the pieces make no difference.
    #[test]
    fn any_bytes_are_a_table_or_refused(
        file in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(&b",;\t\"\n\r1a \xef\xbb\xbf\xff\xfe\0"[..]),
            1 => any::<u8>(),
        ], 0..200),
        repair: bool,
        no_header: bool,
    ) {
        let repair = if repair { Repairs::ALL } else { Repairs::NONE };
        let _ = read(&file, CsvOptions { repair, no_header, ..PLAIN });
    }

    /// A file that follows RFC 4180 is read back, in pieces of any size.
    #[test]
    fn written_files_are_read_back(
        cells in prop::collection::vec(prop::collection::vec("[a-z,;\"\n\r é]{1,9}x", 3), 1..20),
        piece in 1_usize..40,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["h1", "h2", "h3"]).expect("in memory");
        for row in &cells {
            writer.write_record(row).expect("in memory");
        }
        let file = writer.into_inner().expect("in memory");
        let table = read_in(&file, piece, CsvOptions { delimiter: Some(b','), ..PLAIN }).expect("good");
        let read: Vec<Vec<Value>> = table.rows;
        let written: Vec<Vec<Value>> =
            cells.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect();
        prop_assert_eq!(read, written);
    }

    /// No input makes it panic.
    #[test]
    fn any_bytes_are_survived(file in prop::collection::vec(any::<u8>(), 0..400), piece in 1_usize..50) {
        for options in [PLAIN, REPAIR, NO_HEADER] {
            let _ = read_in(&file, piece, options);
        }
    }
}
