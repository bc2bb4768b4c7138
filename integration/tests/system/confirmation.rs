//! Servers of one database that differ in whether they confirm addresses: the stricter one decides.
//!
//! Not the confirmation itself (`sign_up`, `letters`). Invariant: no account of a server that confirms addresses is used at
//! another one before its address is confirmed.

use std::fs;

use client::{Client, Error};
use gridloom::v1::Role;
use integration::harness::{
    MailServer, OwnPostgres, OwnRedis, PASSWORD, Server, eventually, new_sheet, sign_up,
};

async fn stranger(server: &Server) -> Client {
    Client::connect(server.url()).await.expect("the server is there")
}

async fn confirms(someone: &Client) -> bool {
    someone.server_settings().await.expect("needs no token").confirms_email
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer.expect_err("is refused") {
        Error::Refused(refusal) => refusal.reason.unwrap_or_default(),
        other => panic!("{other}"),
    }
}

/// What the log of a server has once it knows that another one differs.
async fn differs(server: &Server) {
    eventually("the log names the difference", async || {
        let log = fs::read_to_string(server.home().log()).expect("is there");
        log.contains("servers of one database differ in --confirm-email").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_confirms_addresses_where_another_one_of_its_database_does() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    let mut mail = MailServer::start(&[]);
    let [url, from] = mail.flags();
    let without = Server::start_sharing(&database, &journal, &[]);
    let at_without = stranger(&without).await;
    assert!(!confirms(&at_without).await, "no other server is there");
    let ada = sign_up(&without).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, "ben@example.org", Role::Editor).await.expect("is shared");
    let with = Server::start_sharing(&database, &journal, &[&url, &from]);
    let at_with = stranger(&with).await;
    let made = at_with.sign_up("ben@example.org", PASSWORD, "Squatter").await;
    assert!(matches!(made, Err(Error::Unconfirmed)), "{made:?}");
    // Also before the first heartbeat that finds the other server.
    let early = reason(at_without.sign_in("ben@example.org", PASSWORD).await);
    assert!(["BAD_CREDENTIALS", "EMAIL_UNCONFIRMED"].contains(&&*early), "{early}");
    assert!(confirms(&at_without).await, "the refused sign-in has found the other server");
    differs(&without).await;
    differs(&with).await;
    assert!(confirms(&at_without).await && confirms(&at_with).await);
    let late = reason(at_without.sign_in("ben@example.org", PASSWORD).await);
    assert_eq!(late, "EMAIL_UNCONFIRMED");
    let made = at_without.sign_up("cy@example.org", PASSWORD, "").await;
    assert!(matches!(made, Err(Error::Unconfirmed)), "{made:?}");
    // A server that ends, or is away for a while, gives no address away.
    drop(with);
    assert!(confirms(&at_without).await);
    let letter = mail.letter();
    at_without.confirm_email(letter.link(), PASSWORD).await.expect("the link is of the database");
    let (ben, _) = at_without.sign_in("ben@example.org", PASSWORD).await.expect("is confirmed");
    assert_eq!(ben.sheet(&sheet).await.expect("is shared").role(), Role::Editor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_crashed_before_has_no_other_one_confirm_addresses() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    // Makes the tables.
    drop(Server::start_sharing(&database, &journal, &[]));
    let crashed = "insert into nodes (id, name, address, confirms_email, heartbeat_at)
        values (gen_random_uuid(), 'crashed', '127.0.0.1:1', true, now() - interval '1 minute')";
    postgres.sql().await.execute(crashed, &[]).await.expect("is inserted");
    let server = Server::start_sharing(&database, &journal, &[]);
    assert!(!confirms(&stranger(&server).await).await, "the row has no end, and an old heartbeat");
    let made = stranger(&server).await.sign_up("ben@example.org", PASSWORD, "").await;
    made.expect("no address is confirmed");
    let log = fs::read_to_string(server.home().log()).expect("is there");
    assert!(!log.contains("servers of one database differ"), "{log}");
}
