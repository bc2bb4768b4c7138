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
    let mut writer = Writer::new(schema)?;
    // A reader looks at a message when it has a byte of what follows it.
    writer.finish()?;
    Ok(writer.take())
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, BinaryArray, Int64Array};
    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    fn schema() -> SchemaRef {
        let fields = [("n", DataType::Int64, true), ("k", DataType::Binary, false)];
        let fields = fields.map(|(name, data, is_nullable)| Field::new(name, data, is_nullable));
        Arc::new(Schema::new(fields.to_vec()))
    }

    fn batch(rows: i64) -> RecordBatch {
        let numbers =
            Arc::new(Int64Array::from_iter((0..rows).map(|at| (at % 3 > 0).then_some(at))));
        let keys: Vec<_> = (0..rows).map(|at| at.to_be_bytes()).collect();
        let keys = Arc::new(BinaryArray::from_iter_values(keys)) as ArrayRef;
        RecordBatch::try_new(schema(), vec![numbers, keys]).expect("a batch")
    }

    #[test]
    fn a_form_of_rows_is_the_one_that_was_written() {
        let bytes = schema_to_bytes(&schema()).expect("is written");
        assert_eq!(schema_of_bytes(&bytes).expect("is read"), schema());
        assert!(schema_of_bytes(&[]).is_err() && schema_of_bytes(b"no form of rows").is_err());
    }

    #[test]
    fn batches_come_back_over_parts_of_any_size() {
        for size in [1, 7, 64, 100_000] {
            let mut writer = Writer::new(&schema()).expect("begins");
            let mut bytes = Vec::new();
            for rows in [3, 0, 1_000] {
                writer.write(&batch(rows)).expect("is written");
                bytes.extend(writer.take());
            }
            writer.finish().expect("ends");
            bytes.extend(writer.take());
            let (mut reader, mut read) = (Reader::new(), Vec::new());
            for part in bytes.chunks(size) {
                let each = &mut |batch| {
                    read.push(batch);
                    Ok(())
                };
                reader.read(part, each).expect("is read");
            }
            reader.finish().expect("is whole");
            assert_eq!(read, [3, 0, 1_000].map(batch), "parts of {size}");
        }
    }
}
