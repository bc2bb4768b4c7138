//! One attack: a server of its own, a control run, the attack, the outcome.
//!
//! Invariant: the control run and the attack last equally long, at the same server, with the same others.

use std::fs;
use std::time::{Duration, Instant};

use ot_engine::{Delta, Revision};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{interval, timeout};

use super::catalog::Attack;
use super::field::Field;
use super::options::Options;
use super::others::Others;
use super::report::Outcome;
use crate::harness::{Home, OwnPostgres, Server, new_wide_sheet, sign_up_with_token};

/// How long an attack may take to prepare.
const PREPARE_WITHIN: Duration = Duration::from_secs(120);
/// How long an attack may take to end.
const END_WITHIN: Duration = Duration::from_secs(5);
const SAMPLE_INTERVAL: Duration = Duration::from_millis(50);
/// The priority of the attacker's threads: lower than that of the server, so that its own CPU time is no attack.
const NICE: i32 = 10;

/// Runs one attack.
///
/// # Panics
/// When the server does not start, or refuses what no attack has reached yet.
pub async fn run(attack: Attack, options: &Options) -> Outcome {
    let postgres = OwnPostgres::start().await;
    let flags = ["--database-url".to_owned(), postgres.socket_url()];
    let bytes = options.memory_mib << 20;
    let server = tokio::task::block_in_place(|| Server::start_held_to(bytes, Home::new(), &flags));
    let others = Others::prepare(server.url()).await;
    let (client, token) = sign_up_with_token(&server).await;
    let field = Field::new(server.url(), token, others.visitor().to_owned(), client);
    let hostile = attacker();
    let length = Duration::from_secs(options.seconds);

    let honest = hostile.spawn(honest(field.clone()));
    field.until_ready().await;
    let control = others.work(length).await;
    honest.abort();

    let field = field.again();
    let mut running = hostile.spawn((attack.begin)(field.clone()));
    let ready = timeout(PREPARE_WITHIN, field.until_ready()).await;
    let mut notes: Vec<String> = ready
        .err()
        .map(|_| format!("not prepared within {PREPARE_WITHIN:?}"))
        .into_iter()
        .collect();
    let before = server.resident_bytes();
    let log_before = log_lines(&server);
    let begun = Instant::now();
    let (served, peak) = tokio::join!(others.work(length), peak(&server, length));
    field.end();
    if timeout(END_WITHIN, &mut running).await.is_err() {
        running.abort();
    }
    let lasted = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(options.recovery)).await;
    hostile.shutdown_background();
    let left = if server.is_running() { server.resident_bytes() } else { 0 };
    if !server.is_running() {
        notes.push(format!("the server has ended:\n{}", server.home().log_tail()));
    }
    notes.extend(first_lines(&served.failures));
    Outcome {
        attack,
        sent: field.sent_bytes(),
        answers: field.answers(),
        held: peak.saturating_sub(before),
        left: left.saturating_sub(before),
        lasted,
        control,
        served,
        refusals: log_lines(&server).split_off(log_before.len()),
        notes,
    }
}

/// A runtime whose threads have less priority.
fn attacker() -> Runtime {
    let lower = || {
        // Without the right to lower it, the attacker is as fast as the others.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    };
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().on_thread_start(lower).build().expect("a runtime")
}

/// The load of the control run: one honest account pastes and reads without a pause.
async fn honest(field: Field) {
    let client = field.client().clone();
    let sheet = new_wide_sheet(&client, "Honest", 1_000, 10).await;
    field.ready();
    let mut revision = 0;
    loop {
        let cells = (0..1_000).flat_map(|row| (0..10).map(move |col| (row, col)));
        let delta = Delta::set_cells(cells.map(|(row, col)| (row, col, f64::from(row).into())));
        let wait = gridloom::v1::WaitFor::Accepted;
        let applied = client.apply_delta(&sheet, Revision(revision), &delta, wait, "").await;
        revision = applied.map_or(revision, |applied| applied.revision);
        // A refusal of a read is one of the answers of an honest caller.
        let _ = client.read_cells(&sheet, 0..500).await;
    }
}

/// The most memory that the server held during so long.
async fn peak(server: &Server, length: Duration) -> u64 {
    let end = Instant::now() + length;
    let mut ticks = interval(SAMPLE_INTERVAL);
    let mut most = 0;
    while Instant::now() < end && server.is_running() {
        ticks.tick().await;
        most = most.max(server.resident_bytes());
    }
    most
}

/// The lines of the server's log that are no information of its own course.
fn log_lines(server: &Server) -> Vec<String> {
    let log = fs::read(server.home().log()).unwrap_or_default();
    String::from_utf8_lossy(&log).lines().map(str::to_owned).collect()
}

/// Each failure once, with its number.
fn first_lines(failures: &[String]) -> Vec<String> {
    let mut counted = std::collections::BTreeMap::<&str, usize>::new();
    for failure in failures {
        *counted.entry(failure).or_default() += 1;
    }
    counted.into_iter().map(|(failure, count)| format!("{count} x {failure}")).collect()
}
