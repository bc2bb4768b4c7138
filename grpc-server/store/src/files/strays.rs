//! Contents of the place that have no row: left by a crash, or of a later state of a database that was restored.
//!
//! Not their objects, which the sweep deletes. Invariant: a content is seen without a row for long before it is given, and
//! one that has a row by then is not.

use std::time::Duration;

use uuid::Uuid;

use crate::{Store, StoreError};
use model::ContentId;

/// Those that were seen a moment ago are in no answer, since it is of the state before.
/// Bound: no more ids than are given.
const NOTE: &str = "
    with seen as (
        insert into file_strays (content)
        select given.id from unnest($1::uuid[]) as given(id)
        where not exists (select from file_contents where file_contents.id = given.id)
        on conflict do nothing
    )
    select content from file_strays
    where content = any($1::uuid[]) and seen_at < now() - make_interval(secs => $2)
        and not exists (select from file_contents where file_contents.id = file_strays.content)";

const FORGET: &str = "delete from file_strays where content = $1";

impl Store {
    /// Notes which of these contents have no row, and returns those that were noted so long ago.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn stray_contents(
        &self,
        contents: &[ContentId],
        kept: Duration,
    ) -> Result<Vec<ContentId>, StoreError> {
        let given: Vec<Uuid> = contents.iter().map(|content| content.0).collect();
        let rows = self.query(NOTE, &[&given, &kept.as_secs_f64()]).await?;
        rows.iter().map(|row| Ok(ContentId(row.try_get(0)?))).collect()
    }

    /// Forgets a content whose objects are deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_stray(&self, content: ContentId) -> Result<(), StoreError> {
        self.execute(FORGET, &[&content.0]).await.map(drop)
    }
}
