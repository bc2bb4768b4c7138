//! The frames of `Send`, for sessions that `Watch` opened.
//!
//! Not what a frame means: the pump passes them on. Nor their memory (`send_room`). Invariant: frames are numbered, and each
//! is passed on once and in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use gridloom::v1;
use tokio::sync::mpsc;
use tonic::Status;

use super::send_room::Hold;
use crate::edge::errors;
use model::AccountId;

/// A frame that waits for its pump, with its part of the room.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) frame: v1::ClientFrame,
    _hold: Hold,
}

/// Open sessions by their id in `Welcome`.
#[derive(Debug, Default)]
pub(super) struct Sends {
    open: Mutex<HashMap<String, Arc<Inlet>>>,
}

#[derive(Debug)]
struct Inlet {
    account: AccountId,
    /// Held while the frames of one request are passed on, so that two requests can't mix theirs. An async
    /// lock, because passing them on may wait for the sheet.
    state: tokio::sync::Mutex<State>,
}

#[derive(Debug)]
struct State {
    received: u64,
    frames: mpsc::Sender<Queued>,
}

/// Accepts the frames of a session until it is dropped.
#[derive(Debug)]
pub(super) struct SendEntry {
    sends: Weak<Sends>,
    session_id: String,
}

impl Drop for SendEntry {
    fn drop(&mut self) {
        if let Some(sends) = self.sends.upgrade() {
            sends.lock().remove(&self.session_id);
        }
    }
}

impl Sends {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Inlet>>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts frames for a session from now on.
    pub(super) fn open(
        self: &Arc<Self>,
        session_id: String,
        account: AccountId,
        frames: mpsc::Sender<Queued>,
    ) -> SendEntry {
        let state = tokio::sync::Mutex::new(State { received: 0, frames });
        self.lock().insert(session_id.clone(), Arc::new(Inlet { account, state }));
        SendEntry { sends: Arc::downgrade(self), session_id }
    }

    /// Passes on the frames that have not been received before; returns the number of the last one.
    pub(super) async fn receive(
        &self,
        account: AccountId,
        request: v1::SendRequest,
        hold: Hold,
    ) -> Result<u64, Status> {
        let v1::SendRequest { session_id, first_frame, frames } = request;
        let inlet = self.lock().get(&session_id).cloned();
        let gone = || errors::session_gone();
        // Another account's session does not exist for this account.
        let inlet = inlet.filter(|inlet| inlet.account == account).ok_or_else(gone)?;
        let mut state = inlet.state.lock().await;
        if first_frame > state.received + 1 {
            return Err(errors::frames_left_out(state.received + 1));
        }
        for (number, frame) in (first_frame..).zip(frames) {
            if number <= state.received {
                continue;
            }
            let queued = Queued { frame, _hold: hold.clone() };
            state.frames.send(queued).await.map_err(|_| gone())?;
            state.received = number;
        }
        Ok(state.received)
    }
}
