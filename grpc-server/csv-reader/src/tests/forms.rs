//! Files as spreadsheets and other programs write them: delimiters, encodings, marks, quotes.

use super::*;

#[test]
fn a_delimiter_explains_all_lines() {
    let table = good(b"Item, name;Price, EUR\nBolt, M6;1,50\nNut, M6;0,75\n", PLAIN);
    assert_eq!(table.names, ["Item, name", "Price, EUR"]);
    assert_eq!(good(b"Amount, EUR;Qty\n1,5;3\n2,25;4\n", PLAIN).names, ["Amount, EUR", "Qty"]);
    // One line with many commas is outvoted; so are semicolons inside of texts.
    assert_eq!(good(b"a, b, c, d\te\n1\t2\n3\t4\n", PLAIN).names, ["a, b, c, d", "e"]);
    assert_eq!(good(b"a;x,b\n1,2\n3,4\n", PLAIN).names, ["a;x", "b"]);
    assert_eq!(good(b"only\none\n", PLAIN).names, ["only"]);
    let tie = good(b"Amount, EUR;Qty\n1,5;3\n2,25;4\n", PLAIN);
    assert!(tie.doubts[0].contains("at ';', but ','"), "{:?}", tie.doubts);
    assert_eq!(good(b"a,b\n1,2\n", PLAIN).doubts, [""; 0]);
}

#[test]
fn a_line_that_names_the_delimiter_is_no_row() {
    for end in ["\n", "\r\n", "\r"] {
        let file = ["sep=;", "Name;Qty", "a,b;3", ""].join(end);
        let table = good(file.as_bytes(), PLAIN);
        assert_eq!((&table.names[..], table.rows.len()), (&["Name".into(), "Qty".into()][..], 1));
        let ragged = ["sep=|", "Name|Qty", "a"].join(end);
        assert_eq!(bad(ragged.as_bytes(), PLAIN).0, 3);
    }
    assert_eq!(good(b"sep=;,b\n1,2\n", PLAIN).names, ["sep=;", "b"]);
}

#[test]
fn other_encodings_are_read_where_they_say_so() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let text_of = |file: &[u8], options| good(file, options).rows[0][1].clone();
    let file = "a\tb\r\n1\té😀\r\n";
    assert_eq!(text_of(&[b"\xff\xfe".to_vec(), wide(file)].concat(), PLAIN), text("é😀"));
    let swapped: Vec<u8> = wide(file).chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    assert_eq!(text_of(&[b"\xfe\xff".to_vec(), swapped].concat(), PLAIN), text("é😀"));
    assert_eq!(text_of(&wide(file), REPAIR), text("é😀"));
    let table = good(b"a,b\n1,x\n2,y\0z\n", REPAIR);
    assert_eq!((&table.rows[1][1], table.repaired), (&text("yz"), 1));
}

#[test]
fn the_end_mark_of_dos_is_no_row() {
    for file in [&b"a,b\r\n3,4\r\n\x1a"[..], b"a,b\r\n3,4\x1a"] {
        assert_eq!(good(file, PLAIN).rows, [[Value::Number(3.0), Value::Number(4.0)]]);
    }
    assert_eq!(good(b"a,b\n\"\x1a\",\x1ax\n", PLAIN).rows, [[text("\x1a"), text("\x1ax")]]);
}

#[test]
fn the_end_mark_of_dos_is_no_row_with_a_line_end_either() {
    for end in ["\x1a\r\n", "\x1a\n", "\x1a\r", "\x1a\x1a\r\n"] {
        assert_eq!(good(format!("a\r\n1\r\n{end}").as_bytes(), PLAIN).rows, [[Value::Number(1.0)]]);
        assert_eq!(good(format!("a,b\r\n1,x\r\n{end}").as_bytes(), PLAIN).rows.len(), 1);
        assert_eq!(bad(end.as_bytes(), PLAIN).1, "CSV_EMPTY");
    }
    // Another line follows, or it stands in quotes.
    let table = good(b"a\r\n\x1a\r\nx\r\n", PLAIN);
    assert_eq!(table.rows, [[text("\x1a")], [text("x")]]);
    assert_eq!(bad(b"a,b\n\x1a\n1,2\n", PLAIN).0, 2);
    assert_eq!(good(b"a\n\"\x1a\"\n", PLAIN).rows, [[text("\x1a")]]);
}

#[test]
fn utf_32_is_refused_by_its_name() {
    let wide = |bytes: fn(u32) -> [u8; 4]| {
        "\u{feff}a,b\n1,2\n".chars().flat_map(|mark| bytes(u32::from(mark))).collect::<Vec<u8>>()
    };
    for file in [wide(u32::to_le_bytes), wide(u32::to_be_bytes)] {
        for options in [PLAIN, REPAIR] {
            let (line, reason, why) = bad(&file, options);
            assert_eq!((line, reason), (1, "CSV_UTF32"));
            assert!(why.contains("UTF-32"), "{why}");
        }
    }
}

