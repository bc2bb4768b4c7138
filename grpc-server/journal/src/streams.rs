//! The journal in Redis, shared by all nodes: for each sheet one stream, appended by compare-and-set on
//! the last revision.
//!
//! Everything that changes or reads a sheet's keys is a script (`scripts/`), run by its hash alone. A
//! script's text names the epoch that the nodes have agreed on, and Redis forgets scripts when it is
//! restarted or replaced. So a Redis that knows the script is the one of this epoch, and holds all that
//! it has accepted. One that does not may have lost its last writes: the epoch is over, and the
//! server's `epochs` begins the next one.
//!
//! Keys carry `{gl:NN}`, by sheet, so that the keys of one script are on one node of a Redis cluster. The keys of a
//! sheet with uncommitted entries never expire.
//!
//! Invariant: entries of a sheet in an epoch are one stream without gaps, and `tails` holds every entry that this node
//! has appended or followed and does not know to be committed, but for sheets that were closed for lack of memory.

mod agreement;
mod batch;
mod epoch;
mod keys;
mod listener;
mod message;
mod open_sheets;
mod opening;
mod shared;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::redis::{Cmd, FromRedisValue};
use ot_engine::Revision;
use rustc_hash::FxHashMap;
use tokio::sync::watch;
use uuid::Uuid;

pub use self::epoch::JournalEpoch;
use self::keys::Keys;
pub use self::listener::Listener;
use self::open_sheets::OpenSheets;
use crate::tail::Tails;
use crate::{APPEND_BYTES, BATCH_BYTES, Followed, JournalError, Lease, StreamId};
use model::{Entry, SheetId};
use redis_link::{Bus, Redis, RedisError};

/// The bytes behind the head that stay in a stream when they are committed, so that nodes that lag a little need not load
/// the sheet again. A sheet that takes 4,000 edits a second fills them in eight seconds, and a node reads the stream each
/// second.
const KEPT_BYTES: usize = 4 << 20;
/// How long the keys of a committed sheet live that no node has open.
const IDLE_SECONDS: u32 = 3_600;
/// How long a lease on a sheet's commits lasts before the node has to renew it.
const LEASE_MS: u32 = 5_000;
/// How long the other nodes wait for one whose appends have lost several times in a row.
const TURN_MS: u32 = 50;
/// Batches up to this size travel with their event, in bytes.
const INLINE_BYTES: usize = 64 * 1024;
/// Batches read at one go ...
const PAGE_BATCHES: u32 = 128;
/// ... and their bytes: a page ends behind the batch that passes this size, and has 32 MiB at most.
const PAGE_BYTES: usize = BATCH_BYTES;

/// A handle on the journal; cheap to clone.
#[derive(Clone, Debug)]
pub struct RedisJournal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    redis: Redis,
    bus: Bus,
    node: Uuid,
    /// The epoch that this node works in; `None` while it works in none.
    epoch: watch::Sender<Option<Arc<JournalEpoch>>>,
    tails: Arc<Tails>,
    open: Arc<OpenSheets>,
}

impl RedisJournal {
    /// The journal of a node, which works in no epoch yet. Entries that are not known to be committed may take so many
    /// bytes of memory.
    #[must_use]
    pub fn new(redis: Redis, bus: Bus, node: Uuid, memory_bytes: usize) -> Self {
        let shared = Shared {
            redis,
            bus,
            node,
            epoch: watch::Sender::new(None),
            tails: Arc::new(Tails::new(FxHashMap::default(), memory_bytes)),
            open: Arc::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The name of this node.
    #[must_use]
    pub fn node(&self) -> Uuid {
        self.shared.node
    }

    /// The bus on which nodes publish events.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.shared.bus
    }

    /// See [`crate::Journal::append`].
    pub(super) async fn append(
        self,
        stream: StreamId,
        entries: Vec<Arc<Entry>>,
    ) -> Result<(), JournalError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
        let (sheet, previous, head) = (first.sheet, first.revision.0 - 1, last.revision.0);
        let reserved = self.shared.tails.reserve(&entries, u64::MAX)?;
        let batch = batch::encode(&entries);
        if batch.len() > APPEND_BYTES {
            return Err(JournalError::TooLarge { bytes: batch.len() });
        }
        let (epoch, keys) = self.at(sheet)?;
        let mut command = epoch.scripts().append.command(&[
            &keys.state(),
            &keys.log(),
            &keys.dirty(),
            &keys.turn(),
        ]);
        command
            .arg(previous)
            .arg(head)
            .arg(stream.0.to_string())
            .arg(self.shared.node.to_string())
            .arg(sheet.to_string())
            .arg(keys.topic())
            .arg(self.shared.open.losses(sheet))
            .arg(TURN_MS)
            .arg(INLINE_BYTES)
            .arg(PAGE_BYTES)
            .arg(message::entries_message(previous, head))
            .arg(&batch);
        let answer: Vec<Vec<u8>> = self.run(&epoch, &command).await?;
        let (word, batches) = answer.split_first().ok_or_else(nonsense)?;
        match word.as_slice() {
            b"ok" => {
                self.shared.open.won(sheet);
                reserved.land();
                Ok(())
            }
            b"lost" => {
                self.shared.open.lost(sheet);
                Err(JournalError::Lost(batch::decode_after(batches, Revision(previous))?))
            }
            b"wait" => Err(JournalError::Lost(Vec::new())),
            b"gap" => Err(JournalError::Gap),
            _ => Err(nonsense()),
        }
    }

