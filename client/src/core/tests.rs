//! Live sheets against a small server on the engine's sequencer, with encoded frames over unreliable wires.
//!
//! It is not the real server. Invariant: every frame is encoded and decoded, and a broken wire loses frames.

mod bad_server;
mod discarded;
mod earlier;
mod facts;
mod fake_server;
mod holds;
mod looking;
mod plans;
mod unsaved;
mod world;

use gridloom::v1;

use super::{Event, LiveOptions, LiveSheet, Looking, SaveState};
use world::{World, text};

#[test]
fn an_edit_shows_immediately_and_is_saved_then_committed() {
    let mut world = World::new(1, 4, 2);
    world.connect(0);
    world.settle();
    assert_eq!(world.live(0).save_state(), SaveState::Committed);
    world.live(0).set_cells(1, 1, 1, vec!["hi".into()]).expect("fits");
    assert_eq!(text(world.live(0).get(1, 1)), "hi");
    assert_eq!(world.live(0).save_state(), SaveState::Saving { unsaved: 1 });
    world.settle();
    assert_eq!(world.live(0).save_state(), SaveState::Saved);
    world.commit();
    world.settle();
    assert_eq!(world.live(0).save_state(), SaveState::Committed);
    assert_eq!(world.server_text(1, 1), "hi");
}

#[test]
fn edits_made_offline_are_saved_after_reconnecting() {
    let mut world = World::new(2, 4, 2);
    world.connect(0);
    world.connect(1);
    world.settle();
    world.disconnect(0);
    world.live(0).set_cells(0, 0, 1, vec!["mine".into()]).expect("fits");
    assert_eq!(world.live(0).save_state(), SaveState::Offline { unsaved: 1 });
    world.live(1).insert_rows(0, 2).expect("fits");
    world.settle();
    world.connect(0);
    world.settle();
    // The edit is on the row that it was made on.
    assert_eq!(world.server_text(2, 0), "mine");
    assert_eq!(text(world.live(1).get(2, 0)), "mine");
}

#[test]
fn an_edit_whose_answer_was_lost_is_applied_once() {
    let mut world = World::new(1, 4, 2);
    world.connect(0);
    world.settle();
    world.live(0).insert_rows(0, 1).expect("fits");
    world.send(0);
    while world.deliver_to_server(0) {}
    // The server has the edit; the connection breaks before its answer arrives.
    world.disconnect(0);
    world.connect(0);
    world.settle();
    assert_eq!(world.server_size().rows, 5);
    assert_eq!(world.live(0).row_count(), 5);
    assert_eq!(world.live(0).pending(), 0);
}

/// The conflicts of the change that another client makes while the own edit of a cell waits, and the own value then.
fn while_an_own_edit_waits(
    other: impl FnOnce(&mut LiveSheet),
) -> (Vec<ot_engine::Conflict>, String) {
    let mut world = World::new(2, 4, 2);
    world.connect(0);
    world.connect(1);
    world.settle();
    drop(world.settle_events(1));
    other(world.live(0));
    world.send(0);
    while world.deliver_to_server(0) {}
    world.live(1).set_cells(1, 1, 1, vec!["mine".into()]).expect("fits");
    let changes = world.settle_events(1).into_iter().filter_map(|event| match event {
        Event::Changed(changed) => Some(changed.conflicts.to_vec()),
        _ => None,
    });
    let conflicts: Vec<_> = changes.collect();
    assert_eq!(conflicts.len(), 1, "one change of another client");
    (conflicts.concat(), world.server_text(1, 1))
}

#[test]
fn an_own_edit_that_wins_has_lost_nothing() {
    let (lost, text) = while_an_own_edit_waits(|other| {
        other.set_cells(1, 1, 1, vec!["theirs".into()]).expect("fits");
    });
    assert_eq!((lost.as_slice(), &*text), (&[][..], "mine"));
}

#[test]
fn an_own_edit_of_a_row_that_is_deleted_is_lost() {
    let (lost, text) = while_an_own_edit_waits(|other| {
        other.delete_rows(1, 1).expect("fits");
    });
    assert_eq!((lost.len(), &*text), (1, "Empty"));
}

