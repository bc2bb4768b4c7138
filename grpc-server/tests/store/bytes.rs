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
    store.delete_sheet(sheet.id).await?;
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
    let column = NewColumn { name: "a".into(), kind: ColumnKind::Text, width: None };
    writer.finish(vec![column]).await?;
    let counted = stored(&fixture.store, fixture.owner).await;
    assert!(counted >= written, "{counted}");
    assert_eq!(fixture.store.grown_sheet(fixture.owner).await?, None, "below a mebibyte");
    Ok(())
}

#[tokio::test]
async fn a_sheet_of_an_earlier_release_is_measured_once() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(10).await;
    let sql = crate::support::connect(&fixture.config).await;
    let earlier = "update sheets set measured_bytes = null where id = $1";
    sql.execute(earlier, &[&sheet.id.0]).await?;
    while let Some(unmeasured) = fixture.store.unmeasured_sheet().await? {
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
