//! Tasks are started in one place of the server, whose owner waits for them, and in one of the client.
//!
//! Not a task of a `JoinSet`, which its holder owns, and no thread. Tests are free. Invariant: a task that nothing waits
//! for can't be written by accident.

use crate::sources::{Source, none, sources};

/// The files that may start a task and not keep it.
const OWNERS: [&str; 2] = ["grpc-server/tasks/src/lib.rs", "client/src/net/live/open.rs"];
/// The ways to start one, each in two parts.
const STARTS: [&str; 4] = [
    concat!("tokio::", "spawn("),
    concat!("task::", "spawn("),
    concat!("runtime.", "spawn("),
    concat!("current().", "spawn("),
];

/// The lines of a product's source, without its tests.
fn product(source: &Source) -> bool {
    let rooms = ["grpc-server/", "client/", "tls/", "proto/"];
    let is_test = ["/tests/", "/examples/", "/tests.rs"].iter().any(|it| source.path.contains(it));
    source.is(&[".rs"]) && !is_test && rooms.iter().any(|room| source.path.starts_with(room))
}

/// An import by which a call of `spawn` has no path.
fn imports_spawn(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    line.starts_with("use tokio::") && words.any(|word| word == "spawn")
}

#[test]
fn each_task_has_an_owner_that_waits_for_it() {
    let sources = sources();
    let product = || sources.iter().filter(|source| product(source));
    assert!(OWNERS.iter().all(|owner| product().any(|source| source.path == *owner)));
    let mut broken = Vec::new();
    for source in product().filter(|source| !OWNERS.contains(&source.path.as_str())) {
        let tests = source.text.find("#[cfg(test)]\nmod ").unwrap_or(source.text.len());
        let lines = source.text[..tests].lines().enumerate();
        let starts =
            |line: &str| STARTS.iter().any(|start| line.contains(start)) || imports_spawn(line);
        broken.extend(
            lines
                .filter(|(_, line)| !line.trim_start().starts_with("//") && starts(line))
                .map(|(number, _)| format!("{}:{}: use `Tasks::spawn`", source.path, number + 1)),
        );
    }
    none(broken);
}

#[test]
fn an_import_of_spawn_is_seen() {
    assert!(imports_spawn("use tokio::spawn;") && imports_spawn("use tokio::task::{self, spawn};"));
    assert!(!imports_spawn("use tokio::task::{JoinSet, spawn_blocking};"));
}
