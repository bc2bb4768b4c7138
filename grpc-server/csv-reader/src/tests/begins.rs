//! The begin of a file: its encoding, its format, and the delimiter that it shows.

use super::*;

fn le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[test]
fn utf_16_without_a_mark_is_seen_in_every_script() {
    for (name, city) in [
        ("名前", "東京一"),
        ("имя", "Москва"),
        ("الاسم", "القاهرة"),
        ("όνομα", "Αθήνα"),
        ("이름", "서울"),
        ("なまえ", "ひろしま"),
        // Scripts whose letters have the byte of a line end: U+0Axx and U+0Dxx; and a character that ends with it, 上.
        ("ਨਾਮ", "ਊਧਮਪੁਰ"),
        ("નામ", "અમદાવાદ"),
        ("പേര്", "കൊച്ചി"),
        ("නම", "කොළඹ"),
        ("名前", "上上东上海"),
    ] {
        let file = format!("{name},n\n{city},1\n{city},2\n");
        for bytes in [le(&file), be(&file)] {
            assert_eq!(bad(&bytes, PLAIN).1, "CSV_UTF16", "{file}");
            let table = good(&bytes, REPAIR);
            assert_eq!((&*table.names[0], &table.rows[0][0]), (name, &text(city)));
            assert!(table.doubts[0].contains("UTF-16"), "{:?}", table.doubts);
        }
        assert_eq!(good(file.as_bytes(), PLAIN).names[0], name);
    }
    // Where each line ends with a `\r` alone.
    for name in ["പേര്", "නම", "ਨਾਮ", "નામ"] {
        let file = format!("{name},n\r{name},1\r{name},2\r");
        for bytes in [le(&file), be(&file)] {
            assert_eq!(bad(&bytes, PLAIN).1, "CSV_UTF16", "{file}");
            assert_eq!(good(&bytes, REPAIR).rows[0][0], text(name));
        }
    }
    let long = format!("名前,値\n{}", "山田,東京\n".repeat(2_000));
    assert_eq!(good(&be(&long), REPAIR).rows.len(), 2_000);
}

#[test]
fn a_mark_that_contradicts_the_chosen_encoding_is_refused() {
    let chosen = |encoding| CsvOptions { encoding: Some(encoding), ..PLAIN };
    let (little, big) = (le("\u{feff}a,b\n1,é\n"), be("\u{feff}a,b\n1,é\n"));
    let (_, reason, why) = bad(&little, chosen(encoding_rs::UTF_16BE));
    assert_eq!(reason, "MALFORMED");
    assert!(why.contains("byte order mark") && why.contains("utf-16le"), "{why}");
    for file in [&little, &big] {
        assert_eq!(bad(file, chosen(encoding_rs::UTF_8)).1, "MALFORMED");
    }
    assert_eq!(good(&little, chosen(encoding_rs::UTF_16LE)).rows[0][1], text("é"));
    assert_eq!(good(&big, chosen(encoding_rs::UTF_16BE)).rows[0][1], text("é"));
    assert_eq!(good(b"\xef\xbb\xbfa\nx\n", chosen(encoding_rs::UTF_8)).names, ["a"]);
    assert_eq!(good(b"a\n\xe9\n", chosen(encoding_rs::WINDOWS_1252)).rows, [[text("é")]]);
}

