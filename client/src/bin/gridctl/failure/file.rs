//! The failure of a command whose file can't be read as it is.
//!
//! Not a file of this machine that can't be opened. Invariant: a repair is offered for a file alone, not for a wrong option.

use client::Error;
use tonic::Code;

use super::Failure;
use crate::output::words::with_options;

/// What can be done about a malformed CSV file.
pub(crate) const CORRECT: &str =
    "correct the file, or try --repair for ragged rows and other encodings";

/// A refusal of a file by the server, with what became of it and the hint that the server can repair some malformed files.
pub(crate) fn refused_file(error: Error, outcome: &str) -> Failure {
    match error.code() {
        Some(Code::InvalidArgument) if is_of_file(&error) => {
            let why = with_options(&error.to_string());
            Failure::Message(format!("{why}\n  {outcome}; {CORRECT}"))
        }
        _ => error.into(),
    }
}

/// Whether the server has refused a file, not an option.
fn is_of_file(error: &Error) -> bool {
    let Error::Refused(refusal) = error else { return false };
    refusal.reason.as_deref().is_some_and(|reason| reason.starts_with("CSV_"))
}

#[cfg(test)]
mod tests {
    use client::net::Refusal;

    use super::*;

    #[test]
    fn a_repair_is_offered_for_a_file_alone() {
        let refused = |reason: &str| {
            let refusal = Refusal {
                code: Code::InvalidArgument,
                message: "line 3: a problem".to_owned(),
                reason: Some(reason.to_owned()),
                violations: Vec::new(),
                retry_after: None,
            };
            refused_file(Error::Refused(Box::new(refusal)), "no sheet was made").to_string()
        };
        let ragged = refused("CSV_RAGGED_ROW");
        assert!(ragged.starts_with("line 3: a problem\n  no sheet was made; "), "{ragged}");
        assert!(ragged.contains("--repair"), "{ragged}");
        assert!(!refused("MALFORMED").contains("--repair"));
        let message =
            "line 3: correct the row, or have the file repaired, which fills it".to_owned();
        let refusal = Refusal {
            code: Code::InvalidArgument,
            message,
            reason: Some("CSV_RAGGED_ROW".to_owned()),
            violations: Vec::new(),
            retry_after: None,
        };
        let typed = refused_file(Error::Refused(Box::new(refusal)), "no sheet was made");
        assert!(
            typed.to_string().contains("have the file repaired (--repair), which fills it"),
            "{typed}"
        );
    }
}
