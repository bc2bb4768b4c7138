//! The connections of a port: how many there may be, of the server and of one network, and which one is closed when
//! they are as many.
//!
//! Not a socket. Invariant: a new connection is refused only where every other one has a call under way with a token, of
//! an account that has no more than its share. Until then the one without a token that has been silent longest is closed,
//! after those one of an account above its share, then the ones with a token and no call.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::accounts::{Accounts, Place};
use super::sums::{Counted, MakeRoom, Own, Sums};
use super::{Bounds, Peer};
use crate::edge::auth::TokenShown;
use crate::edge::refusals;
use crate::edge::sign_in::networks::network;
use model::limits::edge::{
    CONNECTION_WINDOW_BYTES, CONNECTION_WINDOW_BYTES_LEAST, NETWORK_WINDOWS, NETWORK_WINDOWS_BYTES,
    SERVER_WINDOWS, SERVER_WINDOWS_BYTES,
};

/// How many connections are chosen at once to be closed, so that a flood does not search for each.
const CHOSEN: usize = 128;

/// All connections of a port.
#[derive(Debug)]
pub(in crate::serve) struct Table {
    bounds: Arc<Bounds>,
    accounts: Arc<Accounts>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    peers: FxHashMap<u64, Arc<Peer>>,
    begun: u64,
    server: Share,
    networks: HashMap<IpAddr, Share>,
}

/// What some of the connections take together.
#[derive(Debug, Default)]
struct Share {
    connections: usize,
    windows_bytes: usize,
    held: Arc<Sums>,
    /// The next ones to be closed, the first of them last, with the rank that they had.
    chosen: Vec<(Rank, u64)>,
}

/// What it is, and since when it has been silent: the least is closed first.
type Rank = (Standing, Instant);

/// What a connection is that may be closed, the first to be closed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// It has shown no token.
    Stranger,
    /// Its account has more connections than its share: so many, as a power of two.
    AboveShare(Reverse<u32>),
    /// It has shown a token and has no call under way.
    WithoutCall,
}

/// A connection's place in the table.
#[derive(Debug)]
pub(in crate::serve) struct Entry {
    table: Arc<Table>,
    number: u64,
    pub(in crate::serve) peer: Arc<Peer>,
}

