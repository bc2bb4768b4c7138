//! The journal of several nodes against a real `redis-server`.

use ot_engine::{
    ClientId, Conflict, Content, Delta, Edit, EntryConflict, Reason, Sequence, Side, Value,
};

mod memory;

use super::*;
use crate::own_redis::OwnRedis;
use crate::{Event, Journal, Lease, OpenedStream};
use model::{AccountId, Origin};

const SHEET: SheetId = SheetId(Uuid::from_u128(77));

fn entry(client: u128, revision: u64) -> Arc<Entry> {
    Arc::new(Entry {
        sheet: SHEET,
        revision: Revision(revision),
        client: ClientId(client),
        sequence: Sequence(revision),
        base: Revision(revision - 1),
        account: AccountId(Uuid::nil()),
        at_micros: 1,
        origin: Origin::Edit,
        group: Default::default(),
        delta: ot_engine::SharedDelta::new(Delta::set_cell(0, 0, revision as f64)),
        texts: Default::default(),
        conflicts: Default::default(),
    })
}

fn entries(client: u128, revisions: std::ops::RangeInclusive<u64>) -> Vec<Arc<Entry>> {
    revisions.map(|revision| entry(client, revision)).collect()
}

/// A node of its own, in the epoch that the first one has begun.
async fn node(redis: &OwnRedis) -> Journal {
    redis_node(redis, usize::MAX).await.into()
}

/// The same, as what it is, with so many bytes of memory.
async fn redis_node(redis: &OwnRedis, memory_bytes: usize) -> RedisJournal {
    let connection = redis.connect();
    let bus = connection.bus();
    let journal = RedisJournal::new(connection, bus, Uuid::new_v4(), memory_bytes);
    let epoch = match journal.named_epoch().await.unwrap() {
        Some(epoch) => JournalEpoch::new(epoch),
        None => {
            let epoch = JournalEpoch::new(Uuid::new_v4());
            assert!(journal.begin(&epoch, None).await.unwrap());
            epoch
        }
    };
    assert!(journal.is_whole(&epoch).await.unwrap());
    journal.enter(epoch);
    journal
}

async fn opened(journal: &Journal, head: u64) -> (StreamId, Vec<u64>) {
    match journal.open_stream(SHEET, Revision(head), Vec::new()).await.unwrap() {
        OpenedStream::At(stream, tail) => {
            (stream, tail.iter().map(|entry| entry.revision.0).collect())
        }
        OpenedStream::Begun(stream) => (stream, Vec::new()),
        OpenedStream::Again => panic!("no other node was faster"),
    }
}

