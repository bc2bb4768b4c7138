//! Several clients with windows, pipelined edits, delays, lost connections, refusals and resends:
//! at each step every client agrees with the server on what it knows, and in the end everybody
//! holds the same sheet, to which each accepted edit was applied once.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/network.rs"]
mod network;

use network::{Network, agrees};
use ot_engine::{Delta, Size, Window, validate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// One thing that happens. Deltas are drawn for a nominal size and shrunk to fit when they happen.
#[derive(Clone, Debug)]
enum Step {
    Edit(usize, u64),
    Send(usize),
    Serve(usize, bool),
    Hear(usize),
    Look(usize, u32, u32, u32, u32),
    Disconnect(usize),
    Connect(usize),
}

fn step(clients: usize) -> impl Strategy<Value = Step> {
    let who = 0..clients;
    prop_oneof![
        6 => (who.clone(), any::<u64>()).prop_map(|(who, seed)| Step::Edit(who, seed)),
        6 => who.clone().prop_map(Step::Send),
        6 => (who.clone(), prop::bool::weighted(0.08)).prop_map(|(who, no)| Step::Serve(who, no)),
        9 => who.clone().prop_map(Step::Hear),
        2 => (who.clone(), 0_u32..12, 0_u32..12, 0_u32..6, 1_u32..9)
            .prop_map(|(who, row, rows, col, cols)| Step::Look(who, row, rows, col, cols)),
        1 => who.clone().prop_map(Step::Disconnect),
        2 => who.prop_map(Step::Connect),
    ]
}

/// A delta for `size`, from a seed: mostly cells, so that pipelines get long.
fn delta(size: Size, seed: u64) -> Delta {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = proptest::test_runner::TestRng::from_seed(
        proptest::test_runner::RngAlgorithm::ChaCha,
        &bytes,
    );
    let mut runner = TestRunner::new_with_rng(generate::config(1), rng);
    let tree = generate::delta(size).new_tree(&mut runner).expect("no filters");
    let mut delta = tree.current();
    if seed % 3 != 0 {
        let full = validate(
            &Delta { cells: delta.cells.clone(), ..Delta::identity() },
            size,
            &ot_engine::Limits::DEFAULT,
        );
        delta.rows = ot_engine::AxisDelta::identity();
        delta.cols = ot_engine::AxisDelta::identity();
        delta.columns.retain(|edit| edit.col < size.cols);
        if full.is_err() {
            delta.cells.retain(|cell| cell.row < size.rows && cell.col < size.cols);
        }
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
        Step::Hear(who) => network.hear(who),
        Step::Look(who, row, rows, col, cols) => {
            let cols = if cols == 8 { 0..u32::MAX } else { col..col + cols };
            network.look(who, Window { rows: row..row + rows, cols });
        }
        Step::Disconnect(who) => network.disconnect(who),
        Step::Connect(who) => network.connect(who),
    }
}

proptest! {
    #![proptest_config(generate::config(400))]

    #[test]
    fn everybody_converges(
        size in (1_u32..8, 1_u32..5).prop_map(|(rows, cols)| Size { rows, cols }),
        clients in 2_usize..5,
        max_in_flight in 1_usize..5,
        steps in vec(step(4), 20..160),
    ) {
        let mut network = Network::new(size, clients, max_in_flight);
        for mut step in steps {
            match &mut step {
                Step::Edit(who, _) | Step::Send(who) | Step::Serve(who, _) | Step::Hear(who)
                | Step::Look(who, ..) | Step::Disconnect(who) | Step::Connect(who) => *who %= clients,
            }
            run(&mut network, &step);
            network.check();
        }
        network.settle();
        for client in 0..clients {
            network.look(client, Window::ALL);
            network.hear(client);
        }
        network.check();
        prop_assert!(network.limits().max_rows >= network.sheet.size().rows);
        for client in &network.clients {
            prop_assert_eq!(client.replica.revision(), network.sequencer.head());
            prop_assert!(client.replica.view().is_loaded(&Window::ALL));
            agrees(client.replica.view(), &network.sheet);
        }
        // Each edit once: the pair that names it is unique in the log.
        let mut names: Vec<_> = network.log.iter().map(|e| (e.client, e.sequence)).collect();
        names.sort_unstable();
        prop_assert!(names.is_sorted_by(|a, b| a < b));
    }
}
