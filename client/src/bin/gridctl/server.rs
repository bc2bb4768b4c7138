//! The server of a command: its address, and the authorities that check its certificate.
//!
//! Not the token: see `credentials`. Invariant: the address has no slash at its end, because tokens are saved by it.

use std::path::PathBuf;

use clap::Args;
use client::net::Trust;
use client::{Client, Error};

use crate::failure::Failure;

/// The options of every command.
#[derive(Args, Debug)]
pub(crate) struct ServerArgs {
    /// The server's address; several addresses of one server are separated by commas.
    #[arg(long, global = true, env = "GRIDLOOM_SERVER", default_value = "http://127.0.0.1:7400")]
    server: String,
    /// PEM file with an authority to trust for https://, besides those of this machine.
    #[arg(long, global = true, env = "GRIDLOOM_TLS_CA", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// The place of your changes, any name: `undo` and `redo` act on what was done at the same place. An empty name: no
    /// place, which is where changes of releases before places are. Without this option: your account on this machine.
    #[arg(long, global = true, env = "GRIDLOOM_PLACE", value_name = "NAME")]
    place: Option<String>,
}

/// A server, which may not answer.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: String,
    /// The name of the place of changes, where one was given.
    pub(crate) place: Option<String>,
    trust: Trust,
}

impl ServerArgs {
    /// Reads the authorities.
    pub(crate) fn read(&self) -> Result<Server, Failure> {
        let trust = Trust::new(self.tls_ca.as_deref())
            .map_err(|error| Failure::Message(error.to_string()))?;
        let address = self.server.trim_end_matches('/').to_owned();
        Ok(Server { address, place: self.place.clone(), trust })
    }
}

impl Server {
    /// Connects without a token.
    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        Client::connect_trusting(&self.address, &self.trust).await
    }
}
