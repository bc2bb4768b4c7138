//! Plain SQL sessions with the server's embedded Postgres, past the server.
//!
//! Not the server's store. Invariant: a session has the superuser's rights, as an operator has.

use std::fs;
use std::path::Path;

use tokio_postgres::{Client, Config, NoTls};

use crate::harness::wait::eventually;

/// How to connect to the embedded Postgres of a data directory, as an operator does.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn embedded_config(data: &Path) -> Config {
    let home = data.join("postgres");
    let password = fs::read_to_string(home.join("password"))
        .unwrap_or_else(|error| panic!("no password in {}: {error}", home.display()));
    // A path that is too long for a socket is replaced by another one, which this file holds.
    let socket = fs::read_to_string(home.join("socket-elsewhere"))
        .map_or_else(|_| home.join("socket"), Into::into);
    let mut config = Config::new();
    config.host_path(socket).user("gridloom").password(password.trim()).dbname("gridloom");
    config
}

pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) =
        config.connect(NoTls).await.unwrap_or_else(|error| panic!("no SQL session: {error}"));
    // Ends when the client is dropped, or the server stops.
    tokio::spawn(connection);
    client
}

/// Waits until so many statements of the server wait for a lock.
///
/// # Panics
/// When Postgres does not answer, or too few wait in time.
pub async fn wait_for_locks(sql: &Client, count: i64) {
    let waiting = "select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and application_name = 'gridloom'";
    eventually("statements wait for the lock", async || {
        let waiting: i64 = sql.query_one(waiting, &[]).await.expect("a count").get(0);
        (waiting >= count).then_some(())
    })
    .await;
}
