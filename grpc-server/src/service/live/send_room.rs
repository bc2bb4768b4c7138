//! The memory of the frames that `Send` has received and no pump has taken.
//!
//! Not here: the edits that a pump has taken (`sheet::memory`), and the bytes of requests that arrive (`serve::peer`). A
//! pump waits when its session has sent too much, so what waits for it is bounded for each account and for the server.
//!
//! Invariant: a request without room is refused before it waits; its frames have numbers, so its client sends them again.

use std::mem::size_of_val;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gridloom::v1;
use gridloom::v1::client_frame::Frame;
use gridloom::v1::edit::Change;
use prost::Message as _;
use tonic::Status;

use super::frames;
use crate::edge::errors::StatusBuilder;
use crate::edge::refusals;
use model::AccountId;
use model::budget::{self, Budget, PerAccount};
use model::limits::edge::{ACCOUNT_SENDS_BYTES, SERVER_SENDS_BYTES};

/// When a client may send the frames again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

const _: () = assert!(2 * ACCOUNT_SENDS_BYTES < SERVER_SENDS_BYTES);

/// The room of all sessions.
#[derive(Debug)]
pub(super) struct SendRoom {
    server: Arc<Budget>,
    accounts: PerAccount<Budget>,
    /// Held while room is looked for and taken.
    taking: Mutex<()>,
}

/// The room of one request, until the last of its frames is taken. It keeps the share of its account in the table.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    _held: Arc<[budget::Hold; 2]>,
}

impl Default for SendRoom {
    fn default() -> Self {
        Self {
            server: Budget::new(SERVER_SENDS_BYTES),
            accounts: PerAccount::with(|| Budget::empty(ACCOUNT_SENDS_BYTES)),
            taking: Mutex::default(),
        }
    }
}

impl SendRoom {
    /// Takes room for the frames of one request; all that an account may have for frames that are larger. An account has
    /// at most half of what the others leave, so however many fill theirs, a small request of another one has room.
    pub(super) fn take(
        &self,
        account: AccountId,
        frames: &[v1::ClientFrame],
    ) -> Result<Hold, Status> {
        let bytes = frames.iter().map(decoded_bytes).fold(0, usize::saturating_add);
        let bytes = bytes.min(ACCOUNT_SENDS_BYTES);
        let of_account = self.accounts.of(account);
        // It guards no data, so a poisoned lock is whole.
        let _taking = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let others = self.server.used().saturating_sub(of_account.used());
        let most = (self.server.limit().saturating_sub(others) / 2).min(of_account.limit());
        if of_account.used() + bytes > most {
            refusals::log("frames of Send that wait for their sessions", &account);
            return Err(StatusBuilder::rate_limited("frames of Send", RETRY_AFTER).into());
        }
        let held = [of_account.hold(bytes), self.server.hold(bytes)];
        Ok(Hold { _held: Arc::new(held) })
    }
}

/// The memory of a decoded frame: its elements, and the bytes of their texts. Cost: its fields.
fn decoded_bytes(frame: &v1::ClientFrame) -> usize {
    let elements = match &frame.frame {
        Some(Frame::Edit(v1::Edit { change: Some(Change::Delta(delta)), .. })) => of_delta(delta),
        Some(frame @ Frame::Edit(v1::Edit { change: Some(Change::Commands(commands)), .. })) => {
            size_of_val(&commands.commands[..]) + frames::items(frame) * size_of::<v1::Value>()
        }
        Some(Frame::Look(look)) => size_of_val(&look.fetch[..]),
        Some(Frame::Presence(presence)) => size_of_val(&presence.selections[..]),
        _ => 0,
    };
    size_of::<v1::ClientFrame>() + elements + frame.encoded_len()
}

fn of_delta(delta: &v1::Delta) -> usize {
    let values = delta.cells.iter().map(|block| size_of_val(&block.values[..]));
    let runs = delta.texts.iter().map(|text| size_of_val(&text.runs[..]));
    let of_parts: usize = values.chain(runs).sum();
    let v1::Delta { rows, cols, cells, columns, texts } = delta;
    of_parts
        + size_of_val(&rows[..])
        + size_of_val(&cols[..])
        + size_of_val(&cells[..])
        + size_of_val(&columns[..])
        + size_of_val(&texts[..])
}

