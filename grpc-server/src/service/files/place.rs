//! The place of the files, which is used while it has the marker of this database, and its disk has room.
//!
//! Not the pieces in it (the crate `files`). While Postgres knows no place, a server offers an id of its own there, leaves a
//! marker with it in the place, unless that has one, and then claims the marker: of several markers one wins. A server that
//! stops in between finds its marker, whose id was offered. From then on a place without the marker is another one, such as
//! a folder whose disk is not mounted, or the folder of a second server.
//!
//! Invariants: once Postgres knows the place, none is marked any more; two places are never used at once, since each server
//! offers another id; a check that failed is repeated once a second at most.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use files::{Vault, VaultError};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::config::FileOptions;
use crate::edge::errors::{FileRefusal, ServiceError, WrongPlace};
use crate::edge::quotas;
use crate::machine;
use store::Store;

/// How long a place counts as right after a check.
const CHECKED_FOR: Duration = Duration::from_secs(5);
/// How long after a check that failed the next one is made.
const RETRY: Duration = Duration::from_secs(1);
/// How long a check may take.
const CHECK_WITHIN: Duration = Duration::from_secs(5);
/// Between two lines of the log about a place that is not right.
const WARN_EVERY: Duration = Duration::from_secs(60);
/// How long the free bytes of a disk count as known.
const ROOM_KNOWN_FOR: Duration = Duration::from_secs(1);

/// The place of the files.
#[derive(Debug)]
pub(crate) struct CheckedPlace {
    store: Store,
    vault: Vault,
    /// The id that this server leaves in a place without a marker.
    offer: Uuid,
    /// `None` for a bucket.
    disk: Option<PlaceDisk>,
    /// Locked during a check: other callers wait for its result.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The id of the place, once its marker has been seen.
    id: Option<Uuid>,
    checked: Option<Checked>,
    warned: Option<Instant>,
}

/// The result of the last check.
#[derive(Debug)]
struct Checked {
    at: Instant,
    result: Result<(), ServiceError>,
}

/// The disk of a folder.
#[derive(Debug)]
struct PlaceDisk {
    folder: PathBuf,
    /// The free bytes below which it takes no piece; `None`: as many as for sheets.
    reserve: Option<u64>,
    /// Whether it had room, and when.
    room: Mutex<Option<(Instant, bool)>>,
}

impl Checked {
    /// The result, while it counts.
    fn known(&self) -> Option<Result<(), ServiceError>> {
        let kept = if self.result.is_ok() { CHECKED_FOR } else { RETRY };
        (self.at.elapsed() < kept).then(|| self.result.clone())
    }
}

impl State {
    /// Writes a line for the operator, if the last one is old.
    fn warn(&mut self, why: &str) {
        if self.warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
            self.warned = Some(Instant::now());
            tracing::warn!(why, "calls for files are refused with UNAVAILABLE");
        }
    }
}

impl CheckedPlace {
    /// The place of these options, which need not be available yet.
    ///
    /// # Errors
    /// A sentence: the options contradict each other.
    pub(crate) fn new(
        store: Store,
        options: &FileOptions,
        (data_dir, reserve): (PathBuf, Option<u64>),
    ) -> Result<Arc<Self>, String> {
        let vault = Vault::new(&options.place(&data_dir), &options.bucket());
        let vault = vault.map_err(|error| error.to_string())?;
        let disk = options.folder(&data_dir).map(|folder| PlaceDisk {
            folder,
            reserve,
            room: Mutex::default(),
        });
        let offer = Uuid::new_v4();
        Ok(Arc::new(Self { store, vault, offer, disk, state: Mutex::default() }))
    }

    /// The vault of the place, which has the marker of this database.
    ///
    /// # Errors
    /// UNAVAILABLE.
    pub(crate) async fn ready(&self) -> Result<&Vault, ServiceError> {
        let mut state = self.state.lock().await;
        let result = match state.checked.as_ref().and_then(Checked::known) {
            Some(known) => known,
            None => {
                let result = self.check(&mut state).await;
                state.checked = Some(Checked { at: Instant::now(), result: result.clone() });
                result
            }
        };
        result.map(|()| &self.vault)
    }

