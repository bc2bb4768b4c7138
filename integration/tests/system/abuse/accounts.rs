//! Accounts above their rate limits, over many sessions or calls.
//!
//! Not the limits of one session. Invariant: a refused account has a retry delay, and other accounts are served.

use client::Client;
use client::net::{Error, NewSheet, Refusal};
use gridloom::v1;
use integration::harness::{NativeSession, Server, sign_up_with_token};
use ot_engine::{Delta, Revision};
use tonic::Code;

use super::sessions::{answer, edit};

/// Attempts until one must have been refused: each takes far less than the second in which one more is
/// allowed.
const ATTEMPTS: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_edits_no_faster_with_many_sessions() {
    let flags = ["--limit-account-edits-per-second", "1", "--limit-account-edits-burst", "5"];
    let server = Server::start_with(&flags);
    let (client, token) = sign_up_with_token(&server).await;
    let sheets = [new_sheet(&client).await, new_sheet(&client).await];
    let mut refusal = None;
    // A session for each edit, so that no session exceeds its own limit.
    for sheet in sheets.iter().cycle().take(ATTEMPTS) {
        let hello = v1::Hello { sheet_id: sheet.clone(), ..v1::Hello::default() };
        let mut session = NativeSession::open(&server, &token, hello).await;
        session.send(edit(1, "x"));
        refusal = answer(&mut session, 1).await.err();
        if refusal.is_some() {
            break;
        }
    }
    let refusal = refusal.expect("it was too fast");
    assert!(refusal.contains("ResourceExhausted") && refusal.contains("RetryInfo"), "{refusal}");

    // Calls count towards the account's limit, and other accounts have limits of their own.
    let refused = refusal_of(async || set_cell(&client, &sheets[0]).await).await;
    assert!(refused.retry_after.is_some(), "{refused:?}");
    let log = server.home().log_tail();
    assert!(log.contains("session refused for a limit reason=\"RATE_LIMITED\""), "{log}");
    assert!(log.contains("call refused for a limit account="), "{log}");
    let (other, _) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&other).await;
    set_cell(&other, &sheet).await.expect("another account is not delayed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_calls_no_faster_than_it_may() {
    let flags = ["--limit-account-calls-per-second", "1", "--limit-account-calls-burst", "5"];
    let server = Server::start_with(&flags);
    let (client, _) = sign_up_with_token(&server).await;
    let refused = refusal_of(async || client.who_am_i().await).await;
    assert!(refused.retry_after.is_some(), "{refused:?}");
    let log = server.home().log_tail();
    assert!(log.contains("what=\"calls of one account\""), "{log}");
    let (other, _) = sign_up_with_token(&server).await;
    other.who_am_i().await.expect("another account is not delayed");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_filter_of_the_log_shows_a_secret() {
    let server =
        Server::start_with(&["--log", "debug,tokio_postgres::query=trace,tokio_postgres=trace"]);
    let (client, token) = sign_up_with_token(&server).await;
    client.who_am_i().await.expect("is signed in");
    let (stopped, _) = server.stop();
    let log = std::fs::read_to_string(stopped.home().log()).expect("is written");
    assert!(log.contains("DEBUG"), "the filter takes effect");
    for secret in ["$argon2id", &token] {
        assert!(!log.contains(secret), "{log}");
    }
}

/// Calls again and again until the server refuses one. Returns the refusal.
async fn refusal_of<T>(call: impl AsyncFn() -> Result<T, Error>) -> Refusal {
    for _ in 0..ATTEMPTS {
        match call().await {
            Ok(_) => {}
            Err(Error::Refused(refusal)) => {
                assert_eq!(refusal.code, Code::ResourceExhausted, "{refusal:?}");
                assert_eq!(refusal.reason.as_deref(), Some("RATE_LIMITED"));
                return *refusal;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("all calls were taken");
}

async fn set_cell(client: &Client, sheet: &str) -> Result<v1::ApplyEditsResponse, Error> {
    let delta = Delta::set_cell(0, 0, "x");
    client.apply_delta(sheet, Revision(0), &delta, v1::WaitFor::Accepted, "").await
}

async fn new_sheet(client: &Client) -> String {
    client.create_sheet("Much", NewSheet::default()).await.expect("is made").id
}
