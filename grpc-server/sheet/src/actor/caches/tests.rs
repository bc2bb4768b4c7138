//! The caches of many open sheets stay within the memory that they share.
//!
//! Not the share of one sheet (`memory::caches`). Invariant: each sheet alone would be within its own limit.

use tokio::sync::oneshot;
use tokio::task::yield_now;
use uuid::Uuid;

use crate::Registry;
use crate::actor::reads::tests::{EmptyRows, shared_within};
use crate::api::message::{Read, ReadColumns, Request};
use model::SheetId;
use model::memory::Memory;

/// The share of all caches.
const CACHES: usize = 2 << 20;
const SHEETS: u128 = 8;
/// Rows that take more than the fair share of a sheet.
const ROWS: u32 = 8_000;
/// Turns of the scheduler in which all sheets receive that they hold too much.
const TURNS: usize = 1_000;

#[tokio::test]
async fn open_sheets_hold_no_more_rows_than_their_share() {
    let dir = tempfile::tempdir().expect("a directory");
    let memory = Memory { caches: CACHES, ..Memory::default() };
    let shared = shared_within(&EmptyRows::default(), dir.path(), &memory);
    let registry = Registry::new(shared);
    let used = || registry.shared().memory.caches.used();
    let mut open = Vec::new();
    for number in 1..=SHEETS {
        let handle = registry.open(SheetId(Uuid::from_u128(number))).await.expect("opens");
        let (reply, answer) = oneshot::channel();
        let columns = ReadColumns::At(0..u32::MAX);
        let read = Read { turn: None, rows: 0..ROWS, columns, reply };
        handle.send(Request::Read(read)).await.expect("is open");
        let read = answer.await.expect("is open").expect("is read");
        assert_eq!(read.rows.len(), ROWS as usize);
        open.push(handle);
        if number == 1 {
            yield_now().await;
            assert!(used() * SHEETS as usize > CACHES, "{} bytes of one sheet", used());
        }
    }
    for _ in 0..TURNS {
        yield_now().await;
    }
    assert!((1..=CACHES).contains(&used()), "{} bytes of all", used());
}
