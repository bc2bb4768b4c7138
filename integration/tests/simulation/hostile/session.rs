//! One hostile client: its session, what it has sent, and the answers that it received.
//!
//! Not the frames (`frames`). Invariant: frames are passed on in their order, each with the room that it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::Random;
use model::AccountId;
use ot_engine::{ClientId, Delta, Revision, Sequence};
use sheet::Registry;
use sheet::api::message::{ClientMessage, Request};
use tokio::sync::mpsc;
use tokio_stream::Stream;

use super::frames::{Frames, SHEET};
use crate::server::{OpenSession, account_of, enter};
use crate::world::Outcome;

/// Frames that are passed on together at most.
const TOGETHER: u32 = 12;

/// A client.
pub(super) struct Hostile {
    id: ClientId,
    account: AccountId,
    /// Its client id on the wire, once the server has sent a `Welcome`.
    name: String,
    epoch: u64,
    session: Option<Open>,
    known: u64,
    next: u64,
    /// It does not read for now.
    deaf: bool,
    /// How often each number was sent in this session, less its answers.
    unanswered: BTreeMap<u64, i64>,
    /// Numbers of earlier sessions: a later one may receive their answers, as answers or as changes that it missed.
    earlier: BTreeSet<u64>,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) last_refusal: String,
}

struct Open {
    session: OpenSession,
    /// To the task that waits for room, as the service's pump does.
    frames: mpsc::UnboundedSender<Vec<ClientMessage>>,
}

impl Hostile {
    pub(super) fn new(id: ClientId) -> Self {
        Self {
            id,
            account: account_of(id),
            name: String::new(),
            epoch: 0,
            session: None,
            known: 0,
            next: 1,
            deaf: false,
            unanswered: BTreeMap::new(),
            earlier: BTreeSet::new(),
            accepted: 0,
            refused: 0,
            last_refusal: String::new(),
        }
    }

    /// Does something at random.
    pub(super) async fn act(
        &mut self,
        random: &mut Random,
        registry: &Registry,
        frames: &Frames,
        outcome: &mut Outcome,
    ) {
        match random.below(16) {
            0 => {
                self.leave();
                outcome.seen.insert("hostile left");
            }
            1 => self.deaf = !self.deaf,
            2 => {
                // A second session of the same client.
                self.leave();
                self.open(registry, Some(random)).await;
            }
            _ => self.open_if_closed(registry, random).await,
        }
        let some = (0..random.below(TOGETHER)).map(|_| self.any(random, frames)).collect();
        self.send(some);
    }

    fn any(&mut self, random: &mut Random, frames: &Frames) -> ClientMessage {
        let message = frames.any(random, self.next, self.known);
        if let Some(number) = number_of(&message)
            && number == self.next
        {
            self.next += 1;
        }
        message
    }

    /// Sends an edit on the newest revision.
    pub(super) fn edit(&mut self, delta: Delta) {
        let (sequence, base) = (Sequence(self.next), Revision(self.known));
        self.next += 1;
        self.send(vec![ClientMessage::Edit {
            sequence,
            base,
            delta: delta.into(),
            group: Default::default(),
        }]);
    }

    fn send(&mut self, messages: Vec<ClientMessage>) {
        let Some(open) = &self.session else { return };
        for number in messages.iter().filter_map(number_of) {
            *self.unanswered.entry(number).or_default() += 1;
        }
        // A task that has ended has no session any more, which the stream shows.
        let _ = open.frames.send(messages);
    }

    async fn open_if_closed(&mut self, registry: &Registry, random: &mut Random) {
        if self.session.is_none() {
            self.open(registry, Some(random)).await;
        }
    }

    /// Opens a session where there is none, as an ordinary client does.
    pub(super) async fn keep_open(&mut self, registry: &Registry) {
        if self.session.is_none() {
            self.open(registry, None).await;
        }
    }

