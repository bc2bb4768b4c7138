//! The problems of a CSV file, each with its line.
//!
//! Not those of the call that brings the bytes: see `service::sheets::imports`. Invariant: each text is for the person
//! who owns the file, and a stable reason is for programs.

use std::fmt;

/// A file that can't be imported, where, and why. The text is for the person whose file it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ImportError {
    /// The line of the file, counted from 1, on which the row in question begins.
    pub line: u64,
    /// The problem there.
    pub problem: Problem,
}

/// A problem of a file or of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is not one row in the file.
    EmptyFile,
    /// The bytes begin as a file of another format does.
    NotText(&'static str),
    /// The bytes are UTF-16, without a byte order mark.
    WideWithoutMark {
        /// Whether the first byte of a character is its higher one.
        big_endian: bool,
    },
    /// The bytes begin with a mark of UTF-32.
    Utf32,
    /// The byte order mark of the file is that of another encoding than the chosen one.
    OtherMark {
        /// The encoding with this mark.
        marked: &'static str,
    },
    /// A cell with what is no character of the file's encoding.
    DamagedWide {
        /// The column, counted from 1.
        column: usize,
    },
    /// The first line has values where the rows below have the same kinds of values.
    NoHeader {
        /// One of the fields that look like data.
        field: String,
    },
    /// Another number of fields than in the first line.
    Ragged {
        /// In this row.
        fields: usize,
        /// In the first one.
        expected: usize,
        /// Another delimiter, which divides most lines below the first one evenly.
        other: Option<u8>,
    },
    /// The row has one field, nothing but the end mark of a file, where the first line has several.
    EndMark {
        /// Fields in the first line.
        expected: usize,
    },
    /// The first line has one field, and a comma divides this number into two.
    DecimalComma {
        /// The number.
        number: String,
    },
    /// The file ends with half of a unit of UTF-16.
    OddEnd,
    /// A byte sequence that is not UTF-8.
    NotUtf8 {
        /// The column, counted from 1.
        column: usize,
    },
    /// A cell with a NUL character, which Postgres can't hold.
    Nul {
        /// The column, counted from 1.
        column: usize,
    },
    /// A cell beyond the limit.
    CellTooLarge {
        /// The column, counted from 1.
        column: usize,
        /// Bytes at most.
        limit: usize,
    },
    /// A name of a column beyond the limit.
    NameTooLarge {
        /// The column, counted from 1.
        column: usize,
        /// Bytes at most.
        limit: usize,
    },
    /// A row beyond the limit, often because of a quote that is never closed.
    RowTooLarge {
        /// Bytes at most.
        limit: usize,
    },
    /// The file ends between two quotes.
    OpenQuote,
    /// More columns than a sheet may have.
    TooManyColumns {
        /// Columns at most.
        limit: usize,
    },
    /// More rows than a sheet may have.
    TooManyRows {
        /// Rows at most.
        limit: u64,
    },
}

impl Problem {
    /// A stable name for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::EmptyFile => "CSV_EMPTY",
            Self::NotText(_) => "CSV_NOT_TEXT",
            Self::WideWithoutMark { .. } => "CSV_UTF16",
            Self::Utf32 => "CSV_UTF32",
            // A field of the request is wrong, not the file.
            Self::OtherMark { .. } => "MALFORMED",
            Self::DamagedWide { .. } | Self::OddEnd => "CSV_DAMAGED_TEXT",
            Self::NoHeader { .. } => "CSV_NO_HEADER",
            Self::Ragged { .. } | Self::EndMark { .. } | Self::DecimalComma { .. } => {
                "CSV_RAGGED_ROW"
            }
            Self::NotUtf8 { .. } => "CSV_NOT_UTF8",
            Self::Nul { .. } => "CSV_NUL",
            Self::CellTooLarge { .. } => "CSV_CELL_TOO_LARGE",
            Self::NameTooLarge { .. } => "CSV_NAME_TOO_LARGE",
            Self::RowTooLarge { .. } => "CSV_ROW_TOO_LARGE",
            Self::OpenQuote => "CSV_OPEN_QUOTE",
            Self::TooManyColumns { .. } => "CSV_TOO_MANY_COLUMNS",
            Self::TooManyRows { .. } => "CSV_TOO_MANY_ROWS",
        }
    }
}

