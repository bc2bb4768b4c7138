//! Pages of a sorted search: where the next one begins.
//!
//! Not how the end of a page follows changes of lines: the system's `query_pages` shows it. Invariant: the pages of a
//! search have each row once, in its order, whatever the cells hold.

use std::future::pending;

use model::{PageEnd, RowFilter, RowOrder, RowQuery, SheetRecord};
use ot_engine::{Revision, RowId, Value};
use store::{Found, StoreError};

use super::query;
use super::texts::{sheet, store_json};
use crate::support::{Fixture, Outcome, batch, connect, patch};

/// Overwritten parts of a row that a search looks through.
const IMAGES: i64 = 20_000;

fn by_both(sheet: &SheetRecord, descending: bool) -> Vec<RowOrder> {
    sheet.columns.iter().map(|column| RowOrder { column: column.id, descending }).collect()
}

async fn find(
    fixture: &Fixture,
    sheet: &SheetRecord,
    order: Vec<RowOrder>,
    (after, limit): (Option<PageEnd>, u32),
) -> Result<Found, StoreError> {
    let finder = fixture.store.finder(sheet.id).await?.expect("the sheet");
    let all = query(RowFilter::All(Vec::new()), order);
    finder.find(&RowQuery { after, limit, total: false, ..all }, pending()).await
}

fn ids(found: &Found) -> Vec<RowId> {
    found.rows.iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn each_value_may_end_a_page() -> Outcome {
    let fixture = Fixture::new().await;
    let values = [
        Value::from("x"),
        Value::Empty,
        Value::Number(2.0),
        Value::Date(1),
        Value::from("Äpfel"),
        Value::from("x"),
        Value::LocalDateTime(86_400_000_000),
        Value::Bool(true),
        Value::Instant(-1),
        Value::Number(-1.5),
        Value::Bool(false),
        Value::from("y"),
        Value::from("z"),
        Value::Empty,
    ];
    let sheet = sheet(&fixture, &values).await;
    // The first two as an earlier release has stored them.
    store_json(&fixture, &sheet, 12, "{\"datetime\": \"0000-01-01T00:00:00Z\"}").await?;
    store_json(&fixture, &sheet, 13, "\"\"").await?;
    store_json(&fixture, &sheet, 14, "{\"unknown\": 1}").await?;
    for descending in [false, true] {
        let order = || by_both(&sheet, descending);
        let all = find(&fixture, &sheet, order(), (None, 100)).await?;
        assert_eq!(all.rows.len(), values.len());
        for size in 1..4 {
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = find(&fixture, &sheet, order(), (after, size)).await?;
                paged.extend(ids(&page));
                let Some(last) = page.rows.last() else { break };
                let revision = Revision(1);
                after = Some(PageEnd { revision, row: last.id, position: last.position });
            }
            assert_eq!(paged, ids(&all), "{descending} {size}");
        }
    }
    Ok(())
}

/// Three rows, of which the second was edited after the page that ends with it.
async fn edited(fixture: &Fixture, images: &[(&str, i64)]) -> Result<SheetRecord, StoreError> {
    let sheet = fixture.sheet(3).await;
    let mut batch = batch(&sheet, 0, 1);
    let cells = [1.0, 9.0, 7.0].map(|number| (0, Value::Number(number)));
    batch.row_patches = (1..).zip(cells).map(|(row, cell)| patch(&sheet, row, &[cell])).collect();
    fixture.store.commit(&batch).await?;
    let sql = "insert into before_images (sheet, id, revision, through, cells)
        select $1, 2, $2::bigint + step, $2::bigint + step, $3::text::jsonb
        from generate_series(1, $4::bigint) as step";
    let client = connect(&fixture.config).await;
    let mut first = 0_i64;
    for (cells, count) in images {
        let [a, b] = [0, 1].map(|at: usize| sheet.columns[at].id.0.to_string());
        let cells = cells.replace('a', &a).replace('b', &b);
        client.execute(sql, &[&sheet.id.0, &first, &cells, count]).await.expect("is inserted");
        first += count;
    }
    Ok(sheet)
}

#[tokio::test]
async fn the_end_of_a_page_is_looked_for_in_a_bounded_part_of_its_row() -> Outcome {
    let fixture = Fixture::new().await;
    let (with, without) = ("{\"a\": 5}", "{\"b\": 5}");
    let end = PageEnd { revision: Revision(1), row: RowId(2), position: 1 };
    let behind = [RowId(3), RowId(2)];
    // At that revision it was 5: so it is behind its own page now.
    for images in [
        &[(with, 1)][..],
        &[(without, IMAGES - 1), (with, 1)],
        &[(with, 1), ("{\"a\": 8}", IMAGES)],
    ] {
        let sheet = edited(&fixture, images).await?;
        let order = vec![RowOrder { column: sheet.columns[0].id, descending: false }];
        let page = find(&fixture, &sheet, order, (Some(end), 10)).await?;
        assert_eq!(ids(&page), behind, "{images:?}");
    }
    let sheet = edited(&fixture, &[(without, IMAGES), (with, 1)]).await?;
    let order = || vec![RowOrder { column: sheet.columns[0].id, descending: false }];
    let refused = find(&fixture, &sheet, order(), (Some(end), 10)).await;
    assert!(matches!(refused, Err(StoreError::TooOld)), "{refused:?}");
    // Of large ones fewer are looked through.
    let long = format!("{{\"b\": \"{}\"}}", noise(1 << 20));
    let sheet = edited(&fixture, &[(&long, 17), (with, 1)]).await?;
    let order = || vec![RowOrder { column: sheet.columns[0].id, descending: false }];
    let refused = find(&fixture, &sheet, order(), (Some(end), 10)).await;
    assert!(matches!(refused, Err(StoreError::TooOld)), "{refused:?}");
    Ok(())
}

/// Letters that Postgres can't compress.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // None of them is the name of a column.
        char::from(b'A' + (state >> 60) as u8)
    };
    (0..bytes).map(letter).collect()
}
