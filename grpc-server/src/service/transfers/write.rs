//! A file that is written: rows as the bytes of its format, in pieces of a content.
//!
//! Not where the rows come from. Blocking. Invariants: memory is that of one piece and of what the format keeps; a file has at
//! most the bytes of one file; the writing ends soon after its stop.

use std::io::{self, Write};
use std::sync::Arc;

use engine::Meter;
use jobs::Failure;
use ot_engine::Value;
use tokio::sync::watch;

use crate::service::tables::{Drafts, PieceWriter};
use model::limits::files::FILE_BYTES_MOST;
use model::{ContentDigest, ContentId};
use tables::{OutColumn, RowWriter, SavedFor, SavedFormat, WriteError};

/// Cells that are written between two looks at the stop, and one row at least.
const CELLS_AT_ONCE: usize = 64 * 1024;

/// The rows of so many columns that are written at once.
pub(super) fn rows_at_once(columns: usize) -> usize {
    (CELLS_AT_ONCE / columns.max(1)).max(1)
}

/// What a file is written as.
pub(super) struct Writing<'a> {
    pub(super) drafts: &'a Drafts,
    pub(super) format: (SavedFormat, SavedFor),
    /// The name of the worksheet of a workbook.
    pub(super) name: &'a str,
    pub(super) columns: &'a [OutColumn],
    /// The rows that are written, and of how many.
    pub(super) progress: &'a watch::Sender<(u64, u64)>,
    pub(super) total: u64,
}

/// A file that is written, and no file of its owner yet.
pub(super) struct Written {
    pub(super) content: ContentId,
    pub(super) digest: ContentDigest,
    pub(super) rows: u64,
    /// What was changed or cut, each a sentence.
    pub(super) notes: Vec<String>,
}

/// Why no further row is written.
enum Ended {
    Rows(Failure),
    File(WriteError),
}

impl From<WriteError> for Ended {
    fn from(error: WriteError) -> Self {
        Self::File(error)
    }
}

impl Writing<'_> {
    /// Writes the rows that `next` gives, up to its first answer without a row.
    pub(super) fn run(
        &self,
        next: impl FnMut() -> Result<Vec<Vec<Value>>, Failure>,
    ) -> Result<Written, Failure> {
        let most = self.drafts.limits.file_bytes.min(FILE_BYTES_MOST);
        let pieces = self.drafts.begin()?;
        let meter = Meter::new("write", 1);
        let mut out = FileBytes { pieces, left: most, is_full: false, meter };
        match self.rows(&mut out, next) {
            Ok((rows, notes)) => {
                let (content, digest) = out.pieces.finish_file()?;
                Ok(Written { content, digest, rows, notes })
            }
            Err(Ended::Rows(why)) => Err(why),
            Err(Ended::File(_)) if out.is_full => {
                let text =
                    format!("the file takes more than {most} bytes, the most that one file may");
                Err(Failure::Final(text))
            }
            Err(Ended::File(error)) => Err(out.pieces.failure().unwrap_or_else(|| failed(&error))),
        }
    }

    fn rows(
        &self,
        out: &mut FileBytes<'_>,
        mut next: impl FnMut() -> Result<Vec<Vec<Value>>, Failure>,
    ) -> Result<(u64, Vec<String>), Ended> {
        let (format, saved_for) = self.format;
        let (read, write) = (Meter::new("read", 1), Arc::clone(&out.meter));
        [&read, &write].into_iter().for_each(|meter| self.drafts.steps.begin(meter));
        let mut writer = RowWriter::new(format, saved_for, self.name, self.columns, out)?;
        let mut count = 0;
        loop {
            if self.drafts.stop.is_cancelled() {
                return Err(Ended::Rows(Failure::Later("stopped".to_owned())));
            }
            let rows = read.busy(&mut next).map_err(Ended::Rows)?;
            if rows.is_empty() {
                read.task_ends();
                let notes = write.busy(|| writer.finish())?;
                write.task_ends();
                return Ok((count, notes));
            }
            read.add_rows(rows.len() as u64);
            write.busy(|| writer.write(&rows))?;
            write.add_rows(rows.len() as u64);
            count += rows.len() as u64;
            self.progress.send_replace((count, self.total));
        }
    }
}

/// A file whose rows do not fit its format, or that its library has not written.
fn failed(error: &WriteError) -> Failure {
    match error {
        WriteError::Out(_) => {
            tracing::error!(%error, "a file was not written");
            Failure::Later("the file was not written; see the server's log".to_owned())
        }
        error => Failure::Final(error.to_string()),
    }
}

/// The pieces of a file, up to its most bytes.
struct FileBytes<'a> {
    pieces: PieceWriter<'a>,
    left: u64,
    is_full: bool,
    /// The step that writes.
    meter: Arc<Meter>,
}

impl Write for FileBytes<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let given = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        if given > self.left {
            self.is_full = true;
            return Err(io::Error::other("the file is full"));
        }
        let count = self.pieces.write(buffer)?;
        self.left -= count as u64;
        self.meter.add_bytes(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pieces.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_are_written_at_once_as_their_cells_allow() {
        assert_eq!([0, 1, 64, 16_384].map(rows_at_once), [65_536, 65_536, 1_024, 4]);
        assert_eq!(rows_at_once(usize::MAX), 1);
    }
}
