//! Writes a new sheet of any size: rows stream through binary COPY, memory stays flat.
//!
//! Not a parser: it takes values. Everything is one transaction, so a sheet is there whole after
//! [`ImportWriter::finish`], and dropping the writer before leaves nothing.
//!
//! Invariant: row ids are 1, 2, 3, ... in the order of writing, so the whole sheet is one span.

use std::pin::Pin;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use ot_engine::{ColumnId, Value};
use tokio_postgres::CopyInSink;

use crate::database::connection::{Connection, Purpose};
use crate::rows::cells::write_cells;
use crate::sheets::bytes::{TUPLE_BYTES, note_written};
use crate::sheets::{insert_sheet, load};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{AccountId, NewColumn, NewSheet, SheetId, SheetRecord};

/// Bytes that are buffered before they are sent.
const CHUNK_BYTES: usize = 256 * 1024;
/// The header of every binary COPY: a signature, no flags, no extension.
const COPY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The number of fields that means the end.
const COPY_END: i16 = -1;
/// The version byte of binary `jsonb`.
const JSONB_VERSION: u8 = 1;

const COPY_ROWS: &str = "copy rows (sheet, id, cells) from stdin (format binary)";

/// A sheet before its rows are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// Its id.
    pub id: SheetId,
    /// The account that it will belong to.
    pub owner: AccountId,
    /// Its name.
    pub name: Arc<str>,
}

/// A sheet that is being written.
pub struct ImportWriter {
    import: NewImport,
    connection: Connection,
    sink: Pin<Box<CopyInSink<Bytes>>>,
    buffer: BytesMut,
    /// One row's JSON, kept for its allocation.
    json: Vec<u8>,
    rows: u32,
    /// What the written rows take, and the largest of them.
    bytes: u64,
    largest: u64,
}

impl std::fmt::Debug for ImportWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { import, rows, .. } = self;
        f.debug_struct("ImportWriter").field("import", import).field("rows", rows).finish()
    }
}

impl Store {
    /// Starts to write a new sheet. It holds one of the few connections for bulk work until it is
    /// finished or dropped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when too many imports and exports run.
    pub async fn import(&self, import: NewImport) -> Result<ImportWriter, StoreError> {
        let connection = Connection::get(&self.pools, Purpose::Bulk).await?;
        // Until it is finished, the only way back is to close the connection.
        connection.discard();
        let start = async {
            // The COPY is one statement and takes as long as the upload does.
            connection.batch_execute("begin; set local statement_timeout = 0").await?;
            connection.copy_in(COPY_ROWS).await
        };
        let sink = connection.within(QUERY_TIMEOUT, start).await?;
        let mut buffer = BytesMut::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 4);
        buffer.put_slice(COPY_HEADER);
        let sink = Box::pin(sink);
        Ok(ImportWriter {
            import,
            connection,
            sink,
            buffer,
            json: Vec::new(),
            rows: 0,
            bytes: 0,
            largest: 0,
        })
    }
}

impl ImportWriter {
    /// Appends a row: its cells from left to right. A row that is all empty takes no room.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a value that cannot be stored, or too many rows;
    /// [`StoreError::Unavailable`]. The import cannot continue after the latter.
    pub async fn write_row(&mut self, values: &[Value]) -> Result<(), StoreError> {
        let row = self
            .rows
            .checked_add(1)
            .ok_or_else(|| StoreError::Invalid("too many rows for one sheet".into()))?;
        if values.iter().any(|value| !value.is_empty()) {
            self.encode(row, values)?;
        }
        self.rows = row;
        if self.buffer.len() >= CHUNK_BYTES { self.send().await } else { Ok(()) }
    }

    /// How many rows have been written.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// The bytes that the written rows take.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the sheet: it is there, with these columns, when this returns.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`], [`StoreError::NotFound`] (the owner), [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`]; nothing stays behind then, unless the connection broke in the
    /// very moment of the commit.
    pub async fn finish(mut self, columns: Vec<NewColumn>) -> Result<SheetRecord, StoreError> {
        self.buffer.put_i16(COPY_END);
        self.send().await?;
        let Self { import, connection, mut sink, rows, bytes, largest, .. } = self;
        let NewImport { id, owner, name } = import;
        connection.within(QUERY_TIMEOUT, sink.as_mut().finish()).await?;
        let sheet = NewSheet { id, owner, name, columns, row_count: rows };
        insert_sheet(&connection, &sheet).await?;
        note_written(&connection, id, (bytes, largest)).await?;
        let record = load(&connection, id).await?.ok_or(StoreError::NotFound("sheet"))?;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(record)
    }

    fn encode(&mut self, row: u32, values: &[Value]) -> Result<(), StoreError> {
        self.json.clear();
        let stored: usize = values.iter().map(model::stored_bytes).sum();
        self.largest = self.largest.max(stored as u64);
        let cells = (1..).map(ColumnId).zip(values).filter(|(_, value)| !value.is_empty());
        write_cells(cells, &mut self.json)?;
        let too_long = || StoreError::Invalid("a row is too long".into());
        let length = i32::try_from(self.json.len() + 1).map_err(|_| too_long())?;
        let out = &mut self.buffer;
        self.bytes += (TUPLE_BYTES + self.json.len()) as u64;
        out.put_i16(3);
        out.put_i32(16);
        out.put_slice(self.import.id.0.as_bytes());
        out.put_i32(8);
        out.put_i64(i64::from(row));
        out.put_i32(length);
        out.put_u8(JSONB_VERSION);
        out.put_slice(&self.json);
        Ok(())
    }

    async fn send(&mut self) -> Result<(), StoreError> {
        let chunk = self.buffer.split().freeze();
        self.buffer.reserve(CHUNK_BYTES + CHUNK_BYTES / 4);
        self.connection.within(QUERY_TIMEOUT, self.sink.send(chunk)).await
    }
}
