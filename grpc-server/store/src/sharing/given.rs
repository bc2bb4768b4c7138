//! What roles on sheets and on files have alike: the run of statements that give, end and find them, and their rows.
//!
//! Not the statements. Invariant: a name that is no role is corrupt, and no role stands for it.

use std::sync::Arc;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::accounts::decode_color;
use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::{AccountId, LinkId, Role, ShareRecord};

impl Store {
    /// Runs a statement that changes roles and writes notices. Whether it has changed one.
    pub(crate) async fn give(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<bool, StoreError> {
        let row = self.query_one(sql, parameters).await?;
        self.hint(&row.try_get::<_, Vec<Uuid>>(1)?);
        Ok(row.try_get::<_, i64>(0)? > 0)
    }

    /// The role that an address has by a statement, on a sheet or a file.
    pub(crate) async fn given_role(
        &self,
        sql: &str,
        (of, email): (Uuid, &str),
    ) -> Result<Option<Role>, StoreError> {
        check_text(email)?;
        let row = self.query_opt(sql, &[&of, &email]).await?;
        row.map(|row| decode_role(&row, 0)).transpose()
    }

    /// What an invitation names by a statement: a sheet or a file, and its owner.
    pub(crate) async fn invitation_of(
        &self,
        sql: &str,
        (of, owner, email): (Uuid, AccountId, &str),
    ) -> Result<Option<(String, String)>, StoreError> {
        check_text(email)?;
        let row = self.query_opt(sql, &[&of, &owner.0, &email]).await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    /// The same with the account of the address, once that has used the role.
    pub(crate) async fn given_share(
        &self,
        sql: &str,
        (of, email): (Uuid, &str),
    ) -> Result<Option<ShareRecord>, StoreError> {
        let row = self.query_opt(sql, &[&of, &email]).await?;
        row.as_ref().map(decode_share).transpose()
    }
}

/// The role in a column; a row without one is corrupt.
pub(crate) fn decode_role(row: &Row, column: usize) -> Result<Role, StoreError> {
    role_from_sql(row.try_get(column)?)
}

pub(super) fn role_from_sql(name: &str) -> Result<Role, StoreError> {
    name.parse().map_err(|_| StoreError::Corrupt(format!("a role {name:?}")))
}

pub(crate) fn decode_share(row: &Row) -> Result<ShareRecord, StoreError> {
    let text = |at: usize| Ok::<_, StoreError>(row.try_get::<_, Option<&str>>(at)?.map(Arc::from));
    let account: Option<Uuid> = row.try_get(2)?;
    Ok(ShareRecord {
        email: text(0)?,
        role: role_from_sql(row.try_get(1)?)?,
        account: account.map(AccountId).zip(text(3)?),
        given_micros: row.try_get::<_, Micros>(4)?.0,
        link: row.try_get::<_, Option<Uuid>>(5)?.map(LinkId),
        color: decode_color(row, 6)?,
    })
}
