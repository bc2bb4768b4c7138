//! Servers that are scripts, in the Python environment of the tests.
//!
//! Not what they serve. Invariant: a server ends with its handle.

use std::env;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::harness::programs::{Process, binaries};
use crate::harness::wait::DEADLINE;

/// Starts a script of this folder, which prints its port. Gives the process, the port and the directory of its log.
pub(super) fn start(script: &str, flags: &[&str]) -> (Process, u16, TempDir) {
    let python = env::var_os("GRIDLOOM_PYTHON").map_or_else(
        || binaries::repository().join("target/tools/python/bin/python"),
        PathBuf::from,
    );
    let path = binaries::repository().join("integration/src/harness/servers").join(script);
    let path = path.to_string_lossy().into_owned();
    let flags = flags.iter().map(|flag| (*flag).to_owned());
    let arguments: Vec<String> = std::iter::once(path).chain(flags).collect();
    let log = tempfile::tempdir().expect("can make a temporary directory");
    let errors = log.path().join("errors");
    let mut process = Process::start(&python, &arguments, &errors);
    let port = process.next_line(DEADLINE).and_then(|line| line.parse().ok());
    let port = port.unwrap_or_else(|| {
        let errors = std::fs::read_to_string(&errors).unwrap_or_default();
        panic!("{script} did not start; `make setup-test` installs what it needs:\n{errors}")
    });
    (process, port, log)
}
