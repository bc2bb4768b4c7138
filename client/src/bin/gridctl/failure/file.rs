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

/// Reasons of files that a repair may help.
const REPAIRABLE: [&str; 5] =
    ["CSV_RAGGED_ROW", "CSV_NOT_UTF8", "CSV_NUL", "CSV_UTF16", "CSV_DAMAGED_TEXT"];

/// A refusal of a file by the server, with what became of it, and with a hint where the server may repair such files.
pub(crate) fn refused_file(error: Error, outcome: &str) -> Failure {
    let of_file = reason(&error).filter(|reason| reason.starts_with("CSV_"));
    let is_repairable = of_file.map(|reason| REPAIRABLE.contains(&reason));
    match (error.code(), is_repairable) {
        (Some(Code::InvalidArgument), Some(is_repairable)) => {
            let why = with_options(&error.to_string());
            let advice = if is_repairable { format!("; {CORRECT}") } else { String::new() };
            Failure::Message(format!("{why}\n  {outcome}{advice}"))
        }
        _ => error.into(),
    }
}

/// Why the server has refused a request: of a file, not of an option, it begins with `CSV_`.
fn reason(error: &Error) -> Option<&str> {
    let Error::Refused(refusal) = error else { return None };
    refusal.reason.as_deref()
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
        // It repairs no header and no other format.
        for reason in ["CSV_NO_HEADER", "CSV_UTF32", "CSV_NOT_TEXT", "CSV_EMPTY"] {
            assert!(refused(reason).ends_with("\n  no sheet was made"), "{reason}");
        }
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
