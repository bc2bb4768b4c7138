//! The job that makes a password link and sends it to the owner of an account.
//!
//! Not the use of a link: see `service::accounts`. Invariants: the account is looked up in the job, so no answer and no
//! time of an answer shows whether an address has one; each attempt sends the same link; the link is stored nowhere,
//! and is in the log only where there is no mail.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Mailer;
use super::letters;
use super::mailer::Letter;
use crate::edge::keys::reset_links;
use crate::edge::keys::server_key::ServerKey;
use model::limits::edge::{MAIL_WITHIN, RESET_VALID, RESETS_AT_ONCE};
use model::{AccountRecord, now_micros};
use store::{NewJob, Store, StoreError};

const KIND: &str = "password-reset";
/// The path of the page that uses a link. The token follows a `#`, so that no server on the way logs it.
const PATH: &str = "/reset-password#";
/// Before the second attempt: a mail server that delays a first mail takes the next one minutes later.
const BACK_OFF: Duration = Duration::from_secs(60);

/// The secret part of the job.
#[derive(Deserialize, Serialize)]
struct Request {
    email: String,
}

/// The job for a request.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(crate) fn new_reset(email: &str) -> Result<NewJob, StoreError> {
    let secret = Some(json!(Request { email: email.to_owned() }));
    Ok(NewJob { secret, ..jobs::new(KIND, None, &json!({}))? })
}

/// Makes and sends password links.
#[derive(Debug)]
pub(crate) struct PasswordResets {
    pub(crate) store: Store,
    pub(crate) key: ServerKey,
    /// `None`: the links are written to the log.
    pub(crate) mailer: Option<Mailer>,
    /// Where browsers reach this server.
    pub(crate) public_url: String,
}

impl PasswordResets {
    async fn attempt(&self, job: &Job) -> Outcome {
        let Request { email } = job.secret()?;
        // The record of the job is the same for an address without an account.
        if let Some(account) = self.store.account_by_email(&email).await? {
            let link = link(&self.store, &self.key, &self.public_url, job.id().0, &account).await?;
            self.send(job.id().0, &account, &link).await?;
        }
        Ok(json!({}))
    }

    async fn send(&self, id: Uuid, account: &AccountRecord, link: &str) -> Result<(), Failure> {
        let Some(mailer) = &self.mailer else {
            tracing::warn!(
                email = %account.email, link,
                "no mail is set up (--smtp-url); send this password link to the owner of the account"
            );
            return Ok(());
        };
        let (to, subject) = (account.email.to_string(), letters::RESET_SUBJECT);
        let text = letters::reset(&self.public_url, link, RESET_VALID);
        mailer.send(Letter { id, to, subject, text }).await
    }
}

/// The link of a request, whose hash is kept before this returns.
pub(crate) async fn link(
    store: &Store,
    key: &ServerKey,
    public_url: &str,
    request: Uuid,
    account: &AccountRecord,
) -> Result<String, StoreError> {
    let valid = i64::try_from(RESET_VALID.as_micros()).unwrap_or(i64::MAX);
    let expires = match store.reset_expiry(request).await? {
        Some(expires) => expires,
        None => now_micros().saturating_add(valid),
    };
    let (token, hash) = reset_links::token(key, request, expires);
    store.put_reset(request, &hash, account.id, expires).await?;
    Ok(format!("{public_url}{PATH}{token}"))
}

impl Kind for PasswordResets {
    fn name(&self) -> &'static str {
        KIND
    }

    fn at_once(&self) -> usize {
        RESETS_AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        MAIL_WITHIN
    }

    fn back_off(&self, attempt: u32) -> Duration {
        BACK_OFF.saturating_mul(5_u32.saturating_pow(attempt.saturating_sub(1)))
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.attempt(job))
    }
}