    /// See [`crate::Journal::follow`]. Gives some of what is there; nothing when all is known.
    pub(super) async fn follow(
        &self,
        sheet: SheetId,
        stream: StreamId,
        after: Revision,
    ) -> Result<Followed, JournalError> {
        let page = self.read(sheet, stream, after).await?;
        let next = page.entries.first().map(|entry| entry.revision);
        let behind = page.head > after && next != Some(after.next());
        if behind || page.head < after {
            return Err(JournalError::Gap);
        }
        Ok(Followed { entries: page.entries, committed: Some(page.committed) })
    }

    /// See [`crate::Journal::followed`]. Where the entries of other nodes pass the memory of this one, the sheet that
    /// holds most is closed here: its entries are in Redis, and are committed by a node that has it open.
    pub(super) fn followed(&self, entries: &[Arc<Entry>]) {
        let Shared { tails, open, .. } = &*self.shared;
        tails.extend(entries);
        if let Some(largest) = tails.largest_beyond(|sheet| open.contains(sheet)) {
            open.close(largest);
        }
    }

    /// See [`crate::Journal::applied`].
    pub(super) fn applied(&self, sheet: SheetId, revision: Revision, bytes: usize) {
        self.shared.tails.applied(sheet, revision, bytes);
    }

    /// See [`crate::Journal::lease`].
    pub(super) async fn lease(&self, sheet: SheetId) -> Result<Lease, JournalError> {
        let (epoch, keys) = self.at(sheet)?;
        let mut command = epoch.scripts().lease.command(&[&keys.lease()]);
        command.arg(self.shared.node.to_string()).arg(LEASE_MS);
        match self.run::<i64>(&epoch, &command).await? {
            0 => Ok(Lease::HeldByOther),
            1 => Ok(Lease::Held),
            _ => Ok(Lease::Acquired),
        }
    }

    /// See [`crate::Journal::release_lease`]. When it fails, the lease expires.
    pub(super) async fn release_lease(&self, sheet: SheetId) {
        let Ok((epoch, keys)) = self.at(sheet) else { return };
        let mut command = epoch.scripts().release.command(&[&keys.lease()]);
        command.arg(self.shared.node.to_string());
        if let Err(error) = self.run::<i64>(&epoch, &command).await {
            tracing::debug!(%sheet, %error, "lease not released; it expires");
        }
    }

    /// See [`crate::Journal::committed`]. When it fails, the call for a later revision covers this one.
    pub(super) async fn committed(&self, sheet: SheetId, revision: Revision) {
        self.shared.tails.forget(sheet, revision);
        let Ok((epoch, keys)) = self.at(sheet) else { return };
        let mut command =
            epoch.scripts().commit.command(&[&keys.state(), &keys.log(), &keys.dirty()]);
        command
            .arg(revision.0)
            .arg(KEPT_BYTES)
            .arg(IDLE_SECONDS)
            .arg(sheet.to_string())
            .arg(keys.topic())
            .arg(message::committed_message(revision));
        if let Err(error) = self.run::<i64>(&epoch, &command).await {
            tracing::debug!(%sheet, %error, "commit not announced to other nodes");
        }
    }

