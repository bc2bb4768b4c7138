//! CPU time of the servers.
//!
//! Not that of Postgres and of the generator. Invariant: without the process ids of the servers there is no figure.

use super::options::Options;
use crate::load::error::LoadError;
use crate::procfs;

/// CPU time of the servers up to now, in seconds, without their children; `None` without their process ids.
pub(super) fn server_seconds(options: &Options) -> Result<Option<f64>, LoadError> {
    if options.server_pid.is_empty() {
        return Ok(None);
    }
    let mut ticks = 0;
    for pid in &options.server_pid {
        ticks += procfs::process(*pid)?.own;
    }
    Ok(Some(ticks as f64 / procfs::ticks_per_second() as f64))
}

/// The microseconds for each of `count`, of the time since `before`.
pub(super) fn micros_each(
    options: &Options,
    before: Option<f64>,
    count: u64,
) -> Result<Option<f64>, LoadError> {
    let after = server_seconds(options)?;
    let used = after.zip(before).map(|(after, before)| after - before);
    Ok(used.map(|seconds| seconds * 1e6 / count.max(1) as f64))
}
