//! The answers of the sequencer: resends, gaps, bases, pipelines, rollback, restart.
//!
//! Invariant: each answer has an example.

use std::sync::Arc;

use ot_engine::{
    AxisDelta, ClientId, Delta, Entry, HistoryLimits, Limits, NextIds, Outcome, Reason, Revision,
    Run, Sequence, Sequencer, Size, Submission, SubmitError,
};

const ANNE: ClientId = ClientId(1);
const BERT: ClientId = ClientId(2);

fn sequencer(max_entries: usize) -> Sequencer {
    let history = HistoryLimits { max_entries, max_work: 1000, max_bytes: 1 << 20 };
    let (size, next) = (Size { rows: 10, cols: 3 }, NextIds { row: 11, col: 4 });
    Sequencer::new(Revision(0), size, next, Limits::DEFAULT, history)
}

fn edit(client: ClientId, sequence: u64, base: u64, delta: Delta) -> Submission {
    Submission { client, sequence: Sequence(sequence), base: Revision(base), delta: delta.into() }
}

fn set(row: u32, text: &str) -> Delta {
    Delta::set_cell(row, 0, text)
}

fn accept(sequencer: &mut Sequencer, submission: Submission) -> Arc<Entry> {
    let entry = stage(sequencer, submission);
    sequencer.mark_durable(entry.revision);
    sequencer.check_invariants();
    entry
}

fn stage(sequencer: &mut Sequencer, submission: Submission) -> Arc<Entry> {
    match sequencer.submit(submission) {
        Ok(Outcome::Accepted(entry)) => {
            sequencer.check_invariants();
            entry
        }
        other => panic!("expected an entry, got {other:?}"),
    }
}

fn refuse(sequencer: &mut Sequencer, submission: Submission) -> SubmitError {
    let error = sequencer.submit(submission).expect_err("a refusal");
    sequencer.check_invariants();
    error
}

#[test]
fn a_resend_gets_the_first_answer_and_is_not_applied_again() {
    let mut server = sequencer(8);
    accept(&mut server, edit(BERT, 1, 0, set(0, "theirs")));
    let first = accept(&mut server, edit(ANNE, 1, 0, set(0, "mine")));
    assert_eq!(first.conflicts.len(), 1);
    accept(&mut server, edit(ANNE, 2, 2, set(1, "next")));
    let again = server.submit(edit(ANNE, 1, 0, set(0, "mine"))).expect("an answer");
    let conflicts = first.conflicts.clone();
    assert_eq!(again, Outcome::Already { revision: Revision(2), conflicts, left_out: 0 });
    assert_eq!(server.head(), Revision(3));
}

#[test]
fn the_conflicts_of_an_answer_go_with_the_history() {
    let mut server = sequencer(2);
    accept(&mut server, edit(BERT, 1, 0, Delta::rows(AxisDelta::delete(0, 1))));
    let first = accept(&mut server, edit(ANNE, 1, 0, set(0, "mine")));
    assert_eq!(first.conflicts.len(), 1);
    let conflicts = Arc::downgrade(&first.conflicts);
    drop(first);
    for sequence in 2..=4 {
        accept(&mut server, edit(BERT, sequence, sequence, set(1, "more")));
    }
    assert_eq!(conflicts.strong_count(), 0, "nothing keeps them");
    let again = server.submit(edit(ANNE, 1, 0, set(0, "mine"))).expect("an answer");
    let conflicts = Arc::default();
    assert_eq!(again, Outcome::Already { revision: Revision(2), conflicts, left_out: 1 });
}

