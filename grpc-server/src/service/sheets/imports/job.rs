//! The task of one import: takes the pieces in order, writes the rows, creates the sheet.
//!
//! Not which task a call belongs to (`imports`). Invariant: all rows are one transaction, which ends with the sheet
//! or leaves nothing.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gridloom::v1;
use tokio::sync::{mpsc, oneshot};

use crate::edge::errors::ServiceError;
use crate::edge::quotas::Quotas;
use crate::import::{CsvImport, CsvRow};
use crate::service::sheets::pace::Pace;
use crate::service::sheets::turns::Turn;
use crate::service::sheets::wire::sheet_to_wire;
use model::storage::{AccountStorage, ImportedBytes};
use model::{NewColumn, Role};
use store::{ImportWriter, NewImport, Store, StoreError};

/// An import without a piece for this long is abandoned, and one that is sent at less than
/// [`LEAST_RATE`](model::limits::edge::LEAST_RATE) on average after this time.
const IDLE: Duration = Duration::from_secs(120);
/// Bytes that are parsed in one go, so that a large piece does not hold up a worker.
const PARSE_BYTES: usize = 64 * 1024;

pub(super) type Reply<T> = oneshot::Sender<Result<T, ServiceError>>;

/// The requests to an import.
pub(super) enum Ask {
    /// Take a piece.
    Chunk {
        /// Where in the file it stands.
        offset: u64,
        /// The piece.
        data: Bytes,
        /// Where the answer goes.
        reply: Reply<v1::ImportChunkResponse>,
    },
    /// Make the sheet.
    Finish(Reply<v1::FinishImportResponse>),
    /// Give up.
    Cancel(Reply<v1::CancelImportResponse>),
}

/// What an import does next.
enum Next {
    Ask(Ask),
    /// There is no call in time, or the file is sent too slowly.
    Silent,
    /// Another account waits for the place.
    Wanted,
}

pub(super) struct Job {
    store: Store,
    import: NewImport,
    csv: CsvImport,
    /// Opened with the first rows, so that a file that fails at once never takes a connection.
    writer: Option<ImportWriter>,
    rows: Vec<CsvRow>,
    received: u64,
    place: Turn,
    quotas: Arc<Quotas>,
    /// What the account has stored with the rows so far.
    imported: ImportedBytes,
    pace: Pace,
    /// The largest message, in bytes.
    message_bytes: u32,
    /// The largest row, in bytes.
    row_bytes: usize,
}

impl Job {
    pub(super) fn new(
        store: Store,
        import: NewImport,
        csv: CsvImport,
        place: Turn,
        (quotas, stored): (Arc<Quotas>, Arc<AccountStorage>),
        (message_bytes, row_bytes): (u32, u32),
    ) -> Self {
        let row_bytes = row_bytes as usize;
        let (writer, rows, received) = (None, Vec::new(), 0);
        let (pace, imported) = (Pace::begin(IDLE), ImportedBytes::new(stored));
        Self {
            store,
            import,
            csv,
            writer,
            rows,
            received,
            place,
            quotas,
            imported,
            pace,
            message_bytes,
            row_bytes,
        }
    }

