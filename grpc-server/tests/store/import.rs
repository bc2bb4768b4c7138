//! Imports are whole or absent, and one span; exports are one snapshot in the order of rows.

use model::{NewColumn, SheetId, SheetRecord, Span};
use ot_engine::{ColumnId, RowId, Value};
use store::{ExportReader, NewImport, SheetFilter, StoreError};

use crate::support::{Fixture, Outcome, batch, column, connect, patch};

fn import(fixture: &Fixture) -> NewImport {
    NewImport { id: SheetId::generate(), owner: fixture.owner, name: "Airports".into() }
}

fn columns() -> Vec<NewColumn> {
    vec![column("code"), column("n")]
}

/// Rows `r1`, `r2`, ... with their number; every fifth is blank.
async fn imported(fixture: &Fixture, rows: u32) -> Result<SheetRecord, StoreError> {
    let mut writer = fixture.store.import(import(fixture)).await?;
    for row in 1..=rows {
        let values = [format!("r{row}").as_str().into(), f64::from(row).into()];
        let blank = [Value::Empty, Value::Empty];
        writer.write_row(if row % 5 == 0 { &blank } else { &values }).await?;
    }
    assert_eq!(writer.rows(), rows);
    writer.finish(columns()).await
}

async fn export_all(mut reader: ExportReader) -> Result<Vec<(u64, Value)>, StoreError> {
    let mut all = Vec::new();
    while let Some(page) = reader.next_page().await? {
        all.extend(page.into_iter().map(|(id, body)| (id.0, body.get(ColumnId(1)).clone())));
    }
    assert!(reader.next_page().await?.is_none(), "the end stays the end");
    Ok(all)
}

#[tokio::test]
async fn an_import_is_one_span_and_comes_out_as_it_went_in() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = imported(&fixture, 10_000).await?;
    assert_eq!(sheet.spans, [Span { key: 0, start: RowId(1), length: 10_000 }]);
    assert_eq!((sheet.row_count, sheet.next_row_id), (10_000, RowId(10_001)));
    assert_eq!(fixture.store.load_sheet(sheet.id).await?, Some(sheet.clone()));

    let reader = fixture.store.export(sheet.id).await?.ok_or("there")?;
    assert_eq!(reader.sheet(), &sheet);
    let all = export_all(reader).await?;
    let expected: Vec<(u64, Value)> = (1..=10_000)
        .map(|row| {
            (row, if row % 5 == 0 { Value::Empty } else { format!("r{row}").as_str().into() })
        })
        .collect();
    assert_eq!(all, expected);
    Ok(())
}

#[tokio::test]
async fn an_export_knows_of_values_behind_its_page() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = imported(&fixture, 10_000).await?;
    let [code, number] = [sheet.columns[0].id, sheet.columns[1].id];
    // Before the first page, between two pages, and when the rows of a statement are all taken.
    for pages in [0, 1, 2, 3] {
        let mut reader = fixture.store.export(sheet.id).await?.ok_or("there")?;
        let mut rows = 0;
        for _ in 0..pages {
            rows += reader.next_page().await?.map_or(0, |page| page.len());
        }
        assert_eq!(reader.columns_beside_text(&[code, number]).await?, [number]);
        assert_eq!(reader.columns_beside_text(&[code]).await?, []);
        rows += export_all(reader).await?.len();
        assert_eq!(rows, 10_000, "{pages}");
    }
    Ok(())
}

#[tokio::test]
async fn an_export_reads_its_moment_twice() -> Outcome {
    let fixture = Fixture::new().await;
    for rows in [0, 1, 10_000] {
        let sheet = imported(&fixture, rows).await?;
        let once = export_all(fixture.store.export(sheet.id).await?.ok_or("there")?).await?;
        let mut reader = fixture.store.export(sheet.id).await?.ok_or("there")?.twice();
        let mut first = 0;
        while let Some(page) = reader.next_page().await? {
            first += page.len();
        }
        assert_eq!(first, rows as usize);
        // What happens between the two passes is not of the moment.
        fixture.store.delete_sheet(sheet.id, None).await?;
        assert_eq!(export_all(reader).await?, once);
    }
    Ok(())
}

#[tokio::test]
async fn an_import_that_is_dropped_leaves_nothing() -> Outcome {
    let fixture = Fixture::new().await;
    let mut dropped = Vec::new();
    // More often than there are connections for it.
    for _ in 0..6 {
        let import = import(&fixture);
        dropped.push(import.id.0);
        let mut writer = fixture.store.import(import).await?;
        for _ in 0..1_000 {
            writer.write_row(&["x".repeat(1_000).as_str().into()]).await?;
        }
    }
    let mut refused = fixture.store.import(import(&fixture)).await?;
    let invalid = refused.write_row(&[Value::Number(f64::NAN)]).await;
    assert!(matches!(invalid, Err(StoreError::Invalid(_))), "{invalid:?}");
    drop(refused);
    let left = fixture.store.list_sheets(fixture.owner, SheetFilter::default(), 9).await?;
    assert!(left.is_empty());
    let count = "select count(*) from rows where sheet = any($1)";
    let rows = connect(&fixture.config).await.query_one(count, &[&dropped]).await?;
    assert_eq!(rows.get::<_, i64>(0), 0);
    Ok(())
}

#[tokio::test]
async fn an_import_of_nothing_is_an_empty_sheet() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = imported(&fixture, 0).await?;
    assert!(sheet.spans.is_empty());
    let reader = fixture.store.export(sheet.id).await?.ok_or("there")?;
    assert!(export_all(reader).await?.is_empty());
    assert!(fixture.store.export(SheetId::generate()).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn an_id_that_is_taken_and_an_owner_that_is_not_there_are_refused() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = imported(&fixture, 3).await?;
    let again = NewImport { id: sheet.id, ..import(&fixture) };
    let finished = fixture.store.import(again).await?.finish(columns()).await;
    assert!(matches!(finished, Err(StoreError::AlreadyExists("sheet"))), "{finished:?}");
    Ok(())
}

#[tokio::test]
async fn an_export_sees_one_moment_in_the_order_of_rows() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, imported(&fixture, 12).await?);
    let mut turned = batch(&sheet, 0, 1);
    turned.upserted_spans = vec![
        Span { key: -1, start: RowId(10), length: 3 },
        Span { key: 0, start: RowId(1), length: 9 },
    ];
    store.commit(&turned).await?;
    let reader = store.export(sheet.id).await?.ok_or("there")?;

    let mut later = batch(&sheet, 1, 1);
    later.row_patches = vec![patch(&sheet, 11, &[(0, "changed".into())])];
    later.removed_spans = vec![0];
    later.row_count = 3;
    store.commit(&later).await?;

    let ids: Vec<u64> = (10..=12).chain(1..=9).collect();
    let all = export_all(reader).await?;
    assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids);
    assert_eq!(all[1].1, "r11".into());
    Ok(())
}
