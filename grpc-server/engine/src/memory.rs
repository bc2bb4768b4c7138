//! The memory of one query, of which the steps that can write to the disk leave a part to those that can't.
//!
//! Not the disk, and not the memory of all queries: see `shared`. A sort frees what its merge needs while it writes rows to the
//! disk, and reserves it again afterwards. In the fair pool of DataFusion another sort of the query may have taken it meanwhile,
//! so the first one fails. Invariant: a step that can write to the disk gets no more than its part of one half, and nothing that
//! the other ones hold.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{
    MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};

/// The other half is for merges: the rows in memory that a sort writes pass through its merge.
const PARTS: usize = 2;

/// The memory of one query.
#[derive(Debug)]
pub(crate) struct QueryMemory {
    bytes: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Steps that can write to the disk.
    spilling: usize,
    /// Bytes of these.
    spillable: usize,
    /// Bytes of the other ones.
    other: usize,
}

impl Held {
    /// The bytes of the steps that can write to the disk, or of the other ones.
    fn of(&mut self, can_spill: bool) -> &mut usize {
        if can_spill { &mut self.spillable } else { &mut self.other }
    }
}

impl QueryMemory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { bytes, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes that a step has room for, which holds so many.
    fn room(&self, held: &Held, can_spill: bool, has: usize) -> usize {
        if can_spill {
            let part = (self.bytes / PARTS).min(self.bytes.saturating_sub(held.other));
            return part.checked_div(held.spilling).unwrap_or(part).saturating_sub(has);
        }
        self.bytes.saturating_sub(held.spillable.saturating_add(held.other))
    }
}

impl fmt::Display for QueryMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} bytes of a query", self.bytes)
    }
}

impl MemoryPool for QueryMemory {
    fn name(&self) -> &'static str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        if consumer.can_spill() {
            self.held().spilling += 1;
        }
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        if consumer.can_spill() {
            let mut held = self.held();
            held.spilling = held.spilling.saturating_sub(1);
        }
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        let mut held = self.held();
        let bytes = held.of(reservation.consumer().can_spill());
        *bytes = bytes.saturating_add(additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut held = self.held();
        let bytes = held.of(reservation.consumer().can_spill());
        *bytes = bytes.saturating_sub(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let (can_spill, has) = (reservation.consumer().can_spill(), reservation.size());
        let mut held = self.held();
        let room = self.room(&held, can_spill, has);
        if additional > room {
            let name = reservation.consumer().name();
            return Err(DataFusionError::ResourcesExhausted(format!(
                "{name} has {has} bytes and needs {additional} more, of which {room} are free in {self}"
            )));
        }
        let bytes = held.of(can_spill);
        *bytes = bytes.saturating_add(additional);
        Ok(())
    }

    fn reserved(&self) -> usize {
        let held = self.held();
        held.spillable.saturating_add(held.other)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn steps_that_can_write_to_the_disk_leave_half_of_it() {
        let pool: Arc<dyn MemoryPool> = Arc::new(QueryMemory::new(1000));
        let sort = || MemoryConsumer::new("sort").with_can_spill(true).register(&pool);
        let (one, other) = (sort(), sort());
        assert!(one.try_grow(251).is_err());
        one.try_grow(250).expect("its part");
        other.try_grow(250).expect("its part");
        assert!(other.try_grow(1).is_err());
        let merge = MemoryConsumer::new("merge").register(&pool);
        merge.try_grow(500).expect("what is left to it");
        assert!(merge.try_grow(1).is_err());
        // What it frees for a while is there for it afterwards.
        merge.free();
        assert!(one.try_grow(1).is_err() && other.try_grow(1).is_err());
        merge.try_grow(500).expect("the same");
        drop((one, other));
        merge.try_grow(500).expect("all of it");
        assert_eq!(pool.reserved(), 1000);
    }
}
