//! From the words of a path to the file that defines the item.
//!
//! Re-exports are followed, also within another crate of the workspace. One exception is a port: a file that
//! re-exports an item of another crate gives that item a name of its own, and within the file's crate a path
//! ends there. The port's own `use` is the arrow into the other crate. A macro's items have no name in a
//! [`Tree`]; a path to one ends at the file of the module that it names.
//!
//! Invariant: the answer is a file only where the path names an item; a path to a module names no item.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Module, Tree};

/// Every target that was read, and the libraries among them by their name.
#[derive(Default)]
pub(super) struct World {
    pub(super) trees: Vec<Tree>,
    pub(super) libraries: BTreeMap<String, usize>,
}

/// A module: its tree, and its place there.
pub(super) type At = (usize, usize);

/// The item that a path names.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Named {
    /// An item, in this file.
    Item(String),
    Module(At),
    /// An item of a crate outside of the workspace.
    Extern(String),
}

/// One path's way through the modules.
struct Search<'a> {
    world: &'a World,
    /// The module whose path it is.
    from: At,
    externs: &'a BTreeSet<String>,
    /// Names whose lookup has begun, so that a loop of re-exports ends.
    under_way: Vec<(At, String)>,
}

impl World {
    pub(super) fn module(&self, (tree, module): At) -> &Module {
        &self.trees[tree].modules[module]
    }

    /// The item that `words` name within the module `at`; `None` for a local name or one of the prelude.
    pub(super) fn resolve(
        &self,
        at: At,
        words: &[String],
        externs: &BTreeSet<String>,
    ) -> Option<Named> {
        Search { world: self, from: at, externs, under_way: Vec::new() }.resolve(at, words, false)
    }
}

impl Search<'_> {
    /// `module`: whether more words follow, so that the last of these names a module or a type.
    fn resolve(&mut self, at: At, words: &[String], module: bool) -> Option<Named> {
        let (first, rest) = words.split_first()?;
        let root = (at.0, 0);
        match first.as_str() {
            "" => self.outside(rest, module),
            "crate" => self.walk(root, rest, module),
            "self" => self.walk(at, rest, module),
            "super" => self.walk(self.above(at)?, rest, module),
            name => match self.look_up(at, name, module || !rest.is_empty()) {
                Some(Named::Module(inner)) => self.walk(inner, rest, module),
                Some(found) => Some(found),
                None => self.outside(words, module),
            },
        }
    }

    /// Follows `words` from the module `at` on.
    fn walk(&mut self, at: At, words: &[String], module: bool) -> Option<Named> {
        let Some((first, rest)) = words.split_first() else { return Some(Named::Module(at)) };
        if first == "super" {
            return self.walk(self.above(at)?, rest, module);
        }
        match self.look_up(at, first, module || !rest.is_empty()) {
            Some(Named::Module(inner)) => self.walk(inner, rest, module),
            Some(found) => Some(found),
            None => Some(Named::Item(self.world.module(at).file.clone())),
        }
    }

    /// A path that starts with the name of a crate.
    fn outside(&mut self, words: &[String], module: bool) -> Option<Named> {
        let (first, rest) = words.split_first()?;
        match self.world.libraries.get(first) {
            Some(&tree) if self.externs.contains(first) => self.walk((tree, 0), rest, module),
            _ => self.externs.contains(first).then(|| Named::Extern(first.clone())),
        }
    }

    /// A name as the module's own code sees it.
    fn look_up(&mut self, at: At, name: &str, module: bool) -> Option<Named> {
        let here = self.world.module(at);
        let child = here.children.get(name).map(|&child| Named::Module((at.0, child)));
        if module && child.is_some() {
            return child;
        }
        if here.scope.items.contains(name) {
            return Some(Named::Item(here.file.clone()));
        }
        let key = (at, name.to_owned());
        if self.under_way.contains(&key) {
            return child;
        }
        self.under_way.push(key);
        let found = self.imported(at, name, module);
        self.under_way.pop();
        found.or(child)
    }

    fn imported(&mut self, at: At, name: &str, module: bool) -> Option<Named> {
        let uses = &self.world.module(at).scope.uses;
        let mut found = None;
        for import in uses.iter().filter(|import| import.name == name) {
            match self.resolve(at, &import.path, module) {
                // A name may be both a module and an item; the item is what a path ends at.
                Some(Named::Module(inner)) => found = found.or(Some(Named::Module(inner))),
                Some(Named::Item(file)) if import.public && self.is_port(at, &file) => {
                    return Some(Named::Item(self.world.module(at).file.clone()));
                }
                Some(other) => return Some(other),
                None => {}
            }
        }
        found.or_else(|| {
            uses.iter().filter(|import| import.name == "*").find_map(|import| {
                match self.resolve(at, &import.path, true)? {
                    Named::Module(inner) => self.look_up(inner, name, module),
                    _ => None,
                }
            })
        })
    }

    /// Whether a re-export in the module `at` of an item of `file` gives the item a name of its own.
    fn is_port(&self, at: At, file: &str) -> bool {
        let is_own = || self.world.trees[at.0].modules.iter().any(|module| module.file == file);
        at.0 == self.from.0 && at.1 != self.from.1 && !is_own()
    }

    fn above(&self, (tree, module): At) -> Option<At> {
        Some((tree, self.world.trees[tree].modules[module].parent?))
    }
}
