//! The requests that reach a sheet while it is being opened: they wait for its task.
//!
//! Not the opening. Invariant: a request that waited is in the inbox before that of any caller of the opening, so an edit
//! that waited for the sheet is not accepted after its right has ended.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::api::message::{Request, Roles, SheetHandle};

/// The handle on a sheet, or what waits for it.
#[derive(Debug)]
pub(super) struct Early(Mutex<State>);

#[derive(Debug)]
enum State {
    /// The requests, in order.
    Waiting(Vec<Request>),
    Open(SheetHandle),
}

impl Default for Early {
    fn default() -> Self {
        Self(Mutex::new(State::Waiting(Vec::new())))
    }
}

impl Early {
    /// The handle, once the sheet is open.
    pub(super) fn handle(&self) -> Option<SheetHandle> {
        match &*self.state() {
            State::Waiting(_) => None,
            State::Open(handle) => Some(handle.clone()),
        }
    }

    /// Sends a request, or keeps it until the sheet is open.
    pub(super) fn send(&self, request: Request) {
        match &mut *self.state() {
            State::Open(handle) => handle.send_detached(request),
            State::Waiting(waiting) => {
                match &request {
                    Request::Roles(roles) => replace(waiting, roles),
                    // Of the names the newest one is enough.
                    Request::Name(newer) => waiting.retain(|request| {
                        !matches!(request, Request::Name(it) if it.version <= newer.version)
                    }),
                    _ => {}
                }
                waiting.push(request);
            }
        }
    }

    /// The sheet is open: sends what has waited.
    pub(super) fn open(&self, handle: &SheetHandle) {
        let mut state = self.state();
        if let State::Waiting(waiting) = mem::replace(&mut *state, State::Open(handle.clone())) {
            waiting.into_iter().for_each(|request| handle.send_detached(request));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one assignment or one call, so a poisoned state is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the roles that newer ones replace, so that no more of them wait than there are accounts.
fn replace(waiting: &mut Vec<Request>, newer: &Roles) {
    waiting.retain_mut(|request| match request {
        Request::Roles(earlier) if earlier.asked <= newer.asked => {
            earlier.of.retain(|account, _| !newer.of.contains_key(account));
            !earlier.of.is_empty()
        }
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use model::{AccountId, Role};
    use rustc_hash::FxHashMap;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn of_each_account_the_newest_role_waits() {
        let account = |number| AccountId(Uuid::from_u128(number));
        let roles = |asked, of: &[(u128, Role)]| {
            let of = of.iter().map(|(number, role)| (account(*number), Some(*role)));
            Request::Roles(Roles { asked, of: FxHashMap::from_iter(of) })
        };
        let early = Early::default();
        early.send(roles(1, &[(1, Role::Editor), (2, Role::Editor)]));
        early.send(roles(2, &[(1, Role::Viewer)]));
        early.send(roles(3, &[(2, Role::Viewer)]));
        early.send(Request::Revoke([7; 32]));
        let State::Waiting(waiting) = &*early.state() else { panic!("is not open") };
        let asked = |request: &Request| match request {
            Request::Roles(roles) => roles.asked,
            _ => 0,
        };
        assert_eq!(waiting.iter().map(asked).collect::<Vec<_>>(), [2, 3, 0]);
    }
}
