//! How fast a caller may continue: token buckets, each for one of a bounded number of keys.
//!
//! Light work takes one token, heavy work one more for each [`TOKEN_ITEMS`] and [`TOKEN_BYTES`]. It begins with the first
//! token, and further work of the key is refused until it has earned the others: so no work is too heavy for a small
//! bucket. No bucket owes more than it earns in `DEBT_MOST`.
//!
//! Not here: what is counted, and the refusal of a caller that is too fast. Invariant: no key begins
//! more than `burst` at once, nor takes more than one token in each `one_each` for long. Of more than `BUCKETS` keys, those whose
//! buckets are full are forgotten first, which changes nothing for them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::AccountId;

/// Buckets remembered of each sort; past it, the one that is full, or soonest full, is forgotten.
const BUCKETS: usize = 10_000;
/// Buckets that one eviction looks at. No operation walks over all of them.
const LOOKED_AT: usize = 16;

/// Cells, runs, commands or steps of one edit that one further token allows.
pub const TOKEN_ITEMS: usize = 64;
/// Bytes of one edit that one further token allows.
pub const TOKEN_BYTES: usize = 4096;

/// The tokens of an edit: one for a light one.
#[must_use]
pub fn tokens(items: usize, bytes: usize) -> u32 {
    let heavy = (items / TOKEN_ITEMS).max(bytes / TOKEN_BYTES);
    u32::try_from(heavy).unwrap_or(u32::MAX).saturating_add(1)
}

/// The time in which a key has earned whatever it owes.
const DEBT_MOST: Duration = Duration::from_secs(60);

/// Longer than a server runs.
const NEVER: Duration = Duration::from_secs(u32::MAX as u64);

/// How many at once, and how soon one more.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// How many at once, after a pause.
    pub burst: u32,
    /// The time that earns one.
    pub one_each: Duration,
}

impl Rate {
    /// None for a count of 0, and one in each nanosecond at most.
    pub fn per_second(count: u32, burst: u32) -> Self {
        let one_each = Duration::from_secs(1).checked_div(count).unwrap_or(NEVER);
        Self { burst, one_each: one_each.max(Duration::from_nanos(1)) }
    }

    /// The tokens that a key may owe.
    fn debt_most(self) -> i64 {
        i64::try_from(DEBT_MOST.as_nanos() / self.one_each.as_nanos().max(1)).unwrap_or(i64::MAX)
    }
}

/// Later by the time that earns so many tokens, or later than a server runs.
fn later(from: Instant, rate: Rate, tokens: u32) -> Instant {
    let earned = from.checked_add(rate.one_each.saturating_mul(tokens));
    earned.or_else(|| from.checked_add(NEVER)).unwrap_or(from)
}

/// How far a caller is ahead of a rate, where each step has a cost. It refuses nothing: it says how long to wait.
#[derive(Debug)]
pub struct Meter {
    rate: Rate,
    /// When a whole burst is left again.
    full_at: Instant,
}

impl Meter {
    /// A meter with a whole burst.
    #[must_use]
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, full_at: now }
    }

    /// Spends a cost, and returns the time until the next cost may be spent.
    pub fn spend(&mut self, cost: u32, now: Instant) -> Duration {
        self.full_at = later(self.full_at.max(now), self.rate, cost);
        self.full_at.saturating_duration_since(later(now, self.rate, self.rate.burst))
    }
}

/// The tokens that are left to one key.
#[derive(Debug)]
pub struct Bucket {
    rate: Rate,
    /// Below zero while the key earns what heavy work has taken.
    left: i64,
    /// Until when the refill has been counted.
    counted: Instant,
}

