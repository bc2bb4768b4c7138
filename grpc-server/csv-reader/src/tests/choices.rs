//! What a person chooses counts, and a preview shows what an import does.

use super::*;
use crate::Preview;

fn preview(file: &[u8], options: &CsvOptions, is_cut: bool) -> Result<Preview, ImportError> {
    Preview::of(options, &[], file, is_cut)
}

#[test]
fn a_preview_is_the_begin_of_the_import() {
    let file = b"sep=^\r\nName^Since\r\nAda, B^2024-05-01\r\nEve^x\r\n";
    let shown = preview(file, &PLAIN, false).expect("good");
    let table = good(file, PLAIN);
    assert_eq!(shown.columns.iter().map(|it| it.name.to_string()).collect::<Vec<_>>(), table.names);
    assert_eq!(shown.rows, table.rows);
    assert_eq!((shown.delimiter, &*shown.encoding, shown.has_header), (b'^', "utf-8", true));
    let wide: Vec<u8> = "\u{feff}a,é\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(preview(&wide, &PLAIN, false).expect("good").encoding, "utf-16le");
}

#[test]
fn what_is_cut_is_left_out() {
    let shown = preview(b"a,b\n1,2\n3,", &PLAIN, true).expect("good");
    assert_eq!(shown.rows, [vec![Value::Number(1.0), Value::Number(2.0)]]);
    let begun = preview(b"a,b", &PLAIN, true).expect("good");
    assert_eq!((begun.columns.len(), begun.rows.len()), (0, 0));
    assert_eq!(preview(b"a,\xc3", &PLAIN, true).expect("good").columns.len(), 0);
    // More rows than the kinds need.
    let long = format!("n\n{}", "1\n".repeat(3_000));
    assert_eq!(preview(long.as_bytes(), &PLAIN, true).expect("good").rows.len(), 20);
}

#[test]
fn a_first_line_that_looks_like_data_is_a_doubt_of_a_preview() {
    let shown = preview(b"1.5,x\n2.5,y\n", &PLAIN, false).expect("good");
    assert!(shown.is_header_in_doubt && !shown.has_header);
    assert_eq!(shown.rows.len(), 2);
    let header = CsvOptions { header: true, ..PLAIN };
    let shown = preview(b"1.5,x\n2.5,y\n", &header, false).expect("good");
    assert!(!shown.is_header_in_doubt && shown.has_header);
    let error = preview(b"a,b\n1\n", &PLAIN, false).expect_err("ragged");
    assert_eq!((error.line, error.problem.reason()), (2, "CSV_RAGGED_ROW"));
}

#[test]
fn a_chosen_encoding_is_the_only_one() {
    let latin = CsvOptions { encoding: Some(encoding_rs::WINDOWS_1252), ..PLAIN };
    assert_eq!(good(b"a\ncaf\xe9\n", latin.clone()).rows, [[text("café")]]);
    assert_eq!(good(b"a\ncaf\xc3\xa9\n", latin).rows, [[text("cafÃ©")]]);
    let wide: Vec<u8> =
        "name,place\nÅsa,Malmö\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(bad(&wide, PLAIN).1, "CSV_UTF16");
    let little = CsvOptions { encoding: Some(encoding_rs::UTF_16LE), ..PLAIN };
    assert_eq!(good(&wide, little).rows, [[text("Åsa"), text("Malmö")]]);
    let japanese = CsvOptions { encoding: Some(encoding_rs::SHIFT_JIS), ..PLAIN };
    assert_eq!(good(b"a\n\x93\xfa\n", japanese.clone()).rows, [[text("日")]]);
    assert_eq!(bad(b"a\n\x93\n", japanese).1, "CSV_DAMAGED_TEXT");
}

#[test]
fn each_repair_does_no_more_than_its_own() {
    let fill = CsvOptions { repair: Repairs { fill_rows: true, ..Repairs::NONE }, ..PLAIN };
    assert_eq!(good(b"a,b\nx\n", fill.clone()).rows, [[text("x")]]);
    assert_eq!(bad(b"a,b\nx,\xe9\n", fill.clone()).1, "CSV_NOT_UTF8");
    assert_eq!(bad(b"a,b\nx,y\0\n", fill).1, "CSV_NUL");
    let nul = CsvOptions { repair: Repairs { leave_out_nul: true, ..Repairs::NONE }, ..PLAIN };
    assert_eq!(good(b"a,b\nx,y\0\n", nul.clone()).rows, [[text("x"), text("y")]]);
    assert_eq!(bad(b"a,b\nx\n", nul).1, "CSV_RAGGED_ROW");
    let repair = Repairs { replace_damaged: true, ..Repairs::NONE };
    let replace = CsvOptions { repair, ..PLAIN };
    assert_eq!(good(b"a,b\nx,\xe9\n", replace).rows, [[text("x"), text("\u{fffd}")]]);
}

#[test]
fn a_chosen_kind_reads_more_forms_and_says_what_does_not_fit() {
    let kinds = [Some(ColumnKind::Number), None, Some(ColumnKind::Text), Some(ColumnKind::Bool)];
    let file = b"n,m,t,b\n007,007,7,yes\nx,1,8,no\n";
    let mut rows = Vec::new();
    let mut import = CsvImport::new(PLAIN).with_kinds(kinds.to_vec());
    import.push(file, &mut rows).expect("good");
    import.finish(&mut rows).expect("good");
    let first = [Value::Number(7.0), text("007"), text("7"), Value::Bool(true)];
    assert_eq!(rows, [first, [text("x"), text("1"), text("8"), Value::Bool(false)]]);
    let found: Vec<_> = import.columns().iter().map(|column| column.kind).collect();
    use ColumnKind::{Bool, Number, Text};
    assert_eq!(found, [Number, Text, Text, Bool]);
    let doubts = [
        "columns with values that an export would write in another form were read as text: \"m\" (\"007\"); \
         choose their kind if they hold numbers or times (--kinds)",
        "1 value of \"n\" does not fit its kind and stays text",
        "1 value of \"n\" is a number without the zeros before it",
    ];
    assert_eq!(import.doubts(), doubts);
    let shown = Preview::of(&PLAIN, &kinds, file, false).expect("good");
    assert_eq!((shown.rows, shown.doubts), (rows, import.doubts().to_vec()));
}

#[test]
fn kinds_of_columns_that_the_file_does_not_have_are_reported() {
    let doubts = |kinds: Vec<Option<ColumnKind>>| {
        Preview::of(&PLAIN, &kinds, b"n,m\n1,2\n", false).expect("good").doubts
    };
    let number = Some(ColumnKind::Number);
    let text = "kinds were chosen, but the file has 2 columns:";
    assert_eq!(doubts(vec![number; 3]), [format!("3 {text} the last one was passed over")]);
    assert_eq!(doubts(vec![number; 4]), [format!("4 {text} the others were passed over")]);
    assert_eq!(doubts(vec![number, number, None]), [""; 0]);
}

#[test]
fn a_short_row_that_is_filled_takes_no_memory_for_all_columns() {
    let repair = Repairs { fill_rows: true, ..Repairs::NONE };
    let options = CsvOptions { repair, columns: 1_000, ..PLAIN };
    let names: Vec<String> = (0..1_000).map(|at| format!("n{at}")).collect();
    let file = names.join(",") + &"\nx".repeat(2_000);
    let rows = read_in(file.as_bytes(), usize::MAX, options).expect("rows").rows;
    let last = rows.last().expect("a row");
    assert_eq!(last[..], [text("x")]);
    assert!(last.capacity() < 100, "{}", last.capacity());
}
