//! Sessions that are open and do nothing: what each of them costs the server in memory.
//!
//! Read from the outside, as the growth of the server's resident memory; so it needs the process id, and
//! a server that has nothing else to do.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use gridloom::v1;
use gridloom::v1::client_frame::Frame as Said;
use gridloom::v1::server_frame::Frame;
use serde::Serialize;
use tokio::task::JoinSet;

use super::LoadError;
use super::connect::{Dialer, Stream, channels};
use super::options::Options;
use super::run::{create_sheets, sign_up};

/// Sessions that are opened at the same time.
const OPENED_AT_ONCE: usize = 64;
/// Rows that each of them looks at: a screen.
const WINDOW_ROWS: u32 = 40;

/// What idle sessions cost.
#[derive(Clone, Debug, Serialize)]
pub struct IdleReport {
    /// Sessions that were opened and answered at the end.
    pub idle: u32,
    /// Sheets that they were dealt out to.
    pub sheets: u32,
    /// Connections that they shared.
    pub connections: u32,
    /// Resident memory of the server before the first, in bytes.
    pub before_bytes: u64,
    /// The same with all of them.
    pub after_bytes: u64,
    /// The growth for each session, in bytes.
    pub bytes_for_each: u64,
    /// How long it took to open them all, in seconds.
    pub opened_in_seconds: f64,
}

impl fmt::Display for IdleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: u64| bytes as f64 / 1024.0;
        write!(
            f,
            "{} idle sessions on {} sheets, {} connections, opened in {:.1} s\n\
             {:.1} KiB for each: {:.1} MiB before, {:.1} MiB with them",
            self.idle,
            self.sheets,
            self.connections,
            self.opened_in_seconds,
            kib(self.bytes_for_each),
            kib(self.before_bytes) / 1024.0,
            kib(self.after_bytes) / 1024.0,
        )
    }
}

pub(super) async fn measure(
    idle: u32,
    pid: u32,
    options: &Options,
) -> Result<IdleReport, LoadError> {
    let (client, token) = sign_up(options).await?;
    let sheets = create_sheets(&client, options).await?;
    let connections = options.connections();
    let authorization = format!("Bearer {token}").parse();
    let authorization =
        Arc::new(authorization.map_err(|error| LoadError::server("the token", error))?);
    let channels = channels(&options.target, connections).await?;
    let dialer = |number: usize| Dialer {
        channel: channels[number % channels.len()].clone(),
        authorization: Arc::clone(&authorization),
        in_flight: 1,
    };
    // One on each sheet, so that what an open sheet costs is not counted.
    let mut first = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        first.push(open(dialer(number), sheet.clone()).await?);
    }
    let before_bytes = resident_bytes(pid)?;
    let begun = Instant::now();
    let mut streams = Vec::with_capacity(idle as usize);
    let mut opening = JoinSet::new();
    for number in 0..idle as usize {
        if opening.len() >= OPENED_AT_ONCE {
            streams.push(joined(opening.join_next().await)?);
        }
        opening.spawn(open(dialer(number), sheets[number % sheets.len()].clone()));
    }
    while !opening.is_empty() {
        streams.push(joined(opening.join_next().await)?);
    }
    let opened_in_seconds = begun.elapsed().as_secs_f64();
    let after_bytes = resident_bytes(pid)?;
    for stream in &mut streams {
        answers(stream).await?;
    }
    drop(first);
    let bytes_for_each = after_bytes.saturating_sub(before_bytes) / u64::from(idle.max(1));
    let sheets = options.sheets;
    Ok(IdleReport {
        idle,
        sheets,
        connections,
        before_bytes,
        after_bytes,
        bytes_for_each,
        opened_in_seconds,
    })
}

fn joined(
    opened: Option<Result<Result<Stream, LoadError>, tokio::task::JoinError>>,
) -> Result<Stream, LoadError> {
    match opened {
        Some(Ok(stream)) => stream,
        Some(Err(error)) => Err(LoadError::server("a session", error)),
        None => Err(LoadError::server("a session", "none is opening")),
    }
}

/// A session that has been welcomed and has its window.
async fn open(dialer: Dialer, sheet_id: String) -> Result<Stream, LoadError> {
    let rows = v1::Range { start: 0, count: WINDOW_ROWS };
    let window = v1::Window { rows: Some(rows), ..v1::Window::default() };
    let hello = v1::Hello { sheet_id, window: Some(window), ..v1::Hello::default() };
    let mut stream = dialer.open(v1::ClientFrame { frame: Some(Said::Hello(hello)) }).await?;
    loop {
        if let Some(Frame::Welcome(_)) = next(&mut stream).await? {
            return Ok(stream);
        }
    }
}

/// Whether a session is there and is answered.
async fn answers(stream: &mut Stream) -> Result<(), LoadError> {
    let ping = Said::Ping(v1::Ping { nonce: 7 });
    if !stream.send(v1::ClientFrame { frame: Some(ping) }).await {
        return Err(LoadError::server("an idle session", "it has ended"));
    }
    while !matches!(next(stream).await?, Some(Frame::Pong(_))) {}
    Ok(())
}

async fn next(stream: &mut Stream) -> Result<Option<Frame>, LoadError> {
    let frame = stream.next().await;
    Ok(frame.map_err(|cause| LoadError::server("an idle session", cause))?.frame)
}

fn resident_bytes(pid: u32) -> Result<u64, LoadError> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| LoadError::server("the server's memory", "is not told"))
}
