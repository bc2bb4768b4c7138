//! The crates of the workspace as Cargo lists them, and the dependencies that each may have.
//!
//! Not the modules: imports between files are rules of `imports`.
//!
//! Invariant: every crate of the workspace has a line in [`CRATES`], so a new crate states its place.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::sources::{none, root};

/// The dependencies of a crate: `(crate, allowed crates of the workspace, forbidden other crates)`. Tests and
/// examples are free.
const CRATES: [(&str, &[&str], &[&str]); 25] = [
    ("ot-engine", &[], &["tokio", "tonic", "prost", "postgres", "tokio-postgres"]),
    ("values", &["ot-engine"], &["tokio", "tonic", "prost", "tokio-postgres"]),
    ("gridloom", &["ot-engine", "values"], &["tokio", "tokio-postgres"]),
    ("csv-reader", &["ot-engine", "values"], &["tokio", "tonic", "prost", "tokio-postgres"]),
    (
        "tables",
        &["csv-reader", "ot-engine", "values"],
        &["datafusion", "tokio", "tonic", "prost", "tokio-postgres", "redis"],
    ),
    (
        "engine",
        &["heavy-work", "model", "ot-engine", "tables", "values"],
        &["tonic", "prost", "tokio-postgres", "redis"],
    ),
    ("engine-link", &[], &["datafusion", "tokio", "tokio-postgres", "redis"]),
    (
        "gridloom-engine",
        &["engine", "engine-link", "files", "model", "tables", "tasks"],
        &["tokio-postgres", "redis"],
    ),
    ("tls", &[], &["tokio", "tonic", "tokio-postgres", "redis"]),
    ("client", &["gridloom", "ot-engine", "tls", "values"], &["tokio-postgres"]),
    ("model", &["ot-engine"], &["tokio", "tonic", "prost", "tokio-postgres", "redis"]),
    ("heavy-work", &["model"], &["tonic", "prost", "tokio-postgres", "redis"]),
    ("files", &["model"], &["tonic", "prost", "tokio-postgres", "redis"]),
    ("tasks", &[], &["tonic", "prost", "tokio-postgres", "redis"]),
    ("redis-link", &["tasks", "tls"], &["tonic", "prost", "tokio-postgres"]),
    ("oidc", &["tls"], &["tonic", "prost", "tokio-postgres", "redis"]),
    ("outbound", &["model", "tls"], &["tonic", "prost", "tokio-postgres", "redis"]),
    ("jobs", &["model", "store"], &["tonic", "prost", "tokio-postgres", "redis"]),
    ("journal", &["model", "ot-engine", "redis-link"], &["tonic", "prost", "tokio-postgres"]),
    (
        "store",
        &["heavy-work", "model", "ot-engine", "tasks", "tls", "values"],
        &["tonic", "prost", "redis"],
    ),
    (
        "sheet",
        &[
            "gridloom",
            "heavy-work",
            "journal",
            "model",
            "ot-engine",
            "redis-link",
            "store",
            "tasks",
            "values",
        ],
        &["tonic", "tokio-postgres", "redis"],
    ),
    (
        "grpc-server",
        &[
            "csv-reader",
            "engine",
            "engine-link",
            "files",
            "gridloom",
            "heavy-work",
            "jobs",
            "journal",
            "model",
            "oidc",
            "ot-engine",
            "outbound",
            "redis-link",
            "sheet",
            "store",
            "tables",
            "tasks",
            "tls",
            "values",
        ],
        &["datafusion", "redis"],
    ),
    (
        "web-engine",
        &["client", "gridloom", "ot-engine", "values"],
        &["tokio", "tonic", "tokio-postgres"],
    ),
    ("web-vectors", &["ot-engine"], &["tokio", "tonic", "tokio-postgres"]),
    (
        "integration",
        &[
            "client",
            "csv-reader",
            "engine-link",
            "files",
            "gridloom",
            "grpc-server",
            "journal",
            "model",
            "ot-engine",
            "redis-link",
            "sheet",
            "store",
            "values",
        ],
        &[],
    ),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: String,
}

/// A crate of the workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    /// `dev`, `build`, or `None` for a dependency of the crate itself.
    kind: Option<String>,
}

/// A program or a library of a crate.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    kind: Vec<String>,
    /// The root file, from the repository's root.
    pub(crate) src_path: String,
}

