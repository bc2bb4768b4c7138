//! Finds the objects of a file of JSON: one after another, or in an array.
//!
//! Not what they hold: see `object`. Invariant: an object takes no more than its bound, and the sizes of the pieces change
//! nothing.

use crate::ReadError;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the first object.
    Begin,
    /// Between objects that follow one another.
    Between,
    /// In an array, before an object.
    Before,
    /// In an array, behind an object.
    Behind,
    /// Behind the array.
    Ended,
    /// In an object.
    Object,
    /// In a text of an object.
    Text,
    /// Behind a backslash in a text.
    Escaped,
}

/// Finds objects.
pub(super) struct Splitter {
    place: Place,
    is_array: bool,
    /// Open brackets of the object.
    depth: usize,
    object: Vec<u8>,
    /// Whether the object was passed on.
    is_done: bool,
    /// Bytes before the first object that may be a byte order mark.
    mark: usize,
    line: u64,
    first_line: u64,
    most: usize,
}

impl Splitter {
    /// For objects of at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self {
            place: Place::Begin,
            is_array: false,
            depth: 0,
            object: Vec::new(),
            is_done: false,
            mark: 0,
            line: 1,
            first_line: 1,
            most,
        }
    }

    /// The next object and the line on which it begins; `None`: the input is used up.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<(&[u8], u64)>, ReadError> {
        if std::mem::take(&mut self.is_done) {
            self.object.clear();
        }
        while let Some((&byte, rest)) = input.split_first() {
            if self.place == Place::Text {
                let plain = input.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'));
                let plain = plain.unwrap_or(input.len());
                self.object.extend_from_slice(&input[..plain]);
                *input = &input[plain..];
                self.check_size()?;
                if plain > 0 {
                    continue;
                }
            }
            *input = rest;
            self.line += u64::from(byte == b'\n');
            if self.byte(byte)? {
                self.is_done = true;
                return Ok(Some((&self.object, self.first_line)));
            }
        }
        Ok(None)
    }

    /// The end of the file.
    pub(super) fn finish(&self) -> Result<(), ReadError> {
        let problem = match self.place {
            Place::Begin => "the file is empty; it needs at least one object",
            Place::Between | Place::Ended => return Ok(()),
            Place::Before | Place::Behind => "the file ends within its array; it may be cut off",
            Place::Object | Place::Text | Place::Escaped => {
                return Err(ReadError::Line {
                    line: self.first_line,
                    problem: "the file ends within the object that begins here".to_owned(),
                });
            }
        };
        Err(self.error(problem))
    }

    /// Reads a byte; true at the end of an object.
    fn byte(&mut self, byte: u8) -> Result<bool, ReadError> {
        match self.place {
            Place::Object | Place::Text | Place::Escaped => {
                self.object.push(byte);
                self.check_size()?;
                return Ok(self.in_object(byte));
            }
            Place::Begin if UTF8_MARK.get(self.mark) == Some(&byte) => self.mark += 1,
            _ if byte.is_ascii_whitespace() => {}
            Place::Begin if byte == b'[' => (self.place, self.is_array) = (Place::Before, true),
            Place::Before if byte == b']' => self.place = Place::Ended,
            Place::Begin | Place::Between | Place::Before if byte == b'{' => {
                self.object.push(byte);
                (self.place, self.depth, self.first_line) = (Place::Object, 1, self.line);
            }
            Place::Behind if byte == b',' => self.place = Place::Before,
            Place::Behind if byte == b']' => self.place = Place::Ended,
            Place::Ended => return Err(self.error("something follows the end of the array")),
            Place::Behind => return Err(self.error("expected a comma or the end of the array")),
            Place::Begin | Place::Between | Place::Before => {
                return Err(self.error("expected an object of JSON: {\"key\": value, ...}"));
            }
        }
        Ok(false)
    }

    fn in_object(&mut self, byte: u8) -> bool {
        match (self.place, byte) {
            (Place::Escaped, _) => self.place = Place::Text,
            (Place::Text, b'\\') => self.place = Place::Escaped,
            (Place::Text, b'"') => self.place = Place::Object,
            (Place::Text, _) => {}
            (_, b'"') => self.place = Place::Text,
            (_, b'{' | b'[') => self.depth += 1,
            (_, b'}' | b']') => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.place = if self.is_array { Place::Behind } else { Place::Between };
                    return true;
                }
            }
            _ => {}
        }
        false
    }

    fn check_size(&self) -> Result<(), ReadError> {
        match self.object.len() > self.most {
            true => Err(ReadError::Line {
                line: self.first_line,
                problem: format!(
                    "the object that begins here has more than {} bytes, the most of a row",
                    self.most
                ),
            }),
            false => Ok(()),
        }
    }

    fn error(&self, problem: &str) -> ReadError {
        ReadError::Line { line: self.line, problem: problem.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The objects of a text that comes in pieces of this size.
    fn objects(text: &str, size: usize) -> Vec<(String, u64)> {
        let (mut splitter, mut found) = (Splitter::new(1000), Vec::new());
        for mut piece in text.as_bytes().chunks(size) {
            while let Some((object, line)) = splitter.next(&mut piece).expect("an object") {
                found.push((String::from_utf8_lossy(object).into_owned(), line));
            }
        }
        splitter.finish().expect("a whole file");
        found
    }

    #[test]
    fn the_sizes_of_the_pieces_change_nothing() {
        let objects_of = ["{\"a\":\"}\\\"{\n\"}", "{\"b\":[{}, 1]}", "{}"];
        let lines = format!("\u{feff}{}\r\n\n{} {}\n", objects_of[0], objects_of[1], objects_of[2]);
        let array = format!("[\n{} ,{},{}]\n", objects_of[0], objects_of[1], objects_of[2]);
        for text in [lines, array] {
            let whole = objects(&text, text.len());
            assert!(whole.iter().map(|(object, _)| object).eq(&objects_of), "{whole:?}");
            for size in 1..text.len() {
                assert_eq!(objects(&text, size), whole, "{size}");
            }
        }
    }
}
