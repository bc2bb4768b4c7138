//! The revisions that the edits of an attempt have made.
//!
//! No I/O. Invariant: revisions count as the attempt's own only where it has made each of them.

use ot_engine::Revision;

/// The newest own revisions without another one between: the first and the last of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OwnEdits(Option<(Revision, Revision)>);

impl OwnEdits {
    /// An edit of the attempt has made this revision.
    pub(super) fn add(&mut self, revision: Revision) {
        self.0 = match self.0 {
            Some((first, last)) if revision == last.next() => Some((first, revision)),
            // An edit that was sent again.
            Some(known) if revision <= known.1 => Some(known),
            _ => Some((revision, revision)),
        };
    }

    /// Whether the attempt has made all revisions after one, up to and with another one.
    pub(super) fn are_all(self, after: Revision, until: Revision) -> bool {
        until <= after || self.0.is_some_and(|(first, last)| first <= after.next() && until <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_of_another_author_is_no_own_one() {
        let mut own = OwnEdits::default();
        let are_all = |own: OwnEdits, until| own.are_all(Revision(5), Revision(until));
        assert!(are_all(own, 4) && are_all(own, 5) && !are_all(own, 6));
        own.add(Revision(6));
        own.add(Revision(7));
        assert!(are_all(own, 7) && !are_all(own, 8));
        own.add(Revision(6));
        assert!(are_all(own, 7));
        // Revision 8 is of another author.
        own.add(Revision(9));
        assert!(!are_all(own, 9) && own.are_all(Revision(8), Revision(9)));
        assert!(are_all(own, 5));
    }
}
