//! Bytes of messages, read points, and the sweeps of the people's tables, beside other calls.
//!
//! Not the services. Invariant: statements that wait for each other give what they give one after the other.

use std::time::Duration;

use model::Role;
use model::limits::edge::MESSAGE_OVERHEAD_BYTES;
use model::people::{CellId, ThreadId};
use store::Store;
use tokio_postgres::Config;
use uuid::Uuid;

use super::{NOTIFY, further_account, message, thread};
use crate::support::{Fixture, Outcome, account, connect};

const OVERHEAD: u64 = MESSAGE_OVERHEAD_BYTES.unsigned_abs();

/// Runs statements beside each other: all of them wait for a row that `lock` locks, and continue together.
async fn together<Done: Send + 'static>(
    config: &Config,
    lock: (&str, Uuid),
    waits: &str,
    calls: Vec<impl Future<Output = Done> + Send + 'static>,
) -> Vec<Done> {
    let holder = connect(config).await;
    holder.batch_execute("begin").await.expect("begun");
    holder.query(lock.0, &[&lock.1]).await.expect("locked");
    let count = i64::try_from(calls.len()).expect("few");
    let calls: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let looker = connect(config).await;
    let waiting = format!(
        "select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%{waits}%' and pid <> pg_backend_pid()"
    );
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while looker.query_one(&waiting, &[]).await.expect("a count").get::<_, i64>(0) < count {
        looks.tick().await;
    }
    holder.batch_execute("commit").await.expect("committed");
    let mut done = Vec::new();
    for call in calls {
        done.push(call.await.expect("ends"));
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_edits_and_deletions_of_a_message_count_each_text_once() -> Outcome {
    const LOCK: &str = "select 1 from threads where id = $1 for update";
    let Fixture { store, config, owner } = Fixture::new().await;
    let thread = thread(&store, owner, further_account(&store).await).await;
    store.send_message(thread, &message(owner, &"x".repeat(8_000))).await?;
    store.send_message(thread, &message(owner, "yy")).await?;
    let counted = async || {
        let texts = store.messages(thread, 0, 10).await.expect("a list");
        let texts = texts.iter().map(|message| OVERHEAD + message.text.len() as u64).sum::<u64>();
        (store.stored_bytes(&[owner]).await.expect("an answer")[0].1, texts)
    };
    let change = |length: usize| {
        let config = config.clone();
        async move {
            // Its own connection: none of the calls waits for that of another one.
            let store = Store::connect(config, 2).await?;
            match length {
                0 => store.delete_message((thread, 1), owner).await,
                _ => store.edit_message((thread, 1), owner, &"z".repeat(length), &[]).await,
            }
        }
    };
    let edits = vec![change(10), change(700), change(5_000)];
    for done in together(&config, (LOCK, thread.0), "update messages set text", edits).await {
        assert!(done?.is_some());
    }
    let (bytes, texts) = counted().await;
    assert_eq!(bytes, texts, "after edits");
    let deletions = vec![change(0), change(0), change(0)];
    let done = together(&config, (LOCK, thread.0), "update messages set text", deletions).await;
    assert_eq!(done.iter().filter(|it| matches!(it, Ok(Some(_)))).count(), 1, "{done:?}");
    assert_eq!(counted().await, (2 * OVERHEAD + 2, 2 * OVERHEAD + 2), "after deletions");
    Ok(())
}

#[tokio::test]
async fn a_negative_count_of_one_account_hides_no_other_count() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let other = further_account(&store).await;
    let thread = thread(&store, owner, other).await;
    for author in [owner, other] {
        store.send_message(thread, &message(author, "text")).await?;
    }
    let sql = connect(&config).await;
    let wrong = "update message_bytes set bytes = -5000 where account = $1";
    sql.execute(wrong, &[&owner.0]).await?;
    let mut stored = store.stored_bytes(&[owner, other]).await?;
    stored.sort_unstable_by_key(|(account, _)| *account != owner);
    assert_eq!(stored, [(owner, 0), (other, 304)]);
    store.edit_message((thread, 1), owner, "x", &[]).await?.expect("is there");
    let bytes = "select bytes from message_bytes where account = $1";
    let bytes: i64 = sql.query_one(bytes, &[&owner.0]).await?.get(0);
    assert_eq!(bytes, 0, "a change writes no negative count");
    Ok(())
}

#[tokio::test]
async fn a_person_that_was_mentioned_receives_what_changes_in_the_message() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (other, named) = (further_account(&store).await, further_account(&store).await);
    let thread = thread(&store, owner, other).await;
    let last = async || store.notice_head(named).await.map(|head| head.last);
    let mut new = message(owner, "to both");
    new.mentions = vec![named];
    store.send_message(thread, &new).await?;
    assert_eq!(last().await?, 1);
    store.edit_message((thread, 1), owner, "without", &[]).await?.expect("is there");
    assert_eq!(last().await?, 2, "the mention is gone");
    store.edit_message((thread, 1), owner, "once more", &[named]).await?.expect("is there");
    assert_eq!(last().await?, 3);
    store.delete_message((thread, 1), owner).await?.expect("is there");
    assert_eq!(last().await?, 4, "the message is deleted");
    Ok(())
}

