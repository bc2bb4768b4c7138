//! Servers: as a process, or inside the test's process, each with a directory of its own.
//!
//! Not their clients. Invariant: a server listens on a free port.

mod home;
mod local;
mod server;

pub use home::Home;
pub use local::LocalServer;
pub use server::{Server, Stopped, serve_arguments};
