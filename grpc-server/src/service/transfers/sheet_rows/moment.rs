//! A sheet at one moment, page by page: as Postgres has it now, or as it was at a revision.
//!
//! Not how an older revision is read (`older`). Invariant: all pages are of one moment, also where they are read twice.

use std::sync::Arc;

use jobs::Failure;

use super::asked::{Asked, gone};
use super::older::Older;
use model::{ColumnRecord, RowBody};
use store::ExportReader;

/// A moment of a sheet.
pub(super) struct Moment {
    /// The name that the sheet has now.
    name: Arc<str>,
    pages: Pages,
}

enum Pages {
    Newest(Box<ExportReader>),
    Older(Box<Older>),
}

impl Moment {
    /// Opens it. `twice`: it is read twice.
    pub(super) async fn open(asked: Asked, twice: bool) -> Result<Self, Failure> {
        let reader = asked.store.export(asked.sheet).await?.ok_or_else(gone)?;
        let (name, head) = (Arc::clone(&reader.sheet().name), reader.sheet().head);
        let pages = match asked.revision.filter(|revision| *revision != head) {
            None => Pages::Newest(Box::new(if twice { reader.twice() } else { reader })),
            Some(revision) => {
                // It has a connection that others may wait for.
                drop(reader);
                Pages::Older(Box::new(Older::open(asked, revision, twice).await?))
            }
        };
        Ok(Self { name, pages })
    }

    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn columns(&self) -> &[ColumnRecord] {
        match &self.pages {
            Pages::Newest(reader) => &reader.sheet().columns,
            Pages::Older(older) => older.columns(),
        }
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> u64 {
        u64::from(match &self.pages {
            Pages::Newest(reader) => reader.sheet().row_count,
            Pages::Older(older) => older.rows(),
        })
    }

    /// The next rows in their order, blank ones among them. `None` after the last; then the first page follows, if the moment is
    /// read twice.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<RowBody>>, Failure> {
        match &mut self.pages {
            Pages::Newest(reader) => {
                let page = reader.next_page().await?;
                Ok(page.map(|rows| rows.into_iter().map(|(_, body)| body).collect()))
            }
            Pages::Older(older) => older.next_page().await,
        }
    }
}
