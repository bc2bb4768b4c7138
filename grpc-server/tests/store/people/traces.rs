//! What a purged sheet, a deleted account and an expired guest leave behind, in every table that names one.
//!
//! Invariant: each column of ids has a rule here, so that a new table without one fails.

use std::collections::BTreeMap;
use std::time::Duration;

use model::people::{CellId, ThreadId};
use model::{AccountId, LinkId, LinkRecord, Role, SheetId, now_micros};
use store::{LinkPlace, Store};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{further_account, message, thread};
use crate::support::{Fixture, Outcome, account, batch, connect};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What becomes of the rows that name a sheet or an account which is gone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// It names neither.
    Neither,
    /// The rows go with their sheet, when it is purged.
    WithSheet,
    /// The rows name a sheet and stay.
    SheetGone(&'static str),
    /// The rows go with their account, at the latest when its row is deleted.
    WithAccount,
    /// The rows stay without the name.
    Unnamed,
    /// The rows name an account and stay.
    AccountGone(&'static str),
}

use Rule::{AccountGone, Neither, SheetGone, Unnamed, WithAccount, WithSheet};

const HISTORY: &str = "history keeps the id of an author, and goes with its sheet";
const BY_AGE: &str = "goes by age; without the name or the role it is not shown";

const RULES: [(&str, Rule); 87] = [
    ("accounts.id", Neither),
    ("before_images.sheet", WithSheet),
    ("changes.account", AccountGone(HISTORY)),
    ("changes.client", Neither),
    ("changes.sheet", WithSheet),
    ("checkpoints.sheet", WithSheet),
    ("columns.sheet", WithSheet),
    ("comment_counts.sheet", WithSheet),
    ("file_contents.id", Neither),
    ("file_contents.owner", AccountGone("the row goes when the sweep has deleted its objects")),
    ("file_links.file", Neither),
    ("file_links.owner", WithAccount),
    ("file_pieces.content", Neither),
    ("file_place.id", Neither),
    ("file_place_offers.id", Neither),
    ("file_purges.account", WithAccount),
    ("file_shares.file", Neither),
    ("file_strays.content", Neither),
    ("file_table_drafts.content", Neither),
    ("file_table_drafts.job", Neither),
    ("file_table_drafts.owner", WithAccount),
    ("file_tables.content", Neither),
    ("file_tables.file", Neither),
    ("file_tables.reading", Neither),
    ("file_uploads.content", Neither),
    ("file_uploads.id", Neither),
    ("file_uploads.owner", WithAccount),
    ("file_views.content", Neither),
    ("file_views.file", Neither),
    ("file_views.id", Neither),
    ("file_views.made_by", AccountGone("the row goes a day after its last use")),
    ("files.content", Neither),
    ("files.id", Neither),
    ("files.owner", WithAccount),
    ("jobs.account", WithAccount),
    ("jobs.id", Neither),
    ("jobs.node", Neither),
    ("known_networks.account", WithAccount),
    ("largest_rows.sheet", WithSheet),
    ("link_members.account", WithAccount),
    ("link_members.link", Neither),
    ("links.id", Neither),
    ("links.sheet", WithSheet),
    ("live_sessions.account", AccountGone("the record of a session goes by age")),
    ("live_sessions.node", Neither),
    ("live_sessions.sheet", SheetGone("the record of a session goes by age")),
    ("mailed_links.account", WithAccount),
    ("mailed_links.inviter", WithAccount),
    ("message_bytes.account", WithAccount),
    ("messages.author", Unnamed),
    ("messages.client_id", Neither),
    (
        "messages.link_sheet",
        SheetGone("the message is one of another thread; its link leads nowhere"),
    ),
    ("messages.mentions", AccountGone("a mention of no account has no name")),
    ("messages.thread", Neither),
    ("nodes.id", Neither),
    ("nodes.journal_epoch", Neither),
    ("nodes.left_epoch", Neither),
    ("notice_heads.account", WithAccount),
    ("notices.account", WithAccount),
    ("notices.actor", AccountGone(BY_AGE)),
    ("notices.sheet", SheetGone(BY_AGE)),
    ("notices.thread", Neither),
    ("oidc_identities.account", WithAccount),
    ("parked_changes.account", AccountGone(HISTORY)),
    ("parked_changes.sheet", WithSheet),
    ("past_clients.account", AccountGone(HISTORY)),
    ("past_clients.client", Neither),
    ("past_clients.sheet", WithSheet),
    ("prunings.sheet", WithSheet),
    ("purges.sheet", WithSheet),
    ("rows.sheet", WithSheet),
    ("set_aside.sheet", WithSheet),
    ("shares.sheet", WithSheet),
    // A view.
    ("sheet_rows.sheet", WithSheet),
    ("sheets.id", Neither),
    ("sheets.owner", AccountGone("an account that owns a sheet, deleted or not, stays")),
    ("spans.sheet", WithSheet),
    ("thread_members.account", WithAccount),
    ("thread_members.thread", Neither),
    ("threads.high", Unnamed),
    ("threads.id", Neither),
    ("threads.low", Unnamed),
    ("threads.resolved_by", Unnamed),
    ("threads.sheet", WithSheet),
    ("tokens.account", WithAccount),
    ("watchers.account", AccountGone("the row goes with its node")),
    ("watchers.node", Neither),
];

/// The number of rows that name an id, for each column with one of the rules.
async fn rows(sql: &Client, id: Uuid, rules: &[Rule]) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for (name, _) in RULES.iter().filter(|(_, rule)| rules.contains(rule)) {
        let (table, column) = name.split_once('.').expect("a table and a column");
        let count = format!("select count(*) from {table} where {column} = $1");
        let count = sql.query_one(&count, &[&id]).await.expect("a count").get(0);
        counts.insert(*name, count);
    }
    counts
}

