//! Random plans: several clients edit, change their viewports and reconnect, while the server delays, refuses,
//! restarts and prunes.
//!
//! Invariant: at every step each loaded cell is correct. At the end all clients have the server's sheet, and
//! every edit had exactly one outcome, which matches the history.

use std::collections::HashMap;

use ot_engine::{ClientId, ColumnEdit, ColumnKind, Sequence, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{EditError, Event, LiveSheet, Looking};
use super::world::World;

const CLIENTS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Set {
        row: u32,
        col: u32,
        width: u32,
        count: u32,
    },
    Clear {
        row: u32,
        height: u32,
    },
    Insert {
        rows: bool,
        at: u32,
        count: u32,
    },
    Delete {
        rows: bool,
        at: u32,
        count: u32,
    },
    Move {
        rows: bool,
        from: u32,
        count: u32,
        to: u32,
    },
    Column {
        col: u32,
    },
    Look {
        start: u32,
        count: u32,
    },
    LookAtAll,
    LookAway,
    Follow,
    Send,
    ToServer,
    ToClient,
    Read,
    Connect,
    Disconnect,
    /// The process ends, and another one restores the saved bytes.
    Reload,
    /// Changes the text of a cell as a person does.
    Type {
        row: u32,
        col: u32,
        at: u32,
    },
    Refuse,
    Restart,
    Prune,
    Commit,
}

fn step() -> impl Strategy<Value = Step> {
    let (line, few) = (0..9_u32, 1..4_u32);
    prop_oneof![
        6 => (line.clone(), 0..4_u32, few.clone(), few.clone())
            .prop_map(|(row, col, width, count)| Step::Set { row, col, width, count }),
        1 => (line.clone(), few.clone()).prop_map(|(row, height)| Step::Clear { row, height }),
        2 => (any::<bool>(), line.clone(), few.clone())
            .prop_map(|(rows, at, count)| Step::Insert { rows, at, count }),
        2 => (any::<bool>(), line.clone(), few.clone())
            .prop_map(|(rows, at, count)| Step::Delete { rows, at, count }),
        2 => (any::<bool>(), line.clone(), few, line.clone())
            .prop_map(|(rows, from, count, to)| Step::Move { rows, from, count, to }),
        1 => (0..4_u32).prop_map(|col| Step::Column { col }),
        2 => (line, 0..6_u32).prop_map(|(start, count)| Step::Look { start, count }),
        1 => Just(Step::LookAtAll),
        1 => Just(Step::LookAway),
        1 => Just(Step::Follow),
        8 => Just(Step::Send),
        12 => Just(Step::ToServer),
        14 => Just(Step::ToClient),
        5 => Just(Step::Read),
        2 => Just(Step::Connect),
        1 => Just(Step::Disconnect),
        1 => Just(Step::Reload),
        3 => (0..9_u32, 0..4_u32, 0..9_u32).prop_map(|(row, col, at)| Step::Type { row, col, at }),
        1 => Just(Step::Refuse),
        1 => Just(Step::Restart),
        1 => Just(Step::Prune),
        1 => Just(Step::Commit),
    ]
}

/// Makes the edit of a step. The client may refuse an edit that does not fit the sheet.
fn edit(live: &mut LiveSheet, step: &Step, mark: f64) -> Option<Result<Sequence, EditError>> {
    Some(match *step {
        Step::Set { row, col, width, count } => {
            live.set_cells(row, col, width, vec![Value::Number(mark); (width * count) as usize])
        }
        Step::Clear { row, height } => live.clear(row, 0, height, u32::MAX),
        Step::Insert { rows: true, at, count } => live.insert_rows(at, count),
        Step::Insert { rows: false, at, count } => live.insert_cols(at, count),
        Step::Delete { rows: true, at, count } => live.delete_rows(at, count),
        Step::Delete { rows: false, at, count } => live.delete_cols(at, count),
        Step::Move { rows: true, from, count, to } => live.move_rows(from, count, to),
        Step::Move { rows: false, from, count, to } => live.move_cols(from, count, to),
        Step::Type { row, col, at } => {
            let from = match live.view().and_then(|view| view.get(row, col)) {
                Some(Value::Text(text)) => text.to_string(),
                _ => String::new(),
            };
            let place = from.char_indices().nth(at as usize).map_or(from.len(), |(at, _)| at);
            let to = [&from[..place], &format!("<{mark}>"), &from[place..]].concat();
            live.type_text(row, col, &from, &to).map(|sequence| sequence.expect("it changes"))
        }
        Step::Column { col } => {
            let (name, kind) = (Some(mark.to_string().into()), Some(ColumnKind::Number));
            live.update_column(ColumnEdit { col, name, kind, ..ColumnEdit::default() })
        }
        _ => return None,
    })
}

