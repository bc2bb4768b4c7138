//! The rules, in words, and the field that breaks one.

use std::fmt;

/// The rule that a delta breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The runs walk past the last line.
    #[error("reaches past the last of {len} lines")]
    PastEnd {
        /// How many lines there are.
        len: u32,
    },
    /// A block is lifted from more than one place.
    #[error("names a block that is lifted from two places; its lines must stand in a row")]
    LiftedTwice,
    /// A block is put down more than once.
    #[error("names a block that is dropped twice")]
    DroppedTwice,
    /// A block is lifted and never put down.
    #[error("names a block that is lifted and never dropped")]
    NeverDropped,
    /// A block is put down and was never lifted.
    #[error("names a block that is dropped and never lifted")]
    NeverLifted,
    /// More runs than allowed.
    #[error("has more than {max} runs")]
    TooManyRuns {
        /// The limit.
        max: u32,
    },
    /// The axis would get longer than allowed.
    #[error("would leave more than {max} lines")]
    TooManyLines {
        /// The limit.
        max: u32,
    },
    /// An insert names lines; ids are the server's to give.
    #[error("names its lines; only the server gives ids")]
    NamedInsert,
    /// The ids of an insert run past the last possible id.
    #[error("names lines past the last id")]
    IdOverflow,
    /// More cell edits than allowed.
    #[error("has more than {max} cell edits")]
    TooManyCells {
        /// The limit.
        max: u32,
    },
    /// The position is not in the sheet.
    #[error("is outside the sheet: positions end before {len}")]
    OutOfRange {
        /// How many rows (or columns) there are after the axes have changed.
        len: u32,
    },
    /// Two edits for one position, or edits out of order.
    #[error("edits a position twice, or out of order")]
    Repeated,
    /// Not a number that can be stored.
    #[error("is not a finite number")]
    NotFinite,
    /// Text beyond the limit.
    #[error("is longer than {max} bytes")]
    TextTooLong {
        /// The limit.
        max: u32,
    },
    /// A text edit walks past the end of the text.
    #[error("reaches past the end of the text, which has {len} characters")]
    PastText {
        /// How many characters there are.
        len: u32,
    },
    /// A text edit of a cell whose text is not known here: it can't have been made on it.
    #[error("edits a text that is not loaded")]
    TextNotLoaded,
    /// A NUL character, which the store can't hold.
    #[error("contains a NUL character")]
    NulInText,
    /// A date-time before year 1 or after year 9999.
    #[error("is outside the years 1 to 9999")]
    DateTimeOutOfRange,
    /// A width beyond the limit.
    #[error("is wider than {max} pixels")]
    TooWide {
        /// The limit.
        max: u32,
    },
}

/// A delta that was refused: which field, and which rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct Invalid {
    /// A path such as `rows[3].lift.slot` or `cells[17].row`, by index in normal form.
    pub field: String,
    /// The rule.
    pub rule: Rule,
}

impl Invalid {
    /// Allocates the path only on this, the rare way.
    pub(super) fn new(field: impl fmt::Display, rule: Rule) -> Self {
        Self { field: field.to_string(), rule }
    }

    /// The same rule, with the field named inside a larger message (`edit.delta` and so on).
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }
}
