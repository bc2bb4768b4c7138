//! Buckets, meters and what they forget.
//!
//! Invariant: each test gives the times; none reads a clock but for the start.

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
fn work_that_is_done_is_paid_for_by_a_pause() {
    let (allowance, start) = (AccountAllowance::new(RATE), Instant::now());
    let (ada, ben) = (AccountId(uuid::Uuid::from_u128(1)), AccountId(uuid::Uuid::from_u128(2)));
    assert_eq!(allowance.pause(ada, RATE.burst - 1, start), Duration::ZERO);
    assert_eq!(allowance.pause(ada, 1, start), RATE.one_each);
    assert_eq!(allowance.pause(ada, 1, start), RATE.one_each * 2);
    assert_eq!(allowance.pause(ben, 1, start), Duration::ZERO);
    assert_eq!(allowance.pause(ada, u32::MAX, start), DEBT_MOST + RATE.one_each);
    assert_eq!(allowance.pause(ada, 0, start + DEBT_MOST + RATE.one_each), Duration::ZERO);
}

#[test]
fn a_rate_is_kept_on_average() {
    let (rate, start) = (Rate::per_second(50_000, 100), Instant::now());
    let mut bucket = Bucket::full(rate, start);
    let taken =
        (0..1_000_000).filter(|micros| bucket.take(start + Duration::from_micros(*micros)).is_ok());
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

/// It forgets the best of those, and searches no better one.
#[test]
fn an_eviction_looks_at_few_buckets_whatever_their_number() {
    let (mut buckets, start) = (Buckets::new(RATE), Instant::now());
    for key in 0..BUCKETS {
        assert_eq!(buckets.take(key, start), Ok(()));
    }
    // The first ones have taken more since it was noted when they are full.
    for key in 0..=LOOKED_AT {
        assert_eq!(buckets.take(key, start), Ok(()));
    }
    assert_eq!(buckets.take(BUCKETS, start), Ok(()));
    let mut left = |key| (0..RATE.burst).filter(|_| buckets.take(key, start).is_ok()).count();
    assert_eq!(left(LOOKED_AT + 1), 9, "it is soonest full, and was not looked at");
    assert_eq!(left(0), 10, "it was forgotten");
}
