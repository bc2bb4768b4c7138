//! Several clients with windows, pipelined edits, delays, lost connections, refusals and resends;
//! clients that come late, clients that end and begin again from what they saved, a server that
//! restarts and that takes changes back: at each step every client agrees with the server on what it
//! knows, and in the end everybody holds the same sheet, to which each accepted edit was applied once.

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
    fn everybody_converges(plan in plans::plan()) {
        plans::play(plan)?;
    }
}
