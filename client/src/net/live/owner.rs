//! The owner task of a live sheet: one select loop over commands, the connection and the pace.
//!
//! It interprets no frame; [`LiveSheet`] does.
//!
//! Invariant: every edit's outcome is sent exactly once, or its channel closes when the task ends.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gridloom::v1::ClientFrame;
use gridloom::v1::client_frame::Frame;
use ot_engine::Sequence;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tonic::Code;

use super::command::Command;
use super::link::{Backoff, Link, LinkEvent};
use super::outcome::{Accepted, Outcome};
use super::pace::Pace;
use super::progress::Progress;
use crate::core::{EditError, Event, LiveSheet};
use crate::net::bearer::Token;
use crate::net::client::Client;
use crate::net::error::Error;

/// Most commands that are processed before frames are sent, so that simultaneous edits are sent together.
const COMMANDS_AT_ONCE: usize = 256;
/// Pending edits above which handles wait while the session is open: far more than are in flight.
const PENDING_EDITS_PAUSE: usize = 1024;
/// Most frames that wait in the connection, besides the edits in flight.
const OTHER_FRAMES_MAX: usize = 64;

pub(super) struct Owner {
    client: Client,
    live: LiveSheet,
    commands: mpsc::Receiver<Command>,
    events: broadcast::Sender<Event>,
    progress: watch::Sender<Progress>,
    /// Answered at the first `Welcome`; dropped when the task ends before.
    opened: Option<oneshot::Sender<()>>,
    link: Link,
    /// The token, and each one that takes its place.
    tokens: watch::Receiver<Token>,
    /// The address number of the current link.
    turn: usize,
    backoff: Backoff,
    pace: Pace,
    /// The time of the next allowed edit, while edits wait for the pace.
    wake: Option<Instant>,
    /// The channels of unanswered edits, in the order of sending.
    tickets: VecDeque<(Sequence, Outcome)>,
    barriers: Vec<oneshot::Sender<()>>,
    /// Capacity of the connection: the edits in flight and a few other frames.
    frames_max: usize,
}

impl Owner {
    pub(super) fn new(
        client: Client,
        live: LiveSheet,
        commands: mpsc::Receiver<Command>,
        events: broadcast::Sender<Event>,
        progress: watch::Sender<Progress>,
        opened: oneshot::Sender<()>,
    ) -> Self {
        let frames_max = live.max_in_flight() + OTHER_FRAMES_MAX;
        let tokens = client.bearer().watch();
        Self {
            client,
            live,
            commands,
            events,
            progress,
            opened: Some(opened),
            link: Link::waiting(Duration::ZERO),
            tokens,
            turn: 0,
            backoff: Backoff::default(),
            pace: Pace::unlimited(),
            wake: None,
            tickets: VecDeque::new(),
            barriers: Vec::new(),
            frames_max,
        }
    }

    /// Runs until a handle closes it, the last handle is dropped, or the server refuses permanently.
    pub(super) async fn run(mut self, end: Arc<OnceLock<Error>>) {
        let mut batch = Vec::with_capacity(COMMANDS_AT_ONCE);
        let reason = loop {
            let may_edit = !self.live.is_open() || self.live.pending() < PENDING_EDITS_PAUSE;
            let flow = tokio::select! {
                // Commands of the handles; none after the last handle is dropped.
                count = self.commands.recv_many(&mut batch, COMMANDS_AT_ONCE), if may_edit => {
                    if count == 0 { ControlFlow::Break(Error::Closed) } else { self.process(&mut batch) }
                }
                // Events of the connection.
                event = self.link.next() => self.on_link(event),
                // The client has another token; its sender is part of the client.
                Ok(()) = self.tokens.changed() => {
                    let token = self.tokens.borrow_and_update().text().to_owned();
                    self.live.refresh(token);
                    ControlFlow::Continue(())
                }
                // The pace allows another edit.
                () = at(self.wake) => ControlFlow::Continue(()),
            };
            if let ControlFlow::Break(reason) = flow {
                break reason;
            }
            self.send();
            self.publish();
        };
        // What was not accepted ends with the task.
        let discarded = self.live.discard_unsaved();
        self.dispatch(discarded.into_iter().collect());
        // Set before the channels close and wake their receivers.
        let _ = end.set(reason);
    }

