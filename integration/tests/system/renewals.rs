//! Tokens that take the place of others: how long they are valid, and what ends them.
//!
//! Programs renew theirs, as a page does, which a browser plays. Invariant: all tokens of one sign-in end with it.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::net::TokenPlace;
use client::{Client, Error};
use gridloom::v1::notice_service_watch_response::Event;
use gridloom::v1::{Role, Session};
use integration::harness::{
    DEADLINE, Gridctl, PASSWORD, Process, Server, email_of, eventually, new_sheet, opened,
    sign_up_with_token, within,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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
    let (sent, mut renewed) = unbounded_channel();
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

/// The former token, and the renewed one that its place does not keep.
type Refused = (String, Session);

/// A place that keeps no renewed token, as a file that can't be written.
struct ReadOnly {
    token: Arc<Mutex<String>>,
    refused: UnboundedSender<Refused>,
}

impl ReadOnly {
    /// The place, its token, and what it refuses to keep.
    fn of(token: &str) -> (Self, Arc<Mutex<String>>, UnboundedReceiver<Refused>) {
        let token = Arc::new(Mutex::new(token.to_owned()));
        let (sent, refused) = unbounded_channel();
        (Self { token: Arc::clone(&token), refused: sent }, token, refused)
    }
}

impl TokenPlace for ReadOnly {
    fn kept(&mut self) -> Option<String> {
        Some(self.token.lock().expect("no holder panics").clone())
    }

    fn keep(&mut self, former: &str, renewed: &Session) {
        // The test may have ended.
        let _ = self.refused.send((former.to_owned(), renewed.clone()));
    }
}

/// Waits until a client uses a token.
async fn uses(client: &Client, session: &Session) {
    eventually("the token is used", async || {
        let own = client.who_am_i().await.expect("is signed in");
        (own.expires_micros == session.expires_micros).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_its_place_does_not_keep_stays_and_gives_way_to_a_new_sign_in() {
    let server = Server::start_with(&["--token-seconds", "24"]);
    let (ada, former) = sign_up_with_token(&server).await;
    let (place, shared, mut refused) = ReadOnly::of(&former);
    let _renewal = ada.keep_signed_in_at(place).await.expect("is signed in");
    let (replaced, first) = within("it is renewed", refused.recv()).await.expect("it runs");
    assert_eq!(replaced, former);
    uses(&ada, &first).await;
    // Ten seconds later, while the former token is valid still.
    let (replaced, again) = within("it is kept again", refused.recv()).await.expect("it runs");
    assert_eq!((&replaced, &again.token), (&former, &first.token), "no other one is renewed");
    let own = ada.who_am_i().await.expect("is signed in");
    assert!(own.expires_micros >= first.expires_micros, "the former one is not used again");
    let (_, session) = ada.sign_in(&email_of(&ada).await, PASSWORD).await.expect("signs in");
    *shared.lock().expect("no holder panics") = session.token.clone();
    uses(&ada, &session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_token_that_ends_much_earlier_is_renewed_before_it_is_used() {
    let server = Server::start();
    let (first, replaced) = sign_up_with_token(&server).await;
    let (ada, own) = first.renew_token().await.expect("is valid");
    let (place, _, mut refused) = ReadOnly::of(&replaced);
    let _renewal = ada.keep_signed_in_at(place).await.expect("is signed in");
    let (former, renewed) = within("it is renewed", refused.recv()).await.expect("it runs");
    assert_eq!(former, replaced);
    assert!(renewed.expires_micros > own.expires_micros, "it does not end in five minutes");
    uses(&ada, &renewed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_reports_once_that_a_renewed_token_is_not_saved_and_saves_it_later() {
    let server = Server::start_with(&["--token-seconds", "12"]);
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let _ = gridctl.run(&["create", "Stock"]).success();
    let former = saved_token(&gridctl);
    let tail = gridctl.start(&["tail", "Stock"]);
    // The command writes to a file of this name first. A directory is in its way, also as root.
    let in_the_way = gridctl.tokens().with_extension(format!("json.{}", tail.id()));
    fs::create_dir(&in_the_way).expect("can be created");
    let directory = gridctl.tokens().ancestors().nth(2).expect("is there").to_owned();
    let errors = directory.join("errors");
    let reports = |text: &str| fs::read_to_string(&errors).expect("is there").matches(text).count();
    let not_saved = "the renewed token is not saved";
    eventually("it is reported", async || (reports(not_saved) > 0).then_some(())).await;
    let sql = server.sql().await;
    let hashes = sql.query("select hash from tokens", &[]).await.expect("answers");
    let known: Vec<Vec<u8>> = hashes.iter().map(|row| row.get(0)).collect();
    let next = "select 1 from tokens where hash <> all($1) limit 1";
    eventually("the token is renewed again", async || {
        sql.query_opt(next, &[&known]).await.expect("answers")
    })
    .await;
    assert_eq!(saved_token(&gridctl), former);
    fs::remove_dir(&in_the_way).expect("is empty");
    eventually("a renewed token is saved", async || {
        (reports("the renewed token is saved now") > 0).then_some(())
    })
    .await;
    assert!(gridctl.run(&["whoami"]).success().contains("clerk@example.org"));
    assert_eq!(reports(not_saved), 1, "later failures are the same");
}