/// Fails unless some of the columns have named the id, and none does now.
fn gone(before: &BTreeMap<&str, i64>, after: &BTreeMap<&str, i64>, named: &[&str]) {
    for name in named {
        assert!(before[name] > 0, "{name} has named it: {before:?}");
    }
    let left: Vec<_> = after.iter().filter(|(_, count)| **count > 0).collect();
    assert!(left.is_empty(), "still named by {left:?}");
}

#[tokio::test]
async fn each_column_of_ids_has_a_rule() -> Outcome {
    let Fixture { config, .. } = Fixture::new().await;
    let columns = "select table_name || '.' || column_name from information_schema.columns
        where table_schema = 'public' and udt_name in ('uuid', '_uuid')";
    let found = connect(&config).await.query(columns, &[]).await?;
    let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
    let rules = BTreeMap::from(RULES);
    for column in &found {
        assert!(rules.contains_key(column.as_str()), "{column}: what becomes of its rows?");
    }
    for column in rules.keys() {
        assert!(found.iter().any(|it| it == column), "{column} is no column of ids");
    }
    Ok(())
}

/// A link for guests.
async fn link(store: &Store, sheet: SheetId, owner: AccountId) -> LinkId {
    let id = LinkId(Uuid::new_v4());
    let link = LinkRecord {
        id,
        sheet,
        role: Role::Commenter,
        guests: true,
        created_micros: now_micros(),
        expires_micros: None,
        opened: 0,
        hash: Some([1; 32]),
    };
    assert!(store.create_link(&link, 10, owner).await.expect("made"));
    id
}

/// A message and a comment of an author on a sheet, both of which mention a person.
async fn write(
    store: &Store,
    sheet: SheetId,
    author: AccountId,
    named: AccountId,
) -> [ThreadId; 2] {
    store.make_thread_of_sheet(sheet).await.expect("made");
    let of_sheet = store.thread_of_sheet(sheet).await.expect("an answer").expect("made").id;
    let (comment, cell) = (ThreadId(Uuid::new_v4()), CellId { row: 1, column: 1 });
    assert!(store.make_comment(comment, (sheet, cell), author, 10).await.expect("made"));
    for thread in [of_sheet, comment] {
        let mut new = message(author, "text");
        new.mentions = vec![named];
        store.send_message(thread, &new).await.expect("sent");
    }
    [of_sheet, comment]
}

