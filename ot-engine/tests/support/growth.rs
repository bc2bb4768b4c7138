//! Counts what a piece of work allocates for n, 2n and 4n, so that its growth can be checked without a clock.
//!
//! It does not see work that allocates nothing; such loops count their steps. Invariant: the count depends on
//! the input alone, so a test with it never fails by chance.

use std::hint::black_box;

use allocation_counter::measure;

/// Work of a size: what it needs is prepared when it is made, and is not counted.
pub(crate) type Work = Box<dyn FnOnce()>;

/// A row of a table: names, the first size, and the work of a size.
pub(crate) type Row = (&'static [&'static str], u32, fn(u32) -> Work);

/// Work whose result is used.
pub(crate) fn work<T>(run: impl FnOnce() -> T + 'static) -> Work {
    Box::new(|| drop(black_box(run())))
}

/// Bytes and calls that do not grow with the size: a table, a first buffer.
const FIXED: u64 = 4_096;

/// Checks that the bytes and the calls of `work` grow no worse than n log n from `size` on.
///
/// # Panics
/// When they do.
#[track_caller]
pub(crate) fn assert_linear(name: &str, size: u32, work: impl Fn(u32) -> Work) {
    let cost = |size| {
        let work = work(size);
        let cost = measure(work);
        (cost.bytes_total, cost.count_total)
    };
    let costs = [cost(size), cost(size * 2), cost(size * 4)];
    let [once, twice, four] = costs;
    for (once, twice, four) in [(once.0, twice.0, four.0), (once.1, twice.1, four.1)] {
        // n log n is 2.2 and 4.7 times at these sizes, a buffer that doubles up to twice that of the first.
        let grows = twice > once * 3 + FIXED || four > once * 6 + FIXED;
        assert!(!grows, "{name} for {size} and 2 and 4 times that: {costs:?} bytes and calls");
    }
}
