//! The rules for deltas, each with its text, and the error that names the field.
//!
//! It checks nothing. Invariant: each text is the predicate of a sentence whose subject is the field.

use std::fmt;

/// The rule that a delta breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The runs reach past the last line.
    #[error("reaches past the last of {len} lines")]
    PastEnd {
        /// Number of lines.
        len: u32,
    },
    /// A block is lifted at more than one place.
    #[error("names a block that is lifted from two places; its lines must stand in a row")]
    LiftedTwice,
    /// A block is dropped more than once.
    #[error("names a block that is dropped twice")]
    DroppedTwice,
    /// A block is lifted and never dropped.
    #[error("names a block that is lifted and never dropped")]
    NeverDropped,
    /// A block is dropped and never lifted.
    #[error("names a block that is dropped and never lifted")]
    NeverLifted,
    /// More runs than the limit.
    #[error("has more than {max} runs")]
    TooManyRuns {
        /// The limit.
        max: u32,
    },
    /// The axis would exceed its limit.
    #[error("would leave more than {max} lines")]
    TooManyLines {
        /// The limit.
        max: u32,
    },
    /// A client's insert has line ids; only the server assigns them.
    #[error("names its lines; only the server gives ids")]
    NamedInsert,
    /// The ids of an insert exceed the last possible id.
    #[error("names lines past the last id")]
    IdOverflow,
    /// More cell edits than the limit.
    #[error("has more than {max} cell edits")]
    TooManyCells {
        /// The limit.
        max: u32,
    },
    /// The position is outside the sheet.
    #[error("is outside the sheet: positions end before {len}")]
    OutOfRange {
        /// Number of rows or columns after the axes apply.
        len: u32,
    },
    /// Two edits of one position, or edits that are not sorted.
    #[error("edits a position twice, or out of order")]
    Repeated,
    /// A number that is infinite or NaN.
    #[error("is not a finite number")]
    NotFinite,
    /// A text above the limit.
    #[error("is longer than {max} bytes")]
    TextTooLong {
        /// The limit.
        max: u32,
    },
    /// A text edit reaches past the end of the text.
    #[error("reaches past the end of the text, which has {len} characters")]
    PastText {
        /// Number of characters.
        len: u32,
    },
    /// A text edit of a cell whose text is not loaded.
    #[error("edits a text that is not loaded")]
    TextNotLoaded,
    /// A NUL character, which the store can't hold.
    #[error("contains a NUL character")]
    NulInText,
    /// A date-time before year 1 or after year 9999.
    #[error("is outside the years 1 to 9999")]
    DateTimeOutOfRange,
    /// A width above the limit.
    #[error("is wider than {max} pixels")]
    TooWide {
        /// The limit.
        max: u32,
    },
}

/// A refused delta: the field, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct Invalid {
    /// The path of the field, such as `rows[3].lift.slot`, `cells[17].row` or `texts[0].runs`; an index is that of normal
    /// form. Text edits are counted apart from the other cells, as they are on the wire.
    pub field: String,
    /// The rule.
    pub rule: Rule,
}

impl Invalid {
    /// Allocates the path only for an error.
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
