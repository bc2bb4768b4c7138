//! Batches: all or nothing, in order, once; and the rows that they leave in the tables.

use std::ops::Range;
use std::sync::Arc;

use model::{ColumnRecord, Entry, Origin, RowBody, SheetId, Span};
use ot_engine::{ClientId, ColumnId, ColumnKind, Revision, RowId, Sequence, Value};
use store::{ClientState, Store, StoreError};

use crate::support::{Fixture, Outcome, batch, connect, entry, patch};

const ALL: Range<RowId> = RowId(0)..RowId(1 << 40);

async fn rows(store: &Store, sheet: SheetId) -> Result<Vec<(u64, RowBody)>, StoreError> {
    let mut rows = store.read_rows(sheet, &[ALL]).await?;
    rows.sort_by_key(|(id, _)| *id);
    Ok(rows.into_iter().map(|(id, body)| (id.0, body)).collect())
}

fn body(cells: &[(u64, Value)]) -> RowBody {
    cells.iter().map(|(column, value)| (ColumnId(*column), value.clone())).collect()
}

#[tokio::test]
async fn a_batch_lands_with_its_log_rows_and_head() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut first = batch(&sheet, 0, 3);
    first.row_patches = vec![
        patch(&sheet, 1, &[(0, "x".into()), (1, 2.5.into())]),
        patch(&sheet, 4, &[(1, true.into())]),
    ];
    store.commit(&first).await?;

    let loaded = store.load_sheet(sheet.id).await?.ok_or("there")?;
    assert_eq!(loaded.head, Revision(3));
    assert!(loaded.changed_micros >= sheet.changed_micros);
    let expected: Vec<Entry> = first.entries.iter().map(|entry| Entry::clone(entry)).collect();
    assert_eq!(store.changes(sheet.id, Revision(0), 100).await?, expected);
    assert_eq!(store.changes(sheet.id, Revision(1), 1).await?, expected[1..2]);
    let expected = [(1, body(&[(1, "x".into()), (2, 2.5.into())])), (4, body(&[(2, true.into())]))];
    assert_eq!(rows(store, sheet.id).await?, expected);
    Ok(())
}

#[tokio::test]
async fn a_patch_keeps_other_cells_and_takes_cells_away() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut first = batch(&sheet, 0, 1);
    first.row_patches = vec![patch(&sheet, 1, &[(0, "x".into()), (1, "y".into())])];
    store.commit(&first).await?;
    let mut second = batch(&sheet, 1, 1);
    second.row_patches = vec![
        patch(&sheet, 1, &[(0, Value::Empty)]),
        // This row has no body yet.
        patch(&sheet, 2, &[(0, Value::Empty), (1, Value::Instant(5))]),
    ];
    store.commit(&second).await?;
    let expected = [(1, body(&[(2, "y".into())])), (2, body(&[(2, Value::Instant(5))]))];
    assert_eq!(rows(store, sheet.id).await?, expected);
    Ok(())
}

