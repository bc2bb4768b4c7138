//! The modules of one library or program, read from its root file downwards.
//!
//! Not the compiler: no macro is expanded, so an item that a macro makes has no name here.
//!
//! Invariant: each module knows the file that holds it, and the first module is the root.

use std::collections::BTreeMap;

use super::read::{Child, Scope, read};

/// Sources by their path from the repository's root.
pub(super) type Texts = BTreeMap<String, String>;

/// The modules of one target.
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
}

/// One module: a file, or a `mod x { .. }` within one.
pub(super) struct Module {
    pub(super) file: String,
    pub(super) parent: Option<usize>,
    pub(super) scope: Scope,
    pub(super) children: BTreeMap<String, usize>,
}

/// Where the files of a module's children are.
#[derive(Clone)]
struct Place {
    /// The folder of the file that holds the module, which `#[path]` starts from.
    folder: String,
    /// The folder of its children.
    children: String,
}

impl Tree {
    /// Reads a target from its root file.
    ///
    /// # Errors
    /// A file that is missing or cannot be parsed.
    pub(super) fn read(root: &str, texts: &Texts) -> Result<Self, String> {
        let mut tree = Self { modules: Vec::new() };
        let folder = folder(root).to_owned();
        let place = Place { children: folder.clone(), folder };
        tree.add(root.to_owned(), None, parsed(root, texts)?, &place, texts)?;
        Ok(tree)
    }

    /// Adds a module and those below it; answers with its place in the list.
    fn add(
        &mut self,
        file: String,
        parent: Option<usize>,
        mut scope: Scope,
        place: &Place,
        texts: &Texts,
    ) -> Result<usize, String> {
        let declared = std::mem::take(&mut scope.children);
        let at = self.modules.len();
        let children = BTreeMap::new();
        self.modules.push(Module { file: file.clone(), parent, scope, children });
        for child in declared {
            let name = child.name.clone();
            let below = self.add_child(&file, at, child, place, texts)?;
            self.modules[at].children.insert(name, below);
        }
        Ok(at)
    }

    fn add_child(
        &mut self,
        file: &str,
        parent: usize,
        child: Child,
        place: &Place,
        texts: &Texts,
    ) -> Result<usize, String> {
        let own = format!("{}/{}", place.children, child.name);
        if let Some(body) = child.body {
            let place = Place { folder: own.clone(), children: own };
            return self.add(file.to_owned(), Some(parent), body, &place, texts);
        }
        let path = match &child.path {
            Some(path) => normal(&format!("{}/{path}", place.folder)),
            None => format!("{own}.rs"),
        };
        let scope = parsed(&path, texts).map_err(|why| format!("{file}: {why}"))?;
        let folder = folder(&path).to_owned();
        // A file that `#[path]` names has its children beside it, as a root file has.
        let children = match child.path {
            Some(_) => folder.clone(),
            None => path.trim_end_matches(".rs").to_owned(),
        };
        let place = Place { folder, children };
        self.add(path, Some(parent), scope, &place, texts)
    }
}

fn parsed(path: &str, texts: &Texts) -> Result<Scope, String> {
    let text = texts.get(path).ok_or_else(|| format!("{path}: no such file"))?;
    read(text).map_err(|why| format!("{path}: {why}"))
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path without `.` and `..`.
pub(super) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
