//! The imports that a room must not have, and why.
//!
//! Not the loops: those need no rule. Forbidden dependencies of a whole crate are rules of `manifests`.
//!
//! Invariant: a rule whose room has no file fails, so that no rule outlives its room; a room's rule is added
//! together with the room.

use std::collections::BTreeSet;

use super::collect::Imports;
use super::graph::{room, within};

/// A forbidden import.
pub(super) struct Rule {
    pub(super) why: &'static str,
    /// Names of rooms, as [`room`] gives them; one that begins with `!` is left out.
    pub(super) rooms: &'static [&'static str],
    /// Rooms, or crates outside of the workspace.
    pub(super) never: &'static [&'static str],
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        why: "a service adapts the wire and asks the store; it knows no Postgres",
        rooms: &["grpc-server/service", "grpc-server/edge"],
        never: &["grpc-server/postgres", "tokio_postgres", "deadpool_postgres", "refinery"],
    },
    Rule {
        why: "what all services use knows none of them, and not what serves them",
        rooms: &["grpc-server/edge"],
        never: &["grpc-server/service", "grpc-server/serve"],
    },
    Rule {
        why: "the store knows the domain's types and no type of the wire",
        rooms: &["grpc-server/store"],
        never: &["proto", "tonic", "prost", "prost_types"],
    },
    Rule {
        why: "jobs know no kind of job, and nothing that asks for one",
        rooms: &["grpc-server/jobs"],
        never: &[
            "grpc-server/service",
            "grpc-server/edge",
            "grpc-server/serve",
            "grpc-server/mail",
            "grpc-server/housekeeping",
            "tokio_postgres",
            "tonic",
        ],
    },
    Rule {
        why: "a sheet knows neither the wire's adapters nor what serves it",
        rooms: &["grpc-server/sheet"],
        never: &["grpc-server/service", "grpc-server/edge", "grpc-server/serve", "tonic"],
    },
    Rule {
        why: "windows decide what is sent next; the actor reads rows and sends them",
        rooms: &["grpc-server/sheet/windows"],
        never: &[
            "tokio",
            "grpc-server/sheet/actor",
            "grpc-server/sheet/state/row_cache",
            "grpc-server/sheet/durability",
            "grpc-server/sheet/ordering",
        ],
    },
    Rule {
        why: "the domain's types know nothing that stores, journals or serves them",
        rooms: &["grpc-server/model"],
        never: &[
            "grpc-server/store",
            "grpc-server/journal",
            "grpc-server/sheet",
            "grpc-server/service",
            "grpc-server/edge",
            "tokio",
            "tonic",
            "tokio_postgres",
        ],
    },
    Rule {
        why: "the sheet's state and its decisions wait for nothing, so they name no runtime",
        rooms: &[
            "grpc-server/sheet/state",
            "grpc-server/sheet/ordering",
            "grpc-server/sheet/durability",
            "!grpc-server/sheet/durability/committer",
        ],
        never: &["tokio"],
    },
    Rule {
        why: "fan-out knows no commits",
        rooms: &["grpc-server/sheet/fanout"],
        never: &["grpc-server/sheet/durability"],
    },
    Rule {
        why: "durability knows no sessions",
        rooms: &["grpc-server/sheet/durability"],
        never: &["grpc-server/sheet/fanout"],
    },
    Rule {
        why: "within a sheet only `ports` names the crates that store and journal",
        rooms: &["grpc-server/sheet", "!grpc-server/sheet/ports"],
        never: &["grpc-server/store", "grpc-server/journal"],
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

/// Each import that breaks a rule and is not in the list of known ones, each known one that breaks none
/// any more, and each rule without a room.
pub(super) fn broken(rules: &[Rule], imports: &Imports, known: &[(&str, &str)]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut met = BTreeSet::new();
    for rule in rules {
        broken.extend(rule.missing_rooms(imports));
        for (file, line, to, never) in rule.breaches(imports) {
            let from = room(file);
            if known.contains(&(from.as_str(), never)) {
                met.insert((from, never));
            } else {
                broken.push(format!("{file}:{line}: uses {to}; {}", rule.why));
            }
        }
    }
    let stale = known.iter().filter(|(from, to)| !met.contains(&((*from).to_owned(), *to)));
    broken.extend(stale.map(|(from, to)| {
        format!("{from} -> {to}: breaks no rule any more; remove it from KNOWN_BREACHES")
    }));
    broken
}

/// An import that a rule forbids: the file, the line, what it uses, and the entry of `never`.
type Breach<'a> = (&'a str, usize, &'a str, &'static str);

impl Rule {
    fn is_about(&self, file: &str) -> bool {
        let room = room(file);
        let holds = |name: &&&str| within(&room, name.trim_start_matches('!'));
        let (out, of): (Vec<&str>, Vec<&str>) =
            self.rooms.iter().filter(holds).partition(|name| name.starts_with('!'));
        out.is_empty() && !of.is_empty()
    }

    fn missing_rooms(&self, imports: &Imports) -> Vec<String> {
        let names = self.rooms.iter().map(|name| name.trim_start_matches('!'));
        let empty = names.filter(|name| !imports.files.iter().any(|it| within(&room(it), name)));
        empty.map(|name| format!("no file is in {name}, of the rule: {}", self.why)).collect()
    }

    fn breaches<'a>(&'a self, imports: &'a Imports) -> impl Iterator<Item = Breach<'a>> {
        let externs = imports.externs.iter().filter_map(|((file, to), line)| {
            let never = self.never.iter().find(|never| *never == to)?;
            Some((file.as_str(), *line, to.as_str(), *never))
        });
        let arrows = imports.arrows.iter().filter_map(|(arrow, line)| {
            let target = room(&arrow.to);
            let never = self.never.iter().find(|never| within(&target, never))?;
            Some((arrow.from.as_str(), *line, arrow.to.as_str(), *never))
        });
        externs.chain(arrows).filter(|(file, ..)| self.is_about(file))
    }
}
