//! Hashes without a secret have keys that the server chooses.
//!
//! A caller that knows a hash can choose keys that meet in one bucket, and each lookup then visits all of them. What callers
//! choose is sorted, or hashed by a map of the standard library. Invariant: a new kind of key has to be named here.

use crate::sources::{Source, none, sources};

/// Ids and numbers of the server, or of which a sheet has few: its columns, its clients, the requests that wait.
const KEYS: [&str; 13] = [
    "SheetId",
    "RowId",
    "ColumnId",
    "AccountId",
    "ClientId",
    "NodeId",
    "SessionKey",
    "ReadId",
    "ParkedId",
    "RequestId",
    "TokenHash",
    "Caller",
    "(SheetId",
];
/// Files whose keys have a type that a caller may choose elsewhere.
const OF_FILES: [(&str, &[&str]); 12] = [
    // Ids of sessions, and paths of the page.
    ("grpc-server/sheet/src/presence/remote.rs", &["String", "&str"]),
    ("grpc-server/src/service/web/files.rs", &["String", "&str"]),
    // Slots, which `AxisDelta` has numbered.
    ("grpc-server/sheet/src/ordering/commands/renamed.rs", &["u32"]),
    ("grpc-server/sheet/src/ordering/row_limit.rs", &["u32"]),
    ("grpc-server/sheet/src/time_travel/lines.rs", &["u32"]),
    ("grpc-server/sheet/src/time_travel/undo/inverse.rs", &["u32"]),
    ("ot-engine/src/state/view/rows.rs", &["u32"]),
    // Numbers that the server counts for sessions, connections and records.
    ("grpc-server/src/edge/rights/session_index.rs", &["u64"]),
    ("grpc-server/src/serve/peer/table.rs", &["u64"]),
    ("grpc-server/src/cluster/session_registry.rs", &["u64"]),
    // Places in the order of rows, which the server spaces.
    ("grpc-server/store/src/commit/arrays.rs", &["i64"]),
    // Sheets and accounts.
    ("grpc-server/journal/src/tail/held.rs", &["K"]),
];
/// Both types, in two parts.
const TYPES: [&str; 2] = [concat!("Fx", "HashMap<"), concat!("Fx", "HashSet<")];

/// The keys of such maps that are not allowed, and the variables whose keys are not named.
fn broken(source: &Source) -> Vec<String> {
    let unnamed = |line: &&str| {
        let made = TYPES.iter().any(|kind| line.contains(&kind.replace('<', "::default()")));
        made && line.trim_start().starts_with("let ") && !line.contains(": ")
    };
    let unnamed = source.text.lines().filter(unnamed);
    let unnamed = unnamed.map(|line| format!("{}: name the type: {}", source.path, line.trim()));
    let found = |kind: &'static str| source.text.match_indices(kind).map(|(at, _)| at + kind.len());
    let keys = TYPES.into_iter().flat_map(found).map(|at| {
        let rest = &source.text[at..];
        rest[..rest.find([',', '>']).unwrap_or(rest.len())].trim()
    });
    let of_file = OF_FILES.iter().find(|(path, _)| *path == source.path);
    let of_file: &[&str] = of_file.map_or(&[], |(_, keys)| keys);
    let is_allowed = |key: &&str| KEYS.contains(key) || of_file.contains(key);
    let keys = keys.filter(|key| !is_allowed(key)).map(|key| format!("{}: {key}", source.path));
    keys.chain(unnamed).collect()
}

#[test]
fn what_callers_choose_has_no_hash_without_a_secret() {
    let product =
        |source: &&Source| source.is(&[".rs"]) && !source.path.starts_with("integration/");
    none(sources().iter().filter(product).flat_map(broken).collect());
}

#[test]
fn a_key_of_a_caller_is_seen() {
    let of = |key: &str| {
        let text = format!("let known: {}{key}, usize> = Default::default();", TYPES[0]);
        broken(&Source { path: "a.rs".to_owned(), text })
    };
    assert_eq!(of("(u32, u32)"), ["a.rs: (u32"]);
    assert_eq!(of("&'a str"), ["a.rs: &'a str"]);
    assert_eq!(of("u64"), ["a.rs: u64"], "in a file that is not named");
    assert!(of("RowId").is_empty());
    let text = format!("    let mut known = {}::default();", TYPES[0].trim_end_matches('<'));
    assert_eq!(broken(&Source { path: "a.rs".to_owned(), text }).len(), 1);
}