    async fn open(&mut self, registry: &Registry, random: Option<&mut Random>) {
        let window = Some(v1::Window::default());
        let resume = random.map(|random| match random.below(4) {
            0 => v1::ResumePoint { epoch: self.epoch, revision: u64::MAX },
            1 => v1::ResumePoint { epoch: random.any(), revision: 1 },
            2 => v1::ResumePoint { epoch: self.epoch, revision: 0 },
            _ => v1::ResumePoint { epoch: self.epoch, revision: self.known },
        });
        let (sheet_id, client_id) = (SHEET.to_string(), self.name.clone());
        let hello = v1::Hello { sheet_id, client_id, window, resume, ..v1::Hello::default() };
        let opened = tokio::time::timeout(
            std::time::Duration::from_millis(20),
            enter(registry.clone(), SHEET, self.id, hello),
        );
        let Ok(Ok(session)) = opened.await else { return };
        let (frames, mut queued) = mpsc::unbounded_channel::<Vec<ClientMessage>>();
        let (handle, key, account) = (session.handle.clone(), session.key, self.account);
        tokio::spawn(async move {
            while let Some(frames) = queued.recv().await {
                let bytes = frames.iter().map(ClientMessage::bytes).sum();
                let Ok(hold) = handle.room(account, bytes).await else { return };
                let request = Request::Frames { session: key, frames, hold };
                if handle.send(request).await.is_err() {
                    return;
                }
            }
            handle.send_if_open(Request::Leave(key)).await;
        });
        self.session = Some(Open { session, frames });
    }

    /// Ends the session.
    pub(super) fn leave(&mut self) {
        // The task passes the end on behind the frames.
        self.session = None;
        self.earlier.extend(std::mem::take(&mut self.unanswered).into_keys());
    }

    pub(super) fn read_again(&mut self) {
        self.deaf = false;
    }

    /// Receives all frames that have arrived.
    pub(super) fn read(&mut self) {
        while let Some(open) = &mut self.session
            && !self.deaf
        {
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut open.session.stream).poll_next(&mut context) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(frame))) => self.receive(frame),
                Poll::Ready(_) => self.leave(),
            }
        }
    }

    fn receive(&mut self, frame: v1::ServerFrame) {
        match frame.frame {
            Some(Frame::Welcome(welcome)) => {
                self.known = welcome.revision;
                self.epoch = welcome.epoch;
                self.name = welcome.client_id;
                self.next = self.next.max(welcome.last_sequence + 1);
            }
            Some(Frame::Accepted(accepted)) => {
                self.known = self.known.max(accepted.revision);
                self.accepted += 1;
                self.answered(accepted.sequence);
            }
            Some(Frame::Rejected(rejected)) => {
                self.last_refusal =
                    rejected.status.map(|status| status.message).unwrap_or_default();
                self.refused += 1;
                self.answered(rejected.sequence);
            }
            _ => {}
        }
    }

    fn answered(&mut self, number: u64) {
        *self.unanswered.entry(number).or_default() -= 1;
    }

    /// Whether the server has admitted the session.
    pub(super) fn is_welcome(&self) -> bool {
        self.session.is_some() && !self.name.is_empty()
    }

    pub(super) fn is_answered(&self) -> bool {
        self.session.is_none() || self.unanswered.values().all(|left| *left <= 0)
    }

    /// The edits that have no answer, or more than one for each time that they were sent.
    pub(super) fn wrong(&self) -> Option<String> {
        let is_wrong = |(number, left): &(&u64, &i64)| {
            **left > 0 || (**left < 0 && !self.earlier.contains(number))
        };
        let wrong = self.unanswered.iter().filter(is_wrong);
        let wrong: Vec<_> = wrong.map(|(number, left)| format!("{number}: {left}")).collect();
        (self.session.is_some() && !wrong.is_empty())
            .then(|| format!("client {} has edits without their answers: {wrong:?}", self.id.0))
    }
}

fn number_of(message: &ClientMessage) -> Option<u64> {
    match message {
        ClientMessage::Edit { sequence, .. }
        | ClientMessage::Commands { sequence, .. }
        | ClientMessage::Refused { sequence, .. } => Some(sequence.0),
        ClientMessage::Look { .. } | ClientMessage::Ping(_) | ClientMessage::Present { .. } => None,
    }
}
