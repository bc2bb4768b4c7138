//! Comments on cells: they follow their cells, are kept with a deleted row, and are back with it.
//!
//! Not the rights of each call (`rights`). Invariant: a comment is found at the position of its cell, at each revision.

use client::Client;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{Gridctl, Random, Server, new_sheet, opened, sign_up, within};
use ot_engine::{AxisDelta, Delta, Revision};
use tonic::Code;
use uuid::Uuid;

use crate::chat::{id_of, next_message, refused, share};

/// The ids of a row and a column, by their positions.
pub(crate) async fn cell(client: &Client, sheet: &str, row: u32, col: usize) -> (u64, String) {
    let read = client.read_cells(sheet, row..row + 1).await.expect("may read");
    (read.rows[0].id, read.columns[col].id.clone())
}

fn id() -> String {
    Uuid::new_v4().to_string()
}

/// The positions of the comments of a sheet.
async fn places(client: &Client, sheet: &str) -> Vec<(Option<u32>, Option<u32>)> {
    let comments = client.comments(sheet, &[], true).await.expect("may read");
    comments.iter().map(|comment| (comment.row, comment.column)).collect()
}

/// The owner of a sheet, two commenters of it, and the sheet.
async fn commented(server: &Server) -> ([Client; 3], String) {
    let people = [sign_up(server).await, sign_up(server).await, sign_up(server).await];
    let [owner, others @ ..] = &people;
    let sheet = new_sheet(owner, "Stock", 10).await;
    for other in others {
        share(owner, &sheet, other, Role::Commenter).await;
    }
    (people, sheet)
}

/// Applies a change of lines.
async fn apply(client: &Client, sheet: &str, delta: Delta) -> Revision {
    let live = opened(client, sheet).await;
    let ticket = live.apply(delta).await.expect("open");
    within("an answer", ticket.accepted()).await.expect("is accepted").revision
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_follows_its_cell_and_comes_back_with_its_row() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let sheet = new_sheet(&ada, "Stock", 10).await;
    let (row, column) = cell(&ada, &sheet, 4, 1).await;
    let client_id = id();
    let made = ada.add_comment(&sheet, (row, &column), "why?", &client_id).await.expect("is made");
    assert_eq!((made.row, made.column, made.messages), (Some(4), Some(1), 1));
    let again = ada.add_comment(&sheet, (row, &column), "why?", &client_id).await.expect("once");
    assert_eq!((again.thread_id, again.messages), (made.thread_id.clone(), 1));

    apply(&ada, &sheet, Delta::rows(AxisDelta::insert(0, 3))).await;
    assert_eq!(places(&ada, &sheet).await, [(Some(7), Some(1))]);
    let located = ada.locate_rows(&sheet, &[row, 9_999]).await.expect("may read");
    assert_eq!(located, [Some(7), None]);
    apply(&ada, &sheet, Delta::cols(AxisDelta::insert(1, 2))).await;
    assert_eq!(places(&ada, &sheet).await, [(Some(7), Some(3))]);
    let live = opened(&ada, &sheet).await;
    let moved = live.edit(|live| live.move_rows(7, 1, 0)).await.expect("open");
    within("an answer", moved.accepted()).await.expect("is accepted");
    assert_eq!(places(&ada, &sheet).await, [(Some(0), Some(3))]);
    let before = apply(&ada, &sheet, Delta::rows(AxisDelta::insert(2, 1))).await;

    apply(&ada, &sheet, Delta::rows(AxisDelta::delete(0, 1))).await;
    assert_eq!(places(&ada, &sheet).await, [(None, Some(3))], "kept, and marked");
    let gone = ada.add_comment(&sheet, (row, &column), "too late", &id()).await;
    assert_eq!(refused(gone), (Code::InvalidArgument, "row_id".into()));
    // The first call again finds its comment, though the row is gone.
    ada.add_comment(&sheet, (row, &column), "why?", &client_id).await.expect("once");
    ada.say(&Thread::Id(made.thread_id.clone()), "still here", &[]).await.expect("is kept");
    ada.undo(&sheet, None, v1::WaitFor::Accepted, &id()).await.expect("can be undone");
    assert_eq!(places(&ada, &sheet).await, [(Some(0), Some(3))], "back with the row");
    ada.redo(&sheet, v1::WaitFor::Committed, &id()).await.expect("can be redone");
    assert_eq!(places(&ada, &sheet).await, [(None, Some(3))]);
    ada.restore_revision(&sheet, before, &Random::seed().to_string()).await.expect("is restored");
    assert_eq!(places(&ada, &sheet).await, [(Some(0), Some(3))], "back by a restore");
    let comments = ada.comments(&sheet, &[row], false).await.expect("may read");
    assert_eq!((comments.len(), comments[0].messages), (1, 2));
}

