//! A writer's schedule: when its next edit is due.
//!
//! Not a clock: the caller passes the time. Invariant: at a rate, a late edit keeps the time at which it was due, and
//! delays no later edit. Otherwise the latencies would leave out the edits that had to wait (coordinated
//! omission).

use std::time::{Duration, Instant};

/// 2^32 divided by the golden ratio: the multiples of it, modulo 2^32, are spread evenly.
const GOLDEN: u32 = 2_654_435_769;

/// See the [module](self).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    due: Instant,
    /// The time between two edits; `None`: the next edit is due when the last is answered.
    pause: Option<Duration>,
    /// After a refusal no edit goes out before this.
    rest_until: Instant,
}

impl Pace {
    pub(crate) fn new(begin: Instant, pause: Option<Duration>, writer: u32) -> Self {
        let due = begin + pause.map_or(Duration::ZERO, |pause| phase(pause, writer));
        Self { due, pause, rest_until: begin }
    }

    /// The time for which an edit counts that is made now.
    ///
    /// # Errors
    /// When the next edit may be made, as none may be made now.
    pub(crate) fn next(&self, now: Instant) -> Result<Instant, Instant> {
        let allowed = self.due.max(self.rest_until);
        if allowed > now {
            return Err(allowed);
        }
        Ok(if self.pause.is_some() { self.due } else { now })
    }

    /// An edit was made.
    pub(crate) fn made(&mut self, now: Instant) {
        self.due = self.pause.map_or(now, |pause| self.due + pause);
    }

    /// No edit is made before `until`; the schedule stays.
    pub(crate) fn rest(&mut self, until: Instant) {
        self.rest_until = self.rest_until.max(until);
    }

    /// How many edits were due before `end` and have not been made.
    pub(crate) fn overdue(&self, end: Instant) -> u64 {
        let late = end.saturating_duration_since(self.due).as_nanos();
        let count = self.pause.map_or(0, |pause| late.div_ceil(pause.as_nanos().max(1)));
        u64::try_from(count).unwrap_or(u64::MAX)
    }
}

/// How far into the first pause a writer begins, so that writers at one rate do not edit in step.
fn phase(pause: Duration, writer: u32) -> Duration {
    let share = u64::from(writer.wrapping_mul(GOLDEN));
    let nanos = (u128::from(share) * pause.as_nanos()) >> 32;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(20);

    #[test]
    fn phases_are_apart_and_the_same_each_time() {
        for count in [2_u32, 16, 64, 1000] {
            let mut phases: Vec<_> = (0..count).map(|writer| phase(PAUSE, writer)).collect();
            assert!(phases.iter().all(|phase| *phase < PAUSE));
            assert_eq!(phases[1], phase(PAUSE, 1));
            phases.sort_unstable();
            let least = phases.windows(2).map(|two| two[1] - two[0]).min();
            // A third of the even distance at least.
            assert!(least.expect("two or more") > PAUSE / count / 3, "{count}: {least:?}");
        }
    }

    #[test]
    fn a_late_edit_keeps_its_time_and_puts_off_no_other() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, Some(PAUSE), 0);
        let late = begin + PAUSE * 3;
        for number in 0..4 {
            assert_eq!(pace.next(late), Ok(begin + PAUSE * number));
            pace.made(late);
        }
        assert_eq!(pace.next(late), Err(begin + PAUSE * 4));
    }

    #[test]
    fn a_rest_delays_edits_and_leaves_the_schedule() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, Some(PAUSE), 0);
        pace.made(begin);
        pace.rest(begin + PAUSE * 2);
        assert_eq!(pace.next(begin + PAUSE), Err(begin + PAUSE * 2));
        assert_eq!(pace.next(begin + PAUSE * 2), Ok(begin + PAUSE));
    }

    #[test]
    fn edits_that_were_due_and_not_made_are_counted() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, Some(PAUSE), 0);
        assert_eq!(pace.overdue(begin), 0);
        assert_eq!(pace.overdue(begin + PAUSE * 5), 5);
        pace.made(begin);
        assert_eq!(pace.overdue(begin + PAUSE * 5), 4);
        assert_eq!(pace.overdue(begin + PAUSE * 5 + Duration::from_nanos(1)), 5);
        assert_eq!(Pace::new(begin, None, 0).overdue(begin + PAUSE), 0);
    }

    #[test]
    fn without_a_rate_an_edit_counts_from_its_making() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin, None, 9);
        assert_eq!(pace.next(begin), Ok(begin));
        pace.made(begin);
        let later = begin + PAUSE;
        assert_eq!(pace.next(later), Ok(later));
        pace.rest(later + PAUSE);
        assert_eq!(pace.next(later), Err(later + PAUSE));
    }
}
