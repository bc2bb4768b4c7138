//! Which place the objects of the contents lie in: the id that its marker has, too.
//!
//! Not the place itself, and not whether its marker is there. Invariant: the id is chosen once, by the first server.

use uuid::Uuid;

use crate::{Store, StoreError};

const PLACE: &str = "select id, claimed_at is not null from file_place";

/// Of several servers at once one inserts, and all receive its id.
const OFFER: &str = "
    insert into file_place (id) values ($1)
    on conflict (is_only) do update set id = file_place.id
    returning id";

const CLAIM: &str = "update file_place set claimed_at = now() where id = $1 and claimed_at is null";

/// The place of the files, as the database knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePlaceId {
    /// The id that its marker has.
    pub id: Uuid,
    /// The marker was there: where it is missing now, the place is another one.
    pub is_claimed: bool,
}

impl Store {
    /// The place of the files; `None`: no server has offered one yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn file_place(&self) -> Result<Option<FilePlaceId>, StoreError> {
        let row = self.query_opt(PLACE, &[]).await?;
        let place = |row: tokio_postgres::Row| {
            Ok(FilePlaceId { id: row.try_get(0)?, is_claimed: row.try_get(1)? })
        };
        row.map(place).transpose()
    }

    /// Offers an id for the place. Returns the one that it has: this one, or that of an earlier offer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn offer_file_place(&self, id: Uuid) -> Result<Uuid, StoreError> {
        Ok(self.query_one(OFFER, &[&id]).await?.try_get(0)?)
    }

    /// Notes that the marker with this id is in the place. Another id changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn claim_file_place(&self, id: Uuid) -> Result<(), StoreError> {
        self.execute(CLAIM, &[&id]).await.map(drop)
    }
}
