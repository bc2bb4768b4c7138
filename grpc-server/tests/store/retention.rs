//! The oldest history is deleted: once, in bounded parts, and nothing else with it.

use std::sync::Arc;

use grpc_server::retention::{Pruner, Retention};
use model::{Entry, Order, Origin, SheetRecord, Span};
use ot_engine::{AxisDelta, ClientId, Delta, LineId, Revision, RowId, Run, Sequence, Value};
use store::{DueSheet, Kept, Store};

use crate::lineage::Node;
use crate::support::{Fixture, Outcome, batch, connect, entry, patch};

/// More than one statement deletes.
const MANY: u64 = 12_000;

fn order(sheet: &SheetRecord) -> Order {
    Order {
        spans: sheet.spans.clone(),
        columns: sheet.columns.clone(),
        knows_settings: true,
        next_row_id: sheet.next_row_id,
        next_column_id: sheet.next_column_id,
    }
}

async fn raise(store: &Store, sheet: &SheetRecord, from: u64, to: u64) -> bool {
    let way = (Revision(from), Revision(to));
    store.raise_floor(sheet.id, way, &order(sheet), 0).await.expect("an answer")
}

#[tokio::test]
async fn a_floor_stands_where_a_commit_stood() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    for (previous, count) in [(0, 5), (5, 10), (15, 5)] {
        store.commit(&batch(&sheet, previous, count)).await?;
    }
    let target = async |floor, changes| {
        let kept = Kept { changes: Some(changes), from_micros: None };
        store.floor_target(sheet.id, Revision(floor), kept).await
    };
    assert_eq!(target(0, 20).await?, None);
    assert_eq!(target(0, 16).await?, None, "in the first commit");
    assert_eq!(target(0, 15).await?, Some(Revision(5)));
    assert_eq!(target(0, 6).await?, Some(Revision(5)), "in the second one");
    assert_eq!(target(5, 6).await?, None, "it is there");
    assert_eq!(target(5, 5).await?, Some(Revision(15)));
    assert_eq!(target(5, 0).await?, Some(Revision(20)));
    assert_eq!(store.floor_target(sheet.id, Revision(0), Kept::default()).await?, None);
    let old = Kept { from_micros: Some(i64::MAX / 2), changes: Some(9) };
    assert_eq!(store.floor_target(sheet.id, Revision(0), old).await?, Some(Revision(20)));
    Ok(())
}

#[tokio::test]
async fn a_floor_rises_from_where_it_was_seen() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    store.commit(&batch(&sheet, 0, 5)).await?;
    store.commit(&batch(&sheet, 5, 5)).await?;
    assert!(raise(store, &sheet, 0, 5).await);
    assert!(!raise(store, &sheet, 0, 10).await, "another server moved it");
    assert_eq!(store.history_floor(sheet.id).await?, Some(Revision(5)));
    assert!(raise(store, &sheet, 5, 10).await);
    assert_eq!(store.history_floor(sheet.id).await?, Some(Revision(10)));
    let noted = store.checkpoint(sheet.id, Revision(10)).await?;
    assert_eq!(noted, Some(order(&sheet)));
    assert_eq!(store.checkpoint(sheet.id, Revision(5)).await?, None);
    Ok(())
}

#[tokio::test]
async fn settings_that_no_release_has_noted_stay_unknown() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    store.commit(&batch(&sheet, 0, 5)).await?;
    let unknown = Order { knows_settings: false, ..order(&sheet) };
    assert!(store.raise_floor(sheet.id, (Revision(0), Revision(5)), &unknown, 0).await?);
    assert_eq!(store.checkpoint(sheet.id, Revision(5)).await?, Some(unknown));
    Ok(())
}

