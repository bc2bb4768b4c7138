//! Which file uses which, computed from the sources: no loop between files, none between rooms, and no
//! arrow that a rule forbids.
//!
//! An arrow runs from a file to the file that defines an item that it names, through `use`, a path in
//! code, or a path within a macro call; re-exports are followed to the definition. A `mod x;` is no arrow,
//! and a room's file that re-exports what its folder defines uses none of it; but a parent that names a
//! child's item and a child that names its parent's item make a loop like any two files. An `impl` block
//! names its type, so it points at the file that defines the type. Modules and functions for tests alone
//! are left out. In the web client each `import` and `export .. from` is an arrow, of a type too.
//!
//! Not seen: methods (`a.b()` names no file), items that a macro makes, generated files.
//!
//! Invariant: the loops and the broken rules of today are listed in `known`, and the lists can only shrink.

#[path = "imports/collect.rs"]
mod collect;
#[path = "imports/graph.rs"]
mod graph;
#[path = "imports/known.rs"]
mod known;
#[path = "imports/read.rs"]
mod read;
#[path = "imports/resolve.rs"]
mod resolve;
#[path = "imports/rules.rs"]
mod rules;
#[path = "imports/script.rs"]
mod script;
#[path = "imports/tests.rs"]
mod tests;
#[path = "imports/tree.rs"]
mod tree;

use collect::{Imports, collect, units};
use graph::{Arrow, Arrows, file_loops, room, room_loops};
use known::{KNOWN, KNOWN_BREACHES};

use crate::manifests::packages;
use crate::sources::{none, sources};

fn imports() -> Imports {
    let texts = sources().into_iter().map(|source| (source.path, source.text)).collect();
    let imports = collect(&units(&packages()), &texts).expect("every module can be read");
    assert!(imports.arrows.len() > 500, "only {} imports found", imports.arrows.len());
    imports
}

/// The names of an arrow's ends, as [`KNOWN`] holds them.
fn ends(arrow: &Arrow) -> (String, String) {
    (room(&arrow.from), room(&arrow.to))
}

/// The arrows that the list does not hold.
fn without(arrows: &Arrows, list: &[(&str, &str)]) -> Arrows {
    let listed = |arrow: &Arrow| {
        let (from, to) = ends(arrow);
        list.contains(&(from.as_str(), to.as_str()))
    };
    arrows.iter().filter(|(arrow, _)| !listed(arrow)).map(|(a, line)| (a.clone(), *line)).collect()
}

/// The arrows of the list that close no loop, or are no longer there.
fn unneeded(arrows: &Arrows, list: &[(&str, &str)]) -> Vec<String> {
    let rest = without(arrows, list);
    let closes = |from: &str, to: &str| {
        let mut with = rest.clone();
        let back = arrows.iter().filter(|(arrow, _)| ends(arrow) == (from.into(), to.into()));
        with.extend(back.map(|(arrow, line)| (arrow.clone(), *line)));
        with.len() > rest.len() && !room_loops(&with).is_empty()
    };
    list.iter()
        .filter(|(from, to)| !closes(from, to))
        .map(|(from, to)| format!("{from} -> {to}: closes no loop any more; remove it from KNOWN"))
        .collect()
}

#[test]
fn files_and_rooms_import_one_way() {
    let imports = imports();
    none(rules::broken(rules::RULES, &imports, KNOWN_BREACHES));
    none(unneeded(&imports.arrows, KNOWN));
    let rest = without(&imports.arrows, KNOWN);
    none(file_loops(&rest));
    // The same loops and those that only rooms make; a loop of files is the easier one to read.
    none(room_loops(&rest));
}