impl Bucket {
    /// A bucket that holds a whole burst.
    pub fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, left: i64::from(rate.burst), counted: now }
    }

    /// Takes one.
    ///
    /// # Errors
    /// The time until the next one is possible.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.spend(1, now)
    }

    /// Takes the tokens of one piece of work, of which one is there.
    ///
    /// # Errors
    /// The time until the next token is there.
    pub fn spend(&mut self, tokens: u32, now: Instant) -> Result<(), Duration> {
        let (rate, burst) = (self.rate, i64::from(self.rate.burst));
        let since = now.saturating_duration_since(self.counted);
        let earned = since.as_nanos() / rate.one_each.as_nanos();
        // No more than it lacks, which is a number of u32 for all but the heaviest work.
        let lacks = u32::try_from(burst - self.left).unwrap_or(u32::MAX);
        let earned = u32::try_from(earned).unwrap_or(u32::MAX).min(lacks);
        self.left += i64::from(earned);
        self.counted = match self.left == burst {
            true => now,
            false => self.counted + rate.one_each * earned,
        };
        if self.left <= 0 {
            let next = u32::try_from(1 - self.left).unwrap_or(u32::MAX);
            return Err(later(self.counted, rate, next).saturating_duration_since(now));
        }
        self.charge(tokens);
        Ok(())
    }

    /// Takes the tokens of work whose cost is known only now, as far as the bucket may owe them.
    pub fn charge(&mut self, tokens: u32) {
        let owed = self.left.saturating_sub(i64::from(tokens));
        self.left = owed.max(-self.rate.debt_most()).min(self.left);
    }

    /// When it holds a whole burst again.
    fn full_at(&self) -> Instant {
        let lacks = u32::try_from(i64::from(self.rate.burst) - self.left).unwrap_or(u32::MAX);
        later(self.counted, self.rate, lacks)
    }

    fn give_back(&mut self) {
        self.left = (self.left + 1).min(i64::from(self.rate.burst));
    }
}

/// A bucket for each key.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
    /// When each bucket was full at the earliest, as known when it was last looked at.
    soonest: BinaryHeap<Reverse<(Instant, K)>>,
}

impl<K: Hash + Ord + Clone> Buckets<K> {
    /// No key has a bucket yet; the first use of a key finds a full one.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: HashMap::new(), soonest: BinaryHeap::new() }
    }

    /// See [`Bucket::take`].
    pub fn take(&mut self, key: K, now: Instant) -> Result<(), Duration> {
        self.spend(key, 1, now)
    }

    /// See [`Bucket::spend`].
    pub fn spend(&mut self, key: K, tokens: u32, now: Instant) -> Result<(), Duration> {
        if let Some(bucket) = self.buckets.get_mut(&key) {
            return bucket.spend(tokens, now);
        }
        if self.buckets.len() >= BUCKETS {
            self.forget_one(now);
        }
        let mut bucket = Bucket::full(self.rate, now);
        let taken = bucket.spend(tokens, now);
        self.soonest.push(Reverse((bucket.full_at(), key.clone())));
        self.buckets.insert(key, bucket);
        taken
    }

    /// See [`Bucket::charge`]. A key without a bucket has taken nothing for long, and is not charged.
    pub fn charge(&mut self, key: &K, tokens: u32) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.charge(tokens);
        }
    }

    /// Makes up for one that was taken.
    pub fn give_back(&mut self, key: &K) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.give_back();
        }
    }

    /// Forgets a full bucket; of some that are looked at, the soonest full where none is.
    fn forget_one(&mut self, now: Instant) {
        let mut soonest: Option<(Instant, K)> = None;
        for _ in 0..LOOKED_AT {
            let Some(Reverse((noted, key))) = self.soonest.pop() else { break };
            let full_at = self.buckets.get(&key).map_or(noted, Bucket::full_at);
            // Noted right, or full: no other is better.
            let is_best = full_at <= noted.max(now);
            let here = (full_at, key);
            let (better, other) = match soonest.take() {
                Some(before) if before < here => (before, Some(here)),
                before => (here, before),
            };
            self.soonest.extend(other.map(Reverse));
            soonest = Some(better);
            if is_best {
                break;
            }
        }
        if let Some((_, key)) = soonest {
            self.buckets.remove(&key);
        }
    }
}

