//! The live sheet for the page: the client's core as a WebAssembly module.
//!
//! Messages cross the boundary as protobuf bytes, so that both sides have generated types for them; cells cross
//! it as plain JavaScript values. What this crate is not: it has no rules of its own, opens no connection
//! and draws nothing.
//!
//! Invariant: no input of the page or the server causes a panic; invalid input throws a JavaScript error.

mod column_text;
mod edits;
mod engine;
mod fitting;
mod gesture;
mod holds;
mod marks;
mod reader;
mod rules;
mod summary;
mod text;
mod value;

pub use column_text::{ColumnText, is_of_kind, join_options, settings_problem, split_options};
pub use engine::Engine;
pub use gesture::Gesture;
pub use holds::Lost;
pub use reader::{decimal_mark, is_locale, locale_example, offered_locales};
pub use summary::FrameSummary;
pub use text::{exact_text, fold_text, loses_zeros};
