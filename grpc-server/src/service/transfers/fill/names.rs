//! The names of the edits of a job, and its gesture.
//!
//! No I/O. Invariant: each attempt has the same name for the edit of a number.

use std::time::Duration;

use ot_engine::ClientId;
use sha2::{Digest, Sha256};

use model::gesture::client_at;
use model::{EditGroup, now_micros};
use store::JobId;

/// Where history is pruned, names of edits are forgotten after a day. An attempt lasts 6 hours at most.
const NAMES_KNOWN: Duration = Duration::from_secs(18 * 60 * 60);

/// The name of an edit of a job: each attempt has the same.
pub(super) fn name(job: JobId, number: u64) -> ClientId {
    let mut hash = Sha256::new();
    hash.update(job.0.as_bytes());
    hash.update(number.to_be_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let random = hash.iter().take(16).fold(0, |name, byte| name << 8 | u128::from(*byte));
    client_at(None, random)
}

/// The gesture of a job: undo takes its edits back together.
pub(super) fn group(job: JobId) -> EditGroup {
    // The lower half of an id is random.
    EditGroup(job.0.as_u128() as u64 | 1)
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
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_edit_of_a_job_has_a_name_and_all_have_one_gesture() {
        let (one, other) = (JobId(Uuid::from_u128(1)), JobId(Uuid::from_u128(2)));
        assert_eq!(name(one, 1), name(one, 1));
        assert!(name(one, 1) != name(one, 2) && name(one, 1) != name(other, 1));
        assert!(group(one) != EditGroup::NONE && group(JobId(Uuid::nil())) != EditGroup::NONE);
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
