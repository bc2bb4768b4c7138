//! Tables of workbooks: kinds and epochs, far cells and empty rows, and archives that are hostile.

use std::io::{Cursor, Write as _};

use ot_engine::{ColumnKind, Value};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{kept, rows_of, table_of};
use crate::{CsvChoices, Done, Format, Options, ReadLimits, Stop, preview, worksheets};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// An archive of these parts.
fn archive(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in parts {
        zip.start_file(*name, packed).expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

/// The parts of a workbook with these rows in one worksheet.
fn parts(rows: &str, properties: &str) -> Vec<(&'static str, String)> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations =
        |all: &str| format!("<Relationships xmlns=\"{RELATIONS}\">{all}</Relationships>");
    let of_book = relation("rId1", "worksheet", "worksheets/sheet1.xml")
        + &relation("rId2", "worksheet", "worksheets/sheet2.xml")
        + &relation("rId3", "styles", "styles.xml");
    let sheets = "<sheet name=\"One\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Two\" sheetId=\"2\" r:id=\"rId2\"/>";
    let worksheet = |rows: &str| {
        format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")
    };
    // Style 1 is a date, 2 a time, 3 a duration.
    let styles = "<cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"46\"/></cellXfs>";
    let strings = "<si><t>name</t></si><si><r><t>ri</t></r><r><t>ch</t></r></si>";
    vec![
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("_rels/.rels", relations(&relation("rId1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\">{properties}<sheets>{sheets}</sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relations(&of_book)),
        ("xl/styles.xml", format!("<styleSheet xmlns=\"{MAIN}\">{styles}</styleSheet>")),
        (
            "xl/sharedStrings.xml",
            format!("<sst xmlns=\"{MAIN}\" uniqueCount=\"2\">{strings}</sst>"),
        ),
        ("xl/worksheets/sheet1.xml", worksheet(rows)),
        ("xl/worksheets/sheet2.xml", worksheet("<row r=\"1\"><c r=\"A1\"><v>5</v></c></row>")),
    ]
}

fn workbook(rows: &str) -> Vec<u8> {
    archive(&parts(rows, ""))
}

/// A row of cells, each with its letters, its attributes and its value.
fn row(at: u32, cells: &[(&str, &str, &str)]) -> String {
    let cell = |(letters, attributes, value): &(&str, &str, &str)| {
        format!("<c r=\"{letters}{at}\" {attributes}><v>{value}</v></c>")
    };
    let cells: String = cells.iter().map(cell).collect();
    format!("<row r=\"{at}\">{cells}</row>")
}

const SHARED: &str = "t=\"s\"";

#[test]
fn values_have_the_kinds_of_their_formats() {
    let head = [("B", SHARED, "0"), ("C", "t=\"str\"", "day"), ("D", "t=\"str\"", "time")];
    let first = [("B", SHARED, "1"), ("C", "s=\"1\"", "45413"), ("D", "s=\"2\"", "45413.5")];
    let second = [("B", "t=\"e\"", "#N/A"), ("C", "s=\"1\"", "60"), ("D", "s=\"2\"", "45413")];
    let third = [("B", "t=\"b\"", "1"), ("C", "", "1.5"), ("D", "s=\"3\"", "1.5")];
    let rows = row(2, &head) + &row(3, &first) + &row(4, &second) + &row(5, &third);
    let file = workbook(&rows);
    let (report, table) = table_of(&file, "x.xlsx", &Options::default()).expect("a table");
    assert_eq!((report.format, &report.doubts[..]), (Format::Xlsx, &[][..]));
    let columns = report.columns.iter().map(|column| (&*column.name, column.kind));
    let any = ColumnKind::Any;
    assert!(columns.eq([("name", any), ("day", any), ("time", any)]), "{:?}", report.columns);
    let noon = 19_844 * 86_400_000_000 + 43_200_000_000;
    assert_eq!(
        rows_of(&table),
        [
            [Value::from("rich"), Value::Date(19_844), Value::LocalDateTime(noon)],
            [Value::from("#N/A"), Value::from("1900-02-29"), Value::Date(19_844)],
            [Value::Bool(true), Value::Number(1.5), Value::from("36:00:00")]
        ]
    );
    let seen = preview(&kept(file), "x", &Options::default(), &Stop::default());
    let seen = seen.expect("a preview");
    assert_eq!((seen.worksheets, seen.rows), (vec!["One".into(), "Two".into()], rows_of(&table)));
}

#[test]
fn days_among_times_are_times_and_both_epochs_are_read() {
    let rows = row(1, &[("A", "t=\"str\"", "t")])
        + &row(2, &[("A", "s=\"2\"", "0.5")])
        + &row(3, &[("A", "s=\"2\"", "1")]);
    let book = archive(&parts(&rows, "<workbookPr date1904=\"1\"/>"));
    let (report, table) = table_of(&book, "x", &Options::default()).expect("a table");
    assert_eq!(report.columns[0].kind, ColumnKind::LocalDateTime);
    let begin = -24_107 * 86_400_000_000_i64;
    let times = [begin + 43_200_000_000, begin + 86_400_000_000].map(Value::LocalDateTime);
    assert!(rows_of(&table).into_iter().flatten().eq(times));
}

#[test]
fn formulas_without_a_value_are_in_doubt() {
    let cells = "<c r=\"A2\"><v>1</v></c><c r=\"B2\"><f>A2+1</f><v></v></c>";
    let rows = row(1, &[("A", "t=\"str\"", "a"), ("B", "t=\"str\"", "b")])
        + &format!("<row r=\"2\">{cells}</row>");
    let file = workbook(&rows);
    let (report, _) = table_of(&file, "x", &Options::default()).expect("a table");
    let doubt = "1 formula has no value, so its cell is empty; open and save the workbook in a spreadsheet program";
    assert_eq!(report.doubts.last().map(String::as_str), Some(doubt));
    let seen = preview(&kept(file), "x", &Options::default(), &Stop::default());
    let seen = seen.expect("a preview");
    assert_eq!(seen.doubts.last().map(String::as_str), Some(doubt));
}

#[test]
fn a_preview_reads_the_begin_of_a_large_worksheet_alone() {
    let number = |at: u32| (u64::from(at) * 2_654_435_761 % 1_000_000_007).to_string();
    let cells = "<c r=\"A2\"><v>1</v></c><c r=\"B2\"><f>A2+1</f><v></v></c>";
    let rows = row(1, &[("A", "t=\"str\"", "a"), ("B", "t=\"str\"", "b")])
        + &format!("<row r=\"2\">{cells}</row>")
        + &(3..150_000).map(|at| row(at, &[("A", "", &number(at))])).collect::<String>();
    let mut file = workbook(&rows);
    // The directory of the archive is at its end, and is sound.
    let behind = file.len() / 4 * 3;
    assert!(behind > 400 * 1024, "{behind}");
    file[behind..behind + 64].fill(0xff);
    assert!(table_of(&file, "x", &Options::default()).is_err(), "is damaged behind its begin");
    let seen = preview(&kept(file), "x", &Options::default(), &Stop::default());
    let seen = seen.expect("a preview");
    assert_eq!((seen.rows.len(), &seen.rows[0][0]), (20, &Value::Number(1.0)));
    let doubt = "1 formula in the begin of the worksheet has no value";
    assert!(seen.doubts.iter().any(|it| it.starts_with(doubt)), "{:?}", seen.doubts);
}

#[test]
fn a_preview_of_few_rows_reads_them_all() {
    // Wide rows: the begin has fewer of them than a sample.
    let word = |at: u32| format!("{:x}", at.wrapping_mul(2_654_435_761));
    let text = |at: u32| (at * 400..(at + 1) * 400).map(word).collect::<String>();
    let rows: String = (1..400).map(|at| row(at, &[("A", "t=\"str\"", &text(at))])).collect();
    let file = workbook(&rows);
    assert!(file.len() > 512 * 1024, "{}", file.len());
    let csv = CsvChoices { header: Some(false), ..CsvChoices::default() };
    let options = Options { csv, ..Options::default() };
    let seen = preview(&kept(file), "x", &options, &Stop::default()).expect("a preview");
    assert_eq!(seen.rows.len(), 20);
    let whole = workbook(&(rows + "<row r=\"400\"><c r=\"XFE400\"/></row>"));
    let refused = preview(&kept(whole), "x", &options, &Stop::default());
    assert!(refused.is_err(), "a cell beyond the end");
}

#[test]
fn a_worksheet_is_chosen_by_its_name() {
    let file = workbook(&row(1, &[("A", "", "1")]));
    let of = |name: &str| Options { worksheet: Some(name.to_owned()), ..Options::default() };
    let csv = CsvChoices { header: Some(false), ..CsvChoices::default() };
    let (report, table) = table_of(&file, "x", &Options { csv, ..of("Two") }).expect("a table");
    assert_eq!((&*report.columns[0].name, rows_of(&table)), ("A", vec![vec![Value::Number(5.0)]]));
    let error = table_of(&file, "x", &of("Three")).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "worksheet: the workbook has none named \"Three\"; it has \"One\", \"Two\""
    );
}

#[test]
fn sheets_without_cells_are_no_worksheets() {
    let mut parts = parts(&row(1, &[("A", "", "1")]), "");
    let chart = "<sheets><sheet name=\"Chart\" sheetId=\"3\" r:id=\"rId9\"/>";
    parts[2].1 = parts[2].1.replace("<sheets>", chart);
    let relation = format!(
        "<Relationship Id=\"rId9\" Type=\"{OFFICE}/chartsheet\" Target=\"chartsheets/sheet1.xml\"/></Relationships>"
    );
    parts[3].1 = parts[3].1.replace("</Relationships>", &relation);
    parts.push((
        "xl/chartsheets/sheet1.xml",
        format!("<chartsheet xmlns=\"{MAIN}\"><sheetViews/></chartsheet>"),
    ));
    parts[7].1 = format!("<worksheet xmlns=\"{MAIN}\"><sheetData/></worksheet>");
    let book = archive(&parts);
    let csv = CsvChoices { header: Some(false), ..CsvChoices::default() };
    let options = Options { csv, ..Options::default() };
    let names = worksheets(&kept(book.clone()), &options, &Stop::default()).expect("names");
    assert_eq!(names, ["One", "Two"]);
    let (_, table) = table_of(&book, "x", &options).expect("the first worksheet");
    assert_eq!(rows_of(&table), [[Value::Number(1.0)]]);
    let empty = Options { worksheet: Some("Two".to_owned()), ..options.clone() };
    let (report, table) = table_of(&book, "x", &empty).expect("an empty table");
    assert_eq!((table.rows(), &*report.doubts[0]), (0, "the worksheet is empty"));
    let stopped = worksheets(&kept(book), &options, &|_: Done| true).expect_err("stopped");
    assert_eq!(stopped.reason(), "TABLE_STOPPED");
}

#[test]
fn a_first_row_of_values_is_a_row() {
    let rows: String =
        (1..5).map(|at| row(at, &[("A", "", "10.5"), ("B", "t=\"b\"", "1")])).collect();
    let (report, table) = table_of(&workbook(&rows), "x", &Options::default()).expect("a table");
    assert_eq!((table.rows(), &*report.columns[1].name, report.doubts.len()), (4, "B", 1));
}

#[test]
fn a_far_cell_makes_no_wide_and_no_long_table() {
    let near = row(1, &[("A", "t=\"str\"", "a")]) + &row(2, &[("A", "", "1")]);
    let far = near + &row(1_048_576, &[("XFD", "", "7")]);
    let (report, table) = table_of(&workbook(&far), "x", &Options::default()).expect("a table");
    assert_eq!(
        rows_of(&table),
        [[Value::Number(1.0), Value::Empty], [Value::Empty, Value::from("{\"XFD1048576\":7}")]]
    );
    assert_eq!(
        report.doubts,
        [
            "1 row has values outside of the columns of the first rows; they are in the column \"(other)\"",
            "1048573 empty rows between filled ones were left out"
        ]
    );
    let head = row(1, &[("A", "t=\"str\"", "a"), ("XFD", "t=\"str\"", "b")]);
    let far = workbook(&(head + &row(2, &[("A", "", "1"), ("XFD", "", "2")])));
    let (report, table) = table_of(&far, "x", &Options::default()).expect("a table");
    assert_eq!(rows_of(&table), [[Value::Number(1.0), Value::from("{\"XFD2\":2}")]]);
    assert_eq!(report.doubts[0], "1 name far to the right of the others was left out");
    let alone = workbook(&row(1_048_576, &[("XFD", "t=\"str\"", "x")]));
    let (report, table) = table_of(&alone, "x", &Options::default()).expect("a table");
    assert_eq!((report.columns.len(), table.rows()), (1, 0));
    let (report, _) = table_of(&workbook(""), "x", &Options::default()).expect("a table");
    assert_eq!(report.doubts, ["the worksheet is empty"]);
}

#[test]
fn a_wide_worksheet_of_few_cells_has_the_kinds_of_all_its_first_rows() {
    let letters: Vec<String> = (0..16_000).map(csv_reader::letters).collect();
    let names: Vec<_> = letters.iter().map(|it| (it.as_str(), "t=\"str\"", "name")).collect();
    let far = letters[15_999].as_str();
    let last: String = (2..900).map(|at| row(at, &[(far, "", "1")])).collect();
    let text = row(900, &[(far, "t=\"str\"", "x")]);
    let file = workbook(&(row(1, &names) + &last + &text));
    let seen = preview(&kept(file), "x.xlsx", &Options::default(), &Stop::default());
    let seen = seen.expect("a preview");
    assert_eq!((seen.columns.len(), seen.columns[15_999].kind), (16_000, ColumnKind::Any));
}

#[test]
fn many_rows_keep_the_blank_ones_between_them() {
    let head = row(1, &[("A", "t=\"str\"", "a")]);
    let rows: String = (1..2_000).map(|at| row(at * 2, &[("A", "", "1.5")])).collect();
    let (report, table) =
        table_of(&workbook(&(head + &rows)), "x", &Options::default()).expect("a table");
    assert_eq!((table.rows(), report.columns.len()), (3997, 1));
    let page = table.rows_at(3994, 3, &[0], 999).expect("rows");
    let filled = Value::Number(1.5);
    assert_eq!(page, [[filled.clone()], [Value::Empty], [filled]]);
}

#[test]
fn archives_that_unpack_to_too_much_are_refused() {
    let cell = format!("<c r=\"A1\" t=\"str\"><v>{}</v></c>", "x".repeat(20_000_000));
    let error = table_of(&workbook(&format!("<row>{cell}</row>")), "x", &Options::default());
    let error = error.expect_err("refused").to_string();
    assert!(error.ends_with("sheet1.xml has a cell of more than 8388608 bytes"), "{error}");
    let limits =
        ReadLimits { unpacked_bytes: 1000, shared_text_bytes: 1000, ..ReadLimits::DEFAULT };
    let small = Options { limits, ..Options::default() };
    let long: String = (1..100).map(|at| row(at, &[("A", "", "1")])).collect();
    let error = table_of(&workbook(&long), "x", &small).expect_err("refused");
    assert!(
        error.to_string().starts_with("bytes of an unpacked worksheet: more than 1000"),
        "{error}"
    );
    let mut texts = parts("", "");
    texts[5].1 = format!("<sst uniqueCount=\"{}\"><si/></sst>", u64::MAX);
    let error = table_of(&archive(&texts), "x", &small).expect_err("refused");
    assert!(error.to_string().starts_with("bytes of the shared texts"), "{error}");
    let xlsx = Options { format: Some(Format::Xlsx), ..Options::default() };
    let mut styled = parts("", "");
    let font = format!("<fonts><font><name val=\"{}\"/></font></fonts>", "x".repeat(100_000));
    let formats = "<xf fontId=\"0\"/>".repeat(20_000);
    styled[4].1 =
        format!("<styleSheet xmlns=\"{MAIN}\">{font}<cellXfs>{formats}</cellXfs></styleSheet>");
    let error = table_of(&archive(&styled), "x", &Options::default()).expect_err("refused");
    assert!(error.to_string().starts_with("bytes in memory of the styles"), "{error}");
    // A part is what the end of its name says, however long that is.
    let folder = "f".repeat(300);
    let mut long = parts("", "");
    long[1].1 = long[1].1.replace("xl/", &format!("{folder}/"));
    let names: Vec<String> =
        long.iter().map(|(name, _)| name.replace("xl/", &format!("{folder}/"))).collect();
    long[5].1 = format!("<sst uniqueCount=\"{}\"><si/></sst>", u64::MAX);
    let long: Vec<(&str, String)> =
        names.iter().map(String::as_str).zip(long.into_iter().map(|(_, text)| text)).collect();
    let error = table_of(&archive(&long), "x", &xlsx).expect_err("refused");
    assert!(error.to_string().starts_with("bytes of the shared texts"), "{error}");
    // The part of the workbook is the one of a worksheet that is large.
    let mut other = parts(&" ".repeat(40_000_000), "");
    let relations = other[3].1.clone();
    other.push(("xl/worksheets/_rels/sheet1.xml.rels", relations));
    other[1].1 = other[1].1.replace("xl/workbook.xml", "xl/worksheets/sheet1.xml");
    let error = table_of(&archive(&other), "x", &Options::default()).expect_err("refused");
    assert!(error.to_string().starts_with("bytes of a part of a workbook"), "{error}");
}

#[test]
fn far_cells_together_are_no_larger_than_a_cell() {
    let text = "x".repeat(600_000);
    let text = |letters: &'static str| (letters, "t=\"str\"", &*text);
    let (near, one) = (row(1, &[("A", "", "1")]), row(2, &[("A", "", "1"), text("KA")]));
    assert!(table_of(&workbook(&(near.clone() + &one)), "x", &Options::default()).is_ok());
    let both = row(2, &[("A", "", "1"), text("KA"), text("KB")]);
    let error = table_of(&workbook(&(near + &both)), "x", &Options::default());
    let problem = "row 2: \"(other)\" has more than 1048576 bytes, the most of a cell";
    assert_eq!(error.expect_err("refused").to_string(), problem);
}

#[test]
fn rows_that_go_back_are_refused() {
    let rows = row(3, &[("A", "", "1")]) + &row(2, &[("A", "", "1")]);
    let error = table_of(&workbook(&rows), "x", &Options::default()).expect_err("refused");
    assert_eq!(error.to_string(), "row 3: row 2 follows it");
}

#[test]
fn references_beyond_the_largest_worksheet_are_refused() {
    let cell = |reference: &str| format!("<row><c r=\"{reference}\"><v>1</v></c></row>");
    let cases = ["A4294967296", "ZZZZZZZZ1", "XFE1", "A1048577"].map(|it| (it, cell(it)));
    let row = "<row r=\"4294967295\"><c><v>1</v></c></row><row><c><v>2</v></c></row>".to_owned();
    for (reference, rows) in cases.into_iter().chain([("4294967295", row)]) {
        let error = table_of(&workbook(&rows), "x", &Options::default()).expect_err("refused");
        let problem = format!("sheet1.xml refers to {reference:?}, which is in no worksheet");
        assert_eq!(error.reason(), "TABLE_DAMAGED");
        assert!(error.to_string().contains(&problem), "{error}");
    }
    let behind = format!("<row r=\"1048576\"></row>{}", cell("A1").replace(" r=\"A1\"", ""));
    let error = table_of(&workbook(&behind), "x", &Options::default()).expect_err("refused");
    assert_eq!(error.to_string(), "row 1048577: a cell is beyond the end of a worksheet");
    let mut sized = parts(&cell("XFD1048576"), "");
    assert!(table_of(&archive(&sized), "x", &Options::default()).is_ok());
    let dimension = "<dimension ref=\"A1:ZZZ99999999999\"/><sheetData>";
    sized[6].1 = sized[6].1.replace("<sheetData>", dimension);
    let error = table_of(&archive(&sized), "x", &Options::default()).expect_err("refused");
    assert!(error.to_string().contains("refers to \"A1:ZZZ99999999999\""), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn flipped_bytes_are_rows_or_errors(flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4), end in any::<prop::sample::Index>()) {
        let rows = row(1, &[("A", SHARED, "0"), ("B", SHARED, "1")]) + &row(2, &[("A", "", "5"), ("B", "s=\"1\"", "7")]);
        let sound = workbook(&rows);
        let mut bytes = sound.clone();
        for (at, by) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= by;
        }
        let options = Options { format: Some(Format::Xlsx), ..Options::default() };
        drop(table_of(&bytes, "x", &options));
        prop_assert!(table_of(&sound[..end.index(sound.len())], "x", &options).is_err());
    }

    #[test]
    fn any_worksheet_is_a_table_or_an_error(text in "(<row>|</row>|<c>|</c>|<c r=\"B2\"/>|<v>|</v>|1|<is>|</is>|<t>|</t>|x){0,30}") {
        let options = Options { format: Some(Format::Xlsx), ..Options::default() };
        drop(table_of(&workbook(&text), "x", &options));
    }
}
