//! Reads the operation log backwards, for the list of changes.
//!
//! Not what a sheet looked like: the sheet's `time_travel` reads that. Invariant: what one call gives is bounded
//! in changes and, but for its first change, in bytes.

use ot_engine::Revision;
use tokio_postgres::types::ToSql;

use super::changes::decode;
use crate::sql::{Micros, to_bigint};
use crate::{Store, StoreError};
use model::sizes::LOG_PAGE_BYTES;
use model::{AccountId, Entry, SheetId};

/// The length of a delta is known without reading it.
const LISTED: &str = "
    select page.revision, client, sequence, base, account, at, delta, origin, target, fits,
        coalesce(accounts.display_name, '')
    from (
        select *, sum(octet_length(delta)) over (
            order by revision desc rows between unbounded preceding and 1 preceding
        ) as bytes_before
        from (
            select revision, client, sequence, base, account, at, delta, origin, target,
                inverse is not null as of_lines,
                ($3::uuid is null or account = $3) and ($4::timestamptz is null or at >= $4)
                    and ($5::timestamptz is null or at < $5) as fits
            from changes where sheet = $1 and revision <= $2
        ) as known
        where fits or ($6 and of_lines)
        order by revision desc limit $7
    ) as page
    left join accounts on accounts.id = account
    where coalesce(bytes_before, 0) < $8
    order by page.revision desc";

/// Which changes are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangeFilter {
    /// Those of this account.
    pub account: Option<AccountId>,
    /// From this time on, in microseconds since the Unix epoch.
    pub from_micros: Option<i64>,
    /// Before this time.
    pub until_micros: Option<i64>,
    /// And those that do more than set cells, of any account and any time.
    pub and_of_lines: bool,
}

/// A change as a list shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The change.
    pub entry: Entry,
    /// Its author's display name.
    pub author: String,
    /// Whether it fits the filter, and is not only there for its lines.
    pub fits: bool,
}

impl Store {
    /// The changes up to and with `until` that pass `filter`, the newest first: at most `limit`, and none after
    /// [`LOG_PAGE_BYTES`] of deltas. An empty list: no older change passes. With a filter Postgres reads the log
    /// until it has found them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn changes_back(
        &self,
        sheet: SheetId,
        until: Revision,
        filter: &ChangeFilter,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        let (until, limit) = (to_bigint(until.0)?, i64::from(limit));
        let account = filter.account.map(|account| account.0);
        let (from, before) = (filter.from_micros.map(Micros), filter.until_micros.map(Micros));
        let parameters: [&(dyn ToSql + Sync); 8] = [
            &sheet.0,
            &until,
            &account,
            &from,
            &before,
            &filter.and_of_lines,
            &limit,
            &(LOG_PAGE_BYTES as i64),
        ];
        let rows = self.query(LISTED, &parameters).await?;
        let listed = rows.iter().map(|row| {
            let (fits, author) = (row.try_get(9)?, row.try_get(10)?);
            Ok(Listed { entry: decode(sheet, row)?, author, fits })
        });
        listed.collect()
    }
}