#[test]
fn a_client_without_an_accepted_edit_is_forgotten() {
    let mut server = sequencer(8);
    refuse(&mut server, edit(ANNE, 1, 9, set(0, "early")));
    assert_eq!(server.client_count(), 1);
    server.forget_refused(ANNE);
    assert_eq!(server.client_count(), 0);
    // The number of the refused edit is free again.
    accept(&mut server, edit(ANNE, 1, 0, set(0, "now")));
    server.forget_refused(ANNE);
    assert_eq!(server.client_count(), 1, "an accepted edit stays known");
    // A rollback of the only edit leaves nothing.
    stage(&mut server, edit(BERT, 1, 1, set(1, "staged")));
    assert!(server.rollback_to(Revision(1)));
    assert_eq!(server.client_count(), 1);
}

#[test]
fn a_conflict_names_the_author_of_the_lost_edit() {
    let mut server = sequencer(8);
    accept(&mut server, edit(BERT, 1, 0, set(5, "theirs")));
    accept(&mut server, edit(BERT, 2, 1, Delta::rows(AxisDelta::insert(0, 2))));
    let entry = accept(&mut server, edit(ANNE, 1, 0, set(5, "mine")));
    assert_eq!(*entry.delta, set(7, "mine"));
    let lost = &entry.conflicts[0];
    assert_eq!((lost.author, lost.revision), (BERT, Revision(1)));
    assert_eq!((lost.conflict.row, lost.conflict.reason), (Some(7), Reason::Overwritten));

    accept(&mut server, edit(BERT, 3, 3, Delta::rows(AxisDelta::delete(7, 1))));
    let entry = accept(&mut server, edit(ANNE, 2, 3, set(7, "again")));
    let lost = &entry.conflicts[0];
    assert_eq!((lost.author, lost.revision), (ANNE, Revision(5)));
    assert_eq!(lost.conflict.reason, Reason::RowDeleted);
}

#[test]
fn a_lost_edit_is_reported_once_by_the_edit_that_overwrote_it() {
    let mut server = sequencer(8);
    accept(&mut server, edit(BERT, 1, 0, set(5, "one")));
    accept(&mut server, edit(BERT, 2, 1, set(5, "two")));
    let entry = accept(&mut server, edit(ANNE, 1, 0, set(5, "mine")));
    assert_eq!(entry.conflicts.len(), 1);
    assert_eq!(entry.conflicts[0].revision, Revision(2));
}

#[test]
fn a_loss_on_a_deleted_line_is_reported_beside_one_on_the_line_that_takes_its_place() {
    let mut server = sequencer(8);
    accept(&mut server, edit(BERT, 1, 0, set(5, "five")));
    accept(&mut server, edit(BERT, 2, 1, Delta::rows(AxisDelta::delete(5, 1))));
    // Row 6 of revision 0 is row 5 now.
    accept(&mut server, edit(BERT, 3, 2, set(5, "six")));
    let mut both = set(5, "mine");
    both.cells.extend(set(6, "mine").cells);
    let entry = accept(&mut server, edit(ANNE, 1, 0, both));
    let losses = |revision| {
        entry.conflicts.iter().filter(move |lost| lost.revision == Revision(revision)).count()
    };
    assert_eq!([losses(1), losses(3), losses(4)], [1, 1, 1]);
}

#[test]
fn numbers_follow_each_other() {
    let mut server = sequencer(8);
    accept(&mut server, edit(ANNE, 1, 0, set(0, "a")));
    let gap = refuse(&mut server, edit(ANNE, 3, 1, set(0, "c")));
    assert_eq!(gap, SubmitError::SequenceGap { expected: Sequence(2) });
    // A refused edit uses its number up, so the next edit is not a gap.
    let invalid = refuse(&mut server, edit(ANNE, 2, 1, set(99, "b")));
    assert!(matches!(invalid, SubmitError::Invalid(_)));
    accept(&mut server, edit(ANNE, 3, 1, set(0, "c")));
    server.refuse(ANNE, Sequence(4));
    accept(&mut server, edit(ANNE, 5, 2, set(0, "e")));
    for used in [2, 4] {
        let error = refuse(&mut server, edit(ANNE, used, 2, set(0, "x")));
        assert_eq!(error, SubmitError::SequenceUsed { expected: Sequence(6) });
    }
}

