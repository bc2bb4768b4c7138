//! The memory of a node whose entries wait for Postgres, its own and those that it follows, and the bytes of one read.
//!
//! Not the order of entries. Invariant: a node of little memory has sheets that hold many times as much.

use futures_util::FutureExt as _;

use super::*;
use crate::BATCH_BYTES;

const MEMORY: usize = 2_000_000;
/// The bytes of one edit's text.
const TEXT: usize = 10_000;

fn sheet(number: u128) -> SheetId {
    SheetId(Uuid::from_u128(number))
}

pub(super) fn edit(account: u128, sheet: SheetId, revision: u64, bytes: usize) -> Arc<Entry> {
    let delta = ot_engine::SharedDelta::new(Delta::set_cell(0, 0, "x".repeat(bytes).as_str()));
    let account = AccountId(Uuid::from_u128(account));
    Arc::new(Entry { account, sheet, delta, ..(*entry(1, revision)).clone() })
}

async fn stream_of(journal: &Journal, sheet: SheetId, head: u64) -> StreamId {
    match journal.open_stream(sheet, Revision(head), Vec::new()).await.unwrap() {
        OpenedStream::At(stream, _) | OpenedStream::Begun(stream) => stream,
        OpenedStream::Again => panic!("no other node was faster"),
    }
}

/// Appends to a sheet until it is refused; the number of edits, and the error.
async fn fill(journal: &Journal, account: u128, sheet: SheetId) -> (u64, JournalError) {
    let stream = stream_of(journal, sheet, 0).await;
    for revision in 1.. {
        let entry = edit(account, sheet, revision, TEXT);
        if let Err(error) = journal.append(stream, vec![entry]).await {
            return (revision - 1, error);
        }
    }
    panic!("no journal is without a bound")
}

#[tokio::test]
async fn one_sheet_and_one_account_leave_memory_for_the_others() {
    let redis = OwnRedis::start().await;
    let journal: Journal = redis_node(&redis, MEMORY).await.into();
    let mut of_one = 0;
    for number in 1..20 {
        let (taken, error) = fill(&journal, 1, sheet(number)).await;
        of_one += taken;
        assert_eq!(error, JournalError::ShareFull);
    }
    let share = |taken: u64| taken as usize * TEXT * 10 / MEMORY;
    assert!((5..=8).contains(&share(of_one)), "{of_one} edits");
    for account in 2..4 {
        let (taken, error) = fill(&journal, account, sheet(100 * account)).await;
        assert!(taken > 1, "account {account}: {taken} edits, then {error}");
    }
    // What is committed has room again.
    journal.committed(sheet(1), Revision(u64::MAX >> 1)).await;
    let held = journal.tail(sheet(1)).len();
    assert_eq!(held, 0);
    assert!(fill(&journal, 4, sheet(500)).await.0 > 10);
}

#[tokio::test]
async fn what_a_sheet_holds_for_its_entries_counts_until_they_are_committed() {
    let redis = OwnRedis::start().await;
    let dir = tempfile::tempdir().unwrap();
    let options =
        crate::JournalOptions { memory_bytes: MEMORY, ..crate::JournalOptions::default() };
    let local = Journal::open(dir.path(), options).unwrap().0;
    for journal in [redis_node(&redis, MEMORY).await.into(), local] {
        let stream = match journal.is_shared() {
            true => stream_of(&journal, SHEET, 0).await,
            false => StreamId::LOCAL,
        };
        let append =
            async |revision| journal.append(stream, vec![edit(1, SHEET, revision, TEXT)]).await;
        append(1).await.unwrap();
        journal.applied(SHEET, Revision(1), MEMORY);
        assert_eq!(append(2).await, Err(JournalError::Full));
        // The last number counts; those of other revisions and sheets do not.
        journal.applied(SHEET, Revision(1), MEMORY / 2);
        journal.applied(SHEET, Revision(0), MEMORY);
        journal.applied(SHEET, Revision(2), MEMORY);
        journal.applied(sheet(5), Revision(1), MEMORY);
        append(2).await.unwrap();
        journal.applied(SHEET, Revision(2), MEMORY);
        assert_eq!(append(3).await, Err(JournalError::Full));
        journal.committed(SHEET, Revision(2)).await;
        append(3).await.unwrap();
    }
}

#[tokio::test]
async fn appends_that_are_under_way_have_room_together() {
    let redis = OwnRedis::start().await;
    let journal: Journal = redis_node(&redis, MEMORY).await.into();
    let mut appends = Vec::new();
    for number in 0..20 {
        let stream = stream_of(&journal, sheet(number), 0).await;
        appends.push(journal.append(stream, vec![edit(number, sheet(number), 1, MEMORY / 10)]));
    }
    let appended = futures_util::future::join_all(appends).await;
    let taken = appended.iter().filter(|it| it.is_ok()).count();
    assert!((3..10).contains(&taken), "{taken} of 20");
    // Those that were refused have left nothing.
    for number in 0..20 {
        journal.committed(sheet(number), Revision(1)).await;
    }
    let stream = stream_of(&journal, sheet(50), 0).await;
    journal.append(stream, vec![edit(1, sheet(50), 1, MEMORY / 2)]).await.unwrap();
}

