//! The text files of the repository, as git lists them.
//!
//! Not a rule: `lengths`, `marks`, `imports` and `words` read the same list.
//!
//! Invariant: lock files are left out, because tools write them; every other text file is in the list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file of the repository: its path from the root, and its text.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn is(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The places where a line breaks a rule, as `path:line: what`.
    pub(crate) fn lines_that<F>(&self, what: &str, breaks: F) -> Vec<String>
    where
        F: Fn(&str) -> bool,
    {
        self.text
            .lines()
            .enumerate()
            .filter(|(_, line)| breaks(line))
            .map(|(number, _)| format!("{}:{}: {what}", self.path, number + 1))
            .collect()
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All text files except lock files.
pub(crate) fn sources() -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .expect("git is needed to list the files");
    assert!(listed.status.success(), "git could not list the files");
    let names = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let sources: Vec<Source> = names
        .split_terminator('\0')
        .filter(|path| !path.ends_with("Cargo.lock") && !path.ends_with("package-lock.json"))
        .filter_map(|path| {
            // A file that was removed but not yet staged is listed too; a picture is no text.
            let text = fs::read_to_string(root().join(path)).ok()?;
            Some(Source { path: path.to_owned(), text })
        })
        .collect();
    assert!(sources.len() > 20, "only {} files found: the list is wrong", sources.len());
    sources
}

/// Fails with the list of broken places, unless it is empty.
pub(crate) fn none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

pub(crate) fn holds_any(line: &str, names: &[&str]) -> bool {
    names.iter().any(|name| line.contains(name))
}
