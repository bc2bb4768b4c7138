//! The arrows that close a loop today, each to be cut.
//!
//! Not a licence: no arrow is added here to make a test pass.
//!
//! Invariant: without these arrows there is no loop, and each of them alone would close one.

/// `(from, to)`, by the names of the rooms.
pub(super) const KNOWN: &[(&str, &str)] = &[
    ("grpc-server/admin/check/log", "grpc-server/admin/check/log/replay"),
    ("grpc-server/admin/check/order", "grpc-server/admin/check/log"),
    ("grpc-server/admin/check/rows", "grpc-server/admin/check/log"),
    ("grpc-server/cluster", "grpc-server/config"),
    ("grpc-server/journal", "grpc-server/journal/shared"),
    ("grpc-server/journal/streams", "grpc-server/journal/streams/listener"),
    ("grpc-server/journal/streams/era", "grpc-server/journal/streams"),
    ("grpc-server/journal/writer", "grpc-server/journal/local"),
    ("grpc-server/postgres", "grpc-server/postgres/cluster"),
    ("grpc-server/postgres", "grpc-server/postgres/supervisor"),
    ("grpc-server/postgres/programs", "grpc-server/postgres"),
    ("grpc-server/redis-link/bus", "grpc-server/redis-link"),
    ("grpc-server/serve", "grpc-server/serve/backend"),
    ("grpc-server/serve", "grpc-server/serve/lifecycle"),
    ("grpc-server/service/errors/told", "grpc-server/service/errors"),
    ("grpc-server/sheet/commands", "grpc-server/sheet/commands/counts"),
    ("grpc-server/sheet/joins", "grpc-server/sheet/task"),
    ("grpc-server/sheet/joins", "grpc-server/sheet/undo"),
    ("grpc-server/sheet/message", "grpc-server/sheet/undo/stack"),
    ("grpc-server/sheet/open", "grpc-server/sheet/aside"),
    ("grpc-server/sheet/open", "grpc-server/sheet/kinship"),
    ("grpc-server/sheet/presence", "grpc-server/sheet/task"),
    ("grpc-server/sheet/presence/others", "grpc-server/sheet/presence"),
    ("grpc-server/sheet/reads", "grpc-server/sheet/task"),
    ("grpc-server/sheet/sessions", "grpc-server/sheet/deliver"),
    ("grpc-server/sheet/spans/keys", "grpc-server/sheet/spans"),
    ("grpc-server/sheet/staged", "grpc-server/sheet/undo/stack"),
    ("grpc-server/sheet/task", "grpc-server/sheet/undo"),
    ("grpc-server/store/commit/arrays", "grpc-server/store/commit"),
    ("grpc-server/store/query", "grpc-server/store/query/statement"),
    ("integration/drill/catalog", "integration/drill/fault"),
    ("integration/drill/cluster", "integration/drill/fault"),
    ("ot-engine/tests/support/states", "ot-engine/tests/support/network"),
];
