//! The room of an account for tables and views, which persons with a role on its files take, too.
//!
//! Not the count, which is the store's. Invariants: the jobs of others leave a part of the room to the owner; a refusal shows the
//! numbers of an account to itself alone.

use crate::edge::errors::{FileRefusal, FileRoleRefusal};
use model::FileUsage;
use model::limits::FileLimits;

/// The limits of what an account may make.
pub(super) fn limits(is_owner: bool, limits: FileLimits) -> FileLimits {
    if is_owner { limits } else { limits.of_others() }
}

/// The refusal of bytes for which the owner has no room.
pub(super) fn full(is_owner: bool, usage: FileUsage, limits: FileLimits) -> FileRefusal {
    match is_owner {
        true => FileRefusal::StorageFull(usage, limits),
        false => FileRefusal::Role(FileRoleRefusal::OwnerFull),
    }
}

/// Refuses what makes tables or a view while the owner of the file has no room for them.
pub(super) fn fits(is_owner: bool, usage: FileUsage, files: FileLimits) -> Result<(), FileRefusal> {
    let limits = limits(is_owner, files);
    if usage.used >= limits.account_file_bytes {
        return Err(full(is_owner, usage, limits));
    }
    // What is replaced all the time must not outrun the sweep.
    if usage.leaving_contents >= limits.account_files {
        return Err(match is_owner {
            true => FileRefusal::TooManyFiles(usage, limits),
            false => FileRefusal::Role(FileRoleRefusal::OwnerFull),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: FileLimits =
        FileLimits { file_bytes: 50, account_file_bytes: 100, account_files: 10 };

    #[test]
    fn the_jobs_of_others_leave_the_owner_room_and_learn_nothing_of_its_bytes() {
        let of =
            |used, leaving_contents| FileUsage { used, leaving_contents, ..Default::default() };
        assert!(fits(false, of(89, 8), FILES).is_ok());
        for usage in [of(90, 0), of(0, 9)] {
            assert!(fits(true, usage, FILES).is_ok(), "{usage:?}");
            let refused = fits(false, usage, FILES);
            assert!(
                matches!(refused, Err(FileRefusal::Role(FileRoleRefusal::OwnerFull))),
                "{refused:?}"
            );
        }
        let (bytes, contents) = (fits(true, of(100, 0), FILES), fits(true, of(0, 10), FILES));
        assert!(matches!(bytes, Err(FileRefusal::StorageFull(..))), "{bytes:?}");
        assert!(matches!(contents, Err(FileRefusal::TooManyFiles(..))), "{contents:?}");
    }
}
