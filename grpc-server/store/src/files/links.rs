//! Links by which files are downloaded without an account.
//!
//! Not their secrets, of which a row has the digest alone. Invariants: an account has at most as many links as the caller
//! allows, with those that have ended not counted; a link leads to no file that is removed, or whose owner has ended.

use std::time::Duration;

use super::decode;
use super::transaction::Transaction;
use crate::sql::{Micros, from_bigint};
use crate::{Store, StoreError};
use model::{AccountId, FileId, FileRecord};

const COUNT: &str = "select count(*) from file_links where owner = $1 and ends_at > now()";

const MAKE: &str = "
    insert into file_links (secret, file, owner, ends_at)
    select $3::bytea, id, owner, now() + make_interval(secs => $4)
    from files where owner = $1 and id = $2 and removed_at is null
    returning ends_at";

const LINKED: &str = concat!(
    "select ",
    file_columns!(),
    " from file_links as link
    join files on files.id = link.file
    join file_contents as content on content.id = files.content
    join accounts on accounts.id = files.owner
    where link.secret = $1 and link.ends_at > now()
        and files.removed_at is null and accounts.ended_at is null"
);

/// What became of a request for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeLink {
    /// It is made.
    Link {
        /// When it ends.
        ends_micros: i64,
    },
    /// The account has no such file, or the file is removed.
    NoFile,
    /// The account has as many links as it may have.
    TooMany,
}

impl Store {
    /// Makes a link to a file, which lasts for so long, unless the account has `most` links already.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a digest that another link has; [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn make_file_link(
        &self,
        owner: AccountId,
        file: FileId,
        digest_of_secret: &[u8; 32],
        lasts: Duration,
        most: u32,
    ) -> Result<MadeLink, StoreError> {
        let transaction = Transaction::begin(self).await?;
        if !transaction.lock_owner(owner).await? {
            transaction.commit().await?;
            return Ok(MadeLink::NoFile);
        }
        let count = transaction.query_one(COUNT, &[&owner.0]).await?;
        let has_room = from_bigint(count.try_get(0)?)? < u64::from(most);
        let made = if has_room {
            let (secret, lasts) = (digest_of_secret.as_slice(), lasts.as_secs_f64());
            match transaction.query_opt(MAKE, &[&owner.0, &file.0, &secret, &lasts]).await? {
                Some(row) => MadeLink::Link { ends_micros: row.try_get::<_, Micros>(0)?.0 },
                None => MadeLink::NoFile,
            }
        } else {
            MadeLink::TooMany
        };
        transaction.commit().await?;
        Ok(made)
    }

    /// The file to which a link leads; `None`: there is no such link, it has ended, or its file is removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn linked_file(
        &self,
        digest_of_secret: &[u8; 32],
    ) -> Result<Option<FileRecord>, StoreError> {
        let row = self.query_opt(LINKED, &[&digest_of_secret.as_slice()]).await?;
        row.as_ref().map(decode::file).transpose()
    }
}
