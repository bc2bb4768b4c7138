//! The viewport fetches its rows, and the replica unloads other rows.
//!
//! Invariant: after all frames are delivered, every row of the viewport is loaded.

use super::super::{Cell, LiveOptions, Looking};
use super::world::{World, text};

fn world(clients: usize) -> World {
    let mut world = World::with_options(clients, 20, 1, LiveOptions::default());
    (0..clients).for_each(|who| world.connect(who));
    world.settle();
    let values = (0..20).map(|row| format!("r{row}").as_str().into()).collect();
    world.live(0).set_cells(0, 0, 1, values).expect("fits");
    world.settle();
    world
}

#[test]
fn only_rows_of_the_viewport_are_loaded() {
    let mut world = world(2);
    world.live(1).look(Looking::Rows(5..8));
    world.settle();
    assert_eq!(text(world.live(1).get(5, 0)), "r5");
    assert_eq!(world.live(1).get(8, 0), Cell::Unknown);
    world.live(1).look(Looking::Rows(7..9));
    world.settle();
    assert_eq!(world.live(1).get(5, 0), Cell::Unknown);
    assert_eq!(text(world.live(1).get(8, 0)), "r8");
}

#[test]
fn rows_that_others_move_into_the_viewport_are_fetched() {
    let mut world = world(2);
    world.live(1).look(Looking::Rows(0..4));
    world.settle();
    world.live(0).move_rows(15, 2, 1).expect("fits");
    world.settle();
    let seen: Vec<String> = (0..4).map(|row| text(world.live(1).get(row, 0))).collect();
    assert_eq!(seen, ["r0", "r15", "r16", "r1"]);
}

#[test]
fn rows_that_enter_the_viewport_after_a_delete_are_fetched() {
    let mut world = world(2);
    world.live(1).look(Looking::Rows(2..5));
    world.settle();
    world.live(0).delete_rows(0, 2).expect("fits");
    world.settle();
    let seen: Vec<String> = (2..5).map(|row| text(world.live(1).get(row, 0))).collect();
    assert_eq!(seen, ["r4", "r5", "r6"]);
}

#[test]
fn a_look_past_the_end_is_answered() {
    let mut world = world(2);
    world.live(1).look(Looking::Rows(18..40));
    world.settle();
    assert!(world.live(1).is_synced());
    world.live(0).insert_rows(20, 1).expect("fits");
    world.live(0).set_cells(20, 0, 1, vec!["new".into()]).expect("fits");
    world.settle();
    assert_eq!(text(world.live(1).get(20, 0)), "new");
}

#[test]
fn changes_can_be_followed_without_cells() {
    let mut world = world(2);
    world.live(1).look(Looking::Changes);
    world.settle();
    drop(world.settle_events(1));
    world.live(0).set_cells(3, 0, 1, vec!["seen".into()]).expect("fits");
    let events = world.settle_events(1);
    let cells = events.iter().find_map(|event| match event {
        super::Event::Changed(changed) => changed.cells(),
        _ => None,
    });
    assert_eq!(cells, Some((3..4, 0..1)));
    assert_eq!(world.live(1).get(3, 0), Cell::Unknown);
}

#[test]
fn rows_deleted_while_they_are_fetched_make_room_for_the_next() {
    let mut world = world(2);
    world.live(1).look(Looking::Rows(3..4));
    world.send(1);
    while world.deliver_to_server(1) {}
    world.live(0).delete_rows(3, 1).expect("fits");
    world.send(0);
    while world.deliver_to_server(0) {}
    world.settle();
    assert_eq!(text(world.live(1).get(3, 0)), "r4");
}
