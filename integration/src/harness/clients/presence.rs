//! The presence frames that a live session receives.
//!
//! Not a list of participants: a test awaits the change that it expects. Invariant: no frame is skipped silently
//! except those of other kinds.

use gridloom::convert::decode_presence;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;

use super::wire::NativeSession;
use crate::harness::wait::within;

impl NativeSession {
    /// Opens a session on a sheet. Returns its session id, too.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn join(url: &str, token: &str, sheet_id: &str) -> (Self, String) {
        let hello = v1::Hello { sheet_id: sheet_id.to_owned(), ..v1::Hello::default() };
        let mut session = Self::open_at(url, token, hello).await;
        match within("the welcome", session.next()).await.expect("the session opens") {
            Frame::Welcome(welcome) => (session, welcome.session_id),
            other => panic!("{other:?} before the welcome"),
        }
    }

    /// The next presence change.
    ///
    /// # Panics
    /// When the session ends.
    pub async fn next_presence(&mut self) -> v1::PresenceChange {
        loop {
            let frame = within("presence", self.next()).await.expect("the stream continues");
            if let Frame::Presence(change) = frame {
                return decode_presence(change).expect("the server encoded it");
            }
        }
    }

    /// Waits until another participant is as expected.
    ///
    /// # Panics
    /// When the other session leaves, or this one ends.
    pub async fn sees(
        &mut self,
        session_id: &str,
        expected: impl Fn(&v1::Participant) -> bool,
    ) -> v1::Participant {
        loop {
            let change = self.next_presence().await;
            assert!(!change.left.iter().any(|left| left == session_id), "{session_id} has left");
            let found = change.present.into_iter().find(|other| other.session_id == session_id);
            if let Some(other) = found.filter(&expected) {
                return other;
            }
        }
    }

    /// Waits until another session has left.
    ///
    /// # Panics
    /// When this one ends.
    pub async fn sees_leave(&mut self, session_id: &str) {
        while !self.next_presence().await.left.iter().any(|left| left == session_id) {}
    }
}
