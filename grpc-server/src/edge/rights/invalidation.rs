//! Invalidation between servers: tokens were revoked, a sheet was deleted or transferred, rights or names changed.
//!
//! The invalidation of a token ends its sessions and calls at once, whether or not Postgres answers. Those of an account
//! and of a sheet are hints: the server that receives one reads Postgres. Each server reads Postgres at intervals anyway,
//! so a lost invalidation costs only time; a single server has only these checks. Not the rights themselves. Invariant: a
//! session whose token or sheet is gone ends within [`LOOK_INTERVAL`] while Postgres answers. An invalidation that is not
//! published is tried again for as long as the others' own lookups have not made up for it.

pub(crate) mod announced;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tasks::Tasks;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::role_check::RoleCheck;
use crate::edge::auth::Auth;
use crate::edge::keys::tokens::TokenHash;
use model::{AccountId, SheetId};
use redis_link::{Bus, BusEvent, Subscription};
use store::StoreError;

/// The topic of invalidations.
const TOPIC: &str = "gridloom:invalidations";
/// How often tokens and sheets of open sessions are looked up without an invalidation.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// The pause after a lookup that failed.
const RETRY: Duration = Duration::from_secs(2);
/// Invalidations that wait to be published; a call with one more waits.
const QUEUED_INVALIDATIONS: usize = 1_024;
/// The pause after an invalidation that was not published.
const PUBLISH_RETRY: Duration = Duration::from_secs(1);
/// Tokens or sheets that one statement looks up.
const LOOKED_UP: usize = 1_000;

/// A record that other servers must look up immediately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invalidation {
    /// A token was revoked.
    Token(TokenHash),
    /// Several tokens of an account were revoked.
    Account(AccountId),
    /// A sheet was deleted or restored, or rights on it have changed.
    Sheet(SheetId),
    /// The role of one account on a sheet has changed.
    Role(SheetId, AccountId),
    /// A sheet has another owner.
    Owner(SheetId),
    /// The list of roles and links of a sheet has changed, and no role of an account.
    Sharing(SheetId),
    /// A sheet has another name.
    Name(SheetId),
    /// A person has another name or color.
    Person(AccountId),
}

impl Invalidation {
    fn encode(self) -> Vec<u8> {
        match self {
            Self::Token(hash) => [b"t".as_slice(), &hash].concat(),
            Self::Account(account) => [b"a".as_slice(), account.0.as_bytes()].concat(),
            Self::Owner(sheet) => [b"o".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Sheet(sheet) => [b"s".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Role(sheet, account) => {
                [b"r".as_slice(), sheet.0.as_bytes(), account.0.as_bytes()].concat()
            }
            Self::Sharing(sheet) => [b"l".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Name(sheet) => [b"n".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Person(account) => [b"p".as_slice(), account.0.as_bytes()].concat(),
        }
    }

    /// `None` for what a later release may send.
    fn decode(bytes: &Bytes) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let id = || Uuid::from_slice(rest).ok();
        match kind {
            b't' => Some(Self::Token(rest.try_into().ok()?)),
            b'a' => Some(Self::Account(AccountId(id()?))),
            b's' => Some(Self::Sheet(SheetId(id()?))),
            b'o' => Some(Self::Owner(SheetId(id()?))),
            b'r' => {
                let (sheet, account) = rest.split_at_checked(size_of::<Uuid>())?;
                let (sheet, account) = (Uuid::from_slice(sheet), Uuid::from_slice(account));
                Some(Self::Role(SheetId(sheet.ok()?), AccountId(account.ok()?)))
            }
            b'l' => Some(Self::Sharing(SheetId(id()?))),
            b'n' => Some(Self::Name(SheetId(id()?))),
            b'p' => Some(Self::Person(AccountId(id()?))),
            _ => None,
        }
    }
}

/// Publishes invalidations. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Invalidations {
    queue: mpsc::Sender<(Invalidation, Instant)>,
    /// Wakes the lookup of all open sessions at this server.
    look: Arc<Notify>,
}

impl Invalidations {
    /// Queues an invalidation for the other servers, and waits while the queue is full.
    pub(crate) async fn send(&self, invalidation: Invalidation) {
        // There is no other server.
        let _ = self.queue.send((invalidation, Instant::now())).await;
    }

    /// Looks up all open sessions of this server, again and again until Postgres answers: a lookup has failed.
    pub(crate) fn look_soon(&self) {
        self.look.notify_one();
    }
}

/// The parts that the tasks use.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) auth: Arc<Auth>,
    pub(crate) roles: RoleCheck,
}

impl Listener {
    /// Starts to publish and to receive, until `stop`; without a bus there is no other server. The task
    /// holds the registry of sheets: wait for its end.
    pub(crate) fn start(
        self,
        bus: Option<Bus>,
        tasks: &Tasks,
        stop: CancellationToken,
    ) -> (Invalidations, JoinHandle<()>) {
        let (queue, invalidations) = mpsc::channel(QUEUED_INVALIDATIONS);
        if let Some(bus) = bus.clone() {
            tasks.spawn(publish(invalidations, bus, stop.clone()));
        }
        let look = Arc::<Notify>::default();
        let woken = Arc::clone(&look);
        let task = tasks.spawn(async move {
            let listening = async {
                let subscription = match bus {
                    Some(bus) => Some(bus.subscribe(TOPIC).await),
                    None => None,
                };
                self.run(subscription, &woken).await;
            };
            stop.run_until_cancelled(listening).await;
        });
        (Invalidations { queue, look }, task)
    }

