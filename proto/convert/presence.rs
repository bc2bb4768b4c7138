//! Presence changes: encoded once and shared as bytes, like changes.
//!
//! It keeps no participants. Invariant: the messages in order have exactly the change.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;

use super::ConvertError;
use crate::v1;

/// Size from which a message ends, in bytes. Every session keeps a buffer of its largest message, and every
/// new session gets a complete list.
const MESSAGE_BYTES: usize = 4 * 1024;

/// Encodes a presence change as one or several messages, to send in this order.
#[must_use]
pub fn encode_presence(change: v1::PresenceChange) -> Arc<[Bytes]> {
    let v1::PresenceChange { present, left, complete } = change;
    let mut part = v1::PresenceChange { left, complete, ..Default::default() };
    let mut parts = Vec::new();
    let mut bytes = 0;
    for person in present {
        if bytes >= MESSAGE_BYTES {
            parts.push(Bytes::from(std::mem::take(&mut part).encode_to_vec()));
            bytes = 0;
        }
        bytes += person.encoded_len();
        part.present.push(person);
    }
    parts.push(part.encode_to_vec().into());
    parts.into()
}

/// Decodes one message of [`encode_presence`].
///
/// # Errors
/// Bytes that are not a `PresenceChange`.
pub fn decode_presence(encoded: Bytes) -> Result<v1::PresenceChange, ConvertError> {
    v1::PresenceChange::decode(encoded).map_err(|error| {
        ConvertError::new("presence", format!("must be a PresenceChange: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_several_messages() {
        let person = |n: u32| v1::Participant { session_id: n.to_string(), ..Default::default() };
        for people in [0, 1, 10_000] {
            let present: Vec<_> = (0..people).map(person).collect();
            let left = vec!["gone".to_owned()];
            let change = v1::PresenceChange { present: present.clone(), left, complete: true };
            let parts = encode_presence(change);
            assert!(parts.iter().all(|part| part.len() < 2 * MESSAGE_BYTES));
            let decoded: Vec<_> = parts
                .iter()
                .map(|part| decode_presence(part.clone()).expect("encoded here"))
                .collect();
            assert!(decoded[0].complete && decoded[0].left == ["gone"]);
            assert!(decoded[1..].iter().all(|part| !part.complete && part.left.is_empty()));
            let all: Vec<_> = decoded.into_iter().flat_map(|part| part.present).collect();
            assert_eq!(all, present);
        }
    }
}
