//! Checks the form of a client's frame and converts it to a [`ClientMessage`].
//!
//! Not whether an edit fits the sheet: its task decides that. Invariant: an edit of a wrong form becomes a refusal
//! with the edit's number, so that it is answered in its turn.

use std::ops::Range;

use gridloom::convert::{self, ConvertError};
use gridloom::v1::command::Command;
use gridloom::v1::{self, client_frame::Frame, edit};
use ot_engine::{Limits, Presence, Revision, Sequence, Window};

use model::EditGroup;
use sheet::api::message::ClientMessage;
use sheet::ordering::commands;
use sheet::refusal::Refusal;

/// Row ranges in one look.
const LOOK_RANGES: usize = 1_000;
/// Selections of one session that the others are shown.
const PRESENCE_SELECTIONS: usize = 16;

/// The frame as a message to the sheet; `None` for frames that it has no use for.
#[must_use]
pub fn message(frame: Frame, limits: &Limits) -> Option<ClientMessage> {
    match frame {
        Frame::Edit(edit) => Some(edit_message(edit, limits)),
        Frame::Look(look) => Some(look_message(look)),
        Frame::Presence(presence) => Some(presence_message(presence)),
        Frame::Ping(ping) => Some(ClientMessage::Ping(ping.nonce)),
        // The pump has taken these out.
        Frame::Hello(_) | Frame::Refresh(_) => None,
    }
}

/// The elements of a frame whose conversion visits each: its cost before it begins.
#[must_use]
pub fn items(frame: &Frame) -> usize {
    match frame {
        Frame::Edit(v1::Edit { change: Some(edit::Change::Delta(delta)), .. }) => {
            convert::delta_items(delta)
        }
        Frame::Edit(v1::Edit { change: Some(edit::Change::Commands(list)), .. }) => {
            list.commands.len() + list.commands.iter().map(command_items).sum::<usize>()
        }
        // Bounded when they are converted.
        _ => 0,
    }
}

/// The elements of one command, in memory before it is checked.
fn command_items(command: &v1::Command) -> usize {
    match &command.command {
        Some(Command::SetCells(set)) => set.values.len(),
        Some(Command::EditText(edit)) => edit.runs.len(),
        _ => 0,
    }
}

fn edit_message(edit: v1::Edit, limits: &Limits) -> ClientMessage {
    let sequence = Sequence(edit.sequence);
    let (base, group) = (Revision(edit.base_revision), EditGroup(edit.group));
    match edit.change {
        Some(edit::Change::Delta(delta)) => match convert::delta_within(delta, limits) {
            Ok(delta) => ClientMessage::Edit { sequence, base, delta: delta.into(), group },
            Err(error) => refused(sequence, error.within("edit.delta")),
        },
        Some(edit::Change::Commands(commands)) => match commands::check_counts(&commands, limits) {
            Ok(()) => ClientMessage::Commands { sequence, commands: commands.into(), group },
            Err(refusal) => ClientMessage::Refused { sequence, refusal },
        },
        None => {
            let (field, rule) = ("edit.change".to_owned(), "needs a delta or commands".to_owned());
            ClientMessage::Refused { sequence, refusal: Refusal::Malformed { field, rule } }
        }
    }
}

fn refused(sequence: Sequence, error: ConvertError) -> ClientMessage {
    let refusal = Refusal::Malformed { field: error.field, rule: error.rule };
    ClientMessage::Refused { sequence, refusal }
}

fn look_message(look: v1::Look) -> ClientMessage {
    let window = look.window.map_or(Window::ALL, convert::window_from_wire);
    let fetch = if look.fetch.is_empty() {
        vec![window.rows.clone()]
    } else {
        look.fetch.into_iter().take(LOOK_RANGES).map(rows).collect()
    };
    ClientMessage::Look { revision: Revision(look.revision), window, fetch }
}

fn presence_message(sent: v1::Presence) -> ClientMessage {
    let cell = |cell: v1::CellPosition| (cell.row, cell.col);
    let selections = sent.selections.into_iter().take(PRESENCE_SELECTIONS);
    let presence = Presence {
        cursor: sent.cursor.map(cell),
        selections: selections.map(convert::window_from_wire).collect(),
        editing: sent.editing.map(cell),
        away: sent.away,
    };
    ClientMessage::Present { revision: Revision(sent.revision), presence }
}

fn rows(range: v1::Range) -> Range<u32> {
    range.start..range.start.saturating_add(range.count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::any_message::any_message;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Bounded, too: what a frame may name is cut where it is too much.
        #[test]
        fn any_frame_is_a_message_or_refused(bytes in any_message()) {
            let Ok(frame) = v1::ClientFrame::decode(&*bytes) else { return Ok(()) };
            match frame.frame.and_then(|frame| message(frame, &Limits::DEFAULT)) {
                Some(ClientMessage::Look { fetch, .. }) => prop_assert!(fetch.len() <= LOOK_RANGES),
                Some(ClientMessage::Present { presence, .. }) => {
                    prop_assert!(presence.selections.len() <= PRESENCE_SELECTIONS);
                }
                _ => {}
            }
        }
    }
}
