//! Unsaved cells have their current positions and values.
//!
//! Invariant: a saved cell is not listed.

use ot_engine::Value;

use super::super::{LiveOptions, UnsavedCell};
use super::world::World;

fn unsaved(world: &mut World) -> Vec<(u32, u32, Value)> {
    let cells = world.live(0).unsaved_cells();
    cells.into_iter().map(|UnsavedCell { row, col, value }| (row, col, value)).collect()
}

#[test]
fn unsaved_cells_have_their_position_in_the_view() {
    let mut world = World::with_options(1, 6, 2, LiveOptions::default());
    assert_eq!(unsaved(&mut world), []);
    world.connect(0);
    world.settle();
    world.live(0).set_cells(0, 0, 1, vec!["saved".into()]).expect("fits");
    world.settle();
    world.disconnect(0);
    world.live(0).set_cells(1, 0, 2, vec!["first".into(), 7.0.into()]).expect("fits");
    world.live(0).set_cells(4, 1, 1, vec!["deleted".into()]).expect("fits");
    world.live(0).insert_rows(0, 2).expect("fits");
    world.live(0).set_cells(3, 0, 1, vec!["second".into()]).expect("fits");
    world.live(0).delete_rows(6, 1).expect("fits");
    world.live(0).type_text(0, 0, "", "typed").expect("fits");
    let wanted = [(0, 0, "typed".into()), (3, 0, "second".into()), (3, 1, Value::from(7.0))];
    assert_eq!(unsaved(&mut world), wanted);
    world.connect(0);
    world.settle();
    assert_eq!(unsaved(&mut world), []);
}
