//! The names of the edits of a job, and its gesture.
//!
//! No I/O. Invariant: each attempt has the same name for the edit of a number.

use std::time::Duration;

use ot_engine::ClientId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use model::gesture::client_at;
use model::{EditGroup, EditPlace, now_micros};
use store::JobId;

/// Where history is pruned, names of edits are forgotten after a day. An attempt lasts 6 hours at most.
const NAMES_KNOWN: Duration = Duration::from_secs(18 * 60 * 60);

/// What the edits of a job are called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    job: JobId,
    place: Option<EditPlace>,
}

impl Names {
    /// Those of a job whose edits are made at a place, or without one.
    pub(super) const fn new(job: JobId, place: Option<EditPlace>) -> Self {
        Self { job, place }
    }

    /// The name of the edit of a number: each attempt has the same.
    pub(super) fn of(self, number: u64) -> ClientId {
        let mut hash = Sha256::new();
        hash.update(self.job.0.as_bytes());
        hash.update(number.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let random = hash.iter().take(16).fold(0, |name, byte| name << 8 | u128::from(*byte));
        client_at(self.place, random)
    }

    /// A name that no other edit has.
    pub(super) fn unused(self) -> ClientId {
        client_at(self.place, Uuid::new_v4().as_u128())
    }

    /// The gesture of all edits: undo takes them back together.
    pub(super) fn group(self) -> EditGroup {
        // The lower half of an id is random.
        EditGroup(self.job.0.as_u128() as u64 | 1)
    }
}

/// Whether the names of a job's first edits may be forgotten where history is pruned.
pub(super) fn may_be_forgotten(job: JobId) -> bool {
    let now = Duration::from_micros(u64::try_from(now_micros()).unwrap_or_default());
    age(job, now) > NAMES_KNOWN
}

/// How long ago a job was enqueued: its id begins with that time, in milliseconds.
fn age(job: JobId, now: Duration) -> Duration {
    let enqueued = Duration::from_millis((job.0.as_u128() >> 80) as u64);
    now.saturating_sub(enqueued)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_edit_of_a_job_has_a_name_at_its_place_and_all_have_one_gesture() {
        let place = EditPlace::new(7);
        let of = |id| Names::new(JobId(Uuid::from_u128(id)), place);
        let (one, other) = (of(1), of(2));
        assert_eq!(one.of(1), of(1).of(1));
        assert!(one.of(1) != one.of(2) && one.of(1) != other.of(1) && one.unused() != one.unused());
        let places = [one.of(1), one.unused()].map(EditPlace::of);
        assert_eq!(places, [place; 2]);
        let without = Names::new(JobId(Uuid::nil()), None);
        assert_eq!([without.of(1), without.unused()].map(EditPlace::of), [None; 2]);
        assert!(one.group() != EditGroup::NONE && without.group() != EditGroup::NONE);
        assert_ne!(one.group(), Names::new(JobId(Uuid::from_u128(4)), place).group());
    }

    #[test]
    fn an_id_has_the_time_at_which_its_job_was_enqueued() {
        let (now, new) = (Duration::from_secs(1_700_000_000), JobId(Uuid::now_v7()));
        let job = JobId(Uuid::from_u128(now.as_millis() << 80 | 7 << 76 | 5));
        assert_eq!(age(job, now + NAMES_KNOWN), NAMES_KNOWN);
        assert_eq!(age(job, Duration::ZERO), Duration::ZERO);
        assert!(may_be_forgotten(job) && !may_be_forgotten(new));
    }
}
