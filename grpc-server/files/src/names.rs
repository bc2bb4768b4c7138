//! The names of objects within a place.
//!
//! Not where the place is. Invariant: each name is made of ids, numbers and digests, so none leaves the place; a name that
//! this module did not make is no content.

use std::fmt::Write as _;

use model::{ContentId, PieceDigest};
use uuid::Uuid;

/// The object that has the id of the place.
pub(crate) const MARKER: &str = "gridloom-place";

/// Below it lie the pieces of each content.
pub(crate) const CONTENTS: &str = "contents";

/// The most bytes of a marker.
pub(crate) const MARKER_BYTES: u64 = 64;

/// Of the digest, the part that the name of a piece has: a piece that is sent again with other bytes is another object.
const DIGEST_BYTES: usize = 16;

/// The name of a piece below its content.
pub(crate) fn piece(number: u32, digest: PieceDigest) -> String {
    let mut name = format!("{number:08}-");
    for byte in &digest.0[..DIGEST_BYTES] {
        // A String takes all that is written.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// The content whose name this is.
pub(crate) fn content(name: &[u8]) -> Option<ContentId> {
    let text = std::str::from_utf8(name).ok()?;
    let id: ContentId = text.parse().ok()?;
    // A UUID has several forms; names have one.
    (id.to_string() == text).then_some(id)
}

/// A name that no other file has.
pub(crate) fn temporary() -> String {
    format!(".{}.tmp", Uuid::new_v4())
}

/// The bytes of a marker.
pub(crate) fn marker(id: Uuid) -> String {
    format!("{id}\n")
}

/// The id in a marker.
pub(crate) fn marked(bytes: &[u8]) -> Option<Uuid> {
    Uuid::try_parse(std::str::from_utf8(bytes).ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_has_its_number_and_the_start_of_its_digest() {
        let digest = PieceDigest(std::array::from_fn(|at| u8::try_from(at).expect("is small")));
        assert_eq!(piece(7, digest), "00000007-000102030405060708090a0b0c0d0e0f");
        assert_eq!(piece(u32::MAX, digest), "4294967295-000102030405060708090a0b0c0d0e0f");
    }

    #[test]
    fn a_content_has_one_name() {
        let id = ContentId::generate();
        assert_eq!(content(id.to_string().as_bytes()), Some(id));
        let others = [
            id.0.simple().to_string(),
            id.0.braced().to_string(),
            id.0.urn().to_string(),
            format!("{id}/"),
            "..".to_owned(),
            String::new(),
        ];
        assert!(others.iter().all(|name| content(name.as_bytes()).is_none()));
        assert_eq!(content(b"\xff"), None);
    }

    #[test]
    fn a_marker_has_its_id() {
        let id = Uuid::new_v4();
        assert_eq!(marked(marker(id).as_bytes()), Some(id));
        assert!(marker(id).len() as u64 <= MARKER_BYTES);
        assert_eq!(marked(b""), None);
        assert_eq!(marked(&[0; 36]), None);
    }
}
