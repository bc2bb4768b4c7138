//! The deletion of accounts that can't sign in, where one has written or received very much, or can't be deleted.
//!
//! Not which accounts are due. Invariants: no account keeps another one from being deleted; a statement changes a bounded
//! number of rows.

use std::time::Duration;

use model::AccountId;
use store::Store;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::{Fixture, Outcome, connect};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An account that its owner deleted long ago.
async fn ended(sql: &Client) -> AccountId {
    let id = AccountId::generate();
    let insert = "insert into accounts (id, display_name, created_at, ended_at)
        values ($1, 'Ada', now() - interval '200 days', now() - interval '100 days')";
    sql.execute(insert, &[&id.0]).await.expect("made");
    id
}

async fn is_there(sql: &Client, id: AccountId) -> bool {
    let there = "select exists (select from accounts where id = $1)";
    sql.query_one(there, &[&id.0]).await.expect("an answer").get(0)
}

/// Refuses a change of rows of an account by one statement, until it is dropped by name.
async fn guard(sql: &Client, name: &str, trigger: &str, condition: &str) {
    let make = format!(
        "create function {name}() returns trigger language plpgsql as $$
        begin
            if {condition} then raise exception 'refused by the test'; end if;
            return null;
        end $$;
        create trigger {name} {trigger} execute function {name}()"
    );
    sql.batch_execute(&make).await.expect("made");
}

async fn delete_gone(store: &Store) -> Result<u64, store::StoreError> {
    store.delete_gone_accounts(90 * DAY, 7 * DAY).await
}

#[tokio::test]
async fn an_account_with_very_many_messages_is_deleted_in_parts() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let sql = connect(&config).await;
    let gone = ended(&sql).await;
    let (low, high) = (gone.min(owner), gone.max(owner));
    let thread = Uuid::new_v4();
    let make =
        "insert into threads (id, kind, low, high, last) values ($1, 'persons', $2, $3, 12000)";
    sql.execute(make, &[&thread, &low.0, &high.0]).await?;
    let fill = "insert into messages (thread, number, author, client_id, digest, text, sent_at)
        select $1, number, $2, gen_random_uuid(), '\\x01', 'text', now()
        from generate_series(1, 12000) as number";
    sql.execute(fill, &[&thread, &gone.0]).await?;
    let name = format!("few_{}", Uuid::new_v4().simple());
    let condition = format!("(select count(*) from earlier where author = '{}') > 5000", gone.0);
    let trigger = "after update on messages referencing old table as earlier for each statement";
    guard(&sql, &name, trigger, &condition).await;
    let deleted = delete_gone(&store).await;
    sql.batch_execute(&format!("drop function {name} cascade")).await?;
    deleted?;
    assert!(!is_there(&sql, gone).await);
    let left = "select count(*) from messages where thread = $1 and author is null";
    assert_eq!(sql.query_one(left, &[&thread]).await?.get::<_, i64>(0), 12_000);
    Ok(())
}

#[tokio::test]
async fn an_account_that_cannot_be_deleted_keeps_no_other_one() -> Outcome {
    let Fixture { store, config, .. } = Fixture::new().await;
    let sql = connect(&config).await;
    let (mut accounts, name) = (Vec::new(), format!("kept_{}", Uuid::new_v4().simple()));
    for _ in 0..3 {
        accounts.push(ended(&sql).await);
    }
    accounts.sort_unstable();
    let condition = format!("old.id = '{}'", accounts[1].0);
    guard(&sql, &name, "after delete on accounts for each row", &condition).await;
    let deleted = delete_gone(&store).await;
    let mut left = Vec::new();
    for account in &accounts {
        left.push(is_there(&sql, *account).await);
    }
    sql.batch_execute(&format!("drop function {name} cascade")).await?;
    deleted?;
    assert_eq!(left, [false, true, false]);
    delete_gone(&store).await?;
    assert!(!is_there(&sql, accounts[1]).await, "the next run tries it again");
    Ok(())
}

#[tokio::test]
async fn very_many_notices_of_no_account_are_deleted_in_parts() -> Outcome {
    let Fixture { store, config, .. } = Fixture::new().await;
    let sql = connect(&config).await;
    let (none, name) = (Uuid::new_v4(), format!("few_{}", Uuid::new_v4().simple()));
    let head = "insert into notice_heads (account, last) values ($1, 12000)";
    sql.execute(head, &[&none]).await?;
    let fill = "insert into notices (account, number, kind, listed)
        select $1, number, 'message', false from generate_series(1, 12000) as number";
    sql.execute(fill, &[&none]).await?;
    let condition = format!("(select count(*) from earlier where account = '{none}') > 5000");
    let trigger = "after delete on notices referencing old table as earlier for each statement";
    guard(&sql, &name, trigger, &condition).await;
    let forgotten = store.forget_notices(100 * DAY).await;
    sql.batch_execute(&format!("drop function {name} cascade")).await?;
    forgotten?;
    for table in ["notices", "notice_heads"] {
        let left = format!("select count(*) from {table} where account = $1");
        assert_eq!(sql.query_one(&left, &[&none]).await?.get::<_, i64>(0), 0, "{table}");
    }
    Ok(())
}
