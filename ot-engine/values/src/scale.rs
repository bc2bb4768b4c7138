//! A decimal number: digits times a power of ten, as it was written.
//!
//! Invariant: the digits have no zeros at either end; zero has none.

use crate::double;

/// Digits times a power of ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    negative: bool,
    digits: String,
    /// Of the last digit.
    power: i32,
}

impl Scaled {
    /// A number with these digits before and after its decimal mark, times a power of ten.
    pub(crate) fn new(negative: bool, whole: &str, decimals: &str, power: i32) -> Self {
        let all = [whole, decimals].concat();
        let significant = all.trim_end_matches('0');
        let dropped = all.len() - significant.len();
        let power = power + to_power(dropped) - to_power(decimals.len());
        let digits = significant.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self { negative: false, digits, power: 0 };
        }
        Self { negative, digits, power }
    }

    /// The same number times a power of ten.
    pub(crate) fn times(mut self, power: i32) -> Self {
        if !self.digits.is_empty() {
            self.power += power;
        }
        self
    }

    /// The shortest decimal form of a finite double.
    pub(crate) fn of(number: f64) -> Self {
        let text = double::scientific(number.abs());
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Self::new(number < 0.0, whole, decimals, power.parse().unwrap_or(0))
    }

    /// All digits, with this decimal mark and without an exponent.
    ///
    /// At most about 350 characters, for the powers of a double.
    pub(crate) fn text(&self, decimal: char) -> String {
        let (sign, digits) = (if self.negative { "-" } else { "" }, &self.digits);
        let power = self.power;
        if digits.is_empty() {
            return "0".to_owned();
        }
        let Ok(decimals) = usize::try_from(-power) else {
            return format!("{sign}{digits}{}", "0".repeat(power.unsigned_abs() as usize));
        };
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, rest) = padded.split_at(padded.len() - decimals);
        if rest.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}{decimal}{rest}")
        }
    }

    /// The double whose shortest decimal form this is; `None` when there is none.
    pub(crate) fn to_double(&self) -> Option<f64> {
        if self.digits.is_empty() {
            return Some(0.0);
        }
        let sign = if self.negative { "-" } else { "" };
        let number = double::parse(&format!("{sign}{}e{}", self.digits, self.power))?;
        (number.is_finite() && Self::of(number) == *self).then_some(number)
    }
}

fn to_power(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_a_double_or_is_none() {
        let double = |whole: &str, decimals: &str, power| {
            Scaled::new(false, whole, decimals, power).to_double()
        };
        assert_eq!(double("007", "500", 0), Some(7.5));
        assert_eq!(double("", "", 0), Some(0.0));
        assert_eq!(double("9007199254740992", "", 0), Some(9_007_199_254_740_992.0));
        assert_eq!(double("9007199254740993", "", 0), None);
        assert_eq!(double("1", "", 400), None);
        assert_eq!(double("", "1", 0), Some(0.1));
        assert_eq!(double("0", "1000000000000000055", 0), None);
    }
}