#[test]
fn quotes_that_are_lost_are_doubted() {
    let table = good(b"name,n\nBolt,1\n\"Acme\" GmbH,2\n", PLAIN);
    assert_eq!(table.rows[1][0], text("Acme GmbH"));
    assert_eq!(table.doubts.len(), 1);
    let doubt = "line 3: the quotes of that field were left out";
    assert!(table.doubts[0].contains(doubt), "{:?}", table.doubts);
    let table = good(b"a,b\n\"x\"y,\"z\" \n\"1\"2,3\n", PLAIN);
    assert!(table.doubts[0].contains("line 2: the quotes of that field, and of 2 further fields"));
    // Quotes inside of a field are kept, and an end mark is no text.
    let table = good(b"a,b\n5\" pipe,\"x\"\"y\"\n1,\"2\"\x1a", PLAIN);
    assert_eq!(table.doubts, [""; 0]);
}

#[test]
fn a_delimiter_that_explains_nothing_is_doubted() {
    let table = good(b"Report of May\nName;Qty\nBolt;3;x\nNut;4\nscrew\n", PLAIN);
    assert_eq!(table.names, ["Report of May"]);
    assert!(table.doubts[0].contains("';' stands in most lines"), "{:?}", table.doubts);
    for file in [&b"Note\nplain\nmore; or less\nof it; too\nand so on\n"[..], b"only\none; of\n"] {
        assert_eq!(good(file, PLAIN).doubts, [""; 0]);
    }
}

#[test]
fn the_first_line_is_where_the_file_has_it() {
    assert_eq!(bad(b"sep=;\nBolt;1.5\nNut;2.5\n", PLAIN).0, 2);
    assert_eq!(bad(b"\r\n\nBolt,1.5\nNut,2.5\n", PLAIN).0, 3);
    let wide = CsvOptions { cell_bytes: 5_000, ..PLAIN };
    let (line, reason, why) = bad(format!("\na,{}\n1,2\n", "b".repeat(1_025)).as_bytes(), wide);
    assert_eq!((line, reason), (2, "CSV_NAME_TOO_LARGE"));
    assert!(why.contains("the name of column 2"), "{why}");
}

#[test]
fn a_blank_line_is_a_value_where_there_is_one_column() {
    let table = good(b"\nn\n1\n\n3\n", PLAIN);
    assert_eq!(table.rows, [vec![Value::Number(1.0)], vec![], vec![Value::Number(3.0)]]);
    assert_eq!(good(b"a,b\n\n1,2\n\n", PLAIN).rows.len(), 1);
}

#[test]
fn quotes_say_text_where_nothing_else_is_in_them() {
    let table = good(b"\"100\",\"250\"\n\"7\",12.5\n,13.5\n", PLAIN);
    assert_eq!(table.names, ["100", "250"]);
    assert_eq!(table.rows[0], [text("7"), Value::Number(12.5)]);
    // Programs that put everything in quotes mean nothing by it.
    let table = good(b"\"a\",\"b\"\n\"7\",\"12.5\"\n", PLAIN);
    assert_eq!(table.rows[0], [Value::Number(7.0), Value::Number(12.5)]);
}

#[test]
fn all_padding_behind_the_end_mark_of_dos_is_no_row() {
    for file in [&b"a,b\r\n3,4\r\n\x1a\x1a\x1a"[..], b"a,b\r\n3,4\x1a\x1a"] {
        assert_eq!(good(file, PLAIN).rows, [[Value::Number(3.0), Value::Number(4.0)]]);
    }
    assert_eq!(good(b"a,b\n3,\x1a\x1a", PLAIN).rows, [[Value::Number(3.0)]]);
}

#[test]
fn blank_lines_that_are_left_out_are_counted() {
    let table = good(b"\r\na,b\r\n\r\n1,2\r\n\n3,4\n", PLAIN);
    assert_eq!(table.doubts, ["3 blank lines were left out"]);
    assert_eq!(good(b"a,b\n1,2\n\n", PLAIN).doubts, ["1 blank line was left out"]);
    assert_eq!(good(b"n\n1\n\n3\n", PLAIN).doubts, [""; 0]);
}

#[test]
fn a_title_that_hides_the_delimiter_is_doubted() {
    let table = good(b"Report of May\nName;Qty\nBolt;3\nNut;4\n", PLAIN);
    assert_eq!(table.names, ["Report of May"]);
    assert!(table.doubts[0].contains("';' divides"), "{:?}", table.doubts);
    for file in [&b"Note\nplain\nmore; or less\nof it\n"[..], b"only\none; of\n", b"n\n1\n2\n"] {
        assert_eq!(good(file, PLAIN).doubts, [""; 0]);
    }
}

#[test]
fn names_that_columns_share_are_reported() {
    let doubts = good(b"a,b,a,b, a\n1,2,3,4,5\n", PLAIN).doubts;
    assert_eq!(doubts.len(), 1);
    assert!(doubts[0].contains("\"a\" (3 columns), \"b\" (2 columns); their name"), "{doubts:?}");
    for file in [&b"a, b ,c\n1,2,3\n"[..], b",a,\n1,2,3\n"] {
        assert_eq!(good(file, PLAIN).doubts, [""; 0]);
    }
    // A doubt about a column without a name has its letters.
    let doubts = good(b"a,\nx,007\ny,7\nz,x\n", PLAIN).doubts;
    assert!(doubts[0].contains("\"B\" (\"007\")"), "{doubts:?}");
}

