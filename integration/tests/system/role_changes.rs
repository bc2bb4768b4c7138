//! A right that ends or rises takes effect in each call that waits, or that comes without a session.
//!
//! Not open sessions: see `sharing`. Invariant: what was refused has written nothing.

use std::fmt::Debug;

use client::net::Thread;
use client::{Client, Error};
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    NativeSession, Server, email_of, new_sheet, opened, sign_up, sign_up_with_token,
    wait_for_locks, within,
};
use ot_engine::{Delta, Revision};
use tokio::task::JoinSet;
use tonic::Code;
use uuid::Uuid;

use crate::chat::{refused, shared};

/// Sets the first cell by a call.
async fn set(client: &Client, sheet: &str) -> Result<u64, Error> {
    let (wait, set) = (v1::WaitFor::Accepted, Delta::set_cell(0, 0, 1.0));
    Ok(client.apply_delta(sheet, Revision(0), &set, wait, "").await?.revision)
}

/// Sends an edit in a session of an account that may not edit, and waits for its refusal.
async fn edit_is_refused(session: &mut NativeSession) {
    let commands = v1::CommandList { commands: vec![v1::Command::default()] };
    let change = Some(v1::edit::Change::Commands(commands));
    session.send(ClientFrame::Edit(v1::Edit { sequence: 1, change, ..v1::Edit::default() }));
    loop {
        if let Frame::Rejected(_) = within("an answer", session.next()).await.expect("is open") {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_raised_reaches_calls_without_a_session() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let (ben, token) = sign_up_with_token(&server).await;
    let (email, sheet) = (email_of(&ben).await, new_sheet(&ada, "Stock", 6).await);
    let _live = opened(&ada, &sheet).await;
    ada.share(&sheet, &email, Role::Viewer).await.expect("is shared");
    let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello).await;
    edit_is_refused(&mut session).await;
    drop(session);
    ada.share(&sheet, &email, Role::Editor).await.expect("is raised");
    set(&ben, &sheet).await.expect("an editor edits");
    ada.share(&sheet, &email, Role::Viewer).await.expect("is lowered");
    assert_eq!(refused(set(&ben, &sheet).await).0, Code::PermissionDenied);
    ada.unshare(&sheet, &email).await.expect("has a role");
    assert_eq!(refused(set(&ben, &sheet).await).0, Code::NotFound);
    ada.share(&sheet, &email, Role::Editor).await.expect("is shared again");
    set(&ben, &sheet).await.expect("an editor edits");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_sheet_is_refused_once_the_right_has_ended() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let email = email_of(&ben).await;
    let mut sheets = Vec::new();
    for _ in 0..5 {
        sheets.push(shared(&ada, &ben, Role::Editor).await);
    }
    let column = ada.sheet(&sheets[0]).await.expect("is the owner").columns[0].id.clone();
    let (lock, sql) = (server.sql().await, server.sql().await);
    let hold = "begin; lock table spans in access exclusive mode";
    lock.batch_execute(hold).await.expect("is locked");

    fn code<T: Debug>(outcome: Result<T, Error>) -> Code {
        refused(outcome).0
    }
    let mut calls = JoinSet::new();
    let of = |number: usize| (ben.clone(), sheets[number].clone());
    let (client, sheet) = of(0);
    calls.spawn(async move { ("edit", code(set(&client, &sheet).await)) });
    let (client, sheet) = of(1);
    calls.spawn(async move { ("read", code(client.read_cells(&sheet, 0..2).await)) });
    let (client, sheet) = of(2);
    calls.spawn(async move { ("locate", code(client.locate_rows(&sheet, &[1]).await)) });
    let (client, sheet) = of(3);
    calls.spawn(async move { ("comments", code(client.comments(&sheet, &[], true).await)) });
    let (client, sheet) = of(4);
    calls.spawn(async move {
        let id = Uuid::new_v4().to_string();
        ("comment", code(client.add_comment(&sheet, (1, &column), "why?", &id).await))
    });
    wait_for_locks(&sql, 5).await;
    for sheet in &sheets {
        ada.unshare(sheet, &email).await.expect("has a role");
    }
    lock.batch_execute("rollback").await.expect("is unlocked");
    while let Some(ended) = within("an answer", calls.join_next()).await {
        let (call, code) = ended.expect("ends");
        assert!([Code::PermissionDenied, Code::NotFound].contains(&code), "{call}: {code:?}");
    }
    assert_eq!(ada.read_cells(&sheets[0], 0..1).await.expect("is the owner").revision, 0);
    let threads = sql.query("select from threads", &[]).await.expect("a list");
    assert_eq!(threads.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_to_be_written_is_refused_once_the_right_has_ended() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let email = email_of(&ben).await;
    let sheet = shared(&ada, &ben, Role::Commenter).await;
    let thread = Thread::Sheet(sheet.clone());
    let own = ben.say(&thread, "first", &[]).await.expect("may write").message.expect("a message");
    let column = ada.sheet(&sheet).await.expect("is the owner").columns[0].id.clone();
    let id = Uuid::new_v4().to_string();
    let comment = ada.add_comment(&sheet, (1, &column), "why?", &id).await.expect("may comment");

    let (lock, sql) = (server.sql().await, server.sql().await);
    let hold = "begin; select from threads for update";
    for call in ["send", "edit", "reply", "resolve"] {
        ada.share(&sheet, &email, Role::Commenter).await.expect("is shared");
        lock.batch_execute(hold).await.expect("is locked");
        let (ben, thread, own, comment) =
            (ben.clone(), thread.clone(), own.clone(), comment.thread_id.clone());
        let waiting = tokio::spawn(async move {
            match call {
                "send" => ben.say(&thread, "late", &[]).await.map(drop),
                "edit" => ben.edit_message(&own.thread_id, own.number, "late").await.map(drop),
                "reply" => ben.say(&Thread::Id(comment), "late", &[]).await.map(drop),
                _ => ben.resolve_comment(&comment, true).await,
            }
        });
        wait_for_locks(&sql, 1).await;
        within("the end of the role", ada.unshare(&sheet, &email)).await.expect("has a role");
        lock.batch_execute("commit").await.expect("is unlocked");
        let outcome = within("an answer", waiting).await.expect("ends");
        let code = refused(outcome).0;
        assert!([Code::PermissionDenied, Code::NotFound].contains(&code), "{call}: {code:?}");
    }
    let late = "select count(*) from messages where text = 'late'";
    assert_eq!(sql.query_one(late, &[]).await.expect("a count").get::<_, i64>(0), 0);
    let resolved = "select count(*) from threads where resolved_at is not null or last > 1";
    assert_eq!(sql.query_one(resolved, &[]).await.expect("a count").get::<_, i64>(0), 0);
}
