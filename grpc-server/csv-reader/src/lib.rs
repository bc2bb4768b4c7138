//! Reads CSV: the bytes of a file, in pieces of any size, become columns and rows of values. Writes the lines of such files, too.
//!
//! Not the call that brings the bytes, and not the tables: no network, no database, no clock.
//!
//! Invariant: [`CsvImport`] keeps the record that is being read and, until the kinds of the columns are known, the
//! first rows. So its memory does not grow with the file. After an error it is of no further use.

mod byte_order;
mod doubts;
mod encoding;
mod error;
mod fields;
mod first_row;
mod header;
mod infer;
mod joints;
mod lookalikes;
mod magic;
mod notation;
mod quotes;
mod quoting;
mod records;
mod sniff;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use error::{ImportError, Problem};
pub use first_row::FirstRow;
pub use header::letters;
pub use infer::Mix;
pub use magic::other_format;
pub use notation::Notation;
pub use quoting::{Quoting, Sampled, are_texts, sampled};
pub use table::{CsvImport, Preview};
pub use write::{CsvForm, WrittenFor, write_names, write_row};

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use values::Rule;

/// How a file is to be read.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// True when the first line is data: columns are then named A, B, C, ...
    pub no_header: bool,
    /// True when the first line is a header, even if it looks like data.
    pub header: bool,
    /// What is repaired instead of refused.
    pub repair: Repairs,
    /// The encoding; `None`: found from the first bytes.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The character between fields; `None`: found from the first lines.
    pub delimiter: Option<u8>,
    /// How its numbers, days and times are written.
    pub notation: Notation,
    /// Bytes in one cell at most.
    pub cell_bytes: usize,
    /// Columns at most.
    pub columns: usize,
    /// Rows at most.
    pub rows: u64,
}

/// What is repaired instead of refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Short rows are filled with empty cells; empty fields behind the last column are dropped.
    pub fill_rows: bool,
    /// NUL characters are left out.
    pub leave_out_nul: bool,
    /// Marks of files that were joined to this one are left out, and lines of nothing but end marks.
    pub leave_out_marks: bool,
    /// What is no character becomes U+FFFD; half of a unit of UTF-16 at the end of the file is left out.
    pub replace_damaged: bool,
    /// Bytes that are not UTF-8 are read as Windows-1252, and UTF-16 needs no mark.
    pub guess_encoding: bool,
}

impl Repairs {
    /// Nothing is repaired.
    pub const NONE: Self = Self {
        fill_rows: false,
        leave_out_nul: false,
        leave_out_marks: false,
        replace_damaged: false,
        guess_encoding: false,
    };
    /// Everything is.
    pub const ALL: Self = Self {
        fill_rows: true,
        leave_out_nul: true,
        leave_out_marks: true,
        replace_damaged: true,
        guess_encoding: true,
    };
}

/// A column as the file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvColumn {
    /// From the header, as it stands there; columns may share one.
    pub name: Arc<str>,
    /// Chosen, or from the first rows.
    pub kind: ColumnKind,
    /// The rule of a chosen kind: its fields may have any form that such a column reads.
    pub chosen: Option<Rule>,
    /// What its doubts count.
    pub noted: Noted,
}

/// How many fields of a column its doubts concern; where its kind is not chosen, [`Noted::unlike`] and [`Noted::mix`] alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// They do not fit the kind and stay text.
    pub misfits: u64,
    /// Times without a zone, which are those of the given zone.
    pub zoned: u64,
    /// Numbers whose text begins with zeros.
    pub zeros: u64,
    /// They have another value without the locale of the account.
    pub by_account: u64,
    /// Texts behind the first rows, which are of another kind.
    pub unlike: u64,
    /// Numbers and texts, where the file shows no kind.
    pub mix: Mix,
}

/// One row: a value for each column, empty ones at the end left out.
pub type CsvRow = Vec<Value>;