fn lost(outcome: Result<(), JournalError>) -> Vec<u64> {
    match outcome {
        Err(JournalError::Lost(theirs)) => theirs.iter().map(|entry| entry.revision.0).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_two_that_append_on_the_same_revision_one_wins_and_the_other_gets_what_came_first() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let ((stream, _), (same, _)) = (opened(&one, 5).await, opened(&two, 5).await);
    assert_eq!(stream, same);
    let both =
        tokio::join!(one.append(stream, entries(1, 6..=7)), two.append(stream, entries(2, 6..=8)));
    let (winner, theirs) = match both {
        (Ok(()), loser) => (&one, lost(loser)),
        (loser, Ok(())) => (&two, lost(loser)),
        both => panic!("{both:?}"),
    };
    let tail: Vec<u64> = winner.tail(SHEET).iter().map(|entry| entry.revision.0).collect();
    assert_eq!(theirs, tail);
    let head = *tail.last().unwrap();
    assert_eq!(lost(one.append(stream, entries(3, 6..=6)).await), tail);
    two.append(stream, entries(3, head + 1..=head + 1)).await.unwrap();
    assert_eq!(opened(&one, 5).await.1, (6..=head + 1).collect::<Vec<_>>());
    assert_eq!(one.uncommitted(SHEET).await, Ok(Some(Revision(head + 1))));
}

#[tokio::test]
async fn a_node_that_loses_several_times_gets_a_turn() {
    let redis = OwnRedis::start().await;
    let (fast, slow) = (node(&redis).await, node(&redis).await);
    let (stream, _) = opened(&fast, 0).await;
    opened(&slow, 0).await;
    let _open = slow.listen(SHEET).await;
    let mut head = 0;
    for _ in 0..3 {
        fast.append(stream, entries(1, head + 1..=head + 1)).await.unwrap();
        head += 1;
        assert!(!lost(slow.append(stream, entries(2, head..=head)).await).is_empty());
    }
    // Now the others have to wait, and receive no entries while they do.
    assert!(lost(fast.append(stream, entries(1, head + 1..=head + 1)).await).is_empty());
    slow.append(stream, entries(2, head + 1..=head + 1)).await.unwrap();
    fast.append(stream, entries(1, head + 2..=head + 2)).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_was_begun_too_far_back_is_removed() {
    let redis = OwnRedis::start().await;
    let (late, other) = (node(&redis).await, node(&redis).await);
    // It read Postgres at 3, then the others appended up to 9, committed, and their keys expired.
    let (stale, _) = opened(&late, 3).await;
    assert!(matches!(
        other.open_stream(SHEET, Revision(9), Vec::new()).await,
        Ok(OpenedStream::Again)
    ));
    let (stream, _) = opened(&other, 9).await;
    assert_eq!(late.append(stale, entries(1, 4..=4)).await, Err(JournalError::Gap));
    // It finds out without help, too, and then removes no stream but its own.
    late.withdraw_stream(SHEET, Revision(3), stale).await.unwrap();
    other.append(stream, entries(2, 10..=10)).await.unwrap();
}

#[tokio::test]
async fn what_is_committed_is_let_go_but_for_those_that_lag_a_little() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (stream, _) = opened(&one, 0).await;
    // Many small batches are no large number of bytes, so no node that lags behind them is left behind.
    for revision in 1..=2_000 {
        one.append(stream, entries(1, revision..=revision)).await.unwrap();
    }
    assert_eq!(one.waiting_sheets().await.unwrap(), [SHEET]);
    assert_eq!(two.waiting_sheets().await.unwrap(), [SHEET]);
    one.committed(SHEET, Revision(2_000)).await;
    assert_eq!(one.uncommitted_entries(), 0);
    assert_eq!(one.waiting_sheets().await.unwrap(), []);
    assert_eq!(two.uncommitted(SHEET).await, Ok(None));
    let followed = two.follow(SHEET, stream, Revision(0)).await.unwrap();
    assert_eq!(followed.entries.first().map(|first| first.revision), Some(Revision(1)));
    assert_eq!(followed.committed, Some(Revision(2_000)));
    // A node that opens it begins with the entry that led to the head in Postgres.
    assert_eq!(opened(&two, 2_000).await.1, [2_000]);
    // Large ones are let go, and with them all before, but for the last bytes and those that are not committed.
    for revision in 2_001..=2_040 {
        one.append(stream, vec![memory::edit(1, SHEET, revision, KEPT_BYTES / 8)]).await.unwrap();
    }
    // At one commit no more than some; the further ones follow.
    for _ in 0..10 {
        one.committed(SHEET, Revision(2_030)).await;
    }
    let follow = async |after| two.follow(SHEET, stream, Revision(after)).await.map(drop);
    for (after, outcome) in [
        (0, Err(JournalError::Gap)),
        (2_000, Err(JournalError::Gap)),
        (2_028, Err(JournalError::Gap)),
        (2_029, Ok(())),
        (2_039, Ok(())),
    ] {
        assert_eq!(follow(after).await, outcome, "after {after}");
    }
    for _ in 0..10 {
        one.committed(SHEET, Revision(2_040)).await;
    }
    assert_eq!(follow(2_031).await, Err(JournalError::Gap));
    assert_eq!(follow(2_033).await, Ok(()));
    // A node that lags further reads the sheet from Postgres, and continues in the same stream.
    assert_eq!(opened(&two, 2_040).await, (stream, vec![2_040]));
    two.append(stream, entries(2, 2_041..=2_041)).await.unwrap();
}

/// Leaves a stream as a release did that counted no bytes.
const WITHOUT_BYTES: &str = "
    local items = redis.call('XRANGE', KEYS[2], '-', '+')
    redis.call('DEL', KEYS[2])
    for _, item in ipairs(items) do redis.call('XADD', KEYS[2], item[1], 'b', item[2][2]) end
    return redis.call('HDEL', KEYS[1], 'bytes')";

#[tokio::test]
async fn a_stream_of_an_earlier_release_is_continued_committed_and_trimmed() {
    let redis = OwnRedis::start().await;
    let journal = redis_node(&redis, usize::MAX).await;
    let (_, keys) = journal.at(SHEET).unwrap();
    let one: Journal = journal.into();
    let (stream, _) = opened(&one, 0).await;
    one.append(stream, entries(1, 1..=3)).await.unwrap();
    let mut rewrite = ::redis::cmd("EVAL");
    rewrite.arg(WITHOUT_BYTES).arg(2).arg(keys.state()).arg(keys.log());
    assert_eq!(redis.connect().run::<u32>(&rewrite).await.unwrap(), 1);
    one.committed(SHEET, Revision(2)).await;
    assert_eq!(one.uncommitted_entries(), 1);
    for revision in 4..=20 {
        one.append(stream, vec![memory::edit(1, SHEET, revision, KEPT_BYTES / 8)]).await.unwrap();
    }
    one.committed(SHEET, Revision(20)).await;
    assert_eq!(one.uncommitted_entries(), 0);
    let two = node(&redis).await;
    let follow = async |after| two.follow(SHEET, stream, Revision(after)).await.map(drop);
    assert_eq!(follow(0).await, Err(JournalError::Gap));
    assert_eq!(follow(19).await, Ok(()));
}

#[tokio::test]
async fn a_node_lets_go_of_what_another_one_has_committed() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (stream, _) = opened(&one, 0).await;
    one.append(stream, entries(1, 1..=10)).await.unwrap();
    let followed = two.follow(SHEET, stream, Revision(0)).await.unwrap();
    two.followed(&followed.entries);
    assert_eq!(two.uncommitted_entries(), 10);
    two.landed(SHEET, Revision(7));
    assert_eq!(two.uncommitted_entries(), 3);
    assert_eq!(two.uncommitted(SHEET).await, Ok(Some(Revision(10))), "Redis keeps it");
}

