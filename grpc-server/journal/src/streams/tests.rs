//! The journal of several nodes against a real `redis-server`.

use ot_engine::{
    ClientId, Conflict, Content, Delta, Edit, EntryConflict, Reason, Sequence, Side, Value,
};

use super::*;
use crate::own_redis::OwnRedis;
use crate::{Journal, Lead, News, TakenUp};
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
        delta: Arc::new(Delta::set_cell(0, 0, revision as f64)),
        texts: Default::default(),
        conflicts: Default::default(),
    })
}

fn entries(client: u128, revisions: std::ops::RangeInclusive<u64>) -> Vec<Arc<Entry>> {
    revisions.map(|revision| entry(client, revision)).collect()
}

/// A node of its own, in the era that the first one has begun.
async fn node(redis: &OwnRedis) -> Journal {
    redis_node(redis).await.into()
}

/// The same, as what it is.
async fn redis_node(redis: &OwnRedis) -> RedisJournal {
    let connection = redis.connect();
    let bus = connection.bus();
    let journal = RedisJournal::new(connection, bus, Uuid::new_v4());
    let era = match journal.named_era().await.unwrap() {
        Some(era) => Era::new(era),
        None => {
            let era = Era::new(Uuid::new_v4());
            assert!(journal.begin(&era, None).await.unwrap());
            era
        }
    };
    assert!(journal.is_whole(&era).await.unwrap());
    journal.enter(era);
    journal
}

async fn opened(journal: &Journal, head: u64) -> (Seed, Vec<u64>) {
    match journal.take_up(SHEET, Revision(head), Vec::new()).await.unwrap() {
        TakenUp::At(seed, tail) => (seed, tail.iter().map(|entry| entry.revision.0).collect()),
        TakenUp::Begun(seed) => (seed, Vec::new()),
        TakenUp::Again => panic!("nobody was faster"),
    }
}

fn lost(outcome: Result<(), JournalError>) -> Vec<u64> {
    match outcome {
        Err(JournalError::Lost(theirs)) => theirs.iter().map(|entry| entry.revision.0).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_two_that_append_on_the_same_revision_one_wins_and_the_other_is_told_what_came_first() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let ((seed, _), (same, _)) = (opened(&one, 5).await, opened(&two, 5).await);
    assert_eq!(seed, same);
    let both =
        tokio::join!(one.append(seed, entries(1, 6..=7)), two.append(seed, entries(2, 6..=8)));
    let (winner, theirs) = match both {
        (Ok(()), loser) => (&one, lost(loser)),
        (loser, Ok(())) => (&two, lost(loser)),
        both => panic!("{both:?}"),
    };
    let tail: Vec<u64> = winner.tail(SHEET).iter().map(|entry| entry.revision.0).collect();
    assert_eq!(theirs, tail);
    let head = *tail.last().unwrap();
    assert_eq!(lost(one.append(seed, entries(3, 6..=6)).await), tail);
    two.append(seed, entries(3, head + 1..=head + 1)).await.unwrap();
    assert_eq!(opened(&one, 5).await.1, (6..=head + 1).collect::<Vec<_>>());
    assert_eq!(one.uncommitted(SHEET).await, Ok(Some(Revision(head + 1))));
}

#[tokio::test]
async fn who_loses_again_and_again_gets_a_turn() {
    let redis = OwnRedis::start().await;
    let (fast, slow) = (node(&redis).await, node(&redis).await);
    let (seed, _) = opened(&fast, 0).await;
    opened(&slow, 0).await;
    let mut head = 0;
    for _ in 0..3 {
        fast.append(seed, entries(1, head + 1..=head + 1)).await.unwrap();
        head += 1;
        assert!(!lost(slow.append(seed, entries(2, head..=head)).await).is_empty());
    }
    // Now the others have to wait, and have nothing to take in while they do.
    assert!(lost(fast.append(seed, entries(1, head + 1..=head + 1)).await).is_empty());
    slow.append(seed, entries(2, head + 1..=head + 1)).await.unwrap();
    fast.append(seed, entries(1, head + 2..=head + 2)).await.unwrap();
}

#[tokio::test]
async fn a_line_that_was_begun_too_far_back_is_thrown_away() {
    let redis = OwnRedis::start().await;
    let (late, other) = (node(&redis).await, node(&redis).await);
    // It read Postgres at 3, then the others went on to 9, committed, and their keys expired.
    let (stale, _) = opened(&late, 3).await;
    assert!(matches!(other.take_up(SHEET, Revision(9), Vec::new()).await, Ok(TakenUp::Again)));
    let (seed, _) = opened(&other, 9).await;
    assert_eq!(late.append(stale, entries(1, 4..=4)).await, Err(JournalError::Gap));
    // It finds out by itself, too, and then takes nothing back but its own.
    late.take_back(SHEET, Revision(3), stale).await.unwrap();
    other.append(seed, entries(2, 10..=10)).await.unwrap();
}

#[tokio::test]
async fn what_is_committed_is_let_go_but_for_those_that_lag_a_little() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (seed, _) = opened(&one, 0).await;
    for revision in 1..=2_000 {
        one.append(seed, entries(1, revision..=revision)).await.unwrap();
    }
    assert_eq!(one.waiting_sheets().await.unwrap(), [SHEET]);
    assert_eq!(two.waiting_sheets().await.unwrap(), [SHEET]);
    one.committed(SHEET, Revision(2_000)).await;
    assert_eq!(one.uncommitted_entries(), 0);
    assert_eq!(one.waiting_sheets().await.unwrap(), []);
    assert_eq!(two.uncommitted(SHEET).await, Ok(None));
    let followed = two.follow(SHEET, seed, Revision(1_900)).await.unwrap();
    assert_eq!(followed.entries.len(), 100);
    assert_eq!(followed.committed, Some(Revision(2_000)));
    assert!(matches!(two.follow(SHEET, seed, Revision(1_000)).await, Err(JournalError::Gap)));
    // Whoever opens it begins with the entry that led to where Postgres is.
    assert_eq!(opened(&two, 2_000).await.1, [2_000]);
}

