//! The bytes of a Parquet file as its reader wants them, and the checks that come before that reader.
//!
//! Not the rows: see `table` and `parquet_in`. Invariants: nothing is read beyond the end of the file; the footer, the index of
//! the pages and each page are checked by the sizes that they state, before memory is taken for them.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::buf::Reader;
use bytes::{Buf as _, Bytes as Shared};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use crate::source::read_exact_at;
use crate::{Bytes, ReadError, ReadLimits, thrift};

const FORMAT: &str = "Parquet";
/// The length of the footer, and the magic bytes behind it.
const TAIL: usize = 8;
const MAGIC: &[u8] = b"PAR1";
const ENCRYPTED: &[u8] = b"PARE";
/// The header of a page is looked for in so many bytes, ...
const HEADER: usize = 4 * 1024;
/// ... and in at most so many: statistics stand in it.
const HEADER_MOST: usize = 1024 * 1024;
/// An encoding whose values repeat the begin of the value before: a page of it holds far more than its bytes.
const DELTA_BYTE_ARRAY: i64 = 7;
/// The most bytes of such a page.
const DELTA_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// What is counted of pages.
const PAGE: &str =
    "bytes of a page without compression (write the file with smaller pages or groups of rows)";
const PACKED_PAGE: &str = "bytes of a page with compression";
const DELTA_PAGE: &str = "bytes of a page with the encoding DELTA_BYTE_ARRAY";
/// The type of a page that no reader passes on.
const INDEX_PAGE: i64 = 1;
/// The most groups of rows, ...
const GROUPS: usize = 32 * 1024;
/// ... and the most columns in all of them together: each takes some 650 bytes of memory.
const CHUNKS: usize = 1024 * 1024;
/// The most elements of a schema for each column that is allowed.
const ELEMENTS: usize = 4;

/// The bytes of a Parquet file.
#[derive(Clone)]
pub(crate) struct Chunks {
    bytes: Arc<dyn Bytes>,
    page_bytes: usize,
    /// The most bytes of a page whose values repeat the begin of the one before.
    delta_page_bytes: usize,
    read: Arc<AtomicU64>,
    /// The error of the bytes, or the limit that a page is beyond: the reader of Parquet does not pass it on as it is.
    failure: Arc<Mutex<Option<ReadError>>>,
    /// Where pages begin behind their headers, until they are read: at most one of each column.
    headed: Arc<Mutex<HashSet<u64>>>,
    /// A part of the file that is in memory, and where it begins.
    kept: Option<(u64, Shared)>,
}

impl Chunks {
    pub(crate) fn new(bytes: Arc<dyn Bytes>, limits: &ReadLimits) -> Self {
        let (page_bytes, read) = (limits.page_bytes, Arc::new(AtomicU64::new(0)));
        let delta_page_bytes = page_bytes.min(DELTA_PAGE_BYTES);
        let (failure, headed) = (Arc::default(), Arc::default());
        Self { bytes, page_bytes, delta_page_bytes, read, failure, headed, kept: None }
    }

    /// The same where no page has values that repeat the begin of the one before.
    pub(crate) fn without_delta(self) -> Self {
        Self { delta_page_bytes: 0, ..self }
    }

    /// The same for a pass of its own: another one that reads the same pages meanwhile has no part in it.
    pub(crate) fn apart(&self) -> Self {
        Self { failure: Arc::default(), headed: Arc::default(), ..self.clone() }
    }

    /// An error of the reader of Parquet, or what has caused it.
    pub(crate) fn error(&self, error: impl ToString) -> ReadError {
        let failure = self.failure.lock().ok().and_then(|mut failure| failure.take());
        failure.unwrap_or_else(|| ReadError::damaged(FORMAT, error))
    }

    /// How many bytes were read.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn part(&self, start: u64, length: usize) -> Result<Shared, ParquetError> {
        if let Some((begin, kept)) = &self.kept {
            let from = start.checked_sub(*begin).and_then(|from| usize::try_from(from).ok());
            let range = from.and_then(|from| Some(from..from.checked_add(length)?));
            if let Some(range) = range.filter(|range| range.end <= kept.len()) {
                return Ok(kept.slice(range));
            }
        }
        if start.checked_add(length as u64).is_none_or(|end| end > self.bytes.len()) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are not there")));
        }
        let mut part = vec![0; length];
        if let Err(error) = read_exact_at(&*self.bytes, start, &mut part) {
            return Err(self.fail(ReadError::Source(error)));
        }
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(part.into())
    }

    /// Keeps the first cause of a failure, and gives the reader of Parquet its text.
    fn fail(&self, cause: ReadError) -> ParquetError {
        let text = cause.to_string();
        if let Ok(mut failure) = self.failure.lock() {
            failure.get_or_insert(cause);
        }
        ParquetError::General(text)
    }

    fn check_page(&self, header: thrift::PageHeader) -> Result<(), ParquetError> {
        let (most, what) = match header.encoding {
            DELTA_BYTE_ARRAY => (self.delta_page_bytes, DELTA_PAGE),
            _ => (self.page_bytes, PAGE),
        };
        // What does not compress grows by little.
        let sizes = [
            (header.unpacked, most, what),
            (header.packed, self.page_bytes.saturating_mul(2), PACKED_PAGE),
        ];
        for (bytes, most, what) in sizes {
            let Ok(bytes) = usize::try_from(bytes) else {
                return Err(ParquetError::General("a page has a size below 0".to_owned()));
            };
            if bytes > most {
                return Err(self.fail(ReadError::Limit { what, limit: most as u64 }));
            }
        }
        Ok(())
    }

    /// The header of a page was read: its bytes follow.
    fn note_header(&self, start: u64, header: thrift::PageHeader) {
        if header.packed > 0
            && header.kind != INDEX_PAGE
            && let Ok(mut headed) = self.headed.lock()
        {
            headed.insert(start.saturating_add(header.own as u64));
        }
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.bytes.len()
    }
}

