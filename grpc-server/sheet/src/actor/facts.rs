//! Facts besides cells that change while sessions are open: the name of the sheet, its roles and links, the names and
//! colors of persons, and that comments have changed.
//!
//! Not the role of each session (`roles`), and not where a fact is looked up. Invariant: the name is that of the highest
//! version that has arrived.

use super::SheetActor;
use crate::api::persons::Persons;
use model::SheetName;

impl SheetActor {
    /// Sets the name of the sheet, unless it has a newer one.
    pub(super) fn on_name(&mut self, name: SheetName) {
        if name.version <= self.name.version {
            return;
        }
        if name.name != self.name.name {
            self.changes.renamed();
        }
        self.name = name;
    }

    /// Shows the others the names and colors of persons, where they have changed.
    pub(super) fn on_persons(&mut self, persons: &Persons) {
        for owner in self.admission.owners() {
            persons.update(owner);
        }
        for (session, owner) in self.sessions.owners() {
            if persons.update(owner) {
                self.presences.set_person(session, owner);
                // Lists of roles have names and colors, too.
                self.changes.shared();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::Revision;
    use tokio::sync::watch;

    use super::*;
    use crate::actor::reads::tests::{EmptyRows, shared};
    use crate::actor::start;
    use crate::reading::loading::load;
    use crate::sample::SHEET;

    #[tokio::test(start_paused = true)]
    async fn the_name_of_the_highest_version_remains() {
        let dir = tempfile::tempdir().expect("a directory");
        let shared = shared(&EmptyRows::default(), dir.path());
        let loaded = load(&shared, SHEET).await.expect("is there");
        let (accepted, _) = watch::channel(Revision(0));
        let mut actor = start::build(shared, loaded, accepted).expect("a sheet");
        let first = actor.name.version;
        for (version, name) in [(first, "none"), (first + 2, "second"), (first + 1, "first")] {
            actor.on_name(SheetName { version, name: name.into() });
        }
        assert_eq!((actor.name.version, &*actor.name.name), (first + 2, "second"));
        assert!(actor.changes.due().is_some(), "the name is another one");
        actor.changes.send_due(&actor.sessions, &actor.name.name);
        actor.on_name(SheetName { version: first + 3, name: "second".into() });
        assert_eq!(actor.changes.due(), None, "the same name is no change");
    }
}
