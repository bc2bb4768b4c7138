//! Reads as much of Thrift's compact protocol as checks need: how much a footer states, how deep its schema nests, and the sizes
//! of a page.
//!
//! Not the reader of Parquet's metadata, which is the crate `parquet`: it trusts sizes that a file states, and its recursion
//! has no bound. Source: the Apache Thrift compact protocol, and `parquet.thrift`.
//!
//! Invariant: no allocation, and no recursion deeper than [`DEPTH`].

/// The deepest nesting of structs that is passed over.
const DEPTH: u8 = 32;
/// The deepest nesting of a schema.
const SCHEMA_DEPTH: usize = 64;

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// The begin of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageHeader {
    /// The type of the page.
    pub(crate) kind: i64,
    /// Bytes without compression.
    pub(crate) unpacked: i64,
    /// Bytes as they are in the file.
    pub(crate) packed: i64,
    /// The bytes of the header itself.
    pub(crate) own: usize,
    /// The encoding of its values.
    pub(crate) encoding: i64,
}

/// Reads a page's header; `None`: the bytes end within it, or are none.
pub(crate) fn page_header(bytes: &[u8]) -> Option<PageHeader> {
    let (mut reader, mut page, mut last) = (Compact(bytes), PageHeader::default(), 0);
    while let Some(kind) = reader.field(&mut last)? {
        match (last, kind) {
            (1, I32) => page.kind = reader.zigzag()?,
            (2, I32) => page.unpacked = reader.zigzag()?,
            (3, I32) => page.packed = reader.zigzag()?,
            (5 | 7, STRUCT) => page.encoding = reader.number_in(2)?,
            (8, STRUCT) => page.encoding = reader.number_in(4)?,
            _ => reader.skip(kind, DEPTH)?,
        }
    }
    page.own = bytes.len() - reader.0.len();
    Some(page)
}

/// How much a footer states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footer {
    /// Elements of its schema.
    pub(crate) elements: usize,
    /// Groups of rows.
    pub(crate) groups: usize,
    /// Columns in all groups together.
    pub(crate) chunks: usize,
}

/// Reads what a footer states; `None`: it is malformed, or its schema is too deep.
pub(crate) fn footer(bytes: &[u8]) -> Option<Footer> {
    let (mut reader, mut footer, mut last) = (Compact(bytes), Footer::default(), 0);
    while let Some(kind) = reader.field(&mut last)? {
        match (last, kind) {
            (2, LIST) => footer.elements = footer.elements.max(schema(&mut reader)?),
            (4, LIST) => {
                let (element, count) = reader.list()?;
                footer.groups = footer.groups.checked_add(count)?;
                for _ in 0..count {
                    let columns = if element == STRUCT { reader.list_in(1)? } else { return None };
                    footer.chunks = footer.chunks.checked_add(columns)?;
                }
            }
            _ => reader.skip(kind, DEPTH)?,
        }
    }
    (footer.elements > 0).then_some(footer)
}