    /// See [`crate::Journal::landed`].
    pub(super) fn landed(&self, sheet: SheetId, revision: Revision) {
        self.shared.tails.forget(sheet, revision);
    }

    /// Forgets what this node holds of a sheet: it is in Postgres.
    pub fn forget(&self, sheet: SheetId) {
        self.shared.tails.forget(sheet, Revision(u64::MAX));
    }

    /// See [`crate::Journal::discard`].
    pub(super) async fn discard(&self, sheet: SheetId) {
        self.forget(sheet);
        if let Err(error) = self.discard_at(sheet, None).await {
            tracing::debug!(%sheet, %error, "entries of a deleted sheet not removed from Redis");
        }
    }

    /// See [`crate::Journal::discard_until`].
    pub(super) async fn discard_until(
        &self,
        sheet: SheetId,
        last: Revision,
    ) -> Result<bool, JournalError> {
        let discarded = self.discard_at(sheet, Some(last)).await?;
        if discarded {
            self.forget(sheet);
        }
        Ok(discarded)
    }

    async fn discard_at(
        &self,
        sheet: SheetId,
        head: Option<Revision>,
    ) -> Result<bool, JournalError> {
        let (epoch, keys) = self.at(sheet)?;
        let mut command = epoch.scripts().discard.command(&[
            &keys.state(),
            &keys.log(),
            &keys.dirty(),
            &keys.lease(),
        ]);
        command.arg(sheet.to_string());
        command.arg(head.map_or(String::new(), |head| head.0.to_string()));
        Ok(self.run::<i64>(&epoch, &command).await? == 1)
    }

    pub(super) fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        self.shared.tails.tail(sheet)
    }

    pub(super) fn uncommitted_entries(&self) -> usize {
        self.shared.tails.entries()
    }

    /// See [`crate::Journal::uncommitted`].
    pub(super) async fn uncommitted(
        &self,
        sheet: SheetId,
    ) -> Result<Option<Revision>, JournalError> {
        let (_, keys) = self.at(sheet)?;
        let mut command = ::redis::cmd("HMGET");
        command.arg(keys.state()).arg("head").arg("committed");
        let (head, committed): (Option<u64>, Option<u64>) = self.shared.redis.run(&command).await?;
        Ok(head.filter(|head| committed.is_none_or(|committed| committed < *head)).map(Revision))
    }

    /// See [`crate::Journal::waiting_sheets`].
    pub(super) async fn waiting_sheets(&self) -> Result<Vec<SheetId>, JournalError> {
        let epoch = self.epoch()?;
        let dirty = self.dirty_sheets(epoch.id()).await?;
        let lease = |sheet: &SheetId| {
            let mut exists = ::redis::cmd("EXISTS");
            exists.arg(Keys::new(epoch.id(), *sheet).lease());
            exists
        };
        let leases: Vec<Cmd> = dirty.iter().map(lease).collect();
        let held: Vec<bool> = self.shared.redis.run_all(&leases).await?;
        let mut waiting = self.shared.tails.sheets();
        waiting.extend(dirty.iter().zip(held).filter(|(_, held)| !held).map(|(sheet, _)| *sheet));
        waiting.sort_unstable_by_key(|sheet| sheet.0);
        waiting.dedup();
        Ok(waiting)
    }

    /// The epoch at hand and the keys of a sheet in it.
    fn at(&self, sheet: SheetId) -> Result<(Arc<JournalEpoch>, Keys), JournalError> {
        let epoch = self.epoch()?;
        let keys = Keys::new(epoch.id(), sheet);
        Ok((epoch, keys))
    }

    fn epoch(&self) -> Result<Arc<JournalEpoch>, JournalError> {
        let away = || JournalError::Away("this node has no place in Redis yet".into());
        self.shared.epoch.borrow().clone().ok_or_else(away)
    }

    /// Runs a script of an epoch. The epoch ends when Redis does not know it.
    async fn run<T: FromRedisValue>(
        &self,
        epoch: &JournalEpoch,
        command: &Cmd,
    ) -> Result<T, JournalError> {
        let answer = self.shared.redis.run(command).await;
        if matches!(answer, Err(RedisError::NoScript)) {
            self.leave(epoch.id());
        }
        answer.map_err(JournalError::from)
    }
}

fn nonsense() -> JournalError {
    JournalError::Foreign("a script's answer can't be read".into())
}
