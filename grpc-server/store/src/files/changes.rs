//! Changes of files: renamed, removed, restored, deleted for good.
//!
//! Not their contents, which never change. Invariants: the version rises with each change; what is the case already
//! changes nothing, so that each call can be sent again.

use super::decode;
use crate::sql::check_text;
use crate::{Store, StoreError};
use model::{AccountId, FileId, FileRecord};

/// The file as a statement has changed it.
macro_rules! changed {
    ($update:literal) => {
        concat!(
            "with files as (update files ",
            $update,
            " returning files.*)
            select ",
            file_columns!(),
            " from files left join file_contents as content on content.id = files.content"
        )
    };
}

/// A call that is sent again finds the name that it has given.
const RENAME: &str = changed!(
    "set name = $3::text, version = version + (name <> $3::text)::int
    where owner = $1 and id = $2 and removed_at is null
        and ($4::bigint is null or version = $4 or name = $3::text)"
);

const REMOVE: &str = changed!(
    "set removed_at = now(), version = version + 1
    where owner = $1 and id = $2 and removed_at is null"
);

const RESTORE: &str = changed!(
    "set removed_at = null, version = version + 1
    where owner = $1 and id = $2 and removed_at is not null"
);

const DELETE: &str = "delete from files where owner = $1 and id = $2";

/// What became of a file that was to be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renamed {
    /// It has the name.
    File(FileRecord),
    /// It is removed.
    Removed,
    /// It has another version, and another name.
    OtherVersion,
    /// The account has no such file.
    NoFile,
}

impl Store {
    /// Renames a file, if it has a version (`None`: any) or the name already.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Refused`] for a name that is empty or longer than 800 bytes;
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn rename_file(
        &self,
        owner: AccountId,
        id: FileId,
        name: &str,
        version: Option<i64>,
    ) -> Result<Renamed, StoreError> {
        check_text(name)?;
        if let Some(row) = self.query_opt(RENAME, &[&owner.0, &id.0, &name, &version]).await? {
            return Ok(Renamed::File(decode::file(&row)?));
        }
        Ok(match self.file(owner, id).await? {
            None => Renamed::NoFile,
            Some(FileRecord { removed_micros: Some(_), .. }) => Renamed::Removed,
            Some(_) => Renamed::OtherVersion,
        })
    }

    /// Removes a file; removing it again changes nothing. `None`: the account has no such file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn remove_file(
        &self,
        owner: AccountId,
        id: FileId,
    ) -> Result<Option<FileRecord>, StoreError> {
        self.changed_file(REMOVE, owner, id).await
    }

    /// Restores a removed file; for one that is not removed it changes nothing. `None`: the account has no such file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn restore_file(
        &self,
        owner: AccountId,
        id: FileId,
    ) -> Result<Option<FileRecord>, StoreError> {
        self.changed_file(RESTORE, owner, id).await
    }

    /// Deletes a file, removed or not. The sweep deletes its content, unless another file shares it. False: the account has
    /// no such file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_file_for_good(
        &self,
        owner: AccountId,
        id: FileId,
    ) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, &[&owner.0, &id.0]).await? > 0)
    }

    /// The file after a change; as it is where there was nothing to change.
    async fn changed_file(
        &self,
        sql: &'static str,
        owner: AccountId,
        id: FileId,
    ) -> Result<Option<FileRecord>, StoreError> {
        match self.query_opt(sql, &[&owner.0, &id.0]).await? {
            Some(row) => decode::file(&row).map(Some),
            None => self.file(owner, id).await,
        }
    }
}
