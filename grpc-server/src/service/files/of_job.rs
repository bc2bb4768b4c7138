//! A file that a job is about, as the account of the job has it now.
//!
//! Not the decision (`edge::rights::files`). Invariant: what a person has ended is final; what lies in Postgres may pass.

use jobs::Failure;
use tonic::Status;

use crate::edge::errors::{FileRefusal, OriginalRefusal, ServiceError};
use crate::edge::rights::files;
use model::{AccountId, FileId, FoundFile, Role};
use store::Store;

/// The kind of jobs that read a small file, by name.
pub(in crate::service) const READ_SMALL_FILE: &str = "read-small-file";
/// The kind of jobs that read a large file, by name.
pub(in crate::service) const READ_FILE: &str = "read-file";

/// A file that is not removed, for the account of a job whose role on it allows what `least` allows.
pub(in crate::service) async fn file_of_job(
    store: &Store,
    account: AccountId,
    file: FileId,
    least: Role,
) -> Result<FoundFile, Failure> {
    let found = match files::file(store, account, file, least).await {
        Ok(found) => found,
        Err(ServiceError::File(FileRefusal::NoFile)) => {
            let text = "the file was deleted, or is no longer shared with you";
            return Err(Failure::Final(text.to_owned()));
        }
        Err(error) => {
            let is_final = matches!(error, ServiceError::File(FileRefusal::Role(_)));
            let text = Status::from(error).message().to_owned();
            return Err(if is_final { Failure::Final(text) } else { Failure::Later(text) });
        }
    };
    if found.file.removed_micros.is_some() {
        let text = "the file was removed; restore it, then run this again";
        return Err(Failure::Final(text.to_owned()));
    }
    Ok(found)
}

/// Why no attempt of the job can succeed any longer; `None`: the file is there, or Postgres is away.
pub(in crate::service) async fn gone(
    store: &Store,
    account: AccountId,
    file: FileId,
    least: Role,
) -> Option<Failure> {
    match file_of_job(store, account, file, least).await {
        Ok(_) => None,
        Err(why @ Failure::Final(_)) => Some(why),
        Err(why) => {
            tracing::debug!(?why, "not seen whether a file is still there; retrying");
            None
        }
    }
}

/// The original of the file was deleted, which no attempt can read any longer.
pub(in crate::service) fn without_original() -> Failure {
    let status = Status::from(FileRefusal::Original(OriginalRefusal::Deleted));
    Failure::Final(status.message().to_owned())
}