impl ChunkReader for Chunks {
    type T = Reader<Shared>;

    /// The bytes at the begin of a page, whose header is checked. Behind a header that it has looked at before, the reader of
    /// pages calls this, too, and reads nothing of the answer.
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        if self.headed.lock().is_ok_and(|headed| headed.contains(&start)) {
            return Ok(Shared::new().reader());
        }
        let rest = self.bytes.len().saturating_sub(start);
        let rest = usize::try_from(rest).unwrap_or(usize::MAX).min(HEADER_MOST);
        let mut length = HEADER.min(rest);
        loop {
            let part = self.part(start, length)?;
            if let Some(header) = thrift::page_header(&part) {
                self.check_page(header)?;
                self.note_header(start, header);
                return Ok(part.reader());
            }
            if length >= rest {
                return Err(ParquetError::General(format!("no header of a page at {start}")));
            }
            length = length.saturating_mul(8).min(rest);
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Shared, ParquetError> {
        if let Ok(mut headed) = self.headed.lock() {
            headed.remove(&start);
        }
        self.part(start, length)
    }
}

/// Reads the footer of a Parquet file.
pub(crate) fn footer(chunks: &Chunks, limits: &ReadLimits) -> Result<ParquetMetaData, ReadError> {
    let damaged = |problem: &str| ReadError::damaged(FORMAT, problem);
    let body = chunks.bytes.len().checked_sub((TAIL + MAGIC.len()) as u64);
    let body = body.ok_or_else(|| damaged("it is shorter than its own frame"))?;
    let tail =
        chunks.part(chunks.bytes.len() - TAIL as u64, TAIL).map_err(|error| chunks.error(error))?;
    let (length, magic) = tail.split_at(TAIL - MAGIC.len());
    if magic == ENCRYPTED {
        return Err(ReadError::Unknown("an encrypted Parquet file"));
    }
    if magic != MAGIC {
        return Err(damaged("its end is missing"));
    }
    let length = length.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    if length > limits.footer_bytes {
        let limit = limits.footer_bytes;
        return Err(ReadError::Limit { what: "bytes of the footer of a Parquet file", limit });
    }
    if length > body {
        return Err(damaged("its footer is longer than the file"));
    }
    let start = chunks.bytes.len() - TAIL as u64 - length;
    let footer = chunks
        .part(start, usize::try_from(length).unwrap_or(0))
        .map_err(|error| chunks.error(error))?;
    let stated = thrift::footer(&footer);
    let stated = stated.ok_or_else(|| damaged("its footer is malformed or nested too deep"))?;
    // Memory is taken for as many as the footer states, before one of them is read.
    for (count, limit, what) in [
        (stated.groups, GROUPS, "groups of rows of a Parquet file"),
        (stated.chunks, CHUNKS, "columns of a Parquet file, in each of its groups of rows"),
    ] {
        if count > limit {
            return Err(ReadError::Limit { what, limit: limit as u64 });
        }
    }
    // The values and the texts of each column, and what nests.
    if stated.elements > limits.columns.saturating_mul(ELEMENTS).saturating_add(ELEMENTS) {
        let limit = limits.columns as u64;
        return Err(ReadError::Limit { what: "columns of a table", limit });
    }
    ParquetMetaDataReader::decode_metadata(&footer).map_err(|error| chunks.error(error))
}

/// The same with the places of its pages, where the file has them.
pub(crate) fn page_places(
    chunks: &Chunks,
    metadata: ParquetMetaData,
    limits: &ReadLimits,
) -> Result<ParquetMetaData, ReadError> {
    let damaged = || ReadError::damaged(FORMAT, "the index of its pages is malformed");
    let all = metadata.row_groups().iter().flat_map(|group| group.columns());
    let mut places = Vec::new();
    for column in all {
        let Some(at) = column.offset_index_offset() else { return Ok(metadata) };
        let at = u64::try_from(at).map_err(|_| damaged())?;
        let length = column.offset_index_length().unwrap_or_default();
        places.push((at, u64::try_from(length).map_err(|_| damaged())?));
    }
    let Some(begin) = places.iter().map(|(at, _)| *at).min() else { return Ok(metadata) };
    let end = places.iter().map(|(at, length)| at.saturating_add(*length)).max().unwrap_or(begin);
    if end - begin > limits.footer_bytes {
        let limit = limits.footer_bytes;
        return Err(ReadError::Limit { what: "bytes of the index of pages", limit });
    }
    let part = chunks.part(begin, usize::try_from(end - begin).map_err(|_| damaged())?);
    let part = part.map_err(|error| chunks.error(error))?;
    for (at, length) in places {
        let range = usize::try_from(at - begin).ok().zip(usize::try_from(length).ok());
        let index = range.and_then(|(from, length)| part.get(from..from.checked_add(length)?));
        index.and_then(thrift::first_list).ok_or_else(damaged)?;
    }
    let kept = Chunks { kept: Some((begin, part)), ..chunks.clone() };
    let mut reader = ParquetMetaDataReader::new_with_metadata(metadata)
        .with_column_index_policy(PageIndexPolicy::Skip)
        .with_offset_index_policy(PageIndexPolicy::Required);
    reader.read_page_indexes(&kept).map_err(|error| chunks.error(error))?;
    reader.finish().map_err(|error| chunks.error(error))
}
