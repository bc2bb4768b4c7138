//! The token that every call carries, and the one that takes its place.
//!
//! It obtains no token; signing in and renewals do. Invariants: no debug output shows the token; all clones have the same
//! token at one time.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::error::Error;

/// Adds `authorization: Bearer TOKEN` to each request, when there is a token.
#[derive(Clone)]
pub struct Bearer {
    token: Arc<watch::Sender<Token>>,
}

/// A token, or none.
#[derive(Clone, Default)]
pub(super) struct Token {
    text: String,
    header: Option<MetadataValue<Ascii>>,
}

impl Token {
    fn new(text: &str) -> Result<Self, Error> {
        let mut header: MetadataValue<Ascii> =
            format!("Bearer {text}").parse().map_err(|_| Error::Token)?;
        header.set_sensitive(true);
        Ok(Self { text: text.to_owned(), header: Some(header) })
    }

    /// Its text; empty without one.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Shows only whether there is one.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.header.is_some() { "Token(..)" } else { "Token(none)" })
    }
}

impl Bearer {
    pub(super) fn new(token: &str) -> Result<Self, Error> {
        Ok(Self { token: Arc::new(watch::Sender::new(Token::new(token)?)) })
    }

    /// Replaces the token, in all clones.
    pub(super) fn replace(&self, token: &str) -> Result<(), Error> {
        self.token.send_replace(Token::new(token)?);
        Ok(())
    }

    /// The token, and each one that takes its place.
    pub(super) fn watch(&self) -> watch::Receiver<Token> {
        self.token.subscribe()
    }
}

impl Default for Bearer {
    fn default() -> Self {
        Self { token: Arc::new(watch::Sender::new(Token::default())) }
    }
}

/// Shows only whether there is a token.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_token = self.token.borrow().header.is_some();
        f.write_str(if has_token { "Bearer(..)" } else { "Bearer(none)" })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(header) = &self.token.borrow().header {
            request.metadata_mut().insert("authorization", header.clone());
        }
        Ok(request)
    }
}
