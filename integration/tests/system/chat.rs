//! Chat: messages between two persons and in a sheet's thread, what is unread, and the notices that follow.
//!
//! Not under faults (`people_drill`), not comments, and not the search for people (`people`). Invariant: a message that was
//! sent is in its thread once, under the number that all readers see.

#[path = "chat/repeats.rs"]
mod repeats;
#[path = "chat/unknown.rs"]
mod unknown;

use std::collections::BTreeSet;
use std::time::Duration;

use client::net::{ListOptions, Notices, Thread};
use client::{Client, Error};
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use integration::harness::{
    Server, email_of, eventually, new_sheet, sign_up, sign_up_with_token, within,
};
use tonic::Code;
use uuid::Uuid;

use crate::two_servers::Two;

pub(crate) async fn id_of(client: &Client) -> String {
    client.who_am_i().await.expect("is signed in").account.expect("an account").id
}

/// The field of a refusal, or its reason.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> (Code, String) {
    let Err(Error::Refused(refusal)) = outcome else { panic!("not refused: {outcome:?}") };
    let field = refusal.violations.first().map(|violation| violation.field.clone());
    (refusal.code, field.or(refusal.reason).expect("a field or a reason"))
}

/// A sheet of one account that another one has opened with a role.
pub(crate) async fn shared(ada: &Client, ben: &Client, role: Role) -> String {
    let sheet = new_sheet(ada, "Stock", 6).await;
    share(ada, &sheet, ben, role).await;
    sheet
}

/// Gives a person a role on a sheet, who then opens it.
pub(crate) async fn share(owner: &Client, sheet: &str, person: &Client, role: Role) {
    owner.share(sheet, &email_of(person).await, role).await.expect("is shared");
    person.sheet(sheet).await.expect("is shared");
}

/// The next event that is none of typing.
async fn next(notices: &mut Notices) -> Event {
    within("an event", notices.next()).await.expect("the stream lives")
}

/// The message of an event, in a notice or alone.
pub(crate) fn message_of(event: &Event) -> Option<&v1::Message> {
    match event {
        Event::Message(changed) => changed.message.as_ref(),
        Event::Notice(notice) => notice.message.as_ref(),
        _ => None,
    }
}

/// The next message.
pub(crate) async fn next_message(notices: &mut Notices) -> v1::Message {
    loop {
        if let Some(message) = message_of(&next(notices).await) {
            return message.clone();
        }
    }
}

