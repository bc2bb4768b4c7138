//! Eras: how a node knows that Redis is the one that it has always been.
//!
//! The scripts of an era name it, so their hashes belong to it alone. They are loaded once, by the node
//! that begins the era, and never again.

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

/// Sets the era if it is still the one that was found.
const SWAP: &str = "
local era = redis.call('GET', KEYS[1]) or ''
if era ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1";

/// One script of an era.
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
    pub(super) unseed: Script,
    pub(super) read: Script,
    pub(super) commit: Script,
    pub(super) lead: Script,
    pub(super) give_back: Script,
    pub(super) discard: Script,
}

/// An era.
#[derive(Debug)]
pub struct Era {
    id: Uuid,
    scripts: Scripts,
}

impl Script {
    fn new(era: Uuid, body: &str) -> Self {
        let text = format!("-- era {era}\n{body}");
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
    fn new(era: Uuid) -> Self {
        Self {
            append: Script::new(era, include_str!("scripts/append.lua")),
            open: Script::new(era, include_str!("scripts/open.lua")),
            unseed: Script::new(era, include_str!("scripts/unseed.lua")),
            read: Script::new(era, include_str!("scripts/read.lua")),
            commit: Script::new(era, include_str!("scripts/commit.lua")),
            lead: Script::new(era, include_str!("scripts/lead.lua")),
            give_back: Script::new(era, include_str!("scripts/yield.lua")),
            discard: Script::new(era, include_str!("scripts/discard.lua")),
        }
    }

    fn all(&self) -> [&Script; 8] {
        let Self { append, open, unseed, read, commit, lead, give_back, discard } = self;
        [append, open, unseed, read, commit, lead, give_back, discard]
    }
}

impl Era {
    /// The era of this name.
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
    /// Tells in which era this node works, and when that is over.
    #[must_use]
    pub fn watch_era(&self) -> watch::Receiver<Option<Arc<Era>>> {
        self.shared.era.subscribe()
    }

    /// From now on this node works in an era.
    pub fn enter(&self, era: Era) {
        self.shared.era.send_replace(Some(Arc::new(era)));
    }

    /// This node works in this era no longer.
    pub fn leave(&self, era: Uuid) {
        self.shared.era.send_if_modified(|current| {
            let over = current.as_ref().is_some_and(|current| current.id == era);
            if over {
                tracing::warn!(%era, "Redis was restarted or replaced");
                *current = None;
            }
            over
        });
    }

    /// The era that Redis names, if any.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn named_era(&self) -> Result<Option<Uuid>, RedisError> {
        let named: Option<String> =
            self.shared.redis.run(::redis::cmd("GET").arg(keys::ERA)).await?;
        Ok(named.and_then(|named| named.parse().ok()))
    }

    /// Whether Redis is still the one that the era was begun with.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn is_whole(&self, era: &Era) -> Result<bool, RedisError> {
        let mut command = ::redis::cmd("SCRIPT");
        command.arg("EXISTS");
        for script in era.scripts.all() {
            command.arg(&script.hash);
        }
        let known: Vec<bool> = self.shared.redis.run(&command).await?;
        Ok(known.iter().all(|known| *known))
    }

    /// Begins an era after `former`; false when somebody else has begun one.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn begin(&self, era: &Era, former: Option<Uuid>) -> Result<bool, RedisError> {
        for script in era.scripts.all() {
            let mut command = ::redis::cmd("SCRIPT");
            command.arg("LOAD").arg(&script.text);
            self.shared.redis.run::<String>(&command).await?;
        }
        let former = former.map(|former| former.to_string()).unwrap_or_default();
        let mut command = ::redis::cmd("EVAL");
        command.arg(SWAP).arg(1).arg(keys::ERA).arg(former).arg(era.id.to_string());
        Ok(self.shared.redis.run::<i64>(&command).await? == 1)
    }

    /// What this node holds in memory and does not know to be committed, by sheet.
    #[must_use]
    pub fn held(&self) -> Vec<(SheetId, Vec<Arc<Entry>>)> {
        let tails = &self.shared.tails;
        tails.sheets().into_iter().map(|sheet| (sheet, tails.tail(sheet))).collect()
    }

    /// The sheets of which an era has something that may not be committed.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn dirty_sheets(&self, era: Uuid) -> Result<Vec<SheetId>, RedisError> {
        let members = |bucket| {
            let mut members = ::redis::cmd("SMEMBERS");
            members.arg(keys::dirty_of(era, bucket));
            members
        };
        let buckets: Vec<Cmd> = keys::buckets().map(members).collect();
        let dirty: Vec<Vec<String>> = self.shared.redis.run_all(&buckets).await?;
        Ok(dirty.iter().flatten().filter_map(|sheet| sheet.parse().ok()).collect())
    }

    /// What a former era has left of a sheet.
    ///
    /// # Errors
    /// [`JournalError`]
    pub async fn left_of(
        &self,
        era: Uuid,
        sheet: SheetId,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        let mut command = ::redis::cmd("XRANGE");
        command.arg(Keys::new(era, sheet).log()).arg("-").arg("+");
        let items: Vec<(String, Vec<Vec<u8>>)> = self.shared.redis.run(&command).await?;
        let batches: Vec<Vec<u8>> =
            items.into_iter().filter_map(|(_, fields)| fields.into_iter().nth(1)).collect();
        batch::decode_after(&batches, Revision(0))
    }

    /// Deletes what a former era has left of a sheet.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn clear(&self, era: Uuid, sheet: SheetId) -> Result<(), RedisError> {
        let keys = Keys::new(era, sheet);
        let mut command = ::redis::cmd("DEL");
        command.arg(keys.state()).arg(keys.log()).arg(keys.lease());
        self.shared.redis.run::<i64>(&command).await?;
        let mut command = ::redis::cmd("SREM");
        command.arg(keys.dirty()).arg(sheet.to_string());
        self.shared.redis.run::<i64>(&command).await.map(drop)
    }
}
