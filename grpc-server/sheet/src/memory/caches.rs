//! The memory of the caches of open sheets: rows, and recent changes.
//!
//! Each sheet has limits of its own; they fall to a fair share while all sheets together pass the server's share. Not
//! here: what a cache evicts. Invariants: a sheet falls to its fair share with its next event, and pressure
//! is an event; only a sheet that grows makes pressure, so the events end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

use model::budget::{Budget, Hold};

/// The smallest share of a sheet: the rows of some windows.
const SHARE_LEAST: usize = 256 << 10;

/// The caches of all open sheets.
#[derive(Debug)]
pub struct Caches {
    budget: Arc<Budget>,
    sheets: AtomicUsize,
    /// Counts the times at which all sheets are asked to fall to their share.
    pressed: watch::Sender<u64>,
}

/// The caches of one sheet.
#[derive(Debug)]
pub struct CacheShare {
    caches: Arc<Caches>,
    hold: Hold,
    pressed: watch::Receiver<u64>,
}

impl Caches {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            budget: Budget::new(bytes),
            sheets: AtomicUsize::new(0),
            pressed: watch::Sender::new(0),
        }
    }

    /// The share of a sheet that is opened.
    #[must_use]
    pub fn of_sheet(self: &Arc<Self>) -> CacheShare {
        self.sheets.fetch_add(1, Ordering::Relaxed);
        let (hold, pressed) = (self.budget.hold(0), self.pressed.subscribe());
        CacheShare { caches: Arc::clone(self), hold, pressed }
    }

    /// The bytes of all caches.
    #[must_use]
    pub fn used(&self) -> usize {
        self.budget.used()
    }

    fn fair_share(&self) -> usize {
        let sheets = self.sheets.load(Ordering::Relaxed).max(1);
        (self.budget.limit() / sheets).max(SHARE_LEAST)
    }

    fn is_pressed(&self) -> bool {
        self.budget.used() > self.budget.limit()
    }
}

impl CacheShare {
    /// Sets the bytes that the sheet's caches hold. The bytes to which they must fall, if they must.
    pub(crate) fn set(&mut self, bytes: usize) -> Option<usize> {
        let grows = bytes > self.hold.bytes();
        self.hold.set(bytes);
        if !self.caches.is_pressed() {
            return None;
        }
        if grows {
            // Other sheets may hold more than their share, perhaps without any event of their own.
            self.caches.pressed.send_modify(|count| *count += 1);
        }
        let share = self.caches.fair_share();
        (bytes > share).then_some(share)
    }

    /// Waits until all sheets are asked to fall to their share. Safe to cancel.
    pub(crate) async fn pressed(&mut self) {
        // The sender lives as long as the share.
        let _ = self.pressed.changed().await;
    }
}

impl Drop for CacheShare {
    fn drop(&mut self) {
        self.caches.sheets.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn silent_sheets_are_asked_to_fall_to_their_share() {
        let caches = Arc::new(Caches::new(100 << 20));
        let (mut silent, mut busy) = (caches.of_sheet(), caches.of_sheet());
        assert_eq!(silent.set(90 << 20), None, "there is room");
        assert!(poll!(pin!(silent.pressed())).is_pending());
        assert_eq!(busy.set(20 << 20), None, "less than its share");
        assert!(poll!(pin!(silent.pressed())).is_ready());
        assert_eq!(silent.set(90 << 20), Some(50 << 20));
        assert_eq!(silent.set(50 << 20), None);
        drop(silent);
        assert_eq!(caches.used(), 20 << 20);
        assert_eq!(busy.set(90 << 20), None, "it is alone");
    }

    /// Many small sheets hold more than all may, each less than the smallest share.
    #[tokio::test]
    async fn a_sheet_that_is_asked_asks_no_other() {
        let caches = Arc::new(Caches::new(1));
        let (mut one, mut two) = (caches.of_sheet(), caches.of_sheet());
        for sheet in [&mut one, &mut two] {
            assert_eq!(sheet.set(2), None);
        }
        assert!(poll!(pin!(one.pressed())).is_ready() && poll!(pin!(two.pressed())).is_ready());
        assert_eq!(one.set(2), None, "it can't fall any further");
        assert!(poll!(pin!(two.pressed())).is_pending());
        assert_eq!(one.set(3), None);
        assert!(poll!(pin!(two.pressed())).is_ready());
    }
}
