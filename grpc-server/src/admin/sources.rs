//! The database and, where there is one, the journal that an operator's command reads.
//!
//! Not a server: nothing is created, and no table is migrated.
//!
//! Invariant: the journal is opened before the database, so no server starts on it in between.

use std::path::{Path, PathBuf};

use crate::config::{self, DATA_DIR, DatabaseUrl, SecretParser, TrustOptions};
use crate::postgres::{EmbeddedPostgres, PostgresError};
use crate::serve::JOURNAL_DIR;
use journal::{Inspection, OpenJournalError, inspect};
use store::Store;

/// Connections: the check reads one sheet after the other.
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
    /// A file with the value of --database-url
    #[arg(
        long,
        env = "GRIDLOOM_DATABASE_URL_FILE",
        value_name = "FILE",
        conflicts_with = "database_url"
    )]
    pub database_url_file: Option<PathBuf>,
    /// The authorities of the certificate of Postgres.
    #[command(flatten)]
    pub trust: TrustOptions,
}

/// The journal of a data directory.
#[derive(Debug)]
pub(super) enum JournalFound {
    /// No data directory was named, or there is no journal in it.
    None,
    /// A server runs on it and changes it.
    InUse,
    /// A file is damaged.
    Damaged(String),
    /// Its contents.
    Read(Inspection),
}

/// Open sources.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) store: Store,
    pub(super) journal: JournalFound,
    /// A Postgres that runs for this command only.
    postgres: Option<EmbeddedPostgres>,
}

impl Place {
    /// The data directory; without a URL of Postgres, the usual one.
    pub(super) fn data_dir(&self) -> Option<PathBuf> {
        let default = self.database_url.is_none().then(|| PathBuf::from(DATA_DIR));
        self.data_dir.clone().or(default)
    }

    /// Reads the URL that is in a file.
    pub(super) fn read_files(&mut self) -> Result<(), String> {
        if let Some(file) = self.database_url_file.take() {
            self.database_url = Some(config::read_database_url(&file)?);
        }
        Ok(())
    }

    /// Opens the journal, then the database: a server that opens the journal later does not start.
    pub(super) async fn open(&self) -> Result<Sources, String> {
        let data_dir = self.data_dir();
        let journal = match &data_dir {
            Some(dir) => journal(dir).await?,
            None => JournalFound::None,
        };
        let (database, postgres) = match (&self.database_url, data_dir) {
            (Some(url), _) => {
                let trust = self.trust.read().map_err(|error| error.to_string())?;
                (url.database(&trust).map_err(|error| error.to_string())?, None)
            }
            (None, Some(dir)) => {
                let (config, postgres) = embedded(&dir).await?;
                (config.into(), postgres)
            }
            (None, None) => return Err("give --database-url or --data-dir".to_owned()),
        };
        let store = Store::connect(database, POOL_CONNECTIONS).await;
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
    /// Refuses tables of another release: they are not migrated, because the command is about the old form.
    async fn check_form(&self) -> Result<(), String> {
        let (form, known) = self.store.form().await.map_err(|error| error.to_string())?;
        match form {
            Some(form) if form == known => Ok(()),
            Some(form) if form < known => Err(format!(
                "the tables have form {form}, this release's is {known}; run `gridloom migrate` first"
            )),
            Some(form) => Err(format!(
                "the tables have form {form}, and this release supports up to {known}; use the \
                 release that wrote them"
            )),
            None => Err("the database has no tables of Gridloom".to_owned()),
        }
    }

    /// Closes the database; stops a Postgres that was started for this command.
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

/// Fails unless a data directory holds an embedded Postgres: an operator's command creates none.
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
