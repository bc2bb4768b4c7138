//! What the threads of a pass make of the rows that match, in the order of the table.
//!
//! Not a sort: see `sorted`. Invariant: what waits for the caller has a bound, and the threads end when this is dropped.

use std::sync::Arc;

use crate::QueryError;
use crate::scan::workers::{Give, Workers};
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;

/// The items of a pass in order.
pub(crate) struct Ordered<T> {
    workers: Workers<Message<T>>,
    /// The group whose items come next.
    group: usize,
    groups: usize,
    threads: usize,
}

enum Message<T> {
    Item(T),
    /// The group has no further items.
    GroupEnds,
}

impl<T: Send + 'static> Ordered<T> {
    /// Begins the threads of a pass. `work` makes items of rows that were found.
    pub(crate) fn begin(
        shared: &Shared,
        scan: &Arc<Scan>,
        work: impl Fn(&Scan, Found, Give<'_, T>) -> Result<(), QueryError> + Send + Sync + 'static,
    ) -> Result<Self, QueryError> {
        let (groups, threads) = (scan.groups(), shared.threads);
        let runtime = shared.runtime()?;
        let workers =
            Workers::<Message<T>>::begin(runtime, scan, threads, move |scan, number, give| {
                (number..groups).step_by(threads).try_for_each(|group| {
                    scan.group(group, &mut |found| {
                        work(scan, found, &mut |item| give(Message::Item(item)))
                    })?;
                    give(Message::GroupEnds)
                })
            });
        Ok(Self { workers, group: 0, groups, threads })
    }

    /// The next item; `None` at the end of the table.
    pub(crate) fn next(&mut self, pass: &Pass<'_>) -> Result<Option<T>, QueryError> {
        while self.group < self.groups {
            match self.workers.next(self.group % self.threads, pass)? {
                Some(Message::Item(item)) => return Ok(Some(item)),
                Some(Message::GroupEnds) => self.group += 1,
                None => return Err(QueryError::failed("a thread has ended before its groups")),
            }
        }
        Ok(None)
    }
}
