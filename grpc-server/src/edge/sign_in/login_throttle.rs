//! The limits of sign-in, sign-up and password links: attempts for each e-mail address and each network, over all nodes.
//!
//! Not the check of a password. Invariants: an attempt is taken before the password is checked and given back when
//! it was right, so parallel attempts are all counted and a right password costs nothing. Attempts from other
//! networks refuse no network from which the account has signed in before, and those of a program in its own network
//! delay it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::known_turns::KnownTurns;
use super::networks::network;
use crate::edge::errors::ServiceError;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::refusals;
use model::AccountId;
use model::allowance::{Buckets, Rate};
use model::limits::edge::{
    ACCOUNT_INVITATIONS, ADDRESS_INVITATIONS, EMAIL_ATTEMPTS, EMAIL_RESETS, KNOWN_LETTERS,
    NETWORK_ATTEMPTS, NETWORK_INVITATIONS, NETWORK_PROVIDER_SIGN_INS, NETWORK_RESET_ATTEMPTS,
    NETWORK_RESETS, NETWORK_SIGN_UPS, PAIR_ATTEMPTS, PAIR_RESETS, ROLE_CHANGES_OF_PAIR,
    SERVER_INVITATIONS, STRANGER_QUERIES, THROTTLED_SIGN_IN_WAIT, UNKNOWN_TOKENS,
};
use store::Store;

/// A network without an address: a connection that does not come over the network.
pub(crate) const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// In a refusal: the owner of the address has links that work.
const RESETS: &str = "requests for a password link; the links of the last hour are still valid";

/// The attempts that are left.
#[derive(Debug)]
pub(crate) struct LoginThrottle {
    store: Store,
    key: ServerKey,
    queries: StrangerQueries,
    known_turns: KnownTurns,
    /// Of this node alone, so that a refused network costs the database nothing.
    networks: NetworkLimits,
}

/// One attempt to sign in.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// The account has signed in from this network before.
    pub(crate) known: bool,
    /// The bucket of the address from all networks, where something was taken from it.
    email: Option<[u8; 32]>,
    /// That of the address and this network, likewise.
    pair: Option<[u8; 32]>,
    network: IpAddr,
}

impl LoginThrottle {
    pub(crate) fn new(store: Store, key: ServerKey, queries: StrangerQueries) -> Self {
        let (known_turns, networks) = (KnownTurns::default(), NetworkLimits::default());
        Self { store, key, queries, known_turns, networks }
    }

    /// Takes one attempt to sign in.
    pub(crate) async fn take(
        &self,
        email: &str,
        address: Option<IpAddr>,
    ) -> Result<Attempt, ServiceError> {
        let address = network(address.unwrap_or(NOWHERE));
        let of_email = self.key.hash("e-mail", &[email.as_bytes()]);
        let of_pair = self.pair(email, address);
        let mut attempt = Attempt {
            known: self.is_known(email, address).await?,
            email: None,
            pair: None,
            network: address,
        };
        if !attempt.known {
            let taken = self.networks.sign_ins.take(address);
            taken.map_err(|after| refuse("wrong passwords", address, after))?;
        }
        match self.count(&of_pair, PAIR_ATTEMPTS).await? {
            Ok(()) => attempt.pair = Some(of_pair),
            // It counts nowhere else: it would use up the attempts of the owner's other networks.
            Err(_) if attempt.known && self.known_turns.wait(of_pair).await => return Ok(attempt),
            Err(after) => return Err(refuse("wrong passwords", address, after)),
        }
        match self.count(&of_email, EMAIL_ATTEMPTS).await? {
            Ok(()) => attempt.email = Some(of_email),
            Err(_) if attempt.known => tokio::time::sleep(THROTTLED_SIGN_IN_WAIT).await,
            Err(after) => {
                if let Some(pair) = &attempt.pair {
                    self.make_up(pair, PAIR_ATTEMPTS).await;
                }
                return Err(refuse("wrong passwords", address, after));
            }
        }
        Ok(attempt)
    }

    /// Gives an attempt back: the password was right, or was not checked.
    pub(crate) async fn give_back(&self, attempt: &Attempt) {
        if !attempt.known {
            self.networks.sign_ins.give_back(attempt.network);
        }
        if let Some(pair) = &attempt.pair {
            self.make_up(pair, PAIR_ATTEMPTS).await;
        }
        if let Some(email) = &attempt.email {
            self.make_up(email, EMAIL_ATTEMPTS).await;
        }
    }

