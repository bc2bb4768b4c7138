//! Reads of history are bounded: the list of changes in the part of the log that it looks through, older rows in
//! their bytes.
//!
//! Not its pages on the wire. Invariant: a list that continues misses no change.

use std::sync::Arc;

use allocation_counter::measure;
use model::gesture::client_at;
use model::{EditGroup, EditPlace, Entry, SheetRecord};
use ot_engine::{ColumnId, Revision, RowId, Value};
use store::{CHANGES_AT_PLACE, ChangeFilter, HeldQuery, SCANNED_REVISIONS, StoreError};

use crate::support::{Fixture, Outcome, account, batch, connect, patch};

/// Changes by another account after the sheet's first one.
const LATER: u64 = SCANNED_REVISIONS * 2 + 500;

/// A log that only Postgres writes: copies of its first change.
async fn long_log(fixture: &Fixture) -> Result<SheetRecord, Box<dyn std::error::Error>> {
    let sheet = fixture.sheet(2).await;
    fixture.store.commit(&batch(&sheet, 0, 1)).await?;
    let other = account(&format!("{}@example.com", uuid::Uuid::new_v4()));
    fixture.store.create_account(&other).await?;
    let copies = "insert into changes
            (sheet, revision, client, sequence, base, account, at, delta, origin, batch)
        select sheet, step, client, step, step - 1, $2, at, delta, origin, step - 1
        from changes, generate_series(2, $3::bigint) as step where sheet = $1 and revision = 1";
    let last = i64::try_from(LATER)? + 1;
    let client = connect(&fixture.config).await;
    client.execute(copies, &[&sheet.id.0, &other.id.0, &last]).await?;
    Ok(sheet)
}

#[tokio::test]
async fn a_filter_that_nothing_passes_reads_a_bounded_part_and_continues() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = long_log(&fixture).await?;
    let own = ChangeFilter { account: Some(fixture.owner), ..ChangeFilter::default() };
    let (mut rest, mut parts, mut found) = (Revision(LATER + 1), 0, Vec::new());
    while rest > Revision(0) {
        let part = fixture.store.changes_back(sheet.id, rest, &own, 10).await?;
        assert!(rest.0 - part.rest.0 <= SCANNED_REVISIONS, "{rest} to {}", part.rest);
        assert!(part.rest < rest);
        found.extend(part.changes.iter().map(|listed| listed.entry.revision));
        (rest, parts) = (part.rest, parts + 1);
    }
    assert_eq!((found, parts), (vec![Revision(1)], 3));
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_cut_continues_right_below_its_last_change() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(2).await;
    fixture.store.commit(&batch(&sheet, 0, 7)).await?;
    let all = ChangeFilter::default();
    let (mut rest, mut found) = (Revision(7), Vec::new());
    while rest > Revision(0) {
        let part = fixture.store.changes_back(sheet.id, rest, &all, 3).await?;
        found.extend(part.changes.iter().map(|listed| listed.entry.revision.0));
        rest = part.rest;
    }
    assert_eq!(found, [7, 6, 5, 4, 3, 2, 1]);
    Ok(())
}

/// A sheet whose first row was overwritten by each of `commits` commits: `b` once, `a` each time.
async fn busy_row(
    fixture: &Fixture,
    commits: u64,
) -> Result<SheetRecord, Box<dyn std::error::Error>> {
    let sheet = fixture.sheet(3).await;
    for commit in 0..commits {
        let mut batch = batch(&sheet, commit, 1);
        let a = (0, Value::Text(format!("a{commit}").into()));
        let b = (1, Value::from("b"));
        let cells = if commit == 1 { vec![a, b] } else { vec![a] };
        batch.row_patches = vec![patch(&sheet, 1, &cells)];
        fixture.store.commit(&batch).await?;
    }
    Ok(sheet)
}

#[tokio::test]
async fn of_a_busy_row_each_cell_is_as_the_oldest_commit_since_found_it() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = busy_row(&fixture, 5).await?;
    let ids = [sheet.columns[0].id, sheet.columns[1].id];
    let ranges = [RowId(0)..RowId(9)];
    let everything: [Option<&[ColumnId]>; 3] = [None, Some(&ids), Some(&ids[1..])];
    for (revision, a, b) in [(1, "a0", None), (2, "a1", Some("b")), (4, "a3", Some("b"))] {
        for columns in everything {
            let revision = Revision(revision);
            let query = HeldQuery { ranges: &ranges, revision, columns, bytes_most: usize::MAX };
            let held = fixture.store.held(sheet.id, query).await?;
            let [row] = &held[..] else { panic!("{held:?}") };
            let shown = |column| columns.is_none_or(|columns| columns.contains(&column));
            let text = |value: &Value| value.as_text().to_owned();
            let expected = if shown(ids[0]) { a } else { "" };
            assert_eq!(text(row.at.get(ids[0])), expected, "{revision} {columns:?}");
            assert_eq!(text(row.at.get(ids[1])), b.unwrap_or_default(), "{revision} {columns:?}");
            assert_eq!(text(row.current.get(ids[1])), "b");
        }
    }
    Ok(())
}

