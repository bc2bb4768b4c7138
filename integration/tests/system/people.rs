//! The people whom a person finds; guests in threads; messages and notices on the command line.
//!
//! Not the messages themselves: see `chat`. Invariant: a stranger is not found unless the operator allows it.

use std::time::Duration;

use client::Client;
use client::net::Thread;
use gridloom::v1::notice_service_watch_response::Event;
use gridloom::v1::{AccountColor, Role};
use integration::harness::{Gridctl, Server, email_of, new_sheet, sign_up};
use tonic::Code;
use uuid::Uuid;

use crate::chat::{id_of, refused, texts};

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_those_who_share_something_or_by_all() {
    let server = Server::start();
    let (ada, ben, eve) = (sign_up(&server).await, sign_up(&server).await, sign_up(&server).await);
    let (email, ben_id) = (email_of(&ben).await, id_of(&ben).await);
    let found = async |client: &Client, query: &str| -> Vec<String> {
        let page = client.search_people(query, "", "").await.expect("may search");
        page.people.into_iter().map(|person| person.account_id).collect()
    };
    let none: [String; 0] = [];
    for query in ["", "person", &email] {
        assert_eq!(found(&ada, query).await, none, "a stranger: {query}");
    }
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, &email, Role::Viewer).await.expect("is shared");
    assert_eq!(found(&ada, &email).await, none, "an address that has not opened it");
    ben.sheet(&sheet).await.expect("is shared");
    for query in ["", "PERSON", &email[..email.len() - 3]] {
        assert_eq!(found(&ada, query).await, [ben_id.as_str()], "{query}");
    }
    // Ben does not find her by a part of her address, which he does not know.
    let page = ben.search_people("", "", "").await.expect("may search").people;
    assert_eq!((page.len(), &*page[0].email), (1, ""));
    assert_eq!(found(&ada, "%").await, none);
    assert_eq!(found(&eve, "").await, none);
    assert_eq!(refused(eve.search_people("", &sheet, "").await).0, Code::NotFound);
    let of_sheet = ben.search_people("", &sheet, "").await.expect("may read").people;
    assert_eq!(of_sheet.len(), 1);

    let open = Server::start_with(&["--people-search", "all", "--people-page", "1"]);
    let (one, two) = (sign_up(&open).await, sign_up(&open).await);
    let third = sign_up(&open).await;
    let first = one.search_people("person", "", "").await.expect("may search");
    assert_eq!(first.people.len(), 1);
    let second = one.search_people("person", "", &first.next_page_token).await.expect("may search");
    let mut ids = [first.people[0].account_id.clone(), second.people[0].account_id.clone()];
    let mut expected = [id_of(&two).await, id_of(&third).await];
    ids.sort();
    expected.sort();
    assert_eq!((ids, &*second.next_page_token), (expected, ""));
    one.say(&Thread::Person(id_of(&two).await), "hi", &[]).await.expect("all reach all");
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_have_their_colors_wherever_they_are_named() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let (ada_id, ben_id) = (id_of(&ada).await, id_of(&ben).await);
    ada.set_account_color(AccountColor::Cyan).await.expect("is set");
    ben.set_account_color(AccountColor::Pink).await.expect("is set");
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, &email_of(&ben).await, Role::Commenter).await.expect("is shared");
    ben.sheet(&sheet).await.expect("is shared");
    let person = ada.search_people("", "", "").await.expect("may search").people;
    assert_eq!(person[0].color(), AccountColor::Pink);

    let mut notices = ben.watch_notices(None);
    let started = notices.next().await.expect("a stream");
    assert!(matches!(started, Event::Started(_)), "{started:?}");
    let with_ben = Thread::Person(ben_id.clone());
    let sent = ada.say(&with_ben, "hi", &[ben_id]).await.expect("is sent");
    let thread = Thread::Id(sent.message.expect("a message").thread_id);
    ada.typing(&thread).await.expect("is sent");
    let (mut authors, mut typing) = (Vec::new(), None);
    while typing.is_none() || authors.is_empty() {
        match notices.next().await.expect("lasts") {
            Event::Notice(notice) => {
                let message = notice.message.as_ref().expect("a mention has its message");
                assert_eq!(message.mentions[0].color(), AccountColor::Pink);
                authors.extend([notice.actor_color(), message.author_color()]);
            }
            Event::Typing(one) => typing = Some(one),
            _ => {}
        }
    }
    let typing = typing.expect("has come");
    assert_eq!((typing.person_color(), typing.person_id), (AccountColor::Cyan, ada_id));
    assert_eq!(authors, [AccountColor::Cyan; 2]);
    let listed = ben.threads("").await.expect("a list").threads;
    assert_eq!(listed[0].person_color(), AccountColor::Cyan);
    let message = listed[0].last_message.as_ref().expect("has one");
    assert_eq!(message.author_color(), AccountColor::Cyan);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_reads_and_writes_as_its_link_allows() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let link = |role| ada.create_link(&sheet, role, true, 0);
    let (read, write) = (link(Role::Viewer).await, link(Role::Commenter).await);
    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let enter = async |token: &str| {
        stranger.enter_as_guest(token, "Guest").await.expect("guests may enter").0
    };
    let reader = enter(&read.expect("a link").token).await;
    let writer = enter(&write.expect("a link").token).await;
    let thread = Thread::Sheet(sheet.clone());
    writer.say(&thread, "hello", &[]).await.expect("may write");
    assert_eq!(texts(&reader, &thread).await, ["hello"]);
    assert_eq!(refused(reader.say(&thread, "x", &[]).await).0, Code::PermissionDenied);
    let comment = (1, "1");
    let id = Uuid::new_v4().to_string();
    assert_eq!(
        refused(reader.add_comment(&sheet, comment, "x", &id).await).0,
        Code::PermissionDenied
    );
    writer.add_comment(&sheet, comment, "x", &id).await.expect("may comment");
    assert_eq!(reader.comments(&sheet, &[], false).await.expect("may read").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn gridctl_says_lists_and_follows() {
    let server = Server::start_with(&["--people-page", "2"]);
    let (ada, ben) = (
        Gridctl::sign_up(&server, "ada@example.org"),
        Gridctl::sign_up(&server, "ben@example.org"),
    );
    let line = ada.run(&["create", "Stock"]).success();
    let id = line.split_whitespace().next().expect("an id").to_owned();
    let _ = ada.run(&["share", &id, "--with", "ben@example.org", "--role", "commenter"]).success();
    let _ = ben.run(&["rows", &id]).success();
    let mut follow = ben.start(&["notices", "--follow", "--json"]);
    let (mut lines, mut tries) = (String::new(), 0);
    while !lines.contains("See row 12") || !lines.contains("I have") {
        // A message that is sent before the stream has begun is not shown.
        let _ = ada.run(&["say", "ben@example.org", "See row 12"]).success();
        let _ = ben.run(&["say", "Stock", "I have"]).success();
        lines += &follow.next_line(Duration::from_secs(2)).unwrap_or_default();
        tries += 1;
        assert!(tries < 30, "{lines}");
    }
    for _ in 0..2 {
        let _ = ben.run(&["say", "Stock", "I have more"]).success();
    }
    let listed = ada.run(&["messages", "Stock"]).success();
    assert!(listed.contains("I have more") && listed.lines().count() == 2, "{listed}");
    let newest = ada.run(&["messages", "Stock", "--last", "1"]).success();
    assert_eq!(newest.lines().count(), 1, "{newest}");
    let threads = ben.run(&["messages"]).success();
    assert!(threads.contains("See row 12") && threads.contains("Stock"), "{threads}");
    let notices = ben.run(&["notices"]).success();
    assert!(notices.contains("Stock"), "{notices}");
    let refused = ada.run(&["say", "eve@example.org", "x"]);
    assert!(!refused.status.success() && refused.stderr.contains("eve@example.org"), "{refused:?}");
    let none = ada.run(&["notices"]);
    assert!(none.status.success() && none.stderr.contains("no notices"), "{none:?}");
    let _ = ben.run(&["say", "Stock", "is it right?", "--mention", "ada@example.org"]).success();
    let notices = ada.run(&["notices"]).success();
    assert!(notices.contains("@ada is it right?"), "{notices}");
    let none = ada.run(&["comments", "Stock"]);
    assert!(none.status.success() && none.stderr.contains("no open comments"), "{none:?}");
    // The hint is of what was not found.
    let refused = ada.run(&["unshare", "Stock", "eve@example.org"]);
    assert!(refused.stderr.contains("no such address"), "{refused:?}");
    assert!(!refused.stderr.contains("gridctl sheets"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gridctl_takes_no_name_for_an_address() {
    let server = Server::start();
    let sign_up = |email| Gridctl::sign_up(&server, email);
    let (ada, ben, eve) =
        (sign_up("ada@example.org"), sign_up("ben@example.org"), sign_up("eve@example.org"));
    let line = ada.run(&["create", "Stock"]).success();
    let id = line.split_whitespace().next().expect("an id").to_owned();
    let share = |email| ada.run(&["share", &id, "--with", email, "--role", "viewer"]).success();
    let _ = (share("eve@example.org"), eve.run(&["rows", &id]).success());
    let _ = eve.run(&["rename", "ben@example.org"]).success();
    let refused = ada.run(&["say", "ben@example.org", "the password"]);
    assert!(!refused.status.success() && refused.stderr.contains("ben@example.org"), "{refused:?}");
    let _ = (share("ben@example.org"), ben.run(&["rows", &id]).success());
    let _ = ben.run(&["rename", "Benjamin"]).success();
    let sent = ada.run(&["say", "ben@example.org", "the password"]);
    assert!(sent.status.success() && sent.stderr.contains("sent to Benjamin"), "{sent:?}");
    assert!(ben.run(&["messages"]).success().contains("the password"));
    assert!(!eve.run(&["messages"]).success().contains("the password"));
}
