//! The bytes that each read of a sheet returns and holds, with tables full of the largest values.
//!
//! Not the answers of ordinary sheets. Invariant: each table holds many times the bytes that a read may hold.

use std::future::pending;
use std::ops::Range;

use allocation_counter::measure;
use model::sizes::{SEARCH_PAGE_BYTES, UNDO_BYTES};
use model::{PageEnd, RowFilter, RowQuery, SheetRecord};
use ot_engine::{AxisDelta, CellEdit, ColumnId, Delta, LineId, Revision, RowId, Run, codec};
use store::{ChangeFilter, StoreError};
use tokio::runtime::Runtime;

use crate::support::{Fixture, Outcome, batch, connect, patch};

/// Rows of two texts, of which one was overwritten.
const ROWS: u32 = 96;
/// A text.
const TEXT_BYTES: usize = 1 << 20;
/// Changes with the largest deltas, after those that wrote the rows.
const CHANGES: u64 = 120;
/// The most that a read of rows may hold: its bound, and rows in the buffers of the connection.
const ROWS_HELD: u64 = 32 << 20;
/// The same of a page of the log, whose deltas take several times their bytes when they are decoded.
const LOG_HELD: u64 = 112 << 20;

/// A sheet with fat rows and fat before images.
async fn fat_sheet(fixture: &Fixture) -> Result<SheetRecord, Box<dyn std::error::Error>> {
    let sheet = fixture.sheet(ROWS).await;
    let text = "x".repeat(TEXT_BYTES);
    for (previous, text) in [(0, text.as_str()), (1, "y")] {
        let mut batch = batch(&sheet, previous, 1);
        let cells = [(0, text.into()), (1, text.into())];
        let cells = if previous == 0 { &cells[..] } else { &cells[..1] };
        batch.row_patches = (1..=u64::from(ROWS)).map(|row| patch(&sheet, row, cells)).collect();
        fixture.store.commit(&batch).await?;
    }
    Ok(sheet)
}

/// Adds a log of fat changes that insert rows.
async fn add_fat_changes(fixture: &Fixture, sheet: &SheetRecord) -> Outcome {
    let text = "x".repeat(TEXT_BYTES);
    let (mut delta, mut inverse) = (Vec::new(), Vec::new());
    codec::encode_delta(&Delta { cells: fat_cells(&text), ..lines() }, &mut delta);
    codec::encode_delta(&lines(), &mut inverse);
    let copies = "insert into changes
            (sheet, revision, client, sequence, base, account, at, delta, origin, inverse, batch)
        select sheet, step, client, step, step - 1, account, at, $2, origin, $3, step - 1
        from changes, generate_series(3, $4::bigint) as step where sheet = $1 and revision = 1";
    let last = i64::try_from(CHANGES)? + 2;
    let client = connect(&fixture.config).await;
    client.execute(copies, &[&sheet.id.0, &delta, &inverse, &last]).await?;
    Ok(())
}

fn fat_cells(text: &str) -> Vec<CellEdit> {
    (0..2).map(|row| CellEdit::set(row, 0, text)).collect()
}

/// Inserts of single rows with ids far apart: a MiB.
fn lines() -> Delta {
    let runs = (0..120_000_u64).flat_map(|at| {
        let first = Some(LineId((1 << 40) + at * 1_000));
        [Run::Keep(1), Run::Insert { count: 1, first }]
    });
    Delta { rows: AxisDelta::from_runs(runs), ..Delta::identity() }
}

/// Runs a read several times, and checks the memory that it holds. Its connection and statement are warm after the first.
fn check<T>(name: &str, most: u64, runtime: &Runtime, mut read: impl FnMut(&Runtime) -> T) -> T {
    let mut last = read(runtime);
    for _ in 0..2 {
        let cost = measure(|| last = read(runtime));
        assert!(cost.bytes_max < most, "{name}: {} MiB", cost.bytes_max >> 20);
    }
    last
}

/// One thread does everything, so all that is allocated is counted.
fn runtime() -> Result<Runtime, std::io::Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn all_rows() -> Range<RowId> {
    RowId(0)..RowId(u64::from(ROWS) + 1)
}

