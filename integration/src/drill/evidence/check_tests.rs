//! The verdict on evidence with one defect each.
//!
//! Not a drill. Invariant: each kind of note has a test that causes it.

use ot_engine::{AxisDelta, CellEdit, Size};
use tonic::Code;

use super::*;

const AUTHOR: ClientId = ClientId(7);

/// Evidence of a sound run: two writers append a row each, the second after the first.
fn sound() -> Evidence {
    let beginning = Sheet::new(Size::new(0, 1));
    let edits = vec![edit("0.0", 1, 0, 10), edit("1.0", 2, 20, 30)];
    let log = vec![logged("0.0", 1, 0), logged("1.0", 2, 1)];
    let rows = vec![vec![Value::from("0.0")], vec![Value::from("1.0")]];
    let first = fingerprint(rows[..1].iter().flatten());
    let seen = vec![Seen { by: "reader".to_owned(), revision: Revision(1), fingerprint: first }];
    let endings = vec![Ending { place: "SQL".to_owned(), rows }];
    Evidence { beginning, edits, log, seen, gaps: Vec::new(), endings }
}

fn edit(token: &str, revision: u64, invoked: u64, answered: u64) -> Edit {
    Edit {
        token: token.into(),
        action: Action::Append,
        name: Some((AUTHOR, Sequence(revision))),
        invoked: Duration::from_millis(invoked),
        answered: Duration::from_millis(answered),
        answer: Answer::Accepted(Revision(revision)),
    }
}

fn logged(token: &str, revision: u64, row: u32) -> Logged {
    let mut delta = Delta::rows(AxisDelta::insert(row, 1));
    delta.cells.push(CellEdit::set(row, 0, token));
    Logged { revision: Revision(revision), name: (AUTHOR, Sequence(revision)), delta }
}

/// The verdict on a run with a defect: lost, duplicated, and the kinds of the notes.
fn after(break_it: impl FnOnce(&mut Evidence)) -> (u64, u64, Vec<String>) {
    let mut evidence = sound();
    break_it(&mut evidence);
    let verdict = evidence.judge();
    assert!(!verdict.is_sound(), "nothing was found");
    let kind = |note: &String| note.split(':').next().unwrap_or_default().to_owned();
    (verdict.lost, verdict.duplicated, verdict.notes.iter().map(kind).collect())
}

#[test]
fn evidence_without_a_defect_is_sound() {
    assert_eq!(sound().judge(), Verdict::default());
}

#[test]
fn an_accepted_edit_that_is_not_stored_is_lost() {
    let (lost, duplicated, notes) = after(|evidence| {
        evidence.log.pop();
        evidence.endings[0].rows.pop();
    });
    assert_eq!((lost, duplicated), (2, 0), "{notes:?}");
    assert_eq!(notes, ["not as accepted", "a row is missing"]);
}

#[test]
fn an_edit_that_is_stored_twice_is_doubled() {
    let (lost, duplicated, notes) = after(|evidence| {
        evidence.log.push(logged("1.0", 3, 2));
        evidence.endings[0].rows.push(vec![Value::from("1.0")]);
    });
    assert_eq!((lost, duplicated), (0, 3));
    assert_eq!(notes, ["no writer made", "applied twice", "a row is there twice"]);
}

#[test]
fn a_refused_edit_must_not_be_stored() {
    let (_, _, notes) = after(|evidence| {
        let full = Answer::Rejected(Code::ResourceExhausted, "JOURNAL_FULL".to_owned());
        evidence.edits[1].answer = full;
    });
    assert_eq!(notes, ["refused and applied"]);
}

#[test]
fn an_edit_without_an_answer_may_be_stored_or_not() {
    let mut evidence = sound();
    evidence.edits[1].answer = Answer::Unknown("gone".to_owned());
    assert!(evidence.judge().is_sound());
    let mut evidence = sound();
    evidence.edits[1].answer = Answer::Unknown("gone".to_owned());
    evidence.log.pop();
    evidence.endings[0].rows.pop();
    assert!(evidence.judge().is_sound());
}

#[test]
fn order_agrees_with_time() {
    let (_, _, notes) = after(|evidence| {
        // The second one was over before the first one began.
        evidence.edits[0].invoked = Duration::from_millis(40);
        evidence.edits[0].answered = Duration::from_millis(50);
    });
    assert_eq!(notes, ["against the order of time"]);
}

#[test]
fn revisions_are_those_of_the_answers() {
    let (_, _, notes) = after(|evidence| evidence.log[1].revision = Revision(3));
    assert_eq!(notes, ["the log has a gap", "not as accepted"]);
}

#[test]
fn each_observed_state_is_one_of_the_log() {
    let (_, _, notes) = after(|evidence| evidence.seen[0].fingerprint ^= 1);
    assert_eq!(notes, ["another sheet than the log makes"]);
    let (_, _, notes) = after(|evidence| evidence.seen[0].revision = Revision(9));
    assert_eq!(notes, ["a revision that the log lacks"]);
    let (_, _, notes) = after(|evidence| evidence.endings[0].rows.reverse());
    assert_eq!(notes, ["another sheet at the end"]);
}

#[test]
fn a_session_may_miss_only_what_changes_nothing() {
    let gap = |after, before| {
        let (after, before) = (Revision(after), Revision(before));
        Gap { by: "reader".to_owned(), after, before }
    };
    let (_, _, notes) = after(|evidence| evidence.gaps.push(gap(0, 2)));
    assert_eq!(notes, ["a session missed a change"]);
    let mut evidence = sound();
    let nothing = Logged { delta: Delta::default(), ..logged("2.0", 3, 0) };
    evidence.edits.push(edit("2.0", 3, 40, 50));
    evidence.edits[2].action = Action::Move;
    evidence.log.push(nothing);
    evidence.gaps.push(gap(2, 4));
    assert_eq!(evidence.judge(), Verdict::default());
}

#[test]
fn writers_at_other_nodes_must_edit_during_a_fault_of_one_node() {
    // Writer 0 is at the struck node and has no edit during the fault of ten seconds.
    let phases = |ended| Phases { begun: Duration::ZERO, ended: Duration::from_secs(ended) };
    let edits = [edit("0.0", 1, 0, 20_000), edit("1.0", 2, 20, 30), edit("2.0", 3, 20, 30)];
    assert!(held_up(&edits, 3, 3, phases(10)).is_empty());
    assert_eq!(held_up(&edits[..2], 3, 3, phases(10)).len(), 1, "writer 2 did nothing");
    assert!(held_up(&edits[..2], 3, 3, phases(2)).is_empty(), "the fault is too short");
}
