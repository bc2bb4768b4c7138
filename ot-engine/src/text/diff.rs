//! The change that leads from one text to another: what a person did who typed over it.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{TextDelta, TextRun, length};

/// Where the texts differ over more characters than this, all between the first and the last
/// difference is replaced: finding the least change would take too long.
const MAX_COMPARED_CHARACTERS: usize = 4096;

impl TextDelta {
    /// A small change that makes `new` of `old`. What is alike at both ends is left alone; between
    /// them the least is replaced (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let head = alike(old.chars(), new.chars());
        let (old_rest, new_rest) = (&old[head..], &new[head..]);
        let tail = alike(old_rest.chars().rev(), new_rest.chars().rev());
        let from: Vec<char> = old_rest[..old_rest.len() - tail].chars().collect();
        let to: Vec<char> = new_rest[..new_rest.len() - tail].chars().collect();
        let stays = TextRun::Retain(length(&old[..head]) as u32);
        let steps = if from.len().max(to.len()) > MAX_COMPARED_CHARACTERS {
            let (old_index, new_index) = (0, 0);
            let (old_len, new_len) = (from.len(), to.len());
            vec![DiffOp::Replace { old_index, old_len, new_index, new_len }]
        } else {
            capture_diff_slices(Algorithm::Myers, &from, &to)
        };
        let steps = steps.iter().flat_map(|step| {
            let (_, gone, new) = step.as_tag_tuple();
            let new: String = to[new].iter().collect();
            match step {
                DiffOp::Equal { len, .. } => [TextRun::Retain(*len as u32), TextRun::Delete(0)],
                _ => [TextRun::Insert(new.into()), TextRun::Delete(gone.len() as u32)],
            }
        });
        Self::from_runs(std::iter::once(stays).chain(steps))
    }
}

/// How many bytes of the first text are alike in both, from where the walk begins.
fn alike(old: impl Iterator<Item = char>, new: impl Iterator<Item = char>) -> usize {
    old.zip(new).take_while(|(a, b)| a == b).map(|(same, _)| same.len_utf8()).sum()
}
