//! Computes a small delta between two texts, for an editor that knows only the result of typing.
//!
//! It does not find the least delta between long texts (see [`MAX_COMPARED_CHARACTERS`]).
//!
//! Invariant: the delta turns the old text into the new one.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::run::length;
use super::{TextDelta, TextRun};

/// Longest part between the first and the last difference that is compared character by character.
/// A longer part is replaced as a whole: its least delta would take too long to find.
const MAX_COMPARED_CHARACTERS: usize = 4096;

impl TextDelta {
    /// A small change from `old` to `new`. It keeps the common prefix and suffix and replaces the least
    /// between them (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let head = common_bytes(old.chars(), new.chars());
        let (old_rest, new_rest) = (&old[head..], &new[head..]);
        let tail = common_bytes(old_rest.chars().rev(), new_rest.chars().rev());
        let from: Vec<char> = old_rest[..old_rest.len() - tail].chars().collect();
        let to: Vec<char> = new_rest[..new_rest.len() - tail].chars().collect();
        let prefix = TextRun::Retain(length(&old[..head]) as u32);
        let steps = if from.len().max(to.len()) > MAX_COMPARED_CHARACTERS {
            let (old_index, new_index) = (0, 0);
            let (old_len, new_len) = (from.len(), to.len());
            vec![DiffOp::Replace { old_index, old_len, new_index, new_len }]
        } else {
            capture_diff_slices(Algorithm::Myers, &from, &to)
        };
        let steps = steps.iter().flat_map(|step| {
            let (_, deleted, new) = step.as_tag_tuple();
            let new: String = to[new].iter().collect();
            match step {
                DiffOp::Equal { len, .. } => [TextRun::Retain(*len as u32), TextRun::Delete(0)],
                _ => [TextRun::Insert(new.into()), TextRun::Delete(deleted.len() as u32)],
            }
        });
        Self::from_runs(std::iter::once(prefix).chain(steps))
    }
}

/// How many bytes at the begin of the first iterator are the same in both.
fn common_bytes(old: impl Iterator<Item = char>, new: impl Iterator<Item = char>) -> usize {
    old.zip(new).take_while(|(a, b)| a == b).map(|(same, _)| same.len_utf8()).sum()
}
