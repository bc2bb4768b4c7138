//! An epoch of the shared journal: its id, and its scripts.
//!
//! The scripts of an epoch name it, so their hashes belong to it alone. Not how nodes agree on an epoch: see
//! `agreement`. Invariant: no two epochs have a script of the same hash.

use ::redis::Cmd;
use uuid::Uuid;

/// One script of an epoch.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) text: String,
    pub(super) hash: String,
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

    pub(super) fn all(&self) -> [&Script; 8] {
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
