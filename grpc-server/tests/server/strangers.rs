//! Callers without a token who try to keep the owner of an account out: guesses, sign-ups, made-up tokens.
//!
//! Not floods of connections or bytes. Invariant: an owner signs in from a network that the account knows, and
//! calls with a token, whatever strangers try; and a token that is signed out is out.

use futures_util::future::join_all;
use gridloom::v1;
use gridloom::v1::account_service_client::AccountServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::harness::{Caller, PASSWORD, TestServer, refused};

const OWNER: &str = "ada@example.org";
/// The same as the limits: attempts at one address from all networks, of one network, sign-ups of one network.
const ATTEMPTS: usize = 100;
/// Attempts at one address from one network.
const OF_PAIR: usize = 10;

type Accounts = AccountServiceClient<Channel>;
type SignedIn = Result<tonic::Response<v1::SignInResponse>, Status>;

/// A caller in a network of its own.
async fn from_network(server: &TestServer, number: u8) -> Accounts {
    AccountServiceClient::new(server.channel_from([127, 0, 0, number].into()).await)
}

async fn sign_in(accounts: &Accounts, email: &str, password: &str) -> SignedIn {
    let (email, password) = (email.into(), password.into());
    accounts.clone().sign_in(v1::SignInRequest { email, password }).await
}

async fn sign_up(accounts: &Accounts, email: &str) -> Result<(), Status> {
    let (email, password) = (email.into(), PASSWORD.into());
    let request = v1::SignUpRequest { email, password, ..Default::default() };
    accounts.clone().sign_up(request).await.map(drop)
}

