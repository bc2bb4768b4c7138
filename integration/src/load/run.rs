//! One run, from signing up to the verdict.

use client::Client;
use ot_engine::Revision;

use super::baseline::Baseline;
use super::check::{Expected, Verdict, check_drained};
use super::conditions::Conditions;
use super::connect::{Dialers, channels};
use super::cpu::Watched;
use super::drain::{self, DrainReport};
use super::error::LoadError;
use super::history::Entry;
use super::options::Options;
use super::participant::Participant;
use super::plan::{drained, parts};
use super::report::Report;
use super::stage::{Cast, Played, play};
use super::tally::{Measured, Tally};
use super::truth;
use crate::harness::wide;

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
    let cast = open(token, sheets, options).await?;
    let played = play(cast, watched, options).await?;
    let verdict = verdict(client, sheets, &played, options).await?;
    Ok(report(&played, verdict, options))
}

/// An account of this run's own, and its token.
pub(super) async fn sign_up(options: &Options) -> Result<(Client, String), LoadError> {
    let fail = |error| LoadError::server("signing up", error);
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let email = format!("load.{}.{since}@example.org", std::process::id());
    let client = Client::connect(options.first_target()).await.map_err(fail)?;
    let (client, session) =
        client.sign_up(&email, &format!("{since}-load"), "").await.map_err(fail)?;
    Ok((client, session.token))
}

pub(super) async fn create_sheets(
    client: &Client,
    options: &Options,
) -> Result<Vec<String>, LoadError> {
    let mut sheets = Vec::new();
    for number in 0..options.sheets {
        let new = wide(options.rows, options.columns);
        let sheet = client.create_sheet(&format!("Load {number}"), new).await;
        let sheet = sheet.map_err(|error| LoadError::server("creating a sheet", error))?;
        sheets.push(sheet.id);
    }
    Ok(sheets)
}

/// Opens all clients: the drained sessions first, so that the writers' first frames are not behind theirs.
async fn open(token: &str, sheets: &[String], options: &Options) -> Result<Cast, LoadError> {
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
    Ok(Cast { participants, drains })
}

async fn verdict(
    client: &Client,
    sheets: &[String],
    played: &Played,
    options: &Options,
) -> Result<Verdict, LoadError> {
    let mut verdict = Verdict::default();
    for (number, sheet) in (0..).zip(sheets) {
        let here = || played.finished.iter().filter(|client| client.part.sheet == number);
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
        let Revision(last) = played.heads[number as usize];
        for (part, drained) in played.drained.iter().filter(|(part, _)| part.sheet == number) {
            check_drained(part, drained, last, &mut verdict);
        }
    }
    Ok(verdict)
}

fn report(played: &Played, verdict: Verdict, options: &Options) -> Report {
    let mut tally = Tally::new(Measured { from: 0, to: 0, by_due: false });
    played.finished.iter().for_each(|client| tally.add(&client.tally));
    let unanswered = played.finished.iter().map(|client| client.unanswered as u64).sum();
    let edits_per_second = tally.edits as f64 / options.seconds;
    let delivered_per_second = tally.deliveries as f64 / options.seconds;
    let drained = DrainReport::new(&played.drained, options.seconds);
    let drained_per_second = drained.as_ref().map_or(0.0, |drained| drained.delivered_per_second);
    Report {
        edits_per_second,
        accepted_us: tally.accepted.percentiles(),
        committed_us: tally.committed.percentiles(),
        delivered_per_second,
        delivered_us: tally.delivered.percentiles(),
        drained,
        cpu: played.cpu.report(edits_per_second, delivered_per_second + drained_per_second),
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
