//! The failures of a command, with the text for the person at the terminal.
//!
//! It handles no failure. Invariant: each text ends with what to do, where anything can be done.

mod field;
mod file;

use std::fmt;
use std::io;
use std::path::PathBuf;

use client::Error;
use tonic::Code;

pub(crate) use self::file::{CORRECT, refused_file};
use crate::output::words::with_options;

/// The reason why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server refused the call, or no server answered.
    Client(Error),
    /// No token is saved for this server.
    NotSignedIn,
    /// A complete sentence.
    Message(String),
    /// The person has interrupted the command. A complete sentence.
    Interrupted(String),
    /// A file can't be read or written.
    File { verb: &'static str, path: PathBuf, cause: io::Error },
    /// Standard output can't be written.
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
                "you are not signed in on this server; sign in with `gridctl sign-in EMAIL`, \
                 or make an account with `gridctl sign-up EMAIL`",
            ),
            Self::Message(sentence) | Self::Interrupted(sentence) => f.write_str(sentence),
            Self::File { verb, path, cause } => {
                write!(f, "cannot {verb} {}: {cause}", path.display())
            }
            Self::Output(cause) => write!(f, "cannot write the output: {cause}"),
        }
    }
}

fn client_error(error: &Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&sentence(error))?;
    if let Error::Refused(refusal) = error {
        for violation in &refusal.violations {
            // The message often contains the rule.
            if !refusal.message.contains(&violation.rule) {
                let field = &violation.field;
                let typed = field::typed(field).unwrap_or_else(|| field.clone());
                write!(f, "\n  {typed}: {}", with_options(&violation.rule))?;
            }
        }
        if let Some(wait) = refusal.retry_after {
            write!(f, "\n  try again in {}", seconds(wait.as_secs_f64().ceil()))?;
        }
    }
    match hint(error) {
        Some(hint) => write!(f, "\n  {hint}"),
        None => Ok(()),
    }
}

/// The text of an error, with what the person has typed in place of the path of a field.
fn sentence(error: &Error) -> String {
    let text = error.to_string();
    let Error::Refused(refusal) = error else { return text };
    let typed = refusal.violations.iter().find_map(|violation| {
        let rule = text.strip_prefix(&*violation.field)?.strip_prefix(": ")?;
        Some(format!("{}: {rule}", field::typed(&violation.field)?))
    });
    with_options(&typed.unwrap_or(text))
}

fn seconds(count: f64) -> String {
    if count == 1.0 { "1 second".to_owned() } else { format!("{count} seconds") }
}

/// The next step for the person.
fn hint(error: &Error) -> Option<&'static str> {
    if let Error::Unreachable { .. } = error {
        return Some(
            "start a server with `gridloom serve`, or choose another with --server or GRIDLOOM_SERVER",
        );
    }
    let reason = match error {
        Error::Refused(refusal) => refusal.reason.as_deref(),
        _ => None,
    };
    if let Some(hint) = reason.and_then(hint_of_reason) {
        return Some(hint);
    }
    match error.code()? {
        Code::Unauthenticated => Some("sign in with `gridctl sign-in EMAIL`"),
        Code::AlreadyExists => Some("the account exists; sign in with `gridctl sign-in EMAIL`"),
        Code::Unimplemented => {
            Some("the server does not know this call; use a gridctl of the same release")
        }
        _ => None,
    }
}

/// The next step after a refusal with this reason.
fn hint_of_reason(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "SHEET_NOT_FOUND" => "`gridctl sheets` lists the sheets that you can read",
        "JOB_BEING_CANCELLED" => "`gridctl jobs wait JOB` waits for its end; retry it then",
        "JOB_NOT_RETRYABLE" => "begin the work again with the command that began it",
        "TOO_MANY_JOBS" => {
            "`gridctl jobs --state waiting` lists those that wait, and `gridctl jobs cancel JOB` cancels one"
        }
        "STORAGE_FULL" | "FILES_EXCEEDED" => {
            "`gridctl files usage` shows what your files occupy, and `gridctl files remove FILE --for-good` frees it"
        }
        "UPLOADS_EXCEEDED" => {
            "`gridctl files uploads` lists the uploads under way, and `gridctl files cancel UPLOAD` ends one"
        }
        "VIEW_GONE" => "run the command again, which makes the view again",
        "SUMMARY_TOO_SLOW" | "QUERY_TOO_LARGE" => "choose fewer rows with --where",
        "ENGINE_AWAY" => "ask the operator whether the scheduler and executors of `--engine` run",
        "SHEET_FULL" => "choose fewer rows with --where, or fewer columns with --columns",
        "TABLE_CHANGED" => "the file was read again meanwhile; run the command again",
        "FILE_REMOVED" => "restore it first, with `gridctl files restore FILE`",
        "PIECE_LOST" | "PIECE_CHANGED" => {
            "where you still have it, remove it here with `gridctl files remove FILE`, then upload it again"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use client::net::{Refusal, Violation};

    use super::*;

    #[test]
    fn a_damaged_file_is_removed_before_it_is_uploaded_again() {
        // The same file is found by its id of the request until it is removed.
        let hint = hint_of_reason("PIECE_LOST").expect("has a next step");
        assert!(hint.contains("files remove"), "{hint}");
    }

    #[test]
    fn a_refusal_names_what_was_typed() {
        let refused = |field: &str| {
            let (field, rule) = (field.to_owned(), "has no such column".to_owned());
            let refusal = Refusal {
                code: Code::InvalidArgument,
                message: format!("{field}: {rule}"),
                reason: Some("MALFORMED".to_owned()),
                violations: vec![Violation { field, rule }],
                retry_after: None,
            };
            Failure::from(Error::Refused(Box::new(refusal))).to_string()
        };
        let path = "filter.all.filters[0].condition.column.name";
        assert_eq!(refused(path), "--where: has no such column");
        assert_eq!(refused("email"), "email: has no such column");
        assert_eq!(seconds(1.0), "1 second");
        assert_eq!(seconds(2.0), "2 seconds");
    }
}
