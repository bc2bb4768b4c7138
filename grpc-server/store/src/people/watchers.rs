//! The accounts with a stream of notices at each node, so that others see them online.
//!
//! Not the streams. Invariant: rows of a node that has ended count for nothing, and are deleted.

use uuid::Uuid;

use crate::{Store, StoreError};
use model::{AccountId, NodeId};

/// Rows that one statement deletes at most.
const DELETED: i64 = 5_000;

const ADD: &str = "
    insert into watchers (account, node) select id, $1 from unnest($2::uuid[]) as given (id)
    on conflict do nothing";

const REMOVE: &str = "delete from watchers where node = $1 and account = any($2)";

const FORGET: &str = "
    delete from watchers where ctid = any(array(
        select watchers.ctid from watchers
        left join nodes on nodes.id = watchers.node and nodes.ended_at is null
        where nodes.id is null limit $1))";

impl Store {
    /// Notes which accounts have begun or ended to watch at a node.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_watchers(
        &self,
        node: NodeId,
        begun: &[AccountId],
        ended: &[AccountId],
    ) -> Result<(), StoreError> {
        let ids = |of: &[AccountId]| -> Vec<Uuid> { of.iter().map(|account| account.0).collect() };
        let store = self.for_access();
        if !begun.is_empty() {
            store.execute(ADD, &[&node.0, &ids(begun)]).await?;
        }
        if !ended.is_empty() {
            store.execute(REMOVE, &[&node.0, &ids(ended)]).await?;
        }
        Ok(())
    }

    /// Deletes the rows of nodes that have ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_watchers(&self) -> Result<(), StoreError> {
        while self.execute(FORGET, &[&DELETED]).await? > 0 {}
        Ok(())
    }
}