/// Every edit, by client id and number.
type Made = HashMap<(ClientId, Sequence), usize>;

fn take(world: &mut World, who: usize, step: &Step, mark: f64, made: &mut Made) {
    if let Some(result) = edit(world.live(who), step, mark) {
        if let (Ok(sequence), Some(client)) = (result, world.live(who).client_id()) {
            made.insert((client, sequence), who);
        }
        return;
    }
    match *step {
        Step::Look { start, count } => world.live(who).look(Looking::Rows(start..start + count)),
        Step::LookAtAll => world.live(who).look(Looking::All),
        Step::LookAway => world.live(who).look(Looking::Nothing),
        Step::Follow => world.live(who).look(Looking::Changes),
        Step::Send => world.send(who),
        Step::ToServer => drop(world.deliver_to_server(who)),
        Step::ToClient => drop(world.deliver_to_client(who)),
        Step::Read => world.read(who),
        Step::Connect => world.connect(who),
        Step::Disconnect => world.disconnect(who),
        Step::Reload => world.reload(who),
        Step::Refuse => world.refuse_next(),
        Step::Restart => world.restart_server(),
        Step::Prune => world.prune(),
        Step::Commit => world.commit(),
        _ => unreachable!("edits are handled above"),
    }
}

/// Each edit had one outcome, and exactly the accepted edits are in the history.
fn check_outcomes(world: &World, made: &Made) {
    let mut outcomes: HashMap<(usize, Sequence), Vec<bool>> = HashMap::new();
    for who in 0..CLIENTS {
        let mut note = |sequence: Sequence, accepted: bool| {
            outcomes.entry((who, sequence)).or_default().push(accepted);
        };
        for event in world.events(who) {
            match event {
                Event::Accepted { sequence, .. } => note(*sequence, true),
                Event::Rejected { sequence, .. } => note(*sequence, false),
                Event::Resynced { lost } => lost.iter().for_each(|it| note(it.sequence, false)),
                _ => {}
            }
        }
    }
    for ((client, sequence), who) in made {
        let in_history =
            world.entries().iter().filter(|it| (it.client, it.sequence) == (*client, *sequence));
        let seen = outcomes.get(&(*who, *sequence)).map_or(&[][..], Vec::as_slice);
        let in_history = in_history.count();
        // A restarted server may accept an edit whose refusal was lost. Without history the client counts
        // such an edit as accepted (see `Session::abandon`).
        let lost = world.refused(*client, *sequence) && in_history == 0 && seen == [true];
        assert!(lost || seen == [in_history == 1], "edit {sequence} of {who}: {seen:?}");
    }
}

fn run(plan: &[(usize, Step)]) {
    let mut world = World::new(CLIENTS, 6, 3);
    let mut made = Made::new();
    for (mark, (who, step)) in plan.iter().enumerate() {
        take(&mut world, *who, step, mark as f64, &mut made);
    }
    for who in 0..CLIENTS {
        world.live(who).look(Looking::All);
        if !world.live(who).is_open() {
            world.connect(who);
        }
    }
    world.settle();
    world.check_converged();
    check_outcomes(&world, &made);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn all_clients_agree_after_any_plan(plan in vec((0..CLIENTS, step()), 0..250)) {
        run(&plan);
    }
}
