//! Brings the tables of a database to this release's form.
//!
//! Not the form itself: see the folder `migrations`. Invariant: a step that waits for a lock lets others wait for a bounded
//! time, since a statement that waits keeps all later ones on its table waiting.

mod requirements;

use std::error::Error;
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use crate::database::connection::Connection;
use crate::{MIGRATION_LOCK, Purpose, Store, StoreError};

/// How long one attempt of a step waits for a lock.
const LOCK_WITHIN: Duration = Duration::from_secs(2);
/// Between two attempts; others use the table meanwhile.
const PAUSE: Duration = Duration::from_secs(4);
/// How long the steps are tried, before the server gives up its start.
const GIVE_UP_AFTER: Duration = Duration::from_secs(10 * 60);

/// The longest transaction of others on this database.
const LONGEST: &str = "
    select pid, coalesce(application_name, ''), extract(epoch from now() - xact_start)::bigint
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
    order by xact_start limit 1";

impl Store {
    /// Brings the tables to this release's form. Safe to call from several nodes at once. While a long transaction holds a
    /// table, it tries again, and logs each time.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when the tables are newer than this release or were changed by
    /// hand, when the database is not UTF-8 or has no ICU, or when a table stays locked for ten minutes;
    /// [`StoreError::Unavailable`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = Connection::get(&self.pools, Purpose::Bulk).await?;
        // Given back neither the lock nor the settings: they end with the connection.
        connection.discard();
        connection.batch_execute("set statement_timeout = 0").await?;
        requirements::check(&connection).await?;
        connection.execute("select pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await?;
        let bounded = format!("set lock_timeout = {}", LOCK_WITHIN.as_millis());
        connection.batch_execute(&bounded).await?;
        let begun = Instant::now();
        loop {
            let run = steps::migrations::runner().run_async(connection.client_mut()).await;
            match run {
                Ok(report) => {
                    for migration in report.applied_migrations() {
                        tracing::info!(%migration, "database migrated");
                    }
                    return requirements::compare_versions(&connection).await;
                }
                Err(error) if is_locked(&error) => {
                    let holder = holder(&connection).await?;
                    if begun.elapsed() > GIVE_UP_AFTER {
                        let text = format!("a table stays locked; end this transaction: {holder}");
                        return Err(StoreError::Migration(text));
                    }
                    tracing::warn!(holder, "database migration waits for a table; retrying");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The longest transaction, for the log.
async fn holder(connection: &Connection) -> Result<String, StoreError> {
    let Some(row) = connection.query_opt(LONGEST, &[]).await? else {
        return Ok("none that lasts".to_owned());
    };
    let (pid, program, seconds): (i32, &str, i64) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    Ok(format!("pid {pid} of {program:?}, for {seconds} s"))
}

/// Whether a step has waited for a lock as long as it may.
fn is_locked(error: &refinery::Error) -> bool {
    let mut source: Option<&dyn Error> = Some(error);
    while let Some(error) = source {
        let of_postgres = error.downcast_ref::<tokio_postgres::Error>();
        if of_postgres.is_some_and(|it| it.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)) {
            return true;
        }
        source = error.source();
    }
    false
}

/// The numbers of the steps that this release knows.
pub(crate) fn versions() -> Vec<i64> {
    let runner = steps::migrations::runner();
    runner.get_migrations().iter().map(|step| i64::from(step.version())).collect()
}

/// The files of `grpc-server/store/migrations`, compiled in.
mod steps {
    refinery::embed_migrations!("migrations");
}
