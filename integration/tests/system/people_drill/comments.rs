//! Comments that are made, answered, edited, resolved, opened again and deleted.
//!
//! Not messages alone: see `chat`. Invariant: each comment is there once, as its author left it, at every server; every
//! stream has received each change of it once.

use std::collections::{BTreeMap, BTreeSet};

use client::Client;
use gridloom::v1;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::within;
use uuid::Uuid;

use super::{Calls, Drill, END, STEP, listed};
use crate::chat::message_of;
use crate::three_servers::NODES;

/// What a writer makes of its comments, by turns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Edit,
    DeleteReply,
    Resolve,
    Reopen,
    Delete,
}

const CHANGES: [Change; 5] =
    [Change::Edit, Change::DeleteReply, Change::Resolve, Change::Reopen, Change::Delete];

/// A comment as its author left it.
#[derive(Debug)]
struct Left {
    change: Change,
    row: u64,
    /// The texts of its messages; a deleted one has none.
    texts: [String; 2],
}

/// What a writer has written: its comments by their threads, and its messages in the comment of all.
struct Written {
    comments: BTreeMap<String, Left>,
    replies: Vec<(u64, String)>,
}

/// A comment in a list: its thread, row and texts, and whether it is resolved.
type Listed = (String, u64, Vec<String>, bool);

/// Makes comments on a cell, each with a reply and a change, and answers the comment of all; one more answer is its last.
async fn write(mut calls: Calls, sheet: String, cell: (u64, String), of_all: String) -> Written {
    let mut written = Written { comments: BTreeMap::new(), replies: Vec::new() };
    let name = calls.name;
    for (number, change) in CHANGES.into_iter().cycle().enumerate() {
        let is_last = calls.are_over();
        let text = if is_last { format!("{name}: {END}") } else { format!("{name}: {number}") };
        let reply = calls.say(&of_all, &text).await;
        assert_eq!((&reply.thread_id, &reply.text), (&of_all, &text));
        written.replies.push((reply.number, text));
        if is_last {
            break;
        }
        let (thread, left) = comment(&mut calls, &sheet, &cell, (number, change)).await;
        let before = written.comments.insert(thread, left);
        assert!(before.is_none(), "one thread for each comment");
    }
    written
}

