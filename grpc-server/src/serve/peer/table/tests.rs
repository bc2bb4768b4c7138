//! Which connection is closed for a new one, and what is left of each, over random histories.

use std::net::Ipv4Addr;
use std::time::Duration;

use model::AccountId;
use proptest::prelude::*;
use tokio::time::advance;

use super::super::bytes::Call;
use super::*;

const ALL: usize = 20;
const OF_NETWORK: usize = 8;
const STRANGERS_OF_NETWORK: usize = 1 << 20;
const STRANGERS_OF_SERVER: usize = 3 << 20;

fn table(of_network: usize) -> Arc<Table> {
    Table::new(Bounds {
        connections: ALL,
        of_network,
        held_of_connection: 1 << 20,
        held_of_network: 2 << 20,
        held_of_server: 4 << 20,
        strangers_of_network: STRANGERS_OF_NETWORK,
        strangers_of_server: STRANGERS_OF_SERVER,
    })
}

fn address(number: u8) -> Option<IpAddr> {
    Some(IpAddr::from([10, 0, number, 1]))
}

async fn tick() {
    advance(Duration::from_millis(1)).await;
}

/// Whether the server has closed it.
fn is_closed(entry: &Entry) -> bool {
    entry.peer.end.is_cancelled()
}

#[tokio::test(start_paused = true)]
async fn the_longest_silent_without_a_token_is_closed_first_and_a_call_with_a_token_never() {
    let table = table(0);
    let mut entries = Vec::new();
    for number in 0..ALL {
        entries.push(table.enter(address(number as u8)).expect("there is room"));
        tick().await;
    }
    // The first three have shown a token; one of them has a call under way.
    for entry in &entries[..3] {
        entry.peer.token.show(AccountId::generate());
    }
    let call = entries[0].peer.begin(1).expect("has room");
    tick().await;
    // The fourth has just sent something.
    entries[3].peer.touch();
    tick().await;
    let mut closed = Vec::new();
    let mut new = Vec::new();
    while let Some(entry) = table.enter(address(99)) {
        entry.peer.token.show(AccountId::generate());
        new.push((entry.peer.begin(1).expect("has room"), entry));
        closed.extend(
            (0..ALL)
                .filter(|at| is_closed(&entries[*at]) && !closed.contains(at))
                .collect::<Vec<_>>(),
        );
        tick().await;
    }
    let expected: Vec<usize> = (4..ALL).chain([3, 1, 2]).collect();
    assert_eq!(closed, expected, "all but the call under way");
    drop(call);
    assert!(table.enter(address(99)).is_some(), "it is idle now");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_one_network_closes_its_own_connections_alone() {
    let table = table(OF_NETWORK);
    let others: Vec<_> =
        (1..=3).map(|number| table.enter(address(number)).expect("room")).collect();
    let flood: Vec<_> = (0..1_000).map(|_| table.enter(address(0)).expect("room")).collect();
    assert!(!others.iter().any(is_closed));
    assert_eq!(flood.iter().filter(|entry| !is_closed(entry)).count(), OF_NETWORK);
    assert_eq!(table.lock().peers.len(), OF_NETWORK + 3);
    drop(flood);
    assert_eq!(table.lock().peers.len(), 3);
}

/// A connection with a call under way that has shown a token of an account.
fn busy(table: &Arc<Table>, network: u8, account: AccountId) -> Option<(Call, Entry)> {
    let entry = table.enter(address(network))?;
    entry.peer.token.show(account);
    Some((entry.peer.begin(1).expect("has room"), entry))
}

#[tokio::test(start_paused = true)]
async fn no_account_takes_the_places_of_others_with_calls_under_way() {
    // How many accounts flood, from how many networks.
    for (flooding, networks) in [(1, 3), (3, 3), (8, 3), (20, 3), (1, 1), (2, 1), (10, 1)] {
        let table = Table::new(Bounds { connections: 1_000, of_network: 400, ..*table(1).bounds });
        let accounts: Vec<_> = (0..flooding).map(|_| AccountId::generate()).collect();
        let count = 1_000.min(networks * 400);
        let flood: Vec<_> = (0..count)
            .map(|at| {
                let network = u8::try_from(at % networks).expect("few");
                busy(&table, network, accounts[at % accounts.len()]).expect("there is room")
            })
            .collect();
        assert!(flood.iter().all(|(_, entry)| !is_closed(entry)), "one account may have all");
        let mut owners = Vec::new();
        for owner in (0..5).map(|_| AccountId::generate()) {
            for network in [0, 0, 7] {
                tick().await;
                let entered = busy(&table, network, owner);
                owners.push(entered.unwrap_or_else(|| panic!("{flooding} from {networks}")));
            }
        }
        // The flood comes back, and pushes out itself alone.
        let again: Vec<_> =
            (0..500).filter_map(|at| busy(&table, 0, accounts[at % accounts.len()])).collect();
        assert!(!again.is_empty() && owners.iter().all(|(_, entry)| !is_closed(entry)));
        drop((flood, again, owners));
        assert_eq!(table.accounts.share(1_000), 250, "no account is left");
    }
}

#[test]
fn mapped_addresses_and_a_64_are_one_network() {
    let table = table(1);
    let pairs = [
        [Ipv4Addr::new(10, 0, 0, 1).into(), Ipv4Addr::new(10, 0, 0, 1).to_ipv6_mapped().into()],
        ["fd00::1", "fd00::2"].map(|text| text.parse::<IpAddr>().expect(text)),
    ];
    for [one, other] in pairs {
        let first = table.enter(Some(one)).expect("room");
        let _second = table.enter(Some(other)).expect("closes the first");
        assert!(is_closed(&first), "{one} {other}");
    }
}

#[test]
fn windows_shrink_and_their_sum_is_bounded() {
    let table = Table::new(Bounds { connections: 10_000, of_network: 4_000, ..*table(1).bounds });
    let entries: Vec<_> = (0..10_000_u32)
        .filter_map(|at| table.enter(address(u8::try_from(at / 4_000).expect("few"))))
        .collect();
    let windows =
        |entries: &[Entry]| -> Vec<u32> { entries.iter().map(|it| it.peer.window).collect() };
    assert_eq!(entries[0].peer.window, CONNECTION_WINDOW_BYTES);
    let least = CONNECTION_WINDOW_BYTES_LEAST as usize;
    let sum = |of: &[Entry]| windows(of).into_iter().map(|it| it as usize).sum::<usize>();
    assert!(windows(&entries).into_iter().all(|it| it >= CONNECTION_WINDOW_BYTES_LEAST));
    assert!(sum(&entries[..4_000]) <= NETWORK_WINDOWS_BYTES + 4_000 * least);
    assert!(sum(&entries) <= SERVER_WINDOWS_BYTES + 10_000 * least);
    drop(entries);
    assert_eq!(table.lock().server.windows_bytes, 0);
}

/// What all connections with a token, and all without, hold.
fn held(state: &State) -> (usize, usize) {
    let Sums { with_token, strangers } = &*state.server.held;
    (with_token.load(Ordering::Relaxed), strangers.load(Ordering::Relaxed))
}

#[derive(Clone, Debug)]
enum Step {
    Enter(u8),
    Leave(usize),
    Show(usize),
    Hold(usize, usize),
    Free,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6_u8).prop_map(Step::Enter),
        1 => any::<usize>().prop_map(Step::Leave),
        1 => any::<usize>().prop_map(Step::Show),
        4 => (any::<usize>(), 0..3_000_000_usize).prop_map(|(at, bytes)| Step::Hold(at, bytes)),
        1 => Just(Step::Free),
    ]
}