#[cfg(test)]
mod tests {
    use gridloom::v1::command::Command;
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    /// Frames with a token of so many bytes.
    fn frames(bytes: usize) -> Vec<v1::ClientFrame> {
        let refresh = v1::Refresh { token: "x".repeat(bytes) };
        vec![v1::ClientFrame { frame: Some(Frame::Refresh(refresh)) }]
    }

    #[test]
    fn one_account_leaves_room_for_the_others_and_room_comes_back() {
        let room = SendRoom::default();
        let each = ACCOUNT_SENDS_BYTES / 4 + 1;
        let mut held: Vec<_> = (0..3).map(|_| room.take(account(1), &frames(each))).collect();
        assert!(held.iter().all(Result::is_ok));
        let refused = room.take(account(1), &frames(each)).expect_err("the share is used up");
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
        assert!(room.take(account(2), &frames(each)).is_ok());
        held.pop();
        assert!(room.take(account(1), &frames(each)).is_ok());
        held.clear();
        let larger = room.take(account(1), &frames(2 * ACCOUNT_SENDS_BYTES));
        assert!(larger.is_ok(), "a request above the share takes all of it");
        let mut full = Vec::new();
        for other in 2..100 {
            while let Ok(held) = room.take(account(other), &frames(each)) {
                full.push(held);
            }
        }
        assert!(full.len() * each > SERVER_SENDS_BYTES / 2, "the room is used");
        assert!(room.take(account(100), &frames(64 << 10)).is_ok(), "a small request has room");
    }

    /// Each kind of frame whose parts are small on the wire.
    #[test]
    fn what_a_decoded_frame_takes_is_counted() {
        let count = 10_000;
        let values = vec![v1::Value::default(); count];
        let cells = vec![v1::CellBlock { width: 1, values, ..Default::default() }];
        let run = v1::Run { run: Some(v1::run::Run::Keep(1)) };
        let deltas = [
            v1::Delta { cells, ..Default::default() },
            v1::Delta { rows: vec![run; count], ..Default::default() },
            v1::Delta { cells: vec![v1::CellBlock::default(); count], ..Default::default() },
            v1::Delta { texts: vec![v1::TextEdit::default(); count], ..Default::default() },
            v1::Delta { columns: vec![v1::ColumnEdit::default(); count], ..Default::default() },
        ];
        let changes = deltas.map(v1::edit::Change::Delta).into_iter();
        let commands = vec![v1::Command::default(); count];
        let list = |commands| v1::edit::Change::Commands(v1::CommandList { commands });
        let values = vec![v1::Value::default(); count];
        let set = Command::SetCells(v1::SetCells { values, ..Default::default() });
        let runs = vec![v1::TextRun::default(); count];
        let text = Command::EditText(v1::EditText { runs: runs.clone(), ..Default::default() });
        let one = |command| list(vec![v1::Command { command: Some(command) }]);
        let texts = vec![v1::TextEdit { runs, ..Default::default() }];
        let texts = v1::edit::Change::Delta(v1::Delta { texts, ..Default::default() });
        let changes = changes.chain([list(commands), one(set), one(text), texts]);
        let edits = changes.map(|change| v1::Edit { change: Some(change), ..Default::default() });
        let look = v1::Look { fetch: vec![v1::Range::default(); count], ..Default::default() };
        let selections = vec![v1::Window::default(); count];
        let presence = v1::Presence { selections, ..Default::default() };
        let others = [Frame::Look(look), Frame::Presence(presence)];
        let frames = edits.map(Frame::Edit).chain(others);
        for frame in frames.map(|frame| v1::ClientFrame { frame: Some(frame) }) {
            let bytes = frame.encode_to_vec();
            let mut decoded = None;
            let memory = allocation_counter::measure(|| {
                decoded = v1::ClientFrame::decode(&bytes[..]).ok();
            });
            let held = usize::try_from(memory.bytes_current).expect("it holds memory");
            let counted = decoded_bytes(&decoded.expect("is a frame"));
            // A vector that grows has up to twice the room.
            assert!(2 * counted >= held, "{counted} of {held} bytes");
        }
    }
}
