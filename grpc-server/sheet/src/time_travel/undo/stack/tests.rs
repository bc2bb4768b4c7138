//! The stacks follow from the changes of their place alone, and groups stay together in both directions.

use proptest::prelude::*;

use super::*;

const LAST: UndoTarget = UndoTarget::Undo(None);

fn change(revision: u64, origin: Origin, group: u64) -> OwnChange {
    OwnChange { revision: Revision(revision), origin, group: EditGroup(group) }
}

fn stack(changes: &[(u64, Origin)]) -> Stack {
    let mut stack = Stack::default();
    changes.iter().for_each(|(revision, origin)| stack.push(change(*revision, *origin, 0)));
    stack
}

fn next(stack: &Stack, target: UndoTarget) -> Option<u64> {
    stack.next(target, None, &[]).map(|known| known.revision.0)
}

fn tops(stack: &Stack) -> (Option<u64>, Option<u64>) {
    (next(stack, LAST), next(stack, UndoTarget::Redo))
}

#[test]
fn undo_walks_back_and_redo_forward() {
    let mut stack = stack(&[(1, Origin::Edit), (3, Origin::Edit)]);
    assert_eq!(tops(&stack), (Some(3), None));
    let steps = [
        (4, Origin::Undo(Revision(3)), (Some(1), Some(4))),
        (6, Origin::Undo(Revision(1)), (None, Some(6))),
        (7, Origin::Redo(Revision(6)), (Some(7), Some(4))),
        (8, Origin::Redo(Revision(4)), (Some(8), None)),
    ];
    for (revision, origin, then) in steps {
        stack.push(change(revision, origin, 0));
        assert_eq!(tops(&stack), then);
    }
}

#[test]
fn an_edit_empties_the_redo_stack() {
    let undone = (2, Origin::Undo(Revision(1)));
    assert_eq!(tops(&stack(&[(1, Origin::Edit), undone, (5, Origin::Edit)])), (Some(5), None));
}

#[test]
fn a_restore_is_undone_like_an_edit() {
    let mut stack = stack(&[(1, Origin::Edit), (3, Origin::Restore)]);
    assert_eq!(next(&stack, LAST), Some(3));
    stack.push(change(4, Origin::Undo(Revision(3)), 0));
    assert_eq!(tops(&stack), (Some(1), Some(4)));
}

#[test]
fn an_older_change_can_be_named_once() {
    let mut stack = stack(&[(1, Origin::Edit), (2, Origin::Edit)]);
    let first = UndoTarget::Undo(Some(Revision(1)));
    assert_eq!(next(&stack, first), Some(1));
    stack.push(change(3, Origin::Undo(Revision(1)), 0));
    assert_eq!((next(&stack, first), next(&stack, LAST)), (None, Some(2)));
}

#[test]
fn what_was_passed_over_bars_nothing_and_stays() {
    let mut stack = stack(&[(1, Origin::Edit), (2, Origin::Edit), (3, Origin::Edit)]);
    let behind = |stack: &Stack, passed: &[Revision]| {
        stack.next(LAST, None, passed).map(|known| known.revision.0)
    };
    assert_eq!(behind(&stack, &[Revision(3)]), Some(2));
    stack.continue_behind([Revision(3), Revision(2)]);
    assert_eq!(next(&stack, LAST), Some(1));
    assert!(stack.begin_again() && !stack.begin_again());
    assert_eq!(next(&stack, LAST), Some(3));
    stack.continue_behind([Revision(3)]);
    stack.push(change(4, Origin::Edit, 0));
    stack.push(change(5, Origin::Undo(Revision(4)), 0));
    assert_eq!(next(&stack, LAST), Some(3), "after another edit it is tried again");
}

#[test]
fn a_group_that_is_begun_is_continued_by_the_call_that_began_it() {
    let mut stack = Stack::default();
    (1..=3).for_each(|revision| stack.push(change(revision, Origin::Edit, 7)));
    stack.push(change(4, Origin::Undo(Revision(3)), 0));
    assert_eq!(stack.begun(LAST, Revision(4)), Some((EditGroup(7), 1)));
    stack.push(change(5, Origin::Undo(Revision(2)), 0));
    assert_eq!(stack.begun(LAST, Revision(4)), Some((EditGroup(7), 2)));
    stack.push(change(6, Origin::Undo(Revision(1)), 0));
    assert_eq!(stack.begun(LAST, Revision(4)), None, "nothing is left");
    stack.push(change(7, Origin::Redo(Revision(6)), 0));
    assert_eq!(stack.begun(UndoTarget::Redo, Revision(7)), Some((EditGroup(7), 1)));
}

#[test]
fn a_gesture_is_one_step_below_what_was_passed_over_and_what_was_made_meanwhile() {
    let mut stack = Stack::default();
    (1..=3).for_each(|revision| stack.push(change(revision, Origin::Edit, 7)));
    stack.push(change(4, Origin::Edit, 0));
    let passed = [Revision(4)];
    let next = |stack: &Stack, below| {
        let part = Part { group: EditGroup(7), below: Some(Revision(below)) };
        stack.next(LAST, Some(part), &passed).map(|known| known.revision.0)
    };
    assert_eq!(stack.next(LAST, None, &passed).map(|known| known.revision.0), Some(3));
    stack.push(change(5, Origin::Undo(Revision(3)), 0));
    assert_eq!(next(&stack, 3), Some(2));
    stack.push(change(6, Origin::Edit, 9));
    assert_eq!(next(&stack, 3), Some(2), "below an edit that was made meanwhile");
    stack.push(change(7, Origin::Undo(Revision(2)), 0));
    stack.push(change(8, Origin::Undo(Revision(1)), 0));
    assert_eq!(next(&stack, 1), None);
}

