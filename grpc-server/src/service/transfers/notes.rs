//! The notes of a job: sentences about what was changed or left out, as its result has them.
//!
//! Not the sentences themselves. Invariant: a job has at most `JOB_NOTES` of them with `JOB_NOTES_BYTES`, and the last one says
//! how many more there were.

use model::limits::tables::{JOB_NOTES, JOB_NOTES_BYTES};

/// More than the bytes of the sentence about the rest.
const REST_BYTES: usize = 64;

/// The first notes, and how many more there are.
pub(super) fn bounded(mut notes: Vec<String>) -> Vec<String> {
    let all = notes.len();
    let mut bytes = 0_usize;
    let fits = |note: &String, bytes: &mut usize| {
        *bytes = bytes.saturating_add(note.len());
        *bytes <= JOB_NOTES_BYTES - REST_BYTES
    };
    let fitting = notes.iter().take_while(|note| fits(note, &mut bytes)).count();
    if fitting == all && all <= JOB_NOTES {
        return notes;
    }
    notes.truncate(fitting.min(JOB_NOTES - 1));
    notes.push(match all - notes.len() {
        1 => "1 more note is left out.".to_owned(),
        more => format!("{more} more notes are left out."),
    });
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_within_the_limits_stay_and_the_last_one_counts_the_others() {
        let notes = |count: usize, bytes: usize| vec!["x".repeat(bytes); count];
        assert_eq!(bounded(Vec::new()), Vec::<String>::new());
        assert_eq!(bounded(notes(JOB_NOTES, 10)), notes(JOB_NOTES, 10));
        let many = bounded(notes(JOB_NOTES + 7, 10));
        assert_eq!(many.len(), JOB_NOTES);
        assert_eq!(many[JOB_NOTES - 1], "8 more notes are left out.");
        let large = bounded(notes(3, JOB_NOTES_BYTES / 2));
        assert_eq!(large[1..], ["2 more notes are left out."]);
        assert_eq!(bounded(notes(1, JOB_NOTES_BYTES)), ["1 more note is left out."]);
        for notes in [many, large] {
            assert!(notes.iter().map(String::len).sum::<usize>() <= JOB_NOTES_BYTES);
        }
    }
}
