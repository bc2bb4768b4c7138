//! Numbers of bytes on the command line.
//!
//! Not their limits. Invariant: a size is read as it is shown.

use std::fmt;
use std::str::FromStr;

pub(super) const MIB: u64 = 1024 * 1024;

/// A number of bytes, written as `512MiB`, `1GiB`, `64KiB` or plain digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// The number of bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

/// Units from the largest to the smallest, so that the largest whole one is shown.
const UNITS: [(&str, u64); 3] = [("GiB", 1024 * MIB), ("MiB", MIB), ("KiB", 1024)];

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |&&(_, size): &&(&str, u64)| self.0 >= size && self.0.is_multiple_of(size);
        match UNITS.iter().find(whole) {
            Some((unit, size)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, size) = UNITS
            .iter()
            .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)))
            .unwrap_or((text, 1));
        digits
            .trim()
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(size))
            .map(ByteSize)
            .ok_or_else(|| "give a number of bytes, or one with KiB, MiB or GiB".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_shown() {
        for text in ["7", "64KiB", "256MiB", "1GiB", "3GiB"] {
            assert_eq!(text.parse::<ByteSize>().map(|size| size.to_string()), Ok(text.into()));
        }
        assert_eq!("2048".parse(), Ok(ByteSize(2048)));
        for text in ["", "MiB", "-1", "1.5GiB", "99999999999GiB", "1TB"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
