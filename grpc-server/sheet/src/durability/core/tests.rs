//! The core against tables that fail, other nodes that commit, and a lease that comes and goes.
//!
//! Not here: the driver (`committer`), and how fast a sheet commits (`pace`). Invariant: every entry is committed
//! once and in order, or the sheet is set aside at the refused one.

mod memory;
mod pace;
mod world;

use proptest::prelude::*;

use self::world::{Answer, Fault, Move, World};

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::Away),
        1 => Just(Fault::AnswerLost),
        1 => Just(Fault::Defect),
        1 => Just(Fault::OtherNode),
        1 => Just(Fault::Acquired),
    ]
}

fn step() -> impl Strategy<Value = Move> {
    let edit = (any::<u32>(), 0_usize..400, prop::bool::weighted(0.1));
    prop_oneof![
        4 => edit.prop_map(|(place, bytes, restores)| Move::Edit { place, bytes, restores }),
        6 => (fault(), 0_u64..40).prop_map(|(fault, millis)| Move::Answer(Answer { fault, millis })),
        1 => (0_usize..4, any::<bool>()).prop_map(|(entries, reported)| Move::OtherCommits { entries, reported }),
        1 => Just(Move::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_entry_is_committed_once_and_in_order_whatever_fails(
        moves in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(None);
        moves.into_iter().for_each(|step| world.step(step));
        world.run_to_end();
        world.check();
    }

    #[test]
    fn entries_before_one_that_is_refused_are_committed_and_it_sets_the_sheet_aside(
        moves in prop::collection::vec(step(), 1..120),
        poison in 1_u64..30,
    ) {
        let mut world = World::new(Some(poison));
        moves.into_iter().for_each(|step| world.step(step));
        world.run_to_end();
        world.check();
    }
}
