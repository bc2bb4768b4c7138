//! What the nodes that have a sheet open send each other: its participants, in messages of bounded size.
//!
//! It keeps no participants. Invariants: a message has at most [`MESSAGE_BYTES`], however many participants there are; a
//! list in several messages needs no order among them, since each is complete for a range of session ids.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gridloom::v1;
use ot_engine::Revision;
use prost::Message;
use uuid::Uuid;

use model::NodeId;

/// Bytes of one message: a thousand participants with their selections take less.
const MESSAGE_BYTES: usize = 1024 * 1024;
/// Bytes of the participants in one part: a part also has a header and two session ids.
const PART_BYTES: usize = MESSAGE_BYTES - 4 * 1024;
/// Bytes of a field's tag and length, at most.
const FIELD_BYTES: usize = 6;
const HEADER_BYTES: usize = 1 + 16 + 8;
const CHANGE: u8 = b'c';
const RANGE: u8 = b'r';
const ASK: u8 = b'?';

/// An event for the sheet's task.
#[derive(Debug)]
pub(crate) enum PresenceEvent {
    /// Participants of another node have joined, moved or left.
    Change {
        node: NodeId,
        /// The revision of the positions.
        revision: Revision,
        change: v1::PresenceChange,
    },
    /// All participants of another node with a session id in a range.
    Range {
        node: NodeId,
        /// The revision of the positions.
        revision: Revision,
        ids: IdRange,
        present: Vec<v1::Participant>,
    },
    /// A node has subscribed, or may have missed messages: it needs the complete list.
    Asked,
    /// A node was declared dead, or has left.
    Gone(NodeId),
    /// `COMPLETE_INTERVAL` has passed.
    Tick,
}

/// The session ids from one to before another.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IdRange {
    from: String,
    /// `None`: all from there on.
    to: Option<String>,
}

impl IdRange {
    pub(super) fn contains(&self, id: &str) -> bool {
        *self.from <= *id && self.to.as_deref().is_none_or(|to| id < to)
    }
}

/// Encodes a question for complete lists.
pub(super) fn ask(node: NodeId) -> Bytes {
    header(ASK, node, Revision(0)).freeze()
}

/// Encodes a change or a complete list: one message where it fits, as it does on all but very large sheets.
pub(super) fn encode(node: NodeId, revision: Revision, change: &v1::PresenceChange) -> Vec<Bytes> {
    if HEADER_BYTES + change.encoded_len() <= MESSAGE_BYTES {
        return vec![part(header(CHANGE, node, revision), change)];
    }
    let v1::PresenceChange { mut present, left, complete } = change.clone();
    let ids = chunks(left, String::len);
    let gone = ids.into_iter().map(|left| v1::PresenceChange { left, ..Default::default() });
    if !complete {
        let present = chunks(present, Message::encoded_len);
        let present =
            present.into_iter().map(|present| v1::PresenceChange { present, ..Default::default() });
        let all = gone.chain(present);
        return all.map(|change| part(header(CHANGE, node, revision), &change)).collect();
    }
    present.sort_unstable_by(|one, other| one.session_id.cmp(&other.session_id));
    let chunks = chunks(present, Message::encoded_len);
    let first = |chunk: &Vec<v1::Participant>| chunk.first().map(|it| it.session_id.clone());
    let mut starts = chunks.iter().skip(1).map(first).collect::<Vec<_>>().into_iter();
    let mut from = String::new();
    let range = |present| {
        let to = starts.next().flatten();
        let mut bytes = header(RANGE, node, revision);
        put_id(&mut bytes, &from);
        put_id(&mut bytes, to.as_deref().unwrap_or_default());
        from = to.unwrap_or_default();
        part(bytes, &v1::PresenceChange { present, ..Default::default() })
    };
    chunks.into_iter().map(range).collect()
}

/// Decodes a message of another node; `None` for this node's own, and for a kind of a later release.
pub(super) fn decode(mut bytes: Bytes, own: NodeId) -> Option<PresenceEvent> {
    if bytes.len() < HEADER_BYTES || bytes.len() > MESSAGE_BYTES {
        return None;
    }
    let kind = bytes.get_u8();
    let node = NodeId(Uuid::from_slice(&bytes.split_to(16)).ok()?);
    let revision = Revision(bytes.get_u64());
    match kind {
        _ if node == own => None,
        ASK => Some(PresenceEvent::Asked),
        CHANGE => {
            let change = v1::PresenceChange::decode(bytes).ok()?;
            Some(PresenceEvent::Change { node, revision, change })
        }
        RANGE => {
            let (from, to) = (take_id(&mut bytes)?, take_id(&mut bytes)?);
            let ids = IdRange { from, to: Some(to).filter(|to| !to.is_empty()) };
            let v1::PresenceChange { present, .. } = v1::PresenceChange::decode(bytes).ok()?;
            Some(PresenceEvent::Range { node, revision, ids, present })
        }
        _ => None,
    }
}

