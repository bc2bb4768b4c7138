//! The job that ends the calls and sessions of an account whose tokens the operator has ended, at all nodes.
//!
//! The operator's command runs beside the servers and reaches none of them but through the database. Not the end of the
//! tokens, which the command has written. Invariant: a second run ends nothing more.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::invalidation::{Invalidation, Invalidations};
use super::listening::lookups::SessionCheck;
use model::AccountId;
use store::{NewJob, StoreError};

const KIND: &str = "end-sessions";
const WITHIN: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 2;

/// The parameters of the job.
#[derive(Deserialize, Serialize)]
struct Parameters {
    account: String,
}

/// The job for an account.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(crate) fn new_job(account: AccountId) -> Result<NewJob, StoreError> {
    jobs::new(KIND, None, &Parameters { account: account.0.to_string() })
}

/// Ends the sessions of accounts.
#[derive(Debug)]
pub(crate) struct EndSessions {
    pub(crate) check: SessionCheck,
    pub(crate) invalidations: Invalidations,
}

impl EndSessions {
    async fn attempt(&self, job: &Job) -> Outcome {
        let Parameters { account } = job.parameters()?;
        let account =
            Uuid::parse_str(&account).map_err(|error| Failure::Final(error.to_string()))?;
        let account = AccountId(account);
        // First the others, which wait for nothing here.
        self.invalidations.send(Invalidation::Account(account));
        self.check.check_account(account).await.map_err(Failure::from)?;
        Ok(json!({}))
    }
}

impl Kind for EndSessions {
    fn name(&self) -> &'static str {
        KIND
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn time_limit(&self) -> Duration {
        WITHIN
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.attempt(job))
    }
}
