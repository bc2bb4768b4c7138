//! Looks through a part of a workbook before its reader does, which bounds nothing: how much comes between two cells, how deep
//! its elements nest, whether they close in their order, whether its references are in a worksheet.
//!
//! Not the cells: their reader follows. Invariant: after a look without an error the reader holds no more than the bound of one
//! row at a time.

use std::collections::VecDeque;

use super::formulas::Formulas;
use super::reference::Attribute;

/// The deepest nesting of elements.
const DEPTH: usize = 64;
/// The longest name of an element.
const NAME: usize = 64;
/// The depth of a row's end: a worksheet, its data, the row.
const ROW: usize = 3;

/// The element with the cells.
const CELLS: &[u8] = b"sheetData";

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Text,
    /// Behind `<`.
    Opened,
    /// In the name of a tag that begins an element.
    Name,
    /// Behind that name; in quotes if any, and whether the last byte was a slash.
    Tag {
        quote: Option<u8>,
        slash: bool,
    },
    /// In a tag that ends an element.
    End,
    /// In what begins with `<?` or `<!`, up to this end.
    Until(&'static [u8]),
}

/// Looks through a worksheet.
pub(super) struct Scan {
    place: Place,
    /// The names of the open elements.
    open: Vec<Vec<u8>>,
    name: Vec<u8>,
    attribute: Attribute,
    /// The last bytes of what begins with `<!` or `<?`.
    last: VecDeque<u8>,
    /// Bytes since the last cell or row ended.
    since: usize,
    most: usize,
    /// Whether the cells have ended: their reader reads nothing behind them.
    is_behind: bool,
    /// The last two bytes of the tag outside of quotes, and whether it has an attribute `t`.
    before: [u8; 2],
    has_type: bool,
    formulas: Formulas,
}

impl Scan {
    /// With so many bytes between the ends of two cells at most.
    pub(super) fn new(most: usize) -> Self {
        Self {
            place: Place::Text,
            open: Vec::new(),
            name: Vec::new(),
            attribute: Attribute::default(),
            last: VecDeque::new(),
            since: 0,
            most,
            is_behind: false,
            before: [b' '; 2],
            has_type: false,
            formulas: Formulas::default(),
        }
    }

    /// The formulas of cells that have no value.
    pub(super) fn without_value(&self) -> u64 {
        self.formulas.without_value()
    }

