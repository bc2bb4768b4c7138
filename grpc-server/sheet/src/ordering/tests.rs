//! The core against a journal that loses, hides and refuses appends, rivals that append, and slow storage.
//!
//! Not here: what one piece of work becomes (`commands`, and the engine's own tests).

mod heavy;
mod limits;
mod made;
mod oracle;
mod world;

use proptest::prelude::*;

use self::made::Kind;
use self::world::{AppendFault, Move, Report, World};

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => Just(Kind::Set),
        3 => Just(Kind::Text),
        1 => Just(Kind::InsertRows),
        1 => Just(Kind::DeleteRow),
        1 => Just(Kind::MoveRow),
        1 => Just(Kind::Commands),
    ]
}

fn fault() -> impl Strategy<Value = AppendFault> {
    prop_oneof![
        4 => Just(AppendFault::None),
        1 => Just(AppendFault::UnknownLanded),
        1 => Just(AppendFault::UnknownNot),
        1 => Just(AppendFault::UnknownLandsLater),
        1 => Just(AppendFault::OtherTurn),
        1 => Just(AppendFault::Full),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![Just(Report::Entries), Just(Report::Look), Just(Report::Nothing)]
}

fn step() -> impl Strategy<Value = Move> {
    let client = 0..3_usize;
    prop_oneof![
        8 => (client.clone(), kind(), any::<u64>())
            .prop_map(|(client, kind, seed)| Move::Edit { client, kind, seed }),
        1 => (kind(), any::<u64>()).prop_map(|(kind, seed)| Move::Unary { kind, seed }),
        2 => any::<u64>().prop_map(|seed| Move::Undo { seed }),
        1 => prop::option::of(client.clone()).prop_map(|client| Move::Mark { client }),
        1 => Just(Move::Alone),
        1 => client.clone().prop_map(|client| Move::Rejoin { client }),
        1 => client.prop_map(|client| Move::SendAgain { client }),
        1 => Just(Move::CallAgain),
        8 => fault().prop_map(|fault| Move::Appended { fault }),
        4 => any::<bool>().prop_map(|answered| Move::Followed { answered }),
        3 => (kind(), any::<u64>(), report())
            .prop_map(|(kind, seed, report)| Move::Rival { kind, seed, report }),
        1 => Just(Move::Look),
        3 => (any::<u64>(), prop::bool::weighted(0.9))
            .prop_map(|(at, found)| Move::Rows { at, found }),
        3 => (any::<u64>(), prop::bool::weighted(0.9))
            .prop_map(|(at, found)| Move::History { at, found }),
        3 => any::<u64>().prop_map(|at| Move::UndoFound { at }),
        3 => (any::<u64>(), prop::bool::weighted(0.9))
            .prop_map(|(at, ended)| Move::Heavy { at, ended }),
        1 => any::<u64>().prop_map(|at| Move::LandsLate { at }),
        1 => any::<u64>().prop_map(|rows| Move::Memory { rows }),
        1 => any::<bool>().prop_map(|may_edit| Move::Right { may_edit }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_interleaving_gives_the_log_that_the_sequencer_alone_gives(
        moves in prop::collection::vec(step(), 1..160),
    ) {
        let mut world = World::new();
        for step in moves {
            world.step(step);
        }
        world.answer_everything();
        oracle::check(&world);
    }
}

#[test]
fn a_sealed_sheet_leaves_further_edits_with_their_authors_and_accepts_those_before() {
    let mut world = World::new();
    let edit = |client| Move::Edit { client, kind: Kind::Set, seed: 1 };
    world.step(edit(0));
    world.core.seal(true);
    world.step(edit(1));
    world.step(edit(1));
    world.answer_everything();
    let answers = |world: &World| {
        let accepted = |sent: &world::Sent| matches!(sent.answer, Some(world::Answer::Accepted(_)));
        world.people.sent.iter().map(accepted).collect::<Vec<_>>()
    };
    assert_eq!(answers(&world), [true, false, false]);
    assert!(
        world
            .people
            .sent
            .iter()
            .all(|sent| !matches!(sent.answer, Some(world::Answer::Refused(_))))
    );
    // A resend of the accepted one has its answer.
    world.step(Move::SendAgain { client: 0 });
    world.core.seal(false);
    world.step(edit(2));
    // The others are accepted in another session, both and in their order.
    world.step(Move::SendAgain { client: 1 });
    world.answer_everything();
    assert_eq!(answers(&world), [true; 4]);
    oracle::check(&world);
}
