//! The task of one import: takes the pieces in order, writes the rows, creates the sheet.
//!
//! Not which task a call belongs to (`imports`). Invariant: all rows are one transaction, which ends with the sheet
//! or leaves nothing.

use std::sync::Arc;

use gridloom::v1;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::Status;

use super::begun::Registered;
use super::calls::{Ask, Call, Reply};
use super::patience::{Place, over};
use crate::edge::errors::ServiceError;
use crate::edge::quotas::Quotas;
use crate::import::{CsvImport, CsvRow};
use crate::service::sheets::turns::Turns;
use crate::service::sheets::wire::sheet_to_wire;
use model::limits::edge::{IMPORT_PLACE_WITHIN, IMPORT_QUIET_AT_MOST};
use model::storage::{AccountStorage, ImportedBytes};
use model::{NewColumn, Role};
use store::{ImportWriter, NewImport, Store, StoreError};

/// Bytes that are parsed in one go, so that a large piece does not hold up a worker.
const PARSE_BYTES: usize = 64 * 1024;

pub(super) struct Job {
    store: Store,
    import: NewImport,
    csv: CsvImport,
    /// Opened with the first rows, so that a file that fails at once never takes a connection.
    writer: Option<ImportWriter>,
    rows: Vec<CsvRow>,
    received: u64,
    places: Arc<Turns>,
    /// Taken with the first bytes.
    place: Option<Place>,
    quotas: Arc<Quotas>,
    /// What the account has stored with the rows so far.
    imported: ImportedBytes,
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
        places: Arc<Turns>,
        (quotas, stored): (Arc<Quotas>, Arc<AccountStorage>),
        (message_bytes, row_bytes): (u32, u32),
    ) -> Self {
        let row_bytes = row_bytes as usize;
        let (writer, rows, received) = (None, Vec::new(), 0);
        let (place, imported) = (None, ImportedBytes::new(stored));
        Self {
            store,
            import,
            csv,
            writer,
            rows,
            received,
            places,
            place,
            quotas,
            imported,
            message_bytes,
            row_bytes,
        }
    }

    /// Runs until the file is complete, fails, is cancelled, or its client is gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Call>, registered: Registered) {
        let mut connection = None;
        // A caller that has left needs no answer: send errors mean nothing below.
        loop {
            let call = tokio::select! {
                biased;
                call = inbox.recv() => call,
                why = over(self.place.as_ref(), connection.as_ref()) => {
                    tracing::info!(?why, bytes = self.received, "import ended");
                    return registered.ended(ServiceError::ImportEnded(why).into());
                }
            };
            let Some(Call { ask, connection: its }) = call else { return };
            connection = its;
            match ask {
                Ask::Chunk { offset, data, mut reply } => {
                    if let Err(refused) = self.take_place(&data, &mut reply).await {
                        drop(reply.send(Err(refused)));
                        continue;
                    }
                    let answer = self.chunk(offset, &data).await;
                    // After a gap the caller can send the missing piece; any other error ends the import.
                    let gap = matches!(answer, Err(ServiceError::ImportGap { .. }));
                    if let (Err(error), false) = (&answer, gap) {
                        // Its place and its bytes are given back before its caller may use them again.
                        let why = Status::from(error.clone());
                        drop(self);
                        registered.ended(why);
                        return drop(reply.send(answer));
                    }
                    drop(reply.send(answer));
                }
                Ask::Finish(reply) => {
                    let finished = self.finish().await;
                    if let Err(error) = &finished {
                        registered.ended(error.clone().into());
                    }
                    let again = finished.as_ref().ok().cloned();
                    drop(reply.send(finished));
                    if let Some(answer) = again {
                        repeat(&answer, inbox).await;
                    }
                    return;
                }
                Ask::Cancel(reply) => {
                    drop((self, registered));
                    drop(reply.send(Ok(v1::CancelImportResponse {})));
                    return;
                }
            }
        }
    }

    /// Takes a place with the first bytes. A caller that leaves waits no longer; its import is kept.
    async fn take_place<T>(
        &mut self,
        data: &[u8],
        reply: &mut Reply<T>,
    ) -> Result<(), ServiceError> {
        if self.place.is_some() || data.is_empty() {
            return Ok(());
        }
        let turn = self.places.turn(self.import.owner);
        let turn = tokio::select! {
            turn = timeout(IMPORT_PLACE_WITHIN, turn) => turn.ok().flatten(),
            () = reply.closed() => None,
        };
        let own = self.places.is_used_up(self.import.owner);
        let turn = turn.ok_or(ServiceError::ImportsBusy { own })?;
        self.place = Some(Place::new(turn));
        Ok(())
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
            if let Some(place) = &mut self.place {
                place.count(part.len());
            }
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

/// Answers repeated calls after the end: the first answer may have been lost on its way.
async fn repeat(answer: &v1::FinishImportResponse, mut inbox: mpsc::Receiver<Call>) {
    while let Ok(Some(call)) = timeout(IMPORT_QUIET_AT_MOST, inbox.recv()).await {
        match call.ask {
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
