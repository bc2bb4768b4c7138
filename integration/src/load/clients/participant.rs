//! One client: the SDK's state machine over one stream, editing when it may.
//!
//! Not the drained sessions, which have no view. Invariant: one loop, which reads frames whenever it waits. Times are
//! taken once for each frame.

use std::time::{Duration, Instant};

use client::core::{Event, LiveOptions, LiveSheet, Looking};
use ot_engine::{Revision, Value};
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout, timeout_at};

use super::connect::{Dialer, Stream};
use super::history::{Entry, History, Written};
use super::plan::Part;
use super::work::{Schedule, Work};
use crate::load::error::LoadError;
use crate::load::measure::clock::stamp;
use crate::load::measure::tally::Tally;

/// How long the answers and commits of all sent edits may take at the end.
pub(crate) const SETTLE_SECONDS: u64 = 60;
/// How long opening a sheet may take.
const OPEN_SECONDS: u64 = 60;
/// Reconnects of one client at most.
const RECONNECTS_MAX: u64 = 100;

/// A client that has opened its sheet.
#[derive(Debug)]
pub(crate) struct Participant {
    part: Part,
    columns: u32,
    live: LiveSheet,
    dialer: Dialer,
    stream: Stream,
    events: Vec<Event>,
    random: u64,
}

/// The state of a client at the end.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) part: Part,
    pub(crate) live: LiveSheet,
    pub(crate) tally: Tally,
    pub(crate) accepted: Vec<Entry>,
    pub(crate) unanswered: usize,
}