#[test]
fn after_pruned_history_unsaved_edits_are_reported() {
    let mut world = World::new(2, 4, 2);
    world.connect(0);
    world.connect(1);
    world.settle();
    world.disconnect(0);
    world.live(0).set_cells(0, 0, 1, vec!["lost".into()]).expect("fits");
    world.live(1).set_cells(1, 0, 1, vec!["kept".into()]).expect("fits");
    world.settle();
    world.prune();
    world.connect(0);
    let events = world.settle_events(0);
    let lost = events.iter().find_map(|event| match event {
        Event::Resynced { lost } => Some(lost.len()),
        _ => None,
    });
    assert_eq!(lost, Some(1));
    assert_eq!(text(world.live(0).get(0, 0)), "Empty");
    assert_eq!(text(world.live(0).get(1, 0)), "kept");
    // The client continues with unused numbers.
    world.live(0).set_cells(0, 0, 1, vec!["again".into()]).expect("fits");
    world.settle();
    assert_eq!(world.server_text(0, 0), "again");
}

#[test]
fn a_refused_edit_leaves_the_view_and_later_edits_stay() {
    let mut world = World::new(1, 4, 2);
    world.connect(0);
    world.settle();
    world.refuse_next();
    world.live(0).set_cells(0, 0, 1, vec!["no".into()]).expect("fits");
    world.send(0);
    world.live(0).set_cells(1, 0, 1, vec!["yes".into()]).expect("fits");
    let events = world.settle_events(0);
    assert!(events.iter().any(|event| matches!(event, Event::Rejected { .. })));
    assert_eq!(text(world.live(0).get(0, 0)), "Empty");
    assert_eq!(world.server_text(1, 0), "yes");
}

#[test]
fn a_viewer_may_not_edit() {
    let mut live = LiveSheet::new("sheet", LiveOptions::default());
    assert_eq!(live.insert_rows(0, 1), Err(super::EditError::NotOpen));
    drop(live.hello());
    let welcome = v1::Welcome { role: v1::Role::Viewer.into(), ..fake_server::welcome() };
    live.on_frame(fake_server::frame(v1::server_frame::Frame::Welcome(welcome))).expect("fine");
    assert_eq!(live.insert_rows(0, 1), Err(super::EditError::ReadOnly));
}

#[test]
fn several_edits_are_in_flight_at_once() {
    let mut world = World::with_options(
        1,
        4,
        2,
        LiveOptions { max_in_flight_edits: 3, looking: Looking::All, place: 7 },
    );
    world.connect(0);
    world.settle();
    let mut sent = 0;
    for row in 0..4 {
        world.live(0).set_cells(row, 0, 1, vec![f64::from(row).into()]).expect("fits");
        sent += world.live(0).outgoing().len();
    }
    assert_eq!((sent, world.live(0).pending()), (3, 4));
}

/// The groups of the edits among frames.
fn groups(frames: Vec<v1::ClientFrame>) -> Vec<u64> {
    let group = |frame: v1::ClientFrame| match frame.frame {
        Some(v1::client_frame::Frame::Edit(edit)) => Some(edit.group),
        _ => None,
    };
    frames.into_iter().filter_map(group).collect()
}

#[test]
fn gestures_stay_apart_and_keep_their_groups_over_a_restart() {
    let welcome = |resumed| {
        let welcome = v1::Welcome { place: 7, row_count: 9, resumed, ..fake_server::welcome() };
        fake_server::frame(v1::server_frame::Frame::Welcome(welcome))
    };
    let at = |place| LiveOptions { place, ..LiveOptions::default() };
    let mut live = LiveSheet::new("sheet", at(7));
    assert_eq!(live.hello().place, 7);
    live.on_frame(welcome(false)).expect("fine");
    for (group, rows) in [(5, 0..2), (6, 2..4), (0, 4..6)] {
        live.set_group(group);
        for row in rows {
            live.set_cells(row, 0, 1, vec!["typed".into()]).expect("fits");
        }
    }
    assert_eq!((live.place(), live.pending()), (7, 3));
    assert_eq!(groups(live.outgoing_at_most(1)), [5]);
    let saved = live.save().expect("edits wait");
    let mut live = LiveSheet::restore(&saved, at(8)).expect("its own");
    assert_eq!(live.place(), 7, "the place of its client id");
    drop(live.hello());
    live.on_frame(welcome(true)).expect("fine");
    assert_eq!(groups(live.outgoing()), [5, 6, 0]);
}