fn assert_limited<T: std::fmt::Debug>(result: Result<T, Status>) {
    assert_eq!(refused(result), (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_elsewhere_lock_no_owner_out() {
    let server = TestServer::start().await;
    server.sign_up(OWNER).await;
    for number in 11..11 + (ATTEMPTS / OF_PAIR) as u8 {
        let stranger = from_network(&server, number).await;
        let guesses = (0..OF_PAIR).map(|_| sign_in(&stranger, OWNER, "guess guess"));
        for guess in join_all(guesses).await {
            assert_eq!(refused(guess).1, "BAD_CREDENTIALS", "network {number}");
        }
        assert_limited(sign_in(&stranger, OWNER, PASSWORD).await);
    }
    // A network that the account does not know has no guess left, and the owner is not concerned.
    let elsewhere = from_network(&server, 99).await;
    assert_limited(sign_in(&elsewhere, OWNER, "guess guess").await);
    for _ in 0..3 {
        sign_in(&server.accounts(), OWNER, PASSWORD).await.expect("the owner signs in");
    }
    assert_limited(sign_in(&elsewhere, OWNER, PASSWORD).await);
    // Neither the count nor the known network ends with the process.
    let server = server.restart().await;
    assert_limited(sign_in(&from_network(&server, 98).await, OWNER, PASSWORD).await);
    sign_in(&server.accounts(), OWNER, PASSWORD).await.expect("the owner signs in");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_others_from_the_same_network_lock_no_owner_out() {
    let server = TestServer::start().await;
    server.sign_up(OWNER).await;
    let neighbours = server.accounts();
    let mut limited = 0;
    for block in 0..ATTEMPTS / 10 + 2 {
        let emails: Vec<_> = (0..10).map(|n| format!("{block}.{n}@example.org")).collect();
        let guesses = emails.iter().map(|email| sign_in(&neighbours, email, "guess guess"));
        for guess in join_all(guesses).await {
            limited += usize::from(refused(guess).1 == "TOO_MANY_ATTEMPTS");
        }
    }
    assert!(limited > 0, "the network has no limit");
    sign_in(&neighbours, OWNER, PASSWORD).await.expect("the owner signs in");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ups_of_one_network_are_limited_and_others_are_not_concerned() {
    let server = TestServer::start().await;
    server.sign_up(OWNER).await;
    let stranger = from_network(&server, 7).await;
    for _ in 0..ATTEMPTS / 10 {
        for taken in join_all((0..10).map(|_| sign_up(&stranger, OWNER))).await {
            assert_eq!(refused(taken).1, "EMAIL_TAKEN");
        }
    }
    for email in [OWNER, "eve@example.org"] {
        assert_limited(sign_up(&stranger, email).await);
    }
    sign_up(&from_network(&server, 8).await, "bob@example.org").await.expect("another network");
    let server = server.restart().await;
    assert_limited(sign_up(&from_network(&server, 7).await, "eve@example.org").await);
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_tokens_of_one_network_are_limited_and_owners_continue() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up(OWNER).await;
    let made_up = async |server: &TestServer, letters: usize| {
        let (mut unknown, mut limited) = (0, 0);
        for number in 0..ATTEMPTS * 2 {
            let mut caller = server.caller(&format!("glt_{number:A>letters$}"));
            match refused(caller.accounts.who_am_i(v1::WhoAmIRequest::default()).await).1.as_str() {
                "TOKEN_INVALID" => unknown += 1,
                "TOO_MANY_ATTEMPTS" => limited += 1,
                other => panic!("{other}"),
            }
        }
        (unknown, limited)
    };
    // In the form of earlier releases they need a lookup each, of which a network has a few.
    let (unknown, limited) = made_up(&server, 43).await;
    assert!(unknown >= ATTEMPTS && limited > 0, "{unknown} {limited}");
    // In today's form they are refused by their tag.
    assert_eq!(made_up(&server, 64).await, (ATTEMPTS * 2, 0));
    ada.accounts.who_am_i(v1::WhoAmIRequest::default()).await.expect("is known");
    let token = ada.token.clone();
    let server = server.restart().await;
    made_up(&server, 43).await;
    let mut ada = server.caller(&token);
    ada.accounts.who_am_i(v1::WhoAmIRequest::default()).await.expect("is looked up");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_out_token_does_not_come_back_with_calls_under_way() {
    let server = TestServer::start().await;
    for round in 0..20 {
        let ada = server.sign_up(&format!("ada.{round}@example.org")).await;
        let who_am_i = |caller: &Caller| {
            let mut accounts = caller.accounts.clone();
            async move { accounts.who_am_i(v1::WhoAmIRequest::default()).await }
        };
        let callers = (0..8).map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move { while who_am_i(&ada).await.is_ok() {} })
        });
        let callers: Vec<_> = callers.collect();
        ada.accounts.clone().sign_out(v1::SignOutRequest {}).await.expect("is signed in");
        for _ in 0..10 {
            let after = refused(who_am_i(&ada).await);
            assert_eq!(after, (Code::Unauthenticated, "TOKEN_INVALID".into()), "round {round}");
        }
        for caller in callers {
            caller.await.expect("ends with its token");
        }
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_an_export_under_way() {
    let server = TestServer::start().await;
    let mut ada = server.sign_up(OWNER).await;
    // More than the windows of a connection hold, so that the export can't be over.
    let line = format!("{}\n", "x".repeat(1_000));
    let file = line.repeat(20_000);
    let start = v1::StartImportRequest { name: "Large".into(), ..Default::default() };
    let imported = ada.import(start, file.as_bytes(), 1 << 20).await.expect("is imported");
    let sheet_id = imported.sheet.expect("is made").id;
    let export =
        ada.sheets.export_sheet(v1::ExportSheetRequest { sheet_id, ..Default::default() }).await;
    let mut export = export.expect("begins").into_inner();
    export.message().await.expect("goes well").expect("has a first piece");
    ada.accounts.sign_out(v1::SignOutRequest {}).await.expect("is signed in");
    let end = loop {
        match export.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the export came to its end"),
            Err(status) => break status,
        }
    };
    assert_eq!(refused::<()>(Err(end)), (Code::Unauthenticated, "TOKEN_INVALID".into()));
    server.running.shutdown().await;
}
