//! The house rules that a machine can check, checked on every file that git knows or would add.
//!
//! Not a formatter or a linter: rustfmt, clippy, buf and the web side's own tools do that.
//!
//! Invariant: each rule is one test, and a failure names every place that breaks it.

#[path = "tidy/hashes.rs"]
mod hashes;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/lengths.rs"]
mod lengths;
#[path = "tidy/manifests.rs"]
mod manifests;
#[path = "tidy/marks.rs"]
mod marks;
#[path = "tidy/places.rs"]
mod places;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/tasks.rs"]
mod tasks;
#[path = "tidy/words.rs"]
mod words;
