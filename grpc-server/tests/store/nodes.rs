//! The rows of servers: a node with a heartbeat is live, one that has ended is not.

use std::time::Duration;

use model::NodeRecord;
use uuid::Uuid;

use crate::support::{Fixture, Outcome};

const RECENT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_node_is_live_from_its_first_heartbeat_to_its_end() -> Outcome {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let mut node = NodeRecord {
        id: Uuid::new_v4(),
        name: "one".into(),
        address: "127.0.0.1:7400".into(),
        journal_epoch: None,
        left_epoch: None,
        confirms_email: Some(true),
    };
    let found = async |node: &NodeRecord| {
        let live = store.live_nodes(RECENT).await?;
        Ok::<_, store::StoreError>(live.into_iter().find(|it| it.id == node.id))
    };
    store.register_node(&node).await?;
    assert_eq!(found(&node).await?, Some(node.clone()));
    let [one, two] = [Uuid::new_v4(), Uuid::new_v4()];
    for (epoch, left) in
        [(Some(one), None), (None, Some(one)), (Some(two), Some(one)), (None, Some(two))]
    {
        node.enter(epoch);
        assert_eq!((node.journal_epoch, node.left_epoch), (epoch, left));
        store.heartbeat(&node).await?;
        assert_eq!(found(&node).await?, Some(node.clone()));
    }
    node.enter(Some(two));
    assert_eq!((node.journal_epoch, node.left_epoch), (Some(two), None), "it is back");
    store.end_node(node.id).await?;
    assert_eq!(found(&node).await?, None);
    store.forget_nodes(Duration::ZERO).await?;
    // It was only cut off: its next heartbeat inserts its row again.
    store.heartbeat(&node).await?;
    assert_eq!(found(&node).await?, Some(node));
    Ok(())
}
