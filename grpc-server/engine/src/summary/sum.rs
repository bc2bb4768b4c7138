//! A sum of numbers that keeps what rounding takes.
//!
//! Not the facts of a column: see `summary`. Source: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
//! endlicher Summen", 1974. Invariant: the same numbers in the same order have the same sum.

/// A sum so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    sum: f64,
    rest: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, number: f64) {
        let sum = self.sum + number;
        let (large, small) =
            if self.sum.abs() >= number.abs() { (self.sum, number) } else { (number, self.sum) };
        self.rest += (large - sum) + small;
        self.sum = sum;
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.add(other.sum);
        self.rest += other.rest;
    }

    pub(crate) fn total(self) -> f64 {
        // Beyond all doubles the rest is no number.
        if self.sum.is_finite() { self.sum + self.rest } else { self.sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_keeps_small_numbers_beside_large_ones() {
        let mut sum = Sum::default();
        [1.0, 1e100, 1.0, -1e100].into_iter().for_each(|it| sum.add(it));
        assert_eq!(sum.total().to_bits(), 2.0_f64.to_bits());
        [f64::MAX, f64::MAX].into_iter().for_each(|it| sum.add(it));
        assert!(sum.total().is_infinite());
    }
}
