//! A simulation of many servers: a thousand servers and a million sheets, on one core in seconds.
//!
//! Not a measurement: the cost of a step is from `docs/benchmarks.md`, or assumed (`model.rs` names which). It
//! shows which part limits a cluster and where queues form. Invariant: the same seed gives the same figures.

mod model;
mod queues;

use clap::Parser;
use hdrhistogram::Histogram;

use model::{Report, Scale, simulate};

/// Simulates a cluster under steady editing in which one server dies.
#[derive(Debug, Parser)]
struct Flags {
    /// Servers
    #[arg(long, default_value_t = 1_000)]
    nodes: u32,
    /// Sheets
    #[arg(long, default_value_t = 1_000_000)]
    sheets: u32,
    /// Open sessions on all of them
    #[arg(long, default_value_t = 500_000)]
    sessions: u32,
    /// Edits a second, of all sessions together
    #[arg(long, default_value_t = 200_000)]
    edits: u32,
    /// Primaries of the Redis cluster
    #[arg(long, default_value_t = 16)]
    redis: u32,
    /// Postgres databases that sheets are parted over
    #[arg(long, default_value_t = 8)]
    postgres: u32,
    /// Simulated seconds
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Names the run
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() {
    let flags = Flags::parse();
    let report = simulate(&Scale {
        nodes: flags.nodes.max(2),
        sheets: flags.sheets.max(1),
        sessions: flags.sessions.max(1),
        edits_per_second: flags.edits.max(1),
        redis: flags.redis.max(1),
        postgres: flags.postgres.max(1),
        seconds: flags.seconds.max(1),
        seed: flags.seed,
    });
    print(&flags, &report);
}

#[allow(clippy::print_stdout, reason = "what the program is for")]
fn print(flags: &Flags, report: &Report) {
    println!(
        "{} servers, {} sheets, {} sessions, {} edits/s, {} Redis, {} Postgres, seed {}",
        flags.nodes,
        flags.sheets,
        flags.sessions,
        flags.edits,
        flags.redis,
        flags.postgres,
        flags.seed
    );
    let line = |what: &str, times: &Histogram<u64>| {
        let ms = |quantile| times.value_at_quantile(quantile) as f64 / 1_000.0;
        println!(
            "{what:<28} p50 {:>9.2} ms   p99 {:>9.2} ms   n {}",
            ms(0.5),
            ms(0.99),
            times.len()
        );
    };
    line("accepted", &report.accepted);
    line("seen at another server", &report.seen);
    line("committed", &report.committed);
    line("back after a server's death", &report.back);
    let [servers, redis, postgres] = report.busy;
    println!(
        "busy on average: servers {servers:.1} %, Redis {redis:.1} %, Postgres {postgres:.1} %"
    );
    println!("the fullest: Redis {:.1} %, Postgres {:.1} %", report.fullest[0], report.fullest[1]);
}
