//! What an operator's command works on: a database and, where there is one, a journal.
//!
//! Opened to be read: nothing is made that is not there, and no table is brought to another form.

use std::path::{Path, PathBuf};

use crate::config::{DATA_DIR, DatabaseUrl, SecretParser};
use crate::postgres::{EmbeddedPostgres, PostgresError};
use crate::serve::JOURNAL_DIR;
use journal::{Inspection, OpenJournalError, inspect};
use store::Store;

/// The check reads one sheet after the other.
const POOL_CONNECTIONS: usize = 2;

/// Where a database is.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// Directory of the journal and of the embedded Postgres; with --database-url only the journal in
    /// it is read
    #[arg(long, env = "GRIDLOOM_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Your own Postgres, as postgres://user:password@host/database; without it, the one in the data
    /// directory
    #[arg(long, env = "GRIDLOOM_DATABASE_URL", value_name = "URL", hide_env_values = true,
        value_parser = SecretParser::<DatabaseUrl>::default())]
    pub database_url: Option<DatabaseUrl>,
}

/// What was found of the journal.
#[derive(Debug)]
pub(super) enum JournalFound {
    /// No data directory was named, or there is no journal in it.
    None,
    /// A server runs on it; what it holds changes while one looks.
    InUse,
    /// A file is not what was written.
    Damaged(String),
    /// It was read.
    Read(Inspection),
}

/// Open sources.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) store: Store,
    pub(super) journal: JournalFound,
    /// Runs for this command only.
    postgres: Option<EmbeddedPostgres>,
}

impl Place {
    /// Opens what is there. The journal first: a server that opens it later does not start.
    pub(super) async fn open(&self) -> Result<Sources, String> {
        let default = self.database_url.is_none().then(|| PathBuf::from(DATA_DIR));
        let data_dir = self.data_dir.clone().or(default);
        let journal = match &data_dir {
            Some(dir) => journal(dir).await?,
            None => JournalFound::None,
        };
        let (config, postgres) = match (&self.database_url, data_dir) {
            (Some(url), _) => (url.config(), None),
            (None, Some(dir)) => embedded(&dir).await?,
            (None, None) => return Err("give --database-url or --data-dir".to_owned()),
        };
        let store = Store::connect(config, POOL_CONNECTIONS).await;
        let store = store.map_err(|error| error.to_string())?;
        let sources = Sources { store, journal, postgres };
        match sources.check_form().await {
            Ok(()) => Ok(sources),
            Err(text) => {
                sources.close().await;
                Err(text)
            }
        }
    }
}

impl Sources {
    /// The tables are not brought to this release's form, because the old one is what was asked about.
    async fn check_form(&self) -> Result<(), String> {
        let (form, known) = self.store.form().await.map_err(|error| error.to_string())?;
        match form {
            Some(form) if form == known => Ok(()),
            Some(form) if form < known => Err(format!(
                "the tables have form {form}, this release's is {known}; run `gridloom migrate` first"
            )),
            Some(form) => Err(format!(
                "the tables have form {form}, and this release knows none beyond {known}; take the \
                 release that wrote them"
            )),
            None => Err("the database has no tables of Gridloom".to_owned()),
        }
    }

    /// Lets go; a Postgres that was started for this is stopped.
    pub(super) async fn close(self) {
        let Self { store, postgres, .. } = self;
        drop(store);
        if let Some(postgres) = postgres {
            postgres.stop().await;
        }
    }
}

async fn journal(data_dir: &Path) -> Result<JournalFound, String> {
    let dir = data_dir.join(JOURNAL_DIR);
    let read = tokio::task::spawn_blocking(move || inspect(&dir)).await;
    match read.map_err(|error| error.to_string())? {
        Ok(Some(inspection)) => Ok(JournalFound::Read(inspection)),
        Ok(None) => Ok(JournalFound::None),
        Err(OpenJournalError::InUse(_)) => Ok(JournalFound::InUse),
        Err(error @ OpenJournalError::Damaged { .. }) => {
            Ok(JournalFound::Damaged(error.to_string()))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Whether a data directory holds an embedded Postgres: an operator's command makes none.
pub(super) fn check_exists(data_dir: &Path) -> Result<(), String> {
    if EmbeddedPostgres::exists(data_dir) {
        return Ok(());
    }
    let dir = data_dir.display();
    Err(format!("there is no embedded Postgres in {dir}; give --data-dir or --database-url"))
}

/// Starts the Postgres of a data directory, or joins the one that a server runs there.
async fn embedded(
    data_dir: &Path,
) -> Result<(tokio_postgres::Config, Option<EmbeddedPostgres>), String> {
    check_exists(data_dir)?;
    match EmbeddedPostgres::start(data_dir).await {
        Ok((postgres, config)) => Ok((config, Some(postgres))),
        Err(PostgresError::InUse(_)) => {
            let config = EmbeddedPostgres::running(data_dir).map_err(|error| error.to_string())?;
            Ok((config, None))
        }
        Err(error) => Err(error.to_string()),
    }
}