impl Package {
    /// The names of other crates as sources write them.
    pub(crate) fn externs(&self) -> impl Iterator<Item = String> + '_ {
        self.dependencies.iter().map(|d| d.rename.as_ref().unwrap_or(&d.name).replace('-', "_"))
    }

    fn needs(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(|d| d.kind.is_none()).map(|d| d.name.as_str())
    }
}

impl Target {
    pub(crate) fn is_library(&self) -> bool {
        self.kind.iter().any(|kind| kind.ends_with("lib"))
    }

    /// Whether the target is part of the product: neither a test nor an example.
    pub(crate) fn is_product(&self) -> bool {
        self.is_library() || self.kind.iter().any(|kind| kind == "bin")
    }

    pub(crate) fn is_build_script(&self) -> bool {
        self.kind.iter().any(|kind| kind == "custom-build")
    }
}

/// Every crate of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo is needed to list the crates");
    assert!(output.status.success(), "cargo could not list the crates");
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("metadata are JSON");
    let top = Path::new(&metadata.workspace_root);
    let mut packages = metadata.packages;
    for target in packages.iter_mut().flat_map(|package| &mut package.targets) {
        let path = Path::new(&target.src_path).strip_prefix(top).expect("within the workspace");
        target.src_path = path.to_str().expect("paths are UTF-8").to_owned();
    }
    packages
}

#[test]
fn crates_depend_one_way() {
    let packages = packages();
    let ours: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut broken = Vec::new();
    for package in &packages {
        let Some((name, may, never)) = CRATES.iter().find(|(name, ..)| *name == package.name)
        else {
            broken.push(format!("{}: has no line in CRATES", package.name));
            continue;
        };
        let wrong = package
            .needs()
            .filter(|need| never.contains(need) || (ours.contains(need) && !may.contains(need)));
        broken.extend(wrong.map(|need| format!("{name}: must not depend on {need}")));
    }
    let gone = CRATES.iter().filter(|(name, ..)| !ours.contains(name));
    broken.extend(gone.map(|(name, ..)| format!("{name}: no such crate")));
    none(broken);
}

/// The lock files of packages outside the workspace. No build of the workspace reads them.
fn outside_locks() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--", "*/Cargo.lock"])
        .current_dir(root())
        .output()
        .expect("git is needed to list the lock files");
    let paths = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let read = |path: &str| {
        let text = std::fs::read_to_string(root().join(path)).expect("a lock file");
        (path.to_owned(), text)
    };
    paths.lines().map(read).collect()
}

/// The dependencies that a lock file lists for a crate of this repository; `None` without such a crate.
fn locked<'a>(lock: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let first = format!("\nname = \"{name}\"\n");
    let own = |entry: &&str| entry.starts_with(&first) && !entry.contains("\nsource = ");
    let entry = lock.split("[[package]]").find(own)?;
    let listed = entry.split("dependencies = [").nth(1).unwrap_or_default();
    let quoted = listed.lines().filter_map(|line| line.trim().strip_prefix('"'));
    let mut names: Vec<&str> = quoted.filter_map(|rest| rest.split([' ', '"']).next()).collect();
    names.sort_unstable();
    Some(names)
}

/// `cargo build --locked` of a package outside the workspace fails when its lock file is stale.
#[test]
fn lock_files_outside_the_workspace_match_the_manifests() {
    let (packages, locks) = (packages(), outside_locks());
    let (mut broken, mut checked) = (Vec::new(), 0);
    for (path, lock) in &locks {
        for package in &packages {
            let Some(locked) = locked(lock, &package.name) else { continue };
            let mut needed: Vec<&str> = package.needs().collect();
            needed.sort_unstable();
            checked += 1;
            if locked != needed {
                let name = &package.name;
                broken.push(format!("{path}: {name} needs {needed:?}, locked are {locked:?}"));
            }
        }
    }
    assert!(checked >= 2, "only {checked} crates found in {} lock files", locks.len());
    none(broken);
}

/// Checks the list that the rule above reads.
#[test]
fn dependencies_are_seen() {
    let packages = packages();
    let server = packages.iter().find(|package| package.name == "grpc-server").expect("a crate");
    assert!(server.needs().any(|need| need == "tokio-postgres"));
    assert!(!server.needs().any(|need| need == "proptest"), "a dependency of tests alone");
    assert!(
        server.targets.iter().any(|t| t.is_library() && t.src_path == "grpc-server/src/lib.rs")
    );
}
