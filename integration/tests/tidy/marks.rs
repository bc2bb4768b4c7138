//! Marks that no file may hold: unfinished work, disabled tests, paths of one machine, blanks at the end
//! of a line; and words of another layer in a room that has none of it.
//!
//! Not a search for style: each mark is a fixed text.
//!
//! Invariant: this file holds each mark in two parts, so that it does not find itself.

use crate::sources::{Source, holds_any, none, sources};

#[test]
fn no_file_has_a_to_do() {
    let markers =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let marked =
        |line: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| markers.contains(&word));
    none(
        sources().iter().flat_map(|s| s.lines_that("a mark of unfinished work", marked)).collect(),
    );
}

#[test]
fn no_test_is_switched_off() {
    let rust = [concat!("#[ig", "nore")];
    let script =
        [concat!(".sk", "ip("), concat!(".on", "ly("), concat!("xit", "("), concat!(".to", "do(")];
    let broken = sources().into_iter().flat_map(|source| {
        let switches: &[&str] = if source.is(&[".rs"]) {
            &rust
        } else if source.is(&[".test.ts", ".test.tsx", ".spec.ts"]) {
            &script
        } else {
            &[]
        };
        source.lines_that("a test that does not run", |line| holds_any(line, switches))
    });
    none(broken.collect());
}

#[test]
fn no_file_names_a_registry_host_or_a_place_on_one_machine() {
    let names = [
        concat!("static.crates", ".io"),
        concat!("index.crates", ".io"),
        concat!("registry.npm", "js.org"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("deb.debian", ".org"),
        concat!("\"/wo", "rk/"),
        concat!(" /wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/tmp", "/gl"),
        concat!("/ho", "me/"),
    ];
    let broken = sources().into_iter().flat_map(|source| {
        source.lines_that("a registry's host or a path on one machine", |l| holds_any(l, &names))
    });
    none(broken.collect());
}

#[test]
fn no_line_ends_in_blanks() {
    let blank = |line: &str| line.ends_with([' ', '\t', '\r']);
    // A table of data may well end in an empty cell.
    let prose = |source: &&Source| !source.is(&[".csv", ".tsv"]);
    none(
        sources()
            .iter()
            .filter(prose)
            .flat_map(|s| s.lines_that("ends in a blank", blank))
            .collect(),
    );
}

/// Texts that no file of a room may hold: `(room, rule, names)`. Forbidden imports are rules of
/// `imports/rules.rs`.
const NOT_WITHIN: [(&str, &str, &[&str]); 3] = [
    (
        "grpc-server/src/service",
        "a service holds no SQL",
        &["SELECT ", "INSERT INTO", "DELETE FROM"],
    ),
    (
        "grpc-server/src/edge",
        "rights and statuses hold no SQL",
        &["SELECT ", "INSERT INTO", "DELETE FROM"],
    ),
    (
        "ot-engine/src",
        "the engine does no input or output",
        &["std::net", "std::fs", "std::time::", "std::thread", "async fn"],
    ),
];

#[test]
fn rooms_hold_no_words_of_another_layer() {
    let sources = sources();
    let mut broken = Vec::new();
    for (room, rule, names) in NOT_WITHIN {
        let inside = || sources.iter().filter(|s| s.is(&[".rs"]) && s.path.starts_with(room));
        assert!(inside().count() > 0, "{room}: no such room");
        broken.extend(inside().flat_map(|s| s.lines_that(rule, |line| holds_any(line, names))));
    }
    none(broken);
}
