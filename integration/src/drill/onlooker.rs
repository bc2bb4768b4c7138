//! Those who look on: live replicas that only read, `ReadCells` again and again, and sessions that
//! read slowly or not at all.
//!
//! Invariant: what is noted as seen at a revision was all that was there, with nothing of one's own.

use std::time::Duration;

use client::core::Event;
use client::net::Sheet;
use client::{Client, Error};
use gridloom::convert::value_from_wire;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use ot_engine::{Revision, Value, View};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tonic::{Code, Status};

use super::cluster::Cluster;
use super::history::{Clock, Gap, Seen, fingerprint, told};
use super::newcomer::judge;
use super::writer::COLUMNS;
use crate::harness::{NativeSession, eventually, within};

/// How often a replica is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// How often a sheet is read afresh.
const READ_INTERVAL: Duration = Duration::from_millis(300);
/// What a slow reader takes for one frame.
const SLOW_READ: Duration = Duration::from_millis(500);
/// Edits with long texts that nothing between a server and a session can hold.
const DEAF_EDITS: u64 = 250;
/// Rows that one `ReadCells` may ask for.
const ROWS_PER_READ: u32 = 10_000;

/// What an onlooker leaves.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) seen: Vec<Seen>,
    pub(super) gaps: Vec<Gap>,
    /// Since when everything up to a revision is known to be committed.
    pub(super) committed: Vec<(Duration, Revision)>,
    pub(super) notes: Vec<String>,
}

/// Follows a live sheet until told to stop.
pub(super) async fn follow(
    by: String,
    sheet: Sheet,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) -> Watched {
    let mut watched = Watched::default();
    let mut events = sheet.changes();
    let mut last = None;
    let mut looks = interval(LOOK_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = told(&mut stop) => return watched,
            event = events.recv() => match event {
                Ok(event) => watched.hear(&by, event, &mut last, &clock),
                Err(RecvError::Lagged(_)) => last = None,
                Err(RecvError::Closed) => {
                    let why = sheet.wait_synced().await.err();
                    watched.notes.push(format!("{by} lost its session: {why:?}"));
                    return watched;
                }
            },
            _ = looks.tick() => watched.look(&by, &sheet).await,
        }
    }
}

impl Watched {
    /// A session sees every revision in order, once; but for those that change nothing.
    fn hear(&mut self, by: &str, event: Event, last: &mut Option<Revision>, clock: &Clock) {
        match event {
            Event::Changed(changed) => {
                let revision = changed.revision;
                match *last {
                    Some(after) if revision <= after => {
                        self.notes.push(format!("{by} is told {revision} after {after}"));
                    }
                    Some(after) if revision > after.next() => {
                        self.gaps.push(Gap { by: by.to_owned(), after, before: revision });
                    }
                    _ => {}
                }
                *last = Some(revision);
            }
            Event::Committed { revision } => self.committed.push((clock.now(), revision)),
            // Goes on from somewhere else.
            Event::Resynced { .. } => *last = None,
            _ => {}
        }
    }

    async fn look(&mut self, by: &str, sheet: &Sheet) {
        let look = sheet.read(|live| {
            let whole = live.is_synced() && live.pending() == 0;
            whole.then(|| (live.revision(), live.view().cloned().unwrap_or_default()))
        });
        // An end is told by the events.
        let Ok(Some((revision, view))) = look.await else { return };
        let Some(fingerprint) = view_fingerprint(&view) else { return };
        self.seen.push(Seen { by: by.to_owned(), revision, fingerprint });
    }
}

fn view_fingerprint(view: &View) -> Option<u64> {
    let size = view.size();
    let cells = || (0..size.rows).flat_map(|row| (0..size.cols).map(move |col| (row, col)));
    let loaded = cells().all(|(row, col)| view.get(row, col).is_some());
    loaded.then(|| fingerprint(cells().filter_map(|(row, col)| view.get(row, col))))
}

