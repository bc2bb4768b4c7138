//! The jobs that make a link and send it to an address: for a new password, to confirm the address, to invite.
//!
//! Not the use of a link: see `service::accounts`. Invariants: the account is looked up in the job, so no answer and no
//! time of an answer shows whether an address has one; each attempt makes a link of its own, and a link stays valid
//! when a later attempt makes another; a link is stored nowhere, and is in the log only where there is no mail.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{LinkFor, NewJob, Store, StoreError};

use super::letters::{self, Letter};
use super::{Mailer, links};
use crate::edge::keys::server_key::ServerKey;
use model::limits::edge::{LETTERS_AT_ONCE, MAIL_WITHIN};
use model::{AccountId, AccountState, FileId, SheetId};

/// Before the second attempt: a mail server that delays a first mail takes the next one minutes later.
const BACK_OFF: Duration = Duration::from_secs(60);
/// How many times longer before each further one.
const BACK_OFF_TIMES: u32 = 5;

/// What a job sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A link for a new password.
    Password,
    /// A link to confirm the address of a new account.
    Confirm,
    /// A link by which an address without a confirmed account makes one, since a sheet is shared with it.
    Invite,
}

impl Subject {
    const ALL: [Self; 3] = [Self::Password, Self::Confirm, Self::Invite];

    /// The most attempts: for as long as a person waits for the letter. The pauses between six are 13 hours together, those
    /// between four 31 minutes, since a person who has forgotten a password asks again.
    const fn attempts(self) -> u32 {
        match self {
            Self::Password => 4,
            Self::Confirm => 5,
            Self::Invite => 6,
        }
    }

    /// The name of the kind. A node without a mail server takes no job of a letter that is to be mailed.
    const fn kind(self, is_mailed: bool) -> &'static str {
        match (self, is_mailed) {
            (Self::Password, true) => "password-reset",
            (Self::Password, false) => "password-reset-logged",
            (Self::Confirm, true) => "email-confirmation",
            (Self::Confirm, false) => "email-confirmation-logged",
            (Self::Invite, true) => "invitation",
            (Self::Invite, false) => "invitation-logged",
        }
    }
}

/// The parameters of a job, which stay in the table.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Parameters {
    /// Where browsers reach the node that enqueued the job.
    pub(super) server: String,
    /// Of an invitation to a sheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sheet: Option<String>,
    /// Of an invitation to a file. Not `file`, which the jobs about a file have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shared_file: Option<String>,
    /// A sign-up has asked for the letter: the owner of an address with an account gets another one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) sign_up: bool,
    /// The name of the job in a notice to its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notice: Option<String>,
    /// The state of which alone the account has a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notice_of: Option<String>,
}

/// The secret part of the job.
#[derive(Deserialize, Serialize)]
struct Recipient {
    email: String,
}

/// A job that sends a letter to an address, or writes its link to the log.
pub(super) fn new_job(
    subject: Subject,
    is_mailed: bool,
    account: Option<AccountId>,
    email: &str,
    parameters: &Parameters,
) -> Result<NewJob, StoreError> {
    let secret = Some(json!(Recipient { email: email.to_owned() }));
    let attempts = Some(subject.attempts());
    Ok(NewJob { secret, attempts, ..jobs::new(subject.kind(is_mailed), account, parameters)? })
}

/// The kinds that a node serves: links are written to the log of each node, and mailed by those with a mail server.
pub(crate) fn kinds(store: &Store, key: &ServerKey, mailer: Option<Mailer>) -> Vec<Arc<dyn Kind>> {
    let mailer = mailer.map(Arc::new);
    let deliveries: Vec<Option<Arc<Mailer>>> =
        std::iter::once(None).chain(mailer.map(Some)).collect();
    let each = deliveries.iter().flat_map(|mailer| {
        Subject::ALL.into_iter().map(move |subject| {
            let (store, key, mailer) = (store.clone(), key.clone(), mailer.clone());
            Arc::new(Letters { subject, store, key, mailer }) as Arc<dyn Kind>
        })
    });
    each.collect()
}

