//! Held places stay on their lines, and a removed place has a reason.
//!
//! Invariant: a hold has its line's current position after any steps.

use ot_engine::Window;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{Cause, Held, LiveSheet, Removed};
use super::world::{World, text};

const ROWS: u32 = 6;

fn cell(row: u32, col: u32) -> Window {
    Window { rows: row..row + 1, cols: col..col + 1 }
}

/// Two clients on a sheet whose rows are numbered in the first column.
fn numbered() -> World {
    let mut world = World::new(2, ROWS, 2);
    world.connect(0);
    world.connect(1);
    world.settle();
    for row in 0..ROWS {
        world.live(0).set_cells(row, 0, 1, vec![row.to_string().as_str().into()]).expect("fits");
    }
    world.settle();
    world
}

#[test]
fn a_place_follows_its_lines_and_names_the_account_that_deleted_them() {
    let mut world = numbered();
    let hold = world.live(0).hold(vec![cell(3, 1), cell(4, 1)]).expect("few are held");
    world.live(1).insert_rows(0, 2).expect("fits");
    world.live(1).move_rows(6, 1, 0).expect("fits");
    world.settle();
    assert_eq!(world.live(0).held(hold), [Ok(cell(6, 1)), Ok(cell(0, 1))]);
    world.live(1).delete_rows(6, 1).expect("fits");
    world.settle();
    let other = Cause::Other("another".into());
    assert_eq!(world.live(0).held(hold), [Err(Removed::Rows(other)), Ok(cell(0, 1))]);
    world.live(0).delete_cols(1, 1).expect("fits");
    assert_eq!(world.live(0).held(hold)[1], Err(Removed::Columns(Cause::Own)));
    world.live(0).release(hold);
    assert_eq!(world.live(0).held(hold), []);
}

#[test]
fn a_place_on_a_refused_row_is_removed() {
    let mut world = numbered();
    world.refuse_next();
    world.live(0).insert_rows(2, 1).expect("fits");
    let hold = world.live(0).hold(vec![cell(2, 0), cell(3, 0)]).expect("few are held");
    world.settle();
    assert_eq!(world.live(0).held(hold), [Err(Removed::Rows(Cause::Refused)), Ok(cell(2, 0))]);
}

#[test]
fn a_fresh_start_removes_places_and_holds_are_bounded() {
    let mut world = numbered();
    let hold = world.live(0).hold(vec![cell(1, 1)]).expect("few are held");
    world.disconnect(0);
    world.live(1).insert_rows(0, 1).expect("fits");
    world.settle();
    world.prune();
    world.connect(0);
    world.settle();
    assert_eq!(world.live(0).held(hold), [Err(Removed::Resynced)]);
    assert_eq!(world.live(0).hold(vec![Window { rows: 3..3, cols: 0..1 }]), None);
    let held = (0..2_000).filter_map(|_| world.live(0).hold(vec![cell(0, 0)])).count();
    assert_eq!(held, 999);
}

#[derive(Clone, Debug)]
enum Step {
    Insert { who: usize, at: u32 },
    Delete { who: usize, at: u32, count: u32 },
    Move { who: usize, from: u32, count: u32, to: u32 },
    Send { who: usize },
    ToServer { who: usize },
    Read { who: usize },
    ToClient { who: usize },
    Refuse,
}

fn step() -> impl Strategy<Value = Step> {
    let (who, line) = (0..2_usize, 0..8_u32);
    prop_oneof![
        2 => (who.clone(), line.clone()).prop_map(|(who, at)| Step::Insert { who, at }),
        2 => (who.clone(), line.clone(), 1..3_u32)
            .prop_map(|(who, at, count)| Step::Delete { who, at, count }),
        3 => (who.clone(), line.clone(), 1..4_u32, line)
            .prop_map(|(who, from, count, to)| Step::Move { who, from, count, to }),
        5 => who.clone().prop_map(|who| Step::Send { who }),
        6 => who.clone().prop_map(|who| Step::ToServer { who }),
        5 => who.clone().prop_map(|who| Step::Read { who }),
        8 => who.prop_map(|who| Step::ToClient { who }),
        1 => Just(Step::Refuse),
    ]
}

/// Plays a step. The client may refuse an edit that does not fit the sheet.
fn play(world: &mut World, step: &Step) {
    match *step {
        Step::Insert { who, at } => drop(world.live(who).insert_rows(at, 1)),
        Step::Delete { who, at, count } => drop(world.live(who).delete_rows(at, count)),
        Step::Move { who, from, count, to } => drop(world.live(who).move_rows(from, count, to)),
        Step::Send { who } => world.send(who),
        Step::ToServer { who } => drop(world.deliver_to_server(who)),
        Step::Read { who } => world.read(who),
        Step::ToClient { who } => drop(world.deliver_to_client(who)),
        Step::Refuse => world.refuse_next(),
    }
}

/// The position of the row with this number.
fn position(live: &LiveSheet, number: u32) -> Option<u32> {
    (0..live.row_count()).find(|row| text(live.get(*row, 0)) == number.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_hold_names_its_row_or_nothing(steps in vec(step(), 1..40)) {
        let mut world = numbered();
        let hold = world.live(0).hold((0..ROWS).map(|row| cell(row, 1)).collect());
        let hold = hold.expect("few are held");
        for step in &steps {
            play(&mut world, step);
            let held: Vec<Held> = world.live(0).held(hold).to_vec();
            for (number, held) in (0..ROWS).zip(held) {
                let Ok(window) = held else { continue };
                prop_assert_eq!(Some(window.rows.start), position(world.live(0), number));
                prop_assert_eq!(window.rows.len(), 1);
            }
        }
    }
}
