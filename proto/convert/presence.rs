//! News of who is here: encoded once, shared as bytes, like changes.

use bytes::Bytes;
use prost::Message;

use super::ConvertError;
use crate::v1;

/// Encodes news for all who are told.
#[must_use]
pub fn encode_presence(news: &v1::PresenceChange) -> Bytes {
    news.encode_to_vec().into()
}

/// Reads what [`encode_presence`] made.
///
/// # Errors
/// Bytes that are not a `PresenceChange`.
pub fn decode_presence(encoded: Bytes) -> Result<v1::PresenceChange, ConvertError> {
    v1::PresenceChange::decode(encoded).map_err(|error| {
        ConvertError::new("presence", format!("must be a PresenceChange: {error}"))
    })
}
