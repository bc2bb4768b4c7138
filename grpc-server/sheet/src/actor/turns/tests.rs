//! A look at a revision whose changes are forgotten ends its session, since its positions have no way to the head.
//!
//! Not which changes are forgotten (`caches`). Invariant: a ping behind the look is answered or the session ends, so no
//! case waits for a time.

use futures_util::StreamExt as _;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{AxisDelta, ClientId, Delta, Revision, Window};
use tokio::sync::oneshot;

use crate::Registry;
use crate::actor::reads::tests::{EmptyRows, join, shared_within};
use crate::api::message::{Apply, ApplyChange, ClientMessage, Request, SheetHandle};
use crate::fanout::session::EndReason;
use crate::memory::EditHold;
use crate::sample::{ACCOUNT, SHEET};
use model::Role;
use model::memory::Memory;

/// Edits, and the bytes of each: together more than a sheet keeps in memory where there is none to spare.
const EDITS: u64 = 10;
const TEXT_BYTES: usize = 60_000;

async fn apply(handle: &SheetHandle, revision: u64, delta: Delta) {
    let (reply, answer) = oneshot::channel();
    let apply = Apply {
        account: ACCOUNT,
        role: (Role::Editor, 0),
        // The first half names the request.
        client: ClientId((100 + u128::from(revision)) << 64),
        presented: false,
        change: ApplyChange::Delta { base: Revision(revision), delta: delta.into(), yields: false },
        group: Default::default(),
        hold: EditHold::default(),
        reply,
    };
    handle.send(Request::Apply(Box::new(apply))).await.expect("is open");
    let applied = answer.await.expect("is open").expect("is accepted");
    assert_eq!(applied.revision, Revision(revision + 1));
}

/// How a session ends that looks at a revision; `None`: it continues.
async fn end_after_look_at(registry: &Registry, revision: Revision) -> Option<EndReason> {
    let handle = registry.open(SHEET).await.expect("opens");
    let session = registry.session_key();
    let (join, mut stream) = join(session);
    handle.send(join).await.expect("is open");
    let look = ClientMessage::Look { revision, window: Window::rows(5..9), fetch: Vec::new() };
    let frames = vec![look, ClientMessage::Ping(7)];
    let hold = EditHold::default();
    handle.send(Request::Frames { session, frames, hold }).await.expect("is open");
    let mut resync = None;
    loop {
        match stream.next().await.expect("continues or ends with a reason").map(|it| it.frame) {
            Ok(Some(Frame::Pong(_))) => return None,
            Ok(Some(Frame::Resync(frame))) => resync = Some(frame.reason()),
            Ok(_) => {}
            Err(reason) => {
                assert_eq!(resync, Some(v1::resync::Reason::Reload));
                return Some(reason);
            }
        }
    }
}

#[tokio::test]
async fn a_look_at_a_forgotten_revision_ends_the_session_with_a_resync() {
    let dir = tempfile::tempdir().expect("a directory");
    let memory = Memory { caches: 0, ..Memory::default() };
    let registry = Registry::new(shared_within(&EmptyRows::default(), dir.path(), &memory));
    let handle = registry.open(SHEET).await.expect("opens");
    apply(&handle, 0, Delta::rows(AxisDelta::insert(0, 3))).await;
    assert_eq!(end_after_look_at(&registry, Revision(0)).await, None, "the insert is known");
    let text = "x".repeat(TEXT_BYTES);
    for revision in 1..=EDITS {
        apply(&handle, revision, Delta::set_cell(0, 0, text.as_str())).await;
    }
    let ended = end_after_look_at(&registry, Revision(0)).await;
    assert_eq!(
        ended,
        Some(EndReason::Reload),
        "the rows have moved since, and it is not known how"
    );
    assert_eq!(end_after_look_at(&registry, Revision(EDITS + 1)).await, None);
}