impl Problem {
    /// Facts beside the text, for programs that word it themselves.
    pub fn facts(&self) -> Vec<(&'static str, u64)> {
        match self {
            Self::Ragged { fields, expected, other } => {
                let other = other.map(|other| ("other_delimiter", u64::from(other)));
                let widths = [("fields", *fields as u64), ("expected", *expected as u64)];
                widths.into_iter().chain(other).collect()
            }
            Self::EndMark { expected } => vec![("fields", 1), ("expected", *expected as u64)],
            Self::DecimalComma { .. } => vec![("fields", 2), ("expected", 1)],
            Self::WideWithoutMark { big_endian } => {
                vec![("big_endian", u64::from(*big_endian))]
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyFile => f.write_str("the file is empty; it needs at least a header line"),
            Self::NotText(what) => {
                write!(f, "the file looks like {what}, not like CSV; save it as CSV in UTF-8")
            }
            Self::WideWithoutMark { .. } => f.write_str(
                "the file looks like UTF-16 without a byte order mark; save it in UTF-8, or \
                 choose its encoding, or have it repaired, so that it is read as UTF-16",
            ),
            Self::Utf32 => f.write_str("the file is UTF-32, which is not read; save it in UTF-8"),
            Self::OtherMark { marked } => f.write_str(&other_mark(marked)),
            Self::DamagedWide { column } => write!(
                f,
                "column {column} holds what is no character of the file's encoding; save the file in \
                 UTF-8, or choose another encoding, or have it repaired, which replaces it"
            ),
            Self::NoHeader { field } => f.write_str(&no_header(field)),
            Self::Ragged { fields, expected, other } => {
                f.write_str(&ragged(*fields, *expected, *other))
            }
            Self::EndMark { expected } => f.write_str(&end_mark(*expected)),
            Self::DecimalComma { number } => f.write_str(&decimal_comma(number)),
            Self::OddEnd => f.write_str(ODD_END),
            Self::NotUtf8 { column } => write!(
                f,
                "column {column} is not UTF-8; save the file as UTF-8, or choose its encoding, or \
                 have it repaired, which reads such bytes as Windows-1252"
            ),
            Self::Nul { column } => write!(
                f,
                "column {column} holds a NUL character; remove it, or have it repaired, which leaves it out"
            ),
            Self::CellTooLarge { column, limit } => write!(
                f,
                "column {column} is larger than {limit} bytes, the most a cell can hold; is a \
                 quote left open?"
            ),
            Self::NameTooLarge { column, limit } => write!(
                f,
                "the name of column {column} is larger than {limit} bytes, the most a name can \
                 have; shorten it, or choose that the file has no header"
            ),
            Self::RowTooLarge { limit } => write!(
                f,
                "the row that begins here is larger than {limit} bytes; is a quote left open?"
            ),
            Self::OpenQuote => {
                f.write_str("a quote opens in this row and never closes; close it or double it")
            }
            Self::TooManyColumns { limit } => {
                write!(f, "more than {limit} columns, the most a sheet can have")
            }
            Self::TooManyRows { limit } => {
                write!(f, "more than {limit} rows, the most a sheet can have; split the file")
            }
        }
    }
}

const ODD_END: &str = "the file ends with half of a character of UTF-16, so it may be cut off; have it repaired, which leaves \
                       out its last byte";

fn no_header(field: &str) -> String {
    format!(
        "the first line looks like data ({field:?} is of the same kind as the values below it); choose whether the file \
         has a header: without one it is a row"
    )
}

fn end_mark(expected: usize) -> String {
    format!(
        "the line is nothing but the end mark of a DOS file (0x1A), where the first line has {expected} fields: files were \
         joined; remove the line, or have the file repaired, which leaves it out"
    )
}

fn decimal_comma(number: &str) -> String {
    let number: String = number.chars().take(40).collect();
    format!(
        "2 fields where the first line has 1; if {number:?} is a number with a decimal comma, choose the delimiter ';', so \
         that no comma divides it"
    )
}

fn other_mark(marked: &str) -> String {
    let marked = marked.to_ascii_lowercase();
    format!(
        "contradicts the byte order mark of the file, which is that of {marked}; choose that encoding, or none"
    )
}

fn ragged(fields: usize, expected: usize, other: Option<u8>) -> String {
    let has = match fields {
        1 => "1 field".to_owned(),
        fields => format!("{fields} fields"),
    };
    if let Some(other) = other {
        let other = char::from(other).escape_default();
        return format!(
            "{has} where the first line has {expected}, but '{other}' divides most lines below the first \
             one evenly; choose the delimiter '{other}', and remove the first line if it is a title"
        );
    }
    let advice = if fields < expected {
        "correct the row, or have the file repaired, which fills it with empty cells"
    } else {
        "correct the row (a repair drops fields beyond the first line's only when they are empty)"
    };
    format!("{has} where the first line has {expected}; {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_named_as_one() {
        for other in [None, Some(b';')] {
            assert!(ragged(1, 3, other).starts_with("1 field where the first line has 3"));
            assert!(ragged(2, 3, other).starts_with("2 fields where the first line has 3"));
        }
    }
}
