//! Every arrow of the repository, from its sources.
//!
//! Not a judgement: `graph` finds loops, `rules` forbidden arrows.
//!
//! Invariant: tests, benches and examples have arrows within their own folder alone, and no crate's arrow
//! depends on them.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Arrow, Arrows};
use super::resolve::{At, Named, World};
use super::script;
use super::tree::{Texts, Tree};
use crate::manifests::Package;

const WEB: &str = "web-client/src/";

/// One library, program, test or example to be read.
pub(super) struct Unit {
    pub(super) root: String,
    /// Its name, if others can use it.
    pub(super) library: Option<String>,
    /// Whether it is part of the product.
    pub(super) product: bool,
    /// The crates that it can name.
    pub(super) externs: BTreeSet<String>,
}

impl Unit {
    /// Whether an arrow may start or end at a file.
    fn holds(&self, file: &str) -> bool {
        let folders = ["/tests/", "/examples/", "/benches/"];
        let ends = folders.iter().filter_map(|name| Some(self.root.find(name)? + name.len()));
        self.product || ends.min().is_some_and(|end| file.starts_with(&self.root[..end]))
    }
}

/// The imports of all files.
#[derive(Default)]
pub(super) struct Imports {
    pub(super) files: BTreeSet<String>,
    pub(super) arrows: Arrows,
    /// Crates outside of the workspace: `(file, crate)`, with the line.
    pub(super) externs: BTreeMap<(String, String), usize>,
}

/// The targets of the crates.
pub(super) fn units(packages: &[Package]) -> Vec<Unit> {
    let mut units = Vec::new();
    for package in packages {
        let library = package.targets.iter().find(|target| target.is_library());
        let own = library.map(|target| target.name.replace('-', "_"));
        for target in package.targets.iter().filter(|target| !target.is_build_script()) {
            let mut externs: BTreeSet<String> = package.externs().collect();
            externs.extend(own.clone().filter(|_| !target.is_library()));
            units.push(Unit {
                root: target.src_path.clone(),
                library: own.clone().filter(|_| target.is_library()),
                product: target.is_product(),
                externs,
            });
        }
    }
    units
}

/// Reads every unit and the web client.
///
/// # Errors
/// Files that are missing or cannot be parsed.
pub(super) fn collect(units: &[Unit], texts: &Texts) -> Result<Imports, String> {
    let mut world = World::default();
    for unit in units {
        let tree = world.trees.len();
        world.libraries.extend(unit.library.iter().map(|name| (name.clone(), tree)));
        world.trees.push(Tree::read(&unit.root, texts)?);
    }
    let mut imports = Imports::default();
    for (tree, unit) in units.iter().enumerate() {
        imports.add_tree(&world, tree, unit);
    }
    imports.add_web(texts);
    Ok(imports)
}

impl Imports {
    fn add_tree(&mut self, world: &World, tree: usize, unit: &Unit) {
        for (at, module) in world.trees[tree].modules.iter().enumerate() {
            if !unit.holds(&module.file) {
                continue;
            }
            self.files.insert(module.file.clone());
            for (named, line) in named(world, (tree, at), &unit.externs) {
                match named {
                    Named::Item(to) if unit.holds(&to) => self.add(&module.file, to, line),
                    Named::Extern(name) if unit.product => {
                        self.externs.entry((module.file.clone(), name)).or_insert(line);
                    }
                    _ => {}
                }
            }
        }
    }

    fn add_web(&mut self, texts: &Texts) {
        let test = |path: &str| path.ends_with(".test.ts") || path.ends_with(".test.tsx");
        let script = |path: &&String| path.ends_with(".ts") || path.ends_with(".tsx");
        let files = texts.keys().filter(|path| path.starts_with(WEB) && !test(path));
        let files: BTreeSet<String> = files.filter(script).cloned().collect();
        for file in &files {
            for (to, line) in script::imports(file, &texts[file]) {
                // Generated files, and files that are no scripts, are not in the list.
                if files.contains(&to) {
                    self.add(file, to, line);
                }
            }
        }
        self.files.extend(files);
    }

    fn add(&mut self, from: &str, to: String, line: usize) {
        if from != to {
            let arrow = Arrow { from: from.to_owned(), to };
            let first = self.arrows.entry(arrow).or_insert(line);
            *first = line.min(*first);
        }
    }
}

/// The items that a module's imports and paths name, with their lines.
fn named(world: &World, at: At, externs: &BTreeSet<String>) -> Vec<(Named, usize)> {
    let module = world.module(at);
    let paths = module.scope.paths.iter().map(|(words, line)| (words, *line, false));
    let uses = module.scope.uses.iter();
    let uses = uses.map(|import| (&import.path, import.line, import.public));
    let mut found = Vec::new();
    for (words, line, public) in uses.chain(paths) {
        match world.resolve(at, words, externs) {
            // A room's file that re-exports items of its room uses none of them.
            Some(Named::Item(to)) if public && is_inside(&to, &module.file) => {}
            Some(named) => found.push((named, line)),
            None => {}
        }
    }
    found
}

/// Whether a file lies in the folder of a module's file.
fn is_inside(file: &str, face: &str) -> bool {
    let (folder, name) = face.rsplit_once('/').unwrap_or(("", face));
    match name.trim_end_matches(".rs") {
        "lib" | "main" => file.starts_with(&format!("{folder}/")),
        name => file.starts_with(&format!("{folder}/{name}/")),
    }
}
