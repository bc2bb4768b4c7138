//! The author of a lost edit receives the conflict: in the answer to the edit, or, when it was accepted
//! before, with the change that overwrote it, also outside of the author's window.
//!
//! Not the rules of conflicts: the engine tests those. Invariant: no conflict depends on the author's window.

use client::core::{Changed, Event, Looking};
use client::net::Sheet;
use gridloom::convert::{decode_change, delta_to_wire};
use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::conflict::Reason;
use gridloom::v1::server_frame::Frame;
use integration::harness::{NativeSession, Server, new_sheet, opened, sign_up_with_token, within};
use ot_engine::{AxisDelta, Delta, Revision};
use tokio::sync::broadcast;

use crate::two_servers::Two;

#[tokio::test(flavor = "multi_thread")]
async fn the_author_of_an_accepted_edit_receives_its_conflict() {
    let server = Server::start();
    the_author_receives_conflicts(&server, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_receives_conflicts_with_edits_of_another_server() {
    let two = Two::start().await;
    the_author_receives_conflicts(&two.here, &two.there).await;
}

/// One client edits at `here`, and another one at `there`, on the revision before that edit.
async fn the_author_receives_conflicts(here: &Server, there: &Server) {
    let (client, token) = sign_up_with_token(here).await;
    let sheet_id = new_sheet(&client, "Conflicts", 10).await;
    let sheet = opened(&client, &sheet_id).await;
    let mut other = Other::open(there, &token, &sheet_id).await;
    let mut events = sheet.changes();

    let before = accepted(&sheet, 3, 1, "first").await;
    // On the revision before it.
    other.edit(Revision(before.0 - 1), &Delta::set_cell(3, 1, "second")).await;
    let lost = overwritten(&mut events).await;
    assert_eq!((lost.reason(), lost.row, lost.col), (Reason::Overwritten, 3, 1));
    assert_eq!((text(&lost.lost), text(&lost.kept)), ("first", "second"));

    // Outside of every window, but still this client's edit.
    let before = accepted(&sheet, 8, 0, "far away").await;
    sheet.look(Looking::Rows(0..2)).await.expect("open");
    within("looking", sheet.wait_synced()).await.expect("open");
    other.edit(Revision(before.0 - 1), &Delta::rows(AxisDelta::delete(7, 2))).await;
    let lost = overwritten(&mut events).await;
    assert_eq!((lost.reason(), text(&lost.lost)), (Reason::LineDeleted, "far away"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_which_nothing_is_left_is_a_revision_like_any_other() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, "Nothing left", 10).await;
    let mut reader = Other::open(&server, &token, &sheet_id).await.session;
    let mut writer = Other::open(&server, &token, &sheet_id).await;

    writer.edit(Revision(0), &Delta::rows(AxisDelta::delete(3, 1))).await;
    let mut late = Other::open(&server, &token, &sheet_id).await;
    late.edit(Revision(0), &Delta::set_cell(3, 0, "nowhere")).await;

    let mut received = Vec::new();
    while received.last() != Some(&2) {
        let frame = within("revision 2", reader.next()).await.expect("the stream continues");
        if let Frame::Changes(changes) = frame {
            received.extend(changes.changes.into_iter().map(|encoded| {
                decode_change(encoded).expect("the server sends a change").head.revision.0
            }));
        }
    }
    assert_eq!(received, [1, 2], "a session with the whole sheet in view receives each revision");
}

/// A session that makes edits on old revisions.
struct Other {
    session: NativeSession,
    sequence: u64,
}

impl Other {
    async fn open(server: &Server, token: &str, sheet_id: &str) -> Self {
        let hello = v1::Hello { sheet_id: sheet_id.to_owned(), ..v1::Hello::default() };
        Self { session: NativeSession::open(server, token, hello).await, sequence: 0 }
    }

    async fn edit(&mut self, base: Revision, delta: &Delta) {
        self.sequence += 1;
        let change = Some(v1::edit::Change::Delta(delta_to_wire(delta)));
        let edit = v1::Edit { sequence: self.sequence, base_revision: base.0, change, group: 0 };
        self.session.send(ClientFrame::Edit(edit));
        loop {
            match within("an answer", self.session.next()).await.expect("the stream continues") {
                Frame::Accepted(accepted) if accepted.sequence == self.sequence => return,
                Frame::Rejected(rejected) => panic!("{rejected:?}"),
                _ => {}
            }
        }
    }
}

async fn accepted(sheet: &Sheet, row: u32, col: u32, value: &str) -> Revision {
    let ticket = sheet.set(row, col, value).await.expect("open");
    within("an answer", ticket.accepted()).await.expect("is accepted").revision
}

/// The next conflict that a change brings.
async fn overwritten(events: &mut broadcast::Receiver<Event>) -> v1::Conflict {
    loop {
        let event = within("a change", events.recv()).await.expect("the sheet is open");
        if let Event::Changed(Changed { overwritten, .. }) = event
            && let Some(lost) = overwritten.first()
        {
            return lost.clone();
        }
    }
}

fn text(value: &Option<v1::Value>) -> &str {
    match value.as_ref().and_then(|value| value.kind.as_ref()) {
        Some(v1::value::Kind::Text(text)) => text,
        other => panic!("{other:?} is no text"),
    }
}
