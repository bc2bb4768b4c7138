//! Large frames are converted off the thread of the session, and small ones on it.
//!
//! Each test runs on a runtime of one thread, while a gate occupies the threads for heavy work. So a future that waits
//! at its first poll has left the thread to others. Invariant: each repeated field of a delta is a case.

use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread::available_parallelism;

use futures_util::future::{join, join_all};
use futures_util::{poll, stream};
use gridloom::v1::edit::Change;
use gridloom::v1::{run, text_run};
use model::AccountId;
use model::sizes::LIGHT_ITEMS;
use uuid::Uuid;

use super::*;

const CALLER: Caller = Caller::Account(AccountId(Uuid::nil()));

fn frame(frame: Frame) -> FrameResult {
    Ok(Some(v1::ClientFrame { frame: Some(frame) }))
}

fn edit(sequence: u64, delta: v1::Delta) -> FrameResult {
    let change = Some(Change::Delta(delta));
    frame(Frame::Edit(v1::Edit { sequence, change, ..v1::Edit::default() }))
}

/// A delta with `count` elements in one of its fields, for each of them.
fn deltas(count: usize) -> Vec<(&'static str, v1::Delta)> {
    let run = v1::Run { run: Some(run::Run::Keep(1)) };
    let letter = v1::TextRun { run: Some(text_run::Run::Insert("a".into())) };
    let column = |col| v1::ColumnEdit { col, name: Some("n".into()), ..Default::default() };
    let block =
        v1::CellBlock { width: 1, values: vec![v1::Value::default(); count], ..Default::default() };
    let blocks = |row| v1::CellBlock {
        row,
        width: 1,
        values: vec![v1::Value::default()],
        ..Default::default()
    };
    let text = v1::TextEdit { runs: vec![letter.clone(); count], ..Default::default() };
    let texts = |row| v1::TextEdit { row, runs: vec![letter.clone()], ..Default::default() };
    let count = count as u32;
    let runs = vec![run; count as usize];
    vec![
        ("rows", v1::Delta { rows: runs.clone(), ..Default::default() }),
        ("cols", v1::Delta { cols: runs, ..Default::default() }),
        ("columns", v1::Delta { columns: (0..count).map(column).collect(), ..Default::default() }),
        ("one block", v1::Delta { cells: vec![block], ..Default::default() }),
        ("blocks", v1::Delta { cells: (0..count).map(blocks).collect(), ..Default::default() }),
        ("one text", v1::Delta { texts: vec![text], ..Default::default() }),
        ("texts", v1::Delta { texts: (0..count).map(texts).collect(), ..Default::default() }),
    ]
}

/// What a batch holds, in its order.
fn names(batch: &Batch) -> Vec<&'static str> {
    let name = |message: &ClientMessage| match message {
        ClientMessage::Edit { .. } => "edit",
        ClientMessage::Ping(_) => "ping",
        ClientMessage::Refused { .. } => "refused",
        _ => "other",
    };
    batch.messages.iter().map(name).collect()
}

/// Runs a test on one thread, while the threads for heavy work are occupied until the sender is dropped.
fn run(test: impl AsyncFnOnce(mpsc::Sender<()>)) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (open, closed) = mpsc::channel::<()>();
    let closed = Arc::new(Mutex::new(closed));
    runtime.block_on(async {
        // One caller has half of the threads at most.
        let occupy = |number| {
            let closed = Arc::clone(&closed);
            let caller = Caller::Account(AccountId(Uuid::from_u128(number)));
            heavy_work::run(caller, move || closed.lock().expect("no panic").recv().is_err())
        };
        let threads = available_parallelism().expect("is known").get() as u128;
        let (opened, ()) = join(join_all((1..=threads).map(occupy)), test(open)).await;
        assert!(opened.iter().all(|opened| *opened == Ok(true)), "the gate was opened");
    });
}

#[test]
fn a_large_frame_leaves_the_thread_and_keeps_its_place() {
    for (name, delta) in deltas(LIGHT_ITEMS + 1) {
        run(async |open| {
            let ping = || frame(Frame::Ping(v1::Ping { nonce: 1 }));
            let mut frames = stream::iter([edit(1, delta), ping()]);
            let mut batch = pin!(Batch::collect(ping(), &mut frames, CALLER, &Limits::DEFAULT));
            assert!(poll!(batch.as_mut()).is_pending(), "{name} is converted elsewhere");
            drop(open);
            assert_eq!(names(&batch.await), ["ping", "edit", "ping"], "{name}");
        });
    }
}

#[test]
fn a_small_frame_is_converted_at_once() {
    for (name, delta) in deltas(100) {
        run(async |_open| {
            let mut frames = stream::iter([edit(2, v1::Delta::default())]);
            let mut batch =
                pin!(Batch::collect(edit(1, delta), &mut frames, CALLER, &Limits::DEFAULT));
            match poll!(batch.as_mut()) {
                Poll::Ready(batch) => assert_eq!(names(&batch), ["edit", "edit"], "{name}"),
                Poll::Pending => panic!("{name} waits"),
            }
        });
    }
}