#[tokio::test]
async fn a_report_of_what_is_read_already_takes_no_number() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let other = further_account(&store).await;
    let thread = thread(&store, owner, other).await;
    let head = async || store.notice_head(owner).await;
    for _ in 0..3 {
        store.send_message(thread, &message(other, "text")).await?;
    }
    let sent = head().await?;
    for through in [0, 2, 2, 1, 0] {
        store.mark_thread_read(owner, thread, through).await?;
    }
    assert_eq!(store.read_of_thread(owner, thread).await?, 2);
    assert_eq!(head().await?.last, sent.last + 1, "one report of five moves something");
    let before = head().await?;
    store.mark_notices_read(owner, u64::MAX >> 1).await?;
    assert_eq!(head().await?, before, "there is no listed notice");
    let mut mention = message(other, "text");
    mention.mentions = vec![owner];
    store.send_message(thread, &mention).await?;
    assert_eq!(head().await?.unread, 1);
    for _ in 0..3 {
        store.mark_notices_read(owner, u64::MAX >> 1).await?;
    }
    let after = head().await?;
    assert_eq!((after.last, after.unread), (before.last + 2, 0), "the mention, and one report");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_of_notices_locks_accounts_in_the_order_of_messages() -> Outcome {
    let Fixture { store, config, .. } = Fixture::new().await;
    let mut accounts = Vec::new();
    for _ in 0..12 {
        accounts.push(further_account(&store).await.0);
    }
    accounts.sort_unstable();
    let sender = connect(&config).await;
    for account in &accounts {
        sender.execute(NOTIFY, &[account]).await?;
    }
    sender.batch_execute("begin").await?;
    sender.execute(NOTIFY, &[&accounts[0]]).await?;
    let looker = connect(&config).await;
    let old = "update notices set at = now() - interval '400 days' - number * interval '1 day'
        where account = any($1)";
    looker.execute(old, &[&accounts]).await?;
    let sweep =
        tokio::spawn(async move { store.forget_notices(Duration::from_secs(8_640_000)).await });
    let waits = "select 1 from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%set dropped%' and pid <> pg_backend_pid()";
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while looker.query(waits, &[]).await?.is_empty() {
        looks.tick().await;
    }
    for account in &accounts[1..] {
        sender.execute(NOTIFY, &[account]).await?;
    }
    sender.batch_execute("commit").await?;
    sweep.await??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn purges_give_the_bytes_of_messages_back_to_their_authors() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let person = account(&format!("{}@example.com", Uuid::new_v4()));
    store.create_account(&person).await?;
    let other = person.id;
    let kept = thread(store, owner, other).await;
    store.send_message(kept, &message(other, "kept")).await?;
    let mut sheets = Vec::new();
    for _ in 0..2 {
        let sheet = fixture.sheet(3).await.id;
        assert!(store.share(sheet, (&person.email, Role::Commenter), 10, owner).await?);
        store.make_thread_of_sheet(sheet).await?;
        let thread = store.thread_of_sheet(sheet).await?.expect("made").id;
        for author in [owner, other, other] {
            store.send_message(thread, &message(author, &"x".repeat(1_000))).await?;
        }
        store.delete_sheet(sheet, None).await?;
        assert!(store.purge(sheet, model::now_micros()).await?);
        sheets.push(sheet);
    }
    assert_eq!(store.stored_bytes(&[other]).await?[0].1, 4 * 1_300 + 304);
    let (one, two) = tokio::join!(store.finish_purge(sheets[0]), store.finish_purge(sheets[1]));
    one.and(two)?;
    assert_eq!(store.stored_bytes(&[other]).await?[0].1, 304, "the message to a person");
    assert_eq!(store.stored_bytes(&[owner]).await?[0].1, 0);
    Ok(())
}

