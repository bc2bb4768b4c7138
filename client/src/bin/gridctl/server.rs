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
}

/// A server, which may not answer.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: String,
    trust: Trust,
}

impl ServerArgs {
    /// Reads the authorities.
    pub(crate) fn read(&self) -> Result<Server, Failure> {
        let trust = Trust::new(self.tls_ca.as_deref())
            .map_err(|error| Failure::Message(error.to_string()))?;
        Ok(Server { address: self.server.trim_end_matches('/').to_owned(), trust })
    }
}

impl Server {
    /// Connects without a token.
    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        Client::connect_trusting(&self.address, &self.trust).await
    }
}
