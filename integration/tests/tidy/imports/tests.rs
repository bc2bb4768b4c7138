//! The reading of imports, on small sources: which paths are arrows, and where they point.
//!
//! Not about this repository's files.
//!
//! Invariant: each sort of import and each sort of path has a case.

use std::collections::BTreeSet;

use super::collect::{Imports, Unit, collect};
use super::graph::{Arrow, file_loops, room, room_loops};
use super::rules::{Rule, broken};
use super::tree::Texts;
use super::{unneeded, without};

fn texts(files: &[(&str, &str)]) -> Texts {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn unit(root: &str, library: Option<&str>, externs: &[&str]) -> Unit {
    Unit {
        root: root.to_owned(),
        library: library.map(str::to_owned),
        product: true,
        externs: externs.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(),
    }
}

/// The imports of a library `a` with these files beside `a/src/lib.rs`.
fn read(files: &[(&str, &str)]) -> Imports {
    collect(&[unit("a/src/lib.rs", Some("a"), &["tokio"])], &texts(files)).expect("valid sources")
}

/// The arrows as `from -> to:line`, with the paths below `a/src/`.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let short = |path: &str| path.trim_start_matches("a/src/").to_owned();
    let arrows = read(files).arrows;
    arrows
        .iter()
        .map(|(a, line)| format!("{} -> {}:{line}", short(&a.from), short(&a.to)))
        .collect()
}

/// A library of `x.rs` with this text, beside `y.rs`, its child `y/z.rs`, and `w.rs`.
fn x(text: &str) -> Vec<String> {
    arrows(&[
        ("a/src/lib.rs", "mod x; mod y; mod w;"),
        ("a/src/x.rs", text),
        ("a/src/y.rs", "mod z; pub use self::z::Z; pub fn y() {} pub enum E { V }"),
        ("a/src/y/z.rs", "pub struct Z; pub fn z() {}"),
        ("a/src/w.rs", "pub struct W; pub use crate::y::z as inner;"),
    ])
}

const TO_Z: &str = "x.rs -> y/z.rs:1";
const TO_Y: &str = "x.rs -> y.rs:1";
const TO_W: &str = "x.rs -> w.rs:1";

#[test]
fn each_sort_of_import_is_an_arrow() {
    assert_eq!(x("use crate::y::y;"), [TO_Y]);
    assert_eq!(x("use super::{y::{self, y as f}, w::W};"), [TO_W, TO_Y]);
    assert_eq!(x("use crate::y::Z;"), [TO_Z], "a re-export is followed");
    assert_eq!(x("use crate::w::inner::z;"), [TO_Z], "also of a module");
    assert_eq!(x("use crate::y::E::*;"), [TO_Y], "the variants of a type");
    assert_eq!(x("fn f() { use crate::w::W; }"), [TO_W], "within a function");
    assert_eq!(x("pub use crate::w::W;"), [TO_W], "a re-export of another room");
}

#[test]
fn each_sort_of_path_is_an_arrow() {
    assert_eq!(x("fn f() { crate::y::y() }"), [TO_Y]);
    assert_eq!(x("use super::y;\nfn f() { y::y() }"), ["x.rs -> y.rs:2"], "the module is none");
    assert_eq!(x("fn f(z: super::y::Z) {}"), [TO_Z]);
    assert_eq!(x("fn f() { crate::y::E::V }"), [TO_Y], "beyond an item");
    assert_eq!(x("impl crate::w::W { fn f() {} }"), [TO_W], "an `impl` names its type");
    assert_eq!(x("type T = <u8 as crate::w::W>::T;"), [TO_W]);
    assert_eq!(x("use crate::y::*;\nfn f(z: Z) {}"), ["x.rs -> y/z.rs:2"], "through a glob");
    assert_eq!(x("#[arg(parser = crate::y::y)] struct A;"), [TO_Y], "in an attribute");
    assert_eq!(x("fn f() { m!(a, { crate::y::y() }) }"), [TO_Y], "in a macro call");
    assert_eq!(x("fn f(a: A<[crate::w::W; 2]>) {}"), [TO_W], "in an argument of a type");
}

#[test]
fn a_path_to_no_item_of_another_file_is_no_arrow() {
    let none: [&str; 0] = [];
    assert_eq!(x("use crate::y; use std::fmt; use tokio::sync;"), none, "modules and other crates");
    assert_eq!(x("struct W; fn f(w: W) { let y = 1; m!(y.y) }"), none, "names of its own");
    assert_eq!(x("#[cfg(test)] mod tests { use crate::y::y; }"), none, "tests");
    assert_eq!(x("#[cfg(test)] use crate::y::y;"), none, "for tests");
    assert_eq!(x("//! crate::y::y\n/* use crate::w::W; */"), none, "comments");
}

