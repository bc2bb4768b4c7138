//! The rows of a source, read in one pass on a thread of their own.
//!
//! Not what becomes of them. Invariants: few parts of the rows wait at a time, each with a bound in bytes; the thread ends with
//! its reader.

use std::pin::Pin;
use std::sync::Arc;

use engine::Meter;
use heavy_work::{Panicked, run_apart};
use jobs::Failure;
use ot_engine::Value;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::failures::panicked;
use crate::service::tables::{OpenTables, damaged, failed};
use model::{ContentId, Pieces};

/// Bytes of the values of one part, but for its last row.
const PART_BYTES: usize = 1024 * 1024;
/// Rows of one part.
const PART_ROWS: usize = 1_000;
/// Parts that wait.
const PARTS: usize = 2;

/// Consecutive rows.
pub(super) type Part = Vec<Vec<Value>>;

type Reading = Pin<Box<dyn Future<Output = Result<Result<(), Failure>, Panicked>> + Send>>;

/// See the [module](self).
pub(super) struct SourceRows {
    parts: mpsc::Receiver<Part>,
    /// The thread, until its end is seen.
    reading: Option<Reading>,
    _stop: DropGuard,
}

impl SourceRows {
    /// Reads these columns of a content, so many rows at once at most.
    pub(super) fn begin(
        open: Arc<OpenTables>,
        content: (ContentId, Pieces),
        (columns, at_once): (Vec<usize>, usize),
        meter: Arc<Meter>,
    ) -> Self {
        let (sender, parts) = mpsc::channel(PARTS);
        let stop = CancellationToken::new();
        let of_thread = stop.clone();
        let at_once = at_once.clamp(1, PART_ROWS);
        let work =
            move || send(&open, (content, &columns), (at_once, &meter), (&sender, of_thread));
        let reading: Reading = Box::pin(run_apart(work));
        Self { parts, reading: Some(reading), _stop: stop.drop_guard() }
    }

    /// The next rows; `None` after the last ones.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Failure> {
        let Some(reading) = &mut self.reading else { return Ok(self.parts.recv().await) };
        tokio::select! {
            biased;
            Some(part) = self.parts.recv() => Ok(Some(part)),
            done = reading => {
                self.reading = None;
                done.map_err(panicked)??;
                // The last ones may have come with the end.
                Ok(self.parts.recv().await)
            }
        }
    }
}

/// Blocking. It ends without an error once its receiver is dropped.
fn send(
    open: &OpenTables,
    (content, columns): ((ContentId, Pieces), &[usize]),
    (at_once, meter): (usize, &Meter),
    (parts, stop): (&mpsc::Sender<Part>, CancellationToken),
) -> Result<(), Failure> {
    let unread = |error| failed(damaged(error));
    let table = open.reading(content, stop).map_err(unread)?;
    let mut scan = table.scan(0, columns).map_err(unread)?;
    loop {
        let part = meter.busy(|| scan.next_rows(at_once, PART_BYTES)).map_err(unread)?;
        meter.add_rows(part.len() as u64);
        if part.is_empty() || parts.blocking_send(part).is_err() {
            meter.task_ends();
            return Ok(());
        }
    }
}