/// One cell with the changes of it by several places, as the lookup sees them.
#[derive(Default)]
struct Cell {
    value: u8,
    /// The values before and after each change.
    log: Vec<(u8, u8)>,
    places: [Stack; 3],
}

impl Cell {
    fn change(&mut self, place: usize, value: u8, origin: Origin) {
        self.log.push((self.value, value));
        self.places[place].push(change(self.log.len() as u64, origin, 0));
        self.value = value;
    }

    fn undo(&mut self, place: usize) -> Option<u8> {
        let mut settled = Vec::new();
        let found = loop {
            let Some(known) = self.places[place].next(LAST, None, &settled) else { break None };
            let (before, after) = self.log[known.revision.0 as usize - 1];
            if before != after && before != self.value {
                break Some((before, known.revision));
            }
            settled.push(known.revision);
        };
        self.places[place].settle(LAST, &settled);
        found.map(|(before, revision)| {
            self.change(place, before, Origin::Undo(revision));
            before
        })
    }
}

/// One gesture, as its group and the number of its edits.
fn gestures() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0_u64..4, 1_u64..5), 1..12)
}

/// Takes the next step of a stack back: all edits of its group. Returns how many they are.
fn step(stack: &mut Stack, target: UndoTarget, revision: &mut u64) -> usize {
    let (mut part, mut edits) = (None, 0);
    while let Some(known) = stack.next(target, part, &[]) {
        *revision += 1;
        let origin = match target {
            UndoTarget::Redo => Origin::Redo(known.revision),
            _ => Origin::Undo(known.revision),
        };
        stack.push(change(*revision, origin, 0));
        part = Some(Part { group: known.group, below: Some(known.revision) });
        edits += 1;
    }
    edits
}

proptest! {
    /// The undos of one place are its states in reverse, however often a value was repeated.
    #[test]
    fn an_undone_value_does_not_come_back(values in prop::collection::vec(0..3_u8, 0..20)) {
        let mut cell = Cell::default();
        values.iter().for_each(|value| cell.change(0, *value, Origin::Edit));
        let mut states: Vec<u8> = std::iter::once(0).chain(values).collect();
        states.dedup();
        for state in states.iter().rev().skip(1) {
            prop_assert_eq!(cell.undo(0), Some(*state));
        }
        prop_assert_eq!(cell.undo(0), None);
    }

    /// Each change of a place is looked at by one undo: it is taken back then, or never.
    #[test]
    fn places_undo_as_a_list_of_values_does(
        steps in prop::collection::vec((0..3_usize, prop::option::of(0..3_u8)), 0..60),
    ) {
        let (mut cell, mut lists) = (Cell::default(), [const { Vec::<(u8, u8)>::new() }; 3]);
        for (place, set) in steps {
            if let Some(value) = set {
                lists[place].push((cell.value, value));
                cell.change(place, value, Origin::Edit);
                continue;
            }
            let expected = loop {
                match lists[place].pop() {
                    Some((before, after)) if before == after || before == cell.value => {}
                    last => break last.map(|(before, _)| before),
                }
            };
            prop_assert_eq!(cell.undo(place), expected);
        }
    }

    /// Consecutive edits of one group are one undo and one redo, and all others are steps of their own.
    #[test]
    fn undo_and_redo_take_the_same_steps(gestures in gestures()) {
        let (mut stack, mut revision, mut steps) = (Stack::default(), 0, Vec::<usize>::new());
        let mut before = EditGroup::NONE;
        for (group, edits) in gestures {
            for _ in 0..edits {
                revision += 1;
                stack.push(change(revision, Origin::Edit, group));
                match steps.last_mut() {
                    Some(last) if EditGroup(group).is_of(before) => *last += 1,
                    _ => steps.push(1),
                }
                before = EditGroup(group);
            }
        }
        for edits in steps.iter().rev() {
            prop_assert_eq!(step(&mut stack, LAST, &mut revision), *edits);
        }
        prop_assert_eq!(next(&stack, LAST), None);
        for edits in &steps {
            prop_assert_eq!(step(&mut stack, UndoTarget::Redo, &mut revision), *edits);
        }
        prop_assert_eq!(next(&stack, UndoTarget::Redo), None);
        prop_assert_eq!(step(&mut stack, LAST, &mut revision), *steps.last().expect("one"));
    }

    /// The stacks of a place are those of its own changes alone, whichever changes of other places lie between.
    #[test]
    fn places_do_not_meet(changes in prop::collection::vec((1_u64..4, 0_u64..3, 0..3), 0..60)) {
        let entry = |revision: u64, place: u64, group, origin| Entry {
            client: model::gesture::client_at(EditPlace::new(place), 9 << 70),
            revision: Revision(revision),
            origin,
            group: EditGroup(group),
            ..crate::sample::entry(revision, ot_engine::ClientId(1), ot_engine::Delta::identity())
        };
        let (mut all, mut alone) = (Stacks::default(), vec![Stack::default(); 4]);
        (1..4).for_each(|place| all.insert(EditPlace::new(place), Stack::default()));
        for (revision, (place, group, kind)) in (1..).zip(changes) {
            let stack = &mut alone[place as usize];
            let target = if kind == 1 { LAST } else { UndoTarget::Redo };
            let origin = match (kind, stack.next(target, None, &[])) {
                (1, Some(known)) => Origin::Undo(known.revision),
                (2, Some(known)) => Origin::Redo(known.revision),
                _ => Origin::Edit,
            };
            let entry = entry(revision, place, group, origin);
            stack.push(own_change(&entry));
            all.follow(&entry);
            let same = all.get_mut(EditPlace::new(place)).cloned();
            prop_assert_eq!(same.as_ref(), Some(&*stack));
        }
    }
}
