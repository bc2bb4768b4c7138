//! The statuses of refusals for the state of an account, or for the rules of a server on new ones.
//!
//! Not the decision to refuse (`service::accounts`). Invariant: each of them ends with what to do.

use tonic::Code;

use super::status_builder::StatusBuilder;
use model::limits::edge::SIGN_IN_VALID;

/// Why a call for an account is refused.
#[derive(Clone, Debug)]
pub enum AccountRefusal {
    /// Wrong e-mail address or password; the status does not distinguish them.
    BadSignIn {
        /// Or an address that its owner has not confirmed by a letter, which the status does not distinguish either.
        or_unconfirmed: bool,
    },
    /// The operator has disabled the account; the text is how the operator is reached, or empty.
    Disabled(String),
    /// The address has to be confirmed first, by a link in the log of a server without mail.
    Unconfirmed,
    /// New accounts need an invitation.
    Invited,
    /// There are no new accounts without the operator; the text is how the operator is reached, or empty.
    Closed(String),
    /// The sign-in of the token is as old as one may be.
    SignInTooOld,
    /// The account owns sheets.
    OwnsSheets(u64),
    /// The call has deleted or given away a part of the account's sheets.
    SheetsLeft(u64),
}

fn operator(contact: &str) -> String {
    match contact {
        "" => "the operator of the server".to_owned(),
        contact => format!("the operator of the server ({contact})"),
    }
}

fn bad_sign_in(or_unconfirmed: bool) -> StatusBuilder {
    let message = match or_unconfirmed {
        true => {
            "no account has this e-mail address and password, or the address is not confirmed yet; check both, open the \
             link in the letter to the address, set a new password by the link of a forgotten password, which confirms \
             the address, too, or sign up"
        }
        false => "no account has this e-mail address and password; check both, or sign up",
    };
    StatusBuilder::new(Code::Unauthenticated, "BAD_CREDENTIALS", message)
}

pub(super) fn builder(why: &AccountRefusal) -> StatusBuilder {
    match why {
        AccountRefusal::BadSignIn { or_unconfirmed } => bad_sign_in(*or_unconfirmed),
        AccountRefusal::Disabled(contact) => {
            let message = format!("this account is disabled; ask {}", operator(contact));
            StatusBuilder::new(Code::PermissionDenied, "ACCOUNT_DISABLED", message)
        }
        AccountRefusal::Unconfirmed => {
            let message = "confirm your e-mail address first: this server sends no mail; ask its operator for the link, \
                           which is in its log";
            StatusBuilder::new(Code::FailedPrecondition, "EMAIL_UNCONFIRMED", message)
        }
        AccountRefusal::Invited => {
            let message = "this server takes new accounts by invitation: ask a person with an account to share a sheet \
                           with your address, and open the link that is sent to it";
            StatusBuilder::new(Code::PermissionDenied, "SIGN_UP_INVITED", message)
        }
        AccountRefusal::Closed(contact) => {
            let operator = operator(contact);
            let message =
                format!("this server takes no new accounts; ask {operator} for an invitation");
            StatusBuilder::new(Code::PermissionDenied, "SIGN_UP_CLOSED", message)
        }
        AccountRefusal::SignInTooOld => {
            let days = SIGN_IN_VALID.as_secs() / (24 * 60 * 60);
            let message = format!(
                "tokens are renewed for {days} days after a sign-in, and this one lasts to its end: sign in again before that"
            );
            StatusBuilder::new(Code::FailedPrecondition, "SIGN_IN_TOO_OLD", message)
                .with("days", days)
        }
        AccountRefusal::OwnsSheets(count) => {
            let message = format!(
                "the account owns {count} sheets; transfer them first, or ask for their deletion with the account's"
            );
            StatusBuilder::new(Code::FailedPrecondition, "OWNS_SHEETS", message)
                .with("sheets", count)
        }
        AccountRefusal::SheetsLeft(count) => {
            let message = format!(
                "a part of the account's sheets is done, and {count} are left: make the same call again to continue"
            );
            StatusBuilder::new(Code::Aborted, "SHEETS_LEFT", message).with("sheets", count)
        }
    }
}
