//! Messages and notices against a real Postgres: the order of commits, the bounds, the bytes, the notices of jobs.
//!
//! Not the services. Invariant: each test has accounts of its own.

mod beside;
mod bounds;
mod comments;
mod mentions;
mod roles;
mod search;
mod traces;
mod upkeep;

use std::collections::BTreeSet;
use std::time::Duration;

use model::people::{NewMessage, NoticeEvent, NoticeKind, ThreadId};
use model::{AccountId, Role, SheetId};
use serde_json::json;
use store::{NewJob, Sent, Store};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::jobs::{kind, node, take};
use crate::support::{Fixture, Outcome, account, connect};

async fn further_account(store: &Store) -> AccountId {
    let account = account(&format!("{}@example.com", Uuid::new_v4()));
    store.create_account(&account).await.expect("an account");
    account.id
}

/// A further account that comments on a sheet.
async fn commenter(store: &Store, sheet: SheetId, owner: AccountId) -> AccountId {
    let account = account(&format!("{}@example.com", Uuid::new_v4()));
    store.create_account(&account).await.expect("an account");
    let shared = store.share(sheet, (&account.email, Role::Commenter), 100, owner).await;
    assert!(shared.expect("is shared"));
    account.id
}

fn message(author: AccountId, text: &str) -> NewMessage {
    NewMessage {
        author,
        client: Uuid::new_v4(),
        digest: [1; 32],
        text: text.into(),
        mentions: Vec::new(),
        link: None,
    }
}

/// The thread of an account with another one.
async fn thread(store: &Store, one: AccountId, other: AccountId) -> ThreadId {
    store.make_thread_of_persons(one, other).await.expect("made");
    store.thread_of_persons(one, other).await.expect("an answer").expect("made").id
}

const NOTIFY: &str = "select notify_account($1, 'share', true, null, null, null, null, null)";

#[tokio::test]
async fn a_notice_that_commits_late_is_not_skipped() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let late = connect(&config).await;
    late.batch_execute("begin").await?;
    late.execute(NOTIFY, &[&owner.0]).await?;
    // A later one waits for the first, so that no reader sees its number before.
    let soon = tokio::spawn({
        let config = config.clone();
        async move { connect(&config).await.execute(NOTIFY, &[&owner.0]).await }
    });
    let waits = "select 1 from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%notify_account%' and pid <> pg_backend_pid()";
    let looker = connect(&config).await;
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while looker.query(waits, &[]).await?.is_empty() {
        looks.tick().await;
    }
    assert!(store.notices_after(owner, 0, 10).await?.events.is_empty());
    late.batch_execute("commit").await?;
    soon.await??;
    let events = store.notices_after(owner, 0, 10).await?.events;
    assert_eq!(events.iter().map(|event| event.0).collect::<Vec<_>>(), [1, 2]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_beside_many_writers_receives_each_notice_once_in_order() -> Outcome {
    const EACH: usize = 40;
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (one, two) = (further_account(&store).await, further_account(&store).await);
    let threads = [thread(&store, owner, one).await, thread(&store, owner, two).await];
    let mut writing = Vec::new();
    for (thread, author) in
        [(threads[0], one), (threads[1], two), (threads[0], owner), (threads[1], owner)]
    {
        let store = store.clone();
        writing.push(tokio::spawn(async move {
            for number in 0..EACH {
                let new = message(author, &number.to_string());
                let Sent::Message(_) = store.send_message(thread, &new).await.expect("sent") else {
                    panic!("another message")
                };
            }
        }));
    }
    let (mut after, mut seen) = (0, BTreeSet::new());
    while seen.len() < 4 * EACH {
        for (number, event) in store.notices_after(owner, after, 16).await?.events {
            assert!(number > after);
            after = number;
            let NoticeEvent::Notice(notice) = event else { continue };
            let message = notice.message.expect("a message");
            assert!(seen.insert((message.thread, message.number)), "once");
        }
    }
    for writer in writing {
        writer.await?;
    }
    for thread in threads {
        let numbers: Vec<u64> = seen.iter().filter(|it| it.0 == thread).map(|it| it.1).collect();
        assert_eq!(numbers, (1..=2 * EACH as u64).collect::<Vec<_>>());
    }
    Ok(())
}

#[tokio::test]
async fn an_account_keeps_a_bounded_number_of_notices_and_learns_that_some_are_gone() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let sql = connect(&config).await;
    let many =
        "select count(notify_account($1, 'share', number % 2 = 0, null, null, null, null, null))
        from generate_series(1, 4000) as number";
    sql.execute(many, &[&owner.0]).await?;
    let count = "select count(*) from notices where account = $1 and listed = $2";
    for listed in [true, false] {
        let count: i64 = sql.query_one(count, &[&owner.0, &listed]).await?.get(0);
        assert!((1_000..=1_064).contains(&count), "{count}");
    }
    let head = store.notice_head(owner).await?;
    assert_eq!((head.last, head.unread), (4_000, 100));
    let read = store.notices_after(owner, 0, 1).await?;
    assert_eq!(read.dropped, head.dropped);
    assert!((1_800..=2_000).contains(&head.dropped), "{}", head.dropped);
    assert!(read.events[0].0 <= head.dropped + 2);
    Ok(())
}

