//! How much of a job is in effect so far: rows of edits stay when their attempt fails.
//!
//! Not the result of a job that is done. Invariant: a failure names what is in effect, also where the attempt is dropped between
//! two edits.

use std::sync::atomic::{AtomicU64, Ordering};

use jobs::Failure;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Done {
    appended: AtomicU64,
    changed: AtomicU64,
}

impl Done {
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
        if appended == 0 && changed == 0 {
            return why;
        }
        let more = format!(
            " (before this, {appended} rows were appended and {changed} changed; undo takes them back)"
        );
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
