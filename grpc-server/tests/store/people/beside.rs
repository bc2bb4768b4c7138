//! Calls beside each other: what each of them sees of the others.
//!
//! Not the bounds (`bounds`). Invariant: a call is held by a lock that the test has, so the order is always the same.

use model::people::{CellId, NoticeEvent, NoticeKind};
use model::{AccountId, Role};
use tokio_postgres::Client;

use super::*;

/// Waits until `count` connections wait for the locks of one, also for each other.
async fn wait_for(looker: &Client, holder: i32, count: i64) -> Outcome {
    let waiting = "
        with recursive held (pid) as (
            select $1::int union
            select waits.pid from pg_stat_activity as waits, held
            where held.pid = any(pg_blocking_pids(waits.pid))
        )
        select count(*) - 1 from held";
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while looker.query_one(waiting, &[&holder]).await?.get::<_, i64>(0) < count {
        looks.tick().await;
    }
    Ok(())
}

async fn pid(sql: &Client) -> Result<i32, tokio_postgres::Error> {
    Ok(sql.query_one("select pg_backend_pid()", &[]).await?.get(0))
}

/// The kinds of the notices that an account received of messages of another one.
async fn kinds(store: &Store, account: AccountId, of: AccountId) -> Vec<NoticeKind> {
    let events = store.notices_after(account, 0, 100).await.expect("an answer").events;
    let notices = events.into_iter().filter_map(|(_, event)| match event {
        NoticeEvent::Notice(notice) => Some(notice),
        _ => None,
    });
    let of_other = notices.filter(|it| it.actor.as_ref().is_some_and(|by| by.account == of));
    of_other.map(|notice| notice.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_first_replies_at_once_the_author_of_the_first_receives_a_notice() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let sheet = fixture.sheet(3).await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let email = format!("{}@example.com", Uuid::new_v4());
        let other = account(&email);
        store.create_account(&other).await?;
        assert!(store.share(sheet.id, (&email, Role::Commenter), 10, owner).await?);
        store.note_first_use(sheet.id, other.id).await?;
        others.push(other.id);
    }
    let comment = ThreadId(Uuid::now_v7());
    let cell = CellId { row: 1, column: 1 };
    assert!(store.make_comment(comment, (sheet.id, cell), owner, 10).await?);
    store.send_message(comment, &message(owner, "a comment")).await?;

    let (holder, looker) = (connect(&fixture.config).await, connect(&fixture.config).await);
    let holding = pid(&holder).await?;
    holder.batch_execute("begin").await?;
    holder.execute("select from threads where id = $1 for update", &[&comment.0]).await?;
    let mut replies = Vec::new();
    for (author, waiting) in others.iter().zip(1..) {
        let (store, reply) = (store.clone(), message(*author, "a reply"));
        replies.push(tokio::spawn(async move { store.send_message(comment, &reply).await }));
        wait_for(&looker, holding, waiting).await?;
    }
    holder.batch_execute("commit").await?;
    let mut numbers = Vec::new();
    for reply in replies {
        let Sent::Message(reply) = reply.await?? else { panic!("another message") };
        numbers.push(reply.number);
    }
    let (first, second) = match numbers[..] {
        [2, 3] => (others[0], others[1]),
        [3, 2] => (others[1], others[0]),
        _ => panic!("{numbers:?}"),
    };
    assert_eq!(kinds(store, first, second).await, [NoticeKind::Comment]);
    assert_eq!(kinds(store, second, first).await, [NoticeKind::Message], "had not written");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_deleted_while_it_is_read_counts_as_deleted() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let other = further_account(&store).await;
    let thread = thread(&store, owner, other).await;
    for text in ["one", "two"] {
        store.send_message(thread, &message(other, text)).await?;
    }
    let (holder, looker) = (connect(&config).await, connect(&config).await);
    let holding = pid(&holder).await?;
    // The reader waits where it looks for the texts.
    holder.batch_execute("begin; lock table messages in access exclusive mode").await?;
    let reading = tokio::spawn({
        let store = store.clone();
        async move { store.notices_after(owner, 0, 10).await }
    });
    wait_for(&looker, holding, 1).await?;
    let delete = "with gone as (delete from notices where account = $1 and number = 1)
        update notice_heads set dropped = 1 where account = $1";
    looker.execute(delete, &[&owner.0]).await?;
    holder.batch_execute("commit").await?;
    let read = reading.await??;
    let shown = read.events.iter().filter(|it| matches!(it.1, NoticeEvent::Notice(_))).count();
    assert!(read.dropped == 1 || shown == 2, "{read:?}");
    assert_eq!(store.notices_after(owner, 0, 10).await?.dropped, 1);
    Ok(())
}
