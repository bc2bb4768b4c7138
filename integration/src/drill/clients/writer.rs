//! A writer: makes one edit after the other, and notes each with its answer.
//!
//! A process in Jepsen's sense: it has one edit in flight at a time, so its times order its edits. Not a
//! judge: see `check`. Invariant: each edit writes a token that no other edit writes.

use std::sync::Arc;
use std::time::Duration;

use client::core::{EditError, LiveSheet};
use client::net::{Accepted, EditTicket, Sheet};
use client::{Client, Error};
use ot_engine::{AxisDelta, CellEdit, ClientId, Delta, Revision, Sequence, Value};
use tokio::sync::{oneshot, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::drill::evidence::history::{Action, Answer, Clock, Edit, stopped, token_of};
use crate::harness::{DEADLINE, Random};

/// Rows at the top in which writers overwrite each other.
pub(crate) const CONTESTED_ROWS: u32 = 20;
/// Columns; the first one holds the appended tokens.
pub(crate) const COLUMNS: u32 = 4;
/// One edit of so many appends a row.
const APPEND_ONE_OF: u32 = 8;
/// One edit of so many moves a row.
const MOVE_ONE_OF: u32 = 16;
/// After one edit of so many the connection is dropped: so seldom that the p99 latency holds no time for
/// connecting.
const INTERRUPT_ONE_OF: u32 = 250;
/// After one edit of so many the writer checks that its view holds the edit.
const LOOK_ONE_OF: u32 = 4;

/// A writer that is about to begin.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) number: usize,
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    /// From one edit to the next at least.
    pub(crate) pause: Duration,
    /// The length of its texts, in bytes.
    pub(crate) text_bytes: usize,
}

/// The result of a writer.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) edits: Vec<Edit>,
    /// The findings.
    pub(crate) notes: Vec<String>,
    pub(crate) sheet: Sheet,
}

impl Writer {
    /// Edits until the stop signal, and waits for the last answer.
    pub(crate) async fn run(mut self, sheet: Sheet, mut stop: watch::Receiver<bool>) -> Written {
        let mut written = Written { edits: Vec::new(), notes: Vec::new(), sheet };
        let mut ticks = interval(self.pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return written,
                _ = ticks.tick() => {}
            }
            let edit = self.edit(&written.sheet, written.edits.len(), &mut stop).await;
            if let Answer::Unknown(why) = &edit.answer {
                written.notes.push(format!("writer {} lost its session: {why}", self.number));
                if let Some(sheet) = self.reopen(written.sheet.id()).await {
                    written.sheet = sheet;
                }
            }
            if edit.revision().is_some() && self.random.below(LOOK_ONE_OF) == 0 {
                written.notes.extend(self.look(&written.sheet, &edit).await);
            }
            written.edits.push(edit);
            if self.random.below(INTERRUPT_ONE_OF) == 0 {
                // The next edit detects a sheet that has ended.
                let _ = written.sheet.interrupt().await;
            }
        }
    }

    async fn edit(
        &mut self,
        sheet: &Sheet,
        number: usize,
        stop: &mut watch::Receiver<bool>,
    ) -> Edit {
        let token: Arc<str> = format!("{}.{number}", self.number).into();
        let action = match () {
            () if self.random.below(APPEND_ONE_OF) == 0 => Action::Append,
            () if self.random.below(MOVE_ONE_OF) == 0 => Action::Move,
            () => Action::Set,
        };
        let long = if action == Action::Set { self.text_bytes } else { 0 };
        let text = format!("{token}{}", " ".repeat(long));
        let (name, named) = oneshot::channel();
        // Long texts stay in the contested rows: one answer must be able to hold them all.
        let far = self.text_bytes == 0;
        let (doing, mut chance) = (action.clone(), self.random.clone());
        self.random.any();
        let invoked = self.clock.now();
        let text: Value = text.as_str().into();
        let ticket = sheet.edit(move |live| {
            let sequence = make(live, &doing, text, far, &mut chance)?;
            // The caller waits for the name.
            let _ = name.send(live.client_id().map(|client| (client, sequence)));
            Ok(sequence)
        });
        let answer = match ticket.await {
            Ok(ticket) => answer(ticket, stop).await,
            Err(error) => Err(error),
        };
        let answered = self.clock.now();
        let answer = self.judge(answer, sheet).await;
        let name: Option<(ClientId, Sequence)> = named.await.ok().flatten();
        Edit { token, action, name, invoked, answered, answer }
    }

    async fn judge(&self, answer: Result<Accepted, Error>, sheet: &Sheet) -> Answer {
        match answer {
            Ok(accepted) => {
                self.clock.note_accepted(accepted.revision);
                Answer::Accepted(accepted.revision)
            }
            // A refusal of the edit leaves the sheet open; one of the session does not.
            Err(Error::Refused(refusal)) if sheet.read(|_| ()).await.is_ok() => {
                Answer::Rejected(refusal.code, refusal.reason.unwrap_or_default())
            }
            Err(error) => Answer::Unknown(error.to_string()),
        }
    }

    /// Read your writes: the writer's own view holds its accepted edit.
    async fn look(&self, sheet: &Sheet, edit: &Edit) -> Option<String> {
        let revision = edit.revision()?;
        let token = edit.token.clone();
        let appended = edit.action == Action::Append;
        let look = sheet.read(move |live| {
            let whole = live.is_synced() || live.pending() == 0 && live.is_open();
            let there = !appended || !whole || holds(live, &token);
            (live.revision(), there)
        });
        let (seen, there): (Revision, bool) = look.await.ok()?;
        let wrong = seen < revision || !there;
        wrong.then(|| {
            format!(
                "writer {} does not see {} (revision {revision}) at {seen}",
                self.number, edit.token
            )
        })
    }

    async fn reopen(&self, sheet: &str) -> Option<Sheet> {
        let open = async {
            let mut attempts = interval(Duration::from_millis(100));
            loop {
                attempts.tick().await;
                if let Ok(sheet) = self.client.open(sheet).await {
                    return sheet;
                }
            }
        };
        timeout(DEADLINE, open).await.ok()
    }
}

/// The answer to an edit; after the stop signal the wait has a deadline.
async fn answer(ticket: EditTicket, stop: &mut watch::Receiver<bool>) -> Result<Accepted, Error> {
    let accepted = ticket.accepted();
    tokio::pin!(accepted);
    tokio::select! {
        answer = &mut accepted => return answer,
        () = stopped(stop) => {}
    }
    timeout(DEADLINE, accepted).await.unwrap_or(Err(Error::Closed))
}

fn make(
    live: &mut LiveSheet,
    action: &Action,
    text: Value,
    far: bool,
    chance: &mut Random,
) -> Result<Sequence, EditError> {
    let rows = live.row_count();
    match action {
        Action::Append => {
            let mut append = Delta::rows(AxisDelta::insert(rows, 1));
            append.cells.push(CellEdit::set(rows, 0, text));
            live.edit(append)
        }
        Action::Set => {
            let (row, col) = (chance.below(CONTESTED_ROWS), 1 + chance.below(COLUMNS - 1));
            live.set_cell(row, col, text)
        }
        Action::Move => {
            let from = chance.below(if far { rows } else { CONTESTED_ROWS });
            live.move_rows(from, 1, chance.below(CONTESTED_ROWS))
        }
    }
}

fn holds(live: &LiveSheet, token: &str) -> bool {
    let Some(view) = live.view() else { return false };
    // New rows are near the end.
    (0..view.size().rows).rev().any(|row| match view.get(row, 0) {
        Some(value) => token_of(value) == Some(token),
        // Not loaded: the token may be there.
        None => true,
    })
}