    /// Looks at the next bytes; an error is a sentence without a subject.
    pub(super) fn look(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        while !bytes.is_empty() {
            // Most bytes are within texts and tags: those are passed over at once.
            let plain = match self.place {
                Place::Text => bytes.iter().position(|byte| *byte == b'<'),
                Place::Tag { quote: Some(quote), .. } => {
                    bytes.iter().position(|byte| *byte == quote)
                }
                _ => Some(0),
            };
            let plain = plain.unwrap_or(bytes.len());
            if plain > 0 && self.place == Place::Text {
                self.formulas.text(local(self.open.last().map_or(&[][..], Vec::as_slice)));
            }
            self.since += plain;
            if let Place::Tag { quote: Some(_), .. } = self.place {
                self.attribute.text(local(&self.name), &bytes[..plain]);
            }
            bytes = &bytes[plain..];
            if let Some((byte, rest)) = bytes.split_first() {
                self.since += 1;
                self.byte(*byte)?;
                bytes = rest;
            }
            if self.since > self.most && !self.is_behind {
                return Err(format!("has a cell of more than {} bytes", self.most));
            }
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), String> {
        self.place = match (self.place, byte) {
            (Place::Text, _) => {
                self.name.clear();
                self.attribute.clear();
                self.last.clear();
                (self.before, self.has_type) = ([b' '; 2], false);
                Place::Opened
            }
            (Place::Opened, b'/') => Place::End,
            (Place::Opened, b'?') => Place::Until(b"?>"),
            (Place::Opened, b'!') => Place::Until(b""),
            (Place::Until(b""), byte) => self.special(byte)?,
            (Place::Until(end), byte) => {
                self.last.push_back(byte);
                if self.last.len() > end.len() {
                    self.last.pop_front();
                }
                if self.last.iter().eq(end) { Place::Text } else { Place::Until(end) }
            }
            (Place::Opened | Place::Name, b'>') => self.begin(false)?,
            (Place::Name, b'/') => Place::Tag { quote: None, slash: true },
            (Place::Opened | Place::Name, byte) if byte.is_ascii_whitespace() => {
                Place::Tag { quote: None, slash: false }
            }
            (Place::Opened | Place::Name, byte) => self.named(byte, Place::Name)?,
            (Place::Tag { quote: Some(_), .. }, _) => {
                let value = self.attribute.end(local(&self.name));
                if !self.is_behind {
                    value?;
                }
                Place::Tag { quote: None, slash: false }
            }
            (Place::Tag { quote: None, slash }, b'>') => self.begin(slash)?,
            (Place::Tag { .. }, b'"' | b'\'') => Place::Tag { quote: Some(byte), slash: false },
            (Place::Tag { .. }, byte) => {
                let [first, second] = self.before;
                self.has_type |= first.is_ascii_whitespace() && second == b't' && byte == b'=';
                self.before = [second, byte];
                self.attribute.byte(byte);
                Place::Tag { quote: None, slash: byte == b'/' }
            }
            (Place::End, b'>') => self.end()?,
            (Place::End, byte) if byte.is_ascii_whitespace() => Place::End,
            (Place::End, byte) => self.named(byte, Place::End)?,
        };
        Ok(())
    }

    fn named(&mut self, byte: u8, place: Place) -> Result<Place, String> {
        if self.name.len() >= NAME {
            return Err(format!("has an element whose name is longer than {NAME} bytes"));
        }
        self.name.push(byte);
        Ok(place)
    }

    /// Behind `<!`: a comment or a section of characters; nothing else is in a workbook.
    fn special(&mut self, byte: u8) -> Result<Place, String> {
        self.name.push(byte);
        let begins: [(&[u8], &'static [u8]); 2] = [(b"--", b"-->"), (b"[CDATA[", b"]]>")];
        for (begin, end) in begins {
            if self.name == begin {
                return Ok(Place::Until(end));
            }
            if begin.starts_with(&self.name) {
                return Ok(Place::Until(b""));
            }
        }
        Err("declares a type of document, which is not read".to_owned())
    }

    fn begin(&mut self, is_closed: bool) -> Result<Place, String> {
        if !self.is_behind {
            self.formulas.begin(local(&self.name), self.has_type);
        }
        if is_closed {
            self.closed();
            return Ok(Place::Text);
        }
        if self.open.len() >= DEPTH {
            return Err(format!("has elements nested deeper than {DEPTH}"));
        }
        self.open.push(self.name.clone());
        Ok(Place::Text)
    }

    fn end(&mut self) -> Result<Place, String> {
        if self.open.pop().as_ref() != Some(&self.name) {
            return Err("has an element that ends where another one is open".to_owned());
        }
        if !self.is_behind {
            self.formulas.end(local(&self.name));
        }
        self.closed();
        Ok(Place::Text)
    }

    /// An element has ended: where no cell is open, the reader holds nothing.
    fn closed(&mut self) {
        let open = |at: usize| local(self.open.get(at).map_or(&[][..], Vec::as_slice));
        let is_row = self.open.len() == ROW && open(1) == CELLS && open(2) == b"row";
        self.is_behind |= self.open.len() == 1 && local(&self.name) == CELLS;
        if self.open.len() < ROW || is_row {
            self.since = 0;
        }
    }
}

/// A name without its prefix.
fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str, most: usize) -> Result<(), String> {
        let mut scan = Scan::new(most);
        // In pieces of any size.
        text.as_bytes().chunks(3).try_for_each(|piece| scan.look(piece))
    }

    #[test]
    fn sound_parts_pass() {
        let cell = "<c r=\"A1\" t='s>'><v>1</v></c><c/>";
        let rows = format!("<row>{}</row>", cell.repeat(100));
        let text = format!(
            "<?xml version=\"1.0\"?><!-- <c> --><worksheet><sheetData>{}</sheetData></worksheet>",
            rows.repeat(10)
        );
        look(&text, 100).expect("sound");
        look("<a><![CDATA[</b>]]></a>", 100).expect("sound");
    }

    #[test]
    fn formulas_without_a_value_are_counted() {
        let cells = [
            "<c r=\"A1\"><f>1+1</f><v></v></c>",
            "<c r=\"B1\" s=\"1\"><f>1+1</f><v/></c>",
            "<x:c><x:f t=\"shared\" si=\"0\"/></x:c>",
            "<c r=\"A1\"><f>1+1</f><v>2</v></c>",
            "<c r=\"A1\" t=\"str\"><f>A1</f><v></v></c>",
            "<c><v/></c><c/>",
        ];
        let text = format!(
            "<worksheet><sheetData><row>{}</row></sheetData><c><f>1</f></c></worksheet>",
            cells.concat()
        );
        for size in [1, 3, 1_000] {
            let mut scan = Scan::new(100);
            text.as_bytes().chunks(size).try_for_each(|piece| scan.look(piece)).expect("sound");
            assert_eq!(scan.without_value(), 3, "pieces of {size}");
        }
    }

    #[test]
    fn what_follows_the_cells_has_no_bound() {
        let rest = format!("<extLst><ext><a>{}</a></ext></extLst>", "<b></b>".repeat(100));
        for cells in ["<sheetData/>", "<x:sheetData><row></row></x:sheetData>"] {
            look(&format!("<worksheet>{cells}{rest}</worksheet>"), 90).expect("sound");
        }
        assert!(look(&format!("<worksheet>{rest}<sheetData/></worksheet>"), 90).is_err());
        assert!(look(&format!("<worksheet><a><sheetData/></a>{rest}</worksheet>"), 90).is_err());
    }

    #[test]
    fn references_are_looked_at_where_cells_are_read() {
        let cells = |tag: &str| format!("<worksheet><x:sheetData><{tag}/></x:sheetData>");
        let sound = [
            "c r=\"A1\" s=\"4294967296\"",
            "c x=\"XFE1\" r = 'XFD1048576'",
            "row r=\"1048576\" spans=\"0:99999999\"",
            "f r=\"XFE1\" ref=\"XFE1\"",
        ];
        for tag in sound {
            look(&cells(tag), 900).expect(tag);
        }
        look(&format!("{}<c r=\"XFE1\"/>", cells("c")), 900).expect("behind the cells");
        let refused = [
            "c s='1' r=\"XFE1\"",
            "x:c\nr\t=\n'A1048577'",
            "c/r=\"A1\" r='XFE1'",
            "row r=\"4294967295\"",
            "dimension ref=\"A1:ZZZ99999999999\"",
        ];
        for tag in refused {
            let error = look(&cells(tag), 900).expect_err(tag);
            assert!(error.starts_with("refers to \""), "{error}");
        }
    }

    #[test]
    fn hostile_parts_are_refused() {
        let x = "x".repeat(100);
        let in_cell = |inner: &str| {
            format!(
                "<worksheet><sheetData><row><c><is>{inner}</is></c></row></sheetData></worksheet>"
            )
        };
        let refused = [
            in_cell(&x),
            in_cell(&"<t>x</t>".repeat(20)),
            in_cell(&"<c></c>".repeat(20)),
            in_cell(&format!("<!--{}-->", ">".repeat(100))),
            in_cell("</x></is></c>"),
            format!("<c><is>{}</is></c>", "<a></a>".repeat(20)).replace("<c>", "<w><sheetData><c>"),
            "<a>".repeat(100),
            "<!DOCTYPE a []>".to_owned(),
            format!("<{x}>"),
            format!("<a b=\"{}\">", ">".repeat(100)),
        ];
        for text in refused {
            assert!(look(&text, 90).is_err(), "{text}");
        }
    }
}