#[test]
fn modules_are_found_where_the_compiler_finds_them() {
    let found = arrows(&[
        ("a/src/lib.rs", "#[path = \"odd.rs\"] mod x; mod o { pub mod p; } pub struct L;"),
        ("a/src/odd.rs", "#[path = \"o/q.rs\"] mod q; use self::q::Q;"),
        ("a/src/o/q.rs", "mod beside; pub struct Q; use super::super::L;"),
        ("a/src/o/beside.rs", ""),
        ("a/src/o/p.rs", "use crate::x::q::Q;"),
    ]);
    assert_eq!(found, ["o/p.rs -> o/q.rs:1", "o/q.rs -> lib.rs:1", "odd.rs -> o/q.rs:1"]);
    let missing =
        collect(&[unit("a/src/lib.rs", None, &[])], &texts(&[("a/src/lib.rs", "mod b;")]));
    assert_eq!(missing.err().as_deref(), Some("a/src/lib.rs: a/src/b.rs: no such file"));
}

#[test]
fn arrows_reach_other_crates_of_the_workspace() {
    let files = texts(&[
        ("a/src/lib.rs", "mod inner; pub use inner::I;"),
        ("a/src/inner.rs", "pub struct I;"),
        ("b/src/main.rs", "mod a; fn main() { ::a::I; a::local(); tokio::spawn() }"),
        ("b/src/a.rs", "pub fn local() {}"),
        ("b/tests/t.rs", "use a::I;"),
    ]);
    let mut test = unit("b/tests/t.rs", None, &["a"]);
    test.product = false;
    let units =
        [unit("a/src/lib.rs", Some("a"), &[]), unit("b/src/main.rs", None, &["a", "tokio"]), test];
    let imports = collect(&units, &files).expect("valid sources");
    let found: Vec<(&str, &str)> =
        imports.arrows.keys().map(|a| (a.from.as_str(), a.to.as_str())).collect();
    assert_eq!(found, [("b/src/main.rs", "a/src/inner.rs"), ("b/src/main.rs", "b/src/a.rs")]);
    let named: Vec<&str> = imports.externs.keys().map(|(_, name)| name.as_str()).collect();
    assert_eq!(named, ["tokio"]);
}

#[test]
fn a_port_has_names_of_its_own_within_its_crate() {
    let files = texts(&[
        ("a/src/lib.rs", "pub struct A; pub mod m { pub struct M; }"),
        ("b/src/lib.rs", "pub mod port; mod x; mod y;"),
        ("b/src/port.rs", "pub use a::A; pub use a::m;"),
        ("b/src/x.rs", "use crate::port::A; fn f(a: A) {}"),
        ("b/src/y.rs", "use crate::port::m::M;"),
        ("c/src/main.rs", "use b::port::A;"),
    ]);
    let units = [
        unit("a/src/lib.rs", Some("a"), &[]),
        unit("b/src/lib.rs", Some("b"), &["a"]),
        unit("c/src/main.rs", None, &["a", "b"]),
    ];
    let imports = collect(&units, &files).expect("valid sources");
    let found: Vec<(&str, &str)> =
        imports.arrows.keys().map(|a| (a.from.as_str(), a.to.as_str())).collect();
    let expected = [
        ("b/src/port.rs", "a/src/lib.rs"),
        ("b/src/x.rs", "b/src/port.rs"),
        ("b/src/y.rs", "a/src/lib.rs"),
        ("c/src/main.rs", "a/src/lib.rs"),
    ];
    assert_eq!(found, expected, "not through a module, and not for another crate");
}

#[test]
fn a_circle_of_re_exports_ends() {
    let circle = arrows(&[
        ("a/src/lib.rs", "mod x; mod y;"),
        ("a/src/x.rs", "pub use crate::y::*; pub use crate::y::N;"),
        ("a/src/y.rs", "pub use crate::x::*; pub use crate::x::N; fn f() { N }"),
    ]);
    assert!(circle.iter().all(|arrow| !arrow.contains("lib.rs")), "{circle:?}");
}

