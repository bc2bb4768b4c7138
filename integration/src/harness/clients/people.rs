//! Accounts of a test, and clients that are signed in.
//!
//! Not sessions. Invariant: each sign-up has a new address.

use std::sync::atomic::{AtomicU32, Ordering};

use client::Client;

use crate::harness::servers::{LocalServer, Server};

/// The password of every account.
pub const PASSWORD: &str = "correct horse battery";

/// Signs up a new account and returns a client that is signed in.
///
/// # Panics
/// When the server refuses.
pub async fn sign_up(server: &Server) -> Client {
    sign_up_with_token(server).await.0
}

/// The same, with the access token for calls past the client.
///
/// # Panics
/// When the server refuses.
pub async fn sign_up_with_token(server: &Server) -> (Client, String) {
    sign_up_at(server.url()).await
}

/// The e-mail address of the account that a client is signed in to.
///
/// # Panics
/// When it is not signed in.
pub async fn email_of(client: &Client) -> String {
    client.who_am_i().await.expect("is signed in").account.expect("an account").email
}

async fn sign_up_at(url: &str) -> (Client, String) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let email = format!("person{number}.{}@example.org", std::process::id());
    let client = Client::connect(url).await.expect("the server is there");
    let (client, session) = client.sign_up(&email, PASSWORD, "").await.expect("the address is new");
    (client, session.token)
}

impl LocalServer {
    /// Signs up a new account and returns a client that is signed in, with its token.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn sign_up(&self) -> (Client, String) {
        sign_up_at(&self.url()).await
    }

    /// A client with this token at the server's present address.
    ///
    /// # Panics
    /// When the server is not there.
    pub async fn client(&self, token: &str) -> Client {
        let client = Client::connect(self.url()).await.expect("the server is there");
        client.with_token(token).expect("a token can be sent")
    }
}
