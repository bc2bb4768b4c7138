//! The limits of tables of files: how they are read, previewed and looked at.
//!
//! Not the limits of a reading, such as the columns of a table (the crate `tables`). Invariant: each limit has its unit in
//! its name, and what a server keeps of tables is bounded in bytes.

use std::time::Duration;

use super::edge::{BULK_CONNECTIONS, EXPORTS, IMPORTS, JOB_PARAMETERS_BYTES};
use super::files::CONTENT_KEPT;

/// Tables of one file: worksheets of a workbook.
pub const TABLES_OF_FILE: usize = 256;

/// Bytes of the names, types and doubts of all tables of one file: they are one answer.
pub const TABLE_FACTS_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of the form in which a request says how a file is read: a job keeps it.
pub const READING_BYTES: usize = 32 * 1024;

/// Characters of the name of a worksheet in a request; Excel allows 31.
pub const WORKSHEET_CHARACTERS: usize = 255;

/// The largest message of a call about tables, unless all messages have a lower limit: it may name each column of a wide table.
pub const TABLE_MESSAGE_BYTES: usize = 2 * 1024 * 1024;

/// Rows of a page whose request names no number.
pub const TABLE_ROWS: u32 = 100;

/// Rows of a page at most.
pub const TABLE_ROWS_MOST: u32 = 1_000;

/// Pages of rows of one account that a server reads at once; further ones wait.
pub const TABLE_READS_AT_ONCE: usize = 2;

/// Pages of rows of all accounts that a server reads at once; further ones wait.
pub const TABLE_READS: usize = 6;

/// Previews of one account that a server makes at once; further ones wait.
pub const PREVIEWS_AT_ONCE: usize = 1;

/// Previews of all accounts that a server makes at once; further ones wait.
pub const PREVIEWS: usize = 2;

/// How long a preview may take, once it has its turn.
pub const PREVIEW_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of a file that is small: it is soon read, and does not wait for a large one.
pub const SMALL_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Files of more than [`SMALL_FILE_BYTES`] that one server reads at once.
pub const READINGS: usize = 1;

/// Files of at most [`SMALL_FILE_BYTES`] that one server reads at once, beside a large one.
pub const SMALL_READINGS: usize = 2;

/// How long one attempt to read a file may take.
pub const READING_WITHIN: Duration = Duration::from_secs(12 * 60 * 60);

/// Bytes of the footers of tables that a server keeps.
pub const OPEN_TABLE_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of the pieces of tables that a server keeps for further pages.
pub const TABLE_PIECE_BYTES: usize = 128 * 1024 * 1024;

/// Bytes of the pieces of a file that its reading or its preview keeps: a Parquet file has a part of each column in each of
/// its row groups, and they are read in turns.
pub const READING_PIECE_BYTES: usize = 64 * 1024 * 1024;

/// Views of one table: a further one takes the place of one of the account that has made most of them.
pub const VIEWS_OF_TABLE: u32 = 16;

/// Those that one account has made, other than the owner of the file: a further one takes the place of one of its own.
pub const VIEWS_OF_TABLE_BY_OTHER: u32 = VIEWS_OF_TABLE / 4;

/// How long a view is kept after its last use.
pub const VIEW_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes of the filter and the order of a view: a job keeps them, as a text that is a third longer.
pub const VIEW_QUESTION_BYTES: usize = 40 * 1024;

/// Views that one server makes at once.
pub const VIEWS_AT_ONCE: usize = 2;

/// How long one attempt to make a view may take.
pub const VIEW_WITHIN: Duration = Duration::from_secs(60 * 60);

/// Summaries of columns of one account that a server makes at once; further ones wait.
pub const SUMMARIES_AT_ONCE: usize = 1;

/// Summaries of all accounts that a server makes at once; further ones wait.
pub const SUMMARIES: usize = 2;

/// How long a summary may take, once it has its turn.
pub const SUMMARY_WITHIN: Duration = Duration::from_secs(30);

/// Values of a summary whose request names no number.
pub const SUMMARY_VALUES: u32 = 50;

/// Values of a summary at most.
pub const SUMMARY_VALUES_MOST: u32 = 1_000;

/// Characters of a text in a summary; a longer one is cut.
pub const SUMMARY_TEXT_CHARACTERS: usize = 200;

/// Bytes of memory that all queries of a server have together.
pub const QUERY_MEMORY_BYTES: usize = 256 * 1024 * 1024;

/// Bytes of disk that all queries of a server have together, where their memory is not enough.
pub const QUERY_DISK_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// Files that one server saves at once.
pub const SAVES_AT_ONCE: usize = 2;

/// Sheets that one server fills at once.
pub const FILLS_AT_ONCE: usize = 2;

/// Cells of one edit that a job makes, where the limit of an edit is not lower.
pub const FILL_EDIT_CELLS: u32 = 50_000;

/// Bytes of such an edit, and of what it replaces, or one row.
pub const FILL_EDIT_BYTES: usize = 4 * 1024 * 1024;

/// Rows of a source that is merged into a sheet: the job has their keys in memory.
pub const MERGED_ROWS: u64 = 1_000_000;

/// Cells that a merge leaves to newer values, and that the notes of its job name; all are counted.
pub const NOTED_CONFLICTS: usize = 20;

/// How long one attempt to save a file or to fill a sheet may take.
pub const TRANSFER_WITHIN: Duration = Duration::from_secs(6 * 60 * 60);

/// Sentences of a job about what it has changed or left out.
pub const JOB_NOTES: usize = 50;

/// Bytes of all of them.
pub const JOB_NOTES_BYTES: usize = 32 * 1024;

/// A sort writes its first piece at its end: no sweep takes the draft of an attempt before.
const _: () = assert!(VIEW_WITHIN.as_secs() <= CONTENT_KEPT.as_secs());
/// Room is left for the other parameters.
const _: () = assert!(VIEW_QUESTION_BYTES.div_ceil(3) * 4 + 8 * 1024 <= JOB_PARAMETERS_BYTES);
const _: () = assert!(
    TABLE_READS_AT_ONCE < TABLE_READS
        && PREVIEWS_AT_ONCE < PREVIEWS
        && SUMMARIES_AT_ONCE < SUMMARIES
);
const _: () = assert!(EXPORTS + IMPORTS + SAVES_AT_ONCE + FILLS_AT_ONCE <= BULK_CONNECTIONS);
