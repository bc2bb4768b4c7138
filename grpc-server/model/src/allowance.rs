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

    /// Takes the tokens of work that was done, also without any left, and returns the time until one is there.
    pub fn pause(&self, account: AccountId, tokens: u32, now: Instant) -> Duration {
        let mut buckets = self.lock();
        if buckets.spend(account, tokens, now).is_err() {
            buckets.charge(&account, tokens);
        }
        buckets.spend(account, 0, now).err().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Buckets<AccountId>> {
        // Counters: after a panic elsewhere they are still valid counts.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
