//! The turns of callers: a queue for each, served one after the other.
//!
//! Plain data without threads. Invariants: a caller has at most `at_once` jobs running; of the callers that wait and may
//! begin, the one that has waited longest since its last turn is next; the jobs of one caller begin in their order.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;

use crate::caller::Caller;

/// Names a job that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    caller: Caller,
    number: u64,
}

/// The jobs of all callers.
#[derive(Debug)]
pub(crate) struct Turns<J> {
    callers: FxHashMap<Caller, Line<J>>,
    /// Callers whose next job may begin, in the order of their turns.
    ready: VecDeque<Caller>,
    next: u64,
    at_once: usize,
}

#[derive(Debug)]
struct Line<J> {
    waiting: BTreeMap<u64, J>,
    running: usize,
    /// Whether the caller is in `ready`.
    ready: bool,
}

impl<J> Turns<J> {
    /// No jobs. `at_once`: how many of one caller may run.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { callers: FxHashMap::default(), ready: VecDeque::new(), next: 0, at_once }
    }

    /// Adds a job behind those of its caller.
    pub(crate) fn add(&mut self, caller: Caller, job: J) -> Ticket {
        let number = self.next;
        self.next += 1;
        let line = self.callers.entry(caller).or_insert_with(|| Line {
            waiting: BTreeMap::new(),
            running: 0,
            ready: false,
        });
        line.waiting.insert(number, job);
        self.queue(caller);
        Ticket { caller, number }
    }

    /// Removes a job that has not begun.
    pub(crate) fn remove(&mut self, ticket: Ticket) -> Option<J> {
        let job = self.callers.get_mut(&ticket.caller)?.waiting.remove(&ticket.number)?;
        self.forget_if_unused(ticket.caller);
        Some(job)
    }

    /// The next job, which begins now. [`Turns::end`] follows.
    pub(crate) fn begin(&mut self) -> Option<(Caller, J)> {
        while let Some(caller) = self.ready.pop_front() {
            let Some(line) = self.callers.get_mut(&caller) else { continue };
            line.ready = false;
            // Its jobs may have been removed.
            if let Some((_, job)) = line.waiting.pop_first() {
                line.running += 1;
                self.queue(caller);
                return Some((caller, job));
            }
            self.forget_if_unused(caller);
        }
        None
    }

    /// A job has ended.
    pub(crate) fn end(&mut self, caller: Caller) {
        if let Some(line) = self.callers.get_mut(&caller) {
            line.running -= 1;
        }
        self.forget_if_unused(caller);
        self.queue(caller);
    }

    /// Gives a caller its place behind all others, if it may begin a job and has none.
    fn queue(&mut self, caller: Caller) {
        let Some(line) = self.callers.get_mut(&caller) else { return };
        if !line.ready && !line.waiting.is_empty() && line.running < self.at_once {
            line.ready = true;
            self.ready.push_back(caller);
        }
    }

    fn forget_if_unused(&mut self, caller: Caller) {
        let unused = |line: &Line<J>| line.running == 0 && line.waiting.is_empty() && !line.ready;
        if self.callers.get(&caller).is_some_and(unused) {
            self.callers.remove(&caller);
        }
    }

    #[cfg(test)]
    pub(crate) fn callers(&self) -> usize {
        self.callers.len()
    }
}

#[cfg(test)]
mod tests;