/// The tokens that are left to each account, over all its sessions and calls at this server.
#[derive(Debug)]
pub struct AccountAllowance(Mutex<Buckets<AccountId>>);

impl AccountAllowance {
    /// No account has used anything yet.
    pub fn new(rate: Rate) -> Self {
        Self(Mutex::new(Buckets::new(rate)))
    }

    /// See [`Bucket::take`].
    pub fn take(&self, account: AccountId) -> Result<(), Duration> {
        self.spend(account, 1)
    }

    /// See [`Bucket::spend`].
    pub fn spend(&self, account: AccountId, tokens: u32) -> Result<(), Duration> {
        self.lock().spend(account, tokens, Instant::now())
    }

    /// See [`Bucket::charge`].
    pub fn charge(&self, account: AccountId, tokens: u32) {
        self.lock().charge(&account, tokens);
    }

    fn lock(&self) -> MutexGuard<'_, Buckets<AccountId>> {
        // Counters: after a panic elsewhere they are still valid counts.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 10, one_each: Duration::from_secs(30) };

    #[test]
    fn a_burst_is_followed_by_a_trickle() {
        let (mut buckets, start) = (Buckets::new(RATE), Instant::now());
        for _ in 0..RATE.burst {
            assert_eq!(buckets.take("a", start), Ok(()));
        }
        let wait = buckets.take("a", start + Duration::from_secs(10));
        assert_eq!(wait, Err(Duration::from_secs(20)));
        assert_eq!(buckets.take("b", start), Ok(()));
        assert_eq!(buckets.take("a", start + RATE.one_each), Ok(()));
        assert!(buckets.take("a", start + RATE.one_each).is_err());
    }

    #[test]
    fn a_rate_is_kept_on_average() {
        let (rate, start) = (Rate::per_second(50_000, 100), Instant::now());
        let mut bucket = Bucket::full(rate, start);
        let taken = (0..1_000_000)
            .filter(|micros| bucket.take(start + Duration::from_micros(*micros)).is_ok());
        let taken = taken.count();
        assert!((50_000..=50_100).contains(&taken), "{taken}");
    }

    /// Heavy work is never refused for its weight alone; on average it has the rate of light work.
    #[test]
    fn heavy_work_is_paced_by_its_cost() {
        let (rate, start) = (Rate::per_second(1_000, 100), Instant::now());
        let cost = tokens(64 * 1_000, 0);
        assert_eq!((cost, tokens(63, 4_095), tokens(0, 8_192)), (1_001, 1, 3));
        let mut bucket = Bucket::full(rate, start);
        let begun = (0..100_000)
            .filter(|millis| bucket.spend(cost, start + Duration::from_millis(*millis)).is_ok());
        assert_eq!(begun.count(), 100, "in 100 seconds");
        // A caller that was refused learns when the next token is there.
        let wait = bucket.take(start + Duration::from_secs(100)).expect_err("it owes tokens");
        assert!(bucket.take(start + Duration::from_secs(100) + wait).is_ok());
        // To ask takes nothing.
        let mut asked = Bucket::full(Rate::per_second(1, 1), start);
        assert_eq!((asked.spend(0, start), asked.spend(1, start)), (Ok(()), Ok(())));
        // Work whose cost is known later is paid for by what comes next.
        let mut buckets = Buckets::new(rate);
        buckets.charge(&"a", 1);
        assert_eq!(buckets.take("a", start), Ok(()));
        buckets.charge(&"a", 2_098);
        let wait = buckets.take("a", start);
        assert_eq!(wait, Err(Duration::from_secs(2)));
        assert_eq!(buckets.take("a", start + Duration::from_secs(2)), Ok(()));
        buckets.charge(&"a", u32::MAX);
        buckets.charge(&"a", u32::MAX);
        assert!(buckets.take("a", start + Duration::from_secs(3)).is_err());
    }

