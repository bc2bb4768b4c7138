//! The open sheets of this server: each is opened once, and removed when it has closed.
//!
//! A map behind a lock that is never held across an await. A load runs in a task of its own, and all callers that
//! open the same sheet meanwhile wait for it and receive its result, also a failure. Not here: a sheet's task (`actor`).
//!
//! Invariant: a sheet has at most one task on this server.

mod early;
mod left;
mod recovery;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, Shared as SharedFuture};
use heavy_work::Caller;
use ot_engine::Revision;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::oneshot;
use tokio::task::JoinError;

use self::early::Early;
use self::left::Left;
use crate::actor::start;
use crate::api::message::{Request, Roles, SheetHandle};
use crate::api::persons::Persons;
use crate::durability::aside;
use crate::fanout::published::SessionKey;
use crate::fanout::session::EndReason;
use crate::open_error::OpenError;
use crate::ports::storage::StoreError;
use crate::shared::Shared;
use model::{SheetId, SheetName};

/// The opening of a sheet, which all its callers wait for, and its result.
type Opening = SharedFuture<BoxFuture<'static, Result<SheetHandle, OpenError>>>;

/// A sheet in the table.
#[derive(Clone, Debug)]
struct Slot {
    /// Another one than that of a later slot of the same sheet.
    number: u64,
    opening: Opening,
    /// The handle, once the sheet is open, and what it was sent before.
    early: Arc<Early>,
}

impl Slot {
    fn handle(&self) -> Option<SheetHandle> {
        self.early.handle()
    }
}

/// The open sheets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    slots: Mutex<FxHashMap<SheetId, Slot>>,
    /// Sheets that can't be opened until the operator has acted, and are logged already.
    split: Mutex<FxHashSet<SheetId>>,
    left: Left,
    next_session: AtomicU64,
    next_slot: AtomicU64,
    draining: AtomicBool,
}

