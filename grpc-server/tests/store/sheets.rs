//! Sheets are created whole, listed in pages, renamed without overwriting, deleted and restored.

use model::{AccountId, Role, SheetId, Span};
use ot_engine::{ColumnId, Revision, RowId};
use store::{SheetFilter, StoreError};

use crate::support::{Fixture, Outcome, column, connect, new_sheet};

#[tokio::test]
async fn migrating_again_changes_nothing() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(1).await;
    tokio::try_join!(fixture.store.migrate(), fixture.store.migrate())?;
    assert!(fixture.store.load_sheet(sheet.id).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn a_new_sheet_has_its_columns_and_one_span_of_rows() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let new = new_sheet(owner, 100);
    let made = store.create_sheet(&new).await?;
    assert_eq!(store.load_sheet(new.id).await?, Some(made.clone()));
    assert_eq!((made.owner, &*made.name, made.head), (owner, "Stock", Revision(0)));
    assert_eq!((made.next_row_id, made.next_column_id), (RowId(101), ColumnId(3)));
    let columns: Vec<_> = made.columns.iter().map(|column| (column.id.0, &*column.name)).collect();
    assert_eq!(columns, [(1, "a"), (2, "b")]);
    assert_eq!(made.spans, [Span { key: 0, start: RowId(1), length: 100 }]);

    let again = store.create_sheet(&new).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists("sheet"))), "{again:?}");
    let orphan = store.create_sheet(&new_sheet(AccountId::generate(), 0)).await;
    assert!(matches!(orphan, Err(StoreError::NotFound("account"))), "{orphan:?}");
    assert_eq!(store.load_sheet(SheetId::generate()).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_sheet_may_have_neither_rows_nor_columns() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let mut new = new_sheet(owner, 0);
    new.columns.clear();
    let made = store.create_sheet(&new).await?;
    assert_eq!((made.columns.len(), made.spans.len(), made.row_count), (0, 0, 0));
    Ok(())
}

#[tokio::test]
async fn a_list_pages_and_filters() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let mut ids = Vec::new();
    for name in ["Plan", "stock 1", "Stock 2"] {
        let mut new = new_sheet(owner, 5);
        new.name = name.into();
        new.columns.push(column("c"));
        ids.push(store.create_sheet(&new).await?.id);
    }
    let all = store.list_sheets(owner, SheetFilter::default(), 2).await?;
    assert_eq!(all.iter().map(|(sheet, _)| sheet.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
    assert_eq!((all[0].0.column_count, all[0].0.row_count), (3, 5));
    let rest = SheetFilter { after: Some(ids[1]), ..SheetFilter::default() };
    assert_eq!(store.list_sheets(owner, rest, 2).await?[0].0.id, ids[0]);
    let named = SheetFilter { name_contains: Some("STOCK"), ..SheetFilter::default() };
    assert_eq!(store.list_sheets(owner, named, 9).await?.len(), 2);
    assert!(store.list_sheets(AccountId::generate(), named, 9).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_rename_does_not_overwrite_what_it_has_not_seen() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(1).await);
    let renamed = store.rename_sheet(sheet.id, "Depot", Some(sheet.version), fixture.owner).await?;
    assert_eq!((&*renamed.name, renamed.version), ("Depot", sheet.version + 1));
    let late = store.rename_sheet(sheet.id, "Lager", Some(sheet.version), fixture.owner).await;
    assert!(matches!(late, Err(StoreError::Changed { found: 2 })), "{late:?}");
    assert_eq!(&*store.rename_sheet(sheet.id, "Lager", None, fixture.owner).await?.name, "Lager");
    let none = store.rename_sheet(SheetId::generate(), "x", None, fixture.owner).await;
    assert!(matches!(none, Err(StoreError::NotFound("sheet"))), "{none:?}");
    let strange = store.rename_sheet(sheet.id, "a\0b", None, fixture.owner).await;
    assert!(matches!(strange, Err(StoreError::Invalid(_))), "{strange:?}");
    Ok(())
}

#[tokio::test]
async fn a_deleted_sheet_can_be_restored() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner, sheet) = (&fixture.store, fixture.owner, fixture.sheet(1).await);
    let foreign = store.delete_sheet(sheet.id, Some(AccountId::generate())).await;
    assert!(matches!(foreign, Err(StoreError::NotFound("sheet"))), "{foreign:?}");
    assert_eq!(store.owned_sheets(owner).await?, [sheet.id], "it is another account's");
    let deleted = store.delete_sheet(sheet.id, Some(owner)).await?;
    assert!(deleted.deleted_micros.is_some());
    assert_eq!(store.delete_sheet(sheet.id, None).await?, deleted, "again changes nothing");
    assert!(store.list_sheets(owner, SheetFilter::default(), 9).await?.is_empty());
    let bin = SheetFilter { deleted: true, ..SheetFilter::default() };
    assert_eq!(store.list_sheets(owner, bin, 9).await?, [(deleted, Role::Owner)]);
    let renamed = store.rename_sheet(sheet.id, "x", None, fixture.owner).await;
    assert!(matches!(renamed, Err(StoreError::NotFound(_))), "{renamed:?}");

    assert_eq!(store.undelete_sheet(sheet.id).await?.deleted_micros, None);
    assert_eq!(store.list_sheets(owner, SheetFilter::default(), 9).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn spans_that_do_not_add_up_are_an_error() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(10).await;
    let spoil = "update spans set length = 9 where sheet = $1";
    connect(&fixture.config).await.execute(spoil, &[&sheet.id.0]).await?;
    let loaded = fixture.store.load_sheet(sheet.id).await;
    assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{loaded:?}");
    Ok(())
}
