//! How the nodes agree on an epoch of the shared journal, and read what a former one has left.
//!
//! The node that begins an epoch loads its scripts once. A node leaves its epoch when Redis does not know a
//! script of it. Not when an epoch begins: the server's `epochs` decides that.
//!
//! Invariant: a Redis that has lost its scripts is never taken for the same one.

use std::sync::Arc;

use ::redis::Cmd;
use ot_engine::Revision;
use tokio::sync::watch;
use uuid::Uuid;

use super::epoch::JournalEpoch;
use super::keys::{self, Keys};
use super::{RedisJournal, batch};
use crate::{APPEND_BYTES, JournalError};
use model::{Entry, SheetId};
use redis_link::RedisError;

/// Batches of a former epoch that are read at one go: no script of that epoch may be there to count their bytes. They
/// have 96 MiB at most.
const LEFT_BATCHES: usize = 4;
const _: () = assert!(LEFT_BATCHES * APPEND_BYTES <= 96 << 20);

/// Sets the epoch if it is still the former one.
const SWAP: &str = "
local epoch = redis.call('GET', KEYS[1]) or ''
if epoch ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1";

impl RedisJournal {
    /// In which epoch this node works; `None` once that is over.
    #[must_use]
    pub fn watch_epoch(&self) -> watch::Receiver<Option<Arc<JournalEpoch>>> {
        self.shared.epoch.subscribe()
    }

    /// From now on this node works in an epoch.
    pub fn enter(&self, epoch: JournalEpoch) {
        self.shared.epoch.send_replace(Some(Arc::new(epoch)));
    }

    /// This node leaves an epoch.
    pub fn leave(&self, epoch: Uuid) {
        self.shared.epoch.send_if_modified(|current| {
            let over = current.as_ref().is_some_and(|current| current.id() == epoch);
            if over {
                tracing::warn!(%epoch, "epoch of the shared journal ended: Redis was restarted or replaced");
                *current = None;
            }
            over
        });
    }

    /// The epoch that Redis names, if any.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn named_epoch(&self) -> Result<Option<Uuid>, RedisError> {
        let named: Option<String> =
            self.shared.redis.run(::redis::cmd("GET").arg(keys::EPOCH)).await?;
        Ok(named.and_then(|named| named.parse().ok()))
    }

    /// Whether Redis is still the one that the epoch was begun with.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn is_whole(&self, epoch: &JournalEpoch) -> Result<bool, RedisError> {
        let mut command = ::redis::cmd("SCRIPT");
        command.arg("EXISTS");
        for script in epoch.scripts().all() {
            command.arg(&script.hash);
        }
        let known: Vec<bool> = self.shared.redis.run(&command).await?;
        Ok(known.iter().all(|known| *known))
    }

    /// Begins an epoch after `former`; false when another node has begun one.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn begin(
        &self,
        epoch: &JournalEpoch,
        former: Option<Uuid>,
    ) -> Result<bool, RedisError> {
        for script in epoch.scripts().all() {
            let mut command = ::redis::cmd("SCRIPT");
            command.arg("LOAD").arg(&script.text);
            self.shared.redis.run::<String>(&command).await?;
        }
        let former = former.map(|former| former.to_string()).unwrap_or_default();
        let mut command = ::redis::cmd("EVAL");
        command.arg(SWAP).arg(1).arg(keys::EPOCH).arg(former).arg(epoch.id().to_string());
        Ok(self.shared.redis.run::<i64>(&command).await? == 1)
    }

    /// The entries in this node's memory that it does not know to be committed, by sheet.
    #[must_use]
    pub fn held(&self) -> Vec<(SheetId, Vec<Arc<Entry>>)> {
        let tails = &self.shared.tails;
        tails.sheets().into_iter().map(|sheet| (sheet, tails.tail(sheet))).collect()
    }

    /// The sheets with entries of an epoch that may not be committed.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn dirty_sheets(&self, epoch: Uuid) -> Result<Vec<SheetId>, RedisError> {
        let members = |bucket| {
            let mut members = ::redis::cmd("SMEMBERS");
            members.arg(keys::dirty_of(epoch, bucket));
            members
        };
        let buckets: Vec<Cmd> = keys::buckets().map(members).collect();
        let dirty: Vec<Vec<String>> = self.shared.redis.run_all(&buckets).await?;
        Ok(dirty.iter().flatten().filter_map(|sheet| sheet.parse().ok()).collect())
    }

    /// The first entries after a revision of those that a former epoch has left of a sheet; none when there are no
    /// more.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn left_of(
        &self,
        epoch: Uuid,
        sheet: SheetId,
        after: Revision,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        let mut command = ::redis::cmd("XRANGE");
        command.arg(Keys::new(epoch, sheet).log()).arg(format!("({}-0", after.0)).arg("+");
        command.arg("COUNT").arg(LEFT_BATCHES);
        let items: Vec<(String, Vec<Vec<u8>>)> = self.shared.redis.run(&command).await?;
        let batches: Vec<Vec<u8>> =
            items.into_iter().filter_map(|(_, fields)| fields.into_iter().nth(1)).collect();
        batch::decode_after(&batches, after)
    }

    /// Deletes the entries of a sheet that a former epoch has left.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn clear(&self, epoch: Uuid, sheet: SheetId) -> Result<(), RedisError> {
        let keys = Keys::new(epoch, sheet);
        let mut command = ::redis::cmd("DEL");
        command.arg(keys.state()).arg(keys.log()).arg(keys.lease());
        self.shared.redis.run::<i64>(&command).await?;
        let mut command = ::redis::cmd("SREM");
        command.arg(keys.dirty()).arg(sheet.to_string());
        self.shared.redis.run::<i64>(&command).await.map(drop)
    }
}