#[tokio::test]
async fn changes_go_up_to_the_floor_and_leave_their_names() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let half = MANY / 2;
    for previous in [0, half] {
        let mut batch = batch(&sheet, previous, half);
        batch.row_patches = vec![patch(&sheet, 1, &[(0, "x".into())])];
        store.commit(&batch).await?;
    }
    assert!(raise(store, &sheet, 0, half).await);
    assert_eq!(store.delete_below(sheet.id, Revision(half), 0).await?, half - 1);
    assert_eq!(store.delete_below(sheet.id, Revision(half), 0).await?, 0);
    let left = store.changes(sheet.id, Revision(0), u32::MAX).await?;
    assert_eq!(left.first().map(|entry| entry.revision), Some(Revision(half)));
    assert_eq!(left.len() as u64, half + 1);
    let kept = store.overwritten(sheet.id, Revision(0)).await?;
    assert_eq!(kept, std::slice::from_ref(&(RowId(1)..RowId(2))), "by the second commit");

    assert!(raise(store, &sheet, half, MANY).await);
    assert_eq!(store.delete_below(sheet.id, Revision(MANY), 0).await?, half);
    assert!(store.overwritten(sheet.id, Revision(0)).await?.is_empty());
    let state = store.client_state(sheet.id, ClientId(7)).await?.ok_or("is known")?;
    assert_eq!((state.sequence, state.revision), (Sequence(MANY), Revision(MANY)));
    let names = "select sequence from past_clients where sheet = $1";
    let name = connect(&fixture.config).await.query_one(names, &[&sheet.id.0]).await?;
    assert_eq!(name.get::<_, i64>(0) as u64, MANY - 1);
    Ok(())
}

#[tokio::test]
async fn bodies_go_in_bounded_parts() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut first = batch(&sheet, 0, 1);
    first.row_patches =
        (1..=MANY).map(|row| patch(&sheet, row, &[(0, Value::from("x"))])).collect();
    store.commit(&first).await?;
    let dead = [RowId(0)..RowId(3), RowId(5)..RowId(6), RowId(9)..RowId(MANY - 1)];
    assert_eq!(store.delete_bodies(sheet.id, &dead).await?, 2 + 1 + MANY - 10);
    assert_eq!(store.delete_bodies(sheet.id, &dead).await?, 0);
    let mut left = store.read_rows(sheet.id, &[RowId(0)..RowId(MANY * 2)]).await?;
    left.sort_by_key(|(id, _)| *id);
    let left: Vec<u64> = left.iter().map(|(id, _)| id.0).collect();
    assert_eq!(left, [3, 4, 6, 7, 8, MANY - 1, MANY]);
    Ok(())
}

#[tokio::test]
async fn what_is_about_to_come_back_keeps_its_body() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, mut sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut first = batch(&sheet, 0, 1);
    first.row_patches = vec![patch(&sheet, 1, &[(0, "x".into())])];
    store.commit(&first).await?;
    let back = AxisDelta::from_runs([Run::Insert { count: 1, first: Some(LineId(1)) }]);
    let mut second = batch(&sheet, 1, 1);
    let delete = ot_engine::SharedDelta::new(Delta::rows(AxisDelta::delete(0, 1)));
    second.entries = vec![Arc::new(Entry { delta: delete, ..entry(&sheet, 2) })];
    second.inverses = vec![Some(Delta::rows(back.clone()))];
    second.upserted_spans = vec![Span { start: RowId(2), length: 9, ..sheet.spans[0] }];
    second.row_count = 9;
    store.commit(&second).await?;
    sheet.spans = second.upserted_spans;
    assert!(raise(store, &sheet, 0, 2).await);

    // An undo that was looked up before that, and is accepted and not yet committed.
    let (origin, delta) =
        (Origin::Undo(Revision(2)), ot_engine::SharedDelta::new(Delta::rows(back)));
    let undo = Entry { origin, delta, ..entry(&sheet, 3) };
    let node = Node::with_journal(&fixture, &[undo]).await;
    let retention = Retention { days: 0, changes: 0, session_days: 0 };
    let pruner = Pruner::new(store.clone(), node.registry.clone(), retention);
    let floor = Revision(2);
    let due = |head| DueSheet {
        sheet: sheet.id,
        head: Revision(head),
        floor,
        raised: Some(floor),
        bodies: true,
    };
    assert_eq!(pruner.prune(due(2), 0).await?.bodies, 0);
    let open = node.registry.open(sheet.id).await?;
    open.committed(Revision(3)).await.expect("stays open");
    assert_eq!(pruner.prune(due(3), 0).await?.bodies, 0, "it is back");
    assert_eq!(store.read_rows(sheet.id, &[RowId(1)..RowId(2)]).await?.len(), 1);
    Ok(())
}