#[test]
fn a_number_above_the_last_is_refused() {
    let mut server = sequencer(8);
    // BERT is new: the first number of a client may be any.
    for (client, first) in [(ANNE, 1), (BERT, Sequence::LAST.0)] {
        for none in [0, Sequence::LAST.0 + 1, 1 << 63, u64::MAX] {
            server.refuse(client, Sequence(none));
            let head = server.head().0;
            let error = refuse(&mut server, edit(client, none, head, set(0, "x")));
            assert_eq!(error, SubmitError::SequenceOutOfRange { last: Sequence::LAST });
        }
        let head = server.head().0;
        accept(&mut server, edit(client, first, head, set(0, "x")));
        server.rejoined(client);
    }
    let last = edit(ANNE, Sequence::LAST.0, server.head().0, set(0, "y"));
    assert!(i64::try_from(accept(&mut server, last).sequence.next().0).is_ok());
}

#[test]
fn bases_are_bounded_on_both_sides() {
    let mut server = sequencer(2);
    for n in 1..=4 {
        accept(&mut server, edit(ANNE, n, n - 1, set(0, "x")));
    }
    assert_eq!(server.oldest(), Revision(2));
    assert!(server.since(Revision(1)).is_none() && server.since(Revision(5)).is_none());
    assert_eq!(server.since(Revision(3)).map(|kept| kept.len()), Some(1));
    let old = refuse(&mut server, edit(BERT, 1, 1, set(0, "x")));
    assert_eq!(old, SubmitError::BaseTooOld { oldest: Revision(2) });
    let future = refuse(&mut server, edit(BERT, 2, 5, set(0, "x")));
    assert_eq!(future, SubmitError::BaseInFuture { head: Revision(4) });
}

#[test]
fn older_entries_can_be_prepended() {
    let mut server = sequencer(2);
    let log: Vec<_> =
        (1..=5).map(|n| accept(&mut server, edit(ANNE, n, n - 1, set(0, "x")))).collect();
    // An entry with a gap to the history, and a kept entry, are ignored.
    server.backfill([log[0].clone(), log[2].clone(), log[3].clone()]);
    server.check_invariants();
    assert_eq!(server.oldest(), Revision(2));
    let entry = accept(&mut server, edit(BERT, 1, 2, set(0, "y")));
    assert_eq!(entry.conflicts[0].revision, Revision(5));
    assert_eq!(server.oldest(), Revision(4));
}

#[test]
fn a_pipelined_edit_includes_the_client_s_own_edits() {
    let mut server = sequencer(8);
    accept(&mut server, edit(ANNE, 1, 0, set(0, "one")));
    accept(&mut server, edit(BERT, 1, 0, Delta::rows(AxisDelta::insert(0, 1))));
    // The second edit overwrites the first without a conflict, and the other client's insert moves it.
    let second = accept(&mut server, edit(ANNE, 2, 0, set(0, "two")));
    assert_eq!((&*second.delta, second.conflicts.len()), (&set(1, "two"), 0));
    accept(&mut server, edit(ANNE, 3, 3, Delta::rows(AxisDelta::delete(0, 1))));
    let error = refuse(&mut server, edit(ANNE, 4, 3, set(0, "three")));
    assert_eq!(error, SubmitError::Pipelined(Revision(4)));
}

#[test]
fn only_the_server_assigns_line_ids() {
    let mut server = sequencer(8);
    let rows = AxisDelta::from_runs([
        Run::Insert { count: 2, first: None },
        Run::Keep(1),
        Run::Insert { count: 1, first: None },
    ]);
    let entry = accept(&mut server, edit(ANNE, 1, 0, Delta::rows(rows)));
    let named = entry.delta.rows.runs().to_vec();
    let first = |id| Some(ot_engine::LineId(id));
    let insert = |count, id| Run::Insert { count, first: first(id) };
    assert_eq!(named, [insert(2, 11), Run::Keep(1), insert(1, 13)]);
    assert_eq!(server.next_ids(), NextIds { row: 14, col: 4 });
    let error = refuse(&mut server, edit(ANNE, 2, 1, (*entry.delta).clone()));
    assert!(error.to_string().starts_with("rows[0].insert.first_id names its lines"), "{error}");
}

