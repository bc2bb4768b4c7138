//! What an account may keep on the server, and how many live sessions it may have: the checks of the services.
//!
//! Not the check of an edit, which the sheet makes while it stages it (`model::storage`); nor how the bytes are counted
//! (the store). Invariant: a sheet is made, restored or imported only while its account is within its quotas; creations
//! of one account take turns at a server, so no two of them see the same last place.

mod keeper;
mod measures;
mod measuring;

use std::path::PathBuf;
use std::sync::{self, Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use self::keeper::Keeper;
use self::measures::Measures;
use crate::edge::errors::ServiceError;
use crate::edge::refusals;
use crate::machine;
use model::AccountId;
use model::allowance::AccountAllowance;
use model::budget::PerAccount;
use model::limits;
use model::storage::{self, AccountStorage, Storage};
use store::{Store, StoreError};

/// Without a setting the disk is low below this part of it, or below [`RESERVE_BYTES`] where that is less.
const RESERVE_PART: u64 = 10;
/// Twice what the journal may take.
const RESERVE_BYTES: u64 = 2 << 30;
/// The disk is full below this part of the reserve: edits that only delete have no room, either.
const FULL_PART: u64 = 32;
/// An account that has stored less counts as small: while the disk is low it writes longest.
const SMALL_BYTES: u64 = 1 << 20;
/// How long a creation above the quota waits for a measurement of the sheets there are.
const MEASURED_WITHIN: Duration = Duration::from_secs(1);

/// The quotas of all accounts at this server.
#[derive(Debug)]
pub(crate) struct Quotas {
    store: Store,
    limits: limits::Quotas,
    storage: Arc<Storage>,
    /// One creation of a sheet at a time for each account.
    creations: PerAccount<Semaphore>,
    /// The places of its live sessions.
    sessions: PerAccount<Semaphore>,
    openings: AccountAllowance,
    measures: Measures,
    disk: Disk,
}

/// The free bytes that a disk of so many bytes keeps for the journal and Postgres: a setting, or a part of it.
pub(crate) fn disk_reserve(given: Option<u64>, total: u64) -> u64 {
    given.unwrap_or(RESERVE_BYTES.min(total / RESERVE_PART))
}

/// The disk of the data directory.
#[derive(Debug)]
struct Disk {
    dir: PathBuf,
    /// The free bytes below which the largest accounts are refused.
    reserve: Option<u64>,
    /// What an account may have stored while the disk is low, and how low it is.
    limit: sync::Mutex<Option<(u64, storage::Disk)>>,
}

/// A place of an account, until it is dropped.
pub(crate) type Place = OwnedSemaphorePermit;

impl Quotas {
    pub(crate) fn new(
        store: Store,
        limits: limits::Quotas,
        storage: Arc<Storage>,
        (dir, reserve): (PathBuf, Option<u64>),
    ) -> Arc<Self> {
        let most = limits.account_sessions as usize;
        Arc::new(Self {
            store,
            limits,
            storage,
            creations: PerAccount::new(1, Semaphore::new),
            sessions: PerAccount::new(most.min(Semaphore::MAX_PERMITS), Semaphore::new),
            openings: AccountAllowance::new(limits.sessions()),
            measures: Measures::new(),
            disk: Disk { dir, reserve, limit: sync::Mutex::new(None) },
        })
    }

    /// A place for one more sheet. The sheet is made before the place is dropped.
    pub(crate) async fn new_sheet(&self, account: AccountId) -> Result<Place, ServiceError> {
        self.check_stored(account).await?;
        self.place_for_restored(account).await
    }

    /// A place for a sheet of so many bytes that another account gives away.
    pub(crate) async fn transferred_sheet(
        &self,
        account: AccountId,
        bytes: u64,
    ) -> Result<Place, ServiceError> {
        let stored = self.check_stored(account).await?;
        stored.check_room(bytes).map_err(|exceeded| {
            refusals::log("transferred sheets above the stored bytes", &account);
            ServiceError::Stored(exceeded)
        })?;
        self.place_for_restored(account).await
    }

    /// Refuses an account without room for so many sheets of others, of so many bytes together. It keeps no place for them.
    pub(crate) async fn check_transfer(
        &self,
        account: AccountId,
        (sheets, bytes): (u64, u64),
    ) -> Result<(), ServiceError> {
        let stored = self.check_stored(account).await?;
        stored.check_room(bytes).map_err(ServiceError::Stored)?;
        let (used, limit) =
            (self.store.sheet_count(account).await?, u64::from(self.limits.account_sheets));
        match used.saturating_add(sheets) <= limit {
            true => Ok(()),
            false => Err(ServiceError::Quota { quota: "account_sheets", used, limit }),
        }
    }

    /// A place for a deleted sheet that is restored, whose bytes have counted all the time.
    pub(crate) async fn place_for_restored(
        &self,
        account: AccountId,
    ) -> Result<Place, ServiceError> {
        // The semaphore is never closed.
        let turn = self.creations.of(account).acquire_owned().await;
        let turn = turn.map_err(ServiceError::internal)?;
        let (used, limit) =
            (self.store.sheet_count(account).await?, u64::from(self.limits.account_sheets));
        if used >= limit {
            refusals::log("sheets above the quota", &account);
            return Err(ServiceError::Quota { quota: "account_sheets", used, limit });
        }
        Ok(turn)
    }

    /// The bytes that an account has stored, as Postgres has counted them now, or measured them where that is soon done.
    ///
    /// # Errors
    /// [`ServiceError::Stored`]: it has no room.
    pub(crate) async fn check_stored(
        &self,
        account: AccountId,
    ) -> Result<Arc<AccountStorage>, ServiceError> {
        let stored = self.storage.of(account);
        self.read(&[(account, Arc::clone(&stored))]).await?;
        if stored.check().is_err() {
            self.measures.finished(account, MEASURED_WITHIN).await;
            if self.limit().1 != storage::Disk::Roomy {
                // What is measured may be the most that an account has, of which the disk leaves a part.
                self.look_at_disk().await?;
                self.read(&[(account, Arc::clone(&stored))]).await?;
            }
        }
        match stored.check() {
            Ok(()) => Ok(stored),
            Err(exceeded) => {
                refusals::log("sheets and imports above the stored bytes", &account);
                Err(ServiceError::Stored(exceeded))
            }
        }
    }

    /// A place for one more live session.
    pub(crate) fn session(&self, account: AccountId) -> Result<Place, ServiceError> {
        let opening = self.openings.take(account).map_err(|after| {
            refusals::log("openings of live sessions", &account);
            ServiceError::TooManyOpenings(after)
        });
        opening?;
        let place = self.sessions.of(account).try_acquire_owned();
        place.map_err(|_| {
            refusals::log("live sessions above the quota", &account);
            let limit = u64::from(self.limits.account_sessions);
            ServiceError::Quota { quota: "account_sessions", used: limit, limit }
        })
    }

    /// The bytes and the sheets of an account.
    pub(crate) async fn usage(&self, account: AccountId) -> Result<(u64, u64), ServiceError> {
        let stored = self.store.stored_bytes(&[account]).await?;
        let bytes = stored.first().map_or(0, |(_, bytes)| *bytes);
        Ok((bytes, self.store.sheet_count(account).await?))
    }

    /// Reads what accounts have stored. The sheets of an account above its limit are then measured: what was counted may
    /// be more than what is there.
    async fn read(&self, accounts: &[(AccountId, Arc<AccountStorage>)]) -> Result<(), StoreError> {
        let ids: Vec<AccountId> = accounts.iter().map(|(id, _)| *id).collect();
        let (limit, disk) = self.limit();
        for (id, bytes) in self.store.stored_bytes(&ids).await? {
            if let Some((_, stored)) = accounts.iter().find(|(other, _)| *other == id) {
                stored.set(bytes, limit, disk);
            }
            if bytes >= limit {
                self.measures.ask(id);
            }
        }
        Ok(())
    }

    /// What an account may store now, and whether the disk lowers it.
    fn limit(&self) -> (u64, storage::Disk) {
        let quota = self.limits.account_bytes;
        // One value: after a panic elsewhere it is still valid.
        let disk = *self.disk.limit.lock().unwrap_or_else(PoisonError::into_inner);
        match disk {
            Some((limit, disk)) if limit < quota => (limit, disk),
            _ => (quota, storage::Disk::Roomy),
        }
    }

    /// Looks at the disk. While it is low, an account may have stored the same part of what the largest one has as
    /// is free of the reserve: the largest accounts are refused first, and all of them before the disk is full.
    async fn look_at_disk(&self) -> Result<Option<u64>, StoreError> {
        let (dir, reserve) = (self.disk.dir.clone(), self.disk.reserve);
        let space = tokio::task::spawn_blocking(move || machine::disk_bytes(&dir)).await;
        let low = space.ok().flatten().and_then(|(free, total)| {
            let reserve = disk_reserve(reserve, total);
            (free < reserve).then_some((free, reserve))
        });
        let limit = match low {
            Some((free, reserve)) => {
                let most = u128::from(self.store.most_stored_bytes().await?.max(SMALL_BYTES));
                let share = most * u128::from(free) / u128::from(reserve.max(1));
                let is_full = free < reserve / FULL_PART;
                let disk = if is_full { storage::Disk::Full } else { storage::Disk::Low };
                Some((u64::try_from(share).unwrap_or(u64::MAX), disk))
            }
            None => None,
        };
        *self.disk.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
        Ok(low.map(|(free, _)| free))
    }
}