#[tokio::test]
async fn the_bytes_of_messages_count_for_their_author() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let other = further_account(&store).await;
    let thread = thread(&store, owner, other).await;
    let bytes = async || store.stored_bytes(&[owner]).await.expect("an answer")[0].1;
    let before = bytes().await;
    store.send_message(thread, &message(owner, &"x".repeat(1_000))).await?;
    let sent = bytes().await - before;
    assert!((1_000..1_500).contains(&sent), "{sent}");
    store.edit_message((thread, 1), owner, &"x".repeat(400), &[]).await?.expect("is there");
    assert_eq!(bytes().await - before, sent - 600);
    store.delete_message((thread, 1), owner).await?.expect("is there");
    assert_eq!(bytes().await - before, sent - 1_000);
    assert_eq!(store.delete_message((thread, 1), owner).await?, None);
    assert_eq!(store.stored_bytes(&[other]).await?[0].1, 0);
    Ok(())
}

#[tokio::test]
async fn a_job_with_a_name_for_its_account_sends_a_notice_when_it_ends() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    for notice in [json!({"notice": "export of Stock"}), json!({"a": 1})] {
        let job: NewJob = jobs::new(kind, Some(owner), &notice)?;
        assert!(store.enqueue(&job).await?);
    }
    for job in take(&store, node, kind).await {
        assert!(store.finish_job(job.hold, &json!({})).await?);
    }
    let (notices, _) = store.notices(owner, 0, 10).await?;
    assert_eq!(notices.len(), 1, "that of the job that asks for one");
    let ended = notices[0].job.clone().expect("a job");
    assert_eq!(
        (notices[0].kind, &*ended.name, &*ended.state),
        (NoticeKind::Job, "export of Stock", "done")
    );
    Ok(())
}

#[tokio::test]
async fn each_end_of_a_job_passes_its_account_on() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let mut noted = store.noted(64).ok_or("the first reader")?;
    let (kind, node) = (kind(), node(&store).await);
    let passed_on = |noted: &mut mpsc::Receiver<AccountId>| {
        std::iter::from_fn(|| noted.try_recv().ok()).filter(|account| *account == owner).count()
    };
    for _ in 0..5 {
        store.enqueue(&jobs::new(kind, Some(owner), &json!({"notice": "export"}))?).await?;
    }
    let attempts = take(&store, node, kind).await;
    let [done, failed, given_back, lost, again] = &attempts[..] else { panic!("{attempts:?}") };
    let waiting: NewJob = jobs::new(kind, Some(owner), &json!({"notice": "export"}))?;
    store.enqueue(&waiting).await?;
    store.fail_job(again.hold, "later", false, Duration::ZERO).await?;
    for job in [given_back, lost] {
        store.cancel_job(job.hold.job, None).await?;
    }
    assert_eq!(passed_on(&mut noted), 0, "none has ended");
    store.finish_job(done.hold, &json!({})).await?;
    assert_eq!(passed_on(&mut noted), 1);
    store.fail_job(failed.hold, "never", true, Duration::ZERO).await?;
    assert_eq!(passed_on(&mut noted), 1);
    store.cancel_job(waiting.id, Some(owner)).await?;
    assert_eq!(passed_on(&mut noted), 1);
    assert!(store.give_back_job(given_back.hold).await?);
    assert_eq!(passed_on(&mut noted), 1);
    store.take_over_jobs(node, &[]).await?;
    assert_eq!(passed_on(&mut noted), 1);
    assert_eq!(store.notices(owner, 0, 10).await?.0.len(), 5);
    Ok(())
}

#[tokio::test]
async fn what_the_list_hides_is_not_unread() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let sheet = fixture.sheet(3).await;
    let other = further_account(store).await;
    let on_sheet = "select notify_account($1, 'comment', true, null, $2, null, null, null)";
    for account in [fixture.owner, other] {
        sql.execute(on_sheet, &[&account.0, &sheet.id.0]).await?;
        sql.execute(NOTIFY, &[&account.0]).await?;
    }
    for (account, shown) in [(fixture.owner, 2), (other, 1)] {
        assert_eq!(store.notices(account, 0, 10).await?.0.len(), shown);
        assert_eq!(store.notice_head(account).await?.unread as usize, shown);
    }
    Ok(())
}

#[tokio::test]
async fn a_share_with_an_unknown_address_writes_what_a_known_one_does() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let sheet = fixture.sheet(3).await;
    let email = format!("{}@example.com", Uuid::new_v4());
    assert!(store.share(sheet.id, (&email, Role::Viewer), 10, fixture.owner).await?);
    let count = "select count(*) from notices where sheet = $1";
    let written: i64 = sql.query_one(count, &[&sheet.id.0]).await?.get(0);
    assert_eq!(written, 1);
    store.forget_notices(Duration::from_secs(3_600)).await?;
    let written: i64 = sql.query_one(count, &[&sheet.id.0]).await?.get(0);
    assert_eq!(written, 0, "no account has it");
    assert!(store.unshare(sheet.id, &email, fixture.owner).await?);
    assert!(!store.unshare(sheet.id, &email, fixture.owner).await?);
    Ok(())
}
