//! Makes a link that is mailed or printed: its token, its address, and the record of its hash.
//!
//! Not the letter. Invariant: the hash is kept before the link leaves.

use std::time::Duration;

use crate::edge::keys::mailed_links;
use crate::edge::keys::server_key::ServerKey;
use model::limits::edge::{CONFIRMATION_VALID, INVITATION_VALID, RESET_VALID};
use model::now_micros;
use store::{LinkFor, LinkPurpose, Store};

/// The path of the page that uses a link. The token follows a `#`, so that no server on the way logs it.
const fn path(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Password => "/reset-password#",
        LinkPurpose::Confirm => "/confirm-email#",
        LinkPurpose::Invite => "/sign-up#",
    }
}

/// How long a link is valid.
const fn valid(purpose: LinkPurpose) -> Duration {
    match purpose {
        LinkPurpose::Password => RESET_VALID,
        LinkPurpose::Confirm => CONFIRMATION_VALID,
        LinkPurpose::Invite => INVITATION_VALID,
    }
}

/// Makes a link.
///
/// # Errors
/// Why it could not be made, for the operator.
pub(crate) async fn make(
    store: &Store,
    key: &ServerKey,
    of: LinkFor<'_>,
    server: &str,
) -> Result<String, String> {
    let purpose = of.purpose();
    let valid = i64::try_from(valid(purpose).as_micros()).unwrap_or(i64::MAX);
    let expires = now_micros().saturating_add(valid);
    let made = mailed_links::generate(key, purpose, expires);
    let (token, hash) = made.map_err(|error| error.to_string())?;
    store.put_link(&hash, of, expires).await.map_err(|error| error.to_string())?;
    Ok(format!("{server}{}{token}", path(purpose)))
}