#[test]
fn a_file_of_another_format_is_named() {
    let cases: [(&[u8], &str); 11] = [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0", "Office"),
        (b"%PDF-1.7\n%\xe2\xe3\n", "PDF"),
        (b"SQLite format 3\0\x10\0", "SQLite"),
        (b"\xef\xbb\xbf <!DOCTYPE html>\n<p>x</p>\n", "HTML"),
        (b"<html>\n<p>x</p>\n", "HTML"),
        (b"<html><p>a, b; c</p></html>", "HTML"),
        (b"<!DOCTYPE html>\n<p>a, b</p>\n<p>c, d</p>\n", "HTML"),
        (b"<?xml version=\"1.0\"?>\n<rows>\n<row/>\n</rows>\n", "XML"),
        (b"{\"a\": 1, \"b\": 2}\n{\"a\": 3, \"b\": 4}\n", "JSON"),
        (b"[\n  {\n    \"a\": 1\n  }\n]\n", "JSON"),
        (b"[{\"a\":1},{\"a\":2}]", "JSON"),
    ];
    for (file, what) in cases {
        let (line, reason, why) = bad(file, PLAIN);
        assert_eq!((line, reason), (1, "CSV_NOT_TEXT"), "{what}");
        assert!(why.contains(what), "{why}");
    }
    // A delimiter is a choice: the text is CSV.
    let chosen = CsvOptions { delimiter: Some(b'\t'), ..PLAIN };
    assert_eq!(good(b"<html>\tb\n1\t2\n", chosen.clone()).names, ["<html>", "b"]);
    assert_eq!(good(b"[{\"a\":1}]\tb\nx\t2\n", chosen).names[1], "b");
    for file in [&b"[a],b\n1,2\n"[..], b"<htmlish>,b\n1,2\n", b"{a},b\n1,2\n", b"{}\n1\n"] {
        assert_eq!(good(file, PLAIN).rows.len(), 1);
    }
}

#[test]
fn a_name_that_is_a_tag_begins_a_table() {
    let cases: [(&[u8], &[&str]); 5] = [
        (b"<html>,b\n1,2\n", &["<html>", "b"]),
        (b"<html>;b\n<p>x</p>;2\n<p>y</p>;3\n", &["<html>", "b"]),
        (b"<html>\tb\n", &["<html>", "b"]),
        (b"<html>\nx\n", &["<html>"]),
        (b"<?xml version,b\n<a/>,2\n", &["<?xml version", "b"]),
    ];
    for (file, names) in cases {
        let table = good(file, PLAIN);
        assert_eq!(table.names, names);
        assert_eq!(table.doubts.len(), 1, "{:?}", table.doubts);
        assert!(table.doubts[0].contains("but was read as CSV"), "{:?}", table.doubts);
    }
    assert_eq!(good(b"\"<html>\"\nx\n", PLAIN).doubts, [""; 0]);
}

#[test]
fn a_first_line_with_another_delimiter_is_doubted() {
    for (file, other) in
        [("Report 2024, final\nName;Qty\nBolt;3\nNut;4\n", "';'"), ("a;b\n1,2\n3,4\n", "','")]
    {
        let (line, reason, why) = bad(file.as_bytes(), PLAIN);
        assert_eq!((line, reason), (2, "CSV_RAGGED_ROW"));
        assert!(why.contains(&format!("choose the delimiter {other}")), "{why}");
        let facts = read(file.as_bytes(), PLAIN).err().expect("ragged").problem.facts();
        assert_eq!(facts[2], ("other_delimiter", u64::from(other.as_bytes()[1])));
        let doubts = good(file.as_bytes(), REPAIR).doubts;
        assert!(doubts[0].contains(&format!("{other} divides most lines")), "{doubts:?}");
    }
    let why = bad(b"a,b\n1,2\n3\n", PLAIN).2;
    assert!(why.contains("which fills it"), "{why}");
}

#[test]
fn a_quoted_line_and_one_with_empty_fields_name_the_delimiter() {
    for first in ["\"sep=;\"", "sep=;,,", "sep=;;;"] {
        let table = good(format!("{first}\r\nName;Qty\r\na,b;3\r\n").as_bytes(), PLAIN);
        assert_eq!(table.names, ["Name", "Qty"], "{first}");
        assert_eq!(table.rows, [[text("a,b"), Value::Number(3.0)]]);
    }
    // A name of an own export.
    assert_eq!(good(b"\"sep=;\"\n\"a;b\"\nx\n", PLAIN).names, ["sep=;"]);
    assert_eq!(good(b"\"sep=,\",\n1,x\n", PLAIN).names, ["sep=,", ""]);
}

#[test]
fn quotes_of_an_own_export_are_not_doubted() {
    let table = good(b"\"a,b\"\n\"-5\"\n", PLAIN);
    assert_eq!((&table.names[..], &table.rows[..]), (&["a,b".into()][..], &[vec![text("-5")]][..]));
    assert_eq!(table.doubts, [""; 0]);
}

