//! Arrows between files, the rooms that they stand in, and the loops among them.
//!
//! A room is a file and the folder of its name: `sheet.rs` with `sheet/`, or a folder alone. Its name is the path
//! without `src`, `lib.rs` and endings, so that a module and the crate made of it have the same name. Each
//! arrow stands on one level: the deepest room that holds both files. There it runs between two rooms,
//! or between a room and the file whose folder they are in.
//!
//! Invariant: no loop on any level means no loop between files, because all files of a loop lie in one
//! deepest room, and the loop's arrows that cross that room's level form a loop of its rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A file that names an item of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
}

/// Every arrow with the first line that makes it.
pub(super) type Arrows = BTreeMap<Arrow, usize>;

/// Which nodes each node points at.
type Edges<'a> = BTreeMap<String, BTreeMap<String, (&'a Arrow, usize)>>;

/// The name of a file's room.
pub(super) fn room(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let parts: Vec<&str> = stem.split('/').collect();
    let has_folder = |last: &str| {
        last == "lib" || (last == "main" && parts.len() > 1 && parts[parts.len() - 2] != "src")
    };
    let kept = match parts.split_last() {
        Some((last, folder)) if has_folder(last) => folder,
        _ => &parts[..],
    };
    kept.iter().filter(|part| **part != "src").copied().collect::<Vec<_>>().join("/")
}

/// Whether the room is `outer` or inside it.
pub(super) fn within(room: &str, outer: &str) -> bool {
    room.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The loops between files, each as text.
pub(super) fn file_loops(arrows: &Arrows) -> Vec<String> {
    let mut edges = Edges::new();
    for (arrow, &line) in arrows {
        let ends = edges.entry(arrow.from.clone()).or_default();
        ends.insert(arrow.to.clone(), (arrow, line));
    }
    loops(&edges).iter().map(|found| printed("files", &edges, found)).collect()
}

/// The loops between rooms, on each level, each as text.
pub(super) fn room_loops(arrows: &Arrows) -> Vec<String> {
    let mut levels: BTreeMap<String, Edges<'_>> = BTreeMap::new();
    for (arrow, &line) in arrows {
        let (level, from, to) = level(&room(&arrow.from), &room(&arrow.to));
        let ends = levels.entry(level).or_default().entry(from).or_default();
        ends.entry(to).or_insert((arrow, line));
    }
    let found = levels.iter().flat_map(|(level, edges)| {
        let title = format!("rooms of {}", if level.is_empty() { "the repository" } else { level });
        loops(edges).into_iter().map(move |found| printed(&title, edges, &found))
    });
    found.collect()
}

/// The level of an arrow, and its two ends there.
fn level(from: &str, to: &str) -> (String, String, String) {
    let (from, to): (Vec<_>, Vec<_>) = (from.split('/').collect(), to.split('/').collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let end = |path: &[&str]| match path.get(shared) {
        Some(_) => path[..=shared].join("/"),
        None => format!("{} (the file)", path.join("/")),
    };
    (from[..shared].join("/"), end(&from), end(&to))
}

/// The nodes of each loop: those that reach each other.
fn loops(edges: &Edges<'_>) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|node| (node, reach(node, edges))).collect();
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for (node, others) in reached.iter().filter(|(node, others)| others.contains(*node)) {
        let mutual =
            |other: &&&String| reached.get(**other).is_some_and(|back| back.contains(node));
        let members: BTreeSet<String> =
            others.iter().filter(mutual).map(|o| (*o).clone()).collect();
        if done.insert(members.clone()) {
            found.push(members);
        }
    }
    found
}

fn reach<'a>(node: &str, edges: &'a Edges<'_>) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        for next in edges.get(node).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    seen
}

fn printed(what: &str, edges: &Edges<'_>, members: &BTreeSet<String>) -> String {
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    let mut text = format!("a loop of {} {what}: {}\n", members.len(), names.join(", "));
    let walk = shortest(edges, members);
    for (from, to) in walk.iter().zip(walk.iter().cycle().skip(1)) {
        if let Some((arrow, line)) = edges.get(from).and_then(|ends| ends.get(to)) {
            let _ = writeln!(text, "  {from} -> {to}  ({}:{line} names {})", arrow.from, arrow.to);
        }
    }
    text
}

/// A shortest way from a node back to itself, over the loop's nodes.
fn shortest(edges: &Edges<'_>, members: &BTreeSet<String>) -> Vec<String> {
    let walks = members.iter().filter_map(|start| walk_back(edges, members, start));
    walks.min_by_key(Vec::len).unwrap_or_default()
}

fn walk_back(edges: &Edges<'_>, members: &BTreeSet<String>, start: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut open = std::collections::VecDeque::from([vec![start.to_owned()]]);
    while let Some(walk) = open.pop_front() {
        for next in edges.get(walk.last()?).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(walk);
            }
            if members.contains(next) && seen.insert(next.clone()) {
                open.push_back(walk.iter().cloned().chain([next.clone()]).collect());
            }
        }
    }
    None
}
