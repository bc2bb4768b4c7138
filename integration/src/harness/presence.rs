//! What a live session is told of who is where.

use gridloom::convert::decode_presence;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;

use super::{NativeSession, within};

impl NativeSession {
    /// Opens a session on a sheet. Gives its name, too.
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

    /// The next news of who is where.
    ///
    /// # Panics
    /// When the session ends.
    pub async fn news(&mut self) -> v1::PresenceChange {
        loop {
            let heard = within("presence", self.next()).await.expect("the stream goes on");
            if let Frame::Presence(change) = heard {
                return decode_presence(change).expect("the server encoded it");
            }
        }
    }

    /// What is told of another session, which stays, until it is as expected.
    ///
    /// # Panics
    /// When the other one is said to have left, or this one ends.
    pub async fn sees(
        &mut self,
        whom: &str,
        expected: impl Fn(&v1::Participant) -> bool,
    ) -> v1::Participant {
        loop {
            let change = self.news().await;
            assert!(!change.left.iter().any(|left| left == whom), "{whom} has left");
            let found = change.present.into_iter().find(|person| person.session_id == whom);
            if let Some(person) = found.filter(&expected) {
                return person;
            }
        }
    }

    /// Waits until another session is said to have left.
    ///
    /// # Panics
    /// When this one ends.
    pub async fn sees_leave(&mut self, whom: &str) {
        while !self.news().await.left.iter().any(|left| left == whom) {}
    }
}