    /// Gives all attempts of a network at an address back: the owner has a new password.
    pub(crate) async fn forget_pair(&self, email: &str, address: Option<IpAddr>) {
        let pair = self.pair(email, network(address.unwrap_or(NOWHERE)));
        // Attempts that are not given back cost the owner a moment's wait.
        if let Err(error) = self.store.forget_attempts(&pair).await {
            tracing::debug!(%error, "the attempts before a new password not given back");
        }
    }

    /// Takes one sign-up.
    pub(crate) async fn take_sign_up(&self, address: Option<IpAddr>) -> Result<(), ServiceError> {
        let address = network(address.unwrap_or(NOWHERE));
        let refused = |after| refuse("sign-ups from one network", address, after);
        self.networks.sign_ups.take(address).map_err(refused)?;
        let key = self.key.hash("sign-ups of network", &[address.to_string().as_bytes()]);
        self.count(&key, NETWORK_SIGN_UPS).await?.map_err(refused)
    }

    /// Takes one request for a password link. Nothing depends on whether the address has an account, but for a network
    /// from which it has signed in.
    pub(crate) async fn take_reset(
        &self,
        email: &str,
        address: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        let address = network(address.unwrap_or(NOWHERE));
        let text = address.to_string();
        let refused = |after| refuse(RESETS, address, after);
        self.networks.resets.take(address).map_err(refused)?;
        let of_network = self.key.hash("resets of network", &[text.as_bytes()]);
        self.count(&of_network, NETWORK_RESETS).await?.map_err(refused)?;
        let of_pair = self.key.hash("resets of pair", &[email.as_bytes(), text.as_bytes()]);
        self.count(&of_pair, PAIR_RESETS).await?.map_err(refused)?;
        let is_known = self.is_known(email, address).await?;
        let of_email = self.key.hash("resets of e-mail", &[email.as_bytes()]);
        match self.count(&of_email, EMAIL_RESETS).await? {
            Err(after) if !is_known => Err(refused(after)),
            _ => Ok(()),
        }
    }

    /// Takes one attempt to use a password link.
    pub(crate) fn take_reset_attempt(&self, address: Option<IpAddr>) -> Result<(), ServiceError> {
        let address = network(address.unwrap_or(NOWHERE));
        let taken = self.networks.reset_attempts.take(address);
        taken.map_err(|after| refuse("attempts to use a password link", address, after))
    }

    /// Takes one sign-in with a provider: its beginning, or its end.
    pub(crate) fn take_provider(&self, address: Option<IpAddr>) -> Result<(), ServiceError> {
        let address = network(address.unwrap_or(NOWHERE));
        let taken = self.networks.provider.take(address);
        taken.map_err(|after| refuse("sign-ins with a provider", address, after))
    }

    /// Gives back both of one that led to an account.
    pub(crate) fn give_provider_back(&self, address: Option<IpAddr>) {
        for _ in ["the beginning", "the end"] {
            self.networks.provider.give_back(address.unwrap_or(NOWHERE));
        }
    }

    /// Takes one letter by which an account in a network invites an address.
    pub(crate) async fn take_invitation(
        &self,
        account: AccountId,
        address: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        let of_account = self.key.hash("invitations of account", &[account.0.as_bytes()]);
        self.count(&of_account, ACCOUNT_INVITATIONS).await?.map_err(|after| {
            refusals::log("invitations of an account", &account);
            ServiceError::TooManyAttempts { what: "invitations", after }
        })?;
        let address = network(address.unwrap_or(NOWHERE));
        let key = self.key.hash("invitations of network", &[address.to_string().as_bytes()]);
        match self.count(&key, NETWORK_INVITATIONS).await? {
            Ok(()) => Ok(()),
            Err(after) => {
                self.make_up(&of_account, ACCOUNT_INVITATIONS).await;
                Err(refuse("invitations from one network", address, after))
            }
        }
    }

    /// Takes one change of the role of an address by an account.
    pub(crate) async fn take_role_change(
        &self,
        account: AccountId,
        email: &str,
    ) -> Result<(), ServiceError> {
        let parts = [account.0.as_bytes().as_slice(), email.as_bytes()];
        let key = self.key.hash("roles of account and e-mail", &parts);
        self.count(&key, ROLE_CHANGES_OF_PAIR).await?.map_err(|after| {
            refusals::log("changes of the role of one address", &account);
            ServiceError::TooManyAttempts { what: "changes of the role of this person", after }
        })
    }

