//! The times of a run, from the histories.
//!
//! Not the verdict. Invariant: an edit belongs to the phase in which it was made, however late its answer, so
//! that a stall counts in the phase that caused it.

use std::time::Duration;

use ot_engine::Revision;

use super::history::Edit;
use crate::harness::p99;

/// The begin and the end of the fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phases {
    pub(crate) begun: Duration,
    pub(crate) ended: Duration,
}

/// The figures of a run.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// Accepted edits.
    pub accepted: u64,
    /// Refused edits.
    pub refused: u64,
    /// 99 of 100 edits before the fault were answered within this.
    pub p99_before: Duration,
    /// The same of the edits that were made during the fault.
    pub p99_during: Duration,
    /// The longest time from an edit to its answer.
    pub longest_stall: Duration,
    /// From the end of the fault to the first accepted edit.
    pub first_accepted: Option<Duration>,
    /// From the end of the fault to the commit of everything that was accepted before it.
    pub all_committed: Option<Duration>,
}

impl Measures {
    pub(crate) fn of(edits: &[Edit], committed: &[(Duration, Revision)], phases: Phases) -> Self {
        let accepted = || edits.iter().filter(|edit| edit.revision().is_some());
        let after = accepted().map(|edit| edit.answered).filter(|at| *at >= phases.ended).min();
        let head =
            accepted().filter(|edit| edit.answered <= phases.ended).filter_map(Edit::revision);
        let head = head.max().unwrap_or(Revision(0));
        let drained = committed.iter().filter(|(_, revision)| *revision >= head);
        let drained = drained.map(|(at, _)| *at).min();
        let since_end = |at: Duration| at.saturating_sub(phases.ended);
        let (begun, ended) = (phases.begun, phases.ended);
        Self {
            accepted: accepted().count() as u64,
            refused: edits.len() as u64 - accepted().count() as u64,
            p99_before: p99(accepted().filter(|edit| edit.invoked < begun).map(Edit::latency)),
            p99_during: p99(accepted()
                .filter(|edit| (begun..ended).contains(&edit.invoked))
                .map(Edit::latency)),
            longest_stall: edits.iter().map(Edit::latency).max().unwrap_or_default(),
            first_accepted: after.map(since_end),
            all_committed: drained.map(since_end),
        }
    }
}
