//! Sessions that read their frames and discard them, so that the generator's CPU does not limit the number of
//! sessions.
//!
//! Not clients with a view: each has its whole sheet in its window and requests no cells, and reads only the size and
//! the revisions of a frame. Invariant: a session reports each revision that it missed or received twice.

use std::time::Duration;

use bytes::Bytes;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as Sent;
use ot_engine::Revision;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::timeout_at;

use super::connect::{Dialer, RawStream, opened_together};
use super::participant::SETTLE_SECONDS;
use super::plan::Part;
use super::scan::{Progress, changes};
use super::work::Schedule;
use crate::load::error::LoadError;

/// A drained session on its sheet.
#[derive(Debug)]
pub(crate) struct Drain {
    part: Part,
    stream: RawStream,
    counts: Drained,
}

/// The counts of a session in the measured time, and its revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Drained {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) deliveries: u64,
    /// The revision that the stream has reached.
    pub(crate) reached: u64,
    /// The last change that arrived.
    last: u64,
    /// Revisions that did not arrive, or not in their order.
    pub(crate) out_of_order: u64,
}

/// The rates of all drained sessions.
#[derive(Clone, Debug, Serialize)]
pub struct DrainReport {
    /// Drained sessions.
    pub sessions: usize,
    /// Frames, of all these sessions together.
    pub frames_per_second: f64,
    /// Bytes of frames, of all these sessions together.
    pub bytes_per_second: f64,
    /// Edits that these frames delivered.
    pub delivered_per_second: f64,
}

impl DrainReport {
    /// `None` without such sessions.
    pub(crate) fn new(drained: &[(Part, Drained)], seconds: f64) -> Option<Self> {
        let rate = |count: fn(&Drained) -> u64| {
            drained.iter().map(|(_, drained)| count(drained)).sum::<u64>() as f64 / seconds
        };
        (!drained.is_empty()).then(|| Self {
            sessions: drained.len(),
            frames_per_second: rate(|drained| drained.frames),
            bytes_per_second: rate(|drained| drained.bytes),
            delivered_per_second: rate(|drained| drained.deliveries),
        })
    }
}

impl Drained {
    /// Takes in the frame of so many bytes; `None` when it is malformed.
    fn read(&mut self, frame: &[u8], is_measured: bool) -> Option<()> {
        let Self { last, out_of_order, .. } = self;
        let Progress { changes, reached } = changes(frame, |revision| {
            *out_of_order += u64::from(revision != *last + 1);
            *last = revision;
        })?;
        self.reached = reached.unwrap_or(self.reached);
        if is_measured {
            self.frames += 1;
            self.bytes += frame.len() as u64;
            self.deliveries += changes;
        }
        Some(())
    }
}

/// Opens one session for each part, several at a time.
pub(crate) async fn open(
    parts: Vec<Part>,
    sheets: &[String],
    dialer: impl Fn(&Part) -> Dialer,
) -> Result<Vec<Drain>, LoadError> {
    let opening = parts.into_iter().map(|part| {
        let dialer = dialer(&part);
        let sheet_id = sheets[part.sheet as usize].clone();
        async move {
            let hello = Sent::Hello(v1::Hello { sheet_id, ..v1::Hello::default() });
            let mut stream = dialer.open_raw(v1::ClientFrame { frame: Some(hello) }).await?;
            // The first frame is `Welcome`: the session is part of the sheet.
            next(&mut stream).await?;
            Ok(Drain { part, stream, counts: Drained::default() })
        }
    });
    opened_together(opening).await
}

impl Drain {
    /// The sheet that the session looks at.
    pub(crate) fn sheet(&self) -> u32 {
        self.part.sheet
    }

    /// Reads until the revision in `head` has arrived, or the time to settle is over.
    pub(crate) async fn run(
        mut self,
        schedule: Schedule,
        mut head: watch::Receiver<Option<Revision>>,
    ) -> Result<(Part, Drained), LoadError> {
        let deadline = schedule.end + Duration::from_secs(2 * SETTLE_SECONDS);
        let reading = self.read_until(&schedule, &mut head);
        // The verdict reports a session that does not get there.
        if let Ok(read) = timeout_at(deadline.into(), reading).await {
            read?;
        }
        Ok((self.part, self.counts))
    }

    async fn read_until(
        &mut self,
        schedule: &Schedule,
        head: &mut watch::Receiver<Option<Revision>>,
    ) -> Result<(), LoadError> {
        loop {
            let target = *head.borrow_and_update();
            if target.is_some_and(|target| self.counts.reached >= target.0) {
                return Ok(());
            }
            tokio::select! {
                frame = next(&mut self.stream) => {
                    let now = schedule.clock.now();
                    let read = self.counts.read(&frame?, schedule.measured.holds(now, now));
                    read.ok_or_else(|| LoadError::server("a drained session", "malformed frame"))?;
                }
                changed = head.changed(), if target.is_none() => {
                    // Another client of the run has failed: no head will come.
                    if changed.is_err() { return Ok(()) }
                }
            }
        }
    }
}

async fn next(stream: &mut RawStream) -> Result<Bytes, LoadError> {
    stream.next().await.map_err(|cause| LoadError::server("a drained session", cause))
}

#[cfg(test)]
mod tests {
    use gridloom::v1::server_frame::Frame;
    use prost::Message;

    use super::*;

    fn frame(revisions: std::ops::Range<u64>, through: u64) -> Vec<u8> {
        let change =
            |revision| v1::Change { revision, ..v1::Change::default() }.encode_to_vec().into();
        let changes = v1::Changes { changes: revisions.map(change).collect(), through };
        v1::ServerFrame { frame: Some(Frame::Changes(changes)) }.encode_to_vec()
    }

    #[test]
    fn revisions_in_order_are_counted_and_measured_when_it_is_time() {
        let mut drained = Drained::default();
        drained.read(&frame(1..3, 0), false).expect("well formed");
        assert_eq!((drained.reached, drained.deliveries, drained.bytes), (2, 0, 0));
        let measured = frame(3..6, 7);
        drained.read(&measured, true).expect("well formed");
        let (frames, bytes) = (1, measured.len() as u64);
        let expected =
            Drained { frames, bytes, deliveries: 3, reached: 7, last: 5, out_of_order: 0 };
        assert_eq!(drained, expected);
    }

    #[test]
    fn a_revision_that_is_missing_or_doubled_is_out_of_order() {
        let mut drained = Drained::default();
        drained.read(&frame(1..2, 0), true).expect("well formed");
        drained.read(&frame(3..4, 0), true).expect("well formed");
        assert_eq!(drained.out_of_order, 1);
        drained.read(&frame(3..5, 0), true).expect("well formed");
        assert_eq!(drained.out_of_order, 2);
        assert_eq!(drained.read(&[0xff; 12], true), None);
    }
}
