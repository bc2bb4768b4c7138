//! The drills of `make drill`, shortened: under each fault no accepted edit is lost or applied twice, and all
//! clients converge. Without the drills of a full disk, which need root, and without those on three servers
//! whose fault one server shows as well.
//!
//! Not a measurement: `make drill` measures times. Invariant: no verdict here depends on a time.

use std::time::Duration;

use integration::drill::{Drill, Options, run};
use integration::harness::Random;

/// Runs one short drill.
async fn play(name: &str) {
    let seed = Random::seed();
    let options = Options {
        writers: 4,
        rate: 20.0,
        before: Duration::from_millis(500),
        fault: Duration::from_millis(1500),
        after: Duration::from_millis(500),
        seed,
    };
    let outcome = run(Drill::named(name).expect("there is such a drill"), options).await;
    assert!(outcome.verdict.is_sound(), "GRIDLOOM_SEED={seed}: {:#?}", outcome.verdict);
    assert!(outcome.measures.accepted > 0, "{:?}", outcome.measures);
}

macro_rules! drills {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                play($name).await;
            }
        )*
    };
}

drills! {
    server_killed: "server-killed",
    server_stopped: "server-stopped",
    postgres_paused: "postgres-paused",
    postgres_killed: "postgres-killed",
    postgres_stopped: "postgres-stopped",
    postgres_slow: "postgres-slow",
    postgres_reset: "postgres-reset",
    postgres_silent: "postgres-silent",
    texts_postgres_silent: "texts-postgres-silent",
    connections_taken: "connections-taken",
    journal_limit: "journal-limit",
    slow_reader: "slow-reader",
    deaf_reader: "deaf-reader",
    node_killed: "node-killed",
    nodes_postgres_stopped: "nodes-postgres-stopped",
    nodes_postgres_slow: "nodes-postgres-slow",
    nodes_postgres_silent: "nodes-postgres-silent",
    redis_silent_for_one: "redis-silent-for-one",
    redis_cut_for_one: "redis-cut-for-one",
    redis_emptied_unseen: "redis-emptied-unseen",
    both_stopped: "both-stopped",
    redis_paused: "redis-paused",
    redis_killed: "redis-killed",
    redis_emptied: "redis-emptied",
    heavy_server_killed: "heavy-server-killed",
    heavy_journal_limit: "heavy-journal-limit",
    heavy_redis_killed: "heavy-redis-killed",
}
