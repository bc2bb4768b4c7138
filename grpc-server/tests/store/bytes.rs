//! The bytes of sheets are counted by each commit and import, and measured.

use model::AccountId;
use ot_engine::{ColumnKind, Value};
use store::{NewImport, Store};

use crate::support::{Fixture, Outcome, batch, patch};
use model::{NewColumn, SheetId};

async fn stored(store: &Store, account: AccountId) -> u64 {
    store.stored_bytes(&[account]).await.expect("an answer")[0].1
}

#[tokio::test]
async fn commits_are_counted_and_a_measurement_agrees() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    assert_eq!(stored(store, owner).await, 0);
    let sheet = fixture.sheet(10).await;
    let empty = stored(store, owner).await;
    assert!((4_096..6_000).contains(&empty), "{empty}");
    let mut random = 7_u32;
    for revision in 0..20 {
        // Text that no compression makes smaller.
        let text: String = std::iter::repeat_with(|| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + (random >> 24) as u8 % 90)
        })
        .filter(|letter| *letter != '"' && *letter != '\\')
        .take(50_000)
        .collect();
        let mut batch = batch(&sheet, revision, 1);
        batch.row_patches = vec![patch(&sheet, revision % 10 + 1, &[(0, text.as_str().into())])];
        store.commit(&batch).await?;
        // The same batch again changes nothing.
        store.commit(&batch).await?;
    }
    let counted = stored(store, owner).await;
    store.measure_sheet(sheet.id).await?;
    let measured = stored(store, owner).await;
    // Ten rows, and what they held before.
    assert!((900_000..1_200_000).contains(&measured), "{measured}");
    assert!(counted >= measured && counted < 3 * measured, "{counted}, {measured}");
    store.measure_sheet(sheet.id).await?;
    assert_eq!(stored(store, owner).await, measured);
    // A deleted sheet counts.
    store.delete_sheet(sheet.id, None).await?;
    assert_eq!((stored(store, owner).await, store.sheet_count(owner).await?), (measured, 0));
    Ok(())
}

#[tokio::test]
async fn an_import_is_counted_with_its_sheet() -> Outcome {
    let fixture = Fixture::new().await;
    let import = NewImport { id: SheetId::generate(), owner: fixture.owner, name: "Stock".into() };
    let mut writer = fixture.store.import(import.clone()).await?;
    for row in 0..1_000 {
        writer.write_row(&[Value::Text(format!("row {row} {}", "x".repeat(100)).into())]).await?;
    }
    let written = writer.bytes();
    assert!(written > 110_000, "{written}");
    assert_eq!(stored(&fixture.store, fixture.owner).await, 0, "not a sheet yet");
    let column =
        NewColumn { name: "a".into(), kind: ColumnKind::Text, width: None, settings: "".into() };
    writer.finish(vec![column]).await?;
    let counted = stored(&fixture.store, fixture.owner).await;
    assert!(counted >= written, "{counted}");
    assert_eq!(fixture.store.grown_sheet(fixture.owner, &[]).await?, None, "below a mebibyte");
    Ok(())
}

#[tokio::test]
async fn a_sheet_of_an_earlier_release_is_measured_once() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(10).await;
    let sql = crate::support::connect(&fixture.config).await;
    let earlier = "update sheets set measured_bytes = null where id = $1";
    sql.execute(earlier, &[&sheet.id.0]).await?;
    while let Some(unmeasured) = fixture.store.unmeasured_sheet(&[]).await? {
        let others = fixture.store.unmeasured_sheet(&[unmeasured]).await?;
        assert_ne!(others, Some(unmeasured), "it is left out");
        fixture.store.measure_sheet(unmeasured).await?;
    }
    let bytes = "select measured_bytes from sheets where id = $1";
    let bytes: Option<i64> = sql.query_one(bytes, &[&sheet.id.0]).await?.get(0);
    assert!(bytes.is_some_and(|bytes| bytes > 0), "{bytes:?}");
    Ok(())
}