    /// Runs until the file is complete, fails, is cancelled, or no call arrives for too long.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Ask>) {
        // A caller that has left needs no answer: send errors mean nothing below.
        loop {
            let ask = match self.next(&mut inbox).await {
                Next::Ask(ask) => ask,
                Next::Silent => return,
                Next::Wanted => {
                    drop(self);
                    return refuse(inbox).await;
                }
            };
            match ask {
                Ask::Chunk { offset, data, reply } => {
                    let answer = self.chunk(offset, &data).await;
                    // After a gap the caller can send the missing piece; any other error ends the import.
                    let over = !matches!(answer, Ok(_) | Err(ServiceError::ImportGap { .. }));
                    if over {
                        // Its place and its bytes are given back before its caller may use them again.
                        drop(self);
                        return drop(reply.send(answer));
                    }
                    drop(reply.send(answer));
                }
                Ask::Finish(reply) => {
                    let finished = self.finish().await;
                    let again = finished.as_ref().ok().cloned();
                    drop(reply.send(finished));
                    if let Some(answer) = again {
                        repeat(&answer, inbox).await;
                    }
                    return;
                }
                Ask::Cancel(reply) => {
                    drop(self);
                    drop(reply.send(Ok(v1::CancelImportResponse {})));
                    return;
                }
            }
        }
    }

    /// The next call, or why the import ends.
    async fn next(&mut self, inbox: &mut mpsc::Receiver<Ask>) -> Next {
        let wanted = async {
            tokio::time::sleep(self.pace.left_when_wanted()).await;
            self.place.wanted().await;
        };
        tokio::select! {
            ask = tokio::time::timeout(IDLE.min(self.pace.left()), inbox.recv()) => match ask {
                Ok(Some(ask)) => Next::Ask(ask),
                _ => Next::Silent,
            },
            () = wanted => {
                let bytes = self.pace.bytes();
                tracing::info!(bytes, "import ended: another account waits for its place");
                Next::Wanted
            }
        }
    }

    async fn chunk(
        &mut self,
        offset: u64,
        data: &[u8],
    ) -> Result<v1::ImportChunkResponse, ServiceError> {
        let Some(known) = self.received.checked_sub(offset) else {
            return Err(ServiceError::ImportGap { expected: self.received });
        };
        // Bytes that arrived already are skipped.
        let fresh = usize::try_from(known).ok().and_then(|known| data.get(known..));
        for part in fresh.unwrap_or_default().chunks(PARSE_BYTES) {
            self.csv.push(part, &mut self.rows)?;
            self.write().await?;
            self.received += part.len() as u64;
            self.pace.count(part.len());
            tokio::task::yield_now().await;
        }
        Ok(v1::ImportChunkResponse { received: self.received, rows: self.csv.rows() })
    }

    async fn finish(mut self) -> Result<v1::FinishImportResponse, ServiceError> {
        self.csv.finish(&mut self.rows)?;
        self.write().await?;
        let columns = self.csv.columns().iter().map(|column| NewColumn {
            name: column.name.clone(),
            kind: column.kind,
            width: None,
        });
        let columns = columns.collect();
        let _place = self.quotas.new_sheet(self.import.owner).await?;
        let writer = match self.writer {
            Some(writer) => writer,
            None => self.store.import(self.import).await.map_err(lost)?,
        };
        let record = writer.finish(columns).await.map_err(lost)?;
        drop(self.place);
        let summary = self.store.sheet_summary(record.id).await?;
        let summary = summary.ok_or(ServiceError::NotFound("sheet"))?;
        Ok(v1::FinishImportResponse {
            sheet: Some(sheet_to_wire(
                (&summary, Role::Owner),
                &record.columns,
                self.message_bytes,
            )),
            repaired_rows: self.csv.repaired_rows(),
        })
    }

    async fn write(&mut self) -> Result<(), ServiceError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let writer = self.store.import(self.import.clone()).await.map_err(lost)?;
                self.writer.insert(writer)
            }
        };
        let written = u64::from(writer.rows());
        for (number, row) in (written + 1..).zip(self.rows.drain(..)) {
            let bytes: usize = row.iter().map(model::stored_bytes).sum();
            if bytes > self.row_bytes {
                return Err(row_too_large(number, bytes, self.row_bytes));
            }
            writer.write_row(&row).await.map_err(lost)?;
        }
        self.imported.set(writer.bytes()).map_err(ServiceError::Stored)
    }
}

/// Refuses the calls of an import that ended for another account.
async fn refuse(mut inbox: mpsc::Receiver<Ask>) {
    while let Ok(Some(ask)) = tokio::time::timeout(IDLE, inbox.recv()).await {
        match ask {
            Ask::Chunk { reply, .. } => drop(reply.send(Err(ServiceError::ImportWanted))),
            Ask::Finish(reply) => drop(reply.send(Err(ServiceError::ImportWanted))),
            Ask::Cancel(reply) => drop(reply.send(Ok(v1::CancelImportResponse {}))),
        }
    }
}

/// Answers repeated calls after the end: the first answer may have been lost on its way.
async fn repeat(answer: &v1::FinishImportResponse, mut inbox: mpsc::Receiver<Ask>) {
    while let Ok(Some(ask)) = tokio::time::timeout(IDLE, inbox.recv()).await {
        match ask {
            Ask::Finish(reply) => drop(reply.send(Ok(answer.clone()))),
            Ask::Chunk { reply, .. } => drop(reply.send(Err(ServiceError::NotFound("import")))),
            Ask::Cancel(reply) => drop(reply.send(Err(ServiceError::NotFound("import")))),
        }
    }
}

fn row_too_large(number: u64, bytes: usize, most: usize) -> ServiceError {
    let rule = format!(
        "row {number} would hold {bytes} bytes; one row may hold {most} (row_bytes); shorten its cells"
    );
    ServiceError::malformed("data", rule)
}

/// An import can't continue after Postgres went away: its transaction is lost.
fn lost(error: StoreError) -> ServiceError {
    match error {
        error if error.is_unavailable() => {
            tracing::warn!(%error, "import ended, Postgres is away; its caller starts it again");
            ServiceError::ImportLost
        }
        other => other.into(),
    }
}
