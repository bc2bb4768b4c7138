//! A client of an OpenID Connect provider: which person has signed in there, by the authorization code flow with PKCE.
//!
//! Not the accounts of this server, and not its calls. Start at [`Provider`]. The signatures are ring's, which the
//! workspace has for TLS; the crates for OpenID Connect bring an implementation of RSA whose private operations leak
//! their timing.
//!
//! Invariant: a [`Person`] comes from an ID token whose signature, issuer, audience, times and nonce were checked.

mod encoding;
mod error;
mod http;
mod keys;
mod metadata;
mod provider;
mod token;

pub use self::error::{OidcError, TokenFault};
pub use self::provider::{Flow, Person, Provider, Settings};
