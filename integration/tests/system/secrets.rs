//! Logs and process lists show no secret, whatever level the log has.
//!
//! Not files: their permissions have tests beside their owners. Invariant: each secret is one that the server has
//! seen.

use std::fs;

use client::Client;
use integration::harness::{OwnPostgres, PASSWORD, Server, sign_up_with_token};

#[tokio::test(flavor = "multi_thread")]
async fn no_level_of_the_log_shows_a_secret() {
    let own = OwnPostgres::start().await;
    let server = Server::start_with(&["--database-url", &own.tcp_url(), "--log", "trace"]);
    let (client, token) = sign_up_with_token(&server).await;
    let who = client.who_am_i().await.expect("is signed in").account.expect("an account");
    let again = Client::connect(server.url()).await.expect("the server is there");
    again.sign_in(&who.email, PASSWORD).await.expect("signs in");
    again.sign_in(&who.email, "wrong horse battery").await.expect_err("another password");
    let (stopped, _) = server.stop();
    let log = fs::read_to_string(stopped.home().log()).expect("is there");
    assert!(log.contains(" TRACE ") && log.contains(" DEBUG "), "the log is as asked for");
    let password = own.password();
    for secret in ["$argon2", PASSWORD, "wrong horse battery", &token, password] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
