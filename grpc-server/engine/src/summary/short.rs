//! Values of a bounded number of bytes.
//!
//! Not what a person is shown, which is shorter. Invariant: a text is cut between two characters.

use std::borrow::Cow;

use tables::Cell;

/// Bytes of a text in a summary.
const TEXT_BYTES: usize = 4 * 1024;

/// A value whose text is cut.
pub(super) fn short<'a>(cell: &'a Cell<'_>) -> Cell<'a> {
    match cell {
        Cell::Text(text) => {
            let end = text.floor_char_boundary(TEXT_BYTES);
            Cell::Text(Cow::Borrowed(text.get(..end).unwrap_or_default()))
        }
        Cell::Empty
        | Cell::Bool(_)
        | Cell::Number(_)
        | Cell::Date(_)
        | Cell::LocalDateTime(_)
        | Cell::Instant(_) => cell.clone(),
    }
}
