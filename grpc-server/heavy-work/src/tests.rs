//! The pool with threads: results, callers that leave, panics, and tasks that continue meanwhile.
//!
//! Invariant: each test decides by counts and by order, not by time.

use std::future::{pending, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

use allocation_counter::measure;
use model::AccountId;
use uuid::Uuid;

use super::*;

fn account(number: u128) -> Caller {
    Caller::Account(AccountId(Uuid::from_u128(number)))
}

/// Work that ends when the sender is dropped.
fn gate() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
    let (open, closed) = mpsc::channel::<()>();
    (open, move || assert!(closed.recv().is_err()))
}

/// Polls a future once, which must wait.
fn begin<F: Future>(future: std::pin::Pin<&mut F>) {
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.poll(&mut context).is_pending(), "it waits");
}

/// This is a runtime of one thread: whatever holds it, holds every task.
#[tokio::test]
async fn tasks_continue_while_work_runs() {
    let (pool, here) = (Pool::new(1), thread::current().id());
    let (open, wait) = gate();
    let mut heavy = pin!(pool.run(account(1), move || {
        wait();
        thread::current().id()
    }));
    let ticks = tokio::spawn(async {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
    });
    tokio::select! {
        biased;
        _ = &mut heavy => panic!("the gate is closed"),
        ticked = ticks => ticked.expect("it ends"),
    }
    drop(open);
    assert_ne!(heavy.await, Ok(here));
}

#[tokio::test]
async fn each_step_of_a_driven_future_is_off_the_thread_of_the_runtime() {
    let (pool, here) = (Pool::new(1), thread::current().id());
    let steps = Arc::new(Mutex::new(Vec::new()));
    let (notify, noted) = (Arc::new(Notify::new()), Arc::clone(&steps));
    let notified = Arc::clone(&notify);
    let mut driven = pin!(drive_on(&pool, account(1), async move {
        for _ in 0..3 {
            noted.lock().expect("no panic").push(thread::current().id());
            notified.notified().await;
            // It wakes itself before its step has ended, and the timers of the runtime are there.
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::ZERO).await;
        }
        7
    }));
    begin(driven.as_mut());
    // A permit is kept, and never two.
    let others = async {
        loop {
            notify.notify_one();
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = &mut driven => assert_eq!(done, Ok(7)),
        () = others => {}
    }
    let steps = steps.lock().expect("no panic");
    assert!(steps.len() == 3 && steps.iter().all(|step| *step != here), "{steps:?}");
}

#[tokio::test]
async fn a_panic_is_an_error_and_ends_the_turn() {
    for pool in [Pool::new(1), Pool::new(0)] {
        let panicked = pool.run(account(1), || panic!("on purpose")).await;
        assert_eq!(panicked.map(|()| 0), Err(Panicked));
        assert_eq!(pool.run(account(1), || 7).await, Ok(7));
    }
    let pool = Pool::new(1);
    assert_eq!(drive_on(&pool, account(1), ready(7)).await, Ok(7));
    let panics = async { panic!("on purpose") };
    assert_eq!(drive_on(&pool, account(1), panics).await.map(|()| 0), Err(Panicked));
    assert_eq!(pool.run(account(1), || 7).await, Ok(7));
}

