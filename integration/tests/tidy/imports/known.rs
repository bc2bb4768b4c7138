//! The arrows that close a loop or break a rule today, each to be cut.
//!
//! Not a licence: no arrow is added here to make a test pass.
//!
//! Invariant: without these arrows there is no loop, and each of them alone would close one; each entry of
//! the second list breaks a rule.

/// `(from, to)`, by the names of the rooms.
pub(super) const KNOWN: &[(&str, &str)] = &[
    ("grpc-server/sheet/ordering/commands", "grpc-server/sheet/ordering/commands/counts"),
    ("grpc-server/sheet/ordering/append", "grpc-server/sheet/actor"),
    ("grpc-server/sheet/ordering/edits", "grpc-server/sheet/actor"),
    ("grpc-server/sheet/ordering/follow", "grpc-server/sheet/actor"),
    ("grpc-server/sheet/ordering/texts", "grpc-server/sheet/actor"),
    ("grpc-server/sheet/presence/others", "grpc-server/sheet/presence"),
    ("grpc-server/sheet/state/row_order/keys", "grpc-server/sheet/state/row_order"),
];

/// `(from, what a rule forbids)`: the name of a file's room, and an entry of the rule.
pub(super) const KNOWN_BREACHES: &[(&str, &str)] = &[
    ("grpc-server/sheet/actor", "grpc-server/journal"),
    ("grpc-server/sheet/actor/shutdown", "grpc-server/journal"),
    ("grpc-server/sheet/durability/aside", "grpc-server/journal"),
    ("grpc-server/sheet/durability/aside", "grpc-server/store"),
    ("grpc-server/sheet/durability/committer", "grpc-server/journal"),
    ("grpc-server/sheet/durability/core/answers", "grpc-server/store"),
    ("grpc-server/sheet/durability/core/merged", "grpc-server/journal"),
    ("grpc-server/sheet/durability/core/outage", "grpc-server/store"),
    ("grpc-server/sheet/durability/flush_tail", "grpc-server/journal"),
    ("grpc-server/sheet/durability/lineage", "grpc-server/store"),
    ("grpc-server/sheet/loading", "grpc-server/journal"),
    ("grpc-server/sheet/open_error", "grpc-server/journal"),
    ("grpc-server/sheet/open_error", "grpc-server/store"),
    ("grpc-server/sheet/ordering/append", "grpc-server/journal"),
    ("grpc-server/sheet/ordering/batch", "tokio"),
    ("grpc-server/sheet/ordering/edits", "grpc-server/journal"),
    ("grpc-server/sheet/ordering/follow", "grpc-server/journal"),
    ("grpc-server/sheet/ordering/follow", "tokio"),
    ("grpc-server/sheet/ordering/group_commit", "tokio"),
    ("grpc-server/sheet/ordering/texts", "grpc-server/journal"),
    ("grpc-server/sheet/shared", "grpc-server/journal"),
    ("grpc-server/sheet/shared", "grpc-server/store"),
    ("grpc-server/sheet/time_travel/floor", "grpc-server/store"),
    ("grpc-server/sheet/time_travel/restore", "grpc-server/store"),
    ("grpc-server/sheet/time_travel/state", "grpc-server/store"),
    ("grpc-server/sheet/time_travel/undo", "grpc-server/store"),
    ("grpc-server/sheet/time_travel/undo/inverse", "grpc-server/store"),
];
