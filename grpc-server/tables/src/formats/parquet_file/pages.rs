//! The pages of a Parquet file, each weighed before its values are decoded.
//!
//! Not the sizes that the headers of pages state: see `chunks`. A page of few bytes may hold thousands of millions of values:
//! lists that repeat one, texts that repeat the one before, lengths that only their own header counts.
//!
//! Invariant: the pages of all columns that are open, and those that ended within one batch of rows, weigh no more than their
//! bound together. A page weighs what the values of it take that one batch may have.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;

use super::lengths::Lengths;
use crate::ReadError;
use crate::chunks::Chunks;

/// Bytes of a value besides its text: the value itself, its place, and how deep it nests.
const VALUE_BYTES: u64 = 32;
/// Bytes of the length of a text.
const LENGTH_BYTES: u64 = 4;

/// What a Parquet column is.
#[derive(Clone, Copy)]
struct Leaf {
    /// Whether a row may have several values.
    is_nested: bool,
    /// Whether a value may be none.
    is_optional: bool,
    /// Bytes of each value, where all have as many.
    width: u64,
}

/// The weights of the pages of one column.
#[derive(Clone, Copy, Default)]
struct Open {
    dictionary: u64,
    page: u64,
}

/// The weights of all columns.
struct Weights {
    open: Vec<Open>,
    /// Those that are open.
    held: u64,
    /// Those that ended since the batch began.
    ended: u64,
    is_refused: bool,
}

/// Weighs pages.
pub(super) struct Scale {
    leaves: Vec<Leaf>,
    weights: Mutex<Weights>,
    /// The most rows of a batch.
    rows: u64,
    most: u64,
}

impl Scale {
    /// For batches of so many rows whose pages weigh so much at most.
    fn new(metadata: &ParquetMetaData, rows: usize, most: usize) -> Self {
        let columns = metadata.file_metadata().schema_descr().columns();
        let leaf = |column: &ColumnDescPtr| Leaf {
            is_nested: column.max_rep_level() > 0,
            is_optional: column.max_def_level() > 0,
            width: match column.physical_type() {
                Type::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.type_length()).unwrap_or(0),
                _ => 0,
            },
        };
        let open = vec![Open::default(); columns.len()];
        let weights = Mutex::new(Weights { open, held: 0, ended: 0, is_refused: false });
        let leaves = columns.iter().map(leaf).collect();
        Self { leaves, weights, rows: rows as u64, most: most as u64 }
    }

    /// A batch begins: what ended in the one before is gone.
    pub(super) fn begin_batch(&self) {
        self.weights().ended = 0;
    }

    /// The error of a reading that has met the bound.
    pub(super) fn refusal(&self) -> Option<ReadError> {
        let what = "bytes in memory of the rows that are read at once";
        self.weights().is_refused.then_some(ReadError::Limit { what, limit: self.most })
    }

    /// A column continues in the next row group.
    fn begin_group(&self, leaf: usize) {
        let mut weights = self.weights();
        let open = weights.open.get_mut(leaf).map(std::mem::take).unwrap_or_default();
        let ended = open.dictionary.saturating_add(open.page);
        weights.held = weights.held.saturating_sub(ended);
        weights.ended = weights.ended.saturating_add(ended);
    }

    /// Adds a page of a column.
    fn add(&self, at: usize, page: &Page) -> Result<(), ParquetError> {
        let damaged = || ParquetError::General("a page states values that it lacks".to_owned());
        let leaf = self.leaves.get(at).copied().ok_or_else(damaged)?;
        let weight = self.weight(leaf, page).ok_or_else(damaged)?;
        let mut weights = self.weights();
        let open = weights.open.get_mut(at).ok_or_else(damaged)?;
        let place = if page.is_data_page() { &mut open.page } else { &mut open.dictionary };
        let ended = std::mem::replace(place, weight);
        weights.held = weights.held.saturating_sub(ended).saturating_add(weight);
        weights.ended = weights.ended.saturating_add(ended);
        if weights.held.saturating_add(weights.ended) > self.most {
            weights.is_refused = true;
            return Err(ParquetError::General("the pages of a batch are too large".to_owned()));
        }
        Ok(())
    }

    /// What a page weighs; `None`: it is damaged.
    fn weight(&self, leaf: Leaf, page: &Page) -> Option<u64> {
        let bytes = page.buffer().len() as u64;
        let values = u64::from(page.num_values());
        if !page.is_data_page() {
            // Each value of a dictionary takes at least a byte of it.
            return (values <= bytes).then(|| bytes + values * VALUE_BYTES);
        }
        let in_batch = if leaf.is_nested { values } else { values.min(self.rows) };
        let of_values = in_batch.saturating_mul(VALUE_BYTES.saturating_add(leaf.width));
        let texts = match page.encoding() {
            Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY => {
                texts(leaf, page, self.most / LENGTH_BYTES)?
            }
            _ => 0,
        };
        Some(bytes.saturating_add(of_values).saturating_add(texts))
    }

    fn weights(&self) -> MutexGuard<'_, Weights> {
        // A panic in between leaves weights that are too large at most.
        self.weights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of the texts of a page and of their lengths, which its reader decodes first: at most so many.