#[tokio::test]
async fn a_purged_sheet_leaves_no_message_comment_or_role() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let sheet = fixture.sheet(3).await;
    store.commit(&batch(&sheet, 0, 3)).await?;
    let sql = connect(&fixture.config).await;
    let member = further_account(store).await;
    assert!(store.share(sheet.id, ("x@example.com", Role::Viewer), 10, owner).await?);
    assert_eq!(
        store.open_link(link(store, sheet.id, owner).await, member, 10).await?,
        LinkPlace::New
    );
    let threads = write(store, sheet.id, member, owner).await.map(|thread| thread.0);
    let deleted = ThreadId(threads[1]);
    assert!(store.delete_comment(deleted, owner).await?);
    store.mark_thread_read(owner, ThreadId(threads[0]), 1).await?;
    let before = rows(&sql, sheet.id.0, &[WithSheet]).await;

    store.delete_sheet(sheet.id, Some(owner)).await?;
    assert!(store.purge(sheet.id, now_micros() + 1_000_000).await?);
    store.finish_purge(sheet.id).await?;
    let after = rows(&sql, sheet.id.0, &[WithSheet]).await;
    let named = ["threads.sheet", "links.sheet", "shares.sheet", "changes.sheet", "columns.sheet"];
    gone(&before, &after, &named);
    for table in ["messages", "thread_members"] {
        let left = format!("select count(*) from {table} where thread = any($1)");
        let left: i64 = sql.query_one(&left, &[&threads.as_slice()]).await?.get(0);
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(store.stored_bytes(&[member]).await?[0].1, 0, "the bytes of its messages");
    let (notices, _) = store.notices(owner, 0, 100).await?;
    assert!(notices.iter().all(|notice| notice.message.is_none()), "{notices:?}");
    Ok(())
}

#[tokio::test]
async fn an_account_that_was_deleted_and_a_guest_that_expired_leave_no_row_of_their_own() -> Outcome
{
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let sheet = fixture.sheet(3).await.id;
    let link = link(store, sheet, fixture.owner).await;
    let member = account(&format!("{}@example.com", Uuid::new_v4()));
    store.create_account(&member).await?;
    assert_eq!(store.open_link(link, member.id, 10).await?, LinkPlace::New);
    let guest = AccountId::generate();
    assert!(store.create_guest(link, guest, "Guest", 10).await?);
    let mut threads = Vec::new();
    for leaver in [member.id, guest] {
        threads.extend(write(store, sheet, leaver, leaver).await);
        let private = thread(store, leaver, fixture.owner).await;
        store.send_message(private, &message(fixture.owner, "text")).await?;
        store.mark_thread_read(leaver, private, 1).await?;
        store.resolve_comment(threads[threads.len() - 1], leaver, true).await?;
    }
    let rules = [WithAccount, Unnamed];
    let before = [rows(&sql, member.id.0, &rules).await, rows(&sql, guest.0, &rules).await];

    assert!(store.end_account(member.id, "$argon2id$").await?.is_some());
    store.forget_notices(100 * DAY).await?;
    let early = rows(&sql, member.id.0, &[WithAccount]).await;
    assert_eq!((early["notices.account"], early["notice_heads.account"]), (0, 0), "{early:?}");
    assert_eq!(early["link_members.account"], 0);
    let older = "update accounts set ended_at = ended_at - interval '91 days',
        created_at = created_at - interval '91 days' where id = any($1)";
    sql.execute(older, &[&[member.id.0, guest.0].as_slice()]).await?;
    let opened =
        "update link_members set opened_at = opened_at - interval '91 days' where account = $1";
    sql.execute(opened, &[&guest.0]).await?;
    store.end_gone_members().await?;
    store.delete_gone_accounts(90 * DAY, 7 * DAY).await?;
    store.forget_notices(100 * DAY).await?;
    for (id, before) in [member.id, guest].into_iter().zip(&before) {
        let named = [
            "link_members.account",
            "message_bytes.account",
            "messages.author",
            "notice_heads.account",
            "notices.account",
            "thread_members.account",
            "threads.resolved_by",
        ];
        gone(before, &rows(&sql, id.0, &rules).await, &named);
        assert!(before["threads.low"] + before["threads.high"] > 0);
    }
    // What they wrote stays for the others, without a name.
    for thread in threads {
        let messages = store.messages(thread, 0, 10).await?;
        assert!(!messages.is_empty());
        assert!(messages.iter().all(|message| message.author.is_none()), "{messages:?}");
    }
    Ok(())
}
