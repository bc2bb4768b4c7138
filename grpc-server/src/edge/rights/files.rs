//! The rights of an account on a file.
//!
//! Not the rights on a sheet (`access`). Invariant: an account's role on a file is read here alone, at each call and each look
//! of a job. For an account without a role the file does not exist.

use crate::edge::errors::{FileRefusal, FileRoleRefusal, ServiceError};
use model::{AccountId, FileId, FoundFile, Role};
use store::Store;

/// A file, removed or not, for an account whose role on it allows what `least` allows. A removed file exists for its owner
/// alone.
///
/// # Errors
/// NOT_FOUND when there is no such file or the account may not know of it; PERMISSION_DENIED when the role is a lower one;
/// UNAVAILABLE.
pub(crate) async fn file(
    store: &Store,
    account: AccountId,
    id: FileId,
    least: Role,
) -> Result<FoundFile, ServiceError> {
    let found = store.found_file(id, account).await?;
    let (found, is_first) = found.ok_or(FileRefusal::NoFile)?;
    if is_first {
        let noting = store.clone();
        // Also where the caller leaves between the two.
        let noted =
            store.tasks().finish(async move { noting.note_first_use_of_file(id, account).await });
        // A panic is reported where it happened.
        noted.await.unwrap_or(Ok(()))?;
    }
    let role = found.role;
    if role < least {
        return Err(FileRefusal::Role(FileRoleRefusal::TooLow { least, role }).into());
    }
    Ok(found)
}
