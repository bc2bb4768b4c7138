//! Tokens that take the place of others: how long they are valid, and what ends them.
//!
//! Programs renew theirs, as a page does, which a browser plays. Invariant: all tokens of one sign-in end with it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use client::{Client, Error};
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{
    DEADLINE, Gridctl, PASSWORD, Process, Server, email_of, eventually, new_sheet, opened,
    sign_up_with_token, within,
};

const NEW: &str = "a quite new password";
const MINUTE_MICROS: i64 = 60_000_000;
const DAY_MICROS: i64 = 24 * 60 * MINUTE_MICROS;

/// The reason of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer.expect_err("is refused") {
        Error::Refused(refusal) => refusal.reason.unwrap_or_default(),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_and_the_old_one_ends_soon() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    // The token of the call stays, and is renewed with the new password.
    ada.change_password(PASSWORD, NEW).await.expect("is changed");
    let (renewed, session) = ada.renew_token().await.expect("is valid");
    assert!((12 * 3600 - 60..=12 * 3600).contains(&session.valid_seconds));
    assert!(session.account.expect("an account").email.contains('@'));
    ada.who_am_i().await.expect("calls under way change to the new one");
    renewed.who_am_i().await.expect("is valid");
    let tokens = renewed.tokens().await.expect("is signed in");
    assert_eq!(tokens.len(), 1, "one sign-in: {tokens:?}");
    assert!(tokens[0].current && tokens[0].expires_micros == session.expires_micros);
    let old = ada.tokens().await.expect("is signed in");
    assert_eq!((old.len(), old[0].current), (1, true));
    assert_eq!(tokens[0].created_micros, old[0].created_micros, "the time of the sign-in");
    let left = old[0].expires_micros - old[0].created_micros;
    assert!((0..=6 * MINUTE_MICROS).contains(&left), "{left} microseconds are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_until_their_sign_in_is_too_old() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let sql = server.sql().await;
    let age = async |of: &str, left: &str| {
        let moved = format!(
            "update tokens set signed_in_at = now() - interval '{of}', expires_at = now() + interval '{left}'"
        );
        sql.execute(&moved, &[]).await.expect("there are tokens");
    };
    age("89 days", "6 hours").await;
    let (renewed, session) = ada.renew_token().await.expect("the sign-in is valid still");
    assert!(session.valid_seconds > 11 * 3600, "another day is left");
    age("89 days 18 hours", "5 hours").await;
    let (last, session) = renewed.renew_token().await.expect("the sign-in is valid still");
    assert!((5 * 3600..=6 * 3600).contains(&session.valid_seconds), "{}", session.valid_seconds);
    let tokens = last.tokens().await.expect("is signed in");
    let own = tokens.iter().find(|token| token.current).expect("is listed");
    assert_eq!(own.expires_micros - own.created_micros, 90 * DAY_MICROS);
    assert_eq!(refused(last.renew_token().await), "SIGN_IN_TOO_OLD");
    last.who_am_i().await.expect("is valid to its end");
    let (again, _) = last.sign_in(&email_of(&last).await, PASSWORD).await.expect("signs in");
    again.renew_token().await.expect("is a new sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_ends_replaced_and_renewed_tokens_of_its_sign_in_alone() {
    let server = Server::start();
    let (first, _) = sign_up_with_token(&server).await;
    let email = email_of(&first).await;
    let (other, _) = first.sign_in(&email, PASSWORD).await.expect("signs in");
    let (second, _) = first.renew_token().await.expect("is valid");
    let (third, _) = second.renew_token().await.expect("is valid");
    for token in [&first, &second, &third] {
        token.who_am_i().await.expect("is valid");
    }
    second.sign_out().await.expect("is valid");
    for token in [&first, &second, &third] {
        assert_eq!(refused(token.who_am_i().await), "TOKEN_INVALID");
    }
    other.who_am_i().await.expect("is another sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_takes_those_of_its_sign_in_with_it() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let email = email_of(&ada).await;
    let (lost, _) = ada.sign_in(&email, PASSWORD).await.expect("signs in");
    let (renewed, _) = lost.renew_token().await.expect("is valid");
    let listed = lost.tokens().await.expect("is signed in");
    let replaced = listed.iter().find(|token| token.current).expect("is listed");
    let own = renewed.tokens().await.expect("is signed in");
    // Of its own sign-in a token revokes one alone: the others are those of the caller.
    renewed.revoke_token(&replaced.id).await.expect("is replaced");
    assert_eq!(refused(lost.who_am_i().await), "TOKEN_INVALID");
    let renewed_id = &own.iter().find(|token| token.current).expect("is listed").id;
    let (next, _) = renewed.renew_token().await.expect("is valid");
    ada.revoke_token(renewed_id).await.expect("is listed");
    for token in [&renewed, &next] {
        assert_eq!(refused(token.who_am_i().await), "TOKEN_INVALID");
    }
    ada.who_am_i().await.expect("is another sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_keep_signed_in_outlive_their_tokens_in_sessions_and_streams() {
    let server = Server::start_with(&["--token-seconds", "12"]);
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let id = gridctl.run(&["create", "Stock"]).success();
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let (ada, _) = stranger.sign_in("clerk@example.org", PASSWORD).await.expect("signs in");
    let id = id.split_whitespace().next().expect("the line begins with the id");
    let (sent, mut renewed) = tokio::sync::mpsc::unbounded_channel();
    let renewal = ada.keep_signed_in(move |session| drop(sent.send(session.token.clone())));
    let _renewal = renewal.await.expect("is signed in");
    let live = opened(&ada, id).await;
    let mut notices = ada.watch_notices(None);
    notices.next().await.expect("is opened");
    let mut tail = gridctl.start(&["tail", "Stock"]);
    // The third one takes its place after eighteen seconds.
    for _ in 0..3 {
        renewed.recv().await.expect("is renewed before it ends");
    }
    let ticket = live.set(0, 0, 1.0).await.expect("the session is open");
    ticket.accepted().await.expect("its token is valid");
    assert!(tail.next_line(DEADLINE).is_some(), "the session of the command is open, too");
    assert!(gridctl.run(&["whoami"]).success().contains("clerk@example.org"), "it saves the token");
    let (ben, _) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&ben, "Other", 6).await;
    ben.share(&sheet, "clerk@example.org", Role::Viewer).await.expect("is shared");
    let event = tokio::time::timeout(DEADLINE, notices.next()).await.expect("in time");
    assert!(matches!(event, Ok(Event::Notice(_))), "{event:?}");
}

/// The first token in a file of saved ones.
fn saved_token(gridctl: &Gridctl) -> String {
    let text = fs::read_to_string(gridctl.tokens()).expect("is saved");
    let tokens: BTreeMap<String, String> = serde_json::from_str(&text).expect("an object");
    tokens.into_values().next().expect("one server")
}

/// Whether a command shows a change with this text, after earlier ones.
fn shown(tail: &mut Process, text: &str) -> bool {
    std::iter::from_fn(|| tail.next_line(DEADLINE)).any(|line| line.contains(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_share_a_saved_token_use_the_one_that_another_of_them_has_renewed() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let line = gridctl.run(&["create", "Stock"]).success();
    let id = line.split_whitespace().next().expect("the line begins with the id");
    let mut tail = gridctl.start(&["tail", "Stock", "--json"]);
    // The other program.
    let former = saved_token(&gridctl);
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let ada = stranger.with_token(&former).expect("a token");
    let (other, _) = ada.sign_in("clerk@example.org", PASSWORD).await.expect("signs in");
    let live = opened(&other, id).await;
    let set = async |value: f64| {
        let ticket = live.set(0, 0, value).await.expect("the session is open");
        ticket.accepted().await.expect("its token is valid");
    };
    within("the command shows a change", async {
        while tail.next_line(Duration::from_millis(200)).is_none() {
            set(0.5).await;
        }
    })
    .await;
    let listed = ada.tokens().await.expect("is signed in");
    let former_id = &listed.iter().find(|token| token.current).expect("is listed").id;
    let (renewed, session) = ada.renew_token().await.expect("is valid");
    let sql = server.sql().await;
    let unused = "update tokens set used_at = now() - interval '1 day'";
    sql.execute(unused, &[]).await.expect("there are tokens");
    let text = fs::read_to_string(gridctl.tokens()).expect("is saved");
    fs::write(gridctl.tokens(), text.replace(&former, &session.token)).expect("is saved");
    let used = "select 1 from tokens where used_at > now() - interval '1 hour'
        and hash = sha256(convert_to($1, 'UTF8'))";
    eventually("the command uses the token that is saved", async || {
        sql.query_opt(used, &[&session.token]).await.expect("answers")
    })
    .await;
    set(2.5).await;
    assert!(shown(&mut tail, "2.5"), "its session is open");
    // As after the five minutes for which the former one is valid still.
    renewed.revoke_token(former_id).await.expect("is replaced");
    assert_eq!(refused(ada.who_am_i().await), "TOKEN_INVALID");
    set(3.5).await;
    assert!(shown(&mut tail, "3.5"), "its session has the renewed token");
}
