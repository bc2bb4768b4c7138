//! A mail server: aiosmtpd in the Python environment of the tests.
//!
//! Not a mailbox: each letter is a line that a test reads. Invariant: the server ends with its handle.

use serde::Deserialize;
use tempfile::TempDir;

use super::python;
use crate::harness::programs::Process;
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
        let (process, port, log) = python::start("mail_server.py", flags);
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
