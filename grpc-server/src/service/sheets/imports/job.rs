//! The task of one import: takes the pieces in order, writes the rows, creates the sheet.
//!
//! Not which task a call belongs to (`imports`). Invariant: all rows are one transaction, which ends with the sheet
//! or leaves nothing.

use std::sync::Arc;
use std::time::Duration;

use gridloom::v1;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tonic::Status;

use super::begun::Registered;
use super::calls::{Ask, Call, Reply};
use super::patience::{Place, is_without_bytes, over};
use super::seat::Seat;
use crate::edge::connection_end::ConnectionEnd;
use crate::edge::errors::{ImportEnd, ServiceError};
use crate::edge::quotas::Quotas;
use crate::service::sheets::wire::sheet_to_wire;
use crate::service::turns::Turns;
use csv_reader::{CsvImport, CsvRow};
use model::limits::edge::{IMPORT_PLACE_WITHIN, IMPORT_QUIET_WHEN_WANTED};
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
    seat: Seat,
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
        let (seat, imported) = (Seat::None, ImportedBytes::new(stored));
        Self {
            store,
            import,
            csv,
            writer,
            rows,
            received,
            places,
            seat,
            quotas,
            imported,
            message_bytes,
            row_bytes,
        }
    }

    /// Runs until the file is complete, fails, is cancelled, or its client is gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Call>, registered: Registered) {
        let begun = Instant::now();
        let mut connection = None;
        // A caller that has left needs no answer: send errors mean nothing below.
        loop {
            let call = match self.next(&mut inbox, connection.as_ref(), begun).await {
                Ok(Some(call)) => call,
                Ok(None) => return,
                Err(why) => {
                    tracing::info!(?why, bytes = self.received, "import ended");
                    drop(self);
                    return registered.failed(ServiceError::ImportEnded(why).into());
                }
            };
            connection = call.connection;
            match call.ask {
                Ask::Chunk { offset, data, mut reply } => {
                    let wait = if call.is_passed_on { Duration::ZERO } else { IMPORT_PLACE_WITHIN };
                    if !data.is_empty() && !self.take_seat(wait, &mut reply).await {
                        drop(reply.send(Err(ServiceError::ImportsBusy)));
                        continue;
                    }
                    let answer = self.chunk(offset, &data).await;
                    // After a gap the caller can send the missing piece; any other error ends the import.
                    let gap = matches!(answer, Err(ServiceError::ImportGap { .. }));
                    if let (Err(error), false) = (&answer, gap) {
                        // Its place and its bytes are given back before its caller may use them again.
                        let why = Status::from(error.clone());
                        drop(self);
                        registered.failed(why);
                        return drop(reply.send(answer));
                    }
                    drop(reply.send(answer));
                }
                Ask::Finish(reply) => {
                    let finished = self.finish().await;
                    match &finished {
                        Ok(answer) => registered.finished(answer.clone()),
                        Err(error) => registered.failed(error.clone().into()),
                    }
                    return drop(reply.send(finished));
                }
                Ask::Cancel(reply) => {
                    drop((self, registered));
                    return drop(reply.send(Ok(v1::CancelImportResponse {})));
                }
            }
        }
    }

    /// The next call, or why the import ends. `None`: there can be no call.
    async fn next(
        &mut self,
        inbox: &mut mpsc::Receiver<Call>,
        connection: Option<&ConnectionEnd>,
        begun: Instant,
    ) -> Result<Option<Call>, ImportEnd> {
        loop {
            // However fast its calls follow each other.
            if let Some(why) = self.seat.place().and_then(Place::over) {
                return Err(why);
            }
            if matches!(self.seat, Seat::None) && is_without_bytes(begun) {
                return Err(ImportEnd::NoBytes);
            }
            if let Some(place) = self.seat.place() {
                return tokio::select! {
                    biased;
                    call = inbox.recv() => Ok(call),
                    why = over(Some(place), connection) => Err(why),
                };
            }
            let is_queued = self.seat.is_queued();
            let leaves = tokio::select! {
                biased;
                call = inbox.recv() => return Ok(call),
                () = self.seat.turn() => false,
                () = sleep(IMPORT_QUIET_WHEN_WANTED), if is_queued => true,
                why = over(None, connection) => return Err(why),
            };
            if leaves {
                self.seat.leave();
            }
        }
    }

    /// Takes a place, if it is free in time; whether the import has one. A caller that leaves waits no longer.
    async fn take_seat<T>(&mut self, wait: Duration, reply: &mut Reply<T>) -> bool {
        self.seat.ask(&self.places, self.import.owner);
        tokio::select! {
            has_place = self.seat.within(wait) => has_place,
            () = reply.closed() => false,
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
            if let Some(place) = self.seat.place_mut() {
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
            settings: "".into(),
        });
        let columns = columns.collect();
        let _place = self.quotas.new_sheet(self.import.owner).await?;
        let writer = match self.writer {
            Some(writer) => writer,
            None => self.store.import(self.import).await.map_err(lost)?,
        };
        let record = writer.finish(columns).await.map_err(lost)?;
        drop(self.seat);
        let summary = self.store.sheet_summary(record.id).await?;
        let summary = summary.ok_or(ServiceError::NotFound("sheet"))?;
        Ok(v1::FinishImportResponse {
            sheet: Some(sheet_to_wire(
                (&summary, Role::Owner),
                &record.columns,
                self.message_bytes,
            )),
            repaired_rows: self.csv.repaired_rows(),
            doubts: self.csv.doubts().to_vec(),
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
