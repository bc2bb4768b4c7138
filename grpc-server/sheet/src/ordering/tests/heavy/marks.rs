//! Pings and looks between edits: they share the append of the edits around them.
//!
//! Not here: what a request does at its turn. Invariant: a mark has its turn after the edits before it.

use super::*;

#[test]
fn a_ping_between_edits_costs_no_append() {
    for pings in [0, 1, 5] {
        let mut core = Core::new(ROWS);
        core.holds = true;
        core.edit(OTHER, 1, 0, cells(0..1));
        let first = core.held.take().expect("it is appended");
        let mut request = 0;
        for number in 2..102 {
            core.edit(OTHER, number, 0, cells(0..1));
            for _ in 0..pings {
                core.push(Work::Mark { request: RequestId(request), client: Some(OTHER) });
                request += 1;
            }
        }
        assert!(core.turns.is_empty() && core.held.is_none() && first.len() == 1);
        core.core.on_appended(Ok(()));
        core.run();
        let next = core.held.take().expect("the others are appended");
        assert_eq!(next.len(), 100, "{pings} pings after each edit");
        core.core.on_appended(Ok(()));
        core.run();
        assert!(core.held.is_none() && core.published.len() == 101);
        let turns: Vec<_> = core.turns.iter().map(|request| request.0).collect();
        assert_eq!(turns, (0..request).collect::<Vec<_>>(), "each has its turn, in order");
    }
}
