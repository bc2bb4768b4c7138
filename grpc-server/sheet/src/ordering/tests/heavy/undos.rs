//! Undos that are looked up while others edit: they are carried over all of that, or looked up again.
//!
//! Not here: the change of an undo (`time_travel`). Invariant: the stream of edits does not end before the undo.

use ot_engine::{LineId, Run};

use super::*;
use crate::api::undo_target::UndoTarget;
use crate::ordering::work::Restoring;
use model::Origin;

const REQUEST: RequestId = RequestId(7);

/// An undo that was looked up for a revision.
fn undo(base: u64, delta: Delta) -> Restoring {
    let target = Revision(0);
    Restoring {
        request: REQUEST,
        author: Author { account: ACCOUNT, client: HEAVY, group: Default::default() },
        target: UndoTarget::Undo(Some(target)),
        base: Revision(base),
        delta: delta.into(),
        origin: Origin::Undo(target),
    }
}

impl Core {
    /// Another client edits cells, each on the newest revision.
    fn stream(&mut self, edits: u64) {
        for _ in 0..edits {
            let head = self.core.head().0;
            self.edit(OTHER, head + 1, head, cells(1..2));
        }
    }

    fn restore(&mut self, undo: Restoring) {
        self.core.restore(undo);
        self.run();
    }

    /// Reads the older changes that an edit waits for; false when none waits.
    fn read_history(&mut self) -> bool {
        let Some((id, older)) = self.history.pop() else { return false };
        let until = self.core.oldest().max(older.until);
        let changes = self.log[older.after.0 as usize..until.0 as usize].to_vec();
        self.core.on_history(id, Ok(&changes));
        self.run();
        true
    }
}

#[test]
fn an_undo_is_carried_over_all_edits_that_came_during_its_lookup() {
    for edits in [1, 5_000, 11_000, 40_000] {
        let mut core = Core::new(ROWS);
        core.stream(edits);
        core.restore(undo(0, cells(0..1)));
        // The stream continues while the older changes are read, and while the undo is carried over them.
        let mut rounds = 0;
        while core.answers.is_empty() {
            rounds += 1;
            assert!(rounds < 10, "{edits} edits: it never arrives");
            core.stream(3_000);
            core.read_history();
            core.stream(3_000);
            core.end_heavy();
        }
        let mut accepted = core.log.iter().filter(|entry| entry.client == HEAVY);
        let (one, none) = (accepted.next(), accepted.next());
        assert!(one.is_some() && none.is_none(), "{edits} edits: {:?}", core.answers);
        assert!(core.turns.is_empty() && core.core.is_idle(), "{edits} edits");
    }
}

#[test]
fn an_undo_with_too_many_changes_since_its_lookup_is_looked_up_again() {
    let mut core = Core::new(ROWS);
    core.stream(100_001);
    core.restore(undo(0, cells(0..1)));
    assert_eq!((&core.turns[..], core.answers.len()), (&[REQUEST][..], 0));
    let head = core.core.head().0;
    core.restore(undo(head, cells(0..1)));
    assert!(matches!(core.answers[..], [Ok(_)]), "{:?}", core.answers);
}

/// Others restore rows all the time: an undo is looked up again for the same row alone.
#[test]
fn restored_rows_of_others_hold_up_no_undo_of_other_rows() {
    let insert = |id| {
        let first = Some(LineId(id));
        Delta::rows(AxisDelta::from_runs([Run::Insert { count: 1, first }]))
    };
    let mut core = Core::new(ROWS);
    core.edit(OTHER, 1, 0, Delta::rows(AxisDelta::delete(0, 10)));
    let others = |core: &mut Core, id| {
        let author = Author {
            account: ACCOUNT,
            client: ClientId(1_000 + u128::from(id)),
            group: Default::default(),
        };
        let head = core.core.head().0;
        core.restore(Restoring { author, ..undo(head, insert(id)) });
    };
    (2..6).for_each(|id| others(&mut core, id));
    for (delta, again) in [(cells(5..6), false), (insert(1), false), (insert(5), true)] {
        core.turns.clear();
        let author = Author {
            account: ACCOUNT,
            client: ClientId(core.log.len() as u128),
            group: Default::default(),
        };
        core.restore(Restoring { author, ..undo(1, delta) });
        assert_eq!(!core.turns.is_empty(), again, "{:?}", core.answers);
    }
    assert_eq!(core.state.row_count(), ROWS - 10 + 4 + 1);
}