#[tokio::test]
async fn the_thread_of_two_deleted_accounts_is_deleted() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let other = further_account(&store).await;
    let thread = thread(&store, owner, other).await;
    for author in [owner, other] {
        store.send_message(thread, &message(author, "text")).await?;
    }
    let sql = connect(&config).await;
    for account in [owner, other] {
        store.forget_threads().await?;
        assert_eq!(store.messages(thread, 0, 10).await?.len(), 2, "a person can read it");
        sql.execute("delete from accounts where id = $1", &[&account.0]).await?;
    }
    store.forget_threads().await?;
    assert_eq!(store.thread(thread).await?, None);
    assert!(store.messages(thread, 0, 10).await?.is_empty());
    Ok(())
}

/// References whose column begins no index over all rows that may have a value.
const WITHOUT_INDEX: &str = "
    select conrelid::regclass::text || '.' || attname
    from pg_constraint
    join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'f' and conrelid = any($1::text[]::regclass[]) and not exists (
        select from pg_index
        where indrelid = conrelid and indkey[0] = conkey[1] and indisvalid
            and (indpred is null or pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname)))
    order by 1";

#[tokio::test]
async fn each_reference_of_a_table_has_an_index() -> Outcome {
    let Fixture { config, .. } = Fixture::new().await;
    let tables = ["threads", "messages", "thread_members", "message_bytes", "notices", "watchers"];
    let rows =
        connect(&config).await.query(WITHOUT_INDEX, &[&tables.map(String::from).to_vec()]).await?;
    let without: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(without.is_empty(), "a deletion of what they name reads the whole table: {without:?}");
    Ok(())
}

#[tokio::test]
async fn unread_notices_are_counted_among_the_newest() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let client = connect(&config).await;
    // Those of a role count; those of a sheet that the account can't read do not.
    let write = "select notify_account($1, $2, true, null, gen_random_uuid(), null, null, null)
        from generate_series(1, $3::int)";
    let count = async || store.notice_head(owner).await.expect("a head").unread;
    client.execute(write, &[&owner.0, &"role", &120]).await?;
    assert_eq!(count().await, 100, "at most");
    client.execute(write, &[&owner.0, &"share", &390]).await?;
    assert_eq!(count().await, 10, "of the newest 400");
    client.execute(write, &[&owner.0, &"share", &10]).await?;
    assert_eq!(count().await, 0);
    Ok(())
}

#[tokio::test]
async fn a_comment_without_a_message_is_swept_after_an_hour() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(3).await.id);
    let client = connect(&fixture.config).await;
    let ids: [ThreadId; 3] = std::array::from_fn(|_| ThreadId(Uuid::now_v7()));
    let [empty, used, young] = ids;
    for id in ids {
        let cell = CellId { row: 1, column: 1 };
        assert!(store.make_comment(id, (sheet, cell), fixture.owner, 100).await?);
    }
    store.send_message(used, &message(fixture.owner, "hello")).await?;
    let age = "update threads set created_at = now() - interval '61 minutes' where id = any($1)";
    client.execute(age, &[&vec![empty.0, used.0]]).await?;
    store.forget_threads().await?;
    assert_eq!(store.thread(empty).await?, None);
    for kept in [used, young] {
        assert!(store.thread(kept).await?.is_some());
    }
    Ok(())
}
