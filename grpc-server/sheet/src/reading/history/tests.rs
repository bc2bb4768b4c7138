//! The memory of older changes that are read for one session: with any number of large ones it has a bound.
//!
//! Not the turns of several sessions (`memory::replays`), and not the reads of Postgres, whose pages the store bounds.
//! Invariant: one thread does everything, so all that is allocated is counted.

use allocation_counter::measure;
use journal::{Journal, JournalOptions};
use model::limits::Limits;
use model::memory::Memory;
use model::sizes::{LOG_PAGE_BYTES, RESUME_BYTES, RESUME_LEAST_BYTES};
use ot_engine::{ClientId, Delta, Value};
use store::Store;
use tokio_postgres::Config;

use super::*;
use crate::memory::SheetMemory;
use crate::sample::one_sheet::OneSheet;
use crate::sample::{self, SHEET};

/// The edits that a session has missed, and the cells of each.
const EDITS: u64 = 300;
const CELLS: u32 = 50_000;

fn edit(revision: u64) -> Entry {
    let cells = (0..CELLS).map(|row| (row, 0, Value::Number(f64::from(row))));
    sample::entry(revision, ClientId(1), Delta::set_cells(cells))
}

/// A page of the log as the store gives it: the change with which it passes its bytes is the last one.
fn page(after: Revision) -> Vec<Entry> {
    let mut bytes = 0;
    let mut page = Vec::new();
    for revision in after.0 + 1..=EDITS {
        if bytes >= LOG_PAGE_BYTES {
            break;
        }
        page.push(edit(revision));
        bytes += page.last().map_or(0, |entry| entry.delta.weight().bytes);
    }
    page
}

#[test]
fn a_resume_over_many_large_edits_holds_no_more_than_its_turn() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for total in [512 << 20, 4 << 30, 64 << 30] {
        let dir = tempfile::tempdir().expect("a directory");
        let options = JournalOptions { prefill_bytes: 0, ..JournalOptions::default() };
        let (journal, _) = Journal::open(dir.path(), options).expect("opens");
        let nowhere = Store::unconnected(Config::new(), 1).expect("nothing is connected");
        let storage = OneSheet::of(sample::record(CELLS, 1));
        storage.row().log = page;
        let shared = Shared {
            storage: Arc::new(storage),
            memory: SheetMemory::new(&Memory::of(total)),
            ..Shared::new(Arc::new(nowhere), journal, Limits::DEFAULT, 1 << 20)
        };
        let most = shared.memory.replays.bytes_each();
        assert!((RESUME_LEAST_BYTES..=RESUME_BYTES).contains(&most));
        let read = |until, bytes_most| {
            let changes = older_changes(&shared, SHEET, Revision(0), Revision(until), bytes_most);
            runtime.block_on(changes)
        };
        let mut missed = None;
        let cost = measure(|| missed = Some(read(EDITS, most)));
        assert_eq!(missed, Some(Err(Refusal::Compacted { oldest: Revision(EDITS) })), "{total}");
        let bound = (most + 3 * LOG_PAGE_BYTES) as u64;
        assert!(cost.bytes_max < bound, "{total}: {} MiB", cost.bytes_max >> 20);
        // As many as its turn has room for are returned.
        let few = most / (4 << 20);
        let changes = read(few as u64, most).expect("they fit");
        assert_eq!(changes.len(), few);
    }
    // All of them take far more.
    assert!(EDITS as usize * edit(1).bytes() > 3 * RESUME_BYTES);
}
