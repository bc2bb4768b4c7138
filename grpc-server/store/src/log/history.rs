//! Reads the operation log backwards, for the list of changes.
//!
//! Not what a sheet looked like: the sheet's `time_travel` reads that. Invariant: what one call gives is bounded
//! in changes and, but for its first change, in bytes; what Postgres reads for it is bounded in revisions.

use ot_engine::Revision;
use tokio_postgres::types::ToSql;

use super::changes::decode;
use crate::sql::{Micros, to_bigint};
use crate::{Store, StoreError};
use model::sizes::LOG_PAGE_BYTES;
use model::{AccountId, Entry, SheetId};

/// Revisions that one call looks through: with a filter, few of them or none may pass.
pub const SCANNED_REVISIONS: u64 = 50_000;

/// The length of a delta is known without reading it.
/// Bound: `LOG_PAGE_BYTES` of deltas and one more, with a name for each of `limit` changes.
const LISTED: &str = "
    select page.revision, client, sequence, base, account, at, delta, origin, target,
        edit_group, fits,
        coalesce(accounts.display_name, '')
    from (
        select *, sum(octet_length(delta)) over (
            order by revision desc rows between unbounded preceding and 1 preceding
        ) as bytes_before
        from (
            select revision, client, sequence, base, account, at, delta, origin, target, edit_group,
                inverse is not null as of_lines,
                ($3::uuid is null or account = $3) and ($4::timestamptz is null or at >= $4)
                    and ($5::timestamptz is null or at < $5) as fits
            from changes where sheet = $1 and revision <= $2 and revision > $9
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

/// A part of the list of changes.
#[derive(Clone, Debug)]
pub struct ListedBack {
    /// The changes that pass, the newest first.
    pub changes: Vec<Listed>,
    /// Every change after this revision was looked at: the next part is up to and with it.
    pub rest: Revision,
}

impl Store {
    /// The changes up to and with `until` that pass `filter`, the newest first: at most `limit`, and none after
    /// [`LOG_PAGE_BYTES`] of deltas. Postgres looks through at most [`SCANNED_REVISIONS`], so the list may be
    /// empty while older changes pass.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn changes_back(
        &self,
        sheet: SheetId,
        until: Revision,
        filter: &ChangeFilter,
        limit: u32,
    ) -> Result<ListedBack, StoreError> {
        let scanned_to = until.0.saturating_sub(SCANNED_REVISIONS);
        let (until, down_to) = (to_bigint(until.0)?, to_bigint(scanned_to)?);
        let limit = i64::from(limit);
        let account = filter.account.map(|account| account.0);
        let (from, before) = (filter.from_micros.map(Micros), filter.until_micros.map(Micros));
        let parameters: [&(dyn ToSql + Sync); 9] = [
            &sheet.0,
            &until,
            &account,
            &from,
            &before,
            &filter.and_of_lines,
            &limit,
            &(LOG_PAGE_BYTES as i64),
            &down_to,
        ];
        let rows = self.query(LISTED, &parameters).await?;
        let listed = rows.iter().map(|row| {
            let (fits, author) = (row.try_get(10)?, row.try_get(11)?);
            Ok(Listed { entry: decode(sheet, row)?, author, fits })
        });
        let changes: Vec<Listed> = listed.collect::<Result<_, StoreError>>()?;
        let mut read = 0;
        for row in &rows {
            let delta: &[u8] = row.try_get(6)?;
            read += delta.len();
        }
        // A list that was cut continues right below its last change.
        let is_cut = rows.len() as i64 >= limit || read >= LOG_PAGE_BYTES;
        let last = changes.last().filter(|_| is_cut).map(|last| last.entry.revision.0 - 1);
        Ok(ListedBack { changes, rest: Revision(last.unwrap_or(scanned_to)) })
    }
}