    /// No work keeps a key out for longer than a minute, at any rate.
    #[test]
    fn a_debt_has_a_bound_at_every_rate() {
        let start = Instant::now();
        for (count, burst) in [(0, 1), (0, u32::MAX), (1, 1), (200_000, 400_000), (u32::MAX, 1)] {
            let rate = Rate::per_second(count, burst);
            let mut bucket = Bucket::full(rate, start);
            (0..3).for_each(|_| bucket.charge(u32::MAX));
            let paid = bucket.take(start);
            let most = DEBT_MOST + rate.one_each;
            assert!(paid.is_err_and(|wait| wait <= most), "{rate:?}: {paid:?}");
            assert!(bucket.full_at() >= start);
            let mut meter = Meter::new(rate, start);
            let _ = (meter.spend(u32::MAX, start), meter.spend(u32::MAX, start));
        }
    }

    #[test]
    fn a_meter_keeps_a_rate_of_costs_and_loses_none() {
        let start = Instant::now();
        let mut meter = Meter::new(Rate::per_second(100, 1_000), start);
        assert_eq!(meter.spend(1_000, start), Duration::ZERO);
        assert_eq!(meter.spend(50, start), Duration::from_millis(500));
        let (mut now, mut spent) = (start, 0);
        while now < start + Duration::from_secs(60) {
            now += meter.spend(7, now);
            spent += 7;
        }
        assert!((5_900..=6_100).contains(&spent), "{spent}");
        let rested = now + Duration::from_secs(3_600);
        assert_eq!(meter.spend(1_000, rested), Duration::ZERO, "no more than a burst is saved");
        assert!(meter.spend(1, rested) > Duration::ZERO);
    }

    #[test]
    fn the_least_and_the_most_are_kept() {
        let (start, hour) = (Instant::now(), Duration::from_secs(3_600));
        let mut two_in_all = Bucket::full(Rate::per_second(0, 2), start);
        assert_eq!((two_in_all.take(start), two_in_all.take(start)), (Ok(()), Ok(())));
        assert!(two_in_all.take(start + hour).is_err());
        let mut nothing = Bucket::full(Rate::per_second(1, 0), start);
        assert!(nothing.take(start + hour).is_err());
        let mut most = Bucket::full(Rate::per_second(u32::MAX, 1), start);
        for later in 0..10 {
            assert_eq!(most.take(start + Duration::from_micros(later)), Ok(()));
        }
    }

    #[test]
    fn memory_is_bounded() {
        let (mut buckets, start) = (Buckets::new(RATE), Instant::now());
        for key in 0..BUCKETS + 10 {
            assert_eq!(buckets.take(key, start + Duration::from_millis(key as u64)), Ok(()));
        }
        assert_eq!(buckets.buckets.len(), BUCKETS);
        assert!(!buckets.buckets.contains_key(&0));
    }

    #[test]
    fn full_buckets_are_forgotten_first() {
        let (mut buckets, start) = (Buckets::new(RATE), Instant::now());
        // Used up long before the others come.
        for _ in 0..RATE.burst {
            assert_eq!(buckets.take(0, start), Ok(()));
        }
        let later = start + RATE.one_each - Duration::from_millis(1);
        for key in 1..BUCKETS * 2 {
            assert_eq!(buckets.take(key, later), Ok(()));
        }
        assert!(buckets.take(0, later).is_err(), "its attempts came back");
        assert_eq!((buckets.buckets.len(), buckets.soonest.len()), (BUCKETS, BUCKETS));
        // The same when every bucket was used since it was noted.
        for key in BUCKETS..BUCKETS * 2 {
            let _ = buckets.take(key, later);
        }
        for key in BUCKETS * 2..BUCKETS * 3 {
            assert_eq!(buckets.take(key, later), Ok(()));
        }
        assert!(buckets.take(0, later).is_err(), "its attempts came back");
    }
}
