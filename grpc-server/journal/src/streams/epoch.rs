//! Epochs of the shared journal: how a node recognizes that Redis has lost nothing.
//!
//! The scripts of an epoch name it, so their hashes belong to it alone. The node that begins the epoch
//! loads them once. Invariant: a Redis that has lost its scripts is never taken for the same one.

use std::sync::Arc;

use ::redis::Cmd;
use ot_engine::Revision;
use tokio::sync::watch;
use uuid::Uuid;

use super::keys::{self, Keys};
use super::{RedisJournal, batch};
use crate::JournalError;
use model::{Entry, SheetId};
use redis_link::RedisError;

/// Sets the epoch if it is still the former one.
const SWAP: &str = "
local epoch = redis.call('GET', KEYS[1]) or ''
if epoch ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1";

/// One script of an epoch.
#[derive(Debug)]
pub(super) struct Script {
    text: String,
    hash: String,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) append: Script,
    pub(super) open: Script,
    pub(super) withdraw: Script,
    pub(super) read: Script,
    pub(super) commit: Script,
    pub(super) lease: Script,
    pub(super) release: Script,
    pub(super) discard: Script,
}

/// An epoch.
#[derive(Debug)]
pub struct JournalEpoch {
    id: Uuid,
    scripts: Scripts,
}

impl Script {
    fn new(epoch: Uuid, body: &str) -> Self {
        let text = format!("-- epoch {epoch}\n{body}");
        let hash = ::redis::Script::new(&text).get_hash().to_owned();
        Self { text, hash }
    }

    /// The call by its hash, with its keys; arguments may follow.
    pub(super) fn command(&self, keys: &[&String]) -> Cmd {
        let mut command = ::redis::cmd("EVALSHA");
        command.arg(&self.hash).arg(keys.len());
        for key in keys {
            command.arg(*key);
        }
        command
    }
}

impl Scripts {
    fn new(epoch: Uuid) -> Self {
        Self {
            append: Script::new(epoch, include_str!("scripts/append.lua")),
            open: Script::new(epoch, include_str!("scripts/open.lua")),
            withdraw: Script::new(epoch, include_str!("scripts/withdraw.lua")),
            read: Script::new(epoch, include_str!("scripts/read.lua")),
            commit: Script::new(epoch, include_str!("scripts/commit.lua")),
            lease: Script::new(epoch, include_str!("scripts/lease.lua")),
            release: Script::new(epoch, include_str!("scripts/release.lua")),
            discard: Script::new(epoch, include_str!("scripts/discard.lua")),
        }
    }

    fn all(&self) -> [&Script; 8] {
        let Self { append, open, withdraw, read, commit, lease, release, discard } = self;
        [append, open, withdraw, read, commit, lease, release, discard]
    }
}

impl JournalEpoch {
    /// The epoch of this name.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self { id, scripts: Scripts::new(id) }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn scripts(&self) -> &Scripts {
        &self.scripts
    }
}

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
            let over = current.as_ref().is_some_and(|current| current.id == epoch);
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
        for script in epoch.scripts.all() {
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
        for script in epoch.scripts.all() {
            let mut command = ::redis::cmd("SCRIPT");
            command.arg("LOAD").arg(&script.text);
            self.shared.redis.run::<String>(&command).await?;
        }
        let former = former.map(|former| former.to_string()).unwrap_or_default();
        let mut command = ::redis::cmd("EVAL");
        command.arg(SWAP).arg(1).arg(keys::EPOCH).arg(former).arg(epoch.id.to_string());
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

    /// The entries of a sheet that a former epoch has left.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn left_of(
        &self,
        epoch: Uuid,
        sheet: SheetId,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        let mut command = ::redis::cmd("XRANGE");
        command.arg(Keys::new(epoch, sheet).log()).arg("-").arg("+");
        let items: Vec<(String, Vec<Vec<u8>>)> = self.shared.redis.run(&command).await?;
        let batches: Vec<Vec<u8>> =
            items.into_iter().filter_map(|(_, fields)| fields.into_iter().nth(1)).collect();
        batch::decode_after(&batches, Revision(0))
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