#[tokio::test]
async fn what_a_batch_overwrites_is_kept() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, mut sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut first = batch(&sheet, 0, 1);
    first.row_patches = vec![patch(&sheet, 1, &[(0, "x".into()), (1, "y".into())])];
    store.commit(&first).await?;
    sheet.next_row_id = RowId(12);
    let mut second = batch(&sheet, 1, 2);
    second.first_new_row = RowId(11);
    second.entries[1] = Arc::new(Entry { origin: Origin::Undo(Revision(1)), ..entry(&sheet, 3) });
    second.row_patches = vec![
        patch(&sheet, 1, &[(0, "z".into())]),
        // A row that the batch itself makes: it held nothing.
        patch(&sheet, 11, &[(0, "new".into())]),
    ];
    store.commit(&second).await?;
    assert_eq!(store.changes(sheet.id, Revision(2), 1).await?, [Entry::clone(&second.entries[1])]);

    let look =
        "select id, revision, through, cells::text from before_images where sheet = $1 order by 2";
    let seen = connect(&fixture.config).await.query(look, &[&sheet.id.0]).await?;
    let seen: Vec<(i64, i64, i64, String)> =
        seen.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    let nothing = r#"{"1": null, "2": null}"#.to_owned();
    assert_eq!(seen, [(1, 0, 1, nothing), (1, 1, 3, r#"{"1": "x"}"#.to_owned())]);
    Ok(())
}

#[tokio::test]
async fn a_batch_that_has_landed_lands_no_second_time() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut first = batch(&sheet, 0, 2);
    first.row_patches = vec![patch(&sheet, 1, &[(0, "x".into())])];
    store.commit(&first).await?;
    let mut second = batch(&sheet, 2, 1);
    second.row_patches = vec![patch(&sheet, 1, &[(0, "y".into())])];
    store.commit(&second).await?;

    store.commit(&first).await?;
    store.commit(&second).await?;
    assert_eq!(store.changes(sheet.id, Revision(0), 9).await?.len(), 3);
    assert_eq!(rows(store, sheet.id).await?, [(1, body(&[(1, "y".into())]))]);
    Ok(())
}

#[tokio::test]
async fn a_batch_on_another_head_is_refused_whole() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    store.commit(&batch(&sheet, 0, 2)).await?;
    for (previous, client) in [(1, 9), (4, 7)] {
        let mut strange = batch(&sheet, previous, 1);
        strange.row_patches = vec![patch(&sheet, 1, &[(0, "x".into())])];
        let other = Entry { client: ClientId(client), ..entry(&sheet, previous + 1) };
        strange.entries = vec![Arc::new(other)];
        let refused = store.commit(&strange).await;
        let found = matches!(
            refused,
            Err(StoreError::Conflict { expected, found: Revision(2) }) if expected.0 == previous
        );
        assert!(found, "{refused:?}");
    }
    assert!(rows(store, sheet.id).await?.is_empty());

    let mut nowhere = batch(&sheet, 2, 1);
    nowhere.sheet = SheetId::generate();
    let refused = store.commit(&nowhere).await;
    assert!(matches!(refused, Err(StoreError::NotFound("sheet"))), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn an_edit_cannot_land_under_its_name_twice() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    store.commit(&batch(&sheet, 0, 1)).await?;
    let mut resent = batch(&sheet, 1, 1);
    let entry = Entry { sequence: Sequence(1), ..entry(&sheet, 2) };
    resent.entries = vec![Arc::new(entry)];
    let refused = store.commit(&resent).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(store.load_sheet(sheet.id).await?.ok_or("there")?.head, Revision(1));
    Ok(())
}

#[tokio::test]
async fn spans_and_columns_follow() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let spans = [
        Span { key: -5, start: RowId(11), length: 2 },
        Span { key: 0, start: RowId(1), length: 4 },
        Span { key: 3, start: RowId(8), length: 3 },
    ];
    let columns = vec![
        ColumnRecord {
            id: ColumnId(3),
            name: "new".into(),
            kind: ColumnKind::Any,
            width: Some(90),
            settings: "option a\noption b".into(),
        },
        ColumnRecord {
            id: ColumnId(1),
            name: "é".into(),
            kind: ColumnKind::Choices,
            width: None,
            settings: "".into(),
        },
    ];
    let mut first = batch(&sheet, 0, 1);
    first.removed_spans = vec![0, 77];
    first.upserted_spans = spans.to_vec();
    first.columns = Some(columns.clone());
    (first.next_row_id, first.next_column_id, first.row_count) = (RowId(13), ColumnId(4), 9);
    store.commit(&first).await?;
    let loaded = store.load_sheet(sheet.id).await?.ok_or("there")?;
    assert_eq!((&loaded.spans[..], &loaded.columns), (&spans[..], &columns));
    assert_eq!((loaded.next_row_id, loaded.next_column_id), (RowId(13), ColumnId(4)));

    let mut second = batch(&loaded, 1, 1);
    second.removed_spans = vec![-5];
    second.row_count = 7;
    second.row_patches = vec![patch(&loaded, 9, &[(0, "x".into())])];
    store.commit(&second).await?;
    let loaded = store.load_sheet(sheet.id).await?.ok_or("there")?;
    assert_eq!((&loaded.spans[..], &loaded.columns), (&spans[1..], &columns));

    let look =
        "select position, id, cells::text from sheet_rows where sheet = $1 and id >= 4 order by 1";
    let seen = connect(&fixture.config).await.query(look, &[&sheet.id.0]).await?;
    let seen: Vec<(i64, i64, String)> =
        seen.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let blank = |position, id| (position, id, "{}".to_owned());
    assert_eq!(seen, [blank(3, 4), blank(4, 8), (5, 9, r#"{"3": "x"}"#.into()), blank(6, 10)]);
    Ok(())
}

#[tokio::test]
async fn clients_are_remembered_by_their_last_edit() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let mut mixed = batch(&sheet, 0, 4);
    let other = ClientId(u128::MAX);
    mixed.entries[1] = Arc::new(Entry { client: other, sequence: Sequence(1), ..entry(&sheet, 2) });
    store.commit(&mixed).await?;
    let state = |client, sequence, revision| ClientState {
        client,
        sequence: Sequence(sequence),
        revision: Revision(revision),
        account: fixture.owner,
    };
    assert_eq!(store.client_state(sheet.id, other).await?, Some(state(other, 1, 2)));
    assert_eq!(store.client_state(sheet.id, ClientId(1)).await?, None);
    let both = [state(ClientId(7), 4, 4), state(other, 1, 2)];
    assert_eq!(store.recent_clients(sheet.id, 10).await?, both);
    assert_eq!(store.recent_clients(sheet.id, 2).await?, both[..1]);
    let edit = store.edit(sheet.id, ClientId(7), Sequence(3)).await?;
    assert_eq!(edit, Some(state(ClientId(7), 3, 3)));
    assert_eq!(store.edit(sheet.id, other, Sequence(2)).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_gap_and_a_broken_delta_in_the_log_are_errors() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    store.commit(&batch(&sheet, 0, 5)).await?;
    let client = connect(&fixture.config).await;
    let spoil = "delete from changes where sheet = $1 and revision = 3";
    client.execute(spoil, &[&sheet.id.0]).await?;
    let read = store.changes(sheet.id, Revision(0), 9).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    let spoil = "update changes set delta = '\\xff' where sheet = $1 and revision = 5";
    client.execute(spoil, &[&sheet.id.0]).await?;
    let read = store.changes(sheet.id, Revision(3), 9).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    Ok(())
}

#[tokio::test]
async fn rows_are_read_by_many_ranges() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(100).await);
    let mut wide = batch(&sheet, 0, 1);
    wide.row_patches = (1..=100).map(|row| patch(&sheet, row, &[(0, "x".into())])).collect();
    store.commit(&wide).await?;
    let ranges = [RowId(3)..RowId(5), RowId(90)..RowId(200), RowId(7)..RowId(7)];
    let mut ids: Vec<_> =
        store.read_rows(sheet.id, &ranges).await?.into_iter().map(|(id, _)| id.0).collect();
    ids.sort_unstable();
    assert_eq!(ids, [3, 4].into_iter().chain(90..=100).collect::<Vec<_>>());
    assert!(store.read_rows(sheet.id, &[]).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn of_two_writers_with_the_same_head_one_wins() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    let one = batch(&sheet, 0, 2);
    let mut two = one.clone();
    for entry in &mut two.entries {
        *entry = Arc::new(Entry { client: ClientId(8), ..Entry::clone(entry) });
    }
    let (first, second) = tokio::join!(store.commit(&one), store.commit(&two));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(store.changes(sheet.id, Revision(0), 9).await?.len(), 2);
    Ok(())
}

/// Postgres writes a row as a whole.
#[tokio::test]
async fn a_commit_names_the_large_rows_that_it_writes() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(10).await);
    // Random letters: Postgres compresses others.
    let mut state = 1_u64;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + (state >> 33) as u8 % 26)
    });
    let text: String = letters.take(200_000).collect();
    let mut large = batch(&sheet, 0, 1);
    large.row_patches =
        vec![patch(&sheet, 1, &[(0, text.as_str().into())]), patch(&sheet, 2, &[(0, "x".into())])];
    let named = store.commit(&large).await?;
    let bytes = match named[..] {
        [(RowId(1), bytes)] => bytes,
        _ => panic!("{named:?}"),
    };
    assert!((100_000..300_000).contains(&bytes), "{bytes}");
    // One small cell of it, with a change of lines and of columns.
    let mut small = batch(&sheet, 1, 1);
    small.row_patches = vec![patch(&sheet, 1, &[(1, true.into())])];
    small.upserted_spans = vec![Span { key: 9, start: RowId(11), length: 1 }];
    small.columns = Some(sheet.columns.clone());
    let named = store.commit(&small).await?;
    assert!(matches!(named[..], [(RowId(1), again)] if again >= bytes), "{named:?}");
    assert_eq!(store.commit(&small).await?, [], "it was committed before");
    Ok(())
}
