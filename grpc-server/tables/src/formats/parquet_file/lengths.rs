//! The lengths of texts in pages of DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY, summed before the texts are read.
//!
//! Not the reader of such pages, which is the crate `parquet`: it takes memory for as many lengths as they state of themselves.
//! Source: "Delta Encoding" in the encodings of Apache Parquet.
//!
//! Invariant: no allocation, and as much work as there are lengths.

/// Lengths that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths<'a> {
    pub(super) count: u64,
    pub(super) sum: u64,
    /// The bytes behind them.
    pub(super) rest: &'a [u8],
}

impl<'a> Lengths<'a> {
    /// At most so many lengths in DELTA_BINARY_PACKED; `None`: they are malformed, or more.
    pub(super) fn of(mut rest: &'a [u8], most: u64) -> Option<Self> {
        let (block, parts) = (varint(&mut rest)?, varint(&mut rest)?);
        let (count, first) = (varint(&mut rest)?, zigzag(&mut rest)?);
        if count > most || parts == 0 || block == 0 || !block.is_multiple_of(parts) {
            return None;
        }
        let (per_part, parts) = (block / parts, usize::try_from(parts).ok()?);
        if !per_part.is_multiple_of(8) {
            return None;
        }
        if count == 0 {
            return Some(Self { count, sum: 0, rest });
        }
        let mut last = i32::try_from(first).ok()?;
        let (mut sum, mut left) = (u64::try_from(last).ok()?, count - 1);
        while left > 0 {
            let least = i32::try_from(zigzag(&mut rest)?).ok()?;
            let (widths, behind) = rest.split_at_checked(parts)?;
            rest = behind;
            for width in widths {
                // Behind the last length a part has a width, and no bytes.
                let here = left.min(per_part);
                if here == 0 {
                    break;
                }
                if *width > 32 {
                    return None;
                }
                let width = u64::from(*width);
                for at in 0..here {
                    let delta = bits(rest, at * width, width)?;
                    last = last.wrapping_add(least).wrapping_add(delta.cast_signed());
                    sum = sum.checked_add(u64::try_from(last).ok()?)?;
                }
                left -= here;
                // The last part may lack what fills it up.
                let bytes = usize::try_from((per_part / 8).checked_mul(width)?).ok()?;
                rest = rest.get(bytes..).unwrap_or_default();
            }
        }
        Some(Self { count, sum, rest })
    }
}

/// A number of so many bits, at most 32.
fn bits(bytes: &[u8], from: u64, width: u64) -> Option<u32> {
    let begin = usize::try_from(from / 8).ok()?;
    let end = usize::try_from((from + width).div_ceil(8)).ok()?;
    let part = if width == 0 { &[][..] } else { bytes.get(begin..end)? };
    let number = part.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    u32::try_from((number >> (from % 8)) & ((1_u64 << width) - 1)).ok()
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn zigzag(rest: &mut &[u8]) -> Option<i64> {
    let number = varint(rest)?;
    Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_summed_up_to_the_bytes_behind_them() {
        // Blocks of 128 in 4 parts, 5 lengths, the first of which is 7; deltas -2, 0, 3 and 1 in 3 bits above -2.
        let mut bytes = vec![0x80, 1, 4, 5, 14, 3, 3, 0, 0, 0];
        // 0, 2, 5, 3 from the lowest bit on, and the rest of 12 bytes.
        bytes.extend([0b0101_0000, 0b0000_0111]);
        bytes.extend([0; 10]);
        bytes.push(99);
        let lengths = Lengths::of(&bytes, 5).expect("sound");
        // 7, 5, 5, 8, 9.
        assert_eq!((lengths.count, lengths.sum, lengths.rest), (5, 34, &[99][..]));
        assert_eq!(Lengths::of(&bytes, 4), None);
        assert!((0..11).all(|end| Lengths::of(&bytes[..end], 5).is_none()));
        let none = Lengths::of(&[0x80, 1, 4, 0, 0, 1], 5).expect("sound");
        assert_eq!((none.count, none.sum, none.rest), (0, 0, &[1][..]));
    }

    #[test]
    fn lengths_that_are_negative_or_state_too_much_are_none() {
        assert_eq!(Lengths::of(&[0x80, 1, 4, 1, 1], 5), None);
        assert_eq!(Lengths::of(&[0x80, 1, 0, 1, 2], 5), None);
        let many = [0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 2];
        assert_eq!(Lengths::of(&many, u64::from(u32::MAX)), None);
        assert_eq!(Lengths::of(&[0x80, 1, 4, 2, 2, 0, 33, 0, 0, 0], 5), None);
        assert_eq!(Lengths::of(&[0xff; 20], 5), None);
    }
}