/// Makes a comment with a reply, and a change of it.
async fn comment(
    calls: &mut Calls,
    sheet: &str,
    (row, column): &(u64, String),
    (number, change): (usize, Change),
) -> (String, Left) {
    let client = calls.client.clone();
    let [first, second] = ["comment", "reply"].map(|it| format!("{}: {it} {number}", calls.name));
    let id = Uuid::new_v4().to_string();
    let made = calls.done(|| client.add_comment(sheet, (*row, column), &first, &id)).await;
    assert_eq!(made.messages, 1, "it is made once");
    let thread = made.thread_id;
    assert_eq!(calls.say(&thread, &second).await.number, 2, "it is sent once");
    let mut left = Left { change, row: *row, texts: [first, second] };
    match change {
        Change::Edit => {
            left.texts[0].push_str(", edited");
            let text = &left.texts[0];
            calls.done(|| client.edit_message(&thread, 1, text)).await;
        }
        Change::DeleteReply => {
            left.texts[1].clear();
            calls.gone(|| client.delete_message(&thread, 2)).await;
        }
        Change::Resolve | Change::Reopen => {
            calls.done(|| client.resolve_comment(&thread, true)).await;
            if change == Change::Reopen {
                calls.done(|| client.resolve_comment(&thread, false)).await;
            }
        }
        Change::Delete => calls.gone(|| client.delete_comment(&thread)).await,
    }
    (thread, left)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_comment_is_lost_or_doubled_and_all_see_one_order() {
    let mut drill = Drill::start().await;
    let mut cells = Vec::new();
    for row in 0..NODES {
        cells.push(drill.cell(row as u32, 1).await);
    }
    let readers = drill.watch(NODES).await;
    let (sheet, of_all) = (drill.sheet.clone(), drill.comment.clone());
    let writer = |calls: Calls| {
        let cell = cells[calls.name].clone();
        write(calls, sheet.clone(), cell, of_all.clone())
    };
    let (mut comments, mut replies) = (BTreeMap::new(), BTreeMap::new());
    for written in drill.under_faults(writer).await {
        comments.extend(written.comments);
        replies.extend(written.replies);
    }
    assert!(comments.len() >= NODES * 3 * STEP / 5, "{}", comments.len());
    let in_list = drill.at_each_server(async |client| comments_of(&client, &sheet).await).await;
    as_left(&in_list, &comments, &of_all);
    let rows: Vec<u64> = cells.iter().map(|cell| cell.0).collect();
    let counts = drill.at_each_server(async |client| counted(&client, &sheet, &rows).await).await;
    assert_eq!(counts, open_of(&in_list, &of_all));
    let answers = drill.at_each_server(async |client| listed(&client, &of_all).await).await;
    let answers: Vec<(u64, String)> =
        answers.into_iter().skip(1).map(|it| (it.number, it.text)).collect();
    assert_eq!(answers, replies.into_iter().collect::<Vec<_>>(), "the same order, without gaps");
    for reader in readers {
        let events = within("the readers", reader).await.expect("ends");
        received(&events, &comments);
        let of_all = messages_in(&events, &of_all);
        let of_all: Vec<_> = of_all.into_iter().map(|it| (it.number, it.text)).collect();
        assert_eq!(of_all, answers, "each once, in the same order");
    }
}

/// The comments of a sheet at a server, in the order of the list.
async fn comments_of(client: &Client, sheet: &str) -> Vec<Listed> {
    let mut all = Vec::new();
    for it in client.comments(sheet, &[], true).await.expect("may read") {
        let messages = listed(client, &it.thread_id).await;
        assert_eq!(it.messages, messages.len() as u64);
        let texts = messages.into_iter().map(|message| message.text).collect();
        all.push((it.thread_id, it.row_id, texts, it.resolved_micros > 0));
    }
    all
}

/// Compares a list with what the writers have left.
fn as_left(listed: &[Listed], comments: &BTreeMap<String, Left>, of_all: &str) {
    let kept = comments.iter().filter(|(_, left)| left.change != Change::Delete);
    let kept: BTreeSet<&str> = kept.map(|(thread, _)| thread.as_str()).collect();
    let own = listed.iter().filter(|it| it.0 != of_all);
    let threads: Vec<&str> = own.clone().map(|it| it.0.as_str()).collect();
    assert_eq!((threads.len(), threads.into_iter().collect::<BTreeSet<_>>()), (kept.len(), kept));
    for (thread, row, texts, is_resolved) in own {
        let left = &comments[thread];
        assert_eq!((*row, &texts[..]), (left.row, &left.texts[..]), "{left:?}");
        assert_eq!(*is_resolved, left.change == Change::Resolve, "{left:?}");
    }
}

/// The open comments of each row at a server, without the column of the comment of all.
async fn counted(client: &Client, sheet: &str, rows: &[u64]) -> BTreeMap<u64, usize> {
    let cells = client.comment_counts(sheet, rows).await.expect("may read");
    let mut counts = BTreeMap::new();
    for cell in cells {
        *counts.entry(cell.row_id).or_default() += cell.count as usize;
    }
    counts
}

fn open_of(listed: &[Listed], of_all: &str) -> BTreeMap<u64, usize> {
    let mut counts = BTreeMap::new();
    assert!(listed.iter().any(|it| it.0 == of_all));
    for (_, row, _, is_resolved) in listed {
        *counts.entry(*row).or_default() += usize::from(!is_resolved);
    }
    counts
}

/// The messages of a thread that a stream received.
fn messages_in(events: &[Event], thread: &str) -> Vec<v1::Message> {
    let messages = events.iter().filter_map(message_of);
    messages.filter(|message| message.thread_id == thread).cloned().collect()
}

/// Checks what a stream received of each comment.
fn received(events: &[Event], comments: &BTreeMap<String, Left>) {
    for (thread, left) in comments {
        let places: Vec<&v1::ThreadPlace> = events
            .iter()
            .filter_map(|event| match event {
                Event::Thread(place) if place.thread_id == *thread => Some(place),
                _ => None,
            })
            .collect();
        let last = places.last().map(|place| (place.deleted, place.resolved_micros > 0));
        let expected = match left.change {
            Change::Edit | Change::DeleteReply => (0, None),
            Change::Resolve => (1, Some((false, true))),
            Change::Reopen => (2, Some((false, false))),
            Change::Delete => (1, Some((true, false))),
        };
        assert_eq!((places.len(), last), expected, "{left:?}");
        if left.change == Change::Delete {
            // Its messages may be gone before they are read for the stream.
            continue;
        }
        let messages = messages_in(events, thread);
        for (number, text) in (1..).zip(&left.texts) {
            let of_one = || messages.iter().filter(|message| message.number == number);
            assert_eq!(of_one().next_back().map(|it| &it.text), Some(text), "{left:?}");
            let is_changed = match number {
                1 => left.change == Change::Edit,
                _ => left.change == Change::DeleteReply,
            };
            // An edit that is made again is received again.
            assert!(of_one().count() == 1 || is_changed, "{left:?}");
        }
        let firsts: Vec<u64> = messages.iter().map(|message| message.number).take(2).collect();
        assert_eq!(firsts, [1, 2], "in the order of the thread");
    }
}
