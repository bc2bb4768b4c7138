//! The statuses of refusals for a role on a file, or for its original.
//!
//! Not the decision to refuse (`edge::rights::files`, `service::files`). Invariant: each of them ends with what to do.

use tonic::Code;

use super::status_builder::StatusBuilder;
use model::Role;

/// Why a call for the roles on a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRoleRefusal {
    /// The role of the caller on the file does not allow the call.
    TooLow {
        /// The lowest role that does.
        least: Role,
        /// The role of the caller.
        role: Role,
    },
    /// The file is shared with as many addresses as it may be.
    TooMany(u32),
    /// The owner has no room left for what others make of its files.
    OwnerFull,
    /// A request would end the role of the owner, whom this field names.
    OwnerStays(&'static str),
}

/// Why a call for the content that a file was uploaded with is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginalRefusal {
    /// It was deleted, and the file has its tables alone.
    Deleted,
    /// No table was read of the file, or a part of one is lost.
    NoTables,
    /// A job reads the file.
    IsRead,
}

pub(super) fn builder(why: FileRoleRefusal) -> StatusBuilder {
    match why {
        FileRoleRefusal::TooLow { least, role } => {
            let message = format!(
                "your role on this file is {role}; this needs the role {least}: ask its owner"
            );
            StatusBuilder::new(Code::PermissionDenied, "ROLE_TOO_LOW", message)
                .with("role", role)
                .with("least", least)
        }
        FileRoleRefusal::TooMany(limit) => {
            let message = format!(
                "the file is shared with {limit} addresses, the most it may be; end some roles first"
            );
            StatusBuilder::new(Code::ResourceExhausted, "SHARES_EXCEEDED", message)
                .with("limit", limit)
        }
        FileRoleRefusal::OwnerFull => {
            let message = "the owner of this file has no room left for the tables and views that others make of it, which \
                           count for its quota; ask its owner, or save a table as a file of your own";
            StatusBuilder::new(Code::ResourceExhausted, "OWNER_STORAGE_FULL", message)
        }
        FileRoleRefusal::OwnerStays(field) => {
            let rule = "is the owner of the file, whose role stays; name another address";
            let (code, field) = (Code::FailedPrecondition, field.to_owned());
            StatusBuilder::field(code, "OWNER_STAYS", field, rule.to_owned())
        }
    }
}

pub(super) fn original(why: OriginalRefusal) -> StatusBuilder {
    let (reason, message) = match why {
        OriginalRefusal::Deleted => (
            "ORIGINAL_DELETED",
            "the original of this file was deleted, and only its tables are kept: save a table as a file to download it",
        ),
        OriginalRefusal::NoTables => (
            "NO_TABLES",
            "no table was read of this file, or a part of one is lost, so too little of it would stay: read it first, or \
             remove it",
        ),
        OriginalRefusal::IsRead => (
            "NO_TABLES",
            "a job reads this file, or waits to: delete its original once the job has ended, or cancel the job",
        ),
    };
    StatusBuilder::new(Code::FailedPrecondition, reason, message)
}
