//! A file that is written: rows as the bytes of its format, in pieces of a content.
//!
//! Not where the rows come from: they are fetched, or handed over. Blocking. Invariants: memory is that of one piece and of what the format keeps; a file has at
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
pub(in crate::service) fn rows_at_once(columns: usize) -> usize {
    (CELLS_AT_ONCE / columns.max(1)).max(1)
}

/// What a file is written as.
pub(in crate::service) struct Writing<'a> {
    pub(in crate::service) drafts: &'a Drafts,
    pub(in crate::service) format: (SavedFormat, SavedFor),
    /// The name of the worksheet of a workbook.
    pub(in crate::service) name: &'a str,
    pub(in crate::service) columns: &'a [OutColumn],
    /// Receives the rows that are written, of so many; `None`: the giver of the rows reports.
    pub(in crate::service) progress: Option<(&'a watch::Sender<(u64, u64)>, u64)>,
}

/// The rows are not taken: the writing is over, and has the reason.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct NotTaken;

/// Takes rows in their order, part by part.
pub(in crate::service) type Take<'a> = dyn FnMut(Vec<Vec<Value>>) -> Result<(), NotTaken> + 'a;

/// A file that is written, and no file of its owner yet.
pub(in crate::service) struct Written {
    pub(in crate::service) content: ContentId,
    pub(in crate::service) digest: ContentDigest,
    pub(in crate::service) rows: u64,
    /// What was changed or cut, each a sentence.
    pub(in crate::service) notes: Vec<String>,
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
    pub(in crate::service) fn run(
        &self,
        mut next: impl FnMut() -> Result<Vec<Vec<Value>>, Failure>,
    ) -> Result<Written, Failure> {
        let read = Meter::new("read", 1);
        self.drafts.steps.begin(&read);
        self.taking(|take| {
            loop {
                let rows = read.busy(&mut next)?;
                if rows.is_empty() {
                    read.task_ends();
                    return Ok(Vec::new());
                }
                read.add_rows(rows.len() as u64);
                if take(rows).is_err() {
                    return Ok(Vec::new());
                }
            }
        })
    }

    /// Writes the rows that `give` hands over. What it returns are notes, which come before those of the writing.
    pub(in crate::service) fn taking(
        &self,
        give: impl FnOnce(&mut Take<'_>) -> Result<Vec<String>, Failure>,
    ) -> Result<Written, Failure> {
        let most = self.drafts.limits.file_bytes.min(FILE_BYTES_MOST);
        let pieces = self.drafts.begin()?;
        let meter = Meter::new("write", 1);
        let mut out = FileBytes { pieces, left: most, is_full: false, meter };
        match self.rows(&mut out, give) {
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
        give: impl FnOnce(&mut Take<'_>) -> Result<Vec<String>, Failure>,
    ) -> Result<(u64, Vec<String>), Ended> {
        let (format, saved_for) = self.format;
        let meter = Arc::clone(&out.meter);
        let mut writer = RowWriter::new(format, saved_for, self.name, self.columns, out)?;
        let (mut count, mut ended) = (0, None);
        let given = give(&mut |rows| match self.part((&mut writer, &meter), &rows, &mut count) {
            Ok(()) => Ok(()),
            Err(why) => {
                ended.get_or_insert(why);
                Err(NotTaken)
            }
        });
        // Says more than what the giver makes of it.
        if let Some(why) = ended {
            return Err(why);
        }
        let mut notes = given.map_err(Ended::Rows)?;
        self.drafts.steps.begin(&meter);
        notes.extend(meter.busy(|| writer.finish())?);
        meter.task_ends();
        Ok((count, notes))
    }

    fn part(
        &self,
        (writer, meter): (&mut RowWriter<'_>, &Arc<Meter>),
        rows: &[Vec<Value>],
        count: &mut u64,
    ) -> Result<(), Ended> {
        if self.drafts.stop.is_cancelled() {
            return Err(Ended::Rows(Failure::Later("stopped".to_owned())));
        }
        // Behind the steps that the rows come from.
        self.drafts.steps.begin(meter);
        meter.busy(|| writer.write(rows))?;
        meter.add_rows(rows.len() as u64);
        *count += rows.len() as u64;
        if let Some((progress, total)) = self.progress {
            progress.send_replace((*count, total));
        }
        Ok(())
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
