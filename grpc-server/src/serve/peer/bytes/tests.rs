//! What strangers or one account hold leaves room for all others, however the bytes are divided.

use std::net::IpAddr;

use model::AccountId;
use tonic::Status;

use super::super::Bounds;
use super::super::table::{Entry, Table};
use super::*;

const MIB: usize = 1 << 20;
const BOUNDS: Bounds = Bounds {
    connections: 1_000,
    of_network: 400,
    held_of_connection: 8 * MIB,
    held_of_network: 16 * MIB,
    held_of_server: 32 * MIB,
    strangers_of_network: 4 * MIB,
    strangers_of_server: 8 * MIB,
};

fn enter(table: &Arc<Table>, network: u8) -> Entry {
    table.enter(Some(IpAddr::from([10, 0, network, 1]))).expect("there is a place")
}

fn enter_with_token(table: &Arc<Table>, network: u8, account: AccountId) -> Entry {
    let entry = enter(table, network);
    entry.peer.token().show(account);
    entry.peer.recount();
    entry
}

fn is_closed(entry: &Entry) -> bool {
    entry.peer.own().counted == Counted::Closed
}

/// Holds parts of so many bytes on each connection in turn, more than has room; answers what is held.
fn fill(entries: &[Entry], part: usize) -> Vec<Charge> {
    let mut held = Vec::new();
    let mut refused = 0;
    for entry in (0..64 * MIB / part / entries.len() + 1).flat_map(|_| entries) {
        let mut charge = entry.peer.charge();
        match charge.grow(part) {
            Ok(()) => held.push(charge),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0, "all has room");
    held
}

#[tokio::test]
async fn strangers_leave_room_for_tokens_and_for_calls_that_may_show_one() {
    for (connections, part) in
        [(1, 16 << 10), (64, 16 << 10), (64, 100_000), (300, 2_000), (300, 2 * MIB)]
    {
        let table = Table::new(BOUNDS);
        let owner = AccountId::generate();
        let live = [0, 9].map(|network| enter_with_token(&table, network, owner));
        let flood: Vec<_> =
            (0..connections * 2).map(|at| enter(&table, u8::from(at % 2 == 0))).collect();
        let _held = fill(&flood, part);
        for entry in &live {
            assert!(!entry.peer.is_full(), "a live stream continues");
            entry.peer.charge().grow(BOUNDS.held_of_connection).expect("the token has its room");
        }
        // Connections of owners, also behind the address of a flood.
        for network in [0, 1, 9] {
            let new = enter(&table, network);
            let call = new.peer.begin(1_000).expect("a first call has room");
            new.peer.token().show(owner);
            new.peer.recount();
            assert_eq!(new.peer.own().counted, Counted::WithToken);
            new.peer.charge().grow(4 * MIB).expect("has the room of its token");
            drop(call);
            assert!(!is_closed(&new));
        }
        assert!(!live.iter().any(is_closed), "{connections} connections, {part} bytes");
    }
}

#[tokio::test]
async fn one_account_leaves_room_for_others_and_cannot_push_them_out() {
    for part in [16 << 10, MIB, 8 * MIB] {
        let table = Table::new(BOUNDS);
        let [greedy, owner] = [(); 2].map(|()| AccountId::generate());
        let flood: Vec<_> = (0..20).map(|at| enter_with_token(&table, at % 3, greedy)).collect();
        let _held = fill(&flood, part);
        assert!(!flood.iter().any(is_closed), "none of it is closed for its own account");
        let owners: Vec<_> =
            [0, 1, 2, 9].map(|network| enter_with_token(&table, network, owner)).into();
        let mut kept = Vec::new();
        for entry in &owners {
            kept.push(entry.peer.begin(1_000).expect("a call of another account has room"));
            entry.peer.charge().grow(MIB).expect("and so has its request");
            assert!(!entry.peer.is_full());
        }
        let _more = fill(&flood, part);
        assert!(!owners.iter().any(is_closed), "{part} bytes");
    }
}

#[tokio::test]
async fn a_refusal_names_the_sum_that_is_full() {
    let table = Table::new(BOUNDS);
    let entries: Vec<_> = (0..8).map(|_| enter(&table, 0)).collect();
    let _held = fill(&entries, MIB);
    let last = entries.iter().find(|entry| !is_closed(entry)).expect("some are left");
    let full = last.peer.charge().grow(2 * MIB).expect_err("is full");
    let message = Status::from(full).message().to_owned();
    assert!(
        message.contains("have shown no valid token") || message.contains("has shown no"),
        "{message}"
    );
    assert!(message.contains(&full.most.to_string()), "{message}");
}
