//! Writers, guests and streams of notices that use all they may: other accounts are served meanwhile.
//!
//! Not the tables (the store's tests). Invariant: what waits for a locked row holds a bounded part of the connections to
//! Postgres, whatever the number of callers.

use std::time::Duration;

use client::net::{ListOptions, Thread};
use client::{Client, Error};
use gridloom::v1::{Role, SendMessageRequest, SendMessageResponse};
use integration::harness::{Server, eventually, new_sheet, sign_up};
use model::limits::edge::{
    CALLS_AT_ONCE, GUEST_MESSAGE_BYTES, MESSAGES_OF_GUEST, NOTICE_READS_OF_ACCOUNT, SHARE_LISTS,
    WRITES_OF_PLACE,
};
use tokio::task::JoinSet;
use tonic::Code;
use uuid::Uuid;

use crate::chat::{id_of, refused};

/// Far less than a call waits for a connection.
const SOON: Duration = Duration::from_secs(5);

/// Statements of the server that wait for a lock.
async fn waiting(sql: &tokio_postgres::Client) -> usize {
    let count = "select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and application_name = 'gridloom'";
    let count: i64 = sql.query_one(count, &[]).await.expect("a count").get(0);
    usize::try_from(count).expect("a count")
}

/// Fails unless calls of an account that shares nothing are answered soon, many times.
async fn is_served(client: &Client) {
    for _ in 0..20 {
        let listed = tokio::time::timeout(SOON, client.sheets(&ListOptions::default())).await;
        listed.expect("is answered soon").expect("may list");
    }
}

/// A guest of a link.
async fn guest(server: &Server, owner: &Client, sheet: &str, role: Role) -> Client {
    let link = owner.create_link(sheet, role, true, 0).await.expect("a link");
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    stranger.enter_as_guest(&link.token, "Guest").await.expect("guests may enter").0
}

/// Sends a message in one attempt.
async fn say_once(client: &Client, thread: &Thread) -> Result<SendMessageResponse, Error> {
    let (sheet_id, person_id) = match thread {
        Thread::Sheet(sheet) => (sheet.clone(), String::new()),
        Thread::Person(person) => (String::new(), person.clone()),
        Thread::Id(_) => panic!("not used here"),
    };
    let client_id = Uuid::new_v4().to_string();
    let text = "text".to_owned();
    let request = SendMessageRequest { sheet_id, person_id, client_id, text, ..Default::default() };
    client.send_message(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_thread_leave_connections_for_others() {
    let server = Server::start();
    let (ada, other) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let thread = Thread::Sheet(sheet.clone());
    ada.say(&thread, "first", &[]).await.expect("may write");
    let (lock, sql) = (server.sql().await, server.sql().await);
    lock.batch_execute("begin; select from threads for update").await.expect("locked");
    let mut flood = JoinSet::new();
    for _ in 0..3 {
        let guest = guest(&server, &ada, &sheet, Role::Commenter).await;
        for number in 0..CALLS_AT_ONCE {
            let (guest, thread) = (guest.clone(), thread.clone());
            flood.spawn(async move { guest.say(&thread, &number.to_string(), &[]).await });
        }
    }
    eventually("some wait", async || (waiting(&sql).await >= WRITES_OF_PLACE).then_some(())).await;
    is_served(&other).await;
    assert_eq!(waiting(&sql).await, WRITES_OF_PLACE);
    lock.batch_execute("commit").await.expect("unlocked");
    while let Some(sent) = flood.join_next().await {
        sent.expect("ends").expect("is sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_notices_of_one_account_read_in_turns() {
    const STREAMS: usize = 24;
    let server = Server::start();
    let (ada, other) = (sign_up(&server).await, sign_up(&server).await);
    let (lock, sql) = (server.sql().await, server.sql().await);
    let hold = "begin; lock table notices in access exclusive mode";
    lock.batch_execute(hold).await.expect("locked");
    let mut streams = JoinSet::new();
    for _ in 0..STREAMS {
        let mut notices = ada.watch_notices(None);
        streams.spawn(async move { notices.next().await });
    }
    let most = NOTICE_READS_OF_ACCOUNT;
    eventually("some wait", async || (waiting(&sql).await >= most).then_some(())).await;
    is_served(&other).await;
    assert_eq!(waiting(&sql).await, most);
    lock.batch_execute("commit").await.expect("unlocked");
    while let Some(begun) = streams.join_next().await {
        begun.expect("ends").expect("begins");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_begins_no_conversation_and_writes_less() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let guest = guest(&server, &ada, &sheet, Role::Commenter).await;
    let (to_ada, to_guest) =
        (Thread::Person(id_of(&ada).await), Thread::Person(id_of(&guest).await));
    let begun = refused(guest.say(&to_ada, "unasked", &[]).await);
    assert_eq!(begun, (Code::PermissionDenied, "GUEST".to_owned()));
    ada.say(&to_guest, "hello", &[]).await.expect("shares a sheet");
    guest.say(&to_ada, "answer", &[]).await.expect("was written to");

    let sql = server.sql().await;
    let full = "update message_bytes set bytes = $1 where account = $2::text::uuid";
    let bytes = i64::try_from(GUEST_MESSAGE_BYTES).expect("small");
    let id = id_of(&guest).await;
    assert_eq!(sql.execute(full, &[&bytes, &id]).await.expect("is set"), 1);
    let above = refused(say_once(&guest, &to_ada).await);
    assert_eq!(above, (Code::ResourceExhausted, "QUOTA_EXCEEDED".to_owned()));
    sql.execute(full, &[&0i64, &id]).await.expect("is set");

    let thread = Thread::Sheet(sheet);
    let mut sent = 0;
    let limited = loop {
        match say_once(&guest, &thread).await {
            Ok(_) => sent += 1,
            refusal => break refused(refusal),
        }
        assert!(sent < 20 * MESSAGES_OF_GUEST.burst, "no bound");
    };
    assert_eq!(limited, (Code::ResourceExhausted, "RATE_LIMITED".to_owned()));
    assert!(sent < 2 * MESSAGES_OF_GUEST.burst, "{sent} messages");
    ada.say(&thread, "a person has a rate of its own", &[]).await.expect("may write");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_on_a_sheet_are_listed_at_a_rate() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let mut listed = 0;
    let limited = loop {
        match ada.shares(&sheet).await {
            Ok(_) => listed += 1,
            refusal => break refused(refusal),
        }
        assert!(listed < 20 * SHARE_LISTS.burst, "no bound");
    };
    assert_eq!(limited, (Code::ResourceExhausted, "RATE_LIMITED".to_owned()));
    assert!(listed >= SHARE_LISTS.burst);
    let own = new_sheet(&ben, "Own", 6).await;
    ben.shares(&own).await.expect("has a rate of its own");
}
