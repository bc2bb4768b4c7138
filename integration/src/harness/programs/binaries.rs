//! The paths of the programs under test, built from the present sources.
//!
//! Not a build system: the programs are in the profile directory of the calling program, and cargo builds them.
//! Invariant: a missing program, or one older than a source, is built before its first use, by one process at a
//! time.

use std::env;
use std::fs::{self, File};
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The sources of the programs.
const SOURCES: [&str; 24] = [
    "Cargo.lock",
    "build.rs",
    "proto",
    "ot-engine/src",
    "ot-engine/values/src",
    "grpc-server/src",
    "grpc-server/cluster/src",
    "grpc-server/csv-reader/src",
    "grpc-server/engine/src",
    "grpc-server/engine-link",
    "grpc-server/files/src",
    "grpc-server/heavy-work/src",
    "grpc-server/jobs/src",
    "grpc-server/journal/src",
    "grpc-server/model/src",
    "grpc-server/outbound/src",
    "grpc-server/redis-link/src",
    "grpc-server/sheet/src",
    "grpc-server/store/migrations",
    "grpc-server/store/src",
    "grpc-server/tables/src",
    "client/src",
    "integration/src",
    "tls/src",
];

/// The server.
#[must_use]
pub fn gridloom() -> PathBuf {
    program("gridloom")
}

/// The command-line client.
#[must_use]
pub fn gridctl() -> PathBuf {
    program("gridctl")
}

/// The scheduler and the executors of a cluster.
#[must_use]
pub fn gridloom_engine() -> PathBuf {
    program("gridloom-engine")
}

/// The load generator.
#[must_use]
pub fn load() -> PathBuf {
    program("load")
}

/// The benchmark.
#[must_use]
pub fn bench() -> PathBuf {
    program("bench")
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build_where_stale).join(name)
}

/// The directory of this profile's programs, after making sure that they are fresh.
fn build_where_stale() -> PathBuf {
    let own = env::current_exe().expect("a running program has a path");
    let beside = own.parent().expect("a program lies in a directory");
    // Tests lie in `deps`, one below the programs.
    let directory = if beside.ends_with("deps") { beside.join("..") } else { beside.to_owned() };
    let lock =
        File::create(directory.join(".gridloom-programs.lock")).expect("can make a lock file");
    lock.lock().expect("can wait for the lock");
    // Touched after each build: cargo leaves a program alone that a newer source does not change.
    let stamp = directory.join(".gridloom-programs");
    if is_stale(&directory, &stamp) {
        build(&directory);
        fs::write(&stamp, "").expect("can write beside the programs");
    }
    directory
}

fn is_stale(directory: &Path, stamp: &Path) -> bool {
    let age = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let mut programs = ["gridloom", "gridloom-engine", "gridctl", "load", "bench"]
        .iter()
        .map(|name| age(&directory.join(name)));
    let oldest = programs.by_ref().try_fold(None, |oldest: Option<SystemTime>, time| {
        time.map(|time| Some(oldest.map_or(time, |oldest| oldest.min(time))))
    });
    let Some(Some(oldest)) = oldest else { return true };
    let built = age(stamp).map_or(oldest, |stamp| stamp.max(oldest));
    let root = repository();
    SOURCES.iter().any(|source| newest(&root.join(source)).is_some_and(|time| time > built))
}

/// When the newest file at or below `path` was written.
fn newest(path: &Path) -> Option<SystemTime> {
    if let Ok(entries) = fs::read_dir(path) {
        return entries.flatten().filter_map(|entry| newest(&entry.path())).max();
    }
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

fn build(directory: &Path) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // All that the tests build, so that dependencies get the same features, and none is compiled a second time.
    let targets = ["--workspace", "--bins", "--examples", "--tests"];
    command.current_dir(repository()).args(["build", "--quiet"]).args(targets);
    let real = directory.canonicalize().expect("the directory of the programs is there");
    if real.ends_with("release") {
        command.arg("--release");
    }
    if let Some(target) = real.parent() {
        command.env("CARGO_TARGET_DIR", target);
    }
    // Printed, because the first test takes longer by the build.
    let _ = writeln!(stderr(), "building the programs under test, whose sources have changed");
    let status = command.status().expect("cargo can be run");
    assert!(status.success(), "the programs under test do not build");
}
