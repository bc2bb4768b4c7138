//! What went wrong, and what to do next: the one place that words it for the person at the terminal.

use std::fmt;
use std::io;
use std::path::PathBuf;

use client::Error;
use tonic::Code;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server, or the way to it.
    Client(Error),
    /// Nobody is signed in on this server.
    NotSignedIn,
    /// A sentence that says it all.
    Told(String),
    /// A file could not be used.
    File { what: &'static str, path: PathBuf, cause: io::Error },
    /// Standard output could not be written.
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Output(cause)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(error) => client_error(error, f),
            Self::NotSignedIn => f.write_str(
                "you are not signed in on this server; `gridctl sign-in EMAIL` signs you in, \
                 `gridctl sign-up EMAIL` makes an account",
            ),
            Self::Told(sentence) => f.write_str(sentence),
            Self::File { what, path, cause } => {
                write!(f, "cannot {what} {}: {cause}", path.display())
            }
            Self::Output(cause) => write!(f, "cannot write the output: {cause}"),
        }
    }
}

fn client_error(error: &Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{error}")?;
    if let Error::Refused(refusal) = error {
        for violation in &refusal.violations {
            // The message often says it already.
            if !refusal.message.contains(&violation.rule) {
                write!(f, "\n  {}: {}", violation.field, violation.rule)?;
            }
        }
        if let Some(wait) = refusal.retry_after {
            write!(f, "\n  try again in {} seconds", wait.as_secs_f64().ceil())?;
        }
    }
    match hint(error) {
        Some(hint) => write!(f, "\n  {hint}"),
        None => Ok(()),
    }
}

/// What to do next.
fn hint(error: &Error) -> Option<&'static str> {
    if let Error::Unreachable { .. } = error {
        return Some(
            "is it running? `gridloom serve` starts one; --server or GRIDLOOM_SERVER names another",
        );
    }
    match error.code()? {
        Code::Unauthenticated => Some("sign in with `gridctl sign-in EMAIL`"),
        Code::AlreadyExists => Some("the account is there already: `gridctl sign-in EMAIL`"),
        Code::NotFound => Some("`gridctl sheets` lists the sheets that you may read"),
        Code::Unimplemented => Some("the server is older or newer than this gridctl"),
        _ => None,
    }
}