/// Reads all of a sheet again and again until told to stop: never less than was accepted before the
/// question.
pub(super) async fn read_afresh(
    by: String,
    client: Client,
    sheet: String,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) -> Watched {
    let mut watched = Watched::default();
    let mut ticks = interval(READ_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = told(&mut stop) => return watched,
            _ = ticks.tick() => {}
        }
        let accepted = clock.accepted();
        let read = within("ReadCells", client.read_cells(&sheet, 0..ROWS_PER_READ)).await;
        match read.map(see) {
            Ok((revision, fingerprint)) => {
                if revision < accepted {
                    let note = format!("{by} shows {revision}, but {accepted} was accepted before");
                    watched.notes.push(note);
                }
                if let Some(fingerprint) = fingerprint {
                    watched.seen.push(Seen { by: by.clone(), revision, fingerprint });
                }
            }
            Err(error) => watched.notes.extend(refused(&by, &error)),
        }
    }
}

/// The revision, and what was there if it fitted into one answer.
fn see(page: v1::ReadCellsResponse) -> (Revision, Option<u64>) {
    let mut cells = Vec::new();
    let whole = page.rows.len() == page.row_count as usize;
    for row in page.rows {
        let values = row.values.into_iter().map(value_from_wire);
        let row: Result<Vec<Value>, _> = values.collect();
        let mut row = row.expect("the server sends valid values");
        row.resize(COLUMNS as usize, Value::Empty);
        cells.append(&mut row);
    }
    (Revision(page.revision), whole.then(|| fingerprint(cells.iter())))
}

fn refused(by: &str, error: &Error) -> Option<String> {
    judge(error).map(|wrong| format!("{by}: {wrong}"))
}

/// A session that reads slowly, or not before it is told to.
#[derive(Debug)]
pub(super) struct Deaf {
    slowly: bool,
    clock: Clock,
    /// When it has missed this, it was told so.
    until: Revision,
    listening: JoinHandle<Result<Status, String>>,
    wake: oneshot::Sender<()>,
}

impl Deaf {
    pub(super) async fn listen(cluster: &Cluster, clock: &Clock, slowly: bool) -> Self {
        let hello = v1::Hello { sheet_id: cluster.sheet.clone(), ..v1::Hello::default() };
        let session = NativeSession::open_at(cluster.nodes[0].url(), &cluster.token, hello).await;
        let (wake, woken) = oneshot::channel();
        let listening = tokio::spawn(listen(session, slowly, woken));
        let until = Revision(clock.accepted().0 + DEAF_EDITS);
        Self { slowly, clock: clock.clone(), until, listening, wake }
    }

    /// Reads what is left. Gives what is wrong with it.
    pub(super) async fn end(self) -> Vec<String> {
        if self.slowly && !self.listening.is_finished() {
            // It kept up.
            self.listening.abort();
            return Vec::new();
        }
        let enough = || async { (self.clock.accepted() >= self.until).then_some(()) };
        eventually("enough edits to overflow a queue", enough).await;
        // It may have come to its end already.
        let _ = self.wake.send(());
        match within("the end of a slow reader", self.listening).await {
            Ok(Ok(status)) if status.code() == Code::ResourceExhausted => Vec::new(),
            Ok(Ok(status)) => vec![format!("a slow reader was closed with {status:?}")],
            Ok(Err(wrong)) => vec![wrong],
            Err(panic) => vec![format!("a slow reader: {panic}")],
        }
    }
}

/// Reads until the end, which must be announced by a `Resync` with nothing after it.
async fn listen(
    mut session: NativeSession,
    slowly: bool,
    mut woken: oneshot::Receiver<()>,
) -> Result<Status, String> {
    let mut awake = false;
    let mut resync = false;
    loop {
        if !awake {
            let nap = async {
                if slowly {
                    sleep(SLOW_READ).await;
                } else {
                    std::future::pending().await
                }
            };
            tokio::select! {
                _ = &mut woken => awake = true,
                () = nap => {}
            }
        }
        match within("a frame", session.next()).await {
            Ok(_) if resync => return Err("something came after Resync".to_owned()),
            Ok(Frame::Resync(told)) if told.reason() == v1::resync::Reason::SlowReader => {
                resync = true;
            }
            Ok(Frame::Resync(told)) => return Err(format!("told to resync for {told:?}")),
            Ok(_) => {}
            Err(status) if resync => return Ok(status),
            Err(status) => return Err(format!("the end came without Resync: {status:?}")),
        }
    }
}