fn texts(leaf: Leaf, page: &Page, most: u64) -> Option<u64> {
    let (data, most) = (behind_levels(leaf, page)?, most.min(page.num_values().into()));
    if data.is_empty() {
        return Some(0);
    }
    let first = Lengths::of(data, most)?;
    if page.encoding() == Encoding::DELTA_LENGTH_BYTE_ARRAY {
        return Some(first.count * LENGTH_BYTES);
    }
    // Of each text the length that it shares with the one before, then the length of the rest.
    let rest = Lengths::of(first.rest, most)?;
    let lengths = (first.count + rest.count) * LENGTH_BYTES;
    Some(first.sum.saturating_add(rest.sum).saturating_add(lengths))
}

/// The values of a data page, without what says which of them are there.
fn behind_levels(leaf: Leaf, page: &Page) -> Option<&[u8]> {
    match page {
        Page::DataPage { buf, def_level_encoding, rep_level_encoding, .. } => {
            let mut rest = &buf[..];
            let levels =
                [(leaf.is_nested, rep_level_encoding), (leaf.is_optional, def_level_encoding)];
            for (_, encoding) in levels.into_iter().filter(|(is_there, _)| *is_there) {
                // The other encoding is older than those of texts.
                if *encoding != Encoding::RLE {
                    return None;
                }
                let (length, behind) = rest.split_first_chunk::<4>()?;
                rest = behind.get(usize::try_from(u32::from_le_bytes(*length)).ok()?..)?;
            }
            Some(rest)
        }
        Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, .. } => {
            let levels = def_levels_byte_len.checked_add(*rep_levels_byte_len)?;
            buf.get(usize::try_from(levels).ok()?..)
        }
        Page::DictionaryPage { .. } => None,
    }
}

/// All pages of a file.
pub(super) struct Pages {
    chunks: Arc<Chunks>,
    metadata: Arc<ParquetMetaData>,
    scale: Arc<Scale>,
}

impl Pages {
    /// For batches of so many rows whose pages weigh so much at most.
    pub(super) fn new(
        chunks: &Chunks,
        metadata: &Arc<ParquetMetaData>,
        rows: usize,
        most: usize,
    ) -> Self {
        let scale = Arc::new(Scale::new(metadata, rows, most));
        Self { chunks: Arc::new(chunks.clone()), metadata: Arc::clone(metadata), scale }
    }

    pub(super) fn scale(&self) -> Arc<Scale> {
        Arc::clone(&self.scale)
    }
}

impl RowGroups for Pages {
    fn num_rows(&self) -> usize {
        let rows = self.metadata.row_groups().iter().map(RowGroupMetaData::num_rows);
        let rows = rows.map(|rows| usize::try_from(rows).unwrap_or(0));
        rows.fold(0, usize::saturating_add)
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>, ParquetError> {
        Ok(Box::new(Column {
            chunks: Arc::clone(&self.chunks),
            metadata: Arc::clone(&self.metadata),
            scale: Arc::clone(&self.scale),
            leaf,
            groups: 0..self.metadata.num_row_groups(),
        }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// The pages of one column.
struct Column {
    chunks: Arc<Chunks>,
    metadata: Arc<ParquetMetaData>,
    scale: Arc<Scale>,
    leaf: usize,
    groups: Range<usize>,
}

impl Iterator for Column {
    type Item = Result<Box<dyn PageReader>, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.metadata.row_groups().get(self.groups.next()?)?;
        self.scale.begin_group(self.leaf);
        let Some(column) = group.columns().get(self.leaf) else {
            let problem = "a row group lacks a column".to_owned();
            return Some(Err(ParquetError::General(problem)));
        };
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let reader = SerializedPageReader::new(Arc::clone(&self.chunks), column, rows, None);
        let weighed = |reader: SerializedPageReader<Chunks>| {
            let scale = Arc::clone(&self.scale);
            Box::new(Weighed { reader, scale, leaf: self.leaf }) as Box<dyn PageReader>
        };
        Some(reader.map(weighed))
    }
}

impl PageIterator for Column {}

/// The pages of a column in one row group.
struct Weighed {
    reader: SerializedPageReader<Chunks>,
    scale: Arc<Scale>,
    leaf: usize,
}

impl Iterator for Weighed {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Weighed {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        let page = self.reader.get_next_page()?;
        if let Some(page) = &page {
            self.scale.add(self.leaf, page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.reader.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.reader.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool, ParquetError> {
        self.reader.at_record_boundary()
    }
}
