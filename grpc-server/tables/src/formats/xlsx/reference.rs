//! References to cells in the elements of a worksheet, which the reader of workbooks counts without a bound.
//!
//! Not the elements: see `scan`. Invariant: a reference that passes is in the largest worksheet there is.

/// Columns of the largest worksheet: its last one is XFD.
const COLUMNS: u32 = 16_384;
/// Rows of the largest worksheet.
const ROWS: u32 = 1_048_576;
/// Bytes of a reference: two cells take fewer.
const BYTES: usize = 32;
/// Bytes of the name of an attribute that are kept: those of references are shorter.
const NAME: usize = 8;

/// The attribute of a tag in which a look through a worksheet is.
#[derive(Default)]
pub(super) struct Attribute {
    name: Vec<u8>,
    /// Whether a further byte belongs to the name of another attribute.
    is_named: bool,
    /// The value of a reference.
    value: Vec<u8>,
}

impl Attribute {
    /// Begins a tag.
    pub(super) fn clear(&mut self) {
        self.name.clear();
        self.value.clear();
        self.is_named = false;
    }

    /// Takes a byte of a tag outside of quotes.
    pub(super) fn byte(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() || byte == b'=' {
            self.is_named = true;
            return;
        }
        if std::mem::take(&mut self.is_named) {
            self.name.clear();
        }
        if self.name.len() < NAME {
            self.name.push(byte);
        }
    }

    /// Takes bytes of a value, which only a reference keeps.
    pub(super) fn text(&mut self, element: &[u8], bytes: &[u8]) {
        if is_reference(element, &self.name) {
            let left = (BYTES + 1).saturating_sub(self.value.len());
            self.value.extend_from_slice(&bytes[..bytes.len().min(left)]);
        }
    }

    /// Ends a value; an error is a sentence without a subject.
    pub(super) fn end(&mut self, element: &[u8]) -> Result<(), String> {
        let is_sound = !is_reference(element, &self.name) || is_inside(&self.value);
        let found = String::from_utf8_lossy(&self.value).into_owned();
        self.clear();
        // A further attribute follows.
        self.is_named = true;
        match is_sound {
            true => Ok(()),
            false => {
                let found = crate::error::short(&found);
                Err(format!("refers to {found:?}, which is in no worksheet up to XFD{ROWS}"))
            }
        }
    }
}

/// Whether the reader of workbooks reads a reference from an attribute of an element.
fn is_reference(element: &[u8], attribute: &[u8]) -> bool {
    matches!((element, attribute), (b"c" | b"row", b"r") | (b"dimension", b"ref"))
}

/// Whether a cell, a row or two cells in their order are in a worksheet.
fn is_inside(reference: &[u8]) -> bool {
    if reference.len() > BYTES {
        return false;
    }
    let mut last = (0, 0);
    reference.split(|byte| *byte == b':').all(|cell| {
        let Some((column, row)) = place(cell) else { return false };
        let is_ordered = last.0 <= column && last.1 <= row;
        last = (column, row);
        is_ordered && column <= COLUMNS && (1..=ROWS).contains(&row)
    })
}

/// Whether a cell that is counted from 0, without a reference, is in a worksheet.
pub(super) fn has_place(row: u32, column: u32) -> bool {
    row < ROWS && column < COLUMNS
}

/// The column and the row of a cell, counted from 1; the column of a row is 0.
fn place(cell: &[u8]) -> Option<(u32, u32)> {
    let letters = cell.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (letters, digits) = cell.split_at(letters);
    let letter = |sum: u32, byte: &u8| {
        let letter = u32::from(byte.to_ascii_uppercase() - b'A') + 1;
        sum.saturating_mul(26).saturating_add(letter)
    };
    let digit = |sum: u32, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        Some(sum.saturating_mul(10).saturating_add(digit))
    };
    Some((letters.iter().fold(0, letter), digits.iter().try_fold(0, digit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_the_largest_worksheet_pass() {
        for sound in ["A1", "xfd1048576", "7", "A1:XFD1048576", "B2:B2"] {
            assert!(is_inside(sound.as_bytes()), "{sound}");
        }
    }

    #[test]
    fn references_beyond_the_largest_worksheet_do_not() {
        let refused = [
            "",
            "A",
            "A0",
            "A1:",
            "XFE1",
            "A1048577",
            "A4294967296",
            "A4294967297",
            "ZZZZZZZZ1",
            "4294967295",
            "A1:ZZZ99999999999",
            "B2:A1",
            "$A$1",
            "A1B",
            "A00000000000000000000000000000001",
        ];
        for text in refused {
            assert!(!is_inside(text.as_bytes()), "{text}");
        }
    }
}