    fn process(&mut self, batch: &mut Vec<Command>) -> ControlFlow<Error> {
        for command in batch.drain(..) {
            match command {
                Command::Edit { delta, group, outcome } => {
                    self.live.set_group(group);
                    let made = self.live.edit(delta);
                    self.await_outcome(made, outcome);
                }
                Command::EditWith { edit, outcome } => {
                    self.live.set_group(0);
                    let made = edit(&mut self.live);
                    self.await_outcome(made, outcome);
                }
                Command::Read(read) => read(&self.live),
                Command::Look(looking) => self.live.look(looking),
                Command::Present(presence) => self.live.set_presence(presence),
                Command::Barrier(passed) => self.barriers.push(passed),
                Command::Interrupt => self.reconnect(Duration::ZERO),
                Command::Close(passed) => {
                    // The channel closes with the task, which is the answer.
                    self.barriers.push(passed);
                    return ControlFlow::Break(Error::Closed);
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn await_outcome(&mut self, made: Result<Sequence, EditError>, outcome: Outcome) {
        match made {
            Ok(sequence) => self.tickets.push_back((sequence, outcome)),
            // The caller may have dropped the ticket.
            Err(error) => drop(outcome.send(Err(error.into()))),
        }
    }

    fn on_link(&mut self, event: LinkEvent) -> ControlFlow<Error> {
        match event {
            LinkEvent::Due => {
                let hello = self.live.hello_frame();
                self.turn = self.client.turn();
                self.link = Link::open(&self.client, hello, self.frames_max);
            }
            LinkEvent::Opened => {}
            LinkEvent::Frames(frames) => {
                let mut events = Vec::with_capacity(frames.len());
                let violation = frames
                    .into_iter()
                    .find_map(|frame| self.live.on_frame_into(frame, &mut events).err());
                self.dispatch(events);
                if let Some(error) = violation {
                    return self.on_disconnect(Some(error.into()));
                }
            }
            LinkEvent::Ended(cause) => return self.on_disconnect(cause),
        }
        ControlFlow::Continue(())
    }

    /// The connection ended: reconnects, or ends the task when that can't help.
    fn on_disconnect(&mut self, cause: Option<Error>) -> ControlFlow<Error> {
        let never_open = self.opened.is_some();
        match cause {
            Some(error) if never_open || error.ends_live_sheet() => {
                return ControlFlow::Break(error);
            }
            None if never_open => return ControlFlow::Break(Error::Closed),
            Some(Error::Refused(refusal)) => {
                if refusal.code == Code::Unavailable {
                    // A server at another address may be available.
                    self.client.turn_from(self.turn);
                }
                let wait = self.backoff.next(refusal.retry_after);
                self.reconnect(wait);
            }
            _ => {
                let wait = self.backoff.next(None);
                self.reconnect(wait);
            }
        }
        ControlFlow::Continue(())
    }

    fn reconnect(&mut self, wait: Duration) {
        self.link = Link::waiting(wait);
        let events = self.live.disconnected();
        self.dispatch(events);
    }

    /// Sends events to the callers that wait for them, then to all listeners.
    fn dispatch(&mut self, events: Vec<Event>) {
        for event in events {
            match &event {
                Event::Welcomed(_) => {
                    self.backoff.opened();
                    self.pace = Pace::of_session(self.live.limits());
                    if let Some(opened) = self.opened.take() {
                        // The caller of `open` may have stopped waiting; then no handle exists.
                        let _ = opened.send(());
                    }
                }
                Event::Accepted { sequence, revision, conflicts, conflicts_left_out } => {
                    let accepted = Accepted {
                        revision: *revision,
                        conflicts: conflicts.clone(),
                        conflicts_left_out: *conflicts_left_out,
                    };
                    self.backoff.reset();
                    self.answer(*sequence, &Ok(accepted));
                }
                Event::Rejected { sequence, status, .. } => {
                    self.backoff.reset();
                    self.answer(*sequence, &Err(Error::from_rejection((**status).clone())));
                }
                Event::Resynced { lost } => {
                    for edit in lost.iter() {
                        self.answer(edit.sequence, &Err(Error::Lost));
                    }
                }
                // First the number of lost cells: no listener has received more of them.
                Event::Discarded { .. } => self.publish_progress(),
                _ => {}
            }
            // No listener is not an error.
            let _ = self.events.send(event);
        }
    }

    /// Sends the outcome to all edits with this number. Outcomes come in the order of sending, so these edits
    /// are at the front.
    fn answer(&mut self, sequence: Sequence, outcome: &Result<Accepted, Error>) {
        while self.tickets.front().is_some_and(|(front, _)| *front <= sequence) {
            if let Some((_, waiting)) = self.tickets.pop_front() {
                // The caller may have dropped the ticket.
                let _ = waiting.send(outcome.clone());
            }
        }
    }

    fn send(&mut self) {
        let allowed = self.pace.allowed();
        let frames = self.live.outgoing_at_most(allowed);
        let is_edit = |frame: &&ClientFrame| matches!(frame.frame, Some(Frame::Edit(_)));
        let edits = frames.iter().filter(is_edit).count();
        self.pace.spend(edits);
        self.wake = (edits == allowed).then(|| self.pace.next()).flatten();
        for frame in frames {
            if !self.link.send(frame) {
                // The connection has ended; the next event has its error. The edits are sent again on the
                // next connection.
                break;
            }
        }
    }

    fn publish_progress(&self) {
        let progress = Progress::of(&self.live);
        self.progress.send_if_modified(|published| {
            let changed = *published != progress;
            *published = progress;
            changed
        });
    }

    fn publish(&mut self) {
        self.publish_progress();
        if let Some(state) = self.live.save_state_changed() {
            // No listener is not an error.
            let _ = self.events.send(Event::SaveState(state));
        }
        for passed in self.barriers.drain(..) {
            // The caller may have stopped waiting.
            let _ = passed.send(());
        }
    }
}

/// Waits until a time; without one it never returns.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