/// How many elements a schema has.
fn schema(reader: &mut Compact<'_>) -> Option<usize> {
    let (element, count) = reader.list()?;
    // The children that each open group still lacks.
    let mut open: Vec<i64> = Vec::with_capacity(SCHEMA_DEPTH);
    for _ in 0..count {
        if element != STRUCT || open.len() >= SCHEMA_DEPTH {
            return None;
        }
        if let Some(children) = open.last_mut() {
            *children -= 1;
        }
        let children = reader.number_in(5)?;
        if children > 0 {
            open.push(children);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Some(count)
}

/// How many elements the first list of a struct has.
pub(crate) fn first_list(bytes: &[u8]) -> Option<usize> {
    let (mut reader, mut last) = (Compact(bytes), 0);
    let kind = reader.field(&mut last)??;
    if kind == LIST { reader.list().map(|(_, count)| count) } else { None }
}

/// The bytes that are still to be read.
struct Compact<'a>(&'a [u8]);

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// The kind of the next field, whose number is in `last`; the inner `None` at the end of the struct.
    fn field(&mut self, last: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *last = match byte >> 4 {
            0 => self.zigzag()?,
            delta => last.checked_add(i64::from(delta))?,
        };
        Some(Some(byte & 0x0f))
    }

    /// The kind of a list's elements, and how many they are: never more than bytes are left.
    fn list(&mut self) -> Option<(u8, usize)> {
        let byte = self.byte()?;
        let count = match byte >> 4 {
            15 => usize::try_from(self.varint()?).ok()?,
            count => usize::from(count),
        };
        (count <= self.0.len()).then_some((byte & 0x0f, count))
    }

    /// The number in this field of a struct, whose other fields are passed over; 0 where it has none.
    fn number_in(&mut self, field: i64) -> Option<i64> {
        let (mut number, mut last) = (0, 0);
        while let Some(kind) = self.field(&mut last)? {
            match kind {
                I16 | I32 | I64 if last == field => number = self.zigzag()?,
                kind => self.skip(kind, DEPTH)?,
            }
        }
        Some(number)
    }

    /// How many elements this list of a struct has, whose other fields are passed over; 0 where it has none.
    fn list_in(&mut self, field: i64) -> Option<usize> {
        let (mut found, mut last) = (0_usize, 0);
        while let Some(kind) = self.field(&mut last)? {
            if kind == LIST && last == field {
                let (element, count) = self.list()?;
                found = found.checked_add(count)?;
                (0..count).try_for_each(|_| self.skip_element(element, DEPTH))?;
            } else {
                self.skip(kind, DEPTH)?;
            }
        }
        Some(found)
    }

    fn pass(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            TRUE | FALSE => {}
            BYTE => self.pass(1)?,
            I16 | I32 | I64 => _ = self.varint()?,
            DOUBLE => self.pass(8)?,
            UUID => self.pass(16)?,
            BINARY => {
                let count = usize::try_from(self.varint()?).ok()?;
                self.pass(count)?;
            }
            LIST | SET => {
                let (element, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(element, depth))?;
            }
            MAP => {
                let count = self.varint()?;
                if count > 0 {
                    let kinds = self.byte()?;
                    for _ in 0..count {
                        self.skip_element(kinds >> 4, depth)?;
                        self.skip_element(kinds & 0x0f, depth)?;
                    }
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some(kind) = self.field(&mut last)? {
                    self.skip(kind, depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// In a list a truth value has a byte of its own.
    fn skip_element(&mut self, kind: u8, depth: u8) -> Option<()> {
        match kind {
            TRUE | FALSE => self.pass(1),
            kind => self.skip(kind, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer whose schema has these numbers of children.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x02, 0x19, 0xfc, u8::try_from(children.len()).expect("few")];
        for count in children {
            // Field 5, an i32 in zigzag; then the end of the element.
            bytes.extend([0x55, count * 2, 0]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_schema_that_is_too_deep_is_none() {
        let elements = |children: &[u8]| super::footer(&footer(children)).map(|it| it.elements);
        assert_eq!(elements(&[2, 0, 0]), Some(3));
        assert_eq!(elements(&[1; 60]), Some(60));
        assert_eq!(elements(&[1; 100]), None);
        let wide: Vec<u8> = std::iter::once(60).chain([0; 60]).collect();
        assert_eq!(elements(&wide), Some(61));
    }

    #[test]
    fn groups_of_rows_and_their_columns_are_counted() {
        let mut bytes = footer(&[2, 0, 0]);
        bytes.pop();
        // Field 4, two groups; in each field 1, a list of structs, and field 3, a number.
        bytes.extend([0x29, 0x2c, 0x19, 0x2c, 0, 0, 0x26, 8, 0, 0x19, 0x1c, 0, 0, 0]);
        let counted = Footer { elements: 3, groups: 2, chunks: 3 };
        assert_eq!(super::footer(&bytes), Some(counted));
        assert!((0..bytes.len()).all(|end| super::footer(&bytes[..end]).is_none()));
        // More groups than bytes.
        let mut many = footer(&[1, 0]);
        many.pop();
        many.extend([0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 7, 0]);
        assert_eq!(super::footer(&many), None);
    }

    #[test]
    fn a_page_header_states_its_size_and_encoding() {
        // Type 0, 100 bytes unpacked, 50 packed, a data page of 5 values in PLAIN (0) with RLE levels (3).
        let bytes = [0x15, 0, 0x15, 200, 1, 0x15, 100, 0x2c, 0x15, 10, 0x15, 14, 0x15, 6, 0, 0];
        let page = page_header(&bytes).expect("a header");
        assert_eq!((page.unpacked, page.encoding), (100, 7));
        assert_eq!((page.kind, page.packed, page.own), (0, 50, bytes.len()));
        assert!((0..bytes.len()).all(|end| page_header(&bytes[..end]).is_none()));
    }
}
