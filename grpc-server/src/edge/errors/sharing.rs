//! The statuses of refusals for a role, a right, a link or a share.
//!
//! Not the decision to refuse: `edge::rights::access` and `service::sharing` make it. Invariant: each of them ends with what to do.

use tonic::Code;

use super::status_builder::StatusBuilder;
use model::Role;

/// Why a call for a role, a right, a link or a share is refused.
#[derive(Clone, Copy, Debug)]
pub enum SharingRefusal {
    /// The role of the account does not allow the call.
    RoleTooLow {
        /// The lowest role that does.
        least: Role,
        /// The role of the account.
        role: Role,
    },
    /// The call needs an account with an e-mail address.
    Guest(&'static str),
    /// The account has not the right of an operator.
    NotOperator,
    /// A link that does not exist, was deleted or has ended.
    LinkEnded,
    /// A sheet has as many addresses or links as it may have.
    TooMany {
        /// Addresses or links.
        what: &'static str,
        /// How many it may have.
        limit: u32,
    },
    /// As many accounts have opened a link as may.
    LinkFull {
        /// How many may.
        limit: u32,
    },
    /// A request would end the role of the owner, whom this field names.
    OwnerStays(&'static str),
    /// The state of the sheet does not allow the call.
    Unmet {
        /// The reason for programs.
        reason: &'static str,
        /// The sentence.
        message: &'static str,
    },
}

pub(super) fn builder(error: &SharingRefusal) -> StatusBuilder {
    match error {
        SharingRefusal::RoleTooLow { least, role } => {
            let message = format!("your role on this sheet is {role}; this needs the role {least}");
            StatusBuilder::new(Code::PermissionDenied, "ROLE_TOO_LOW", message)
                .with("role", role)
                .with("least", least)
        }
        SharingRefusal::Guest(what) => {
            let message = format!("{what} needs an account; sign up or sign in first");
            StatusBuilder::new(Code::PermissionDenied, "GUEST", message)
        }
        SharingRefusal::NotOperator => {
            let message = "this needs the right of an operator; `gridloom admin operator EMAIL` at the server gives it";
            StatusBuilder::new(Code::PermissionDenied, "NOT_OPERATOR", message)
        }
        SharingRefusal::LinkEnded => {
            let message = "this link does not exist or has ended; ask for another one";
            StatusBuilder::new(Code::NotFound, "LINK_ENDED", message)
        }
        SharingRefusal::TooMany { what, limit } => {
            let message =
                format!("the sheet has {limit} {what}, the most it may have; end some first");
            let reason = if *what == "links" { "LINKS_EXCEEDED" } else { "SHARES_EXCEEDED" };
            StatusBuilder::new(Code::ResourceExhausted, reason, message).with("limit", limit)
        }
        SharingRefusal::LinkFull { limit } => {
            let message = format!(
                "{limit} accounts have opened this link, the most that may; ask the sheet's owner for another link"
            );
            StatusBuilder::new(Code::ResourceExhausted, "LINK_FULL", message).with("limit", limit)
        }
        SharingRefusal::OwnerStays(field) => {
            let rule = "is the owner; transfer the sheet to another person first, or delete it";
            let (code, field) = (Code::FailedPrecondition, (*field).to_owned());
            StatusBuilder::field(code, "OWNER_STAYS", field, rule.to_owned())
        }
        SharingRefusal::Unmet { reason, message } => {
            StatusBuilder::new(Code::FailedPrecondition, reason, *message)
        }
    }
}
