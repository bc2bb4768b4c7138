//! The task that owns a live sheet: commands and frames in, frames and events out, one select loop.
//!
//! Invariant: every edit's outcome is told exactly once, or the channel closes when the task ends.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gridloom::v1::ClientFrame;
use gridloom::v1::client_frame::Frame;
use ot_engine::{Delta, Sequence};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tonic::Code;

use super::link::{Backoff, Link, News};
use super::pace::Pace;
use super::ticket::{Accepted, Outcome};
use super::{Error, Looking, Progress};
use crate::core::{EditError, Event, LiveSheet, Presence};
use crate::net::Client;

/// Commands that are taken up before anything is sent: what comes together travels together.
const COMMANDS_AT_ONCE: usize = 256;
/// Edits that may wait while connected before the handles have to: far more than are on the way.
const PENDING_EDITS_PAUSE: usize = 1024;
/// Frames that may be handed to the connection and not yet sent, beyond the edits in flight.
const OTHER_FRAMES_MAX: usize = 64;

type EditFn = Box<dyn FnOnce(&mut LiveSheet) -> Result<Sequence, EditError> + Send>;

/// What a handle asks for.
pub(super) enum Command {
    Edit {
        delta: Delta,
        outcome: Outcome,
    },
    EditWith {
        edit: EditFn,
        outcome: Outcome,
    },
    Read(Box<dyn FnOnce(&LiveSheet) + Send>),
    Look(Looking),
    Present(Presence),
    /// Answered when the progress tells of everything before it.
    Barrier(oneshot::Sender<()>),
    Interrupt,
    Close(oneshot::Sender<()>),
}

