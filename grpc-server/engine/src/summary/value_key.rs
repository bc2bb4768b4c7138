//! A value as bytes that equal values share, and back.
//!
//! Not an order: see `order`. Invariant: values of different kinds have different bytes, and each comes back as it is.

use std::borrow::Cow;

use tables::Cell;

const TRUTH: u8 = 1;
const NUMBER: u8 = 2;
const DATE: u8 = 3;
const LOCAL: u8 = 4;
const INSTANT: u8 = 5;
const TEXT: u8 = 6;

/// Appends the bytes of a value. False: there is none.
pub(super) fn write(cell: &Cell<'_>, key: &mut Vec<u8>) -> bool {
    let mut put = |kind: u8, bytes: &[u8]| {
        key.push(kind);
        key.extend_from_slice(bytes);
    };
    match cell {
        Cell::Empty => return false,
        Cell::Bool(truth) => put(TRUTH, &[u8::from(*truth)]),
        Cell::Number(number) => put(NUMBER, &number.to_bits().to_be_bytes()),
        Cell::Date(days) => put(DATE, &days.to_be_bytes()),
        Cell::LocalDateTime(micros) => put(LOCAL, &micros.to_be_bytes()),
        Cell::Instant(micros) => put(INSTANT, &micros.to_be_bytes()),
        Cell::Text(text) => put(TEXT, text.as_bytes()),
    }
    true
}

/// The value of such bytes; `None` for others.
pub(super) fn read(key: &[u8]) -> Option<Cell<'_>> {
    let (kind, bytes) = key.split_first()?;
    Some(match *kind {
        TRUTH => Cell::Bool(bytes != [0]),
        NUMBER => Cell::Number(f64::from_bits(u64::from_be_bytes(bytes.try_into().ok()?))),
        DATE => Cell::Date(i32::from_be_bytes(bytes.try_into().ok()?)),
        LOCAL => Cell::LocalDateTime(i64::from_be_bytes(bytes.try_into().ok()?)),
        INSTANT => Cell::Instant(i64::from_be_bytes(bytes.try_into().ok()?)),
        TEXT => Cell::Text(Cow::Borrowed(std::str::from_utf8(bytes).ok()?)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        let cells = [
            Cell::Bool(false),
            Cell::Bool(true),
            Cell::Number(-1.5),
            Cell::Date(-3),
            Cell::LocalDateTime(7),
            Cell::Instant(7),
            Cell::Text("é".into()),
        ];
        for cell in cells {
            let mut key = Vec::new();
            assert!(write(&cell, &mut key));
            assert_eq!(read(&key), Some(cell));
        }
        assert!(!write(&Cell::Empty, &mut Vec::new()));
        assert_eq!((read(&[]), read(&[NUMBER, 1]), read(&[99])), (None, None, None));
    }
}
