//! The text of values: one reader and one writer for what people type, paste and import, and what is shown and exported.
//!
//! [`read`] makes a value of a text, led by the rule of a column and a locale; [`exact`], [`edited`] and [`shown`] write
//! it back. No other code reads or writes the text of a value.
//!
//! Free of I/O. What it is not: a reader of files (where a field ends), and no order of values: Postgres sorts.
//!
//! Invariants: reading never fails: a text that does not fit its rule stays text, with the reason. Without a chosen kind a
//! text is a typed value only if [`exact`] writes that value as the same text. Reading what [`edited`] has written gives
//! the same value.

mod choice;
mod civil;
mod convert;
mod defuse;
mod double;
mod fold;
mod locale;
mod number;
mod read;
mod rule;
mod scale;
pub mod settings;
mod time;
mod truth;
mod web;
mod write;
mod zone;

pub use choice::{Options, join_options, split_options};
pub use civil::{day_of_parts, parts_of_day};
pub use convert::{Conversion, Converted};
pub use defuse::defused;
pub use fold::{fold, named, normal};
pub use locale::{DateOrder, Locale, TAG_BYTES};
pub use read::{Misfit, Reading, exactly, exactly_in, fits, loses_zeros, read, read_typed};
pub use rule::{Kind, NumberFormat, Rule, Unit};
pub use settings::{BadSettings, Settings};
pub use write::{canonical, edited, exact, example, reason, shown};
pub use zone::{Zone, is_doubled};
