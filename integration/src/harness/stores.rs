//! Postgres and Redis for the servers under test.
//!
//! Not the servers. Invariant: no store is shared between tests.

mod own_postgres;
mod own_redis;
pub(crate) mod sql;
mod statements;
pub(crate) mod template;

pub use own_postgres::OwnPostgres;
pub use own_redis::OwnRedis;
pub use sql::{embedded_config, wait_for_locks};
pub use statements::Statements;
