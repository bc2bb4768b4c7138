//! What changes with every change of a sheet that may let it be opened, without the sheet.
//!
//! Not the sheet itself. Invariant: a sheet that is restored, renamed, committed, set aside or opened again has another
//! stamp.

use ot_engine::Revision;
use uuid::Uuid;

use crate::sql::from_bigint;
use crate::{Store, StoreError};
use model::{SheetId, SheetRecord};

/// Bound: five numbers for each id that is given.
const STAMPS: &str = "
    select id, version, epoch, head, exists (select from set_aside where sheet = sheets.id)
    from sheets where id = any($1)";

/// A sheet at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetStamp {
    /// It grows when the sheet is renamed, deleted or restored.
    pub version: u64,
    /// It grows when a sheet that was set aside is opened again.
    pub epoch: u64,
    /// The last committed revision.
    pub head: Revision,
    /// Whether it is set aside.
    pub set_aside: bool,
}

impl From<&SheetRecord> for SheetStamp {
    fn from(record: &SheetRecord) -> Self {
        let SheetRecord { version, epoch, head, .. } = *record;
        Self { version, epoch, head, set_aside: record.set_aside.is_some() }
    }
}

impl Store {
    /// The stamps of those of these sheets that there are, deleted or not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn stamps(
        &self,
        sheets: &[SheetId],
    ) -> Result<Vec<(SheetId, SheetStamp)>, StoreError> {
        let given: Vec<Uuid> = sheets.iter().map(|sheet| sheet.0).collect();
        let rows = self.query(STAMPS, &[&given]).await?;
        let stamp = |row: &tokio_postgres::Row| {
            let stamp = SheetStamp {
                version: from_bigint(row.try_get(1)?)?,
                epoch: from_bigint(row.try_get(2)?)?,
                head: Revision(from_bigint(row.try_get(3)?)?),
                set_aside: row.try_get(4)?,
            };
            Ok((SheetId(row.try_get(0)?), stamp))
        };
        rows.iter().map(stamp).collect()
    }
}
