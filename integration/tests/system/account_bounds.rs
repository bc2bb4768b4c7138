//! The bounds of accounts from outside: tokens, guests, members of links, and sheets that are given away.
//!
//! Not passwords (`resets`, `owner`) and not roles (`sharing`). Invariant: each bound is the server's own, and what is
//! beyond it is written to the tables directly.

use std::time::Duration;

use client::net::NewSheet;
use client::{Client, Error};
use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::server_frame::Frame;
use gridloom::v1::{DeleteAccountRequest, Role};
use integration::harness::{
    Gridctl, NativeSession, PASSWORD, Server, authorized, email_of, eventually, new_sheet, opened,
    sign_up, sign_up_with_token, within,
};
use tonic::{Code, Status};

use crate::chat::share;
use crate::two_servers::Two;

const NEW: &str = "a quite new password";

fn reason(error: &Error) -> String {
    let Error::Refused(refusal) = error else { panic!("not refused by the server: {error}") };
    refusal.reason.clone().expect("the server's own errors have a reason")
}

async fn at(server: &Server, token: &str) -> Client {
    let client = Client::connect(server.url()).await.expect("the server is there");
    client.with_token(token).expect("a token")
}

/// How a session ends.
async fn end(session: &mut NativeSession) -> Status {
    loop {
        if let Err(status) = within("the end", session.next()).await {
            return status;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_many_tokens_reaches_each_server_at_once_and_leaves_the_kept_one() {
    let two = Two::start().await;
    let (ada, token) = sign_up_with_token(&two.here).await;
    let (email, sheet) = (email_of(&ada).await, new_sheet(&ada, "Stock", 6).await);
    let stranger = Client::connect(two.here.url()).await.expect("the server is there");
    let (_, other) = stranger.sign_in(&email, PASSWORD).await.expect("signs in");
    let (kept_there, other_there) =
        (at(&two.there, &token).await, at(&two.there, &other.token).await);
    for client in [&kept_there, &other_there] {
        client.who_am_i().await.expect("the other server has looked it up");
    }
    let (mut kept, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    let (mut ended, _) = NativeSession::join(two.there.url(), &other.token, &sheet).await;
    ada.change_password(PASSWORD, NEW).await.expect("is changed");
    assert_eq!(end(&mut ended).await.code(), Code::Unauthenticated);
    let refused = other_there.who_am_i().await.expect_err("has ended");
    assert_eq!(reason(&refused), "TOKEN_INVALID");
    kept_there.who_am_i().await.expect("the token of the call stays");
    ada.sign_out_everywhere().await.expect("signs out");
    assert_eq!(end(&mut kept).await.code(), Code::Unauthenticated);
    assert_eq!(reason(&kept_there.who_am_i().await.expect_err("has ended")), "TOKEN_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_beyond_the_most_tokens_ends_the_one_used_longest_ago_and_reports_it() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let email = email_of(&ada).await;
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let (first, session) = stranger.sign_in(&email, PASSWORD).await.expect("signs in");
    assert_eq!(session.ended_tokens, 0);
    let sql = server.sql().await;
    let fill = "insert into tokens (hash, account, created_at, expires_at, used_at)
        select sha256(n::text::bytea), id, now(), now() + interval '1 day', now() - interval '1 hour'
        from accounts, generate_series(1, 998) n where email = $1";
    sql.execute(fill, &[&email]).await.expect("are there");
    let unused = "update tokens set used_at = now() - interval '1 day' where account =
        (select id from accounts where email = $1) and device <> '' and created_at =
        (select max(created_at) from tokens where device <> '')";
    assert_eq!(sql.execute(unused, &[&email]).await.expect("is changed"), 1);
    let (_, session) = stranger.sign_in(&email, PASSWORD).await.expect("signs in");
    assert_eq!(session.ended_tokens, 1, "the account had the most it may have");
    assert_eq!(reason(&first.who_am_i().await.expect_err("was used longest ago")), "TOKEN_INVALID");
    ada.who_am_i().await.expect("was used later");
    assert_eq!(ada.tokens().await.expect("is signed in").len(), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_very_many_have_opened_is_refused_by_name_until_guests_are_gone() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let link = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("a link");
    let sql = server.sql().await;
    let fill = "with guests as (
            insert into accounts (id, display_name, created_at)
            select gen_random_uuid(), 'Guest', now() - interval '100 days'
            from generate_series(1, 10000) returning id)
        insert into link_members (link, account, opened_at)
        select links.id, guests.id, now() - interval '100 days' from links, guests";
    assert_eq!(sql.execute(fill, &[]).await.expect("are there"), 10_000);
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let guest = stranger.enter_as_guest(&link.token, "Cy").await.map(|_| ());
    let member = ben.open_link(&link.token).await.map(|_| ());
    for refused in [guest, member] {
        let refused = refused.expect_err("the link is full");
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Some(Code::ResourceExhausted), "LINK_FULL".to_owned())
        );
        assert!(refused.to_string().contains("another link"), "{refused}");
    }
    // The next run of the job begins now.
    let due = "update jobs set run_at = now() where kind = 'sweep' and state = 'waiting'";
    let count = "select count(*) from accounts where email is null";
    eventually("guests whose tokens have ended are deleted", async || {
        sql.execute(due, &[]).await.expect("is due");
        let left: i64 = sql.query_one(count, &[]).await.expect("answers").get(0);
        (left == 0).then_some(())
    })
    .await;
    ben.open_link(&link.token).await.expect("the link has room again");
    assert_eq!(ben.sheet(&sheet).await.expect("is shared").role(), Role::Viewer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_with_more_bytes_than_the_new_owner_has_left_is_not_transferred() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let (sheet, of_ben) = (new_sheet(&ada, "Stock", 6).await, email_of(&ben).await);
    new_sheet(&ben, "Own", 6).await;
    ada.share(&sheet, &of_ben, Role::Viewer).await.expect("is shared");
    ben.sheet(&sheet).await.expect("opens it");
    let limit = ada.usage().await.expect("is signed in").limits.expect("limits").account_bytes;
    let bytes = i64::try_from(limit).expect("fits") - 5_000;
    let sql = server.sql().await;
    // As after a measurement, so that nothing measures it again.
    let grow = "update sheets set measured_bytes = $1, written_bytes = 0 where name = 'Stock'";
    sql.execute(grow, &[&bytes]).await.expect("is large");
    let refused = ada.transfer_sheet(&sheet, &of_ben).await.expect_err("ben has not the room");
    assert_eq!(reason(&refused), "RECIPIENT_FULL", "{refused}");
    assert_eq!(ada.sheet(&sheet).await.expect("is hers still").role(), Role::Owner);
    sql.execute(grow, &[&1_000_i64]).await.expect("is small");
    ada.transfer_sheet(&sheet, &of_ben).await.expect("ben has the room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transferred_sheet_is_loaded_again_at_each_server() {
    let two = Two::start().await;
    let (ada, token) = sign_up_with_token(&two.here).await;
    let ben = sign_up(&two.here).await;
    let (sheet, of_ben) = (new_sheet(&ada, "Stock", 6).await, email_of(&ben).await);
    ada.share(&sheet, &of_ben, Role::Editor).await.expect("is shared");
    ben.sheet(&sheet).await.expect("opens it");
    let (mut there, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    ada.transfer_sheet(&sheet, &of_ben).await.expect("is transferred");
    assert_eq!(end(&mut there).await.code(), Code::Unavailable, "the session resumes");
    let hello = gridloom::v1::Hello { sheet_id: sheet, ..Default::default() };
    let mut again = NativeSession::open(&two.there, &token, hello).await;
    let Ok(Frame::Welcome(welcome)) = again.next().await else { panic!("no welcome") };
    assert_eq!(welcome.role(), Role::Editor);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_with_an_answer_for_its_sheets() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let (of_ada, of_ben) = (email_of(&ada).await, email_of(&ben).await);
    let (kept, shared) = (new_sheet(&ada, "Kept", 6).await, new_sheet(&ben, "Shared", 6).await);
    ben.share(&shared, &of_ada, Role::Editor).await.expect("is shared");
    ada.sheet(&shared).await.expect("opens it");
    let refused = ada.delete_account("another password", true, "").await.expect_err("is wrong");
    assert_eq!(refused.code(), Some(Code::InvalidArgument), "{refused}");
    let refused = ada.delete_account(PASSWORD, false, "").await.expect_err("owns a sheet");
    assert_eq!(reason(&refused), "OWNS_SHEETS", "{refused}");
    let refused = ada.delete_account(PASSWORD, false, &of_ben).await.expect_err("is not opened");
    assert_eq!(reason(&refused), "NOT_OPENED", "{refused}");
    ada.share(&kept, &of_ben, Role::Viewer).await.expect("is shared");
    ben.sheet(&kept).await.expect("opens it");
    ada.delete_account(PASSWORD, false, &of_ben).await.expect("is deleted");
    assert_eq!(reason(&ada.who_am_i().await.expect_err("has ended")), "TOKEN_INVALID");
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let gone = stranger.sign_in(&of_ada, PASSWORD).await.expect_err("is gone");
    assert_eq!(reason(&gone), "BAD_CREDENTIALS");
    assert_eq!(ben.sheet(&kept).await.expect("is his").role(), Role::Owner);
    let seen = ben.shares(&shared).await.expect("is his");
    assert_eq!(seen.shares.len(), 1, "the role of the account has ended: {seen:?}");
    // The address is free, and has no role of the former account.
    let (again, _) = stranger.sign_up(&of_ada, PASSWORD, "").await.expect("is free");
    assert_eq!(again.sheet(&shared).await.expect_err("is not shared").code(), Some(Code::NotFound));
    let (live, own) = (opened(&ben, &kept).await, new_sheet(&ben, "Own", 6).await);
    ben.delete_account(PASSWORD, true, "").await.expect("is deleted with its sheets");
    for sheet in [&kept, &own, &shared] {
        let gone = again.sheet(sheet).await.expect_err("is deleted");
        assert_eq!(gone.code(), Some(Code::NotFound), "{gone}");
    }
    drop(live);
}

/// Two sheets of one account that another one has opened.
async fn two_sheets(ada: &Client, ben: &Client) -> [String; 2] {
    let sheet = async |name| {
        let sheet = new_sheet(ada, name, 6).await;
        share(ada, &sheet, ben, Role::Viewer).await;
        sheet
    };
    [sheet("One").await, sheet("Two").await]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sheet_is_given_away_where_the_recipient_has_no_room_for_all() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let of_ben = email_of(&ben).await;
    let sheets = two_sheets(&ada, &ben).await;
    let limit = ada.usage().await.expect("is signed in").limits.expect("limits").account_bytes;
    let sql = server.sql().await;
    let grow = "update sheets set measured_bytes = $1, written_bytes = 0";
    // Either has room, both have none.
    let bytes = i64::try_from(limit).expect("fits") / 3 * 2;
    sql.execute(grow, &[&bytes]).await.expect("are large");
    let refused = ada.delete_account(PASSWORD, false, &of_ben).await.expect_err("has no room");
    assert_eq!(reason(&refused), "RECIPIENT_FULL", "{refused}");
    for sheet in &sheets {
        assert_eq!(ada.sheet(sheet).await.expect("is hers").role(), Role::Owner);
    }
    sql.execute(grow, &[&1_000_i64]).await.expect("are small");
    ada.delete_account(PASSWORD, false, &of_ben).await.expect("ben has the room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_the_middle_says_how_many_sheets_were_given_away_before_it() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let of_ben = email_of(&ben).await;
    let sheets = two_sheets(&ada, &ben).await;
    let limit = ada.usage().await.expect("is signed in").limits.expect("limits").account_bytes;
    // The first transfer fills the sheet that is left, as edits at that moment would.
    let fill = format!(
        "create function fill() returns trigger language plpgsql as $$ begin
            update sheets set measured_bytes = {limit}, written_bytes = 0 where owner = old.owner;
            return null;
        end $$;
        create trigger fill after update of owner on sheets for each row execute function fill()"
    );
    server.sql().await.batch_execute(&fill).await.expect("is made");
    let refused = ada.delete_account(PASSWORD, false, &of_ben).await.expect_err("has no room");
    assert_eq!(reason(&refused), "RECIPIENT_FULL", "{refused}");
    let text = refused.to_string();
    assert!(text.contains("1 sheet was given away before this, and stays so; "), "{text}");
    let mut owned = 0;
    for sheet in &sheets {
        owned += usize::from(ada.sheet(sheet).await.expect("is shared").role() == Role::Owner);
    }
    assert_eq!(owned, 1, "the other one is ben's");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_many_sheets_is_deleted_by_calls_of_bounded_length() {
    let server = Server::start();
    let (ada, token) = sign_up_with_token(&server).await;
    for number in 0..210 {
        ada.create_sheet(&format!("Sheet {number}"), NewSheet::default()).await.expect("is made");
    }
    let sql = server.sql().await;
    let left = async || -> i64 {
        let count = "select count(*) from sheets where deleted_at is null";
        sql.query_one(count, &[]).await.expect("a count").get(0)
    };
    let channel = tonic::transport::Channel::from_shared(server.url().to_owned());
    let channel = channel.expect("an address").connect().await.expect("the server is there");
    let password = PASSWORD.to_owned();
    let request = DeleteAccountRequest { password, delete_sheets: true, ..Default::default() };
    let mut accounts = AccountServiceClient::new(channel);
    let part = accounts.delete_account(authorized(request, &token)).await.expect_err("is a part");
    assert_eq!(part.code(), Code::Aborted, "{part}");
    assert_eq!(left().await, 110);
    // The SDK makes the call again until the account is gone.
    ada.delete_account(PASSWORD, true, "").await.expect("is deleted");
    assert_eq!(left().await, 0);
    assert_eq!(reason(&ada.who_am_i().await.expect_err("has ended")), "TOKEN_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_whose_caller_leaves_ends_the_sessions_of_the_token_that_it_replaces() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let email = email_of(&ada).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let (_, session) = stranger.sign_in(&email, PASSWORD).await.expect("signs in");
    let (mut live, _) = NativeSession::join(server.url(), &session.token, &sheet).await;
    let (sql, other) = (server.sql().await, server.sql().await);
    let fill = "insert into tokens (hash, account, created_at, expires_at, used_at)
        select sha256(n::text::bytea), id, now(), now() + interval '1 day', now() - interval '1 hour'
        from accounts, generate_series(1, 998) n where email = $1";
    sql.execute(fill, &[&email]).await.expect("are there");
    let unused = "update tokens set used_at = now() - interval '1 day' where device <> '' and
        created_at = (select max(created_at) from tokens where device <> '')";
    assert_eq!(sql.execute(unused, &[]).await.expect("is changed"), 1);
    // The deletion of the token waits, and its caller leaves meanwhile.
    sql.batch_execute("begin; select 1 from tokens for update").await.expect("are locked");
    let caller = tokio::spawn(async move { stranger.sign_in(&email, PASSWORD).await.map(drop) });
    let waits = "select 1 from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%insert into tokens%' limit 1";
    eventually("it waits", async || other.query_opt(waits, &[]).await.expect("an answer")).await;
    caller.abort();
    assert!(caller.await.expect_err("has left").is_cancelled());
    sql.batch_execute("commit").await.expect("are free");
    // Well before the next look at all tokens.
    let ended = tokio::time::timeout(Duration::from_secs(20), end(&mut live)).await;
    assert_eq!(ended.expect("it ends at once").code(), Code::Unauthenticated);
}

#[test]
fn the_command_line_deletes_an_account() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    drop(gridctl.run(&["create", "Stock"]).success());
    let refused = gridctl.run(&["delete-account"]);
    assert!(!refused.status.success() && refused.stderr.contains("owns 1 sheets"), "{refused:?}");
    drop(gridctl.run(&["delete-account", "--delete-sheets"]).success());
    assert!(!gridctl.run(&["sign-in", "clerk@example.org"]).status.success());
}
