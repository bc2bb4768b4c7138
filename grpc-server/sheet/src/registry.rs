//! The open sheets of this server: opens each once, forgets those that have closed.
//!
//! A map behind a short lock that is never held across an await; loading happens outside it, and
//! those who ask for the same sheet meanwhile wait for the same load.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use ot_engine::Revision;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::OnceCell;

use crate::actor::start;
use crate::api::message::{Request, SheetHandle};
use crate::durability::aside;
use crate::fanout::published::SessionKey;
use crate::fanout::session::EndReason;
use crate::open_error::OpenError;
use crate::shared::Shared;
use model::SheetId;

/// Sheets opened at once when a server takes up what its journal still holds.
const RECOVERED_AT_ONCE: usize = 8;

type Slot = Arc<OnceCell<SheetHandle>>;

/// The open sheets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    slots: Mutex<FxHashMap<SheetId, Slot>>,
    /// Sheets that can't be opened until the operator has acted, as the log says.
    split: Mutex<FxHashSet<SheetId>>,
    next_session: AtomicU64,
    draining: AtomicBool,
}

impl Registry {
    /// A registry with no sheet open.
    pub fn new(shared: Arc<Shared>) -> Self {
        let inner = Inner {
            shared,
            slots: Mutex::default(),
            split: Mutex::default(),
            next_session: AtomicU64::new(1),
            draining: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What the sheets share.
    pub fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// A name for a session, unique in this process.
    pub fn session_key(&self) -> SessionKey {
        SessionKey(self.inner.next_session.fetch_add(1, Ordering::Relaxed))
    }

    /// The way to a sheet, opening it where that is needed.
    ///
    /// # Errors
    /// [`OpenError`] when it does not exist, can't be loaded, or the server is about to stop.
    pub async fn open(&self, id: SheetId) -> Result<SheetHandle, OpenError> {
        loop {
            if self.is_draining() {
                return Err(OpenError::Draining);
            }
            let slot = self.inner.slots().entry(id).or_default().clone();
            let handle = slot
                .get_or_try_init(|| {
                    let inner = Arc::downgrade(&self.inner);
                    let opened = Arc::downgrade(&slot);
                    let closed = move || forget(&inner, id, &opened);
                    start::open(self.inner.shared.clone(), id, closed)
                })
                .await;
            match handle {
                Ok(handle) if handle.inbox.is_closed() => {
                    forget(&Arc::downgrade(&self.inner), id, &Arc::downgrade(&slot));
                }
                Ok(handle) => {
                    self.inner.split().remove(&id);
                    return Ok(handle.clone());
                }
                Err(error) => {
                    self.inner.give_up(id, slot);
                    if error.needs_operator() {
                        self.tell_split(id, &error);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Logs a sheet that can't be opened until the operator has acted: once, not for each visitor.
    fn tell_split(&self, id: SheetId, error: &OpenError) {
        if self.inner.split().insert(id) {
            tracing::error!(sheet = %id, %error, "sheet not opened");
        }
    }

    /// A sheet that is open already.
    pub fn get(&self, id: SheetId) -> Option<SheetHandle> {
        self.inner.slots().get(&id).and_then(|slot| slot.get().cloned())
    }

    /// Opens every sheet whose newest changes are only in the journal, so that they commit.
    ///
    /// A sheet that can't be opened is reported and tried again by its next visitor.
    pub async fn recover(&self) -> usize {
        let mut waiting = match self.inner.shared.journal.waiting_sheets().await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::debug!(%error, "the journal does not say what waits in it");
                return 0;
            }
        };
        waiting.retain(|id| self.get(*id).is_none());
        let total = waiting.len();
        while !waiting.is_empty() {
            let some = waiting.split_off(waiting.len().saturating_sub(RECOVERED_AT_ONCE));
            let opened = some.into_iter().map(|id| async move { (id, self.open(id).await) });
            for (id, result) in futures_util::future::join_all(opened).await {
                // Those of a deleted sheet wait until it is restored, or gone for good.
                if let Err(error) = result
                    && !error.needs_operator()
                    && !matches!(error, OpenError::NotFound)
                {
                    tracing::error!(sheet = %id, %error, "journaled changes wait: sheet not opened");
                }
            }
        }
        total
    }

    /// Parks what the journal holds of a sheet that can't be opened until the operator has acted, and
    /// opens the way to what Postgres has of it, in a new epoch. `None`: the sheet can be opened.
    ///
    /// # Errors
    /// [`OpenError`] when that can't be found out, or the changes can't be parked.
    pub async fn park(&self, id: SheetId) -> Result<Option<usize>, OpenError> {
        let split = match self.open(id).await {
            Ok(_) => return Ok(None),
            Err(OpenError::Split { .. }) => true,
            Err(OpenError::SetAside(_)) => false,
            Err(error) => return Err(error),
        };
        let shared = &*self.inner.shared;
        let head = shared.storage.head(id).await?;
        // Of two histories, no change of the journal's is known to be in Postgres.
        let after = if split { Revision(0) } else { head };
        let parked = aside::park(&*shared.storage, &shared.journal, id, head, after).await?;
        shared.storage.reopen(id).await?;
        self.inner.split().remove(&id);
        Ok(Some(parked))
    }

    /// Ends every session that was opened with this token.
    pub async fn revoke(&self, token_hash: [u8; 32]) {
        for handle in self.handles() {
            handle.tell(Request::Revoke(token_hash)).await;
        }
    }

    /// Ends a sheet's sessions and closes it.
    pub async fn close(&self, id: SheetId, reason: EndReason) {
        if let Some(handle) = self.get(id) {
            handle.tell(Request::Close(reason)).await;
        }
    }

    /// Ends all sessions and closes all sheets, and waits until they are closed or the time is over.
    pub async fn close_all(&self, reason: &EndReason, within: Duration) {
        let all = self.handles().into_iter().map(|handle| async move {
            handle.tell(Request::Close(reason.clone())).await;
            handle.closed().await;
        });
        if tokio::time::timeout(within, futures_util::future::join_all(all)).await.is_err() {
            tracing::warn!("not all sheets have closed in time");
        }
    }

    /// Opens nothing any more and tells all sessions when their streams will be ended.
    pub async fn drain(&self, deadline_micros: i64) {
        self.inner.draining.store(true, Ordering::Release);
        for handle in self.handles() {
            handle.tell(Request::Drain(deadline_micros)).await;
        }
    }

    /// Whether it opens nothing any more.
    pub fn is_draining(&self) -> bool {
        self.inner.draining.load(Ordering::Acquire)
    }

    /// Ends all sessions, waits until everything accepted is committed or the time is over.
    pub async fn shut_down(&self, within: Duration) {
        self.inner.draining.store(true, Ordering::Release);
        let handles = self.handles();
        let all = handles.iter().map(|handle| async move {
            // A sheet that has closed meanwhile keeps the rest in the journal.
            let _ = handle.committed(handle.head()).await;
        });
        if tokio::time::timeout(within, futures_util::future::join_all(all)).await.is_err() {
            tracing::warn!("not everything is committed; the journal keeps the rest");
        }
        for handle in handles {
            handle.tell(Request::Close(EndReason::Draining)).await;
        }
    }

    fn handles(&self) -> Vec<SheetHandle> {
        self.inner.slots().values().filter_map(|slot| slot.get().cloned()).collect()
    }
}

impl Inner {
    /// Takes a slot out of the map in which nothing was opened, if nobody else waits for it: whoever
    /// does tries next, in the same slot, and another one beside it would be a second task for the
    /// sheet.
    fn give_up(&self, id: SheetId, slot: Slot) {
        let mut slots = self.slots();
        // The map's and this one. Nobody gets at the map's meanwhile.
        let is_last = Arc::strong_count(&slot) == 2 && !slot.initialized();
        if is_last && slots.get(&id).is_some_and(|known| Arc::ptr_eq(known, &slot)) {
            slots.remove(&id);
        }
    }

    fn slots(&self) -> MutexGuard<'_, FxHashMap<SheetId, Slot>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn split(&self) -> MutexGuard<'_, FxHashSet<SheetId>> {
        // As above.
        self.split.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a slot out of the map, unless a newer one has taken its place.
fn forget(inner: &Weak<Inner>, id: SheetId, slot: &Weak<OnceCell<SheetHandle>>) {
    let (Some(inner), Some(slot)) = (inner.upgrade(), slot.upgrade()) else { return };
    let mut slots = inner.slots();
    if slots.get(&id).is_some_and(|known| Arc::ptr_eq(known, &slot)) {
        slots.remove(&id);
    }
}