    async fn run(&self, mut subscription: Option<Subscription>, woken: &Notify) {
        let mut looks = interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                // An invalidation from another server, or from this one.
                event = next(&mut subscription) => Some(event),
                // The next lookup is due.
                _ = looks.tick() => None,
                // A lookup at this server has failed.
                () = woken.notified() => None,
            };
            let outcome = match event {
                Some(Some(BusEvent::Message(bytes))) => match Invalidation::decode(&bytes) {
                    Some(invalidation) => self.apply(invalidation).await,
                    None => Ok(()),
                },
                Some(Some(BusEvent::Missed)) => {
                    self.auth.doubt_all();
                    self.roles.access.doubt_all();
                    self.look().await
                }
                None => self.look().await,
                // The bus is gone; the lookups continue.
                Some(None) => {
                    subscription = None;
                    Ok(())
                }
            };
            if let Err(error) = outcome {
                tracing::debug!(%error, "tokens and sheets of open sessions not checked; retrying");
                looks.reset_after(RETRY);
            }
        }
    }

    async fn apply(&self, invalidation: Invalidation) -> Result<(), StoreError> {
        match invalidation {
            Invalidation::Token(hash) => {
                self.revoke(&hash);
                Ok(())
            }
            Invalidation::Account(account) => self.check_account(account).await,
            Invalidation::Sheet(sheet) => self.roles.check(&[sheet]).await,
            Invalidation::Role(sheet, account) => self.roles.check_role(sheet, account).await,
            Invalidation::Owner(sheet) => self.roles.check_owner(sheet).await,
            Invalidation::Sharing(sheet) => {
                self.roles.registry.sharing_changed(sheet);
                Ok(())
            }
            Invalidation::Name(sheet) => self.roles.check_name(sheet).await,
            Invalidation::Person(account) => {
                self.auth.doubt(account);
                self.roles.check_person(account).await
            }
        }
    }

    /// Ends the calls and the sessions of the tokens of an account that Postgres no longer has.
    pub(crate) async fn check_account(&self, account: AccountId) -> Result<(), StoreError> {
        let mut tokens = self.auth.doubt(account);
        tokens.extend(self.roles.session_index.tokens_of(account));
        for some in tokens.chunks(LOOKED_UP) {
            self.check_tokens(some).await?;
        }
        Ok(())
    }

    async fn look(&self) -> Result<(), StoreError> {
        let (sheets, mut tokens) = self.roles.session_index.all();
        tokens.extend(self.auth.running_tokens());
        for some in tokens.chunks(LOOKED_UP) {
            self.check_tokens(some).await?;
        }
        for some in sheets.chunks(LOOKED_UP) {
            self.roles.look(some).await?;
            self.roles.look_at_persons(some).await?;
        }
        Ok(())
    }

    async fn check_tokens(&self, tokens: &[TokenHash]) -> Result<(), StoreError> {
        if tokens.is_empty() {
            return Ok(());
        }
        for hash in self.roles.store.invalid_tokens(tokens).await? {
            self.revoke(&hash);
        }
        Ok(())
    }

    /// Ends the calls and the sessions of a token, also those of a sheet that stands still.
    fn revoke(&self, hash: &TokenHash) {
        self.auth.forget(hash);
        self.roles.session_index.revoke(hash, &self.roles.registry);
    }
}

/// The next event; pending without a bus.
async fn next(subscription: &mut Option<Subscription>) -> Option<BusEvent> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

/// Publishes one after the other, each until it is published, the others' own lookups have found it, or `stop`.
async fn publish(
    mut invalidations: mpsc::Receiver<(Invalidation, Instant)>,
    bus: Bus,
    stop: CancellationToken,
) {
    let mut dropped = 0_u64;
    while let Some((invalidation, since)) = invalidations.recv().await {
        // After an outage the others' subscriptions have missed events, and look everything up.
        let is_outdated = || since.elapsed() >= LOOK_INTERVAL || stop.is_cancelled();
        if dropped > 0 && is_outdated() {
            dropped += 1;
            continue;
        }
        while let Err(error) = bus.publish(TOPIC, &invalidation.encode()).await {
            if is_outdated() {
                tracing::warn!(%error, "invalidations not published; the other servers look at intervals");
                dropped += 1;
                break;
            }
            stop.run_until_cancelled(sleep(PUBLISH_RETRY)).await;
        }
        if dropped > 0 && !is_outdated() {
            tracing::warn!(dropped, "invalidations are published again");
            dropped = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalidation_is_read_as_it_is_written() {
        let sheet = SheetId(Uuid::from_u128(9));
        for invalidation in [
            Invalidation::Token([7; 32]),
            Invalidation::Account(AccountId(Uuid::from_u128(8))),
            Invalidation::Sheet(sheet),
            Invalidation::Owner(sheet),
            Invalidation::Role(sheet, AccountId(Uuid::from_u128(8))),
            Invalidation::Sharing(sheet),
            Invalidation::Name(sheet),
            Invalidation::Person(AccountId(Uuid::from_u128(8))),
        ] {
            assert_eq!(Invalidation::decode(&invalidation.encode().into()), Some(invalidation));
        }
        for bytes in [&b""[..], b"t", b"s123", b"r0123456789abcdef", b"?0123456789abcdef"] {
            assert_eq!(Invalidation::decode(&Bytes::copy_from_slice(bytes)), None);
        }
    }
}