/// A sheet of 64 rows with a text of 1 MiB each.
async fn fat_rows(fixture: &Fixture) -> Result<SheetRecord, Box<dyn std::error::Error>> {
    let sheet = fixture.sheet(64).await;
    let mut batch = batch(&sheet, 0, 1);
    let fat = |row| patch(&sheet, row, &[(0, Value::Text("x".repeat(1 << 20).into()))]);
    batch.row_patches = (1..=64).map(fat).collect();
    fixture.store.commit(&batch).await?;
    Ok(sheet)
}

#[test]
fn fat_rows_are_read_no_further_than_the_caller_allows() -> Outcome {
    // One thread does everything, so all that is allocated is counted.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fixture = runtime.block_on(Fixture::new());
    let sheet = runtime.block_on(fat_rows(&fixture))?;
    let (ranges, bytes_most) = ([RowId(0)..RowId(99)], 4 << 20);
    let all = HeldQuery { ranges: &ranges, revision: Revision(1), columns: None, bytes_most };
    let read = |query| runtime.block_on(fixture.store.held(sheet.id, query));
    for _ in 0..8 {
        let mut refused = Ok(Vec::new());
        let cost = measure(|| refused = read(all));
        assert!(matches!(refused, Err(StoreError::RowsTooLarge { .. })), "{refused:?}");
        assert!(cost.bytes_max < 24 << 20, "{cost:?}");
    }
    for _ in 0..8 {
        let mut refused = Ok(Default::default());
        let current = fixture.store.read_rows_at(sheet.id, &ranges, bytes_most);
        let cost = measure(|| refused = runtime.block_on(current));
        assert!(matches!(refused, Err(StoreError::RowsTooLarge { .. })), "{refused:?}");
        assert!(cost.bytes_max < 24 << 20, "{cost:?}");
    }
    // Cells that are not asked for do not count, and the connections still answer.
    let narrow = [sheet.columns[1].id];
    assert_eq!(read(HeldQuery { columns: Some(&narrow), ..all })?.len(), 64);
    let single = [RowId(1)..RowId(2)];
    assert_eq!(read(HeldQuery { ranges: &single, bytes_most: 0, ..all })?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn changes_at_a_place_are_found_by_an_index_and_those_without_among_recent_ones() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(2).await);
    let place = EditPlace::new(77);
    let mut both = batch(&sheet, 0, 6);
    for (number, entry) in both.entries.iter_mut().enumerate() {
        let at = if number % 3 == 0 { place } else { None };
        let (client, group) = (client_at(at, 9 << 70), EditGroup(u64::MAX - number as u64));
        *entry = Arc::new(Entry { client, group, ..Entry::clone(entry) });
    }
    store.commit(&both).await?;
    let found = async |place, until: u64, limit| {
        let of = (fixture.owner, place);
        let own = store.own_changes(sheet.id, of, Revision(until), limit).await?;
        let known = own.iter().map(|own| (own.revision.0, own.group.0));
        Ok::<Vec<_>, StoreError>(known.collect())
    };
    assert_eq!(found(place, 6, 9).await?, [(1, u64::MAX), (4, u64::MAX - 3)]);
    assert_eq!(found(place, 3, 9).await?, [(1, u64::MAX)]);
    assert_eq!(found(None, 6, 2).await?, [(5, u64::MAX - 4), (6, u64::MAX - 5)]);
    assert_eq!(found(EditPlace::new(78), 6, 9).await?, []);
    let (entries, kept) = (store.changes(sheet.id, Revision(0), 9).await?, &both.entries);
    assert!(entries.iter().zip(kept).all(|(entry, kept)| entry == &**kept));

    let explained = "set enable_seqscan = off; set plan_cache_mode = force_generic_plan";
    let sql = connect(&fixture.config).await;
    sql.batch_execute(explained).await?;
    let plan = sql
        .query(
            &format!("explain {CHANGES_AT_PLACE}"),
            &[
                &sheet.id.0,
                &fixture.owner.0,
                &6_i64,
                &9_i64,
                &&EditPlace::new(77).expect("one").bytes()[..],
            ],
        )
        .await?;
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("changes_by_place") && !plan.contains("Sort"), "{plan}");
    Ok(())
}

#[tokio::test]
async fn a_revision_beyond_all_numbers_of_the_log_is_no_change() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(2).await);
    store.commit(&batch(&sheet, 0, 1)).await?;
    assert!(store.logged_change(sheet.id, Revision(1)).await?.is_some());
    for beyond in [2, i64::MAX.unsigned_abs(), i64::MAX.unsigned_abs() + 1, u64::MAX] {
        assert!(store.logged_change(sheet.id, Revision(beyond)).await?.is_none(), "{beyond}");
    }
    Ok(())
}
