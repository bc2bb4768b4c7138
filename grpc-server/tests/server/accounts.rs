//! Sign up, sign in, sign out: each answer, each refusal, and the calls that need a token.

use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use gridloom::v1;
use model::limits::edge::PAIR_SIGN_IN_WAIT;
use tonic::Code;

use crate::harness::{PASSWORD, TestServer, refused, refused_field};

fn sign_in(email: &str, password: &str) -> v1::SignInRequest {
    v1::SignInRequest { email: email.into(), password: password.into() }
}

fn sign_up(email: &str, password: &str, display_name: &str) -> v1::SignUpRequest {
    let (email, password) = (email.into(), password.into());
    v1::SignUpRequest { email, password, display_name: display_name.into(), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_signs_up_in_and_out() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("Ada@Example.org").await;
    let me = ada.accounts.who_am_i(v1::WhoAmIRequest::default()).await.unwrap().into_inner();
    let account = me.account.unwrap();
    assert_eq!((&*account.email, &*account.display_name), ("ada@example.org", "ada"));

    let session = server.accounts().sign_in(sign_in("ADA@example.org", PASSWORD)).await.unwrap();
    let session = session.into_inner().session.unwrap();
    assert!(session.token.starts_with("glt_") && session.token != ada.token);
    let mut again = server.caller(&session.token);

    ada.accounts.sign_out(v1::SignOutRequest {}).await.unwrap();
    let out = ada.accounts.who_am_i(v1::WhoAmIRequest::default()).await;
    assert_eq!(refused(out), (Code::Unauthenticated, "TOKEN_INVALID".into()));
    again.accounts.who_am_i(v1::WhoAmIRequest::default()).await.unwrap();

    let server = server.restart().await;
    server.caller(&session.token).accounts.who_am_i(v1::WhoAmIRequest::default()).await.unwrap();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_field_or_the_reason() {
    let server = TestServer::start().await;
    server.sign_up("ada@example.org").await;
    let mut accounts = server.accounts();
    let taken = accounts.sign_up(sign_up("ADA@example.org", PASSWORD, "")).await;
    assert_eq!(refused(taken), (Code::AlreadyExists, "EMAIL_TAKEN".into()));
    let long = "x".repeat(257);
    for (email, password, name, field) in [
        ("ada", PASSWORD, "", "email"),
        ("b@example.org", "short", "", "password"),
        ("b@example.org", &long, "", "password"),
        ("b@example.org", PASSWORD, &long, "display_name"),
    ] {
        let refused = refused_field(accounts.sign_up(sign_up(email, password, name)).await);
        assert_eq!(refused, (Code::InvalidArgument, field.to_owned()));
    }
    for (email, password) in
        [("ada@example.org", "wrong horse"), ("anonymous@x.org", PASSWORD), ("", "")]
    {
        let refused = refused(accounts.sign_in(sign_in(email, password)).await);
        assert_eq!(refused, (Code::Unauthenticated, "BAD_CREDENTIALS".into()));
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_the_network_of_the_owner_are_slowed_down_and_keep_no_owner_out() {
    let server = TestServer::start().await;
    server.sign_up("ada@example.org").await;
    let mut accounts = server.accounts();
    for _ in 0..10 {
        let wrong = accounts.sign_in(sign_in("ada@example.org", "guess guess")).await;
        assert_eq!(refused(wrong).1, "BAD_CREDENTIALS");
    }
    let begun = Instant::now();
    let wrong = accounts.sign_in(sign_in("ada@example.org", "guess guess")).await;
    assert_eq!(refused(wrong).1, "BAD_CREDENTIALS");
    assert!(begun.elapsed() >= PAIR_SIGN_IN_WAIT, "it waits");
    // A program with an old password, which never rests, and the owner beside it.
    let mut program = server.accounts();
    let program = tokio::spawn(async move {
        loop {
            let wrong = program.sign_in(sign_in("ada@example.org", "an old password")).await;
            assert!(wrong.is_err());
        }
    });
    accounts.sign_in(sign_in("ada@example.org", PASSWORD)).await.expect("the owner signs in");
    // More than may wait.
    let guesses = (0..20).map(|_| {
        let mut accounts = server.accounts();
        async move { accounts.sign_in(sign_in("ada@example.org", "guess guess")).await }
    });
    let mut guesses: FuturesUnordered<_> = guesses.collect();
    let first = guesses.next().await.expect("one of them ends");
    assert_eq!(refused(first), (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS".into()));
    program.abort();
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_call_needs_a_token() {
    let server = TestServer::start().await;
    let mut anonymous = v1::sheet_service_client::SheetServiceClient::new(server.channel.clone());
    let refusal = refused(anonymous.list_sheets(v1::ListSheetsRequest::default()).await);
    assert_eq!(refusal, (Code::Unauthenticated, "TOKEN_MISSING".into()));
    for token in ["", "x", "glt_x", &format!("glt_{}", "A".repeat(43))] {
        let mut caller = server.caller(token);
        let refusal = refused(caller.sheets.list_sheets(v1::ListSheetsRequest::default()).await);
        assert_eq!(refusal, (Code::Unauthenticated, "TOKEN_INVALID".into()));
    }
    let mut live = v1::live_service_client::LiveServiceClient::new(server.channel.clone());
    let refusal = refused(live.watch(v1::WatchRequest::default()).await);
    assert_eq!(refusal, (Code::Unauthenticated, "TOKEN_MISSING".into()));
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_locale_leaves_one_that_is_chosen() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up("ada@example.org").await;
    for (locale, only_first_locale, kept) in
        [("de", true, "de"), ("fr", true, "de"), ("fr", false, "fr")]
    {
        let locale = Some(locale.to_owned());
        let request = v1::UpdateAccountRequest { locale, only_first_locale, ..Default::default() };
        let answer = ada.accounts.update_account(request).await.unwrap().into_inner();
        assert_eq!(answer.account.unwrap().locale.as_deref(), Some(kept));
    }
    server.running.shutdown().await;
}