/// Whether a sheet is asked to close.
fn is_closed(listener: &mut crate::Listener) -> bool {
    while let Some(event) = listener.next(Revision(u64::MAX)).now_or_never() {
        if matches!(event, Event::NoRoom) {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_node_closes_its_largest_sheets_when_it_follows_more_than_it_has_memory_for() {
    let redis = OwnRedis::start().await;
    let other = node(&redis).await;
    let small: Journal = redis_node(&redis, MEMORY).await.into();
    let mut open = Vec::new();
    for number in 1..=4 {
        let stream = stream_of(&other, sheet(number), 0).await;
        stream_of(&small, sheet(number), 0).await;
        open.push((sheet(number), stream, Some(small.listen(sheet(number)).await)));
    }
    let mut closed = Vec::new();
    for revision in 1..=100 {
        for (number, (sheet, stream, listener)) in open.iter_mut().enumerate() {
            // The last sheet stays small.
            let bytes = if number == 3 { 10 } else { TEXT * (number + 1) };
            other.append(*stream, vec![edit(7, *sheet, revision, bytes)]).await.unwrap();
            if listener.is_some() {
                let after = Revision(revision - 1);
                let followed = small.follow(*sheet, *stream, after).await.unwrap();
                small.followed(&followed.entries);
            }
        }
        for (sheet, _, slot) in &mut open {
            if let Some(listener) = slot
                && is_closed(listener)
            {
                assert_eq!(small.tail(*sheet), [], "its entries are in Redis");
                closed.push(sheet.0.as_u128());
                *slot = None;
            }
        }
        let held: usize =
            open.iter().flat_map(|it| small.tail(it.0)).map(|entry| entry.bytes()).sum();
        assert!(held < MEMORY + 4 * 4 * TEXT, "{held} bytes at {revision}");
    }
    assert_eq!(closed, [3, 2], "the largest ones, and no more than had to");
    assert_eq!(small.tail(sheet(4)).len(), 100);
    assert_eq!(other.tail(sheet(3)).len(), 100, "the node that accepted them holds them");
}

#[tokio::test]
async fn a_sheet_too_large_for_a_node_is_not_opened_there_and_read_in_parts() {
    let redis = OwnRedis::start().await;
    let other = node(&redis).await;
    let small: Journal = redis_node(&redis, 40 << 20).await.into();
    let stream = stream_of(&other, SHEET, 0).await;
    for revision in 1..=30 {
        other.append(stream, vec![edit(1, SHEET, revision, 2 << 20)]).await.unwrap();
    }
    let opened = small.open_stream(SHEET, Revision(0), Vec::new()).await;
    assert_eq!(opened.map(drop), Err(JournalError::Full));
    assert_eq!(small.tail(SHEET), []);
    let (mut head, mut parts) = (Revision(0), 0);
    loop {
        let part = small.first_entries(SHEET, head).await.unwrap();
        let bytes: usize = part.iter().map(|entry| entry.bytes()).sum();
        assert!(bytes < BATCH_BYTES + (3 << 20), "{bytes} bytes");
        let first = part.first().map(|first| first.revision);
        assert!(first.is_none_or(|first| first == head || first == head.next()));
        let Some(last) = part.last().filter(|last| last.revision > head) else { break };
        (head, parts) = (last.revision, parts + 1);
    }
    assert_eq!((head, parts > 5), (Revision(30), true));
    // As soon as enough is committed it is opened.
    other.committed(SHEET, Revision(25)).await;
    assert_eq!(stream_of(&small, SHEET, 25).await, stream);
    assert_eq!(small.tail(SHEET).len(), 5);
    // A sheet that Redis does not have is not begun by a look at it.
    assert_eq!(small.first_entries(sheet(9), Revision(4)).await, Ok(Vec::new()));
    assert!(matches!(
        other.open_stream(sheet(9), Revision(3), Vec::new()).await,
        Ok(OpenedStream::Begun(_))
    ));
}

#[tokio::test]
async fn no_answer_of_redis_has_more_than_a_page_of_bytes() {
    let redis = OwnRedis::start().await;
    let reader = redis_node(&redis, usize::MAX).await;
    let (one, two) = (node(&redis).await, Journal::from(reader.clone()));
    let stream = stream_of(&one, SHEET, 0).await;
    for revision in 1..=20 {
        one.append(stream, vec![edit(1, SHEET, revision, 3 << 20)]).await.unwrap();
    }
    let most = BATCH_BYTES + (4 << 20);
    let bytes = |entries: &[Arc<Entry>]| entries.iter().map(|it| it.bytes()).sum::<usize>();
    let followed = two.follow(SHEET, stream, Revision(0)).await.unwrap().entries;
    assert!((most / 3..most).contains(&bytes(&followed)), "{}", bytes(&followed));
    let Err(JournalError::Lost(first)) = two.append(stream, entries(2, 1..=1)).await else {
        panic!("the other node was first")
    };
    assert_eq!(first, followed);
    // A page has at least one batch, and all pages have all of them.
    let epoch = reader.watch_epoch().borrow().as_ref().unwrap().id();
    for of_former in [false, true] {
        let mut head = Revision(0);
        loop {
            let page = match of_former {
                true => reader.left_of(epoch, SHEET, head).await.unwrap(),
                false => two.follow(SHEET, stream, head).await.unwrap().entries,
            };
            assert!(
                page.len() < 20
                    && page.iter().zip(head.0 + 1..).all(|(it, at)| it.revision.0 == at)
            );
            let Some(last) = page.last() else { break };
            head = last.revision;
        }
        assert_eq!(head, Revision(20));
    }
}
