//! One run of a text delta: a step over the old text.
//!
//! It is not a complete change: its position follows from the runs before it.
//!
//! Invariant: counts are Unicode scalar values ("characters"), never bytes.

use std::sync::Arc;

/// One step over the old text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextRun {
    /// Keeps this many characters.
    Retain(u32),
    /// Inserts these characters here.
    Insert(Arc<str>),
    /// Deletes this many characters.
    Delete(u32),
}

/// Number of characters.
pub(super) fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

/// Takes `count` characters off the front of `rest`, or all when there are fewer.
pub(super) fn take<'a>(rest: &mut &'a str, count: u32) -> &'a str {
    let end = rest.char_indices().nth(count as usize).map_or(rest.len(), |(at, _)| at);
    let (head, tail) = rest.split_at(end);
    *rest = tail;
    head
}