pub(super) struct Owner {
    client: Client,
    live: LiveSheet,
    commands: mpsc::Receiver<Command>,
    events: broadcast::Sender<Event>,
    progress: watch::Sender<Progress>,
    /// Told at the first `Welcome`; dropped when it never comes.
    opened: Option<oneshot::Sender<()>>,
    link: Link,
    /// Which of the client's addresses the link was opened at.
    turn: usize,
    backoff: Backoff,
    pace: Pace,
    /// Edits wait for their turn until then.
    wake: Option<Instant>,
    /// Who waits for which edit, in the order of sending.
    tickets: VecDeque<(Sequence, Outcome)>,
    barriers: Vec<oneshot::Sender<()>>,
    /// Room for the edits in flight and a few other frames.
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
        Self {
            client,
            live,
            commands,
            events,
            progress,
            opened: Some(opened),
            link: Link::waiting(Duration::ZERO),
            turn: 0,
            backoff: Backoff::default(),
            pace: Pace::unlimited(),
            wake: None,
            tickets: VecDeque::new(),
            barriers: Vec::new(),
            frames_max,
        }
    }

    /// Runs until it is closed, the last handle goes, or the server refuses for good.
    pub(super) async fn run(mut self, end: Arc<OnceLock<Error>>) {
        let mut batch = Vec::with_capacity(COMMANDS_AT_ONCE);
        let reason = loop {
            let may_edit = !self.live.is_open() || self.live.pending() < PENDING_EDITS_PAUSE;
            let flow = tokio::select! {
                // What the handles ask for; none when the last one is gone.
                count = self.commands.recv_many(&mut batch, COMMANDS_AT_ONCE), if may_edit => {
                    if count == 0 { ControlFlow::Break(Error::Closed) } else { self.take(&mut batch) }
                }
                // What happens on the connection.
                news = self.link.next() => self.hear(news),
                // Another edit may go.
                () = at(self.wake) => ControlFlow::Continue(()),
            };
            if let ControlFlow::Break(reason) = flow {
                break reason;
            }
            self.send();
            self.publish();
        };
        // Before anybody is woken by a channel that closes.
        let _ = end.set(reason);
    }

    fn take(&mut self, batch: &mut Vec<Command>) -> ControlFlow<Error> {
        for command in batch.drain(..) {
            match command {
                Command::Edit { delta, outcome } => {
                    let made = self.live.edit(delta);
                    self.await_outcome(made, outcome);
                }
                Command::EditWith { edit, outcome } => {
                    let made = edit(&mut self.live);
                    self.await_outcome(made, outcome);
                }
                Command::Read(read) => read(&self.live),
                Command::Look(looking) => self.live.look(looking),
                Command::Present(presence) => self.live.set_presence(presence),
                Command::Barrier(passed) => self.barriers.push(passed),
                Command::Interrupt => self.reconnect(Duration::ZERO),
                Command::Close(passed) => {
                    // Dropped with the task: the closing of the channel is the answer.
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
            // Whoever asked may not care.
            Err(error) => drop(outcome.send(Err(error.into()))),
        }
    }

    fn hear(&mut self, news: News) -> ControlFlow<Error> {
        match news {
            News::Due => {
                let hello = self.live.hello_frame();
                self.turn = self.client.turn();
                self.link = Link::open(&self.client, hello, self.frames_max);
            }
            News::Opened => {}
            News::Frames(frames) => {
                let mut events = Vec::with_capacity(frames.len());
                let broken = frames
                    .into_iter()
                    .find_map(|frame| self.live.on_frame_into(frame, &mut events).err());
                self.tell(events);
                if let Some(error) = broken {
                    return self.lose(Some(error.into()));
                }
            }
            News::Ended(cause) => return self.lose(cause),
        }
        ControlFlow::Continue(())
    }

    /// The connection is gone: another attempt, unless it can't help.
    fn lose(&mut self, cause: Option<Error>) -> ControlFlow<Error> {
        let never_open = self.opened.is_some();
        match cause {
            Some(error) if never_open || error.ends_live_sheet() => {
                return ControlFlow::Break(error);
            }
            None if never_open => return ControlFlow::Break(Error::Closed),
            Some(Error::Refused(refusal)) => {
                if refusal.code == Code::Unavailable {
                    // Another server may have what this one lacks.
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
        self.tell(events);
    }

    /// Passes events on to those who wait for them, then to all listeners.
    fn tell(&mut self, events: Vec<Event>) {
        for event in events {
            match &event {
                Event::Welcomed(_) => {
                    self.backoff.reset();
                    self.pace = Pace::of_session(self.live.limits());
                    if let Some(opened) = self.opened.take() {
                        // Whoever opened it may be gone; then so are all handles.
                        let _ = opened.send(());
                    }
                }
                Event::Accepted { sequence, revision, conflicts, conflicts_left_out } => {
                    let accepted = Accepted {
                        revision: *revision,
                        conflicts: conflicts.clone(),
                        conflicts_left_out: *conflicts_left_out,
                    };
                    self.settle(*sequence, &Ok(accepted));
                }
                Event::Rejected { sequence, status, .. } => {
                    self.settle(*sequence, &Err(Error::from_rejection((**status).clone())));
                }
                Event::Resynced { lost } => {
                    for edit in lost.iter() {
                        self.settle(edit.sequence, &Err(Error::Lost));
                    }
                }
                _ => {}
            }
            // No listener is not an error.
            let _ = self.events.send(event);
        }
    }

    /// Tells the outcome to all whose edits travelled under a number. Outcomes come in the order of
    /// sending, so they stand at the front.
    fn settle(&mut self, sequence: Sequence, outcome: &Result<Accepted, Error>) {
        while self.tickets.front().is_some_and(|(front, _)| *front <= sequence) {
            if let Some((_, waiting)) = self.tickets.pop_front() {
                // Whoever asked may not care.
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
                // The connection ended under our hands. Its error comes with the next news; what was
                // handed out is sent again after it.
                break;
            }
        }
    }

    fn publish(&mut self) {
        let progress = Progress::of(&self.live);
        self.progress.send_if_modified(|told| {
            let changed = *told != progress;
            *told = progress;
            changed
        });
        if let Some(state) = self.live.save_state_changed() {
            // No listener is not an error.
            let _ = self.events.send(Event::SaveState(state));
        }
        for passed in self.barriers.drain(..) {
            // Whoever asked may have given up.
            let _ = passed.send(());
        }
    }
}

/// Waits until a time; for ever, when there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