#[tokio::test]
async fn the_largest_row_is_noted_as_it_is_before_compression() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(3).await;
    let store = &fixture.store;
    let largest =
        async || store.load_sheet(sheet.id).await.map(|it| it.expect("is one").largest_row);
    assert_eq!(largest().await?, 65_536, "rows without content are small");
    let text = "x".repeat(60_000);
    for revision in 0..4 {
        let mut batch = batch(&sheet, revision, 1);
        let column = usize::try_from(revision % 2)?;
        batch.row_patches =
            vec![patch(&sheet, 1 + revision / 2, &[(column, text.as_str().into())])];
        store.commit(&batch).await?;
    }
    let noted = largest().await?;
    assert!((120_000..122_000).contains(&noted), "{noted}");
    assert_eq!(store.largest_row(sheet.id).await?, noted);
    Ok(())
}

/// What a migration notes of a sheet of many columns.
const ESTIMATE: &str = "
    insert into largest_rows (sheet, bytes, estimated) values ($1, 330000000, true)
    on conflict (sheet) do update set bytes = excluded.bytes, estimated = true";

#[tokio::test]
async fn an_estimate_of_the_largest_row_is_measured_first_and_replaced() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(3).await);
    let sql = crate::support::connect(&fixture.config).await;
    let text = "x".repeat(60_000);
    for revision in 0..4 {
        let mut batch = batch(&sheet, revision, 1);
        let column = usize::try_from(revision % 2)?;
        batch.row_patches =
            vec![patch(&sheet, 1 + revision / 2, &[(column, text.as_str().into())])];
        store.commit(&batch).await?;
    }
    let noted = store.largest_row(sheet.id).await?;
    let other = fixture.sheet(3).await;
    sql.execute("update sheets set measured_bytes = null where id = $1", &[&other.id.0]).await?;
    sql.execute(ESTIMATE, &[&sheet.id.0]).await?;
    assert_eq!(store.largest_row(sheet.id).await?, 330_000_000);
    assert_eq!(store.unmeasured_sheet(&[other.id]).await?, Some(sheet.id));
    assert_eq!(store.unmeasured_sheet(&[]).await?, Some(sheet.id), "before the other one");
    assert!(store.measure_sheet(sheet.id).await?);
    assert_eq!(store.largest_row(sheet.id).await?, noted, "as the commits noted it");
    assert_ne!(store.unmeasured_sheet(&[other.id]).await?, Some(sheet.id));
    // Rows that are small are no reason to look at each edit.
    let empty = fixture.sheet(3).await;
    sql.execute(ESTIMATE, &[&empty.id.0]).await?;
    assert!(store.measure_sheet(empty.id).await?);
    assert_eq!(store.largest_row(empty.id).await?, 65_536);
    Ok(())
}

#[tokio::test]
async fn measurements_beside_commits_lose_no_bytes_and_no_row() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(3).await);
    let sql = crate::support::connect(&fixture.config).await;
    sql.execute(ESTIMATE, &[&sheet.id.0]).await?;
    let commits = async {
        for revision in 0..60 {
            let text = "x".repeat(1_100 * usize::try_from(revision)?);
            let mut batch = batch(&sheet, revision, 1);
            batch.row_patches =
                vec![patch(&sheet, 1, &[(0, text.as_str().into()), (1, text.as_str().into())])];
            store.commit(&batch).await?;
        }
        Outcome::Ok(())
    };
    let measures = async || {
        for _ in 0..40 {
            store.measure_sheet(sheet.id).await?;
        }
        Outcome::Ok(())
    };
    let (committed, one, two) = tokio::join!(commits, measures(), measures());
    committed.and(one).and(two)?;
    let size = "select max(pg_column_size(cells || '{}'::jsonb)) from rows where sheet = $1";
    let size: i32 = sql.query_one(size, &[&sheet.id.0]).await?.get(0);
    let largest = store.largest_row(sheet.id).await?;
    assert!(size > 120_000 && largest >= u64::try_from(size)?, "{largest}, {size}");
    let counted = stored(store, fixture.owner).await;
    assert!(store.measure_sheet(sheet.id).await?);
    let measured = stored(store, fixture.owner).await;
    assert!(counted >= measured, "{counted}, {measured}");
    assert_eq!(store.largest_row(sheet.id).await?, u64::try_from(size)?);
    Ok(())
}
