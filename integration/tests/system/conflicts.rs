//! Who loses an edit is told: by the answer to it, or, when it was accepted before, by the change
//! that it lost to, also outside of what its author looks at.

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

use crate::elsewhere::Two;

#[tokio::test(flavor = "multi_thread")]
async fn the_author_of_an_accepted_edit_is_told_what_it_lost_to() {
    let server = Server::start();
    the_author_is_told(&server, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_is_told_also_of_what_was_accepted_at_another_server() {
    let two = Two::start().await;
    the_author_is_told(&two.here, &two.there).await;
}

/// Somebody edits at one server, and somebody else, who has not seen it yet, at the other.
async fn the_author_is_told(here: &Server, there: &Server) {
    let (client, token) = sign_up_with_token(here).await;
    let sheet_id = new_sheet(&client, "Conflicts", 10).await;
    let sheet = opened(&client, &sheet_id).await;
    let mut other = Other::open(there, &token, &sheet_id).await;
    let mut events = sheet.changes();

    let before = accepted(&sheet, 3, 1, "first").await;
    // Made by somebody who has not seen it.
    other.edit(Revision(before.0 - 1), &Delta::set_cell(3, 1, "second")).await;
    let lost = overwritten(&mut events).await;
    assert_eq!((lost.reason(), lost.row, lost.col), (Reason::Overwritten, 3, 1));
    assert_eq!((text(&lost.lost), text(&lost.kept)), ("first", "second"));

    // Nobody looks there any more, but it is still this client's edit.
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

    let mut told = Vec::new();
    while told.last() != Some(&2) {
        let frame = within("revision 2", reader.next()).await.expect("the stream goes on");
        if let Frame::Changes(changes) = frame {
            told.extend(changes.changes.into_iter().map(|encoded| {
                decode_change(encoded).expect("the server sends a change").head.revision.0
            }));
        }
    }
    assert_eq!(told, [1, 2], "who looks at the whole sheet hears of every revision");
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
        let edit = v1::Edit { sequence: self.sequence, base_revision: base.0, change };
        self.session.send(ClientFrame::Edit(edit));
        loop {
            match within("an answer", self.session.next()).await.expect("the stream goes on") {
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
