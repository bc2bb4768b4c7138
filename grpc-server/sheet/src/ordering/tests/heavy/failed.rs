//! Heavy edits that are refused, and those whose base is rolled back.
//!
//! Not here: heavy edits that are accepted (`heavy`). Invariant: the next edit of the same session is accepted.

use super::*;
use crate::api::message::ApplyChange;
use crate::ports::journal::JournalError;
use model::Origin;

/// Heavy edits with the number 2, each on a core on which their session has had the number 1 accepted.
fn after_one() -> impl Iterator<Item = (&'static str, Work, Core)> {
    numbered(Sequence(2)).into_iter().map(|(name, work)| {
        let mut core = Core::new(ROWS);
        core.change_lines(1, CHANGES);
        core.edit(HEAVY, 1, CHANGES, cells(0..1));
        core.published.clear();
        (name, work, core)
    })
}

/// The session sends a light edit and a light list.
fn expect_next_ones(core: &mut Core) {
    core.edit(HEAVY, 3, CHANGES, cells(0..1));
    let row = Command::InsertRows(v1::InsertLines { count: 1, ..Default::default() });
    let list = v1::CommandList { commands: vec![v1::Command { command: Some(row) }] };
    core.push(Work::Commands {
        author: Author { account: ACCOUNT, client: HEAVY, group: Default::default() },
        session: SessionKey(1),
        sequence: Sequence(4),
        list: Arc::new(list),
    });
    let numbers: Vec<_> = core.published.iter().map(|(_, number, _)| *number).collect();
    assert_eq!(numbers, [3, 4], "{:?}", core.refused);
}

#[test]
fn a_refused_heavy_edit_uses_its_number_up_for_edits_and_commands() {
    for (name, work, mut core) in after_one() {
        core.push(work);
        let (id, _) = core.heavy.pop().expect("it is worked on");
        core.core.on_heavy(id, Err(Refusal::Unavailable("the sheet")));
        core.run();
        assert_eq!(core.refused, [Refusal::Unavailable("the sheet")], "{name}");
        expect_next_ones(&mut core);
    }
}

#[test]
fn a_heavy_edit_that_finds_no_room_to_wait_uses_its_number_up() {
    for (name, work, mut core) in after_one() {
        core.edit(OTHER, 1, 0, cells(100..1_100));
        let author = Author { account: ACCOUNT, client: OTHER, group: Default::default() };
        for number in 2..=8_192 {
            let (sequence, base) = (Sequence(number), Revision(CHANGES));
            let delta = cells(0..1).into();
            let submission = Submission { client: OTHER, sequence, base, delta };
            core.core.push(Work::Live { author, session: SessionKey(2), submission });
        }
        core.push(work);
        assert!(core.core.parked.is_full());
        assert_eq!(core.refused, [Refusal::TooManyWaiting], "{name}");
        expect_next_ones(&mut core);
    }
}

/// A call without a name has a client of its own, which sends nothing else.
#[test]
fn refused_unary_edits_leave_no_client() {
    let mut core = Core::new(ROWS);
    core.change_lines(1, CHANGES);
    let known = core.core.sequencer.client_count();
    let unary = |number: u64, base, delta: Delta| {
        let client = ClientId((1_000 + u128::from(number)) << 64);
        let (author, base) =
            (Author { account: ACCOUNT, client, group: Default::default() }, Revision(base));
        let change = ApplyChange::Delta { base, delta: delta.into(), yields: false };
        Work::Unary { request: RequestId(number), author, change }
    };
    for number in 0..1_000 {
        core.push(unary(number, CHANGES, cells(ROWS..ROWS + 1)));
    }
    core.push(unary(1_000, 0, cells(CHANGES as u32..CHANGES as u32 + 1_000)));
    let (id, _) = core.heavy.pop().expect("it is worked on");
    core.core.on_heavy(id, Err(Refusal::Unavailable("the sheet")));
    core.run();
    assert_eq!(core.answers.iter().filter(|answer| answer.is_err()).count(), 1_001);
    assert_eq!(core.core.sequencer.client_count(), known);
}

#[test]
fn an_edit_on_a_staged_base_is_not_carried_before_that_base_is_durable() {
    let mut core = Core::new(ROWS);
    core.holds = true;
    for number in 1..=CHANGES {
        core.edit(BEFORE, number, number - 1, Delta::rows(AxisDelta::delete(0, 1)));
    }
    // Rows that exist on the base, which is staged.
    core.edit(HEAVY, 1, 1, cells(900..1_900));
    assert!(core.heavy.is_empty());
    // Another node has deleted most rows meanwhile.
    let rival = Delta::rows(AxisDelta::delete(0, 1_500));
    let first = core.held.take().expect("an append").swap_remove(0);
    let rival = Entry {
        client: OTHER,
        sequence: Sequence(1),
        origin: Origin::Edit,
        group: Default::default(),
        delta: rival.into(),
        ..Entry::clone(&first)
    };
    core.holds = false;
    core.core.on_appended(Err(JournalError::Lost(vec![Arc::new(rival)])));
    core.run();
    core.end_heavy();
    let refused = core.refused.last();
    assert!(matches!(refused, Some(Refusal::OutOfRange { .. })), "{:?}", core.refused);
    assert!(core.published.iter().all(|(client, ..)| *client != HEAVY) && core.core.is_idle());
}
