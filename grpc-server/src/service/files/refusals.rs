//! What the place of the files refuses, as an error of a call.
//!
//! Not the statuses (`edge::errors`). Invariant: a part that the place has lost or changed is logged for the operator, who
//! alone can restore it.

use files::VaultError;
use tonic::Status;

use crate::edge::errors::{FileRefusal, ServiceError};
use crate::edge::refusals;

impl From<FileRefusal> for Status {
    fn from(why: FileRefusal) -> Self {
        ServiceError::from(why).into()
    }
}

impl From<VaultError> for ServiceError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable(_) => {
                if let Some(left_out) = refusals::line("files whose place is away") {
                    tracing::warn!(%error, left_out, "the place of the files is away; call refused with UNAVAILABLE");
                }
                Self::Unavailable("the place of the files")
            }
            VaultError::Full => {
                if let Some(left_out) = refusals::line("files without room") {
                    tracing::warn!(left_out, "the place of the files has no room; piece refused");
                }
                FileRefusal::PlaceFull.into()
            }
            VaultError::Lost { content, number } => {
                if let Some(left_out) = refusals::line("lost pieces of files") {
                    tracing::error!(%content, number, left_out, "a piece of a file is not in its place; restore it from a backup");
                }
                FileRefusal::PieceLost(number).into()
            }
            VaultError::Changed { content, number } => {
                if let Some(left_out) = refusals::line("changed pieces of files") {
                    tracing::error!(%content, number, left_out, "a piece of a file has other bytes than were uploaded; restore it from a backup");
                }
                FileRefusal::PieceChanged(number).into()
            }
            error => Self::internal(error),
        }
    }
}
