//! Random plans for the network simulation.
//!
//! Invariant: after a plan all clients have the server's sheet, and each accepted edit was applied once.

use ot_engine::{AxisDelta, Delta, Size, Window};
use proptest::collection::vec;
use proptest::prelude::*;

use super::generate;
use super::network::{Network, agrees};

/// One step. A seed draws the delta for the size at that step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Edit(usize, u64),
    Send(usize),
    Serve(usize, bool),
    Receive(usize),
    Look(usize, u32, u32, u32, u32),
    Disconnect(usize),
    Connect(usize),
    Save(usize),
    Join,
    Restart(usize),
    Undo(usize, usize, bool),
    SubmitUndo,
}

/// Most clients of a run, with those that join late.
const MAX_CLIENTS: usize = 6;

fn step(clients: usize) -> impl Strategy<Value = Step> {
    let who = 0..clients;
    prop_oneof![
        9 => (who.clone(), any::<u64>()).prop_map(|(who, seed)| Step::Edit(who, seed)),
        9 => who.clone().prop_map(Step::Send),
        9 => (who.clone(), prop::bool::weighted(0.08)).prop_map(|(who, no)| Step::Serve(who, no)),
        12 => who.clone().prop_map(Step::Receive),
        2 => (who.clone(), 0_u32..12, 0_u32..12, 0_u32..6, 1_u32..9)
            .prop_map(|(who, row, rows, col, cols)| Step::Look(who, row, rows, col, cols)),
        1 => who.clone().prop_map(Step::Disconnect),
        5 => who.clone().prop_map(Step::Connect),
        1 => who.clone().prop_map(Step::Save),
        1 => Just(Step::Join),
        1 => (0_usize..20).prop_map(Step::Restart),
        4 => (who, 0_usize..40, any::<bool>()).prop_map(|(who, nth, bare)| Step::Undo(who, nth, bare)),
        4 => Just(Step::SubmitUndo),
    ]
}

/// A delta for `size` from a seed. Two of three move no lines, so that pipelines get long.
fn delta(size: Size, seed: u64) -> Delta {
    let mut delta = generate::from_seed(size, seed);
    if !seed.is_multiple_of(3) {
        delta.rows = AxisDelta::identity();
        delta.cols = AxisDelta::identity();
        delta.cells.retain(|cell| cell.row < size.rows && cell.col < size.cols);
        delta.columns.retain(|edit| edit.col < size.cols);
    }
    delta
}

fn run(network: &mut Network, step: &Step) {
    match *step {
        Step::Edit(who, seed) => {
            let size = network.clients[who].replica.view().size();
            network.edit(who, delta(size, seed));
        }
        Step::Send(who) => network.send(who),
        Step::Serve(who, refuse) => network.serve(who, refuse),
        Step::Receive(who) => network.receive(who),
        Step::Look(who, row, rows, col, cols) => {
            let cols = if cols == 8 { 0..u32::MAX } else { col..col + cols };
            network.look(who, Window { rows: row..row + rows, cols });
        }
        Step::Disconnect(who) => network.disconnect(who),
        Step::Connect(who) => network.connect(who),
        Step::Save(who) => network.save(who),
        Step::Join if network.clients.len() < MAX_CLIENTS => network.join(),
        Step::Join => {}
        Step::Restart(recent) => network.restart(recent),
        Step::Undo(who, nth, bare) => network.undo(who, nth, bare),
        Step::SubmitUndo => network.submit_undo(),
    }
}

/// A run of the simulation.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    size: Size,
    clients: usize,
    max_in_flight: usize,
    backfills: bool,
    steps: Vec<Step>,
}

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let size = (1_u32..8, 1_u32..5).prop_map(|(rows, cols)| Size { rows, cols });
    let how = (2_usize..5, 1_usize..5, any::<bool>());
    (size, how, vec(step(MAX_CLIENTS), 20..200)).prop_map(|(size, how, steps)| {
        let (clients, max_in_flight, backfills) = how;
        Plan { size, clients, max_in_flight, backfills, steps }
    })
}

/// Plays a plan and checks the invariants at each step and at the end.
pub(crate) fn play(plan: Plan) -> Result<(), TestCaseError> {
    let Plan { size, clients, max_in_flight, backfills, steps } = plan;
    let mut network = Network::new(size, clients, max_in_flight, backfills);
    for mut step in steps {
        let clients = network.clients.len();
        match &mut step {
            Step::Edit(who, _)
            | Step::Send(who)
            | Step::Serve(who, _)
            | Step::Receive(who)
            | Step::Look(who, ..)
            | Step::Disconnect(who)
            | Step::Connect(who)
            | Step::Save(who)
            | Step::Undo(who, ..) => *who %= clients,
            Step::Join | Step::Restart(_) | Step::SubmitUndo => {}
        }
        run(&mut network, &step);
        network.check();
    }
    network.deliver_all();
    for client in 0..network.clients.len() {
        network.look(client, Window::ALL);
    }
    network.deliver_all();
    network.check();
    prop_assert!(network.limits().max_rows >= network.sheet().size().rows);
    for client in &network.clients {
        prop_assert_eq!(client.replica.revision(), network.sequencer.head());
        prop_assert!(client.replica.view().is_loaded(&Window::ALL));
        agrees(client.replica.view(), network.sheet());
    }
    // The id and number of each edit are unique in the log.
    let mut names: Vec<_> = network.log.iter().map(|e| (e.client, e.sequence)).collect();
    names.sort_unstable();
    prop_assert!(names.is_sorted_by(|a, b| a < b));
    Ok(())
}
