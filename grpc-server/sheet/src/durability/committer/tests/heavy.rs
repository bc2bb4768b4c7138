//! Large batches are encoded off the thread of the committer, and small ones on it.
//!
//! Invariant: on a runtime of one thread, each commit names the thread on which Postgres was asked.

use std::thread::{self, ThreadId};

use ot_engine::{ClientId, ColumnId, Delta, RowId};

use super::*;
use crate::sample::entry;
use model::Span;
use model::sizes::LIGHT_BYTES;

/// The thread of each commit.
#[derive(Debug, Default)]
struct Threads(Mutex<Vec<ThreadId>>);

impl Commits for Threads {
    fn head(&self, _: SheetId) -> Answer<'_, Revision> {
        Box::pin(async { Ok(Revision(0)) })
    }

    fn commit<'a>(&'a self, _: &'a CommitBatch) -> Answer<'a, LargeRows> {
        Box::pin(async {
            self.0.lock().unwrap().push(thread::current().id());
            // It also waits, as for an answer.
            tokio::task::yield_now().await;
            self.0.lock().unwrap().push(thread::current().id());
            Ok(LargeRows::new())
        })
    }

    fn note_order(&self, _: SheetId, _: u32) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn set_aside<'a>(&'a self, _: SheetId, _: Revision, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

fn batch(delta: Delta, spans: usize) -> CommitBatch {
    CommitBatch {
        sheet: SHEET,
        previous: Revision(0),
        head: Revision(1),
        entries: vec![Arc::new(entry(1, ClientId(1), delta))],
        inverses: vec![None],
        first_new_row: RowId(1),
        row_patches: Vec::new(),
        row_accounts: Vec::new(),
        removed_spans: Vec::new(),
        upserted_spans: vec![Span { key: 0, start: RowId(1), length: 1 }; spans],
        columns: None,
        next_row_id: RowId(1),
        next_column_id: ColumnId(1),
        row_count: 1,
    }
}

#[tokio::test]
async fn a_large_batch_leaves_the_thread() {
    let text = |bytes| Delta::set_cell(0, 0, "x".repeat(bytes).as_str());
    let cases = [
        (batch(text(1), 1), false),
        (batch(text(LIGHT_BYTES), 1), true),
        (batch(text(1), LIGHT_BYTES), true),
    ];
    for (batch, leaves) in cases {
        let threads = Arc::new(Threads::default());
        let storage: Arc<dyn Commits> = Arc::<Threads>::clone(&threads);
        commit(&storage, &Arc::new(batch)).await.expect("it succeeds");
        let here = thread::current().id();
        let threads = threads.0.lock().unwrap();
        assert!(threads.len() == 2 && threads.iter().all(|it| (*it != here) == leaves));
    }
}