impl Table {
    pub(in crate::serve) fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self {
            bounds: Arc::new(bounds),
            accounts: Arc::default(),
            state: Mutex::default(),
        })
    }

    /// Enters a connection from an address, or a proxy's own. `None` when no other one can be closed for it.
    pub(in crate::serve) fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Entry> {
        let network = address.map(network).filter(|_| self.bounds.of_network > 0);
        let mut state = self.lock();
        let of_network = network.and_then(|network| state.networks.get(&network));
        if of_network.is_some_and(|share| share.connections >= self.bounds.of_network)
            && !state.close_one(network, self.accounts.share(self.bounds.of_network))
        {
            return None;
        }
        let most = self.bounds.connections;
        if state.server.connections >= most && !state.close_one(None, self.accounts.share(most)) {
            return None;
        }
        let peer = Arc::new(state.peer(network, self));
        state.begun += 1;
        let number = state.begun;
        state.peers.insert(number, Arc::clone(&peer));
        Some(Entry { table: Arc::clone(self), number, peer })
    }

    /// How many there may be.
    pub(in crate::serve) fn connections(&self) -> usize {
        self.bounds.connections
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MakeRoom for Table {
    fn close_heaviest(&self, kind: Counted, of: Option<IpAddr>, than: usize) -> bool {
        let mut state = self.lock();
        let peers = state.peers.iter().filter(|(_, peer)| of.is_none() || peer.network == of);
        let weights = peers.filter_map(|(number, peer)| Some((peer.weight(kind)?, *number)));
        let heaviest = weights.filter(|((weight, own), _)| *weight > than && *own > 0).max();
        let Some(((weight, bytes), number)) = heaviest else { return false };
        let Some(closed) = state.leave(number) else { return false };
        drop(state);
        closed.close();
        if let Some(left_out) = refusals::line("connections closed for bytes") {
            let (network, account) = (closed.network, closed.account());
            tracing::warn!(
                ?network,
                ?account,
                bytes,
                of_all = weight,
                left_out,
                "connection closed: it, or its account, holds most bytes and others need room"
            );
        }
        true
    }
}

impl State {
    /// A new connection, counted in its shares.
    fn peer(&mut self, network: Option<IpAddr>, table: &Arc<Table>) -> Peer {
        let mut window = self.server.window(SERVER_WINDOWS_BYTES, SERVER_WINDOWS);
        let mut of_network = Arc::default();
        if let Some(network) = network {
            let share = self.networks.entry(network).or_default();
            window = window.min(share.window(NETWORK_WINDOWS_BYTES, NETWORK_WINDOWS));
            share.connections += 1;
            share.windows_bytes += window as usize;
            of_network = Arc::clone(&share.held);
        }
        self.server.connections += 1;
        self.server.windows_bytes += window as usize;
        Peer {
            network,
            bounds: Arc::clone(&table.bounds),
            table: Arc::downgrade(&(Arc::clone(table) as Arc<dyn MakeRoom>)),
            accounts: Arc::clone(&table.accounts),
            place: OnceLock::new(),
            window,
            token: TokenShown::default(),
            active: Mutex::new(Instant::now()),
            calls: AtomicUsize::new(0),
            own: Mutex::new(Own::default()),
            of_network,
            of_server: Arc::clone(&self.server.held),
            less: Notify::new(),
            end: CancellationToken::new(),
        }
    }

    /// Closes the first connection in rank, of a network or of all; false when none may be closed.
    fn close_one(&mut self, of: Option<IpAddr>, account_share: usize) -> bool {
        loop {
            let share = of.map_or(Some(&mut self.server), |it| self.networks.get_mut(&it));
            let Some(share) = share else { return false };
            let Some((rank, number)) = share.chosen.pop() else {
                let chosen = self.choose(of, account_share);
                if chosen.is_empty() {
                    return false;
                }
                let share = of.map_or(Some(&mut self.server), |it| self.networks.get_mut(&it));
                share.into_iter().for_each(|share| share.chosen.clone_from(&chosen));
                continue;
            };
            // One that has done something meanwhile has another rank.
            if self.peers.get(&number).is_some_and(|peer| peer.rank(account_share) == Some(rank)) {
                if let Some(closed) = self.leave(number) {
                    log_closed(&closed, rank);
                    closed.close();
                }
                return true;
            }
        }
    }

    /// The first connections in rank, the first of them last.
    fn choose(&self, of: Option<IpAddr>, account_share: usize) -> Vec<(Rank, u64)> {
        let peers = self.peers.iter().filter(|(_, peer)| of.is_none() || peer.network == of);
        let ranked = peers.filter_map(|(number, peer)| Some((peer.rank(account_share)?, *number)));
        let mut ranked: Vec<_> = ranked.collect();
        if ranked.len() > CHOSEN {
            ranked.select_nth_unstable(CHOSEN);
            ranked.truncate(CHOSEN);
        }
        ranked.sort_unstable_by(|one, other| other.cmp(one));
        ranked
    }

    /// Takes a connection out, if it is in the table.
    fn leave(&mut self, number: u64) -> Option<Arc<Peer>> {
        let peer = self.peers.remove(&number)?;
        peer.place.get().into_iter().for_each(Place::leave);
        self.server.connections -= 1;
        self.server.windows_bytes -= peer.window as usize;
        if let Some(network) = peer.network
            && let Some(share) = self.networks.get_mut(&network)
        {
            share.connections -= 1;
            share.windows_bytes -= peer.window as usize;
            if share.connections == 0 {
                self.networks.remove(&network);
            }
        }
        Some(peer)
    }
}

impl Share {
    /// The window of one more connection: a part of what is left, so that the sum is bounded and the first ones
    /// are fast.
    fn window(&self, total: usize, parts: usize) -> u32 {
        let part = total.saturating_sub(self.windows_bytes) / parts;
        let part = u32::try_from(part).unwrap_or(u32::MAX);
        part.clamp(CONNECTION_WINDOW_BYTES_LEAST, CONNECTION_WINDOW_BYTES)
    }
}

impl Peer {
    /// `None` while a call is under way and the connection has shown a token, of an account within its share.
    fn rank(&self, account_share: usize) -> Option<Rank> {
        let connections = self.place.get().map_or(0, Place::connections);
        let standing = if !self.token.is_shown() {
            Standing::Stranger
        } else if connections > account_share {
            Standing::AboveShare(Reverse(connections.ilog2()))
        } else if self.calls.load(Ordering::Relaxed) == 0 {
            Standing::WithoutCall
        } else {
            return None;
        };
        Some((standing, self.active()))
    }
}

fn log_closed(closed: &Peer, (standing, active): Rank) {
    if let Some(left_out) = refusals::line("connections closed") {
        let (network, account) = (closed.network, closed.account());
        let silent = active.elapsed();
        tracing::warn!(
            ?network,
            ?account,
            ?standing,
            ?silent,
            left_out,
            "connection closed for a new one"
        );
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        drop(self.table.lock().leave(self.number));
    }
}

#[cfg(test)]
mod tests;
