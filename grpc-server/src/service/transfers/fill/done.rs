//! How much of a job is in effect so far: rows of edits stay when their attempt fails.
//!
//! Not the result of a job that is done. Invariant: a failure names what is in effect, also where the attempt is dropped between
//! two edits.

use std::sync::atomic::{AtomicU64, Ordering};

use jobs::Failure;

use super::target::Target;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Done {
    /// An attempt before may have edited the sheet.
    is_repeated: bool,
    appended: AtomicU64,
    changed: AtomicU64,
}

impl Done {
    /// Nothing yet, of an attempt of this number.
    pub(super) fn of(target: &Target, attempt: u32) -> Self {
        let edits = !matches!(target, Target::NewSheet { .. });
        Self { is_repeated: edits && attempt > 1, ..Self::default() }
    }

    /// So many rows more are appended.
    pub(super) fn add_appended(&self, rows: u64) {
        self.appended.fetch_add(rows, Ordering::Relaxed);
    }

    /// So many rows more are changed.
    pub(super) fn add_changed(&self, rows: u64) {
        self.changed.fetch_add(rows, Ordering::Relaxed);
    }

    /// The rows that are appended, and those that are changed.
    pub(super) fn rows(&self) -> (u64, u64) {
        (self.appended.load(Ordering::Relaxed), self.changed.load(Ordering::Relaxed))
    }

    /// A failure after some edits: they stay, until the person takes them back.
    pub(super) fn interrupted(&self, why: Failure) -> Failure {
        let (appended, changed) = self.rows();
        let more = match (appended, changed, self.is_repeated) {
            (0, 0, false) => return why,
            (_, _, false) => format!(
                " (before this, {appended} rows were appended and {changed} changed; undo takes them back)"
            ),
            (_, _, true) => format!(
                " (this attempt appended {appended} rows and changed {changed}; an earlier one may have edited the sheet, \
                 too; undo takes all of it back)"
            ),
        };
        match why {
            Failure::Later(text) => Failure::Later(text + &more),
            Failure::Final(text) => Failure::Final(text + &more),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_attempt_names_the_earlier_ones() {
        let why = || Failure::Final("the file was removed".to_owned());
        let append = Target::Append { sheet: String::new(), edit_cells: 1, edit_bytes: 1 };
        let new_sheet = Target::NewSheet { name: String::new() };
        assert_eq!(Done::of(&append, 1).interrupted(why()), why());
        assert_eq!(Done::of(&new_sheet, 2).interrupted(why()), why());
        let Failure::Final(text) = Done::of(&append, 2).interrupted(why()) else {
            panic!("it stays final");
        };
        assert!(text.contains("an earlier one may have edited the sheet"), "{text}");
    }

    #[test]
    fn a_failure_names_the_rows_that_stay() {
        let done = Done::default();
        let why = || Failure::Final("the file was deleted".to_owned());
        assert_eq!(done.interrupted(why()), why());
        done.add_appended(7);
        done.add_appended(2);
        done.add_changed(1);
        assert_eq!(done.rows(), (9, 1));
        let Failure::Final(text) = done.interrupted(why()) else { panic!("it may pass") };
        assert!(text.starts_with("the file was deleted (before this, 9 rows"), "{text}");
        let Failure::Later(text) = done.interrupted(Failure::Later("busy".to_owned())) else {
            panic!("it is final")
        };
        assert!(text.starts_with("busy (") && text.contains("1 changed"), "{text}");
    }
}
