//! Signals that wait, each once: to be published, or to be looked up where they were received.
//!
//! Not the signals, nor how they travel (`publisher`). Invariants: a signal that is added is taken afterwards, or
//! [`Signal::ALL`] is in its place; at most [`WAITING_MOST`] wait.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Signals that wait at once; one more, and all of them become [`Signal::ALL`].
const WAITING_MOST: usize = 1_024;

/// Something has changed, and is read again where it is used. [`Signal::ALL`] is the lowest.
pub trait Signal: Clone + Debug + Ord + Send + 'static {
    /// Anything may have changed.
    const ALL: Self;
}

/// Signals that wait for one task.
#[derive(Debug)]
pub struct Waiting<S> {
    signals: Mutex<Signals<S>>,
    added: Notify,
}

/// They are taken in their order, again and again from the lowest on: one that is added again and again keeps no other
/// one waiting.
#[derive(Debug)]
struct Signals<S> {
    waiting: BTreeSet<S>,
    taken: Option<S>,
}

impl<S: Signal> Signals<S> {
    fn take(&mut self) -> Option<S> {
        let first = self.waiting.first()?;
        let after = |taken: &S| self.waiting.range((Excluded(taken), Unbounded)).next();
        let next = match *first == S::ALL {
            true => first,
            false => self.taken.as_ref().and_then(after).unwrap_or(first),
        };
        let next = next.clone();
        self.waiting.remove(&next);
        self.taken = Some(next.clone());
        Some(next)
    }
}

impl<S: Signal> Waiting<S> {
    /// Adds a signal. One that waits already waits once.
    pub fn add(&self, signal: S) {
        let mut signals = self.signals();
        signals.waiting.insert(signal);
        if signals.waiting.len() > WAITING_MOST {
            signals.waiting.clear();
            signals.waiting.insert(S::ALL);
        }
        drop(signals);
        self.added.notify_one();
    }

    /// Takes the next signal, and waits for one. Safe to cancel. For one task: each signal is taken once.
    pub async fn next(&self) -> S {
        loop {
            let next = self.signals().take();
            match next {
                Some(signal) => return signal,
                // A signal that was added since then has left its notification.
                None => self.added.notified().await,
            }
        }
    }

    /// How many signals wait.
    pub fn len(&self) -> usize {
        self.signals().waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn signals(&self) -> MutexGuard<'_, Signals<S>> {
        // Each call leaves a whole set, so a poisoned one is whole, too.
        self.signals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Default for Waiting<S> {
    fn default() -> Self {
        let signals = Signals { waiting: BTreeSet::new(), taken: None };
        Self { signals: Mutex::new(signals), added: Notify::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Changed {
        All,
        One(usize),
    }

    impl Signal for Changed {
        const ALL: Self = Self::All;
    }

    #[tokio::test]
    async fn a_signal_waits_once_and_each_has_its_turn() {
        let waiting = Waiting::default();
        [3, 1, 3].into_iter().for_each(|number| waiting.add(Changed::One(number)));
        assert_eq!(waiting.len(), 2);
        assert_eq!(
            (waiting.next().await, waiting.next().await),
            (Changed::One(1), Changed::One(3))
        );
        let mut next = pin!(waiting.next());
        assert!(poll!(&mut next).is_pending());
        waiting.add(Changed::One(2));
        assert_eq!(next.await, Changed::One(2));
        // One that is added again as soon as it is taken keeps no other one waiting, and all are before each.
        [0, 9].into_iter().for_each(|number| waiting.add(Changed::One(number)));
        assert_eq!(waiting.next().await, Changed::One(9));
        waiting.add(Changed::One(5));
        assert_eq!(waiting.next().await, Changed::One(0));
        waiting.add(Changed::One(0));
        assert_eq!(waiting.next().await, Changed::One(5));
        waiting.add(Changed::All);
        assert_eq!(waiting.next().await, Changed::All);
        assert_eq!(waiting.next().await, Changed::One(0));
    }

    #[tokio::test]
    async fn more_signals_than_may_wait_become_one_for_all() {
        let waiting = Waiting::default();
        (0..WAITING_MOST).for_each(|number| waiting.add(Changed::One(number)));
        assert_eq!(waiting.len(), WAITING_MOST);
        waiting.add(Changed::One(0));
        assert_eq!(waiting.len(), WAITING_MOST, "it waits already");
        waiting.add(Changed::One(WAITING_MOST));
        assert_eq!((waiting.next().await, waiting.len()), (Changed::All, 0));
    }
}
