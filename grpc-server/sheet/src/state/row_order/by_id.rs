//! The positions of rows by id, for many lookups in one order.
//!
//! A single lookup walks over the spans, since an index costs more than a walk. From [`WALKS`] lookups on an
//! unchanged order, an index answers. Clones of an order share it, so one that is made in another thread serves all. Not
//! here: the spans. Invariant: an index is of the spans as they are.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use ot_engine::RowId;

use model::Span;

/// Lookups before an index is made: sorting the spans costs about as many walks over them.
const WALKS: u32 = 16;

/// The index of one row order, once it is worth its cost.
#[derive(Clone, Debug, Default)]
pub(super) struct ById(Arc<Lookups>);

#[derive(Debug, Default)]
struct Lookups {
    walks: AtomicU32,
    index: OnceLock<Box<[Indexed]>>,
}

/// A span, and the position of its first row.
#[derive(Clone, Copy, Debug)]
struct Indexed {
    start: u64,
    length: u32,
    position: u32,
}

impl ById {
    /// The position of a row among `spans`, which are all spans in order.
    pub(super) fn position_of<'a>(
        &self,
        row: RowId,
        spans: impl Iterator<Item = &'a Span>,
    ) -> Option<u32> {
        let Lookups { walks, index } = &*self.0;
        if index.get().is_none() && walks.fetch_add(1, Ordering::Relaxed) < WALKS {
            return indexed(spans).find_map(|span| span.position_of(row));
        }
        let index = index.get_or_init(|| {
            let mut index: Vec<_> = indexed(spans).collect();
            index.sort_unstable_by_key(|span| span.start);
            index.into()
        });
        let after = index.partition_point(|span| span.start <= row.0);
        index[after.checked_sub(1)?].position_of(row)
    }

    /// The spans that so many further lookups visit about, if there are `spans`.
    pub(super) fn steps(&self, lookups: usize, spans: usize) -> usize {
        if self.0.index.get().is_some() {
            return lookups;
        }
        // The last one makes the index, which costs as much as all walks before it.
        lookups.saturating_mul(spans).min(2 * WALKS as usize * spans + lookups)
    }

    #[cfg(test)]
    pub(super) fn is_indexed(&self) -> bool {
        self.0.index.get().is_some()
    }
}

impl Indexed {
    fn position_of(&self, row: RowId) -> Option<u32> {
        let offset = row.0.checked_sub(self.start)?;
        let offset = u32::try_from(offset).ok().filter(|offset| *offset < self.length)?;
        Some(self.position + offset)
    }
}

fn indexed<'a>(spans: impl Iterator<Item = &'a Span>) -> impl Iterator<Item = Indexed> {
    spans.scan(0, |next, span| {
        let position = *next;
        *next += span.length;
        Some(Indexed { start: span.start.0, length: span.length, position })
    })
}
