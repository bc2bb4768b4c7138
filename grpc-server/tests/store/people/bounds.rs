//! Rows that notices, the people of a sheet and its comments cost at most, whatever the callers have done before.
//!
//! Not the rates of the calls. Invariant: what one person does makes no statement of another one larger than its bound.

use model::people::{CellId, NoticeEvent, NoticeKind, ThreadId};
use model::{AccountId, Role};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{further_account, message, thread};
use crate::support::{Fixture, Outcome, account, connect};

/// Comments on a row: one on the second and one on the third column, and all others on the first one.
const FILL_COMMENTS: &str = "insert into threads (id, kind, sheet, row_id, column_id, last)
    select gen_random_uuid(), 'comment', $1, $3::bigint, case when n in (2, 3) then n else 1 end, 1
    from generate_series(1, $2::bigint) as n";

/// Rows of all tables that a statement reads. What it writes is rolled back.
async fn rows_read(sql: &Client, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> i64 {
    const READ: &str = "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint
        from pg_stat_xact_user_tables";
    // The counts include those of earlier transactions, which a backend reports at intervals.
    let read = async || sql.query_one(READ, &[]).await.expect("counts").get::<_, i64>(0);
    sql.batch_execute("begin").await.expect("begun");
    let before = read().await;
    sql.query(statement, parameters).await.expect("an answer");
    let after = read().await;
    sql.batch_execute("rollback").await.expect("rolled back");
    after - before
}

async fn count(sql: &Client, of: AccountId) -> i64 {
    let count = "select count(*) from notices where account = $1";
    sql.query_one(count, &[&of.0]).await.expect("a count").get(0)
}

#[tokio::test]
async fn marks_of_what_is_read_put_off_no_trim_of_notices() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let sql = connect(&config).await;
    // Each notice is marked as read, so that each even number is that of a mark.
    let marked = "select count(notify_account($1, 'message', false, null, null, null, null, null)),
            count(next_notice($1))
        from generate_series(1, 3000)";
    sql.query_one(marked, &[&owner.0]).await?;
    assert_eq!(store.notice_head(owner).await?.last, 6_000);
    let kept = count(&sql, owner).await;
    assert!((1_000..=1_064).contains(&kept), "{kept} notices");
    Ok(())
}

#[tokio::test]
async fn a_surplus_of_notices_is_deleted_in_parts() -> Outcome {
    let Fixture { config, owner, .. } = Fixture::new().await;
    let sql = connect(&config).await;
    // As an earlier release has left them.
    let surplus = "insert into notices (account, number, kind, listed)
        select $1, number, 'message', false from generate_series(1, 3000) as number";
    sql.execute(surplus, &[&owner.0]).await?;
    sql.execute("insert into notice_heads (account, last) values ($1, 3000)", &[&owner.0]).await?;
    let many = "select count(notify_account($1, 'message', false, null, null, null, null, null))
        from generate_series(1, $2::int)";
    sql.query_one(many, &[&owner.0, &40]).await?;
    assert_eq!(count(&sql, owner).await, 3_040 - 256);
    let (dropped, least): (i64, i64) = {
        let row = "select dropped, (select min(number) from notices where account = $1)
            from notice_heads where account = $1";
        let row = sql.query_one(row, &[&owner.0]).await?;
        (row.get(0), row.get(1))
    };
    assert_eq!((dropped, least), (256, 257), "the oldest first");
    sql.query_one(many, &[&owner.0, &640]).await?;
    assert!(count(&sql, owner).await <= 1_064);
    Ok(())
}

#[tokio::test]
async fn mentions_of_one_person_push_out_no_notice_of_another() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let email = format!("{}@example.com", Uuid::new_v4());
    let reader = account(&email);
    store.create_account(&reader).await?;
    let sheet = fixture.sheet(3).await.id;
    assert!(store.share(sheet, (&email, Role::Editor), 10, owner).await?);
    let (sql, pest) = (connect(&fixture.config).await, further_account(store).await);
    for kind in ["mention", "comment"] {
        let many = "select count(notify_account($1, $2, true, $3, null, null, null, null))
            from generate_series(1, 1100)";
        sql.query_one(many, &[&reader.id.0, &kind, &pest.0]).await?;
    }
    let (listed, _) = store.notices(reader.id, 0, 2_000).await?;
    assert_eq!(listed.last().map(|it| it.kind), Some(NoticeKind::Share), "the first one is kept");
    assert!(listed.len() <= 1 + 100 + 64, "{} listed notices", listed.len());
    Ok(())
}

