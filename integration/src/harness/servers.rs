//! Servers: as a process, or inside the test's process, each with a directory of its own.
//!
//! Not their clients. Invariant: each server has a port of its own.

mod bucket_server;
mod engine_cluster;
mod home;
mod local;
mod mail_server;
mod oidc_provider;
mod python;
mod server;

pub use bucket_server::BucketServer;
pub use engine_cluster::EngineCluster;
pub use home::Home;
pub use local::LocalServer;
pub use mail_server::{Letter, MailServer};
pub use oidc_provider::{OidcProvider, Returned};
pub use server::{Server, Stopped, serve_arguments};
