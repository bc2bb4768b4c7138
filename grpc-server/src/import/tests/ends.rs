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
