//! The saved tokens, one for each server, in `$XDG_CONFIG_HOME/gridloom/credentials.json`.
//!
//! Not the sign-in: see `commands/account.rs`.
//!
//! Invariant: only the owner can read the file, and a crash leaves the old file or the new one.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use client::Client;
use client::net::{Renewal, TokenPlace};
use gridloom::v1;
use serde_json::{Map, Value as Json};

use crate::directories::{directory, private_file};
use crate::failure::Failure;
use crate::output::say;
use crate::place;
use crate::server::Server;

/// A client with the saved token of this server.
pub(crate) async fn signed_in(server: &Server) -> Result<Client, Failure> {
    let token = token(server)?.ok_or(Failure::NotSignedIn)?;
    Ok(server.connect().await?.with_token(&token)?)
}

/// The same at the place of this command, for a command that makes changes or takes them back.
pub(crate) async fn signed_in_at_place(server: &Server) -> Result<Client, Failure> {
    let client = signed_in(server).await?;
    Ok(client.at_place(place::of(server.place.as_deref())))
}

/// Renews the token of a command that runs until it is stopped, and saves each new one in the place of its own. Commands
/// that run beside each other use what one of them has saved.
pub(crate) async fn keep_signed_in(client: &Client, server: &Server) -> Result<Renewal, Failure> {
    Ok(client.keep_signed_in_at(SavedToken { server: server.clone(), failed: false }).await?)
}

/// The saved token of a server.
struct SavedToken {
    server: Server,
    /// Whether the last attempt to save failed, which is reported once.
    failed: bool,
}

impl TokenPlace for SavedToken {
    fn kept(&mut self) -> Option<String> {
        // A file that can't be read is reported when a renewed token is saved.
        token(&self.server).ok().flatten()
    }

    fn keep(&mut self, former: &str, renewed: &v1::Session) {
        let saved = token(&self.server).and_then(|saved| match saved.as_deref() == Some(former) {
            true => save_token(&self.server, &renewed.token).map(|()| true),
            // Another command has renewed it, or signed in or out.
            false => Ok(false),
        });
        match &saved {
            Err(failure) if !self.failed => say(&format!(
                "the renewed token is not saved: {failure}\n  this command stays signed in and tries again to save it; \
                 without success sign in for other commands in five minutes"
            )),
            Ok(true) if self.failed => say("the renewed token is saved now"),
            _ => {}
        }
        self.failed = saved.is_err();
    }
}

fn token(server: &Server) -> Result<Option<String>, Failure> {
    let tokens = load(&path()?)?;
    Ok(tokens.get(&server.address).and_then(Json::as_str).map(str::to_owned))
}

/// Saves the token of a server.
pub(crate) fn save_token(server: &Server, token: &str) -> Result<(), Failure> {
    let path = path()?;
    let mut tokens = load(&path)?;
    tokens.insert(server.address.clone(), Json::from(token));
    save(&path, tokens)
}

/// Removes the token of a server.
pub(crate) fn remove_token(server: &Server) -> Result<(), Failure> {
    let path = path()?;
    let mut tokens = load(&path)?;
    match tokens.remove(&server.address) {
        Some(_) => save(&path, tokens),
        None => Ok(()),
    }
}

fn path() -> Result<PathBuf, Failure> {
    Ok(directory()?.join("credentials.json"))
}

fn load(path: &Path) -> Result<Map<String, Json>, Failure> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(cause) => return Err(Failure::File { verb: "read", path: path.to_owned(), cause }),
    };
    serde_json::from_slice(&text).map_err(|error| {
        Failure::Message(format!(
            "{} is damaged ({error}); delete it and sign in again",
            path.display()
        ))
    })
}

/// Writes to another name and renames the file.
fn save(path: &Path, tokens: Map<String, Json>) -> Result<(), Failure> {
    let new = path.with_extension(format!("json.{}", std::process::id()));
    let write = || {
        let mut file = private_file(&new)?;
        file.write_all(Json::Object(tokens).to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|cause| {
        // It may hold a part of the tokens. That it can't be removed says no more than the cause.
        let _ = fs::remove_file(&new);
        Failure::File { verb: "write", path: path.to_owned(), cause }
    })
}