    /// Takes one letter that invites an address. False: it has had several lately, or all addresses together have had as
    /// many as the server sends.
    pub(crate) async fn take_invited(&self, email: &str) -> Result<bool, ServiceError> {
        let key = self.key.hash("invitations of e-mail", &[email.as_bytes()]);
        if self.count(&key, ADDRESS_INVITATIONS).await?.is_err() {
            refusals::log("invitations of one address", &"the letter is left out");
            return Ok(false);
        }
        let of_server = self.key.hash("invitations of server", &[]);
        let is_taken = self.count(&of_server, SERVER_INVITATIONS).await?.is_ok();
        if !is_taken {
            self.make_up(&key, ADDRESS_INVITATIONS).await;
            refusals::log("invitations of the server", &"the letter is left out");
        }
        Ok(is_taken)
    }

    /// Takes one letter to the owner of an account, with whose address a person asks for a new one. False: the address has
    /// had several lately.
    pub(crate) async fn take_known_letter(&self, email: &str) -> Result<bool, ServiceError> {
        let key = self.key.hash("sign-up letters of e-mail", &[email.as_bytes()]);
        Ok(self.count(&key, KNOWN_LETTERS).await?.is_ok())
    }

    /// Remembers that an account has signed in from a network.
    pub(crate) async fn remember(&self, account: AccountId, address: Option<IpAddr>) {
        let mark = self.mark(network(address.unwrap_or(NOWHERE)));
        if let Err(error) = self.store.remember_network(account, &mark).await {
            tracing::debug!(%error, "the network of a sign-in not remembered");
        }
    }

    /// The turns of calls without a token at the database.
    pub(crate) fn queries(&self) -> &StrangerQueries {
        &self.queries
    }

    async fn is_known(&self, email: &str, network: IpAddr) -> Result<bool, ServiceError> {
        let _turn = self.queries.turn().await?;
        Ok(self.store.knows_network(email, &self.mark(network)).await?)
    }

    async fn count(
        &self,
        key: &[u8; 32],
        rate: Rate,
    ) -> Result<Result<(), Duration>, ServiceError> {
        let _turn = self.queries.turn().await?;
        Ok(self.store.take_attempt(key, rate).await?)
    }

    async fn make_up(&self, key: &[u8; 32], rate: Rate) {
        // An attempt that is not given back costs a moment's wait.
        if let Err(error) = self.store.give_back_attempt(key, rate).await {
            tracing::debug!(%error, "an attempt to sign in not given back");
        }
    }

    fn pair(&self, email: &str, network: IpAddr) -> [u8; 32] {
        let network = network.to_string();
        self.key.hash("e-mail and network", &[email.as_bytes(), network.as_bytes()])
    }

    fn mark(&self, network: IpAddr) -> [u8; 32] {
        self.key.hash("network", &[network.to_string().as_bytes()])
    }
}

/// Logs a refusal on purpose, so that an operator sees it.
fn refuse(what: &'static str, network: IpAddr, after: Duration) -> ServiceError {
    refusals::log(what, &network);
    ServiceError::TooManyAttempts { what, after }
}

/// Turns at the database for calls without a token, so that commits and the calls of accounts always find connections.
/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct StrangerQueries(Arc<Semaphore>);

impl Default for StrangerQueries {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STRANGER_QUERIES)))
    }
}

impl StrangerQueries {
    /// One turn, until it is dropped.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        self.0.acquire().await.map_err(ServiceError::internal)
    }
}

/// A bucket for each network, of this node.
#[derive(Debug)]
pub(crate) struct Networks(Mutex<Buckets<IpAddr>>);

impl Networks {
    pub(crate) fn new(rate: Rate) -> Self {
        Self(Mutex::new(Buckets::new(rate)))
    }

    /// Limits on tokens that no lookup has found.
    pub(crate) fn of_unknown_tokens() -> Self {
        Self::new(UNKNOWN_TOKENS)
    }

    /// The error is the time until the next one is possible.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), Duration> {
        self.buckets(|buckets| buckets.take(network(address), Instant::now()))
    }

    pub(crate) fn give_back(&self, address: IpAddr) {
        self.buckets(|buckets| buckets.give_back(&network(address)));
    }

    fn buckets<T>(&self, change: impl FnOnce(&mut Buckets<IpAddr>) -> T) -> T {
        // Counters: after a panic elsewhere they are still valid counts.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug)]
struct NetworkLimits {
    sign_ins: Networks,
    sign_ups: Networks,
    resets: Networks,
    reset_attempts: Networks,
    provider: Networks,
}

impl Default for NetworkLimits {
    fn default() -> Self {
        Self {
            sign_ins: Networks::new(NETWORK_ATTEMPTS),
            sign_ups: Networks::new(NETWORK_SIGN_UPS),
            resets: Networks::new(NETWORK_RESETS),
            reset_attempts: Networks::new(NETWORK_RESET_ATTEMPTS),
            provider: Networks::new(NETWORK_PROVIDER_SIGN_INS),
        }
    }
}
