//! The rule of a column: the kind of its values, and how they are shown.
//!
//! Plain data. Invariant: [`Rule::default`] accepts every value and shows it exactly.

use std::sync::Arc;

use ot_engine::ColumnKind;

use crate::choice::Options;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Anything.
    #[default]
    Any,
    /// Text, whatever it looks like.
    Text,
    /// Numbers.
    Number,
    /// Yes or no.
    Bool,
    /// Days.
    Date,
    /// A day and a time of day, without a zone.
    DateTime,
    /// Instants: the same moment everywhere.
    Instant,
    /// One of the options.
    Choice,
    /// Several of the options.
    Choices,
    /// Addresses of pages.
    Link,
    /// E-mail addresses.
    Email,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Any,
        Self::Text,
        Self::Number,
        Self::Bool,
        Self::Date,
        Self::DateTime,
        Self::Instant,
        Self::Choice,
        Self::Choices,
        Self::Link,
        Self::Email,
    ];
}

impl From<ColumnKind> for Kind {
    fn from(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Any => Self::Any,
            ColumnKind::Bool => Self::Bool,
            ColumnKind::Number => Self::Number,
            ColumnKind::Text => Self::Text,
            ColumnKind::Instant => Self::Instant,
            ColumnKind::Date => Self::Date,
            ColumnKind::LocalDateTime => Self::DateTime,
            ColumnKind::Choice => Self::Choice,
            ColumnKind::Choices => Self::Choices,
            ColumnKind::Link => Self::Link,
            ColumnKind::Email => Self::Email,
        }
    }
}

/// The rule of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The kind of its values.
    pub kind: Kind,
    /// For [`Kind::Choice`] and [`Kind::Choices`], in the order in which they are offered.
    pub options: Options,
    /// How numbers are shown.
    pub format: NumberFormat,
}

impl From<ColumnKind> for Rule {
    fn from(kind: ColumnKind) -> Self {
        Kind::from(kind).into()
    }
}

impl From<Kind> for Rule {
    fn from(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }
}

/// How a number is shown. It changes no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberFormat {
    /// Digits after the decimal mark, rounded half to even; `None` for all that the number has.
    pub decimals: Option<u8>,
    /// Whether thousands are grouped.
    pub thousands: bool,
    /// What the number counts.
    pub unit: Unit,
}

/// What a number counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Nothing that is written.
    #[default]
    None,
    /// Hundredths: 0.5 is shown as 50%.
    Percent,
    /// Money: a symbol or a code such as EUR.
    Currency(Arc<str>),
}
