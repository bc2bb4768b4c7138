//! `gridctl` as a person uses it: signed in once, then one command after the other.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Finished, Process, run};
use super::{DEADLINE, PASSWORD, Server, binaries};

/// Somebody with a command line.
#[derive(Debug)]
pub struct Gridctl {
    server: String,
    config: TempDir,
}

impl Gridctl {
    /// Somebody who has just signed up.
    ///
    /// # Panics
    /// When that does not work.
    #[must_use]
    pub fn sign_up(server: &Server, email: &str) -> Self {
        let this = Self::at(server);
        let _ = this.run(&["sign-up", email]).success();
        this
    }

    /// Somebody who is not signed in.
    ///
    /// # Panics
    /// When there is no room for their files.
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

    /// Runs a command that goes on until it is stopped.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Process {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let log = self.config.path().join("errors");
        Process::start_with(&binaries::gridctl(), &arguments, &log, &self.environment())
    }

    /// Imports a file and gives the new sheet's id.
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