pub(crate) async fn texts(client: &Client, thread: &Thread) -> Vec<String> {
    let page = client.messages(thread, 100, "").await.expect("may read");
    page.messages.into_iter().map(|message| message.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_persons_write_to_each_other_and_strangers_do_not_exist() {
    let server = Server::start();
    let (ada, ben, eve) = (sign_up(&server).await, sign_up(&server).await, sign_up(&server).await);
    let (ada_id, ben_id, eve_id) = (id_of(&ada).await, id_of(&ben).await, id_of(&eve).await);
    let to_ben = Thread::Person(ben_id.clone());
    let unknown = Thread::Person(Uuid::new_v4().to_string());
    for thread in [&to_ben, &unknown] {
        assert_eq!(refused(ada.say(thread, "hi", &[]).await), (Code::NotFound, "NOT_FOUND".into()));
    }
    shared(&ada, &ben, Role::Viewer).await;
    let mut notices = ben.watch_notices(None);
    assert!(matches!(next(&mut notices).await, Event::Started(_)));

    let sent =
        ada.say(&to_ben, "See row 12", std::slice::from_ref(&eve_id)).await.expect("is sent");
    let message = sent.message.expect("a message");
    assert_eq!((message.number, &*message.author_id, &*message.text), (1, &*ada_id, "See row 12"));
    assert_eq!(sent.without_access, [eve_id.as_str()], "the author receives who can't read it");
    assert!(message.mentions.is_empty());
    assert_eq!(next_message(&mut notices).await, message);

    let listed = ben.threads("").await.expect("is listed").threads;
    assert_eq!((listed[0].unread, &*listed[0].person_id), (1, &*ada_id));
    let thread = Thread::Id(listed[0].id.clone());
    assert_eq!(texts(&ben, &Thread::Person(ada_id)).await, ["See row 12"]);
    assert_eq!(ben.mark_read(&thread, 9).await.expect("is read"), 1);
    assert_eq!(ben.mark_read(&thread, 0).await.expect("stays"), 1, "what is read only grows");
    assert_eq!(ben.threads("").await.expect("is listed").threads[0].unread, 0);
    let Event::ThreadRead(read) = next(&mut notices).await else { panic!("not read") };
    assert_eq!((read.through, read.unread, read.kind()), (1, 0, v1::ThreadKind::Persons));

    // The thread does not exist for others, by whatever name.
    for call in [
        refused(eve.messages(&thread, 0, "").await),
        refused(eve.say(&thread, "x", &[]).await),
        refused(eve.edit_message(&message.thread_id, 1, "x").await),
        refused(eve.delete_message(&message.thread_id, 1).await),
        refused(eve.mark_read(&thread, 1).await),
        refused(eve.typing(&thread).await),
    ] {
        assert_eq!(call.0, Code::NotFound);
    }
    assert!(eve.threads("").await.expect("is listed").threads.is_empty());
    let me = Thread::Person(id_of(&ben).await);
    assert_eq!(refused(ben.say(&me, "x", &[]).await), (Code::InvalidArgument, "person_id".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_edited_and_deleted_by_its_author_alone() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = shared(&ada, &ben, Role::Commenter).await;
    let thread = Thread::Sheet(sheet);
    let mut notices = ben.watch_notices(None);
    assert!(matches!(next(&mut notices).await, Event::Started(_)));
    let message = ada.say(&thread, "one", &[]).await.expect("is sent").message.expect("a message");
    let id = message.thread_id.clone();
    assert_eq!(refused(ben.edit_message(&id, 1, "two").await).0, Code::NotFound);
    let edited = ada.edit_message(&id, 1, "two").await.expect("is hers");
    assert!(edited.edited_micros > 0 && edited.number == 1);
    assert_eq!(texts(&ben, &thread).await, ["two"]);
    assert_eq!(refused(ben.delete_message(&id, 1).await).0, Code::NotFound);
    let deleted = ada.delete_message(&id, 1).await.expect("is hers");
    assert!(deleted.deleted_micros > 0 && deleted.text.is_empty());
    assert_eq!(refused(ada.edit_message(&id, 1, "three").await).0, Code::NotFound);
    // Each change reaches the reader; what it shows is the message as it is.
    loop {
        if next_message(&mut notices).await.deleted_micros > 0 {
            break;
        }
    }
    let page = ben.messages(&thread, 0, "").await.expect("may read");
    assert_eq!((page.messages.len(), &*page.messages[0].text), (1, ""));
    assert_eq!(ben.threads("").await.expect("is listed").threads[0].unread, 0);
}

fn request(thread: &str, client_id: &str, text: &str) -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        sheet_id: thread.to_owned(),
        client_id: client_id.to_owned(),
        text: text.to_owned(),
        ..v1::SendMessageRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_the_clients_id_is_sent_once_whatever_arrives_twice() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let ids: Vec<String> = (0..20).map(|_| Uuid::new_v4().to_string()).collect();
    let mut calls = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        for _ in 0..3 {
            let (ada, request) = (ada.clone(), request(&sheet, id, &format!("text {number}")));
            calls.push(tokio::spawn(async move { ada.send_message(request).await }));
        }
    }
    let mut numbers = BTreeSet::new();
    for call in calls {
        let answer = within("an answer", call).await.expect("ends").expect("is sent");
        let message = answer.message.expect("a message");
        numbers.insert((message.client_id, message.number));
    }
    assert_eq!(numbers.len(), ids.len(), "each id has one number");
    let numbers: BTreeSet<u64> = numbers.into_iter().map(|(_, number)| number).collect();
    assert_eq!(numbers, (1..=20).collect(), "without gaps");
    let other = ada.send_message(request(&sheet, &ids[0], "other")).await;
    assert_eq!(refused(other), (Code::InvalidArgument, "client_id".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_the_newest_first_and_of_the_size_that_is_set() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let thread = Thread::Sheet(new_sheet(&ada, "Stock", 6).await);
    assert_eq!(ada.messages(&thread, 0, "").await.expect("is empty"), Default::default());
    for number in 1..=20 {
        ada.say(&thread, &number.to_string(), &[]).await.expect("is sent");
    }
    let first = ada.messages(&thread, 0, "").await.expect("may read");
    let numbers = |page: &v1::ListMessagesResponse| -> Vec<u64> {
        page.messages.iter().map(|message| message.number).collect()
    };
    assert_eq!(numbers(&first), (6..=20).rev().collect::<Vec<_>>());
    let second = ada.messages(&thread, 0, &first.next_page_token).await.expect("may read");
    assert_eq!(numbers(&second), (1..=5).rev().collect::<Vec<_>>());
    assert!(second.next_page_token.is_empty());
    for token in ["x", "-1", "99999999999999999999"] {
        let bad = refused(ada.messages(&thread, 0, token).await);
        assert_eq!(bad, (Code::InvalidArgument, "page_token".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_by_its_field_and_nothing_is_written() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = shared(&ada, &ben, Role::Viewer).await;
    let id = || Uuid::new_v4().to_string();
    let good = request(&sheet, &id(), "text");
    let with = |change: &dyn Fn(&mut v1::SendMessageRequest)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    let link = |sheet: &str, row_id, column: &str| {
        Some(v1::CellLink { sheet_id: sheet.into(), row_id, column_id: column.into() })
    };
    let cases = [
        (with(&|it| it.text.clear()), "text"),
        (with(&|it| it.text = " \n ".into()), "text"),
        (with(&|it| it.text = "x".repeat(8 * 1024 + 1)), "text"),
        (with(&|it| it.text = "a\0b".into()), "text"),
        (with(&|it| it.client_id = "7".into()), "client_id"),
        (with(&|it| it.mentions = vec!["ben".into()]), "mentions[0]"),
        (with(&|it| it.mentions = (0..33).map(|_| id()).collect()), "mentions"),
        (with(&|it| it.link = link("x", 1, "1")), "link.sheet_id"),
        (with(&|it| it.link = link(&id(), 1, "1")), "link.sheet_id"),
        (with(&|it| it.link = link(&sheet, 0, "1")), "link.row_id"),
        (with(&|it| it.link = link(&sheet, 1, "A")), "link.column_id"),
        (with(&|it| it.person_id = id()), "thread_id"),
        (with(&|it| it.sheet_id.clear()), "thread_id"),
    ];
    for (request, field) in cases {
        let outcome = refused(ada.send_message(request.clone()).await);
        assert_eq!(outcome, (Code::InvalidArgument, field.to_owned()), "{request:?}");
    }
    let thread = Thread::Sheet(sheet.clone());
    assert!(texts(&ada, &thread).await.is_empty());
    let viewer = refused(ben.send_message(request(&sheet, &id(), "text")).await);
    assert_eq!(viewer, (Code::PermissionDenied, "ROLE_TOO_LOW".into()));
    assert_eq!(texts(&ben, &thread).await.len(), 0);
    let long = "é".repeat(4 * 1024);
    ada.say(&thread, &long, &[]).await.expect("has exactly as many bytes as it may");
    assert_eq!(texts(&ben, &thread).await, [long]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_is_a_notice_and_ends_with_the_right_to_read() {
    let server = Server::start();
    let (ada, ben, eve) = (sign_up(&server).await, sign_up(&server).await, sign_up(&server).await);
    let (ben_id, eve_id, email) = (id_of(&ben).await, id_of(&eve).await, email_of(&ben).await);
    let sheet = shared(&ada, &ben, Role::Viewer).await;
    let listed = ben.notices("").await.expect("is listed");
    let share = listed.notices.last().expect("a share");
    assert_eq!(
        (share.kind(), share.role(), &*share.sheet_name),
        (v1::NoticeKind::Share, Role::Viewer, "Stock")
    );
    let thread = Thread::Sheet(sheet.clone());
    let mut notices = ben.watch_notices(Some(0));
    let sent = ada.say(&thread, "@ben and @eve", &[ben_id, eve_id.clone()]).await.expect("is sent");
    assert_eq!(sent.without_access, [eve_id.as_str()]);
    assert!(eve.notices("").await.expect("is listed").notices.is_empty());
    let kinds = async |notices: &mut Notices| loop {
        if let Event::Notice(notice) = next(notices).await {
            return (notice.kind(), notice.message.map(|message| message.text));
        }
    };
    assert_eq!(kinds(&mut notices).await, (v1::NoticeKind::Share, None));
    assert_eq!(kinds(&mut notices).await, (v1::NoticeKind::Mention, Some("@ben and @eve".into())));
    let listed = ben.notices("").await.expect("is listed");
    assert_eq!((listed.unread, listed.notices[0].kind()), (2, v1::NoticeKind::Mention));
    ben.mark_notices_read(listed.notices[0].number).await.expect("is read");
    let Event::NoticesRead(read) = next(&mut notices).await else { panic!("not read") };
    assert_eq!(read.unread, 0);

    ada.share(&sheet, &email, Role::Commenter).await.expect("is raised");
    assert_eq!(kinds(&mut notices).await, (v1::NoticeKind::Role, None));
    ada.say(&thread, "@ben", &[id_of(&ben).await]).await.expect("is sent");
    assert_eq!(kinds(&mut notices).await.0, v1::NoticeKind::Mention);
    assert_eq!(ben.notices("").await.expect("is listed").unread, 2);
    ada.unshare(&sheet, &email).await.expect("has a role");
    assert_eq!(kinds(&mut notices).await, (v1::NoticeKind::Role, None));
    // What was written in the sheet is not shown any more, nor what is written now.
    ada.say(&thread, "without ben", &[]).await.expect("is sent");
    let listed = ben.notices("").await.expect("is listed");
    assert_eq!(listed.unread, 2, "both roles; the mention is not shown");
    let listed = listed.notices;
    assert!(listed.iter().all(|notice| notice.kind() == v1::NoticeKind::Role), "{listed:?}");
    let mut again = ben.watch_notices(Some(0));
    let Event::Started(started) = next(&mut again).await else { panic!("not started") };
    assert_eq!(started.unread, 2);
    for _ in 0..2 {
        assert_eq!(kinds(&mut again).await, (v1::NoticeKind::Role, None));
    }
    assert_eq!(refused(ben.messages(&thread, 0, "").await).0, Code::NotFound);
    assert!(ben.sheets(&ListOptions::default()).await.expect("is listed").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_and_typing_pass_between_servers_and_end_with_the_token() {
    let two = Two::start().await;
    let ada = sign_up(&two.here).await;
    let (ben, token) = sign_up_with_token(&two.here).await;
    let sheet = shared(&ada, &ben, Role::Commenter).await;
    let there = Client::connect(two.there.url()).await.expect("the server is there");
    let there = there.with_token(&token).expect("a token");
    let (mut here, mut far) = (ben.watch_notices(None), there.watch_notices(None));
    for notices in [&mut here, &mut far] {
        assert!(matches!(next(notices).await, Event::Started(_)));
    }
    let thread = Thread::Sheet(sheet);
    let sent = ada.say(&thread, "hello", &[]).await.expect("is sent").message.expect("a message");
    for notices in [&mut here, &mut far] {
        assert_eq!(next_message(notices).await, sent);
    }
    // A report that comes before the other server has subscribed is lost, as typing may be.
    let typing = within("it is seen that she types", async {
        loop {
            ada.typing(&thread).await.expect("may write");
            let event = tokio::time::timeout(Duration::from_millis(200), far.next()).await;
            if let Ok(Ok(Event::Typing(typing))) = event {
                return typing;
            }
        }
    })
    .await;
    assert_eq!(typing.thread_id, sent.thread_id);
    // Both are online for each other, at whatever server.
    eventually("online", async || {
        let people = found_by(&ada).await?;
        people.iter().any(|person| person.online && person.shares).then_some(())
    })
    .await;
    ben.sign_out().await.expect("signs out");
    for notices in [&mut here, &mut far] {
        let end = within("the end", async {
            loop {
                if let Err(error) = notices.next().await {
                    return error.code();
                }
            }
        });
        assert_eq!(end.await, Some(Code::Unauthenticated));
    }
    eventually("offline", async || {
        found_by(&ada).await?.iter().all(|person| !person.online).then_some(())
    })
    .await;
}

/// The people that a person finds; none while the test asks faster than an account may search.
async fn found_by(person: &Client) -> Option<Vec<v1::Person>> {
    match person.search_people("", "", "").await {
        Ok(found) => Some(found.people),
        Err(Error::Refused(it)) if it.reason.as_deref() == Some("RATE_LIMITED") => None,
        Err(error) => panic!("{error}"),
    }
}