#[test]
fn a_file_that_is_no_text_is_named_by_its_first_bytes() {
    let tar = [b"a.csv".to_vec(), vec![0; 252], b"ustar\x0000".to_vec(), vec![0; 249]].concat();
    let column = [b"NAME".to_vec(), vec![0; 7], b"C".to_vec(), vec![0; 20]].concat();
    let header = b"\x03\x7c\x05\x01\x01\0\0\0\x41\0\x0b\0".to_vec();
    let dbase = [header, vec![0; 20], column, b"\r Ada       ".to_vec()].concat();
    let cases: [(&[u8], &str); 12] = [
        (&tar[..], "tar"),
        (&dbase[..], "dBASE"),
        (b"BZh91AY&SY\x8a\0", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
        (b"\xfd7zXZ\0\0\x04", "xz"),
        (b"\x28\xb5\x2f\xfd\x24\0", "Zstandard"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"<table>\n<tr><td>a</td></tr>\n</table>\n", "an HTML table"),
        (b"<Workbook xmlns=\"x\">\n<Worksheet/>\n</Workbook>\n", "an XML spreadsheet"),
        (
            b"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook>\n</Workbook>\n",
            "an XML spreadsheet",
        ),
        (b"<?xml version=\"1.0\"?>\n<rows>\n<row/>\n</rows>\n", "an XML file"),
    ];
    for (file, what) in cases {
        for options in [PLAIN, REPAIR] {
            let (line, reason, why) = bad(file, options);
            assert_eq!((line, reason), (1, "CSV_NOT_TEXT"), "{what}: {why}");
            assert!(why.contains(what), "{why}");
        }
    }
    let long = format!("{},ustar\n1,2\n", "a".repeat(100));
    for file in ["BZh9,b\n1,2\n", "BZh,1AY&SY\n1,2\n", "<table>,b\n1,2\n", long.as_str()] {
        let names = good(file.as_bytes(), PLAIN).names;
        assert_eq!(names.len(), 2, "{file}");
    }
}

#[test]
fn utf_32_without_a_mark_is_named() {
    for file in ["a,b\n1,2\n", "名,n\n上,1\n"] {
        let little: Vec<u8> = file.chars().flat_map(|it| u32::from(it).to_le_bytes()).collect();
        let big: Vec<u8> = file.chars().flat_map(|it| u32::from(it).to_be_bytes()).collect();
        for bytes in [little, big] {
            for options in [PLAIN, REPAIR] {
                assert_eq!(bad(&bytes, options).1, "CSV_UTF32", "{file}");
            }
        }
    }
    assert_eq!(bad(&le("1\n2\n3\n4\n"), PLAIN).1, "CSV_UTF16");
}

#[test]
fn a_line_that_names_the_delimiter_may_have_spaces_and_stand_twice() {
    for first in [" sep=;", "sep=; ", "sep=;;; ", "\nsep=;", "\r\n\r\nsep=;", "sep=;\nsep=;"] {
        let table = good(format!("{first}\nName;Qty\na,b;3\n").as_bytes(), PLAIN);
        assert_eq!(table.names, ["Name", "Qty"], "{first:?}");
        assert_eq!(table.rows, [[text("a,b"), Value::Number(3.0)]]);
        assert_eq!(table.doubts, [""; 0], "{first:?}");
    }
    assert_eq!(bad(b"\nsep=;\nsep=;\na;b\n1\n", PLAIN).0, 5);
}

#[test]
fn a_named_delimiter_that_divides_nothing_is_doubted() {
    let table = good(b"sep=;\na,b\n1,2\n3,4\n", PLAIN);
    assert_eq!(table.names, ["a,b"]);
    assert!(table.doubts[0].contains("names the delimiter ';'"), "{:?}", table.doubts);
    assert!(table.doubts[0].contains("choose the delimiter ','"), "{:?}", table.doubts);
    let comma = CsvOptions { delimiter: Some(b','), ..PLAIN };
    let table = good(b"sep=;\na,b\n1,2\n3,4\n", comma);
    assert_eq!((table.names.len(), table.doubts.len()), (2, 0));
}
