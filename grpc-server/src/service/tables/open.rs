//! The tables that a server looks at: their footers and their last pieces stay in memory.
//!
//! Not the choice of rows (`rows`). Invariants: what is kept has a bound in bytes; a table is found by its content, which never
//! changes, so nothing kept is ever old.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::content::Content;
use super::content::lru::Lru;
use super::content::source::{KeptPieces, Source, kept_pieces};
use crate::service::files::CheckedPlace;
use model::limits::tables::{OPEN_TABLE_BYTES, READING_PIECE_BYTES, TABLE_PIECE_BYTES};
use model::{ContentId, Pieces};
use store::Store;
use tables::{Bytes, ReadError, Table};

/// Tables that are open.
pub(in crate::service) struct OpenTables {
    store: Store,
    place: Arc<CheckedPlace>,
    tables: Mutex<Lru<ContentId, Arc<Table>>>,
    pieces: KeptPieces,
}

impl OpenTables {
    /// None yet.
    pub(in crate::service) fn new(store: Store, place: Arc<CheckedPlace>) -> Self {
        let tables = Mutex::new(Lru::new(OPEN_TABLE_BYTES));
        Self { store, place, tables, pieces: kept_pieces(TABLE_PIECE_BYTES) }
    }

    /// The table of a content. Blocking: its footer may have to be read.
    pub(super) fn table(
        &self,
        (content, pieces): (ContentId, Pieces),
    ) -> Result<Arc<Table>, ReadError> {
        let known = self.tables.lock().unwrap_or_else(PoisonError::into_inner).get(content);
        if let Some(known) = known {
            return Ok(known);
        }
        let (store, place) = (self.store.clone(), Arc::clone(&self.place));
        let content_of = Content::new(store, place, (content, pieces));
        let source = Source::of_pages(content_of, Arc::clone(&self.pieces));
        let table = Arc::new(Table::open(Arc::new(source))?);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.put(content, Arc::clone(&table), table.memory_bytes());
        Ok(table)
    }

    /// The table of a content for one pass over its rows, which keeps its pieces apart from those of pages and ends with `stop`.
    /// Blocking.
    pub(in crate::service) fn reading(
        &self,
        (content, pieces): (ContentId, Pieces),
        stop: CancellationToken,
    ) -> Result<Arc<Table>, ReadError> {
        Ok(Arc::new(Table::open(self.bytes((content, pieces), stop))?))
    }

    /// The same as its bytes, for a query.
    pub(in crate::service) fn bytes(
        &self,
        (content, pieces): (ContentId, Pieces),
        stop: CancellationToken,
    ) -> Arc<dyn Bytes> {
        let (store, place) = (self.store.clone(), Arc::clone(&self.place));
        let content = Content::new(store, place, (content, pieces));
        Arc::new(Source::of_reading(content, kept_pieces(READING_PIECE_BYTES), stop))
    }
}
