//! A mail server: aiosmtpd in the Python environment of the tests.
//!
//! Not a mailbox: each letter is a line that a test reads. Invariant: the server ends with its handle.

use std::env;
use std::path::PathBuf;

use serde::Deserialize;
use tempfile::TempDir;

use crate::harness::programs::{Process, binaries};
use crate::harness::wait::DEADLINE;

/// A letter that the server has taken.
#[derive(Clone, Debug, Deserialize)]
pub struct Letter {
    /// The sender of the envelope.
    pub sender: String,
    /// The recipients of the envelope.
    pub recipients: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its message id.
    pub message_id: String,
    /// Its text.
    pub text: String,
    /// Whether the connection had TLS.
    pub encrypted: bool,
}

impl Letter {
    /// The link in the letter.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn link(&self) -> &str {
        let link = self.text.lines().find(|line| line.contains("#gl"));
        link.unwrap_or_else(|| panic!("no link in {self:?}")).trim()
    }
}

/// A running mail server.
#[derive(Debug)]
pub struct MailServer {
    process: Process,
    port: u16,
    _log: TempDir,
}

impl MailServer {
    /// Starts one; `mail_server.py` lists the flags.
    ///
    /// # Panics
    /// When it does not start: `make setup-test` installs it.
    #[must_use]
    pub fn start(flags: &[&str]) -> Self {
        let python = env::var_os("GRIDLOOM_PYTHON").map_or_else(
            || binaries::repository().join("target/tools/python/bin/python"),
            PathBuf::from,
        );
        let script = binaries::repository().join("integration/src/harness/servers/mail_server.py");
        let script = script.to_string_lossy().into_owned();
        let flags = flags.iter().map(|flag| (*flag).to_owned());
        let arguments: Vec<String> = std::iter::once(script).chain(flags).collect();
        let log = tempfile::tempdir().expect("can make a temporary directory");
        let errors = log.path().join("errors");
        let mut process = Process::start(&python, &arguments, &errors);
        let port = process.next_line(DEADLINE).and_then(|line| line.parse().ok());
        let port = port.unwrap_or_else(|| {
            let errors = std::fs::read_to_string(&errors).unwrap_or_default();
            panic!("the mail server did not start; `make setup-test` installs it:\n{errors}")
        });
        Self { process, port, _log: log }
    }

    /// Its port at this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The flags of a server that sends its mail here, without TLS.
    #[must_use]
    pub fn flags(&self) -> [String; 2] {
        [
            format!("--smtp-url=smtp://127.0.0.1:{}", self.port),
            "--mail-from=grid@example.org".into(),
        ]
    }

    /// The next letter.
    ///
    /// # Panics
    /// When none comes before the deadline.
    #[must_use]
    pub fn letter(&mut self) -> Letter {
        let line = self.process.next_line(DEADLINE).expect("a letter comes");
        serde_json::from_str(&line).expect("is JSON")
    }
}
