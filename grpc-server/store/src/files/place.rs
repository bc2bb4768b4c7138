//! Which place the objects of the contents lie in: the id that its marker has, too.
//!
//! Not the place itself, and not whether its marker is there. Each server offers an id of its own and leaves it as the
//! marker of the place that it uses, unless that has one. Invariants: of the markers with an offered id one is chosen, once;
//! a marker that no server of this database has offered is never chosen.

use uuid::Uuid;

use crate::{Store, StoreError};

const PLACE: &str = "select id from file_place";

const OFFER: &str = "insert into file_place_offers (id) values ($1) on conflict do nothing";

/// Of several places at once one is inserted, and all receive its id.
const CLAIM: &str = "
    insert into file_place (id) select id from file_place_offers where id = $1
    on conflict (is_only) do update set id = file_place.id
    returning id";

impl Store {
    /// The id in the marker of the place of the files; `None`: none is chosen yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn file_place(&self) -> Result<Option<Uuid>, StoreError> {
        let row = self.query_opt(PLACE, &[]).await?;
        row.map(|row| Ok(row.try_get(0)?)).transpose()
    }

    /// Offers an id for the marker of a place, before it is written. An id that was offered before changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn offer_file_place(&self, id: Uuid) -> Result<(), StoreError> {
        self.execute(OFFER, &[&id]).await.map(drop)
    }

    /// Chooses the place with this marker, if there is none yet. Returns the id of the chosen one: this one, or another.
    /// `None`: no server of this database has offered the id, so the marker is another database's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn claim_file_place(&self, marker: Uuid) -> Result<Option<Uuid>, StoreError> {
        let row = self.query_opt(CLAIM, &[&marker]).await?;
        row.map(|row| Ok(row.try_get(0)?)).transpose()
    }
}
