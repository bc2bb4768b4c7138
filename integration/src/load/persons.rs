//! What persons notice of each other: the time until a message is on another person's stream, the cost of a crowd on one
//! sheet, and the cost of a role on the path of an edit.
//!
//! Not the load of edits (`run`). Invariant: the parts run one after the other, on an otherwise idle server.

pub mod options;

mod cpu;
mod crowd;
mod messages;
mod roles;
mod setup;

use std::fmt;

use grpc_server::serve::descriptors::raise;
use serde::Serialize;

use super::error::LoadError;
use options::Options;

/// Open files beside the connections.
const OTHER_FILES: u64 = 200;

/// All parts.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Servers that took the calls.
    pub nodes: usize,
    /// From `SendMessage` to the event on the other person's stream.
    pub messages: messages::MessageReport,
    /// A crowd on one sheet.
    pub crowd: crowd::CrowdReport,
    /// Edits by each role.
    pub roles: Vec<roles::RoleReport>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "nodes: {}\n{}{}", self.nodes, self.messages, self.crowd)?;
        self.roles.iter().try_for_each(|role| writeln!(f, "{role}"))
    }
}

/// Measures all parts. Calls `progress` with a line before each.
///
/// # Errors
/// When a part could not be measured.
pub async fn run(options: &Options, mut progress: impl FnMut(&str)) -> Result<Report, LoadError> {
    options.check()?;
    raise(u64::from(options.people) + OTHER_FILES);
    progress("messages");
    let messages = messages::measure(options).await?;
    progress("a crowd on one sheet");
    let crowd = crowd::measure(options).await?;
    progress("roles on the path of an edit");
    let roles = roles::measure(options).await?;
    Ok(Report { nodes: options.target.len(), messages, crowd, roles })
}
