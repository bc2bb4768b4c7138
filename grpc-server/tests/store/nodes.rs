//! The rows of servers: a node with a heartbeat is live, one that has ended is not.

use std::time::Duration;

use model::{AccountState, NodeRecord};
use store::Store;
use uuid::Uuid;

use crate::support::{Fixture, Outcome, account, connect};

const RECENT: Duration = Duration::from_secs(60);

fn confirming(name: &str) -> NodeRecord {
    NodeRecord {
        id: Uuid::new_v4(),
        name: name.into(),
        address: "127.0.0.1:7400".into(),
        journal_epoch: None,
        left_epoch: None,
        confirms_email: Some(true),
    }
}

#[tokio::test]
async fn a_node_is_live_from_its_first_heartbeat_to_its_end() -> Outcome {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let mut node = confirming("one");
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

#[tokio::test]
async fn a_node_whose_heartbeat_is_old_has_no_address_confirmed() -> Outcome {
    let Fixture { config, .. } = Fixture::new().await;
    // Nodes of other tests confirm addresses, too.
    let schema = format!("nodes_{}", Uuid::new_v4().simple());
    let mut own = config;
    own.options(format!("-c search_path={schema}"));
    let client = connect(&own).await;
    client.batch_execute(&format!("create schema {schema}")).await?;
    let store = Store::connect(own, 2).await?;
    store.migrate().await?;
    let ada = account("ada@example.com");
    store.create_account(&ada).await?;
    client.batch_execute("update accounts set unconfirmed = true").await?;
    let state =
        async || Ok::<_, store::StoreError>(store.account(ada.id).await?.map(|it| it.state));

    let node = confirming("one");
    store.register_node(&node).await?;
    assert!(!store.need_no_confirmation(ada.id, RECENT).await?, "a live node confirms addresses");
    assert_eq!(state().await?, Some(AccountState::Unconfirmed));
    // It has crashed.
    client.batch_execute("update nodes set heartbeat_at = now() - interval '2 minutes'").await?;
    assert!(store.live_node(model::NodeId(node.id)).await?.is_some(), "its row has no end");
    assert!(store.live_nodes(RECENT).await?.is_empty());
    assert!(store.need_no_confirmation(ada.id, RECENT).await?);
    assert_eq!(state().await?, Some(AccountState::Active));
    client.batch_execute(&format!("drop schema {schema} cascade")).await?;
    Ok(())
}
