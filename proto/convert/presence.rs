//! News of who is here: encoded once, shared as bytes, like changes.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;

use super::ConvertError;
use crate::v1;

/// People of one message from here on, in bytes. Every session keeps a buffer as large as the largest
/// message that it was sent, and this one goes to whoever comes.
const MESSAGE_BYTES: usize = 4 * 1024;

/// Encodes news for all who are told: a message, or several to be sent in this order.
#[must_use]
pub fn encode_presence(news: v1::PresenceChange) -> Arc<[Bytes]> {
    let v1::PresenceChange { present, left, complete } = news;
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

/// Reads one message that [`encode_presence`] made.
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
    fn a_long_list_is_told_in_parts() {
        let person = |n: u32| v1::Participant { session_id: n.to_string(), ..Default::default() };
        for people in [0, 1, 10_000] {
            let present: Vec<_> = (0..people).map(person).collect();
            let left = vec!["gone".to_owned()];
            let news = v1::PresenceChange { present: present.clone(), left, complete: true };
            let parts = encode_presence(news);
            assert!(parts.iter().all(|part| part.len() < 2 * MESSAGE_BYTES));
            let told: Vec<_> = parts
                .iter()
                .map(|part| decode_presence(part.clone()).expect("made here"))
                .collect();
            assert!(told[0].complete && told[0].left == ["gone"]);
            assert!(told[1..].iter().all(|part| !part.complete && part.left.is_empty()));
            let all: Vec<_> = told.into_iter().flat_map(|part| part.present).collect();
            assert_eq!(all, present);
        }
    }
}
