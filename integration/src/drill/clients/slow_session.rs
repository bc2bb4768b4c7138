//! A session that reads slowly, or not at all, until the server ends it.
//!
//! Not an onlooker: its frames are not compared. Invariant: the session ends with `Resync` as its last
//! frame, unless it keeps up.

use std::time::Duration;

use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use ot_engine::Revision;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tonic::{Code, Status};

use crate::drill::cluster::Cluster;
use crate::drill::evidence::history::Clock;
use crate::harness::{NativeSession, eventually, within};

/// The pause of a slow session before each frame.
const SLOW_READ: Duration = Duration::from_millis(500);
/// Edits with long texts that no buffer between a server and a session can hold.
const UNREAD_EDITS: u64 = 250;

/// A session that reads slowly, or not at all before the end of the fault.
#[derive(Debug)]
pub(crate) struct SlowSession {
    slowly: bool,
    clock: Clock,
    /// Once this revision is accepted, the server must have ended the session.
    until: Revision,
    reading: JoinHandle<Result<Status, String>>,
    wake: oneshot::Sender<()>,
}

impl SlowSession {
    pub(crate) async fn open(cluster: &Cluster, clock: &Clock, slowly: bool) -> Self {
        let hello = v1::Hello { sheet_id: cluster.sheet.clone(), ..v1::Hello::default() };
        let session = NativeSession::open_at(cluster.nodes[0].url(), &cluster.token, hello).await;
        let (wake, woken) = oneshot::channel();
        let reading = tokio::spawn(read(session, slowly, woken));
        let until = Revision(clock.accepted().0 + UNREAD_EDITS);
        Self { slowly, clock: clock.clone(), until, reading, wake }
    }

    /// Reads the remaining frames; returns the findings.
    pub(crate) async fn end(self) -> Vec<String> {
        if self.slowly && !self.reading.is_finished() {
            // The session keeps up.
            self.reading.abort();
            return Vec::new();
        }
        let enough = || async { (self.clock.accepted() >= self.until).then_some(()) };
        eventually("enough edits to overflow a queue", enough).await;
        // The session may have ended already.
        let _ = self.wake.send(());
        match within("the end of a slow reader", self.reading).await {
            Ok(Ok(status)) if status.code() == Code::ResourceExhausted => Vec::new(),
            Ok(Ok(status)) => vec![format!("a slow reader was closed with {status:?}")],
            Ok(Err(wrong)) => vec![wrong],
            Err(panic) => vec![format!("a slow reader: {panic}")],
        }
    }
}

/// Reads until the end of the session; a `Resync` must be the last frame before it.
async fn read(
    mut session: NativeSession,
    slowly: bool,
    mut woken: oneshot::Receiver<()>,
) -> Result<Status, String> {
    let mut awake = false;
    let mut announced = false;
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
            Ok(_) if announced => return Err("a frame came after Resync".to_owned()),
            Ok(Frame::Resync(resync)) if resync.reason() == v1::resync::Reason::SlowReader => {
                announced = true;
            }
            Ok(Frame::Resync(other)) => {
                return Err(format!("a Resync for another reason: {other:?}"));
            }
            Ok(_) => {}
            Err(status) if announced => return Ok(status),
            Err(status) => return Err(format!("the end came without Resync: {status:?}")),
        }
    }
}
