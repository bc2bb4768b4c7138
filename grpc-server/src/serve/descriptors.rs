//! How many files and sockets this process may have open: the soft limit, raised to what the server needs.
//!
//! Many systems start programs with 1,024, far fewer than the connections that the server accepts. Not the
//! bound of connections, which stands in `edge`. Invariant: a limit is only raised, and never beyond
//! the hard limit, which is the operator's.

use model::limits::edge::{CONNECTIONS, CONNECTIONS_ENDING, DESCRIPTORS_KEPT};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files beside the connections of clients: the journal, Postgres, Redis, other nodes.
const OTHER_FILES: u64 = 1_000;
/// The open files that the server needs for all connections that it accepts.
const NEEDED: u64 = CONNECTIONS as u64 + OTHER_FILES;

/// Raises the limit to what the server needs, and logs when that is not allowed.
///
/// For the program, before it starts the server: the limit holds for the whole process.
pub fn raise_to_what_serving_needs() {
    let open = raise(NEEDED);
    if open < NEEDED {
        let needed = NEEDED;
        let connections = allowed(usize::try_from(open).unwrap_or(usize::MAX));
        tracing::warn!(
            open,
            needed,
            connections,
            "few open files are allowed, and so fewer connections; raise the hard limit (ulimit -Hn)"
        );
    }
}

/// Raises the soft limit as far as `needed`, and gives the limit that holds now.
pub fn raise(needed: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    let Some(soft) = raised(limit, needed) else { return current };
    let raised = Rlimit { current: Some(soft), maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).map_or(current, |()| soft)
}

/// How many connections of clients the limit of now allows: [`DESCRIPTORS_KEPT`] are left for everything else.
pub(super) fn connections() -> usize {
    let open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    allowed(usize::try_from(open).unwrap_or(usize::MAX))
}

fn allowed(open: usize) -> usize {
    let most = open.saturating_sub(DESCRIPTORS_KEPT + CONNECTIONS_ENDING);
    most.max(open / 2).min(CONNECTIONS)
}

/// The new soft limit; `None` when it stays. An absent limit is no limit.
fn raised(limit: Rlimit, needed: u64) -> Option<u64> {
    let most = limit.maximum.map_or(needed, |hard| hard.min(needed));
    (most > limit.current?).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!(allowed(usize::MAX), CONNECTIONS);
        assert_eq!(allowed(NEEDED as usize), CONNECTIONS);
        for open in [300, 1_024, 1_100, 4_096, 9_999] {
            let left = open - allowed(open);
            assert!(left >= DESCRIPTORS_KEPT.min(open / 2), "{open}: {left} are left");
            assert!(allowed(open) >= open / 2, "{open}");
        }
    }

    #[test]
    fn a_limit_is_raised_as_far_as_is_needed_and_allowed() {
        let after = |current, maximum| raised(Rlimit { current, maximum }, 11_000);
        assert_eq!(after(Some(1_024), Some(524_288)), Some(11_000));
        assert_eq!(after(Some(1_024), None), Some(11_000));
        assert_eq!(after(Some(1_024), Some(4_096)), Some(4_096));
        assert_eq!(after(Some(4_096), Some(4_096)), None);
        assert_eq!(after(Some(20_000), Some(20_000)), None);
        assert_eq!(after(None, None), None);
    }
}
