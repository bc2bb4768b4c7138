//! One run, from the signing up to the verdict.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::Client;
use client::net::NewSheet;
use gridloom::v1;
use ot_engine::Revision;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::LoadError;
use super::check::{Expected, Verdict};
use super::clock::Clock;
use super::connect::{Dialer, channels};
use super::history::Entry;
use super::options::Options;
use super::participant::{Finished, Participant, Schedule};
use super::plan::parts;
use super::report::{Conditions, Report};
use super::tally::{Measured, Tally};
use super::truth;

/// Between the last preparation and the first edit, so that all begin together.
const HEAD_START: Duration = Duration::from_millis(50);

pub(super) async fn run(options: &Options) -> Result<Report, LoadError> {
    let client = sign_up(options).await?;
    let sheets = create_sheets(&client.0, options).await?;
    let participants = open(&client.1, &sheets, options).await?;
    let finished = edit(participants, options).await?;
    let report = verdict(&client.0, &sheets, finished, options).await;
    for sheet in &sheets {
        // The figures are there; a sheet that stays behind harms nobody.
        let _ = client.0.delete_sheet(sheet).await;
    }
    report
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
    let column = |number| v1::Column { name: format!("c{number}"), ..v1::Column::default() };
    let mut sheets = Vec::new();
    for number in 0..options.sheets {
        let new = NewSheet {
            columns: (0..options.columns).map(column).collect(),
            rows: Some(options.rows),
        };
        let sheet = client.create_sheet(&format!("Load {number}"), new).await;
        let sheet = sheet.map_err(|error| LoadError::server("creating a sheet", error))?;
        sheets.push(sheet.id);
    }
    Ok(sheets)
}

async fn open(
    token: &str,
    sheets: &[String],
    options: &Options,
) -> Result<Vec<Participant>, LoadError> {
    let channels = channels(&options.target, options.connections()).await?;
    let authorization = format!("Bearer {token}").parse();
    let authorization =
        Arc::new(authorization.map_err(|error| LoadError::server("the token", error))?);
    let mut participants = Vec::new();
    for part in parts(options) {
        let dialer = Dialer {
            channel: channels[part.number as usize % channels.len()].clone(),
            authorization: Arc::clone(&authorization),
            in_flight: options.in_flight(),
        };
        let sheet = &sheets[part.sheet as usize];
        participants.push(Participant::open(part, sheet, options.columns, dialer).await?);
    }
    Ok(participants)
}

/// Lets everybody edit, and waits until all have seen all.
async fn edit(
    participants: Vec<Participant>,
    options: &Options,
) -> Result<Vec<Finished>, LoadError> {
    let schedule = schedule(options);
    let count = participants.len();
    let (settled, mut reports) = mpsc::channel::<(u32, Revision)>(count.max(1));
    let heads: Vec<_> = (0..options.sheets).map(|_| watch::channel(None)).collect();
    let mut running = JoinSet::new();
    for participant in participants {
        let sheet = participant.sheet();
        let settled = settled.clone();
        let head = heads[sheet as usize].1.clone();
        let tell = move |last| {
            // There is room for everybody.
            let _ = settled.try_send((sheet, last));
        };
        running.spawn(participant.run(schedule, tell, head));
    }
    drop(settled);
    let mut last = vec![Revision(0); heads.len()];
    while let Some((sheet, revision)) = reports.recv().await {
        let last = &mut last[sheet as usize];
        *last = revision.max(*last);
    }
    for ((sender, _), last) in heads.iter().zip(last) {
        // Nobody listens any more when all have failed, which is told below.
        let _ = sender.send(Some(last));
    }
    let mut finished = Vec::with_capacity(count);
    while let Some(joined) = running.join_next().await {
        finished.push(joined.map_err(|error| LoadError::server("a client", error))??);
    }
    Ok(finished)
}

fn schedule(options: &Options) -> Schedule {
    let clock = Clock::new();
    let begin = Instant::now() + HEAD_START;
    let measure = begin + Duration::from_secs_f64(options.warm_up);
    let end = measure + Duration::from_secs_f64(options.seconds);
    Schedule {
        clock,
        measured: Measured { from: clock.at(measure), to: clock.at(end) },
        begin,
        end,
        pause: options.pause(),
        in_flight: options.in_flight(),
    }
}

async fn verdict(
    client: &Client,
    sheets: &[String],
    finished: Vec<Finished>,
    options: &Options,
) -> Result<Report, LoadError> {
    let mut verdict = Verdict::default();
    for (number, sheet) in (0..).zip(sheets) {
        let here = || finished.iter().filter(|client| client.part.sheet == number);
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
    }
    Ok(report(&finished, verdict, options))
}

fn report(finished: &[Finished], verdict: Verdict, options: &Options) -> Report {
    let mut tally = Tally::new(Measured { from: 0, to: 0 });
    finished.iter().for_each(|client| tally.add(&client.tally));
    let unanswered = finished.iter().map(|client| client.unanswered as u64).sum();
    Report {
        edits_per_second: tally.edits as f64 / options.seconds,
        accepted_us: tally.accepted.percentiles(),
        committed_us: tally.committed.percentiles(),
        delivered_per_second: tally.deliveries as f64 / options.seconds,
        delivered_us: tally.delivered.percentiles(),
        lost: verdict.lost,
        duplicated: verdict.duplicated,
        converged: verdict.notes.is_empty(),
        refused: tally.refused,
        unanswered,
        reconnects: tally.reconnects,
        notes: verdict.notes,
        conditions: Conditions::new(options),
    }
}
