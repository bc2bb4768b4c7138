//! A sum of numbers that keeps what rounding takes, also where a part of the sum is larger than each double.
//!
//! Not the facts of a column: see `summary`. Source: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
//! endlicher Summen", 1974. Invariants: the same numbers in the same order have the same sum; a sum is infinite only where the
//! numbers together are larger than each double.

/// Scaled by it, 2^64 of the largest doubles have a finite sum.
const DOWN: f64 = 1.0 / UP;
const UP: f64 = 18_446_744_073_709_551_616.0;
/// Below it a scaled sum is unscaled again, since small numbers lose digits in it.
const FITS: f64 = f64::MAX / UP / 4.0;

/// A sum so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    sum: f64,
    rest: f64,
    /// Both are scaled by `DOWN`, since the sum is larger than each double.
    is_scaled: bool,
}

impl Sum {
    pub(crate) fn add(&mut self, number: f64) {
        self.take(if self.is_scaled { number * DOWN } else { number });
    }

    pub(crate) fn join(&mut self, other: Self) {
        if other.is_scaled && !self.is_scaled {
            self.scale(DOWN);
        }
        let by = if self.is_scaled && !other.is_scaled { DOWN } else { 1.0 };
        self.rest += other.rest * by;
        self.take(other.sum * by);
    }

    /// The sum; infinite where no double holds it.
    pub(crate) fn total(self) -> f64 {
        self.over(1.0)
    }

    /// The mean of so many numbers, which a double holds wherever it holds each of them.
    pub(crate) fn mean(self, count: u64) -> f64 {
        self.over(count as f64)
    }

    fn over(mut self, count: f64) -> f64 {
        // Of what is infinite the rest is no number.
        if !self.sum.is_finite() {
            return self.sum;
        }
        if !self.is_scaled && !(self.sum + self.rest).is_finite() {
            self.scale(DOWN);
        }
        let over = (self.sum + self.rest) / count;
        if self.is_scaled { over * UP } else { over }
    }

    /// Adds a number in the scale of the sum.
    fn take(&mut self, number: f64) {
        let sum = self.sum + number;
        if !sum.is_finite() && !self.is_scaled {
            self.scale(DOWN);
            return self.take(number * DOWN);
        }
        let (large, small) =
            if self.sum.abs() >= number.abs() { (self.sum, number) } else { (number, self.sum) };
        self.rest += (large - sum) + small;
        self.sum = sum;
        if self.is_scaled && sum.abs() < FITS {
            self.scale(UP);
        }
    }

    fn scale(&mut self, by: f64) {
        self.sum *= by;
        self.rest *= by;
        self.is_scaled = by < 1.0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum_of(numbers: &[f64]) -> Sum {
        let mut sum = Sum::default();
        numbers.iter().for_each(|it| sum.add(*it));
        sum
    }

    #[test]
    fn a_sum_keeps_small_numbers_beside_large_ones() {
        let mut sum = Sum::default();
        [1.0, 1e100, 1.0, -1e100].into_iter().for_each(|it| sum.add(it));
        assert_eq!(sum.total().to_bits(), 2.0_f64.to_bits());
        [f64::MAX, f64::MAX].into_iter().for_each(|it| sum.add(it));
        assert!(sum.total().is_infinite());
    }

    #[test]
    fn a_part_of_a_sum_may_be_larger_than_each_double() {
        for (numbers, expected) in [
            (&[1e308, 1e308, -1e308][..], 1e308),
            (&[-1e308, -1e308, 1e308], -1e308),
            (&[f64::MAX, f64::MAX, -f64::MAX, -f64::MAX, 1e-300], 1e-300),
            (&[3.0, f64::MAX, f64::MAX, -f64::MAX, -f64::MAX], 3.0),
        ] {
            assert_eq!(sum_of(numbers).total().to_bits(), f64::to_bits(expected), "{numbers:?}");
        }
        let two = sum_of(&[1e308, 1e308]);
        assert!(two.total().is_infinite());
        assert_eq!(two.mean(2).to_bits(), 1e308_f64.to_bits());
        let mut joined = two;
        joined.join(sum_of(&[-1e308]));
        assert_eq!(joined.total().to_bits(), 1e308_f64.to_bits());
        let mut joined = sum_of(&[-1e308]);
        joined.join(two);
        assert_eq!(joined.total().to_bits(), 1e308_f64.to_bits());
        assert!(sum_of(&[f64::INFINITY, f64::INFINITY]).total().is_infinite());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        /// Large ones are whole multiples of 2^1003 and small ones whole, so that the oracle adds integers.
        #[test]
        fn sums_and_means_are_those_of_integers(
            numbers in prop::collection::vec((-1_048_575..=1_048_575_i32, any::<bool>()), 1..60),
            middle in 0..60_usize,
        ) {
            let large = 2.0_f64.powi(1003);
            let number =
                |(whole, is_large): &(i32, bool)| f64::from(*whole) * if *is_large { large } else { 1.0 };
            let numbers_of = numbers.iter().map(number).collect::<Vec<_>>();
            let of = |wanted: bool| {
                let some = numbers.iter().filter(|(_, is_large)| *is_large == wanted);
                f64::from(some.map(|(whole, _)| *whole).sum::<i32>())
            };
            let expected = if of(true) == 0.0 { of(false) } else { of(true) * large };
            let (first, rest) = numbers_of.split_at(middle.min(numbers_of.len()));
            let mut joined = sum_of(first);
            joined.join(sum_of(rest));
            for sum in [sum_of(&numbers_of), joined] {
                prop_assert_eq!(sum.total().to_bits(), expected.to_bits());
                let count = numbers_of.len() as f64;
                let mean = if of(true) == 0.0 { of(false) / count } else { of(true) / count * large };
                prop_assert_eq!(sum.mean(numbers.len() as u64).to_bits(), mean.to_bits());
            }
        }
    }
}