/// Makes links and sends them.
#[derive(Debug)]
struct Letters {
    subject: Subject,
    store: Store,
    key: ServerKey,
    /// `None`: the links are written to the log.
    mailer: Option<Arc<Mailer>>,
}

impl Letters {
    /// The record of the job is the same for an address without an account.
    async fn attempt(&self, job: &Job) -> Outcome {
        let (Recipient { email }, parameters) = (job.secret()?, job.parameters::<Parameters>()?);
        let account = self.store.account_by_email(&email).await?;
        let server = &parameters.server;
        match (self.subject, account) {
            (Subject::Password, Some(account)) if account.state != AccountState::Disabled => {
                let link = self.link(LinkFor::Password(account.id), server).await?;
                self.send(job, &email, letters::reset(server, &link), &link).await?;
            }
            (Subject::Confirm, Some(account)) if account.state == AccountState::Unconfirmed => {
                let link = self.link(LinkFor::Confirm(account.id), server).await?;
                self.send(job, &email, letters::confirmation(server, &link), &link).await?;
            }
            (Subject::Confirm, Some(_)) if parameters.sign_up => {
                if let Some(mailer) = &self.mailer {
                    mailer.send(job.id().0, &email, letters::known(server)).await?;
                }
            }
            (Subject::Invite, account)
                if account
                    .as_ref()
                    .is_none_or(|account| account.state == AccountState::Unconfirmed) =>
            {
                self.invite(job, &email, &parameters).await?;
            }
            _ => {}
        }
        Ok(json!({}))
    }

    /// Nothing where the sheet or the file is no longer shared with the address.
    async fn invite(&self, job: &Job, email: &str, parameters: &Parameters) -> Result<(), Failure> {
        let Some(inviter) = job.account() else { return Ok(()) };
        let id = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
        let (what, shared) = match (id(&parameters.sheet), id(&parameters.shared_file)) {
            (Some(sheet), _) => {
                ("sheet", self.store.invitation_to(SheetId(sheet), inviter, email).await?)
            }
            (None, Some(file)) => {
                ("file", self.store.invitation_to_file(FileId(file), inviter, email).await?)
            }
            (None, None) => return Ok(()),
        };
        let Some((name, inviter_name)) = shared else { return Ok(()) };
        let server = &parameters.server;
        let link = self.link(LinkFor::Invite(email, Some(inviter)), server).await?;
        let letter = letters::invitation(server, &link, (what, &name), &inviter_name);
        self.send(job, email, letter, &link).await
    }

    async fn link(&self, of: LinkFor<'_>, server: &str) -> Result<String, Failure> {
        links::make(&self.store, &self.key, of, server).await.map_err(Failure::Later)
    }

    async fn send(&self, job: &Job, to: &str, letter: Letter, link: &str) -> Result<(), Failure> {
        match &self.mailer {
            Some(mailer) => mailer.send(job.id().0, to, letter).await,
            None => {
                self.log(to, link);
                Ok(())
            }
        }
    }

    fn log(&self, email: &str, link: &str) {
        match self.subject {
            Subject::Password => tracing::warn!(
                email,
                link,
                "no mail is set up (--smtp-url); send this password link to the owner of the account"
            ),
            Subject::Confirm => tracing::warn!(
                email,
                link,
                "no mail is set up (--smtp-url); send this link to the owner of the address, to confirm it"
            ),
            Subject::Invite => tracing::warn!(
                email,
                link,
                "no mail is set up (--smtp-url); send this invitation to the owner of the address"
            ),
        }
    }
}

impl Kind for Letters {
    fn name(&self) -> &'static str {
        self.subject.kind(self.mailer.is_some())
    }

    fn at_once(&self) -> usize {
        LETTERS_AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        MAIL_WITHIN
    }

    fn back_off(&self, attempt: u32) -> Duration {
        BACK_OFF.saturating_mul(BACK_OFF_TIMES.saturating_pow(attempt.saturating_sub(1)))
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.attempt(job))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_letter_is_a_kind_of_its_own_by_mail_and_by_the_log() {
        let names: BTreeSet<_> =
            Subject::ALL.iter().flat_map(|it| [it.kind(true), it.kind(false)]).collect();
        assert_eq!(names.len(), 2 * Subject::ALL.len());
    }
}
