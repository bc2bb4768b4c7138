//! The names of the keys in Redis.
//!
//! Not what the keys hold. Invariant: all keys of a sheet carry the same hash tag, so that a Redis
//! cluster keeps them together, and the epoch, so that no key is shared with a former epoch.

use uuid::Uuid;

use model::SheetId;

/// Groups of sheets that share a hash tag. Few enough to look through, enough to spread.
const BUCKETS: u8 = 255;

/// The key of the nodes' epoch. Its name must not change: a new release finds by it what an older one
/// has left in Redis.
pub(super) const EPOCH: &str = "gridloom:era";

/// The keys of one sheet.
#[derive(Debug)]
pub(super) struct Keys {
    epoch: Uuid,
    sheet: SheetId,
    bucket: u8,
}

impl Keys {
    pub(super) fn new(epoch: Uuid, sheet: SheetId) -> Self {
        // The last byte of an id is random in every kind of id.
        Self { epoch, sheet, bucket: sheet.0.as_bytes()[15] }
    }

    /// Its head, its last committed revision, and the id of its stream.
    pub(super) fn state(&self) -> String {
        self.named("state")
    }

    /// The stream of its batches.
    pub(super) fn log(&self) -> String {
        self.named("log")
    }

    /// The node that holds the lease on its commits.
    pub(super) fn lease(&self) -> String {
        self.named("lease")
    }

    /// The node that the others wait for.
    pub(super) fn turn(&self) -> String {
        self.named("turn")
    }

    /// The sheets of its bucket that have something to commit.
    pub(super) fn dirty(&self) -> String {
        dirty_of(self.epoch, self.bucket)
    }

    /// The topic of its events.
    pub(super) fn topic(&self) -> String {
        self.named("events")
    }

    fn named(&self, what: &str) -> String {
        format!("{{gl:{:02x}}}:{}:{}:{what}", self.bucket, self.epoch.simple(), self.sheet)
    }
}

/// All buckets.
pub(super) fn buckets() -> impl Iterator<Item = u8> {
    0..=BUCKETS
}

/// The sheets of a bucket that have something to commit.
pub(super) fn dirty_of(epoch: Uuid, bucket: u8) -> String {
    format!("{{gl:{bucket:02x}}}:{}:dirty", epoch.simple())
}
