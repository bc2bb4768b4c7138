//! Why a file or a table is not read. Each text is for the person whose file it is; a stable reason is for programs.
//!
//! Not the doubts of a file that is read: those are sentences in a report.

use std::io;

use csv_reader::ImportError;

/// A file that is not read, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file has another format than those that are read.
    #[error("the file looks like {0}; tables are read of CSV, JSON lines, Parquet and XLSX")]
    Unknown(&'static str),
    /// A problem of a CSV file.
    #[error(transparent)]
    Csv(#[from] ImportError),
    /// A problem of one line of a file of JSON.
    #[error("line {line}: {problem}")]
    Line {
        /// The line of the file, counted from 1.
        line: u64,
        /// The rule that it breaks.
        problem: String,
    },
    /// A problem of one row of a worksheet or of a Parquet file.
    #[error("row {row}: {problem}")]
    Row {
        /// The row, counted from 1.
        row: u64,
        /// The rule that it breaks.
        problem: String,
    },
    /// The bytes are not what their format says.
    #[error("the {format} file is damaged: {problem}")]
    Damaged {
        /// The format.
        format: &'static str,
        /// What does not fit it.
        problem: String,
    },
    /// The file is beyond a limit.
    #[error("{what}: more than {limit}, the most that is read")]
    Limit {
        /// What is counted, with its unit.
        what: &'static str,
        /// The most.
        limit: u64,
    },
    /// A choice that does not fit the file.
    #[error("{field}: {rule}")]
    Option {
        /// The field of [`Options`](crate::Options).
        field: String,
        /// The rule that it breaks.
        rule: String,
    },
    /// The caller has stopped the reading.
    #[error("the reading was stopped")]
    Stopped,
    /// The bytes of the file could not be read.
    #[error("the file could not be read: {0}")]
    Source(#[source] io::Error),
    /// The table could not be written.
    #[error("the table could not be written: {0}")]
    Sink(String),
}

impl ReadError {
    /// A stable name for programs.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "TABLE_UNKNOWN_FORMAT",
            Self::Csv(error) => error.problem.reason(),
            Self::Line { .. } => "TABLE_LINE",
            Self::Row { .. } => "TABLE_ROW",
            Self::Damaged { .. } => "TABLE_DAMAGED",
            Self::Limit { .. } => "TABLE_LIMIT",
            Self::Option { .. } => "TABLE_OPTION",
            Self::Stopped => "TABLE_STOPPED",
            Self::Source(_) => "TABLE_SOURCE",
            Self::Sink(_) => "TABLE_SINK",
        }
    }

    /// A file whose bytes are not what their format says. Texts of other libraries are cut.
    pub(crate) fn damaged(format: &'static str, problem: impl ToString) -> Self {
        Self::Damaged { format, problem: short(&problem.to_string()) }
    }

    pub(crate) fn option(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Option { field: field.into(), rule: rule.into() }
    }
}

/// Characters of a text of a file or of another library in a sentence.
const CHARACTERS: usize = 200;

/// The begin of a text, on one line.
pub(crate) fn short(text: &str) -> String {
    let plain = |char: char| if char.is_control() { ' ' } else { char };
    let mut short: String = text.chars().take(CHARACTERS).map(plain).collect();
    if text.chars().nth(CHARACTERS).is_some() {
        short.push('…');
    }
    short
}
