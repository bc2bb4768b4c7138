//! A Parquet file: its footer, its types, and its rows in batches.
//!
//! Not the values: see `convert`. Invariant: the types that the writing program has noted are followed only where the columns
//! fit them.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Encoding;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::columns;
use super::pages::{Pages, Scale};
use crate::chunks::{Chunks, footer};
use crate::{Bytes, Options, ReadError};

/// Rows that are decoded at once.
pub(super) const BATCH_ROWS: usize = 1024;
/// The same of a file whose values repeat the begin of the one before: each may be as large as a page.
const DELTA_ROWS: usize = 128;
/// Bytes of the rows that are decoded at once, as far as the footer is right about them.
const ROWS_BYTES: u64 = 64 * 1024 * 1024;

/// A Parquet file whose footer was read.
pub(super) struct File {
    metadata: ArrowReaderMetadata,
    batch_rows: usize,
    batch_bytes: usize,
}

impl File {
    pub(super) fn open(
        bytes: &Arc<dyn Bytes>,
        options: &Options,
    ) -> Result<(Self, Chunks), ReadError> {
        let chunks = Chunks::new(Arc::clone(bytes), &options.limits);
        let metadata = Arc::new(footer(&chunks, &options.limits)?);
        let by = |options| ArrowReaderMetadata::try_new(Arc::clone(&metadata), options);
        // The types that the writing program has noted may contradict the columns.
        let plain = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let found = by(ArrowReaderOptions::new()).or_else(|_| by(plain()));
        let found = found.map_err(|error| chunks.error(error))?;
        let by_schema = |is_deep: bool| {
            let wanted = columns::wanted(found.schema(), &metadata, is_deep);
            by(ArrowReaderOptions::new().with_schema(wanted))
        };
        let metadata = match by_schema(true) {
            Ok(wanted) => wanted,
            // A list of a noted length takes memory for each one that is not there.
            Err(_) if columns::has_noted_lengths(found.schema()) => {
                by(plain()).map_err(|error| chunks.error(error))?
            }
            Err(_) => by_schema(false).unwrap_or(found),
        };
        let groups = metadata.metadata().row_groups().iter();
        let mut encodings = groups.flat_map(|group| group.columns()).flat_map(|it| it.encodings());
        let has_delta = encodings.any(|encoding| encoding == Encoding::DELTA_BYTE_ARRAY);
        drop(encodings);
        let batch_bytes = options.limits.batch_bytes;
        let most = if has_delta { DELTA_ROWS } else { BATCH_ROWS };
        let batch_rows = rows_at_once(metadata.metadata(), most);
        let chunks = if has_delta { chunks } else { chunks.without_delta() };
        Ok((Self { metadata, batch_rows, batch_bytes }, chunks))
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    pub(super) fn parquet(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// The number of rows that the footer states.
    pub(super) fn rows(&self) -> u64 {
        let groups = self.parquet().row_groups().iter();
        let rows = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
        rows.fold(0, u64::saturating_add)
    }

    /// The rows in batches of at most so many.
    pub(super) fn batches(
        &self,
        chunks: &Chunks,
        most: Option<usize>,
    ) -> Result<Batches, ReadError> {
        let rows = most.map_or(self.batch_rows, |most| most.min(self.batch_rows));
        let parquet = self.metadata.metadata();
        let columns = parquet.file_metadata().schema_descr();
        let fields = self.schema().fields();
        let levels = parquet_to_arrow_field_levels(columns, ProjectionMask::all(), Some(fields))
            .map_err(|error| chunks.error(error))?;
        let pages = Pages::new(chunks, parquet, rows, self.batch_bytes);
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(&levels, &pages, rows, None)
            .map_err(|error| chunks.error(error))?;
        Ok(Batches { reader, scale: pages.scale(), chunks: chunks.clone() })
    }
}

/// How many rows are decoded at once: fewer where the footer states large ones.
fn rows_at_once(metadata: &ParquetMetaData, most: usize) -> usize {
    let bytes_of_row = |group: &RowGroupMetaData| {
        let bytes = u64::try_from(group.total_byte_size()).unwrap_or(0);
        bytes.checked_div(u64::try_from(group.num_rows()).unwrap_or(0)).unwrap_or(0)
    };
    let largest = metadata.row_groups().iter().map(bytes_of_row).max().unwrap_or(0);
    usize::try_from(ROWS_BYTES / largest.max(1)).unwrap_or(most).clamp(1, most)
}

/// The rows of a file.
pub(super) struct Batches {
    reader: ParquetRecordBatchReader,
    scale: Arc<Scale>,
    chunks: Chunks,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.scale.begin_batch();
        let batch = self.reader.next()?;
        Some(batch.map_err(|error: ArrowError| {
            self.scale.refusal().unwrap_or_else(|| self.chunks.error(error))
        }))
    }
}
