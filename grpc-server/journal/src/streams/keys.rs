//! The names under which things are kept.
//!
//! All keys of a sheet carry the same hash tag, so that a Redis of many nodes keeps them together; all
//! carry the era, so that what a former era has left is out of the way.

use uuid::Uuid;

use model::SheetId;

/// Groups of sheets that share a hash tag. Few enough to look through, enough to spread.
const BUCKETS: u8 = 255;

/// Where the nodes' era is kept.
pub(super) const ERA: &str = "gridloom:era";

/// The keys of one sheet.
#[derive(Debug)]
pub(super) struct Keys {
    era: Uuid,
    sheet: SheetId,
    bucket: u8,
}

impl Keys {
    pub(super) fn new(era: Uuid, sheet: SheetId) -> Self {
        // The last byte of an id is random in every kind of id.
        Self { era, sheet, bucket: sheet.0.as_bytes()[15] }
    }

    /// Its head, what of it is committed, and the name of its line of entries.
    pub(super) fn state(&self) -> String {
        self.named("state")
    }

    /// The stream of its batches.
    pub(super) fn log(&self) -> String {
        self.named("log")
    }

    /// The node that commits it.
    pub(super) fn lease(&self) -> String {
        self.named("lease")
    }

    /// The node that the others wait for.
    pub(super) fn turn(&self) -> String {
        self.named("turn")
    }

    /// The sheets of its bucket that have something to commit.
    pub(super) fn dirty(&self) -> String {
        dirty_of(self.era, self.bucket)
    }

    /// Where news of it are told.
    pub(super) fn topic(&self) -> String {
        self.named("news")
    }

    fn named(&self, what: &str) -> String {
        format!("{{gl:{:02x}}}:{}:{}:{what}", self.bucket, self.era.simple(), self.sheet)
    }
}

/// All buckets.
pub(super) fn buckets() -> impl Iterator<Item = u8> {
    0..=BUCKETS
}

/// The sheets of a bucket that have something to commit.
pub(super) fn dirty_of(era: Uuid, bucket: u8) -> String {
    format!("{{gl:{bucket:02x}}}:{}:dirty", era.simple())
}
