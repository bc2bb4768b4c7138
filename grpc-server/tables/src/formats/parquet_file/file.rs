//! A Parquet file: its footer, its types, and its rows in batches.
//!
//! Not the values: see `convert`. Invariant: the types that the writing program has noted are followed only where the columns
//! fit them.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::file::metadata::ParquetMetaData;

use super::columns;
use crate::chunks::{Chunks, footer};
use crate::{Bytes, Options, ReadError};

/// Rows that are decoded at once.
pub(super) const BATCH_ROWS: usize = 1024;
/// The same of a file whose values repeat the begin of the one before: each may be as large as a page.
const DELTA_ROWS: usize = 128;

/// A Parquet file whose footer was read.
pub(super) struct File {
    metadata: ArrowReaderMetadata,
    batch_rows: usize,
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
        let wanted = columns::wanted(found.schema(), &metadata);
        let metadata = by(ArrowReaderOptions::new().with_schema(wanted)).unwrap_or(found);
        let groups = metadata.metadata().row_groups().iter();
        let mut encodings = groups.flat_map(|group| group.columns()).flat_map(|it| it.encodings());
        let has_delta = encodings.any(|encoding| encoding == Encoding::DELTA_BYTE_ARRAY);
        drop(encodings);
        Ok(match has_delta {
            true => (Self { metadata, batch_rows: DELTA_ROWS }, chunks),
            false => (Self { metadata, batch_rows: BATCH_ROWS }, chunks.without_delta()),
        })
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

    pub(super) fn batches(
        &self,
        chunks: &Chunks,
        most: Option<usize>,
    ) -> Result<ParquetRecordBatchReader, ReadError> {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            chunks.clone(),
            self.metadata.clone(),
        );
        let builder = match most {
            Some(most) => builder.with_limit(most).with_batch_size(most),
            None => builder.with_batch_size(self.batch_rows),
        };
        builder.build().map_err(|error| chunks.error(error))
    }
}
