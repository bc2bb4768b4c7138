//! What a sheet's task does with what it is asked. Edits of a batch are staged and flushed together, one
//! journal append for all; looks, pings and reads are answered after the edits before them.
//!
//! Not here: how edits are ordered (`edits`), windows are filled (`reads`) and clients let in (`joins`).

use std::sync::Arc;

use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Revision, Submission, Window};

use super::{SheetTask, lookups};
use crate::api::message::{Apply, ClientMessage, Request};
use crate::fanout::published::SessionKey;
use crate::fanout::session::{EndReason, Outgoing};
use crate::ordering::batch::{Author, Staged};
use crate::refusal::Refusal;

impl SheetTask {
    /// Answers a batch of requests; true when the task is to end.
    pub(crate) async fn requests(&mut self, requests: &mut Vec<Request>) -> bool {
        let mut staged = Staged::default();
        let mut close = None;
        if requests.iter().any(Request::wants_all) {
            // Whoever asks may have been told by another node what this one has not heard of yet.
            self.refresh().await;
        }
        if let Some(reason) = &self.ended {
            // Nobody is answered from what may be old; who waits finds the way closed.
            for request in requests.drain(..) {
                if let Request::Join(join) = request {
                    join.outbox.end(reason.clone());
                }
            }
            return false;
        }
        for request in requests.drain(..) {
            match request {
                Request::Frames { session, frames } => {
                    for frame in self.admitted_frames(session, frames) {
                        self.frame(&mut staged, session, frame).await;
                    }
                }
                Request::Apply(apply) => self.apply_unary(&mut staged, apply).await,
                other => {
                    // What is not an edit sees the state after the edits before it.
                    self.flush(&mut staged).await;
                    close = self.control(other).or(close);
                }
            }
        }
        self.flush(&mut staged).await;
        if let Some(reason) = close {
            self.sessions.end_where(&reason, |_| true);
            return true;
        }
        false
    }

    /// Answers a request that is not an edit; gives a reason when the task is to end.
    fn control(&mut self, request: Request) -> Option<EndReason> {
        match request {
            Request::Join(join) => self.join(join),
            Request::Leave(key) => self.leave(key),
            Request::End(key, reason) => {
                if let Some(join) = self.admission.leave(key) {
                    join.outbox.end(reason.clone());
                }
                self.stop_reads(key);
                self.sessions.end(key, reason);
            }
            Request::Refresh(key, token_hash) => {
                self.admission.refresh(key, token_hash);
                if let Some(session) = self.sessions.get_mut(key) {
                    session.owner.token_hash = token_hash;
                }
            }
            Request::Read(read) => self.read(read),
            Request::Revoke(token) => {
                for join in self.admission.revoke(token) {
                    join.outbox.end(EndReason::Unauthenticated);
                }
                self.sessions.end_where(&EndReason::Unauthenticated, |session| {
                    session.owner.token_hash == token
                });
            }
            Request::Drain(deadline_micros) => {
                let frame = v1::ServerFrame {
                    frame: Some(Frame::Draining(v1::Draining { deadline_micros })),
                };
                self.sessions.broadcast(|| Outgoing::Frame(Box::new(frame.clone())));
            }
            Request::Close(reason) => return Some(reason),
            // Edits never come here.
            Request::Frames { .. } | Request::Apply(_) => {}
        }
        None
    }

    /// The frames of a session that is admitted; those of a waiting one are kept for it.
    fn admitted_frames(
        &mut self,
        session: SessionKey,
        frames: Vec<ClientMessage>,
    ) -> Vec<ClientMessage> {
        self.admission.frames(session, frames).unwrap_or_else(|(join, reason)| {
            join.outbox.end(reason);
            Vec::new()
        })
    }

    fn leave(&mut self, key: SessionKey) {
        // Its outbox goes with it.
        drop(self.admission.leave(key));
        self.stop_reads(key);
        self.sessions.remove(key);
    }

