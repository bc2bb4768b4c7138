//! The errors of a command to Redis.
//!
//! Invariant: no text holds what was sent, so none holds a password.

use ::redis::{ErrorKind, RedisError as DriverError, ServerErrorKind};

/// Why a command has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisError {
    /// Redis is away, or did not answer in time: the command may have been carried out, or may yet be.
    #[error("Redis is away: {0}")]
    Unavailable(String),
    /// Redis does not know the script: it was restarted or emptied, or another one took its place.
    #[error("Redis has lost its scripts")]
    NoScript,
    /// Redis has no room. Nothing was changed.
    #[error("Redis is full: {0}")]
    Full(String),
    /// Redis refused, or its answer has an unexpected form.
    #[error("Redis refused: {0}")]
    Refused(String),
}

impl From<DriverError> for RedisError {
    fn from(error: DriverError) -> Self {
        use ServerErrorKind as Server;
        // None of these texts holds what was sent, so none holds a password.
        let text = error.to_string();
        match (error.kind(), error.code()) {
            (ErrorKind::Server(Server::NoScript), _) => Self::NoScript,
            (_, Some("OOM" | "MISCONF")) => Self::Full(text),
            (
                ErrorKind::Io
                | ErrorKind::Parse
                | ErrorKind::ClusterConnectionNotFound
                | ErrorKind::Server(
                    Server::BusyLoading
                    | Server::ClusterDown
                    | Server::MasterDown
                    | Server::ReadOnly
                    | Server::TryAgain,
                ),
                _,
            ) => Self::Unavailable(text),
            _ if error.is_unrecoverable_error() => Self::Unavailable(text),
            _ => Self::Refused(text),
        }
    }
}

impl From<::redis::ParsingError> for RedisError {
    fn from(error: ::redis::ParsingError) -> Self {
        Self::Refused(error.to_string())
    }
}