/// Rows and columns that are not in a sheet.
async fn refuses_unknown_cells(client: &Client, sheet: &str, first: u64, column: &str) {
    for (rows, field) in
        [(vec![], "row_ids"), (vec![1; 1_001], "row_ids"), (vec![u64::MAX], "row_ids")]
    {
        let bad = refused(client.comment_counts(sheet, &rows).await);
        assert_eq!(bad, (Code::InvalidArgument, field.to_owned()));
    }
    for (row, column, field) in [
        (0, column, "row_id"),
        (u64::MAX, column, "row_id"),
        (first, "A", "column_id"),
        (first, "999", "column_id"),
    ] {
        let bad = refused(client.add_comment(sheet, (row, column), "x", &id()).await);
        assert_eq!(bad, (Code::InvalidArgument, field.to_owned()), "{row} {column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_resolved_counted_and_listed_by_rows() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = new_sheet(&ada, "Stock", 10).await;
    share(&ada, &sheet, &ben, Role::Viewer).await;
    let (first, column) = cell(&ada, &sheet, 0, 0).await;
    let (second, _) = cell(&ada, &sheet, 5, 0).await;
    let comment = async |row, text| {
        let made = ada.add_comment(&sheet, (row, &column), text, &id()).await;
        made.expect("is made").thread_id
    };
    let (one, two) = (comment(first, "one").await, comment(first, "two").await);
    comment(second, "three").await;
    let counts = async || -> Vec<(u64, u32)> {
        let cells = ben.comment_counts(&sheet, &[first, second]).await.expect("may read");
        cells.iter().map(|cell| (cell.row_id, cell.count)).collect()
    };
    assert_eq!(counts().await, [(first, 2), (second, 1)]);
    assert_eq!(refused(ben.resolve_comment(&one, true).await).0, Code::PermissionDenied);
    ada.resolve_comment(&one, true).await.expect("may resolve");
    ada.resolve_comment(&one, true).await.expect("is resolved already");
    assert_eq!(counts().await, [(first, 1), (second, 1)]);
    let texts = async |rows: &[u64], resolved| -> Vec<String> {
        let comments = ben.comments(&sheet, rows, resolved).await.expect("may read");
        comments.into_iter().map(|it| it.first.expect("a message").text).collect()
    };
    assert_eq!(texts(&[], false).await, ["two", "three"]);
    assert_eq!(texts(&[], true).await, ["one", "two", "three"]);
    assert_eq!(texts(&[first], true).await, ["one", "two"]);
    let (_, beside) = cell(&ada, &sheet, 0, 1).await;
    let on_cell = async |column: &str| {
        let comments = ben.cell_comments(&sheet, (first, column), true).await;
        comments.map(|all| all.into_iter().map(|it| it.thread_id).collect::<Vec<_>>())
    };
    let other = ada.add_comment(&sheet, (first, &beside), "beside", &id()).await.expect("is made");
    assert_eq!(on_cell(&column).await.expect("may read"), [one.clone(), two.clone()]);
    assert_eq!(on_cell(&beside).await.expect("may read").first(), Some(&other.thread_id));
    assert_eq!(refused(on_cell("A").await), (Code::InvalidArgument, "column_id".into()));
    ada.delete_comment(&other.thread_id).await.expect("is the author");
    let resolved = ben.comment(&sheet, &one).await.expect("may read").expect("is there");
    assert_eq!((resolved.thread_id.as_str(), resolved.resolved_micros > 0), (&*one, true));
    assert!(ben.comment(&sheet, &id()).await.expect("may read").is_none());
    ada.resolve_comment(&one, false).await.expect("may reopen");
    assert_eq!(counts().await, [(first, 2), (second, 1)]);
    refuses_unknown_cells(&ada, &sheet, first, &column).await;
    // A comment is no thread of messages, and is in no list of these.
    assert!(ada.threads("").await.expect("is listed").threads.is_empty());
    assert_ne!(one, two);
}

#[tokio::test(flavor = "multi_thread")]
async fn participants_receive_a_notice_and_others_of_the_sheet_the_message() {
    let server = Server::start();
    let ([ada, ben, eve], sheet) = commented(&server).await;
    let (row, column) = cell(&ada, &sheet, 0, 0).await;
    let made = ben.add_comment(&sheet, (row, &column), "why?", &id()).await.expect("is made");
    let thread = Thread::Id(made.thread_id.clone());
    let (mut to_ben, mut to_eve) = (ben.watch_notices(None), eve.watch_notices(None));
    for notices in [&mut to_ben, &mut to_eve] {
        let started = within("the start", notices.next()).await.expect("a stream");
        assert!(matches!(started, Event::Started(_)));
    }
    let reply = ada.say(&thread, "because", &[]).await.expect("is sent").message;
    let Event::Notice(notice) = within("a notice", to_ben.next()).await.expect("a stream") else {
        panic!("no notice");
    };
    let place = notice.place.expect("a place");
    assert_eq!(
        (notice.kind, place.row_id, &*place.column_id),
        (v1::NoticeKind::Comment.into(), row, &*column)
    );
    assert_eq!(notice.message, reply);
    assert_eq!(Some(next_message(&mut to_eve).await), reply);
    assert_eq!(eve.notices("").await.expect("is listed").unread, 1, "the share alone");
    // What is read of a comment counts for no conversation.
    ben.mark_read(&thread, 2).await.expect("is read");
    let Event::ThreadRead(read) = within("an event", to_ben.next()).await.expect("a stream") else {
        panic!("not read");
    };
    assert_eq!((read.kind(), read.thread_id), (v1::ThreadKind::Comment, made.thread_id.clone()));
    ada.resolve_comment(&made.thread_id, true).await.expect("may resolve");
    let Event::Thread(place) = within("an event", to_eve.next()).await.expect("a stream") else {
        panic!("not resolved");
    };
    assert!(place.resolved_micros > 0 && place.thread_id == made.thread_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn gridctl_exports_comments_into_a_second_file() {
    let server = Server::start();
    let ada = Gridctl::sign_up(&server, "ada@example.org");
    let line = ada.run(&["create", "Stock"]).success();
    let sheet = line.split_whitespace().next().expect("an id").to_owned();
    let client = Client::connect(server.url()).await.expect("the server is there");
    let (client, _) =
        client.sign_in("ada@example.org", integration::harness::PASSWORD).await.expect("signs in");
    let (row, column) = cell(&client, &sheet, 6, 1).await;
    let made = client.add_comment(&sheet, (row, &column), "a \"b\",\nc", &id()).await;
    let thread = Thread::Id(made.expect("is made").thread_id);
    client.say(&thread, "second", &[]).await.expect("is sent");
    let directory = tempfile::tempdir().expect("a directory");
    let (csv, comments) =
        (directory.path().join("sheet.csv"), directory.path().join("comments.csv"));
    let (csv, comments) = (csv.to_string_lossy(), comments.to_string_lossy());
    let _ = ada.run(&["export", &sheet, "--output", &csv, "--comments", &comments]).success();
    let text = std::fs::read_to_string(&*comments).expect("a file");
    assert!(text.starts_with("cell,row_id,"), "{text}");
    assert!(
        text.contains("\nB7,") && text.contains("\"a \"\"b\"\",\nc\"") && text.contains("second"),
        "{text}"
    );
    assert!(std::fs::read_to_string(&*csv).expect("a file").starts_with("A,B,C"));
}

#[tokio::test(flavor = "multi_thread")]
async fn gridctl_lists_comments_and_deletes_own_ones_and_those_of_an_own_sheet() {
    let server = Server::start();
    let sign_up = |email| Gridctl::sign_up(&server, email);
    let (ada, ben, eve) =
        (sign_up("ada@example.org"), sign_up("ben@example.org"), sign_up("eve@example.org"));
    let line = ada.run(&["create", "Stock"]).success();
    let sheet = line.split_whitespace().next().expect("an id").to_owned();
    for (person, email) in [(&ben, "ben@example.org"), (&eve, "eve@example.org")] {
        let _ = ada.run(&["share", &sheet, "--with", email, "--role", "commenter"]).success();
        let _ = person.run(&["rows", &sheet]).success();
    }
    let client = Client::connect(server.url()).await.expect("the server is there");
    let (client, _) =
        client.sign_in("ben@example.org", integration::harness::PASSWORD).await.expect("signs in");
    let (row, column) = cell(&client, &sheet, 6, 1).await;
    let mut made = Vec::new();
    for text in ["one\nline", "two"] {
        let comment = client.add_comment(&sheet, (row, &column), text, &id()).await;
        made.push(comment.expect("is made").thread_id);
    }
    client.say(&Thread::Id(made[0].clone()), "a reply", &[]).await.expect("is sent");
    client.resolve_comment(&made[1], true).await.expect("may resolve");

    let open = ada.run(&["comments", "Stock"]).success();
    assert_eq!(open.lines().count(), 1, "{open}");
    assert!(open.starts_with(&made[0]) && open.contains("B7") && open.contains("one line"));
    assert!(open.contains("(1 reply)"), "{open}");
    let all = ada.run(&["comments", "Stock", "--resolved", "--json"]).success();
    assert!(all.lines().count() == 2 && all.contains("\"state\":\"resolved\""), "{all}");

    let refused = eve.run(&["delete-comment", &made[0]]);
    assert!(!refused.status.success() && refused.stderr.contains("author"), "{refused:?}");
    let _ = ben.run(&["delete-comment", &made[0]]).success();
    let _ = ada.run(&["delete-comment", &made[1]]).success();
    assert_eq!(ada.run(&["comments", "Stock", "--resolved"]).success(), "");
    let gone = ada.run(&["delete-comment", &made[0]]);
    assert!(!gone.status.success(), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_deleted_with_its_replies_by_its_author_or_the_owner() {
    let server = Server::start();
    let ([ada, ben, eve], sheet) = commented(&server).await;
    let (row, column) = cell(&ada, &sheet, 2, 1).await;
    let (of_ada, of_ben, client_id) = (id(), id(), id());
    let own = ada.add_comment(&sheet, (row, &column), "ada's", &of_ada).await.expect("is made");
    let mine = ben.add_comment(&sheet, (row, &column), "ben's", &of_ben).await.expect("is made");
    let other = ben.add_comment(&sheet, (row, &column), "another", &client_id).await;
    let other = other.expect("is made").thread_id;
    let eve_id = id_of(&eve).await;
    let reply = ada.say(&Thread::Id(mine.thread_id.clone()), "a reply", &[eve_id]).await;
    reply.expect("is sent");
    assert_eq!(eve.notices("").await.expect("is listed").notices.len(), 2, "share and mention");

    let refused = refused(ben.delete_comment(&own.thread_id).await);
    assert_eq!(refused, (Code::PermissionDenied, "NOT_THE_AUTHOR".into()));
    let mut notices = eve.watch_notices(None);
    assert!(matches!(within("the start", notices.next()).await, Ok(Event::Started(_))));
    ben.delete_comment(&mine.thread_id).await.expect("is the author");
    let Event::Thread(place) = within("an event", notices.next()).await.expect("a stream") else {
        panic!("not deleted");
    };
    assert!(place.deleted && place.thread_id == mine.thread_id && place.sheet_id == sheet);
    assert_eq!((place.row_id, &*place.column_id), (row, &*column));
    ada.delete_comment(&other).await.expect("is the owner");

    let left = ben.comments(&sheet, &[], true).await.expect("may read");
    assert_eq!(left.iter().map(|it| &it.thread_id).collect::<Vec<_>>(), [&own.thread_id]);
    let counts = ben.comment_counts(&sheet, &[row]).await.expect("may read");
    assert_eq!((counts.len(), counts[0].count), (1, 1));
    let listed = eve.notices("").await.expect("is listed");
    assert_eq!(listed.unread, 1, "the share alone");
    assert!(listed.notices.iter().all(|notice| notice.message.is_none()), "{listed:?}");
    let thread = Thread::Id(mine.thread_id.clone());
    for gone in [
        ada.say(&thread, "too late", &[]).await.map(drop),
        ada.messages(&thread, 0, "").await.map(drop),
        ada.resolve_comment(&mine.thread_id, true).await,
        ben.edit_message(&mine.thread_id, 1, "too late").await.map(drop),
        ben.delete_comment(&mine.thread_id).await,
        ben.add_comment(&sheet, (row, &column), "ben's", &of_ben).await.map(drop),
    ] {
        assert_eq!(crate::chat::refused(gone).0, Code::NotFound);
    }
    assert_eq!(ends(&eve, &own.thread_id).await, [mine.thread_id, other]);
}

/// The two comments whose end a stream that was away receives; it receives messages of one other comment alone.
async fn ends(client: &Client, left: &str) -> Vec<String> {
    let mut later = client.watch_notices(Some(0));
    let mut ended = Vec::new();
    while ended.len() < 2 {
        match within("an event", later.next()).await.expect("a stream") {
            Event::Thread(place) => {
                assert!(place.deleted);
                ended.push(place.thread_id);
            }
            Event::Message(changed) => {
                assert_eq!(changed.message.expect("a message").thread_id, left);
            }
            _ => {}
        }
    }
    ended
}