    /// Takes up one frame of a session.
    pub(super) async fn frame(
        &mut self,
        staged: &mut Staged,
        key: SessionKey,
        frame: ClientMessage,
    ) {
        match frame {
            ClientMessage::Edit { sequence, base, delta } => {
                if let Some(author) = self.author(staged, key, sequence) {
                    let client = author.client;
                    let submission = Submission { client, sequence, base, delta };
                    self.stage_live(staged, author, key, submission).await;
                }
            }
            ClientMessage::Commands { sequence, commands } => {
                if let Some(author) = self.author(staged, key, sequence) {
                    self.stage_commands(staged, author, key, sequence, commands).await;
                }
            }
            ClientMessage::Refused { sequence, refusal } => {
                let client = self.refuse_before(key, sequence);
                staged.refuse(key, sequence, refusal, client);
            }
            ClientMessage::Look { revision, window, fetch } => {
                self.flush(staged).await;
                self.look_from(key, revision, &window, fetch);
            }
            ClientMessage::Present { revision, presence } => {
                self.presences.update(key, revision, presence);
            }
            ClientMessage::Ping(nonce) => {
                self.flush(staged).await;
                let frame = v1::ServerFrame { frame: Some(Frame::Pong(v1::Pong { nonce })) };
                self.sessions.push(key, Outgoing::Reached(self.sequencer.head()));
                self.sessions.push(key, Outgoing::Frame(Box::new(frame)));
            }
        }
    }

    /// Who sends an edit, if it may and has not sent too many.
    fn author(
        &mut self,
        staged: &mut Staged,
        key: SessionKey,
        sequence: ot_engine::Sequence,
    ) -> Option<Author> {
        let session = self.sessions.get_mut(key)?;
        let author = Author { account: session.owner.account, client: session.client };
        let refusal = if session.owner.role == v1::Role::Viewer {
            Some(Refusal::ReadOnly)
        } else {
            let allowed = session.allowance.take(std::time::Instant::now());
            let allowed = allowed.and_then(|()| self.shared.account_edits.take(author.account));
            allowed.err().map(|retry_after| Refusal::RateLimited { retry_after })
        };
        match refusal {
            None => Some(author),
            Some(refusal) => {
                let client = self.refuse_before(key, sequence);
                staged.refuse(key, sequence, refusal, client);
                None
            }
        }
    }

    /// Uses up the number of an edit that is refused before it reaches the sequencer.
    fn refuse_before(
        &mut self,
        key: SessionKey,
        sequence: ot_engine::Sequence,
    ) -> Option<ClientId> {
        let client = self.sessions.get_mut(key)?.client;
        self.share_number(client, sequence);
        self.sequencer.refuse(client, sequence);
        Some(client)
    }

    async fn apply_unary(&mut self, staged: &mut Staged, apply: Box<Apply>) {
        if let Err(retry_after) = self.shared.account_edits.take(apply.account) {
            // A caller that has gone needs no answer.
            return drop(apply.reply.send(Err(Refusal::RateLimited { retry_after })));
        }
        if apply.presented && !self.clients.contains_key(&apply.client) {
            let shared = Arc::clone(&self.shared);
            self.lookups.spawn(lookups::apply(shared, self.id, apply));
            return;
        }
        self.stage_apply(staged, *apply).await;
    }

    /// Carries a window from the revision that the client knows to the head, and sends its rows.
    fn look_from(
        &mut self,
        key: SessionKey,
        revision: Revision,
        window: &Window,
        fetch: Vec<std::ops::Range<u32>>,
    ) {
        let (mut window, mut fetch) = (window.clone(), fetch);
        for change in self.log.after(revision) {
            let delta = &change.entry.delta;
            if delta.keeps_axes() {
                continue;
            }
            window = window.map(delta);
            for range in &mut fetch {
                *range = delta.rows.map_range(range.clone());
            }
        }
        let cols = window.cols.clone();
        if let Some(session) = self.sessions.get_mut(key) {
            session.viewport.window = window.clone();
        }
        self.sessions.push(key, Outgoing::Window(window));
        self.look(key, fetch, cols);
    }
}
