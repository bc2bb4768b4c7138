//! The end of a file: padding, and files that were joined.

use super::*;

#[test]
fn padding_behind_the_last_line_is_left_out() {
    let rows = [[Value::Number(1.0), Value::Number(2.0)]];
    for (end, nuls) in [
        ([&b"\x1a"[..], &[0; 127]].concat(), "127 NUL characters"),
        (vec![0; 20], "20 NUL characters"),
        (vec![0], "1 NUL character "),
        (b"\0\x1a\0".to_vec(), "2 NUL characters"),
        (b"\0\0\r\n".to_vec(), "2 NUL characters"),
    ] {
        for options in [PLAIN, REPAIR] {
            let table = good(&[b"a,b\r\n1,2\r\n".to_vec(), end.clone()].concat(), options);
            assert_eq!((&table.rows[..], table.repaired), (&rows.clone().map(Vec::from)[..], 0));
            assert!(table.doubts[0].starts_with(nuls), "{:?}", table.doubts);
        }
    }
    assert_eq!(good(b"a,b\r\n1,2\x1a\0\0", PLAIN).rows, rows);
    assert_eq!(bad(b"\0\0\0", PLAIN).1, "CSV_EMPTY");
    // Behind the content of a last line that does not end, too.
    for file in [&b"a,b\n1,x\0\0"[..], b"a,b\n1,\"x\"\0\0"] {
        let table = good(file, PLAIN);
        assert_eq!(table.rows, [[Value::Number(1.0), text("x")]]);
        assert_eq!(table.doubts, ["2 NUL characters at the end of the file were left out"]);
    }
    // But what stands in quotes is content.
    for file in [&b"a,b\n1,\"x\x1a\"\x1a"[..], b"a,b\n1,\"x\x1a\"\0"] {
        assert_eq!(good(file, PLAIN).rows, [[Value::Number(1.0), text("x\u{1a}")]]);
    }
    assert_eq!(good(b"a,b\n1,\0", PLAIN).rows, [[Value::Number(1.0)]]);
    // Another line, or another field, follows.
    assert_eq!(bad(b"a,b\n1,x\0\n", PLAIN).1, "CSV_NUL");
    assert_eq!(bad(b"a,b\n\0,2\n", PLAIN).1, "CSV_NUL");
}

#[test]
fn files_that_were_joined_are_doubted() {
    for (mark, shown) in
        [("\x1a", "\x1a3"), ("\u{feff}", "\u{feff}3"), ("\x1a\u{feff}", "\x1a\u{feff}3")]
    {
        let file = format!("a,b\r\n1,2\r\n{mark}3,4\r\n");
        let table = good(file.as_bytes(), PLAIN);
        assert_eq!((&table.rows[1][0], table.repaired), (&text(shown), 0));
        assert!(
            table.doubts.iter().any(|doubt| doubt.contains("line 3 is kept")),
            "{:?}",
            table.doubts
        );
        let table = good(file.as_bytes(), REPAIR);
        assert_eq!((&table.rows[1][0], table.repaired), (&Value::Number(3.0), 1));
        assert!(table.doubts[0].contains("line 3 was left out"), "{:?}", table.doubts);
    }
    assert_eq!(good("a,b\n\"\u{feff}x\",2\n".as_bytes(), PLAIN).doubts, [""; 0]);
}

#[test]
fn a_line_of_nothing_but_an_end_mark_is_named_and_left_out() {
    let file = b"a,b\r\n1,2\r\n\x1a\r\na,b\r\n3,4\r\n";
    let (line, reason, why) = bad(file, PLAIN);
    assert_eq!((line, reason), (3, "CSV_RAGGED_ROW"));
    assert!(why.contains("nothing but the end mark of a DOS file"), "{why}");
    let table = good(file, REPAIR);
    assert_eq!((table.rows.len(), &table.rows[1][0]), (3, &text("a")));
    assert!(table.doubts.iter().any(|doubt| doubt.contains("line 3 was left out")));
    // In a file of one column it is a row that is kept, or left out.
    let file = b"n\n1\n\x1a\nn\n2\n";
    let table = good(file, PLAIN);
    assert_eq!((table.rows.len(), &table.rows[1][0]), (4, &text("\x1a")));
    assert!(table.doubts.iter().any(|doubt| doubt.contains("line 3 is kept")));
    let table = good(file, REPAIR);
    assert_eq!((table.rows.len(), &table.rows[1][0]), (3, &text("n")));
    // That of an own export stands in quotes.
    let table = good(b"n\n\"\x1a\"\nx\n", REPAIR);
    assert_eq!((&table.rows[0][0], table.doubts.len()), (&text("\x1a"), 0));
}

#[test]
fn an_end_mark_at_the_end_of_a_line_is_doubted() {
    let file = b"a,b\n1,2\x1a\n3,4\n";
    let table = good(file, PLAIN);
    assert_eq!(table.rows[0][1], text("2\x1a"));
    assert!(table.doubts.iter().any(|doubt| doubt.contains("line 2 is kept")));
    let table = good(file, REPAIR);
    assert_eq!((&table.rows[0][1], table.repaired), (&Value::Number(2.0), 1));
    assert!(table.doubts[0].contains("line 2 was left out"), "{:?}", table.doubts);
    assert_eq!(good(b"a,b\n1,\"2\x1a\"\n", REPAIR).doubts, [""; 0]);
}

#[test]
fn an_odd_byte_behind_utf_16_is_named_and_left_out() {
    let mut file: Vec<u8> =
        "\u{feff}a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    file.push(b'x');
    let (line, reason, why) = bad(&file, PLAIN);
    assert_eq!((line, reason), (3, "CSV_DAMAGED_TEXT"));
    assert!(why.contains("half of a character of UTF-16"), "{why}");
    let table = good(&file, REPAIR);
    assert_eq!(table.rows, [[Value::Number(1.0), Value::Number(2.0)]]);
    assert!(table.doubts[0].contains("which was left out"), "{:?}", table.doubts);
}
