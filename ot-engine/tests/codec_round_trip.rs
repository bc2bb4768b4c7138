//! Encoded deltas and conflicts decode unchanged, and no bytes make the decoder panic.
//!
//! Invariant: `encoded_len` is the length of the encoding.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/model.rs"]
mod model;

use ot_engine::codec::{
    DecodeError, decode_conflicts, decode_delta, encode_conflict, encode_delta, encoded_len,
};
use ot_engine::{ClientId, Delta, EntryConflict, Revision, transform};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(1500))]

    #[test]
    fn deltas_survive_the_round_trip((size, mut delta, other) in generate::pair(), named in any::<bool>()) {
        if named {
            delta.rows = model::numbered(&delta.rows);
        }
        let mut bytes = Vec::new();
        encode_delta(&delta, &mut bytes);
        prop_assert_eq!(encoded_len(&delta), bytes.len());
        prop_assert_eq!(decode_delta(&bytes), Ok(delta), "of a sheet of {:?}", size);
        // Neither a prefix nor a longer input decodes.
        for end in 0..bytes.len() {
            prop_assert!(decode_delta(&bytes[..end]).is_err());
        }
        encode_delta(&other, &mut bytes);
        prop_assert!(decode_delta(&bytes).is_err());
    }

    #[test]
    fn conflicts_survive_the_round_trip((_, first, second) in generate::pair(), author in any::<u128>()) {
        let lost = transform(&first, &second).conflicts.into_iter().enumerate();
        let lost: Vec<EntryConflict> = lost
            .map(|(number, conflict)| {
                let revision = Revision(number as u64);
                EntryConflict { conflict, author: ClientId(author), revision }
            })
            .collect();
        let mut bytes = Vec::new();
        for (number, conflict) in lost.iter().enumerate() {
            let begun = bytes.len();
            encode_conflict(conflict, &mut bytes);
            for end in begun + 1..bytes.len() {
                prop_assert!(decode_conflicts(&bytes[..end]).is_err());
            }
            prop_assert_eq!(decode_conflicts(&bytes), Ok(lost[..=number].to_vec()));
        }
    }

    #[test]
    fn any_bytes_decode_or_fail(bytes in vec(any::<u8>(), 0..200)) {
        let _ = decode_delta(&bytes);
        let _ = decode_conflicts(&bytes);
        let small: Vec<u8> = bytes.iter().map(|byte| byte % 8).collect();
        let _ = decode_conflicts(&small);
        let framed: Vec<u8> = [1].into_iter().chain(bytes.iter().map(|byte| byte % 8)).collect();
        if let Ok(delta) = decode_delta(&framed) {
            delta.check_invariants();
        }
    }
}

#[test]
fn a_small_edit_is_small() {
    let mut bytes = Vec::new();
    encode_delta(&Delta::set_cell(123_456, 7, "hello"), &mut bytes);
    assert!(bytes.len() <= 16, "{} bytes", bytes.len());
}

#[test]
fn a_huge_count_allocates_nothing() {
    let bytes = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    assert_eq!(decode_delta(&bytes), Err(DecodeError::Truncated));
    assert_eq!(decode_delta(&[9]), Err(DecodeError::UnknownVersion(9)));
}
