//! Conversions between wire messages and the engine's types, in both directions.
//!
//! They do not check that a value fits a sheet; `ot_engine::validate` does.
//!
//! Invariant: a conversion from the wire is checked, and its error has the path of the field in the request.
//! A conversion to the wire is total and compact, because many clients read one encoding.

mod blocks;
mod change;
mod columns;
mod conflict;
mod counts;
mod delta;
mod ids;
mod limits;
mod presence;
mod settings;
mod size;
mod text;
mod value;
mod window;

#[cfg(test)]
mod any_input;
#[cfg(test)]
pub(crate) mod any_message;
#[cfg(test)]
#[path = "../ot-engine/tests/support/growth.rs"]
mod growth;
#[cfg(test)]
mod linear_work;
#[cfg(test)]
mod tests;

pub use change::{Change, ChangeHead, decode_change, encode_change};
pub use columns::{column_from_wire, column_to_wire, kind_from_wire, kind_to_wire};
pub use conflict::{Conflicts, conflict_to_wire};
pub use counts::{check_text, delta_items, delta_within};
pub use delta::{delta_from_wire, delta_to_wire};
pub use ids::{client_id_from_wire, client_id_to_wire};
pub use limits::{limits_from_wire, limits_to_wire};
pub use presence::{decode_presence, encode_presence};
pub use settings::{settings_from_wire, settings_to_wire};
pub use size::conflict_bytes_most;
pub use text::{text_from_wire, text_to_wire};
pub use value::{value_from_wire, value_to_wire};
pub use window::{range_from_wire, range_to_wire, window_from_wire, window_to_wire};

/// A malformed message: the field of the request, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {rule}")]
pub struct ConvertError {
    /// The path of the field in the request, such as `delta.rows[3].lift.count`.
    pub field: String,
    /// The rule, as the predicate of a sentence whose subject is the field.
    pub rule: String,
}

impl ConvertError {
    pub(crate) fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }

    /// The same error, with the field named inside a larger message.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        // An index follows the outer name directly, a field follows a dot.
        let dot = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        self.field = format!("{outer}{dot}{}", self.field);
        self
    }
}