#[test]
fn growth_is_checked_after_the_transform() {
    let limits = Limits { max_rows: 12, ..Limits::DEFAULT };
    let history = HistoryLimits { max_entries: 8, max_work: 100, max_bytes: 1 << 20 };
    let size = Size { rows: 10, cols: 1 };
    let next = NextIds { row: 1, col: 1 };
    let mut server = Sequencer::new(Revision(0), size, next, limits, history);
    accept(&mut server, edit(ANNE, 1, 0, Delta::rows(AxisDelta::insert(0, 2))));
    let error = refuse(&mut server, edit(BERT, 1, 0, Delta::rows(AxisDelta::insert(0, 2))));
    assert!(matches!(error, SubmitError::Invalid(_)), "{error}");
}

#[test]
fn a_rolled_back_edit_can_be_sent_again() {
    let mut server = sequencer(8);
    accept(&mut server, edit(ANNE, 1, 0, set(0, "a")));
    let size = server.size();
    stage(&mut server, edit(BERT, 1, 1, Delta::rows(AxisDelta::insert(0, 1))));
    stage(&mut server, edit(ANNE, 2, 1, set(0, "b")));
    assert!(server.rollback_to(Revision(1)));
    server.check_invariants();
    assert_eq!((server.head(), server.size()), (Revision(1), size));
    let again = accept(&mut server, edit(ANNE, 2, 1, set(0, "b")));
    assert_eq!((again.revision, &*again.delta), (Revision(2), &set(0, "b")));
    accept(&mut server, edit(BERT, 1, 1, Delta::rows(AxisDelta::insert(0, 1))));
}

#[test]
fn durable_and_future_revisions_are_not_rolled_back() {
    let mut server = sequencer(8);
    accept(&mut server, edit(ANNE, 1, 0, set(0, "a")));
    stage(&mut server, edit(ANNE, 2, 1, set(0, "b")));
    for elsewhere in [0, 3] {
        assert!(!server.rollback_to(Revision(elsewhere)));
        server.check_invariants();
        assert_eq!(server.head(), Revision(2));
    }
    assert!(server.rollback_to(Revision(2)), "the head is there already");
}

#[test]
fn no_entry_is_replayed_over_staged_edits() {
    let mut server = sequencer(8);
    let entry = stage(&mut server, edit(ANNE, 1, 0, set(0, "a")));
    let next = Arc::new(Entry { revision: Revision(2), client: BERT, ..(*entry).clone() });
    assert!(!server.replay(next.clone()));
    server.mark_durable(Revision(1));
    assert!(server.replay(next));
}

#[test]
fn a_restart_restores_accepted_edits() {
    let mut server = sequencer(8);
    let entry = accept(&mut server, edit(ANNE, 7, 0, set(0, "a")));
    let (size, next) = (server.size(), server.next_ids());
    let history = HistoryLimits { max_entries: 8, max_work: 100, max_bytes: 1 << 20 };
    let mut server = Sequencer::new(entry.revision, size, next, Limits::DEFAULT, history);
    server.backfill([entry]);
    server.restore_client(ANNE, Sequence(7), Revision(1));
    let again = server.submit(edit(ANNE, 7, 0, set(0, "a"))).expect("an answer");
    assert!(matches!(again, Outcome::Already { revision: Revision(1), .. }));
    // Number 8 was refused before the restart, and the log does not contain it.
    accept(&mut server, edit(ANNE, 9, 1, set(0, "c")));
}
