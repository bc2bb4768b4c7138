//! The tables of files: listed, and found by their number.
//!
//! Not their rows, which are Parquet in the place of the files. `drafts` has the contents that an attempt writes, `commit`
//! makes them the tables of a file, and `facts` has the JSON. Invariant: the tables of a file are those of one reading, since
//! one transaction replaces all of them; those of a removed file are not found.

pub(crate) mod commit;
pub(crate) mod drafts;
mod facts;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use self::facts::facts_from_sql;
use crate::sql::{from_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::{AccountId, ContentId, FileId, Pieces, TableFacts, TableRecord};

macro_rules! tables {
    ($further:literal, $condition:literal) => {
        concat!(
            "select one.number, one.name, content.id, content.bytes, content.piece_bytes, one.row_count, one.reading",
            $further,
            " from files join file_tables as one on one.file = files.id
            join file_contents as content on content.id = one.content
            where files.owner = $1 and files.id = $2 and files.removed_at is null ",
            $condition
        )
    };
}

/// The place of the facts.
const FACTS: usize = 7;

/// Bound: the facts of all tables of a file, whose bytes a reading bounds.
const ALL: &str = tables!(", one.facts", "order by one.number");

const ONE: &str = tables!("", "and one.number = $3");

const ONE_WITH_FACTS: &str = tables!(", one.facts", "and one.number = $3");

impl Store {
    /// The tables of a file, in order; none for a file that is removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_tables(
        &self,
        owner: AccountId,
        file: FileId,
    ) -> Result<Vec<(TableRecord, TableFacts)>, StoreError> {
        let rows = self.query(ALL, &[&owner.0, &file.0]).await?;
        rows.iter().map(with_facts).collect()
    }

    /// A table of a file, by its number. `None`: there is none, or the file is removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_table(
        &self,
        owner: AccountId,
        file: FileId,
        number: u32,
    ) -> Result<Option<TableRecord>, StoreError> {
        // No table has a number that does not fit.
        let Ok(number) = i32::try_from(number) else { return Ok(None) };
        self.query_opt(ONE, &[&owner.0, &file.0, &number]).await?.as_ref().map(table).transpose()
    }

    /// The same with what its reading has found.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_table_with_facts(
        &self,
        owner: AccountId,
        file: FileId,
        number: u32,
    ) -> Result<Option<(TableRecord, TableFacts)>, StoreError> {
        let Ok(number) = i32::try_from(number) else { return Ok(None) };
        let parameters: [&(dyn ToSql + Sync); 3] = [&owner.0, &file.0, &number];
        let row = self.query_opt(ONE_WITH_FACTS, &parameters).await?;
        row.as_ref().map(with_facts).transpose()
    }
}

fn with_facts(row: &Row) -> Result<(TableRecord, TableFacts), StoreError> {
    Ok((table(row)?, facts_from_sql(row.try_get(FACTS)?)?))
}

fn table(row: &Row) -> Result<TableRecord, StoreError> {
    Ok(TableRecord {
        number: u32_from_bigint(row.try_get::<_, i32>(0)?.into())?,
        name: row.try_get(1)?,
        content: ContentId(row.try_get(2)?),
        pieces: Pieces {
            bytes: from_bigint(row.try_get(3)?)?,
            piece_bytes: u32_from_bigint(row.try_get(4)?)?,
        },
        rows: from_bigint(row.try_get(5)?)?,
        reading: row.try_get(6)?,
    })
}