impl Registry {
    /// A registry with no sheet open.
    pub fn new(shared: Arc<Shared>) -> Self {
        let inner = Inner {
            shared,
            slots: Mutex::default(),
            split: Mutex::default(),
            left: Left::default(),
            next_session: AtomicU64::new(1),
            next_slot: AtomicU64::new(1),
            draining: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The parts and limits that the sheets share.
    pub fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// A key for a session, unique in this process.
    pub fn session_key(&self) -> SessionKey {
        SessionKey(self.inner.next_session.fetch_add(1, Ordering::Relaxed))
    }

    /// A handle on a sheet, which is opened if it is not open.
    ///
    /// # Errors
    /// [`OpenError`] when it does not exist, can't be loaded, or the server is about to stop.
    pub async fn open(&self, id: SheetId) -> Result<SheetHandle, OpenError> {
        self.open_for(Caller::Sheet(id), id).await
    }

    /// The same, where an account asks for the sheet: to load it is work at the turn of the account.
    ///
    /// # Errors
    /// As for [`Registry::open`].
    pub async fn open_for(&self, caller: Caller, id: SheetId) -> Result<SheetHandle, OpenError> {
        loop {
            if self.is_draining() {
                return Err(OpenError::Draining);
            }
            let slot = self.slot(caller, id);
            match slot.opening.clone().await {
                Ok(handle) if handle.inbox.is_closed() => {
                    forget(&Arc::downgrade(&self.inner), id, slot.number);
                }
                Ok(handle) => {
                    self.inner.split().remove(&id);
                    return Ok(handle);
                }
                Err(error) => {
                    if error.needs_operator() {
                        self.log_split(id, &error);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// The slot of a sheet. A new one begins to open it, in a task of its own: the first caller may leave.
    fn slot(&self, caller: Caller, id: SheetId) -> Slot {
        let mut slots = self.inner.slots();
        if let Some(slot) = slots.get(&id) {
            return slot.clone();
        }
        let number = self.inner.next_slot.fetch_add(1, Ordering::Relaxed);
        let (inner, early) = (Arc::downgrade(&self.inner), Arc::<Early>::default());
        let closed = {
            let inner = inner.clone();
            move || forget(&inner, id, number)
        };
        let opening = start::open(self.inner.shared.clone(), caller, id, closed);
        let waiting = Arc::clone(&early);
        let task = self.inner.shared.tasks.spawn(async move {
            let result = opening.await;
            match &result {
                // Before a caller has the handle: its request comes after those that waited.
                Ok(handle) => waiting.open(handle),
                // The next caller tries again.
                Err(_) => forget(&inner, id, number),
            }
            result
        });
        let opening = async move {
            let failed = |error: JoinError| StoreError::Internal(error.to_string());
            task.await.map_err(|error| OpenError::from(failed(error)))?
        };
        let slot = Slot { number, opening: opening.boxed().shared(), early };
        slots.insert(id, slot.clone());
        slot
    }

    /// Logs a sheet that can't be opened until the operator has acted: once, not for each caller.
    fn log_split(&self, id: SheetId, error: &OpenError) {
        if self.inner.split().insert(id) {
            tracing::error!(sheet = %id, %error, "sheet not opened");
        }
    }

    /// The handle on a sheet, if it is open.
    pub fn get(&self, id: SheetId) -> Option<SheetHandle> {
        self.inner.slots().get(&id).and_then(Slot::handle)
    }

    /// Whether a sheet is open or is being opened.
    pub fn contains(&self, id: SheetId) -> bool {
        self.inner.slots().contains_key(&id)
    }

    /// Parks the journal's entries of a sheet that can't be opened until the operator has acted. Then the sheet
    /// can be opened at the head in Postgres, in a new epoch. Returns the number of parked entries; `None`: the
    /// sheet can be opened, and nothing is parked.
    ///
    /// # Errors
    /// [`OpenError`] when Postgres or the journal does not answer.
    pub async fn park(&self, id: SheetId) -> Result<Option<usize>, OpenError> {
        let split = match self.open(id).await {
            Ok(_) => return Ok(None),
            Err(OpenError::Split { .. }) => true,
            Err(OpenError::SetAside(_)) => false,
            Err(error) => return Err(error),
        };
        let shared = &*self.inner.shared;
        let head = shared.storage.head(id).await?;
        // Of two histories, no entry of the journal is known to be in Postgres.
        let after = if split { Revision(0) } else { head };
        let parked = aside::park(&*shared.storage, &shared.journal, id, head, after).await?;
        shared.storage.reopen(id).await?;
        self.inner.split().remove(&id);
        Ok(Some(parked))
    }

    /// Asks a sheet to end the sessions that were opened with this token, without a wait for the sheet.
    pub fn revoke(&self, id: SheetId, token_hash: [u8; 32]) {
        self.send(id, Request::Revoke(token_hash));
    }

    /// Sends a request to a sheet that is open or is being opened, without a wait for the sheet.
    fn send(&self, id: SheetId, request: Request) {
        let early = self.inner.slots().get(&id).map(|slot| Arc::clone(&slot.early));
        if let Some(early) = early {
            early.send(request);
        }
    }

    /// Refuses all further edits of a sheet, if it is open, and waits until those before are accepted or refused.
    /// The sheet is about to be deleted: an edit that was accepted afterwards would stay in the journal.
    pub async fn seal(&self, id: SheetId) -> Sealed {
        let slot = self.inner.slots().get(&id).cloned();
        let Some(slot) = slot else { return Sealed(None) };
        // Also of a sheet that is being opened.
        let Ok(handle) = slot.opening.await else { return Sealed(None) };
        let (sealed, done) = oneshot::channel();
        if handle.send(Request::Seal(true, Some(sealed))).await.is_err() {
            return Sealed(None);
        }
        let guard = Sealed(Some(handle));
        // A sheet that has closed accepts no edits.
        let _ = done.await;
        guard
    }

    /// Asks a sheet to set the roles of accounts, without a wait for the sheet.
    pub fn set_roles(&self, id: SheetId, roles: Roles) {
        self.send(id, Request::Roles(roles));
    }

    /// Asks a sheet to set its name, without a wait for the sheet. A sheet that is being opened may have read an
    /// earlier name, so it is asked once it is open.
    pub fn set_name(&self, id: SheetId, name: SheetName) {
        self.send(id, Request::Name(name));
    }

    /// Asks a sheet to send its sessions that roles or links have changed, without a wait for the sheet.
    pub fn sharing_changed(&self, id: SheetId) {
        if let Some(handle) = self.get(id) {
            handle.send_detached(Request::Sharing);
        }
    }

    /// Asks a sheet to send its sessions that comments have changed, without a wait for the sheet.
    pub fn comments_changed(&self, id: SheetId) {
        if let Some(handle) = self.get(id) {
            handle.send_detached(Request::Comments);
        }
    }

    /// Asks a sheet to set the names and colors of persons, without a wait for the sheet.
    pub fn set_persons(&self, id: SheetId, persons: Persons) {
        if let Some(handle) = self.get(id) {
            handle.send_detached(Request::Persons(persons));
        }
    }

    /// Asks a sheet to end its sessions and to close, without a wait for the sheet.
    pub fn close(&self, id: SheetId, reason: EndReason) {
        self.send(id, Request::Close(reason));
    }

    /// Ends all sessions and closes all sheets. Waits until they are closed, `within` at most.
    pub async fn close_all(&self, reason: &EndReason, within: Duration) {
        let all = self.handles().into_iter().map(|handle| async move {
            handle.send_if_open(Request::Close(reason.clone())).await;
            handle.closed().await;
        });
        if tokio::time::timeout(within, futures_util::future::join_all(all)).await.is_err() {
            tracing::warn!("some sheets have not closed in time");
        }
    }

    /// Opens no further sheet, and sends all sessions the time at which their streams end. Waits for no sheet.
    pub fn drain(&self, deadline_micros: i64) {
        self.inner.draining.store(true, Ordering::Release);
        for handle in self.handles() {
            handle.send_detached(Request::Drain(deadline_micros));
        }
    }

    /// Whether it opens no further sheet.
    pub fn is_draining(&self) -> bool {
        self.inner.draining.load(Ordering::Acquire)
    }

    /// Waits until every accepted edit is committed, `within` at most, and ends all sessions.
    pub async fn shut_down(&self, within: Duration) {
        self.inner.draining.store(true, Ordering::Release);
        let handles = self.handles();
        let all = handles.iter().map(|handle| async move {
            // The entries of a sheet that has closed meanwhile stay in the journal.
            let _ = handle.committed(handle.head()).await;
        });
        if tokio::time::timeout(within, futures_util::future::join_all(all)).await.is_err() {
            tracing::warn!("some entries are not committed; they stay in the journal");
        }
        for handle in handles {
            handle.send_detached(Request::Close(EndReason::Draining));
        }
    }

    fn handles(&self) -> Vec<SheetHandle> {
        self.inner.slots().values().filter_map(Slot::handle).collect()
    }
}

impl Inner {
    fn slots(&self) -> MutexGuard<'_, FxHashMap<SheetId, Slot>> {
        // Each change of the map is one call, so a poisoned map is whole.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn split(&self) -> MutexGuard<'_, FxHashSet<SheetId>> {
        // As above.
        self.split.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sheet refuses edits until this is dropped.
#[derive(Debug)]
pub struct Sealed(Option<SheetHandle>);

impl Drop for Sealed {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.send_detached(Request::Seal(false, None));
        }
    }
}

/// Removes a slot, unless a newer one has replaced it.
fn forget(inner: &Weak<Inner>, id: SheetId, number: u64) {
    let Some(inner) = inner.upgrade() else { return };
    let mut slots = inner.slots();
    if slots.get(&id).is_some_and(|known| known.number == number) {
        slots.remove(&id);
    }
}

#[cfg(test)]
mod tests;