impl Participant {
    /// Opens the sheet and loads the rows of the part.
    pub(crate) async fn open(
        part: Part,
        sheet: &str,
        columns: u32,
        dialer: Dialer,
    ) -> Result<Self, LoadError> {
        let options = LiveOptions {
            max_in_flight_edits: dialer.in_flight,
            looking: Looking::Rows(part.rows.clone()),
            place: client::net::new_place(),
        };
        let mut live = LiveSheet::new(sheet, options);
        let stream = dialer.open(live.hello_frame()).await?;
        // Any odd number that differs from client to client.
        let random = (u64::from(part.number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut this = Self { part, columns, live, dialer, stream, events: Vec::new(), random };
        let load = async {
            while !this.live.is_synced() {
                let frame = this.stream.next().await;
                let frame = frame.map_err(|cause| LoadError::server("opening a sheet", cause))?;
                this.live.on_frame(frame)?;
                this.flush().await;
            }
            Ok(())
        };
        match timeout(Duration::from_secs(OPEN_SECONDS), load).await {
            Ok(loaded) => loaded.map(|()| this),
            Err(_) => Err(LoadError::Late("opening a sheet", OPEN_SECONDS)),
        }
    }

    /// The sheet that it works on.
    pub(crate) fn sheet(&self) -> u32 {
        self.part.sheet
    }

    /// Edits until the schedule ends, waits until all that was sent is committed, calls `settled`,
    /// and listens until the revision in `head` has arrived.
    pub(crate) async fn run(
        mut self,
        schedule: Schedule,
        settled: impl FnOnce(Revision),
        mut head: watch::Receiver<Option<Revision>>,
    ) -> Result<Finished, LoadError> {
        let mut work = Work::new(&schedule, self.part.number);
        let deadline = Duration::from_secs(SETTLE_SECONDS);
        let editing = self.edit_until_settled(&schedule, &mut work);
        // Edits without an answer at the deadline are reported as unanswered.
        if let Ok(done) = timeout_at((schedule.end + deadline).into(), editing).await {
            done?;
        }
        if self.part.writes {
            work.tally.overdue = work.pace.overdue(schedule.end);
        }
        settled(work.history.last());
        let listening = self.listen_until(&schedule, &mut work, &mut head);
        // The comparison reports a client that does not get there.
        if let Ok(done) = timeout(deadline, listening).await {
            done?;
        }
        let unanswered = work.history.unanswered();
        let History { accepted, .. } = work.history;
        Ok(Finished { part: self.part, live: self.live, tally: work.tally, accepted, unanswered })
    }

    async fn edit_until_settled(
        &mut self,
        schedule: &Schedule,
        work: &mut Work,
    ) -> Result<(), LoadError> {
        loop {
            let wake = self.edit(schedule, work).await?;
            if wake.is_none() && work.history.is_settled() {
                return Ok(());
            }
            self.flush().await;
            // With the maximum of edits in flight, only an answer allows the next one.
            tokio::select! {
                biased;
                frame = self.stream.next() => self.take(frame, schedule, work).await?,
                () = sleep_until(wake.unwrap_or(schedule.end).into()), if wake.is_some() => {}
            }
        }
    }

    async fn listen_until(
        &mut self,
        schedule: &Schedule,
        work: &mut Work,
        head: &mut watch::Receiver<Option<Revision>>,
    ) -> Result<(), LoadError> {
        loop {
            let target = *head.borrow_and_update();
            if target.is_some_and(|target| self.live.revision() >= target) && self.live.is_synced()
            {
                return Ok(());
            }
            self.flush().await;
            tokio::select! {
                frame = self.stream.next() => self.take(frame, schedule, work).await?,
                changed = head.changed(), if target.is_none() => {
                    // Another client of the run has failed: no head will come.
                    if changed.is_err() { return Ok(()) }
                }
            }
        }
    }

    /// Makes the edits that are due. Gives when the next one is due at the latest; `None` when only
    /// an answer can bring another edit, or the schedule has ended.
    async fn edit(
        &mut self,
        schedule: &Schedule,
        work: &mut Work,
    ) -> Result<Option<Instant>, LoadError> {
        while work.history.unanswered() < schedule.in_flight {
            let now = Instant::now();
            if now >= schedule.end {
                return Ok(None);
            }
            if !self.part.writes || !self.live.is_open() {
                return Ok(Some(schedule.end));
            }
            let at = match work.pace.next(now) {
                Ok(at) => work.next_stamp(schedule.clock.at(at)),
                Err(wake) => return Ok(Some(wake.min(schedule.end))),
            };
            let (row, col) = self.random_cell();
            let stamp = stamp(at, self.part.number);
            let sequence = self.live.set_cell(row, col, Value::Number(stamp))?;
            work.history.sent(sequence, at, Written { row, col, stamp });
            work.pace.made(now);
            // At once: edits that wait together would be joined into one.
            self.flush().await;
        }
        Ok(None)
    }

    async fn flush(&mut self) {
        for frame in self.live.outgoing() {
            // The end of a stream is handled where the stream is read.
            self.stream.send(frame).await;
        }
    }

    async fn take(
        &mut self,
        frame: Result<gridloom::v1::ServerFrame, String>,
        schedule: &Schedule,
        work: &mut Work,
    ) -> Result<(), LoadError> {
        let mut events = std::mem::take(&mut self.events);
        match frame {
            Ok(frame) => self.live.on_frame_into(frame, &mut events)?,
            Err(cause) => {
                work.tally.reconnects += 1;
                if work.tally.reconnects > RECONNECTS_MAX {
                    return Err(LoadError::server("the stream keeps ending", cause));
                }
                events.extend(self.live.disconnected());
                self.stream = self.dialer.open(self.live.hello_frame()).await?;
            }
        }
        let now = schedule.clock.now();
        for event in events.drain(..) {
            work.on_event(event, now);
        }
        self.events = events;
        Ok(())
    }

    /// Any cell of the window, from a generator that is good enough and costs nothing (xorshift64).
    fn random_cell(&mut self) -> (u32, u32) {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let rows = self.part.rows.end - self.part.rows.start;
        let (high, low) = ((self.random >> 32) as u32, self.random as u32);
        (self.part.rows.start + high % rows, low % self.columns)
    }
}