#[tokio::test]
async fn work_of_a_caller_that_has_left_is_dropped_unrun() {
    let pool = Pool::new(1);
    let (open, wait) = gate();
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = || {
        let ran = Arc::clone(&ran);
        move || ran.fetch_add(1, Ordering::Relaxed)
    };
    let mut first = pin!(pool.run(account(1), wait));
    begin(first.as_mut());
    {
        let mut left = pin!(pool.run(account(1), counted()));
        begin(left.as_mut());
    }
    assert_eq!(Arc::strong_count(&ran), 1, "what it owned is free");
    let mut stays = pin!(pool.run(account(1), counted()));
    begin(stays.as_mut());
    drop(open);
    assert_eq!((first.await, stays.await), (Ok(()), Ok(0)));
    assert_eq!(ran.load(Ordering::Relaxed), 1);
    // A driven future that waits is dropped, too.
    let held = Arc::clone(&ran);
    {
        let waits = async move {
            let _held = held;
            pending::<()>().await;
        };
        let mut driven = pin!(drive_on(&pool, account(1), waits));
        begin(driven.as_mut());
        assert_eq!(pool.run(account(2), || 7).await, Ok(7), "its step has ended");
    }
    while Arc::strong_count(&ran) > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn work_that_runs_keeps_its_turn_when_its_caller_leaves() {
    let pool = Pool::new(1);
    let (open, wait) = gate();
    let (begun, begins) = mpsc::channel();
    {
        let mut left = pin!(pool.run(account(1), move || {
            begun.send(()).expect("is received");
            wait();
        }));
        begin(left.as_mut());
        begins.recv().expect("a thread runs it");
    }
    let mut next = pin!(pool.run(account(2), || 7));
    begin(next.as_mut());
    assert_eq!(pool.lock_running(), 1);
    drop(open);
    assert_eq!(next.await, Ok(7));
}

/// A stream or a call may be polled once and not again for long: what it has begun holds up no other work.
#[tokio::test]
async fn work_whose_caller_does_not_poll_has_its_turn_and_ends_it() {
    let pool = Pool::new(1);
    let (open, wait) = gate();
    let mut first = pin!(pool.run(account(1), wait));
    begin(first.as_mut());
    let mut unpolled = pin!(pool.run(account(1), || 7));
    let mut driven = pin!(drive_on(&pool, account(3), ready(8)));
    begin(unpolled.as_mut());
    begin(driven.as_mut());
    drop(open);
    assert_eq!(first.await, Ok(()));
    for other in [2, 4, 5] {
        assert_eq!(pool.run(account(other), || ()).await, Ok(()));
    }
    assert_eq!(pool.lock_running(), 0);
    assert_eq!((unpolled.await, driven.await), (Ok(7), Ok(8)));
}

#[tokio::test]
async fn an_account_with_much_work_is_passed_by_others() {
    let pool = Pool::new(1);
    let (open, wait) = gate();
    let order = Arc::new(Mutex::new(Vec::new()));
    let noted = |name: u128| {
        let (pool, order) = (Arc::clone(&pool), Arc::clone(&order));
        let note = move || order.lock().expect("no panic").push(name);
        async move { pool.run(account(name), note).await }
    };
    let mut first = pin!(pool.run(account(1), wait));
    begin(first.as_mut());
    let mut all: Vec<_> = [1, 1, 1, 1, 1, 2, 3].map(|name| Box::pin(noted(name))).into();
    all.iter_mut().for_each(|call| begin(call.as_mut()));
    drop(open);
    first.await.expect("ends");
    let all: Vec<_> = all.into_iter().map(tokio::spawn).collect();
    for call in all {
        call.await.expect("no panic").expect("ends");
    }
    assert_eq!(*order.lock().expect("no panic"), [2, 3, 1, 1, 1, 1, 1]);
}

#[test]
fn light_work_runs_at_once_and_allocates_nothing() {
    let mut context = Context::from_waker(Waker::noop());
    let here = thread::current().id();
    let cost = measure(|| {
        let light = run_sized(account(1), Size::Bytes(LIGHT_BYTES), || thread::current().id());
        assert_eq!(pin!(light).poll(&mut context), Poll::Ready(Ok(here)));
    });
    assert_eq!(cost.count_total, 0);
}

#[tokio::test]
async fn other_work_runs_on_the_pool_of_the_process() {
    let here = thread::current().id();
    let heavy =
        run_sized(account(1), Size::Items(LIGHT_ITEMS + 1), || thread::current().id()).await;
    assert_ne!(heavy, Ok(here));
}

/// The turn of a step is that of what it runs, or a pool of one thread would wait for itself.
#[tokio::test]
async fn heavy_work_starts_heavy_work_without_another_turn() {
    let pool = Pool::new(1);
    let (one, two, three) = (Arc::clone(&pool), Arc::clone(&pool), Arc::clone(&pool));
    let here = || thread::current().id();
    let outer = async move {
        tokio::task::yield_now().await;
        let ran = one.run(account(1), here).await;
        let step = async move {
            tokio::task::yield_now().await;
            three.run(account(1), here).await
        };
        (here(), ran, drive_on(&two, account(2), step).await)
    };
    let (thread, ran, driven) = drive_on(&pool, account(1), outer).await.expect("no panic");
    assert_eq!((ran, driven), (Ok(thread), Ok(Ok(thread))));
}

#[tokio::test]
async fn work_apart_waits_for_futures_of_the_runtime_and_runs_on_without_its_caller() {
    let here = thread::current().id();
    let (send, received) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let apart = run_apart(move || {
        let got = runtime.block_on(received).expect("is sent");
        (got, thread::current().id())
    });
    let (done, _) = tokio::join!(apart, async { send.send(7).expect("is awaited") });
    let (got, thread) = done.expect("no panic");
    assert!(got == 7 && thread != here);
    assert_eq!(run_apart(|| panic!("on purpose")).await.map(|()| 0), Err(Panicked));
    let (open, wait) = gate();
    let (ended, ends) = mpsc::channel::<()>();
    begin(pin!(run_apart(move || {
        wait();
        drop(ended);
    })));
    drop(open);
    assert!(ends.recv().is_err(), "it has run to its end");
}