#[tokio::test]
async fn other_nodes_receive_what_is_appended_and_committed() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (stream, _) = opened(&one, 0).await;
    let mut listener = two.listen(SHEET).await;
    assert!(matches!(listener.next(Revision(0)).await, Event::Look));
    one.append(stream, entries(1, 1..=3)).await.unwrap();
    one.committed(SHEET, Revision(3)).await;
    let mut received = Vec::new();
    while received.len() < 2 {
        match listener.next(Revision(0)).await {
            Event::Look => {}
            event => received.push(event),
        }
    }
    assert!(matches!(&received[0], Event::Entries(theirs) if *theirs == entries(1, 1..=3)));
    assert!(matches!(received[1], Event::Committed(Revision(3))));
}

#[tokio::test]
async fn what_was_lost_to_an_entry_goes_with_it_as_far_as_there_is_room() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let lost = |bytes: usize| {
        let lost = Content::Cell(Edit::Set(Value::Text("x".repeat(bytes).into())));
        let (loser, reason) = (Side::Earlier, Reason::RowDeleted);
        let conflict = Conflict { row: Some(3), col: 1, loser, lost, kept: None, reason };
        EntryConflict { conflict, author: ClientId(9), revision: Revision(1) }
    };
    let with = |revision, conflicts: Vec<EntryConflict>| {
        Arc::new(Entry { conflicts: conflicts.into(), ..(*entry(1, revision)).clone() })
    };
    let (stream, _) = opened(&one, 0).await;
    let (few, many) =
        (with(1, vec![lost(5), lost(7)]), with(2, vec![lost(5), lost(1 << 20), lost(5)]));
    one.append(stream, vec![few.clone(), many]).await.unwrap();
    let followed = two.follow(SHEET, stream, Revision(0)).await.unwrap().entries;
    assert_eq!(followed, [few, with(2, vec![lost(5)])]);
    // A batch is not refused for its conflicts.
    let large: Vec<_> = (3..=102).map(|revision| with(revision, vec![lost(400_000)])).collect();
    one.append(stream, large).await.unwrap();
    let followed = two.follow(SHEET, stream, Revision(2)).await.unwrap().entries;
    assert_eq!(followed, entries(1, 3..=102));
}

