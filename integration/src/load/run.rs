//! One run, from signing up to the verdict.
//!
//! Not the measured part: see `clients`. Invariant: the sheets of a run are deleted at its end.

use client::Client;
use ot_engine::Revision;

use super::bare::baseline::Baseline;
use super::clients::connect::{Dialers, channels};
use super::clients::drain::{self, DrainReport};
use super::clients::history::Entry;
use super::clients::participant::Participant;
use super::clients::plan::{drained, parts};
use super::clients::{self, Clients, Ended};
use super::conditions::Conditions;
use super::error::LoadError;
use super::measure::cpu::Watched;
use super::measure::tally::{Measured, Tally};
use super::options::Options;
use super::report::Report;
use super::setup::{create_sheets, sign_up};
use super::verdict::check::{Expected, Verdict, check_drained};
use super::verdict::truth;

pub(super) async fn run(options: &Options) -> Result<Report, LoadError> {
    let mut baseline = Baseline::new();
    baseline.measure_half(options).await?;
    let (client, token) = sign_up(options).await?;
    let sheets = create_sheets(&client, options).await?;
    let report = run_on(&client, &token, &sheets, options).await;
    for sheet in &sheets {
        // A sheet that can't be deleted does not change the figures.
        let _ = client.delete_sheet(sheet).await;
    }
    let mut report = report?;
    baseline.measure_half(options).await?;
    report.baseline = baseline.report(options);
    Ok(report)
}

async fn run_on(
    client: &Client,
    token: &str,
    sheets: &[String],
    options: &Options,
) -> Result<Report, LoadError> {
    let watched = Watched::find(options)?;
    let clients = open(token, sheets, options).await?;
    let ended = clients::run(clients, watched, options).await?;
    let verdict = verdict(client, sheets, &ended, options).await?;
    Ok(report(&ended, verdict, options))
}

/// Opens all clients: the drained sessions first, so that the writers' first frames are not behind theirs.
async fn open(token: &str, sheets: &[String], options: &Options) -> Result<Clients, LoadError> {
    let channels = channels(&options.target, options.connections()).await?;
    let dialers = Dialers::new(channels, token)?;
    let dialer = |number: u32, in_flight| dialers.dialer(number as usize, in_flight);
    let drains = drain::open(drained(options), sheets, |part| dialer(part.number, 1)).await?;
    let mut participants = Vec::new();
    for part in parts(options) {
        let dialer = dialer(part.number, options.in_flight());
        let sheet = &sheets[part.sheet as usize];
        participants.push(Participant::open(part, sheet, options.columns, dialer).await?);
    }
    Ok(Clients { participants, drains })
}

async fn verdict(
    client: &Client,
    sheets: &[String],
    ended: &Ended,
    options: &Options,
) -> Result<Verdict, LoadError> {
    let mut verdict = Verdict::default();
    for (number, sheet) in (0..).zip(sheets) {
        let here = || ended.finished.iter().filter(|client| client.part.sheet == number);
        let entries: Vec<Entry> = here().flat_map(|client| client.accepted.clone()).collect();
        let expected = Expected::new(entries);
        let (head, cells) = truth::read(client, sheet, options.rows, options.columns).await?;
        expected.check_head(head, &mut verdict);
        expected.check_cells("a fresh read", &cells, &mut verdict);
        let exported = truth::export(client, sheet).await?;
        expected.check_cells("Postgres", &exported, &mut verdict);
        for client in here() {
            expected.check_view(&client.part, &client.live, &mut verdict);
        }
        let Revision(last) = ended.heads[number as usize];
        for (part, drained) in ended.drained.iter().filter(|(part, _)| part.sheet == number) {
            check_drained(part, drained, last, &mut verdict);
        }
    }
    Ok(verdict)
}

fn report(ended: &Ended, verdict: Verdict, options: &Options) -> Report {
    let mut tally = Tally::new(Measured { from: 0, to: 0, by_due: false });
    ended.finished.iter().for_each(|client| tally.add(&client.tally));
    let unanswered = ended.finished.iter().map(|client| client.unanswered as u64).sum();
    let edits_per_second = tally.edits as f64 / options.seconds;
    let delivered_per_second = tally.deliveries as f64 / options.seconds;
    let drained = DrainReport::new(&ended.drained, options.seconds);
    let drained_per_second = drained.as_ref().map_or(0.0, |drained| drained.delivered_per_second);
    Report {
        edits_per_second,
        accepted_us: tally.accepted.percentiles(),
        committed_us: tally.committed.percentiles(),
        delivered_per_second,
        delivered_us: tally.delivered.percentiles(),
        drained,
        cpu: ended.cpu.report(edits_per_second, delivered_per_second + drained_per_second),
        baseline: None,
        lost: verdict.lost,
        duplicated: verdict.duplicated,
        converged: verdict.notes.is_empty(),
        refused: tally.refused,
        overdue: tally.overdue,
        unanswered,
        reconnects: tally.reconnects,
        notes: verdict.notes,
        conditions: Conditions::new(options),
    }
}
