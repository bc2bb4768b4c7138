//! Random protobuf bytes of no particular message: nested fields of every kind with small numbers.
//!
//! They are not random bytes, which rarely decode. Decoded as any message they are deep, odd and
//! contradictory. The server's tests use them too.
//!
//! Invariant: without broken bytes the result is well-formed protobuf.

use proptest::collection::vec;
use proptest::prelude::*;

/// Number of field numbers: more than any message has.
const FIELDS: u64 = 16;
/// Most levels of nested fields.
const LEVELS: u32 = 6;

/// Any message, sometimes with broken bytes.
pub(crate) fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let breaks = prop_oneof![
        4 => Just(Vec::new()),
        1 => vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ];
    (fields(), breaks).prop_map(|(mut bytes, breaks)| {
        if !bytes.is_empty() {
            for (at, byte) in breaks {
                let at = at.index(bytes.len());
                bytes[at] ^= byte;
            }
        }
        bytes
    })
}

fn fields() -> impl Strategy<Value = Vec<u8>> {
    let content = prop_oneof![
        3 => small_or_large().prop_map(|number| (0, varint(number))),
        1 => any::<f64>().prop_map(|number| (1, number.to_le_bytes().to_vec())),
        2 => text().prop_map(|text| (2, lengthed(text.as_bytes()))),
        1 => vec(small_or_large(), 0..4)
            .prop_map(|list| (2, lengthed(&list.into_iter().flat_map(varint).collect::<Vec<_>>()))),
    ];
    let plain =
        (1..FIELDS, content).prop_map(|(number, (kind, content))| field(number, kind, content));
    vec(plain, 0..4).prop_map(|fields| fields.concat()).prop_recursive(LEVELS, 64, 4, |inner| {
        let nested =
            (1..FIELDS, inner).prop_map(|(number, inner)| field(number, 2, lengthed(&inner)));
        vec(nested, 1..5).prop_map(|fields| fields.concat())
    })
}

fn small_or_large() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..8_u64, 1 => any::<u32>().prop_map(u64::from), 1 => any::<u64>()]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("1".to_owned()), "[A-C]", ".{0,8}", "[0-9a-f]{8}-[0-9a-f]{4}"]
}

fn field(number: u64, kind: u64, content: Vec<u8>) -> Vec<u8> {
    [varint(number << 3 | kind), content].concat()
}

fn lengthed(content: &[u8]) -> Vec<u8> {
    [varint(content.len() as u64), content.to_vec()].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
