//! Places and groups: random numbers that a program gives to its edits, so that undo takes back what belongs together.
//!
//! It undoes nothing. Invariant: neither is 0, which means none.

use uuid::Uuid;

/// The largest place.
const PLACE_MAX: u64 = (1 << 48) - 1;
/// The parameters of FNV-1a with 64 bits.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// A new place: what is edited there is undone there. A program that keeps the number keeps the place.
#[must_use]
pub fn new_place() -> u64 {
    (Uuid::new_v4().as_u128() >> 80) as u64 | 1
}

/// The place of a name: always the same one.
#[must_use]
pub fn named_place(name: &str) -> u64 {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    let hash = name.bytes().fold(FNV_OFFSET, hash);
    (hash ^ hash >> 48) & PLACE_MAX | 1
}

/// A new group: the edits of it that follow one another at one place are one undo.
#[must_use]
pub fn new_group() -> u64 {
    (Uuid::new_v4().as_u128() >> 80) as u64 | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_valid_and_names_keep_theirs() {
        assert!((1..=PLACE_MAX).contains(&new_place()) && new_place() != new_place());
        assert_eq!(named_place("nightly"), named_place("nightly"));
        assert!((1..=PLACE_MAX).contains(&named_place("")) && named_place("a") != named_place("b"));
        assert_ne!(new_group(), new_group());
    }
}
