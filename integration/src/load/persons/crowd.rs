//! Many people on one sheet, some of whom move: CPU time of the servers, and bytes to each person.
//!
//! Not edits. Invariant: bytes are those of the frames of people who only watch, as they are on the wire without headers.

use std::fmt;
use std::time::Duration;

use gridloom::v1;
use gridloom::v1::client_frame::Frame;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::cpu::{micros_each, server_seconds};
use super::options::Options;
use super::setup::{ROWS, new_sheet, person};
use crate::load::clients::connect::{
    Dialer, Dialers, RawStream, Stream, channels, opened_together,
};
use crate::load::error::LoadError;

/// People that share a connection.
const PEOPLE_PER_CONNECTION: u32 = 8;
/// Until the sheet has sent each person the complete list.
const SETTLE: Duration = Duration::from_secs(3);

/// A crowd.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CrowdReport {
    /// People on the sheet.
    pub people: u32,
    /// Those of them that moved once a second.
    pub moving: u32,
    /// Bytes that a person received in a second.
    pub bytes_each_second: f64,
    /// Microseconds of CPU time of the servers for each person and second.
    pub server_us_each_second: Option<f64>,
}

impl fmt::Display for CrowdReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { people, moving, bytes_each_second, .. } = self;
        write!(f, "{people} people, {moving} moving: {bytes_each_second:.0} bytes/s for each")?;
        match self.server_us_each_second {
            Some(us) => write!(f, ", {us:.1} us of CPU each second for each"),
            None => Ok(()),
        }
    }
}

pub(super) async fn measure(options: &Options) -> Result<CrowdReport, LoadError> {
    let (client, token) = person(options, 0).await?;
    let sheet = new_sheet(&client).await?;
    let connections = options.people.div_ceil(PEOPLE_PER_CONNECTION);
    let dialers = Dialers::new(channels(&options.target, connections).await?, &token)?;
    let (moving, watching) = (options.moving as usize, options.people - options.moving);
    let movers = (0..moving).map(|number| open(dialers.dialer(number, 1), sheet.clone()));
    let movers = opened_together(movers).await?;
    let watchers = (0..watching as usize)
        .map(|number| open_raw(dialers.dialer(moving + number, 1), sheet.clone()));
    let watchers = opened_together(watchers).await?;

    let begin = Instant::now() + SETTLE;
    let end = begin + Duration::from_secs(options.seconds);
    let mut tasks = JoinSet::new();
    movers.into_iter().enumerate().for_each(|(number, mover)| {
        let phase = Duration::from_secs(1).mul_f64(number as f64 / moving as f64);
        tasks.spawn(step(mover, begin - SETTLE + phase, end));
    });
    watchers.into_iter().for_each(|watcher| {
        tasks.spawn(watch(watcher, begin, end));
    });
    tokio::time::sleep_until(begin).await;
    let before = server_seconds(options)?;
    tokio::time::sleep_until(end).await;
    let seconds = options.seconds;
    let server = micros_each(options, before, u64::from(options.people) * seconds)?;
    let mut bytes = 0;
    while let Some(task) = tasks.join_next().await {
        bytes += task.map_err(|error| LoadError::server("a person", error))??;
    }
    let each = f64::from(watching.max(1)) * seconds as f64;
    Ok(CrowdReport {
        people: options.people,
        moving: options.moving,
        bytes_each_second: bytes as f64 / each,
        server_us_each_second: server,
    })
}

fn hello(sheet_id: String) -> v1::ClientFrame {
    // No row: what a person receives is presence alone.
    let window = Some(v1::Window { rows: Some(v1::Range::default()), ..v1::Window::default() });
    let hello = v1::Hello { sheet_id, window, ..v1::Hello::default() };
    v1::ClientFrame { frame: Some(Frame::Hello(hello)) }
}

async fn open(dialer: Dialer, sheet: String) -> Result<Stream, LoadError> {
    dialer.open(hello(sheet)).await
}

async fn open_raw(dialer: Dialer, sheet: String) -> Result<RawStream, LoadError> {
    dialer.open_raw(hello(sheet)).await
}

/// Moves once a second, and discards what it receives.
async fn step(mut mover: Stream, first: Instant, end: Instant) -> Result<usize, LoadError> {
    let mut steps = interval(Duration::from_secs(1));
    steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    steps.reset_at(first);
    let mut row = 0;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(end) => return Ok(0),
            _ = steps.tick() => {
                row += 1;
                let cursor = Some(v1::CellPosition { row: row % ROWS, col: 1 });
                let presence = Frame::Presence(v1::Presence { cursor, ..v1::Presence::default() });
                if !mover.send(v1::ClientFrame { frame: Some(presence) }).await {
                    return Err(LoadError::server("a person", "the session has ended"));
                }
            }
            frame = mover.next() => drop(frame.map_err(|cause| LoadError::server("a person", cause))?),
        }
    }
}

/// The bytes that a person receives while it is measured.
async fn watch(mut watcher: RawStream, begin: Instant, end: Instant) -> Result<usize, LoadError> {
    let mut bytes = 0;
    while let Ok(frame) = timeout_at(end, watcher.next()).await {
        let frame = frame.map_err(|cause| LoadError::server("a person", cause))?;
        if Instant::now() >= begin {
            bytes += frame.len();
        }
    }
    Ok(bytes)
}
