//! The members of one connection of `Connect`, by their numbers: sessions, and streams of notices.
//!
//! Not their frames (`connection`). Invariant: a number is in use from its reservation until its slot is dropped, and a
//! connection has at most [`CONNECTION_SESSIONS`] of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::edge::errors::{self, StatusBuilder};
use model::limits::edge::CONNECTION_SESSIONS;
use sheet::api::message::{Request, SheetHandle};
use sheet::fanout::published::SessionKey;

/// The numbers in use.
#[derive(Debug, Default)]
pub(super) struct Slots {
    state: Mutex<State>,
    /// The last slot was dropped.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct State {
    slots: HashMap<u32, Running>,
    /// The server shuts down: no further number is reserved.
    closing: bool,
    /// The connection has ended: the same.
    ended: bool,
}

#[derive(Debug, Default)]
struct Running {
    detached: CancellationToken,
    session: Option<AttachedSession>,
}

/// What ends a session from outside of its stream.
#[derive(Debug)]
pub(super) struct AttachedSession {
    pub(super) handle: SheetHandle,
    pub(super) key: SessionKey,
    /// Ends its pump.
    pub(super) left: CancellationToken,
}

impl Running {
    /// The session leaves its sheet at once, also when its stream is not read.
    fn end(&self) {
        self.detached.cancel();
        if let Some(AttachedSession { handle, key, left }) = &self.session {
            left.cancel();
            handle.send_detached(Request::Leave(*key));
        }
    }
}

/// A number in use, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    pub(super) number: u32,
    /// Cancelled when the client detaches the session.
    pub(super) detached: CancellationToken,
}

impl Slots {
    /// Reserves a number for a session that is about to open.
    pub(super) fn reserve(self: &Arc<Self>, number: u32) -> Result<Slot, Status> {
        let mut state = self.state();
        if state.ended {
            return Err(errors::connection_gone());
        }
        if state.closing {
            return Err(StatusBuilder::draining().into());
        }
        if state.slots.contains_key(&number) {
            let rule = "is in use on this connection; choose another number";
            return Err(errors::malformed("session", rule));
        }
        if state.slots.len() >= CONNECTION_SESSIONS {
            return Err(errors::connection_full());
        }
        let running = Running::default();
        let detached = running.detached.clone();
        state.slots.insert(number, running);
        Ok(Slot { slots: Arc::clone(self), number, detached })
    }

    /// Ends a session, if there is one with this number.
    pub(super) fn detach(&self, number: u32) {
        if let Some(running) = self.state().slots.get(&number) {
            running.end();
        }
    }

    /// The connection has ended: ends all sessions, and reserves no further number.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        state.slots.values().for_each(Running::end);
    }

    /// Reserves no further number, and waits until none is in use.
    pub(super) async fn close(&self) {
        self.state().closing = true;
        while !self.state().slots.is_empty() {
            self.emptied.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// The session is open.
    pub(super) fn begin(&self, session: AttachedSession) {
        if let Some(running) = self.slots.state().slots.get_mut(&self.number) {
            running.session = Some(session);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.slots.state();
        state.slots.remove(&self.number);
        if state.slots.is_empty() {
            self.slots.emptied.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_number_is_in_use_until_its_slot_is_dropped() {
        let slots = Arc::new(Slots::default());
        let first = slots.reserve(7).expect("is free");
        let again = slots.reserve(7).expect_err("is in use");
        assert_eq!(again.code(), Code::InvalidArgument);
        slots.detach(7);
        assert!(first.detached.is_cancelled());
        assert!(slots.reserve(7).is_err(), "its stream has not ended");
        drop(first);
        let next = slots.reserve(7).expect("is free again");
        assert!(!next.detached.is_cancelled());
    }

    #[test]
    fn a_connection_has_a_bound_of_sessions() {
        let slots = Arc::new(Slots::default());
        let most = u32::try_from(CONNECTION_SESSIONS).expect("a small number");
        let held: Vec<_> = (0..most).map(|number| slots.reserve(number)).collect();
        assert!(held.iter().all(Result::is_ok));
        assert_eq!(slots.reserve(most).expect_err("is full").code(), Code::ResourceExhausted);
        drop(held);
        assert!(slots.reserve(most).is_ok());
    }

    #[tokio::test]
    async fn closing_waits_for_the_last_session_and_refuses_others() {
        let slots = Arc::new(Slots::default());
        let held = slots.reserve(1).expect("is free");
        let closing = tokio::spawn({
            let slots = Arc::clone(&slots);
            async move { slots.close().await }
        });
        // On a runtime of one thread the task runs until it waits.
        tokio::task::yield_now().await;
        assert!(!closing.is_finished());
        assert_eq!(slots.reserve(2).expect_err("is closing").code(), Code::Unavailable);
        drop(held);
        closing.await.expect("has closed");
    }
}