#[test]
fn quotes_around_all_fields_say_nothing_without_a_header() {
    let file = b"\"1\",\"2024-05-01\"\n\"2\",\n";
    let table = good(file, NO_HEADER);
    assert_eq!(table.kinds, [ColumnKind::Number, ColumnKind::Date]);
    // With a header it may be an own export.
    let table = good(file, PLAIN);
    assert_eq!(table.rows, [[text("2")]]);
    assert!(table.doubts[0].contains("in quotes"), "{:?}", table.doubts);
}

#[test]
fn zeros_make_no_wide_file_of_a_few_bytes_or_of_an_odd_number() {
    let mut file = b"a,b\n".to_vec();
    file.extend(b"x\0y\0,1\n".repeat(700));
    assert_eq!(bad(&file, PLAIN).1, "CSV_NUL");
    assert_eq!(bad(b"a\0,\0b\0\n\0x", PLAIN).1, "CSV_NUL");
    assert_eq!(good(b"a\0", PLAIN).names, ["a"]);
    // The begin decides, whatever follows.
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut file = wide(&"ab,cd\n".repeat(400));
    file.push(b'\n');
    assert_eq!(bad(&file, PLAIN).1, "CSV_UTF16");
    let table = good(&wide("a,b\n1,x\n"), REPAIR);
    assert_eq!(table.rows, [[Value::Number(1.0), text("x")]]);
    assert!(table.doubts[0].contains("UTF-16"), "{:?}", table.doubts);
    assert_eq!(good(&[b"\xff\xfe".to_vec(), wide("a\n1\n")].concat(), PLAIN).doubts, [""; 0]);
}

#[test]
fn a_replacement_character_of_the_file_is_no_damage() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let file = [b"\xff\xfe".to_vec(), wide("a,b\n1,\u{fffd}\n")].concat();
    assert_eq!(good(&file, PLAIN).rows[0][1], text("\u{fffd}"));
    let file = [b"\xff\xfe".to_vec(), wide("a,b\n1,"), b"\x00\xd8\n\0".to_vec()].concat();
    assert_eq!(bad(&file, PLAIN).1, "CSV_DAMAGED_TEXT");
    let table = good(&file, REPAIR);
    assert_eq!((&table.rows[0][1], table.repaired), (&text("\u{fffd}"), 1));
}

#[test]
fn a_name_is_no_file_of_another_format() {
    assert_eq!(good(b"PAR1,b\n1,2\n", PLAIN).names, ["PAR1", "b"]);
}

#[test]
fn a_kind_that_appears_behind_the_sample_is_kept() {
    let file = format!("n,t\n{}true,2024-05-01\n007,x\n", "1,2.5\n".repeat(1_000));
    let table = read_in(file.as_bytes(), usize::MAX, PLAIN).expect("good");
    assert_eq!(table.kinds, [ColumnKind::Number, ColumnKind::Number]);
    assert_eq!(table.rows[1_000], [Value::Bool(true), Value::Date(19_844)]);
    assert_eq!(table.rows[1_001], [text("007"), text("x")]);
}

/// Codes whose first ones look like numbers: the zip codes of one region, say.
#[test]
fn texts_behind_the_first_rows_are_counted() {
    let numbers = "90210,a\n".repeat(1_000);
    let doubts = |late: &str| {
        let file = format!("zip,b\n{numbers}{late}");
        read_in(file.as_bytes(), usize::MAX, PLAIN).expect("good").doubts
    };
    assert_eq!(
        doubts("01234,x\n1.50,y\n"),
        [
            "2 values of \"zip\" stay text, unlike those of the first rows; if they are codes, choose the kind Text for all of \
             them (--kinds)"
        ]
    );
    assert!(doubts("01234,x\n")[0].starts_with("1 value of \"zip\" stays text, unlike those"));
    for late in ["2,007\n", "N/A,x\n", ",x\n", "true,x\n"] {
        assert_eq!(doubts(late), [""; 0], "{late}");
    }
}

#[test]
fn a_first_line_of_nothing_but_values_is_doubted() {
    for (file, value) in [
        ("1,2\n3,4\n5,6\n", "1"),
        ("2019\n2020\n2021\n", "2019"),
        ("5\n", "5"),
        ("2024-05-01,5", "2024-05-01"),
    ] {
        let table = good(file.as_bytes(), PLAIN);
        assert_eq!(table.names[0], value);
        assert!(table.doubts[0].contains(&format!("{value:?} may be a value")), "{file}");
        let header = CsvOptions { header: true, ..PLAIN };
        for options in [header, NO_HEADER] {
            assert_eq!(good(file.as_bytes(), options).doubts, [""; 0], "{file}");
        }
    }
    for file in ["country,2019,2020\nIt,4,5\n", "a\n", "2019,2020\nx,y\n", "\"1\",\"2\"\nx,\"7\"\n"]
    {
        assert_eq!(good(file.as_bytes(), PLAIN).doubts, [""; 0], "{file}");
    }
}
