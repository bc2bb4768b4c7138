//! The kinds of columns by their names.
//!
//! Not the values of a kind (`value`). Invariant: each kind of the protocol has one name.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gridloom::v1;

/// The kind of a column, by its name on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// As it is, or as the file shows.
    Auto,
    /// Anything.
    Any,
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// Yes or no.
    Bool,
    /// Days.
    Date,
    /// Days and times of day without a zone.
    Datetime,
    /// Moments.
    Instant,
    /// One of the column's options.
    Choice,
    /// Several of them.
    Choices,
    /// Addresses of pages.
    Link,
    /// E-mail addresses.
    Email,
}

/// Reads the kind of a column of a file, which has no options.
pub(crate) fn kind_in_file() -> impl TypedValueParser<Value = Kind> {
    let kinds = Kind::value_variants().iter();
    let kinds = kinds.filter(|kind| !matches!(kind, Kind::Choice | Kind::Choices));
    PossibleValuesParser::new(kinds.filter_map(ValueEnum::to_possible_value))
        .try_map(|name| Kind::from_str(&name, false))
}

impl From<Kind> for v1::ColumnKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Auto => Self::Unspecified,
            Kind::Any => Self::Any,
            Kind::Text => Self::Text,
            Kind::Number => Self::Number,
            Kind::Bool => Self::Bool,
            Kind::Date => Self::Date,
            Kind::Datetime => Self::LocalDatetime,
            Kind::Instant => Self::Datetime,
            Kind::Choice => Self::Choice,
            Kind::Choices => Self::Choices,
            Kind::Link => Self::Link,
            Kind::Email => Self::Email,
        }
    }
}

#[cfg(test)]
mod tests {
    use gridloom::convert::kind_from_wire;

    use super::*;
    use crate::output::format::kind_name;

    #[test]
    fn output_names_the_kinds_as_options_do() {
        for kind in Kind::value_variants() {
            let value = kind.to_possible_value().expect("no kind is hidden");
            let known = kind_from_wire(v1::ColumnKind::from(*kind).into()).expect("is known");
            assert!(known.is_none_or(|known| kind_name(known) == value.get_name()), "{kind:?}");
        }
    }
}
