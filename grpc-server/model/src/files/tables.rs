//! Tables: what was read from a file, kept as Parquet.
//!
//! Not here: how files are read and tables are looked at (the crate `tables`), and where the bytes lie (`files`). Invariant: a
//! table never changes; a file that is read again has others.

use ot_engine::ColumnKind;
use uuid::Uuid;

use crate::{ContentId, Pieces, ViewId};

/// A table of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRecord {
    /// The number in the file, from 0.
    pub number: u32,
    /// The name.
    pub name: String,
    /// Its Parquet file.
    pub content: ContentId,
    /// How the content is divided.
    pub pieces: Pieces,
    /// The number of rows.
    pub rows: u64,
    /// The job that has read it: the tables of another reading have another one.
    pub reading: Uuid,
}

/// A view of a table: rows that match a filter, in an order. Its content is a table with the positions of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRecord {
    /// Its id.
    pub id: ViewId,
    /// The number of the table in the file.
    pub number: u32,
    /// Its Parquet file.
    pub content: ContentId,
    /// How the content is divided.
    pub pieces: Pieces,
    /// The number of rows.
    pub rows: u64,
}

/// What a reading has found besides the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// The columns, in order.
    pub columns: Vec<TableColumn>,
    /// Guesses that may be wrong, and what was left out, each a sentence.
    pub doubts: Vec<String>,
    /// The number of repaired rows.
    pub repaired_rows: u64,
    /// The character between the fields; empty where there is none.
    pub delimiter: String,
    /// The encoding of a text; empty where there is none.
    pub encoding: String,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// The name in the file.
    pub name: String,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// The type in the file; empty where the file has none.
    pub file_type: String,
    /// The number of values that do not fit the kind.
    pub misfits: u64,
}

impl TableFacts {
    /// The bytes of its texts, and of the numbers and kinds beside them, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let column = |it: &TableColumn| it.name.len() + it.file_type.len() + size_of::<u64>() * 2;
        let columns: usize = self.columns.iter().map(column).sum();
        let doubts: usize = self.doubts.iter().map(String::len).sum();
        columns + doubts + self.delimiter.len() + self.encoding.len()
    }
}
