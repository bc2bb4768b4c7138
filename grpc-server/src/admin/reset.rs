//! A password link for the owner of an account, printed for the operator.
//!
//! Not the mail: the operator passes the link on. Invariant: it is a link as a job makes it, valid as long and once.

use std::io::stdout;

use serde_json::json;
use uuid::Uuid;

use super::printer::Printer;
use super::sources::Place;
use crate::edge::errors::ServiceError;
use crate::edge::keys::server_key::ServerKey;
use crate::mail;
use store::Store;

/// Prints a link for the account of an e-mail address.
pub(super) async fn print(email: &str, public_url: &str, place: &Place) -> Result<(), String> {
    let sources = place.open().await?;
    let made = make(&sources.store, &email.trim().to_lowercase(), public_url).await;
    sources.close().await;
    let link = made?;
    let mut printer = Printer::new(stdout(), false);
    printer.line("link", &json!({"link": link}), &link);
    printer.finish().map_err(|error| error.to_string())
}

async fn make(store: &Store, email: &str, public_url: &str) -> Result<String, String> {
    let account = store.account_by_email(email).await.map_err(|error| error.to_string())?;
    let account = account.ok_or_else(|| format!("no account has the address {email}"))?;
    let key = ServerKey::load(store)
        .await
        .map_err(|error: ServiceError| tonic::Status::from(error).message().to_owned())?;
    let link = mail::reset_link(store, &key, public_url, Uuid::new_v4(), &account).await;
    link.map_err(|error| error.to_string())
}
