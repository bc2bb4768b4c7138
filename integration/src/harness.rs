//! Starts the real programs on free ports, with data directories of their own, and deletes both at the end.
//!
//! Not a mock: a test calls the `gridloom` binary as a user does. Each function panics with a sentence when it
//! fails, and a failing test prints the server's log. Invariant: the harness ends only processes that it
//! started, by their handle.

mod clients;
mod faults;
mod percentile;
mod programs;
mod random;
mod servers;
mod stores;
mod wait;

pub use clients::{
    ConnectEvent, Grid, Gridctl, NativeSession, PASSWORD, WebConnection, WebSession, authorized,
    email_of, new_sheet, new_wide_sheet, opened, opened_new, sheet_calls, sign_up,
    sign_up_with_token, wide,
};
pub use faults::{Ballast, Link, Paused, Proxy, SmallDisk, kill_postgres};
pub use percentile::p99;
pub use programs::{Finished, Process, binaries, run};
pub use random::Random;
pub use servers::{
    BucketServer, EngineCluster, Home, Letter, LocalServer, MailServer, OidcProvider, Returned,
    Server, Stopped, serve_arguments,
};
pub use stores::{OwnPostgres, OwnRedis, Statements, embedded_config, wait_for_locks};
pub use wait::{DEADLINE, eventually, within};
