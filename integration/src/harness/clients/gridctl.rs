//! `gridctl` with a server and a configuration of its own: one sign-up, then one command after the other.
//!
//! Not the client's library: each command is a process. Invariant: no command reads another user's files.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::people::PASSWORD;
use crate::harness::programs::{Finished, Process, binaries, run};
use crate::harness::servers::Server;
use crate::harness::wait::DEADLINE;

/// The command line of one user.
#[derive(Debug)]
pub struct Gridctl {
    server: String,
    config: TempDir,
}

impl Gridctl {
    /// Signs up a new user, and returns their command line.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn sign_up(server: &Server, email: &str) -> Self {
        let this = Self::at(server);
        let _ = this.run(&["sign-up", email]).success();
        this
    }

    /// The command line of a user without an account.
    ///
    /// # Panics
    /// When its directory can't be created.
    #[must_use]
    pub fn at(server: &Server) -> Self {
        let config = tempfile::tempdir().expect("can make a temporary directory");
        Self { server: server.url().to_owned(), config }
    }

    /// Runs a command to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = Command::new(binaries::gridctl());
        command.args(arguments);
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        run(command, DEADLINE)
    }

    /// Runs a script of the shell, in which `$GRIDCTL` is the program.
    #[must_use]
    pub fn shell(&self, script: &str) -> Finished {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("GRIDCTL", binaries::gridctl());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        run(command, DEADLINE)
    }

    /// Starts a command that runs until it is stopped.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Process {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let log = self.config.path().join("errors");
        Process::start_with(&binaries::gridctl(), &arguments, &log, &self.environment())
    }

    /// The file of its saved tokens.
    #[must_use]
    pub fn tokens(&self) -> PathBuf {
        self.config.path().join("gridloom").join("credentials.json")
    }

    /// Imports a file and returns the new sheet's id.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn import(&self, file: &Path, flags: &[&str]) -> String {
        let file = file.to_string_lossy();
        let mut arguments = vec!["import", &file];
        arguments.extend(flags);
        let line = self.run(&arguments).success();
        line.split_whitespace().next().expect("the line begins with the id").to_owned()
    }

    fn environment(&self) -> Vec<(String, String)> {
        let set = [
            ("GRIDLOOM_SERVER", self.server.as_str()),
            ("GRIDLOOM_PASSWORD", PASSWORD),
            ("XDG_CONFIG_HOME", &self.config.path().to_string_lossy()),
        ];
        set.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}
