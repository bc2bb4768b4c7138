//! The place of a call's edits, as the wire has it.
//!
//! Not what a place is (`model::gesture`). Invariant: 0 is no place, and every other number is a place or refused.

use crate::edge::errors::ServiceError;
use model::EditPlace;

/// The place in a field of a request.
pub(crate) fn edit_place(field: &str, number: u64) -> Result<Option<EditPlace>, ServiceError> {
    match EditPlace::new(number) {
        None if number > 0 => {
            Err(ServiceError::malformed(field, format!("must be at most {}", EditPlace::MAX)))
        }
        place => Ok(place),
    }
}