#[tokio::test]
async fn one_node_holds_the_lease_until_it_releases_it() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    assert_eq!(one.lease(SHEET).await, Ok(Lease::Acquired));
    assert_eq!(one.lease(SHEET).await, Ok(Lease::Held));
    assert_eq!(two.lease(SHEET).await, Ok(Lease::HeldByOther));
    two.release_lease(SHEET).await;
    assert_eq!(two.lease(SHEET).await, Ok(Lease::HeldByOther));
    one.release_lease(SHEET).await;
    assert_eq!(two.lease(SHEET).await, Ok(Lease::Acquired));
}

#[tokio::test]
async fn a_sheet_waits_while_no_node_holds_its_lease() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (stream, _) = opened(&one, 0).await;
    assert_eq!(two.waiting_sheets().await, Ok(Vec::new()));
    one.append(stream, entries(1, 1..=3)).await.unwrap();
    assert_eq!(two.waiting_sheets().await, Ok(vec![SHEET]));
    assert_eq!(one.lease(SHEET).await, Ok(Lease::Acquired));
    assert_eq!(two.waiting_sheets().await, Ok(Vec::new()));
    one.release_lease(SHEET).await;
    assert_eq!(two.waiting_sheets().await, Ok(vec![SHEET]));
    one.committed(SHEET, Revision(3)).await;
    assert_eq!(two.waiting_sheets().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_redis_that_was_restarted_takes_nothing_until_the_next_epoch() {
    let mut redis = OwnRedis::start().await;
    let redis_journal = redis_node(&redis, usize::MAX).await;
    let journal = Journal::from(redis_journal.clone());
    let (stream, _) = opened(&journal, 0).await;
    journal.append(stream, entries(1, 1..=2)).await.unwrap();
    redis.restart().await;
    let mut epochs = redis_journal.watch_epoch();
    let former = epochs.borrow().as_ref().unwrap().id();
    // The first attempts may find the connection broken.
    let refused = loop {
        match journal.append(stream, entries(1, 3..=3)).await {
            Err(JournalError::Unknown(_)) => {}
            other => break other,
        }
    };
    assert!(matches!(refused, Err(JournalError::Away(_))), "{refused:?}");
    assert!(epochs.borrow_and_update().is_none());
    assert_eq!(redis_journal.held(), [(SHEET, entries(1, 1..=2))]);
    assert_eq!(redis_journal.dirty_sheets(former).await.unwrap(), [SHEET]);
    let left = redis_journal.left_of(former, SHEET, Revision(0)).await.unwrap();
    assert_eq!(left, entries(1, 1..=2));
    assert_eq!(redis_journal.left_of(former, SHEET, Revision(2)).await.unwrap(), []);
    redis_journal.clear(former, SHEET).await.unwrap();
    assert_eq!(redis_journal.dirty_sheets(former).await.unwrap(), []);
    let (next, late) = (JournalEpoch::new(Uuid::new_v4()), JournalEpoch::new(Uuid::new_v4()));
    assert!(redis_journal.begin(&next, Some(former)).await.unwrap());
    assert!(!redis_journal.begin(&late, Some(former)).await.unwrap());
    redis_journal.enter(next);
    assert_eq!(journal.append(stream, entries(1, 3..=3)).await, Err(JournalError::Gap));
    let (stream, _) = opened(&journal, 2).await;
    journal.append(stream, entries(1, 3..=3)).await.unwrap();
}
