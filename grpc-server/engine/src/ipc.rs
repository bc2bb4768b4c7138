//! Batches of rows as bytes on their way between processes: streams of Arrow IPC.
//!
//! Not the messages that carry them. Invariant: bytes that are no such stream are an error.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;
use datafusion::arrow::ipc::reader::StreamDecoder;
use datafusion::arrow::ipc::writer::StreamWriter;

use crate::QueryError;

/// Writes a stream, whose bytes are taken as they come.
pub struct Writer(StreamWriter<Vec<u8>>);

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer(..)")
    }
}

impl Writer {
    /// Begins a stream of batches of this form.
    ///
    /// # Errors
    /// The form can't be written.
    pub fn new(schema: &SchemaRef) -> Result<Self, QueryError> {
        StreamWriter::try_new(Vec::new(), schema).map(Self).map_err(QueryError::failed)
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// It has another form.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), QueryError> {
        self.0.write(batch).map_err(QueryError::failed)
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// It has ended before.
    pub fn finish(&mut self) -> Result<(), QueryError> {
        self.0.finish().map_err(QueryError::failed)
    }

    /// What was written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.0.get_mut())
    }
}

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader(StreamDecoder);

impl Reader {
    /// Nothing is read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes, and visits each batch that they complete.
    ///
    /// # Errors
    /// The bytes are damaged, or what the visitor returns.
    pub fn read(
        &mut self,
        bytes: &[u8],
        each: &mut dyn FnMut(RecordBatch) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let mut buffer = Buffer::from_vec(bytes.to_vec());
        while !buffer.is_empty() {
            if let Some(batch) = self.0.decode(&mut buffer).map_err(QueryError::failed)? {
                each(batch)?;
            }
        }
        Ok(())
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// A batch is not whole.
    pub fn finish(mut self) -> Result<(), QueryError> {
        self.0.finish().map_err(QueryError::failed)
    }
}

/// A form of rows as bytes.
///
/// # Errors
/// It can't be written.
pub fn schema_to_bytes(schema: &SchemaRef) -> Result<Vec<u8>, QueryError> {
    Ok(Writer::new(schema)?.take())
}

/// The form of such bytes.
///
/// # Errors
/// They are none.
pub fn schema_of_bytes(bytes: &[u8]) -> Result<SchemaRef, QueryError> {
    let mut reader = Reader::new();
    reader.read(bytes, &mut |_| Ok(()))?;
    let schema = reader.0.schema().map(|schema| Arc::clone(&schema));
    schema.ok_or_else(|| QueryError::failed("a form of rows is missing"))
}