#[tokio::test]
async fn a_share_reads_as_much_for_an_address_without_an_account() -> Outcome {
    const ROLE: &str =
        "select notify_role($1, 'role', $2, null, jsonb_build_object('sheet', 'Stock'))";
    let Fixture { store, config, owner } = Fixture::new().await;
    let sql = connect(&config).await;
    let (busy, unknown) = (further_account(&store).await.0, Uuid::new_v4());
    let others =
        "select count(notify_account($1, 'share', true, gen_random_uuid(), null, null, null, null))
        from generate_series(1, 900)";
    sql.query_one(others, &[&busy]).await?;
    sql.batch_execute("analyze notices").await?;
    for id in [busy, unknown] {
        for _ in 0..4 {
            sql.query_one(ROLE, &[&id, &owner.0]).await?;
        }
    }
    let of_busy = rows_read(&sql, ROLE, &[&busy, &owner.0]).await;
    let of_unknown = rows_read(&sql, ROLE, &[&unknown, &owner.0]).await;
    // The plans may differ by the statistics of the table; no plan walks over the notices of others.
    assert!(of_busy.max(of_unknown) <= 30, "{of_busy} rows, and {of_unknown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audience_of_a_thread_is_found_without_a_walk_over_all_members() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let sheet = fixture.sheet(1).await.id;
    store.make_thread_of_sheet(sheet).await?;
    let thread = store.thread_of_sheet(sheet).await?.expect("made").id;
    let fill = "with made as (
            insert into links (id, sheet, role, guests, created_at)
            select gen_random_uuid(), $1, 'commenter', true, now() from generate_series(1, 4) returning id
        ), members as (
            insert into accounts (id, display_name, created_at)
            select gen_random_uuid(), 'Member', now() from generate_series(1, 3000) returning id
        )
        insert into link_members (link, account, opened_at)
        select made.id, members.id, now() - random() * interval '1 day' from made, members";
    sql.execute(fill, &[&sheet.0]).await?;
    sql.batch_execute("analyze links, link_members, accounts, shares, thread_members").await?;
    let last = "select max(account::text)::uuid from link_members join links on links.id = link
        where sheet = $1";
    let last = AccountId(sql.query_one(last, &[&sheet.0]).await?.get(0));
    store.send_message(thread, &message(last, "text")).await?;
    let audience = store.audience(thread, 50).await?;
    assert_eq!(audience.len(), 50);
    assert_eq!(audience[0], last, "a member that wrote comes first");
    let read = rows_read(&sql, "select audience($1, 50)", &[&thread.0]).await;
    assert!(read < 1_000, "{read} rows");
    // All roles on the sheet: the owner, and the members by their times.
    let shares = store.shares(sheet, 100).await?;
    assert_eq!((shares.len(), shares[0].role), (100, Role::Owner));
    assert!(shares[1..].is_sorted_by_key(|share| share.given_micros));
    let first = "select min(opened_at) = $2 from link_members join links on links.id = link
        where sheet = $1";
    let first_at = std::time::UNIX_EPOCH
        + std::time::Duration::from_micros(shares[1].given_micros.unsigned_abs());
    assert!(sql.query_one(first, &[&sheet.0, &first_at]).await?.get::<_, bool>(0));
    Ok(())
}

#[tokio::test]
async fn a_person_that_wrote_and_has_no_role_any_more_receives_nothing() -> Outcome {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let sheet = fixture.sheet(1).await.id;
    store.make_thread_of_sheet(sheet).await?;
    let thread = store.thread_of_sheet(sheet).await?.expect("made").id;
    let email = format!("{}@example.com", Uuid::new_v4());
    let member = account(&email);
    store.create_account(&member).await?;
    assert!(store.share(sheet, (&email, Role::Commenter), 10, fixture.owner).await?);
    assert_eq!(store.audience(thread, 50).await?, [fixture.owner], "it has not opened it yet");
    store.note_first_use(sheet, member.id).await?;
    store.send_message(thread, &message(member.id, "text")).await?;
    assert_eq!(store.audience(thread, 1).await?, [member.id], "those who wrote first");
    assert_eq!(store.audience(thread, 50).await?, [member.id, fixture.owner]);
    assert!(store.unshare(sheet, &email, fixture.owner).await?);
    assert_eq!(store.audience(thread, 50).await?, [fixture.owner]);
    Ok(())
}

