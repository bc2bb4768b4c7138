//! The commands that a handle sends to the owner task.
//!
//! Plain data. Invariant: a command that has an answer carries the channel for it.

use ot_engine::{Delta, Sequence};
use tokio::sync::oneshot;

use super::outcome::Outcome;
use crate::core::{EditError, LiveSheet, Looking, Presence};

pub(super) type EditFn = Box<dyn FnOnce(&mut LiveSheet) -> Result<Sequence, EditError> + Send>;

/// A command of a handle.
pub(super) enum Command {
    Edit {
        delta: Delta,
        /// The gesture that it is a part of; 0: it is one of its own.
        group: u64,
        outcome: Outcome,
    },
    EditWith {
        edit: EditFn,
        outcome: Outcome,
    },
    Read(Box<dyn FnOnce(&LiveSheet) + Send>),
    Look(Looking),
    Present(Presence),
    /// Answered after the progress includes all earlier commands.
    Barrier(oneshot::Sender<()>),
    Interrupt,
    Close(oneshot::Sender<()>),
}