#[tokio::test]
async fn others_hear_what_is_appended_and_committed() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (seed, _) = opened(&one, 0).await;
    let mut listener = two.listen(SHEET).await;
    assert!(matches!(listener.next(Revision(0)).await, News::Look));
    one.append(seed, entries(1, 1..=3)).await.unwrap();
    one.committed(SHEET, Revision(3)).await;
    let mut heard = Vec::new();
    while heard.len() < 2 {
        match listener.next(Revision(0)).await {
            News::Look => {}
            news => heard.push(news),
        }
    }
    assert!(matches!(&heard[0], News::Entries(theirs) if *theirs == entries(1, 1..=3)));
    assert!(matches!(heard[1], News::Committed(Revision(3))));
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
    let (seed, _) = opened(&one, 0).await;
    let (few, many) =
        (with(1, vec![lost(5), lost(7)]), with(2, vec![lost(5), lost(1 << 20), lost(5)]));
    one.append(seed, vec![few.clone(), many]).await.unwrap();
    let followed = two.follow(SHEET, seed, Revision(0)).await.unwrap().entries;
    assert_eq!(followed, [few, with(2, vec![lost(5)])]);
    // A batch is not refused for what was lost to it.
    let large: Vec<_> = (3..=102).map(|revision| with(revision, vec![lost(400_000)])).collect();
    one.append(seed, large).await.unwrap();
    let followed = two.follow(SHEET, seed, Revision(2)).await.unwrap().entries;
    assert_eq!(followed, entries(1, 3..=102));
}

#[tokio::test]
async fn one_node_leads_until_it_gives_the_lead_back() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    assert_eq!(one.lead(SHEET).await, Ok(Lead::Taken));
    assert_eq!(one.lead(SHEET).await, Ok(Lead::Kept));
    assert_eq!(two.lead(SHEET).await, Ok(Lead::Elsewhere));
    two.yield_lead(SHEET).await;
    assert_eq!(two.lead(SHEET).await, Ok(Lead::Elsewhere));
    one.yield_lead(SHEET).await;
    assert_eq!(two.lead(SHEET).await, Ok(Lead::Taken));
}

#[tokio::test]
async fn a_sheet_waits_while_nobody_leads_it() {
    let redis = OwnRedis::start().await;
    let (one, two) = (node(&redis).await, node(&redis).await);
    let (seed, _) = opened(&one, 0).await;
    assert_eq!(two.waiting_sheets().await, Ok(Vec::new()));
    one.append(seed, entries(1, 1..=3)).await.unwrap();
    assert_eq!(two.waiting_sheets().await, Ok(vec![SHEET]));
    assert_eq!(one.lead(SHEET).await, Ok(Lead::Taken));
    assert_eq!(two.waiting_sheets().await, Ok(Vec::new()));
    one.yield_lead(SHEET).await;
    assert_eq!(two.waiting_sheets().await, Ok(vec![SHEET]));
    one.committed(SHEET, Revision(3)).await;
    assert_eq!(two.waiting_sheets().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_redis_that_was_restarted_takes_nothing_until_the_next_era() {
    let mut redis = OwnRedis::start().await;
    let redis_journal = redis_node(&redis).await;
    let journal = Journal::from(redis_journal.clone());
    let (seed, _) = opened(&journal, 0).await;
    journal.append(seed, entries(1, 1..=2)).await.unwrap();
    redis.restart().await;
    let mut eras = redis_journal.watch_era();
    let former = eras.borrow().as_ref().unwrap().id();
    // The first attempts may find the connection broken.
    let refused = loop {
        match journal.append(seed, entries(1, 3..=3)).await {
            Err(JournalError::Unknown(_)) => {}
            other => break other,
        }
    };
    assert!(matches!(refused, Err(JournalError::Away(_))), "{refused:?}");
    assert!(eras.borrow_and_update().is_none());
    assert_eq!(redis_journal.held(), [(SHEET, entries(1, 1..=2))]);
    assert_eq!(redis_journal.dirty_sheets(former).await.unwrap(), [SHEET]);
    assert_eq!(redis_journal.left_of(former, SHEET).await.unwrap(), entries(1, 1..=2));
    redis_journal.clear(former, SHEET).await.unwrap();
    assert_eq!(redis_journal.dirty_sheets(former).await.unwrap(), []);
    let (next, late) = (Era::new(Uuid::new_v4()), Era::new(Uuid::new_v4()));
    assert!(redis_journal.begin(&next, Some(former)).await.unwrap());
    assert!(!redis_journal.begin(&late, Some(former)).await.unwrap());
    redis_journal.enter(next);
    assert_eq!(journal.append(seed, entries(1, 3..=3)).await, Err(JournalError::Gap));
    let (seed, _) = opened(&journal, 2).await;
    journal.append(seed, entries(1, 3..=3)).await.unwrap();
}
