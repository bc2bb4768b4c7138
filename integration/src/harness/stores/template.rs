//! A template of a Postgres cluster, which each test copies: to initialize one takes seconds, most of them for
//! syncs to disk that a test does not need.
//!
//! Also part of the server's own tests, which can't use this package. Not for tests of the initialization.
//! Invariant: a template is whole or absent, and no Postgres runs in it.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, DirBuilder, File};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, thread};

use grpc_server::postgres::{self, EmbeddedPostgres};

/// The code that initializes clusters: its hash names the template, so a change of it makes a new one.
const HOW: &str = include_str!("../../../../grpc-server/src/postgres/cluster.rs");

/// Copies a cluster with a database into a data directory that is new or empty.
///
/// # Panics
/// When that can't be done.
pub(crate) fn copy_cluster_into(data_dir: &Path) {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    let template = TEMPLATE.get_or_init(find_or_make);
    let home = data_dir.join("postgres");
    fs::create_dir_all(data_dir).expect("can make the data directory");
    DirBuilder::new().mode(0o700).create(&home).expect("the data directory is empty");
    // Owner and permissions too: as root, the cluster belongs to the user that Postgres runs as.
    let mut copy = Command::new("cp");
    copy.arg("-a").args([template.join("data"), template.join("password")]).arg(&home);
    let status = copy.status().expect("can run cp");
    assert!(status.success(), "cp from {}: {status}", template.display());
}

/// The template beside the programs of this profile. One process makes it while the others wait for a lock.
fn find_or_make() -> PathBuf {
    let own = env::current_exe().expect("a running program has a path");
    let beside = own.parent().expect("a program lies in a directory");
    let directory = if beside.ends_with("deps") { beside.join("..") } else { beside.to_owned() };
    let mut hasher = DefaultHasher::new();
    HOW.hash(&mut hasher);
    let version = postgres::newest_version().expect("Postgres is installed");
    let name = format!("postgres-{version}-{:016x}", hasher.finish());
    let (made, unfinished) = (directory.join(&name), directory.join(format!("{name}.new")));
    let lock = File::create(directory.join("postgres-template.lock")).expect("can make a file");
    lock.lock().expect("can be locked");
    if !made.exists() {
        // The unfinished template of a process that was killed.
        drop(fs::remove_dir_all(&unfinished));
        make(&unfinished);
        fs::rename(unfinished.join("postgres"), &made).expect("can be renamed");
        drop(fs::remove_dir_all(&unfinished));
    }
    made
}

/// On a thread of its own: a test may or may not have a runtime around it.
fn make(data_dir: &Path) {
    thread::scope(|scope| {
        let made = scope.spawn(|| {
            let runtime = tokio::runtime::Runtime::new().expect("can start a runtime");
            runtime.block_on(async {
                let started = EmbeddedPostgres::start(data_dir).await;
                started.expect("Postgres starts").0.stop().await;
            });
        });
        made.join().expect("a template can be made");
    });
}