    async fn check(&self, state: &mut State) -> Result<(), ServiceError> {
        let Ok(seen) = timeout(CHECK_WITHIN, self.seen(state.id)).await else {
            state.warn("the place of --files does not answer");
            return Err(ServiceError::Unavailable("the place of the files"));
        };
        if let Err(ServiceError::File(FileRefusal::WrongPlace(why))) = &seen {
            state.warn(why.sentence());
        }
        state.id = Some(seen?);
        Ok(())
    }

    /// The id of the place, whose marker is there.
    async fn seen(&self, known: Option<Uuid>) -> Result<Uuid, ServiceError> {
        let id = match known {
            Some(id) => id,
            None => match self.store.file_place().await? {
                Some(place) => place,
                None => return self.claim().await,
            },
        };
        let marker = match self.vault.marker().await {
            // A marker without an id.
            Err(VaultError::BadPlace(_)) => return Err(wrong(WrongPlace::Other)),
            marker => marker?,
        };
        match marker {
            Some(marker) if marker == id => Ok(id),
            Some(_) => Err(wrong(WrongPlace::Other)),
            None => Err(wrong(WrongPlace::Unmarked)),
        }
    }

    /// Leaves a marker in the place, and makes it the place of this database, unless another one is by now.
    async fn claim(&self) -> Result<Uuid, ServiceError> {
        self.store.offer_file_place(self.offer).await?;
        let marker = match self.vault.claim(self.offer).await {
            Err(VaultError::BadPlace(_)) => return Err(wrong(WrongPlace::Other)),
            marker => marker?,
        };
        let place = self.store.claim_file_place(marker).await?;
        if place != Some(marker) {
            return Err(wrong(WrongPlace::Other));
        }
        tracing::info!(place = ?self.vault, id = %marker, "the place of the files is marked");
        Ok(marker)
    }

    /// Refuses a piece while the disk of a folder has less than its reserve, which is for the journal and Postgres.
    pub(crate) async fn check_room(&self) -> Result<(), ServiceError> {
        if let Some(disk) = &self.disk
            && !disk.has_room().await
        {
            return Err(VaultError::Full.into());
        }
        Ok(())
    }
}

impl PlaceDisk {
    async fn has_room(&self) -> bool {
        let mut room = self.room.lock().await;
        if let Some((at, has_room)) = *room
            && at.elapsed() < ROOM_KNOWN_FOR
        {
            return has_room;
        }
        let folder = self.folder.clone();
        let space = tokio::task::spawn_blocking(move || machine::disk_bytes(&folder)).await;
        // A disk that can't be read takes pieces until it refuses one.
        let has_room = space
            .ok()
            .flatten()
            .is_none_or(|(free, total)| free >= quotas::disk_reserve(self.reserve, total));
        *room = Some((Instant::now(), has_room));
        has_room
    }
}

fn wrong(why: WrongPlace) -> ServiceError {
    FileRefusal::WrongPlace(why).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_right_place_counts_longer_than_a_wrong_one() {
        let of = |result| Checked { at: Instant::now(), result };
        let (right, other) = (of(Ok(())), of(Err(wrong(WrongPlace::Unmarked))));
        assert!(matches!(right.known(), Some(Ok(()))));
        assert!(matches!(other.known(), Some(Err(_))));
        tokio::time::advance(RETRY).await;
        assert!(matches!(right.known(), Some(Ok(()))));
        assert!(other.known().is_none(), "it is looked at again");
        tokio::time::advance(CHECKED_FOR - RETRY).await;
        assert!(right.known().is_none());
    }

    #[tokio::test]
    async fn a_disk_below_its_reserve_has_no_room() {
        let dir = tempfile::tempdir().expect("a folder");
        let disk = |folder: PathBuf, reserve| PlaceDisk {
            folder,
            reserve: Some(reserve),
            room: Mutex::default(),
        };
        assert!(disk(dir.path().to_owned(), 0).has_room().await);
        let full = disk(dir.path().to_owned(), u64::MAX);
        assert!(!full.has_room().await && !full.has_room().await);
        assert!(disk(dir.path().join("missing"), u64::MAX).has_room().await);
    }
}
