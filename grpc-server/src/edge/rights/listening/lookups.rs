//! What a server asks Postgres about its open sessions: after an invalidation, after a failure, and at intervals.
//!
//! Each server asks at intervals anyway, so a lost invalidation costs only time; a single server has only these checks.
//! Names are asked for in a loop of their own, as no right depends on them. Invariant: a session whose token or sheet is
//! gone ends within [`LOOK_INTERVAL`] while Postgres answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::edge::auth::Auth;
use crate::edge::keys::tokens::TokenHash;
use crate::edge::rights::invalidation::due::{NameLookup, RightsLookup};
use crate::edge::rights::role_check::{LOOKED_UP, RoleCheck};
use model::AccountId;
use redis_link::{Signal, Waiting};
use store::StoreError;

/// How often the tokens, sheets and names of open sessions are looked up without an invalidation.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// The pause after a lookup that failed.
const RETRY: Duration = Duration::from_secs(2);

/// When everything is looked up: at intervals, and after a failure.
struct Looks(Interval);

impl Looks {
    fn new() -> Self {
        let mut looks = interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(looks)
    }

    /// Waits for the next lookup; `None`: one of everything is due.
    async fn next<S: Signal>(&mut self, due: &Waiting<S>) -> Option<S> {
        tokio::select! {
            // Of an invalidation, or after a lookup of a call that failed.
            next = due.next() => Some(next),
            _ = self.0.tick() => None,
        }
    }

    fn retry_after(&mut self, outcome: Result<(), StoreError>) {
        if let Err(error) = outcome {
            tracing::debug!(%error, "open sessions not looked up; retrying");
            self.0.reset_after(RETRY);
        }
    }
}

/// The check of open sessions, and what follows where a token, a sheet or a role has ended.
#[derive(Clone, Debug)]
pub(crate) struct SessionCheck {
    pub(crate) auth: Arc<Auth>,
    pub(crate) roles: RoleCheck,
}

impl SessionCheck {
    pub(super) async fn look_up_rights(&self, due: &Waiting<RightsLookup>) {
        let mut looks = Looks::new();
        loop {
            let outcome = match looks.next(due).await {
                None => self.look().await,
                Some(RightsLookup::All) => {
                    // It may stand for changes of lists of roles, too.
                    let (sheets, _) = self.roles.session_index.all();
                    let changed = |sheet| self.roles.registry.sharing_changed(sheet);
                    sheets.into_iter().for_each(changed);
                    self.look().await
                }
                Some(RightsLookup::Account(account)) => self.check_account(account).await,
                Some(RightsLookup::Sheet(sheet)) => self.roles.check(&[sheet]).await,
                Some(RightsLookup::Role(sheet, account)) => {
                    self.roles.check_role(sheet, account).await
                }
                Some(RightsLookup::Owner(sheet)) => self.roles.check_owner(sheet).await,
            };
            looks.retry_after(outcome);
        }
    }

    /// Ends the calls and the sessions of the tokens of an account that Postgres no longer has.
    pub(crate) async fn check_account(&self, account: AccountId) -> Result<(), StoreError> {
        let mut tokens = self.auth.doubt(account);
        tokens.extend(self.roles.session_index.tokens_of(account));
        self.check_tokens(&tokens).await
    }

    async fn look(&self) -> Result<(), StoreError> {
        let (sheets, mut tokens) = self.roles.session_index.all();
        tokens.extend(self.auth.running_tokens());
        self.check_tokens(&tokens).await?;
        for some in sheets.chunks(LOOKED_UP) {
            self.roles.look(some).await?;
        }
        Ok(())
    }

    async fn check_tokens(&self, tokens: &[TokenHash]) -> Result<(), StoreError> {
        for some in tokens.chunks(LOOKED_UP) {
            for hash in self.roles.store.invalid_tokens(some).await? {
                self.revoke(&hash);
            }
        }
        Ok(())
    }

    /// Ends the calls and the sessions of a token, also those of a sheet that stands still.
    pub(super) fn revoke(&self, hash: &TokenHash) {
        self.auth.forget(hash);
        self.roles.session_index.revoke(hash, &self.roles.registry);
    }
}

impl RoleCheck {
    pub(super) async fn look_up_names(&self, due: &Waiting<NameLookup>) {
        let mut looks = Looks::new();
        loop {
            let outcome = match looks.next(due).await {
                None | Some(NameLookup::All) => self.look_at_names().await,
                Some(NameLookup::Sheet(sheet)) => self.check_names(&[sheet]).await,
                Some(NameLookup::Person(account)) => self.check_person(account).await,
            };
            looks.retry_after(outcome);
        }
    }
}
