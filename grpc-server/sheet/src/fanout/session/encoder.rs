//! The encoder of a session: it turns the entries of the session's queue into frames.
//!
//! It cuts changes to the session's window and finds the answers to its own edits. Not here: the grouping of
//! changes into frames (`frames`). Invariant: the window is in the positions after the last
//! change that was encoded.

use std::sync::Arc;

use gridloom::convert::Conflicts;
use gridloom::rpc::Status as WireStatus;
use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ClientId, Sequence, Window};

use super::frames::{FrameBuilder, Progress};
use super::outgoing::Outgoing;
use crate::fanout::applied::Applied;
use crate::fanout::published::{Item, PublishedChange, SessionKey, command_client};
use crate::refusal::Refusal;
use model::sizes::CONFLICTS_BYTES;

/// The status of a refusal, made by the transport.
pub type StatusOf = fn(&Refusal) -> WireStatus;

/// The session whose entries are encoded, with its window and its progress.
#[derive(Debug)]
pub(super) struct Encoder {
    pub(super) key: SessionKey,
    pub(super) client: ClientId,
    pub(super) window: Window,
    pub(super) status_of: StatusOf,
    pub(super) progress: Progress,
}

impl Encoder {
    /// Encodes an entry, of which `done` items are encoded already. Returns the rest of it when the frames are
    /// enough for one poll.
    pub(super) fn encode(
        &mut self,
        entry: Outgoing,
        done: usize,
        frames: &mut FrameBuilder<'_>,
    ) -> Option<(Outgoing, usize)> {
        match entry {
            Outgoing::Batch(batch) => {
                for (at, item) in batch.items.iter().enumerate().skip(done) {
                    self.item(item, frames);
                    if frames.is_full() && at + 1 < batch.items.len() {
                        return Some((Outgoing::Batch(batch), at + 1));
                    }
                }
            }
            Outgoing::Cells(mut part) => {
                while let Some(cells) = part.next_frame() {
                    frames.own(v1::ServerFrame { frame: Some(Frame::Window(cells)) });
                    if frames.is_full() {
                        return Some((Outgoing::Cells(part), 0));
                    }
                }
            }
            Outgoing::Window(window) => self.window = window,
            Outgoing::Reached(revision) => frames.reach(revision, None),
            Outgoing::Committed(revision) => frames.committed(revision),
            Outgoing::Presence(parts) => {
                parts.iter().for_each(|part| frames.push(Frame::Presence(part.clone())));
            }
            Outgoing::Sheet(change) => frames.push(Frame::Sheet(Arc::unwrap_or_clone(change))),
            Outgoing::Frame(frame) => frames.own(*frame),
        }
        None
    }

    fn item(&mut self, item: &Item, frames: &mut FrameBuilder<'_>) {
        match item {
            Item::Change(change) => self.change(change, frames),
            Item::Refused { session, sequence, refusal } if *session == self.key => {
                frames.push(rejected(*sequence, (self.status_of)(refusal)));
            }
            Item::Again { session, sequence, applied } if *session == self.key => {
                frames.push(Frame::Accepted(accepted(self.client, *sequence, applied)));
            }
            Item::Refused { .. } | Item::Again { .. } => {}
        }
    }

    /// Encodes a change. Its author has applied it already and receives `Accepted`; other sessions receive it.
    fn change(&mut self, change: &PublishedChange, frames: &mut FrameBuilder<'_>) {
        let entry = &change.entry;
        if !entry.delta.keeps_axes() {
            self.window = self.window.map(&entry.delta);
        }
        let own = entry.client == self.client;
        if !own {
            // A client that lost a conflict to it receives bytes of its own.
            let encoded = match change.lost_by(self.client).next() {
                Some(_) => Some(change.encoded_for(self.client, &self.window)),
                None => change.encoded(&self.window),
            };
            frames.reach(entry.revision, encoded);
        }
        if own || entry.client == command_client(self.client) {
            let (revision, conflicts) = (entry.revision, entry.conflicts.clone());
            let (left_out, is_again, undo) = (0, false, None);
            let applied = Applied { revision, conflicts, left_out, is_again, undo };
            let mut answer = accepted(entry.client, entry.sequence, &applied);
            if own {
                // The author has made its new lines without ids; those of a command reach it as a change.
                answer.first_row_id = entry.delta.rows.first_id().map(|id| id.0);
                answer.first_column_id = entry.delta.cols.first_id().map(|id| id.0);
            }
            frames.answer(entry.revision, Frame::Accepted(answer));
        }
    }
}

/// The answer to an edit, with the conflicts that its author lost.
fn accepted(author: ClientId, sequence: Sequence, applied: &Applied) -> v1::Accepted {
    let Applied { revision, ref conflicts, left_out: not_kept, .. } = *applied;
    let own = conflicts.iter().filter(|c| c.author == author && c.revision == revision);
    let Conflicts { listed, left_out } =
        Conflicts::of(own.map(|own| &own.conflict), CONFLICTS_BYTES);
    v1::Accepted {
        sequence: sequence.0,
        revision: revision.0,
        conflicts: listed,
        conflicts_left_out: left_out.saturating_add(not_kept),
        ..v1::Accepted::default()
    }
}

fn rejected(sequence: Sequence, status: WireStatus) -> Frame {
    Frame::Rejected(v1::Rejected { sequence: sequence.0, status: Some(status) })
}
