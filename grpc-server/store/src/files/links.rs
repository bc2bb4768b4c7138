//! Links by which files are downloaded without an account.
//!
//! Not their secrets, of which a row has the digest alone. Invariants: an account has at most as many links as the caller
//! allows, with those that have ended not counted; a link leads to no file that is removed, without its original, or on which
//! the account that made the link has no role any more. One of an account that is disabled leads nowhere.

use std::time::Duration;

use tokio_postgres::Row;

use super::decode::{self, FILE_COLUMNS};
use super::transaction::Transaction;
use crate::sql::{Micros, from_bigint};
use crate::{Store, StoreError};
use model::{AccountId, FileId, FileRecord};

const COUNT: &str = "select count(*) from file_links where owner = $1 and ends_at > now()";

const MAKE: &str = "
    insert into file_links (secret, file, owner, ends_at)
    select $3::bytea, id, $1::uuid, now() + make_interval(secs => $4)
    from files
    where id = $2 and removed_at is null and content is not null and file_role_on(id, $1::uuid) is not null
    returning ends_at";

const LINKED: &str = concat!(
    "select ",
    file_columns!(),
    ", link.owner from file_links as link
    join files on files.id = link.file
    join file_contents as content on content.id = files.content
    join accounts as owner on owner.id = files.owner
    join accounts as maker on maker.id = link.owner
    where link.secret = $1 and link.ends_at > now() and files.removed_at is null
        and owner.ended_at is null and maker.ended_at is null and maker.disabled_at is null
        and file_role_on(files.id, link.owner) is not null"
);

/// What became of a request for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeLink {
    /// It is made.
    Link {
        /// When it ends.
        ends_micros: i64,
    },
    /// The account has no role on such a file, or the file is removed or without its original.
    NoFile,
    /// The account has as many links as it may have.
    TooMany,
}

/// A file to which a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedFile {
    /// The file.
    pub file: FileRecord,
    /// The account that made the link.
    pub account: AccountId,
}

impl Store {
    /// Makes a link to a file, which lasts for so long, unless the account has `most` links already.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a digest that another link has; [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn make_file_link(
        &self,
        account: AccountId,
        file: FileId,
        digest_of_secret: &[u8; 32],
        lasts: Duration,
        most: u32,
    ) -> Result<MadeLink, StoreError> {
        let transaction = Transaction::begin(self).await?;
        if !transaction.lock_owner(account).await? {
            transaction.commit().await?;
            return Ok(MadeLink::NoFile);
        }
        let count = transaction.query_one(COUNT, &[&account.0]).await?;
        let has_room = from_bigint(count.try_get(0)?)? < u64::from(most);
        let made = if has_room {
            let (secret, lasts) = (digest_of_secret.as_slice(), lasts.as_secs_f64());
            match transaction.query_opt(MAKE, &[&account.0, &file.0, &secret, &lasts]).await? {
                Some(row) => MadeLink::Link { ends_micros: row.try_get::<_, Micros>(0)?.0 },
                None => MadeLink::NoFile,
            }
        } else {
            MadeLink::TooMany
        };
        transaction.commit().await?;
        Ok(made)
    }

    /// The file to which a link leads; `None`: there is no such link, it has ended, or its file is none of the
    /// account that made it any more, or the account is disabled.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn linked_file(
        &self,
        digest_of_secret: &[u8; 32],
    ) -> Result<Option<LinkedFile>, StoreError> {
        let row = self.query_opt(LINKED, &[&digest_of_secret.as_slice()]).await?;
        let linked = |row: Row| {
            let account = AccountId(row.try_get(FILE_COLUMNS)?);
            Ok(LinkedFile { file: decode::file(&row)?, account })
        };
        row.map(linked).transpose()
    }
}
