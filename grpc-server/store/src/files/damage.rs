//! Contents of which the place has lost or changed a piece.
//!
//! Not the restoration of a piece, which an operator makes. Invariant: no further file shares a damaged content, so the same
//! bytes that are uploaded again are whole.

use crate::{Store, StoreError};
use model::ContentId;

/// The sweep marks a content before it deletes its objects.
const NOTE: &str = "
    update file_contents set is_damaged = true where id = $1 and not is_leaving";

impl Store {
    /// Notes that a piece of a content is missing in the place, or has other bytes there. False: the content has no damage,
    /// but its pieces are being deleted, since its last file was deleted for good.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_damage(&self, content: ContentId) -> Result<bool, StoreError> {
        Ok(self.execute(NOTE, &[&content.0]).await? > 0)
    }
}