#[test]
fn scripts_import() {
    let imports = collect(
        &[],
        &texts(&[
            (
                "web-client/src/p/x.ts",
                "// from \"./no.ts\"\nimport type {\n  A,\n} from \"../q/y.tsx\";\n\
                 const it = 'isn\\'t';\nexport * from './z.ts';\nawait import(\"../m.ts\");\n\
                 f(\"./no.ts\"); import react from \"react\"; /* import \"./no.ts\" */\n",
            ),
            ("web-client/src/p/no.ts", ""),
            ("web-client/src/p/z.ts", ""),
            ("web-client/src/q/y.tsx", ""),
            ("web-client/src/m.ts", "import './p/z.ts'"),
            ("web-client/src/m.test.ts", "import './m.ts'"),
        ]),
    );
    let arrows = imports.expect("no crate").arrows;
    let found: Vec<(String, usize)> = arrows
        .iter()
        .map(|(a, line)| (format!("{} {}", room(&a.from), room(&a.to)), *line))
        .collect();
    let found: Vec<(&str, usize)> =
        found.iter().map(|(text, line)| (text.as_str(), *line)).collect();
    let expected = [
        ("web-client/m web-client/p/z", 1),
        ("web-client/p/x web-client/m", 7),
        ("web-client/p/x web-client/p/z", 6),
        ("web-client/p/x web-client/q/y", 4),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_room_has_one_name_as_a_module_and_as_a_crate() {
    let names = [
        ("s/src/store/rows.rs", "s/store/rows"),
        ("s/store/src/rows.rs", "s/store/rows"),
        ("s/src/store.rs", "s/store"),
        ("s/store/src/lib.rs", "s/store"),
        ("s/src/main.rs", "s/main"),
        ("s/src/bin/tool/main.rs", "s/bin/tool"),
        ("web/src/x.test.tsx", "web/x.test"),
    ];
    for (file, name) in names {
        assert_eq!(room(file), name);
    }
}

#[test]
fn loops_are_found_between_files_and_between_rooms() {
    let parent = read(&[
        ("a/src/lib.rs", "mod x;"),
        ("a/src/x.rs", "mod y;\nuse y::Y;\npub struct X;"),
        ("a/src/x/y.rs", "pub struct Y(super::X);"),
    ]);
    let loops = file_loops(&parent.arrows);
    assert_eq!(loops.len(), 1, "a child that names its parent's item, and the other way");
    assert!(loops[0].contains("(a/src/x.rs:2 names a/src/x/y.rs)"), "{}", loops[0]);
    assert!(loops[0].contains("(a/src/x/y.rs:1 names a/src/x.rs)"), "{}", loops[0]);
    let rooms = read(&[
        ("a/src/lib.rs", "mod x; mod y;"),
        ("a/src/x.rs", "mod one; mod two;"),
        ("a/src/x/one.rs", "use crate::y::Y;"),
        ("a/src/x/two.rs", "pub struct Two;"),
        ("a/src/y.rs", "use crate::x::two::Two; pub struct Y;"),
    ]);
    assert_eq!(file_loops(&rooms.arrows), [""; 0]);
    let loops = room_loops(&rooms.arrows);
    assert_eq!(loops.len(), 1, "x uses y, and y uses x");
    assert!(loops[0].starts_with("a loop of 2 rooms of a: a/x, a/y\n"), "{}", loops[0]);
}

#[test]
fn a_known_arrow_is_needed_or_named() {
    let arrows = read(&[
        ("a/src/lib.rs", "mod x; mod y; mod z;"),
        ("a/src/x.rs", "use crate::y::Y; pub struct X;"),
        ("a/src/y.rs", "use crate::x::X; use crate::z::Z; pub struct Y;"),
        ("a/src/z.rs", "pub struct Z;"),
    ])
    .arrows;
    assert_eq!(room_loops(&without(&arrows, &[("a/y", "a/x")])), [""; 0]);
    assert_eq!(unneeded(&arrows, &[("a/y", "a/x")]), [""; 0]);
    let stale = unneeded(&arrows, &[("a/y", "a/x"), ("a/y", "a/z"), ("a/z", "a/x")]);
    assert_eq!(stale.len(), 2, "one closes no loop, one is not there: {stale:?}");
    assert!(arrows.contains_key(&Arrow { from: "a/src/y.rs".into(), to: "a/src/z.rs".into() }));
}

#[test]
fn a_rule_is_broken_by_an_import_or_by_the_lack_of_its_room() {
    let imports = read(&[
        ("a/src/lib.rs", "mod x; mod y;"),
        ("a/src/x.rs", "use crate::y::Y;\nuse tokio::spawn;"),
        ("a/src/y.rs", "pub struct Y;"),
    ]);
    let rule = |rooms, never| broken(&[Rule { why: "why", rooms, never }], &imports, &[]);
    assert_eq!(rule(&["a/x"], &["a/y"]), ["a/src/x.rs:1: uses a/src/y.rs; why"]);
    assert_eq!(rule(&["a/x"], &["tokio"]), ["a/src/x.rs:2: uses tokio; why"]);
    assert_eq!(rule(&["a/y"], &["tokio", "a/x"]), [""; 0]);
    assert_eq!(rule(&["a", "!a/y"], &["tokio"]).len(), 1, "all rooms but one");
    assert_eq!(rule(&["a", "!a/x"], &["tokio"]), [""; 0], "the one that may");
    assert_eq!(rule(&["a/gone"], &["tokio"]), ["no file is in a/gone, of the rule: why"]);
    let known = [("a/x", "tokio"), ("a/y", "tokio")];
    let tokio = [Rule { why: "why", rooms: &["a"], never: &["tokio"] }];
    let stale = broken(&tokio, &imports, &known);
    assert_eq!(stale.len(), 1, "a known one is no finding, unless it breaks nothing: {stale:?}");
    assert!(stale[0].starts_with("a/y -> tokio: breaks no rule"), "{stale:?}");
}
