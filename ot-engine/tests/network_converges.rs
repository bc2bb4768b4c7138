//! A simulated network: clients with windows, pipelined edits, delays, lost connections, refusals and resends.
//!
//! Clients join late or restart from saved bytes; the server restarts and undoes changes.
//!
//! Invariant: at each step every loaded cell is the server's. At the end all clients have the same sheet, and
//! each accepted edit was applied once.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/network.rs"]
mod network;
#[path = "support/plans.rs"]
mod plans;

use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(250))]

    #[test]
    fn all_clients_converge(plan in plans::plan()) {
        plans::play(plan)?;
    }
}