proptest! {
    #[test]
    fn counts_stay_in_their_bounds_and_come_back(steps in prop::collection::vec(step(), 1..200)) {
        let table = table(OF_NETWORK);
        let accounts = [(); 3].map(|()| AccountId::generate());
        let (mut entries, mut charges) = (Vec::<Entry>::new(), Vec::new());
        let mut all = Vec::new();
        for step in steps {
            match step {
                Step::Enter(number) => {
                    let entry = table.enter(address(number));
                    all.extend(entry.iter().map(|entry| entry.peer.clone()));
                    entries.extend(entry);
                }
                Step::Leave(at) if !entries.is_empty() => drop(entries.swap_remove(at % entries.len())),
                Step::Show(at) if !entries.is_empty() => {
                    let peer = &entries[at % entries.len()].peer;
                    peer.token.show(accounts[at % accounts.len()]);
                    peer.recount();
                }
                Step::Hold(at, bytes) if !entries.is_empty() => {
                    let mut charge = entries[at % entries.len()].peer.charge();
                    let _ = charge.grow(bytes);
                    charges.push(charge);
                }
                Step::Free => charges.clear(),
                _ => {}
            }
            let state = table.lock();
            prop_assert!(state.peers.len() <= ALL && state.server.connections == state.peers.len());
            for share in state.networks.values() {
                prop_assert!(share.connections <= OF_NETWORK);
                prop_assert!(share.held.with_token.load(Ordering::Relaxed) <= 2 << 20);
                prop_assert!(share.held.strangers.load(Ordering::Relaxed) <= STRANGERS_OF_NETWORK);
            }
            let (with_token, strangers) = held(&state);
            prop_assert!(with_token <= 4 << 20 && strangers <= STRANGERS_OF_SERVER);
            // What was moved or closed counts in one sum, or none.
            let of = |kind| all.iter().filter_map(|peer| Some(peer.weight(kind)?.1)).sum::<usize>();
            prop_assert_eq!((with_token, strangers), (of(Counted::WithToken), of(Counted::Stranger)));
        }
        drop((entries, charges));
        let state = table.lock();
        prop_assert!(state.peers.is_empty() && state.networks.is_empty());
        prop_assert_eq!(held(&state), (0, 0));
        prop_assert_eq!(state.server.windows_bytes, 0);
    }
}
