//! The memory that an idle session takes in the server.
//!
//! Not a load: it is the growth of the server's resident memory, so it needs the process id and an otherwise idle
//! server. Invariant: each session answers a ping at the end.

use std::fmt;
use std::time::Instant;

use gridloom::v1;
use gridloom::v1::client_frame::Frame as Sent;
use gridloom::v1::server_frame::Frame;
use serde::Serialize;

use super::clients::connect::{Dialer, Dialers, Stream, channels, opened_together};
use super::error::LoadError;
use super::options::Options;
use super::setup::{create_sheets, sign_up};
use crate::procfs::resident_bytes;

/// Rows that each session looks at: a screen.
const WINDOW_ROWS: u32 = 40;

/// The memory that idle sessions take.
#[derive(Clone, Debug, Serialize)]
pub struct IdleReport {
    /// Sessions that were opened and answered at the end.
    pub idle: u32,
    /// Sheets that the sessions were dealt out to.
    pub sheets: u32,
    /// Connections that the sessions shared.
    pub connections: u32,
    /// Resident memory of the server before the first session, in bytes.
    pub before_bytes: u64,
    /// Resident memory with all sessions, in bytes.
    pub after_bytes: u64,
    /// The growth for each session, in bytes.
    pub bytes_for_each: u64,
    /// How long it took to open all sessions, in seconds.
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
    let dialers = Dialers::new(channels(&options.target, connections).await?, &token)?;
    let dialer = |number: usize| dialers.dialer(number, 1);
    // One on each sheet, so that what an open sheet costs is not counted.
    let mut first = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        first.push(open(dialer(number), sheet.clone()).await?);
    }
    let before_bytes = resident_bytes(pid)?;
    let begun = Instant::now();
    let opening = (0..idle as usize)
        .map(|number| open(dialer(number), sheets[number % sheets.len()].clone()));
    let mut streams = opened_together(opening).await?;
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

/// Opens a session and waits for its `Welcome`.
async fn open(dialer: Dialer, sheet_id: String) -> Result<Stream, LoadError> {
    let rows = v1::Range { start: 0, count: WINDOW_ROWS };
    let window = v1::Window { rows: Some(rows), ..v1::Window::default() };
    let hello = v1::Hello { sheet_id, window: Some(window), ..v1::Hello::default() };
    let mut stream = dialer.open(v1::ClientFrame { frame: Some(Sent::Hello(hello)) }).await?;
    loop {
        if let Some(Frame::Welcome(_)) = next(&mut stream).await? {
            return Ok(stream);
        }
    }
}

/// Fails unless the session answers a ping.
async fn answers(stream: &mut Stream) -> Result<(), LoadError> {
    let ping = Sent::Ping(v1::Ping { nonce: 7 });
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
