//! Sessions as the registry of all nodes knows them, and how they end.
//!
//! Not the sessions themselves: those live in their sheet. Invariant: a session's id is given once,
//! by the run of a server that it is on, and names that run.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::{AccountId, NodeId, SheetId};

/// Names a session uniquely over all nodes and times: `NODE-NUMBER` in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    /// The run of a server that it is on.
    pub node: NodeId,
    /// Its number there.
    pub number: u64,
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.node.0.simple(), self.number)
    }
}

/// Not of the form `NODE-NUMBER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no session id")]
pub struct NoSessionId;

impl FromStr for SessionId {
    type Err = NoSessionId;

    fn from_str(text: &str) -> Result<Self, NoSessionId> {
        let (node, number) = text.split_once('-').ok_or(NoSessionId)?;
        let node = Uuid::try_parse(node).map_err(|_| NoSessionId)?;
        let number = u64::from_str_radix(number, 16).map_err(|_| NoSessionId)?;
        let id = Self { node: NodeId(node), number };
        // One session, one spelling: a map may be keyed by either.
        (id.to_string() == text).then_some(id).ok_or(NoSessionId)
    }
}

/// How a session reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// One stream both ways.
    Stream,
    /// `Watch` and `Send`, as browsers do.
    Web,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As it should, by either side.
    Closed,
    /// Its node stopped.
    Drained,
    /// Something that it needed was away.
    Error,
    /// Its node died before it registered the end.
    Lost,
}

/// The end of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    /// When.
    pub at_micros: i64,
    /// How.
    pub how: Ended,
    /// Why, for an operator; may be empty.
    pub detail: String,
}

/// A session as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its name.
    pub id: SessionId,
    /// The sheet, as it was asked for.
    pub sheet: SheetId,
    /// Whose it is.
    pub account: AccountId,
    /// How it reaches the server.
    pub client: ClientKind,
    /// When it was opened, or was to be.
    pub opened_micros: i64,
    /// `None` while it is open.
    pub end: Option<SessionEnd>,
}

/// A session as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// The record of the registry.
    pub record: SessionRecord,
    /// The node's name; `None` when its entry is gone.
    pub node_name: Option<String>,
    /// The account's e-mail address; `None` when it is gone.
    pub email: Option<String>,
    /// The sheet's name; `None` when there is none, or it is gone.
    pub sheet_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_is_read_as_it_is_written_and_no_other_way() {
        let id = SessionId { node: NodeId(Uuid::from_u128(7)), number: 255 };
        let text = id.to_string();
        assert_eq!(text, "00000000000000000000000000000007-ff");
        assert_eq!(text.parse(), Ok(id));
        let hyphenated = format!("{}-ff", id.node);
        for other in
            ["", "-", "7-ff", &text.to_uppercase(), &text.replace("ff", "0ff"), &hyphenated]
        {
            assert_eq!(other.parse::<SessionId>(), Err(NoSessionId), "{other}");
        }
    }
}
