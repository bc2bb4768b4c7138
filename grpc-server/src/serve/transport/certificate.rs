//! The certificate in use, and its renewal while the server runs.
//!
//! Not a handshake. Invariant: there is always a certificate with its key; files that don't fit leave the earlier
//! one in use, and the log names the reason once for each content.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use model::limits::edge::CERTIFICATE_READ_EVERY;
use tls::{Identity, ServerConfig, TlsError};

/// HTTP/2 first; a client that names neither gets what its first bytes ask for.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How often the log has a line about a certificate that has ended or ends soon.
const WARN_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// The files, and the configuration that was made of them.
#[derive(Debug)]
pub(super) struct Certificate {
    files: (PathBuf, PathBuf),
    first: Identity,
    current: RwLock<Arc<ServerConfig>>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`] when they can't be used.
    pub(super) async fn load(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let files = (certificate, key);
        let first = read(files.clone()).await?;
        warn_of_expiry(&first);
        let current = RwLock::new(Arc::new(first.server_config(&PROTOCOLS)?));
        Ok(Self { files, first, current })
    }

    /// The configuration for a new connection.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        // Every change is a single assignment, so a poisoned lock is whole.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files at intervals, until `stop`. Connections that are open keep theirs.
    pub(super) async fn keep_current(&self, stop: CancellationToken) {
        let mut ticks = interval(CERTIFICATE_READ_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut tried, mut failure, mut warned) = (self.first.clone(), None, Instant::now());
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            match self.renew(&mut tried).await {
                Ok(false) if warned.elapsed() < WARN_EVERY => {}
                Ok(false) => {
                    warned = Instant::now();
                    warn_of_expiry(&tried);
                }
                Ok(true) => {
                    failure = None;
                    warn_of_expiry(&tried);
                    tracing::info!(file = %self.files.0.display(), "certificate renewed");
                }
                Err(error) => {
                    let text = error.to_string();
                    if failure.as_ref() != Some(&text) {
                        tracing::warn!(%error, "certificate not renewed; the earlier one stays in use");
                        failure = Some(text);
                    }
                }
            }
        }
    }

    /// Takes the files when they differ from those that were tried last.
    async fn renew(&self, tried: &mut Identity) -> Result<bool, TlsError> {
        let found = read(self.files.clone()).await?;
        if found == *tried {
            return Ok(false);
        }
        let made = found.server_config(&PROTOCOLS);
        *tried = found;
        let made = Arc::new(made?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(true)
    }
}

fn warn_of_expiry(identity: &Identity) {
    if let Some(warning) = identity.expiry_warning(SystemTime::now()) {
        tracing::warn!("{warning}");
    }
}

async fn read((certificate, key): (PathBuf, PathBuf)) -> Result<Identity, TlsError> {
    let read = tokio::task::spawn_blocking(move || Identity::read(&certificate, &key)).await;
    // The only error is a panic, and reading has none.
    read.unwrap_or_else(|error| Err(TlsError::Setup(error.to_string())))
}