#[test]
fn a_search_holds_a_page_of_bytes() -> Outcome {
    let runtime = runtime()?;
    let fixture = runtime.block_on(Fixture::new());
    let sheet = runtime.block_on(fat_sheet(&fixture))?;
    let query = |after, column: Option<usize>| RowQuery {
        filter: RowFilter::All(Vec::new()),
        order: Vec::new(),
        after,
        limit: 1_000,
        total: true,
        columns: column.map(|at| vec![sheet.columns[at].id]),
        bytes_most: SEARCH_PAGE_BYTES,
    };
    let find = async |query: RowQuery| {
        let finder = fixture.store.finder(sheet.id).await?.expect("the sheet");
        finder.find(&query, pending()).await
    };
    let found = check("a search", ROWS_HELD, &runtime, |runtime| {
        runtime.block_on(find(query(None, None)))
    })?;
    assert!(found.is_cut && found.total == Some(u64::from(ROWS)), "{:?}", found.total);
    // The next page continues behind it, page by page, until each row was given once.
    let head = runtime.block_on(fixture.store.sheet_summary(sheet.id))?.expect("the sheet").head;
    let (mut positions, mut end) = (Vec::new(), None);
    loop {
        let found = runtime.block_on(find(query(end, None)))?;
        positions.extend(found.rows.iter().map(|row| row.position));
        let last = found.rows.last().expect("a page has a row");
        end = Some(PageEnd { revision: head, row: last.id, position: last.position });
        if !found.is_cut {
            break;
        }
    }
    assert_eq!(positions, (0..ROWS).collect::<Vec<_>>());
    // The small column alone is one page, whatever the rows hold besides.
    let found = check("a search for a small column", 2 << 20, &runtime, |runtime| {
        runtime.block_on(find(query(None, Some(0))))
    })?;
    assert_eq!((found.rows.len(), found.is_cut), (ROWS as usize, false));
    assert!(found.rows.iter().all(|row| row.body.get(sheet.columns[0].id).as_text() == "y"));
    assert!(found.rows.iter().all(|row| row.body.get(sheet.columns[1].id).is_empty()));
    Ok(())
}

#[test]
fn an_export_holds_a_page_of_bytes_and_gives_each_row_once() -> Outcome {
    let runtime = runtime()?;
    let fixture = runtime.block_on(Fixture::new());
    let sheet = runtime.block_on(fat_sheet(&fixture))?;
    check("a page of an export", ROWS_HELD, &runtime, |runtime| {
        runtime.block_on(async {
            let mut reader = fixture.store.export(sheet.id).await?.expect("the sheet");
            reader.next_page().await.map(drop)
        })
    })?;
    let mut ids = Vec::new();
    runtime.block_on(async {
        let mut reader = fixture.store.export(sheet.id).await?.expect("the sheet");
        while let Some(page) = reader.next_page().await? {
            for (id, body) in page {
                assert_eq!(body.get(ColumnId(2)).as_text().len(), TEXT_BYTES);
                ids.push(id.0);
            }
        }
        Ok::<(), store::StoreError>(())
    })?;
    assert_eq!(ids, (1..=u64::from(ROWS)).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn the_reads_of_an_undo_and_of_a_snapshot_hold_a_page_of_bytes() -> Outcome {
    let runtime = runtime()?;
    let fixture = runtime.block_on(Fixture::new());
    let sheet = runtime.block_on(fat_sheet(&fixture))?;
    runtime.block_on(add_fat_changes(&fixture, &sheet))?;
    let (store, id) = (&fixture.store, sheet.id);
    let rows: Vec<RowId> = (all_rows().start.0..all_rows().end.0).map(RowId).collect();
    let last = Revision(CHANGES + 2);
    let most = UNDO_BYTES as u64 + ROWS_HELD;
    let read = check("before images", most, &runtime, |runtime| {
        runtime.block_on(store.before_images(id, Revision(1), (&rows, None), UNDO_BYTES))
    });
    assert!(matches!(read, Err(StoreError::RowsTooLarge { .. })), "{read:?}");
    let other = [sheet.columns[1].id];
    let read = check("before images of another column", 2 << 20, &runtime, |runtime| {
        runtime.block_on(store.before_images(id, Revision(1), (&rows, Some(&other)), UNDO_BYTES))
    })?;
    assert_eq!(read.len(), ROWS as usize);
    assert!(read.iter().all(|(_, body)| body.get(other[0]).is_empty()));
    let inverses = check("inverses", LOG_HELD, &runtime, |runtime| {
        runtime.block_on(store.inverses(id, Revision(2), last, 10_001))
    })?;
    let revisions: Vec<u64> = inverses.iter().map(|(revision, _)| revision.0).collect();
    assert!((2..20).contains(&revisions.len()), "{revisions:?}");
    assert!(revisions.iter().zip((3..=last.0).rev()).all(|(read, at)| *read == at));
    for (from, to) in [(Revision(2), last), (last, Revision(2))] {
        let steps = check("steps", LOG_HELD, &runtime, |runtime| {
            runtime.block_on(store.steps(id, from, to, 200)).map(|read| read.len())
        })?;
        assert!((2..20).contains(&steps), "{steps}");
    }
    for name in ["changes", "the list of changes"] {
        let read = check(name, LOG_HELD, &runtime, |runtime| {
            runtime.block_on(async {
                if name == "changes" {
                    return store.changes(id, Revision(2), 5_000).await.map(|read| read.len());
                }
                let all = ChangeFilter::default();
                store.changes_back(id, last, &all, 500).await.map(|read| read.changes.len())
            })
        })?;
        assert!((2..20).contains(&read), "{read}");
    }
    Ok(())
}
