//! `files derive`, `files group`, `files join` and `files enrich`: new files that a job of the server makes of tables.
//!
//! | file | holds |
//! | --- | --- |
//! | `add` | computed columns |
//! | `group` | a row for each group |
//! | `join` | the columns of another table |
//! | `enrich` | the columns of the answers of an API |
//! | `make` | the job that makes the file |
//! | `preview` | the first rows of a file that is not made |
//!
//! They compute nothing here. Invariant: columns are named by their positions, so that equal names are no doubt.

mod add;
mod enrich;
mod group;
mod join;
mod make;
mod preview;

pub(super) use self::add::{Derive, derive};
pub(super) use self::enrich::{Enrich, enrich};
pub(super) use self::group::{Group, group};
pub(super) use self::join::{Join, join};
