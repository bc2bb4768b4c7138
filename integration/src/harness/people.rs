//! Accounts of a test: each sign-up takes a new address.

use std::sync::atomic::{AtomicU32, Ordering};

use client::Client;

use super::Server;

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
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let email = format!("person{number}.{}@example.org", std::process::id());
    let client = Client::connect(server.url()).await.expect("the server is there");
    let (client, session) = client.sign_up(&email, PASSWORD, "").await.expect("the address is new");
    (client, session.token)
}