fn header(kind: u8, node: NodeId, revision: Revision) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(HEADER_BYTES);
    bytes.put_u8(kind);
    bytes.put_slice(node.0.as_bytes());
    bytes.put_u64(revision.0);
    bytes
}

fn part(header: BytesMut, change: &v1::PresenceChange) -> Bytes {
    let mut bytes = Vec::with_capacity(header.len() + change.encoded_len());
    bytes.extend_from_slice(&header);
    change.encode_raw(&mut bytes);
    bytes.into()
}

/// A session id is shorter than 64 KiB: the server makes it.
fn put_id(bytes: &mut BytesMut, id: &str) {
    bytes.put_u16(u16::try_from(id.len()).unwrap_or_default());
    bytes.put_slice(id.as_bytes());
}

fn take_id(bytes: &mut Bytes) -> Option<String> {
    let length = bytes.try_get_u16().ok()?;
    let id = (bytes.len() >= length.into()).then(|| bytes.split_to(length.into()))?;
    String::from_utf8(id.into()).ok()
}

/// Items in their order, so that those of one chunk fit into one part.
fn chunks<T>(items: Vec<T>, bytes_of: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut chunks: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        let more = bytes_of(&item) + FIELD_BYTES;
        match chunks.last_mut() {
            Some(chunk) if bytes + more <= PART_BYTES => {
                bytes += more;
                chunk.push(item);
            }
            _ => {
                bytes = more;
                chunks.push(vec![item]);
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeId = NodeId(Uuid::from_u128(1));
    const THERE: NodeId = NodeId(Uuid::from_u128(2));

    #[test]
    fn other_nodes_decode_a_message_as_it_was_encoded() {
        let change = v1::PresenceChange { left: vec!["x".into()], ..Default::default() };
        let encoded = encode(HERE, Revision(7), &change);
        let [bytes] = &encoded[..] else { panic!("{encoded:?}") };
        match decode(bytes.clone(), THERE) {
            Some(PresenceEvent::Change { node, revision, change: read }) => {
                assert_eq!((node, revision, read), (HERE, Revision(7), change));
            }
            other => panic!("{other:?}"),
        }
        assert!(decode(bytes.clone(), HERE).is_none(), "this node's own message");
        for broken in [bytes.slice(..20), Bytes::from_static(b"!0123456789012345678901234567")] {
            assert!(decode(broken, THERE).is_none());
        }
    }

    /// More participants than one message holds, in the order of their ids.
    fn many() -> Vec<v1::Participant> {
        let display_name = "\u{10000}".repeat(200);
        let person = |number: u32| v1::Participant {
            session_id: format!("{number:08}"),
            display_name: display_name.clone(),
            ..Default::default()
        };
        (0..3_000).map(person).collect()
    }

    #[test]
    fn a_long_list_is_complete_in_ranges_of_ids_that_leave_none_out() {
        let present: Vec<_> = many().into_iter().rev().collect();
        let list = v1::PresenceChange { present, left: Vec::new(), complete: true };
        let encoded = encode(HERE, Revision(7), &list);
        assert!(encoded.len() > 2 && encoded.iter().all(|it| it.len() <= MESSAGE_BYTES));
        let (mut from, mut all) = (String::new(), Vec::new());
        for (at, bytes) in encoded.iter().enumerate() {
            let Some(PresenceEvent::Range { ids, present, .. }) = decode(bytes.clone(), THERE)
            else {
                panic!("no range")
            };
            assert_eq!((&ids.from, ids.to.is_none()), (&from, at + 1 == encoded.len()));
            assert!(present.iter().all(|it| ids.contains(&it.session_id)));
            from = ids.to.unwrap_or_default();
            all.extend(present);
            let broken = bytes.slice(..HEADER_BYTES + 1);
            assert!(decode(broken, THERE).is_none());
        }
        assert_eq!(all, many());
    }

    #[test]
    fn a_large_change_is_several_changes() {
        let left: Vec<String> = (0..40_000).map(|number| format!("{number:036}")).collect();
        let change = v1::PresenceChange { present: many(), left: left.clone(), complete: false };
        let mut all = v1::PresenceChange::default();
        for bytes in encode(HERE, Revision(7), &change) {
            assert!(bytes.len() <= MESSAGE_BYTES);
            let Some(PresenceEvent::Change { change, .. }) = decode(bytes, THERE) else {
                panic!("no change")
            };
            assert!(!change.complete);
            all.present.extend(change.present);
            all.left.extend(change.left);
        }
        assert_eq!(all, change);
    }
}