#[tokio::test]
async fn a_comment_is_made_without_a_walk_over_those_there_are() -> Outcome {
    const MOST: u32 = 400;
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let sheet = fixture.sheet(1).await.id;
    sql.execute(FILL_COMMENTS, &[&sheet.0, &i64::from(MOST), &1_i64]).await?;
    let (id, at) = (ThreadId(Uuid::new_v4()), (sheet, CellId { row: 1, column: 1 }));
    assert!(!store.make_comment(id, at, fixture.owner, MOST).await?, "the sheet is full");
    let counted = "select comments from comment_counts where sheet = $1";
    assert_eq!(sql.query_one(counted, &[&sheet.0]).await?.get::<_, i64>(0), i64::from(MOST));
    let one = "delete from threads where id = (select id from threads where sheet = $1 limit 1)";
    sql.execute(one, &[&sheet.0]).await?;
    assert!(store.make_comment(id, at, fixture.owner, MOST).await?, "there is room for one");
    assert!(store.make_comment(id, at, fixture.owner, MOST).await?, "once more the same");
    let deleted = "update threads set deleted_at = now() where id = $1";
    sql.execute(deleted, &[&id.0]).await?;
    sql.execute("delete from threads where id = $1", &[&id.0]).await?;
    let left: i64 = sql.query_one(counted, &[&sheet.0]).await?.get(0);
    assert_eq!(left, i64::from(MOST) - 1, "a deleted comment is counted down once");
    Ok(())
}

#[tokio::test]
async fn marks_pass_over_the_comments_of_a_cell() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let sheet = fixture.sheet(2).await.id;
    // In parts, since each row is counted by a trigger.
    for _ in 0..5 {
        sql.execute(FILL_COMMENTS, &[&sheet.0, &1_000_i64, &1_i64]).await?;
    }
    sql.execute(FILL_COMMENTS, &[&sheet.0, &3_i64, &2_i64]).await?;
    let resolved = "update threads set resolved_at = now() where sheet = $1 and column_id = 3";
    sql.execute(resolved, &[&sheet.0]).await?;
    // The planner knows which pages are visible, too: else its choice depends on when the server last looked.
    sql.batch_execute("vacuum analyze threads").await?;
    let of = async |rows: &[u64], most| -> Vec<(u64, u64, u32)> {
        let marks = store.comment_marks(sheet, rows, most).await.expect("an answer");
        marks.into_iter().map(|(cell, count)| (cell.row, cell.column, count)).collect()
    };
    let all = [(1, 1, 100), (1, 2, 5), (2, 1, 1), (2, 2, 1)];
    assert_eq!(of(&[2, 1, 9, 2], 10).await, all, "the resolved ones have no mark");
    assert_eq!(of(&[1, 2], 3).await, all[..3]);
    const MARKS: &str = "select comment_marks($1, $2, 10, 100)";
    let read = rows_read(&sql, MARKS, &[&sheet.0, &vec![1_i64, 2]]).await;
    assert!(read <= 150, "{read} of 5,003 comments");
    Ok(())
}

#[tokio::test]
async fn unread_messages_are_counted_without_a_walk_over_own_ones() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let other = further_account(&store).await;
    let thread = thread(&store, owner, other).await;
    let sql = connect(&config).await;
    let fill = "insert into messages (thread, number, author, client_id, digest, text, sent_at)
        select $1, number, $2, gen_random_uuid(), '\\x01', 'text', now()
        from generate_series($3::bigint, $4::bigint) as number";
    let last = "update threads set last = $2 where id = $1";
    let unread = async || {
        let threads = store.threads_of(owner, None, 10).await.expect("a list");
        threads.iter().map(|it| it.unread).collect::<Vec<_>>()
    };
    sql.execute(fill, &[&thread.0, &other.0, &1i64, &3i64]).await?;
    sql.execute(fill, &[&thread.0, &owner.0, &4i64, &900i64]).await?;
    sql.execute(last, &[&thread.0, &900i64]).await?;
    assert_eq!(unread().await, [3], "own messages are not unread");
    sql.execute(fill, &[&thread.0, &owner.0, &901i64, &3_000i64]).await?;
    sql.execute(last, &[&thread.0, &3_000i64]).await?;
    assert_eq!(unread().await, [0], "among the newest 1,000");
    sql.execute(fill, &[&thread.0, &other.0, &3_001i64, &3_002i64]).await?;
    sql.execute(last, &[&thread.0, &3_002i64]).await?;
    assert_eq!(unread().await, [2]);
    store.mark_thread_read(owner, thread, 1).await?;
    let events = store.notices_after(owner, 0, 10).await?.events;
    let counted = events.iter().find_map(|(_, event)| match event {
        NoticeEvent::ThreadRead { unread, .. } => Some(*unread),
        _ => None,
    });
    assert_eq!(counted, Some(2), "a stream counts as the list does");
    Ok(())
}
