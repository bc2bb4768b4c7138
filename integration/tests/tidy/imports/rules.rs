//! What a room must not import, and why.
//!
//! Not the loops: those need no rule. What a whole crate must not use is a rule of `manifests`.
//!
//! Invariant: a rule whose room has no file fails, so that no rule outlives its room; a room's rule is added
//! together with the room.

use super::collect::Imports;
use super::graph::{room, within};

/// A forbidden import.
pub(super) struct Rule {
    pub(super) why: &'static str,
    /// Names of rooms, as [`room`] gives them.
    pub(super) rooms: &'static [&'static str],
    /// Rooms, or crates from elsewhere.
    pub(super) never: &'static [&'static str],
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        why: "a service adapts the wire and asks the store; it knows no Postgres",
        rooms: &["grpc-server/service"],
        never: &["grpc-server/postgres", "tokio_postgres", "deadpool_postgres", "refinery"],
    },
    Rule {
        why: "the store knows the domain's types and no type of the wire",
        rooms: &["grpc-server/store"],
        never: &["proto", "tonic", "prost", "prost_types"],
    },
    Rule {
        why: "a sheet knows neither the wire's adapters nor what serves it",
        rooms: &["grpc-server/sheet"],
        never: &["grpc-server/service", "grpc-server/serve", "tonic"],
    },
    Rule {
        why: "the domain's types know nothing that stores, journals or serves them",
        rooms: &["grpc-server/model"],
        never: &[
            "grpc-server/store",
            "grpc-server/journal",
            "grpc-server/sheet",
            "grpc-server/service",
            "tokio",
            "tonic",
            "tokio_postgres",
        ],
    },
    Rule {
        why: "stores, values and areas are the lowest rooms of the browser application",
        rooms: &["web-client/base", "web-client/cells"],
        never: &[
            "web-client/api",
            "web-client/ui",
            "web-client/live",
            "web-client/grid",
            "web-client/pages",
            "web-client/app",
        ],
    },
    Rule {
        why: "calls to the server and controls know no open sheet",
        rooms: &["web-client/api", "web-client/ui"],
        never: &["web-client/live", "web-client/grid", "web-client/pages", "web-client/app"],
    },
    Rule {
        why: "an open sheet knows nothing that draws it",
        rooms: &["web-client/live"],
        never: &["web-client/ui", "web-client/grid", "web-client/pages", "web-client/app"],
    },
    Rule {
        why: "the grid knows no page",
        rooms: &["web-client/grid"],
        never: &["web-client/pages", "web-client/app"],
    },
    Rule {
        why: "no page knows the application that chooses it",
        rooms: &["web-client/pages"],
        never: &["web-client/app"],
    },
];

/// Each import that breaks a rule, and each rule without a room.
pub(super) fn broken(rules: &[Rule], imports: &Imports) -> Vec<String> {
    let mut broken = Vec::new();
    for rule in rules {
        for name in rule.rooms {
            let inside = |file: &str| within(&room(file), name);
            if !imports.files.iter().any(|file| inside(file)) {
                broken.push(format!("no file is in {name}, of the rule: {}", rule.why));
            }
            let forbidden = |to: &str| rule.never.iter().any(|never| within(to, never));
            for ((file, to), line) in &imports.externs {
                if inside(file) && rule.never.contains(&to.as_str()) {
                    broken.push(format!("{file}:{line}: uses {to}; {}", rule.why));
                }
            }
            for (arrow, line) in &imports.arrows {
                if inside(&arrow.from) && forbidden(&room(&arrow.to)) {
                    broken.push(format!("{}:{line}: uses {}; {}", arrow.from, arrow.to, rule.why));
                }
            }
        }
    }
    broken
}
