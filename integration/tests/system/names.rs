//! What changes about an open sheet besides its cells reaches each session, at all servers: its name, its roles and
//! links, the names and colors of persons.
//!
//! Not the role of a session: see `sharing`. Invariant: after any order of renames, each session has the name that
//! Postgres has.

use std::collections::BTreeSet;

use client::Client;
use client::core::Event;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use gridloom::v1::{AccountColor, Role};
use integration::harness::{
    NativeSession, Server, email_of, new_sheet, opened, sign_up, sign_up_with_token, within,
};

use tonic::Code;

use crate::two_servers::Two;

/// Renames at each of two servers at the same time.
const RENAMES: usize = 40;

fn hello(sheet: &str) -> v1::Hello {
    v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() }
}

/// The name that a new session receives.
async fn welcomed(server: &Server, token: &str, sheet: &str) -> String {
    let mut session = NativeSession::open(server, token, hello(sheet)).await;
    match within("a welcome", session.next()).await.expect("opens") {
        Frame::Welcome(welcome) => welcome.name,
        other => panic!("{other:?} before the welcome"),
    }
}

/// Reads until something of the sheet changes.
async fn next_change(session: &mut NativeSession) -> v1::SheetChange {
    loop {
        if let Frame::Sheet(change) = within("a change", session.next()).await.expect("stays open")
        {
            return change;
        }
    }
}

/// Reads until the sheet has a name. Returns the names before it.
async fn named(session: &mut NativeSession, name: &str) -> Vec<String> {
    let mut before = Vec::new();
    loop {
        let change = next_change(session).await;
        if change.name == name {
            return before;
        }
        before.push(change.name);
    }
}

async fn at(server: &Server, token: &str) -> Client {
    let client = Client::connect(server.url()).await.expect("the server is there");
    client.with_token(token).expect("a token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_sheet_has_its_name_in_each_session_of_one_server() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let (ben, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, &email_of(&ben).await, Role::Viewer).await.expect("is shared");
    ben.sheet(&sheet).await.expect("is shared");
    let live = opened(&ada, &sheet).await;
    let mut events = live.changes();
    let mut watches = NativeSession::open(&server, &token, hello(&sheet)).await;
    let Ok(Frame::Welcome(welcome)) = watches.next().await else { panic!("no welcome") };
    assert_eq!(welcome.name, "Stock");

    ada.rename_sheet(&sheet, "Stock of May", None).await.expect("is renamed");
    let change = next_change(&mut watches).await;
    assert_eq!((&*change.name, change.sharing), ("Stock of May", false));
    let renamed = loop {
        let event = within("the event", events.recv()).await.expect("stays open");
        if let Event::Renamed { name } = event {
            break name;
        }
    };
    assert_eq!(&*renamed, "Stock of May");
    assert_eq!(live.read(|sheet| sheet.name().to_owned()).await.expect("opens"), "Stock of May");
    assert_eq!(welcomed(&server, &token, &sheet).await, "Stock of May");

    // The same name again is no change; a refused rename is none either.
    ada.rename_sheet(&sheet, "Stock of May", None).await.expect("is renamed");
    ben.rename_sheet(&sheet, "Mine", None).await.expect_err("is a viewer");
    ada.rename_sheet(&sheet, "Stock of June", None).await.expect("is renamed");
    assert_eq!(named(&mut watches, "Stock of June").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_each_role_receive_the_name_and_those_without_a_role_do_not() {
    let server = Server::start();
    let (ada, token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let mut sessions = vec![NativeSession::open(&server, &token, hello(&sheet)).await];
    for role in [Role::Viewer, Role::Commenter, Role::Editor] {
        let (person, token) = sign_up_with_token(&server).await;
        ada.share(&sheet, &email_of(&person).await, role).await.expect("is shared");
        sessions.push(NativeSession::open(&server, &token, hello(&sheet)).await);
    }
    let (former, token) = sign_up_with_token(&server).await;
    let email = email_of(&former).await;
    ada.share(&sheet, &email, Role::Editor).await.expect("is shared");
    let mut ended = NativeSession::open(&server, &token, hello(&sheet)).await;
    let Ok(Frame::Welcome(_)) = ended.next().await else { panic!("no welcome") };
    ada.unshare(&sheet, &email).await.expect("has a role");
    ada.rename_sheet(&sheet, "Secret plans", None).await.expect("is renamed");
    for session in &mut sessions {
        named(session, "Secret plans").await;
    }
    let end = loop {
        match within("the end", ended.next()).await {
            Ok(Frame::Sheet(change)) => assert_eq!(change.name, "Stock", "{change:?}"),
            Ok(_) => {}
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::PermissionDenied, "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_many_renames_remains_at_both_servers() {
    let two = Two::start().await;
    let (ada, token) = sign_up_with_token(&two.here).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let mut sessions = [
        NativeSession::open(&two.here, &token, hello(&sheet)).await,
        NativeSession::open(&two.there, &token, hello(&sheet)).await,
    ];
    for session in &mut sessions {
        let Ok(Frame::Welcome(_)) = session.next().await else { panic!("no welcome") };
    }
    let rename_at = async |server: &Server, place: &str| {
        let client = at(server, &token).await;
        for number in 0..RENAMES {
            let name = format!("{place} {number}");
            client.rename_sheet(&sheet, &name, None).await.expect("is renamed");
        }
    };
    tokio::join!(rename_at(&two.here, "here"), rename_at(&two.there, "there"));
    let last = ada.sheet(&sheet).await.expect("is there").name;
    for session in &mut sessions {
        let before = named(session, &last).await;
        // Names come in the order of their commits, so none comes twice; some are left out.
        let once: BTreeSet<&String> = before.iter().collect();
        assert_eq!(once.len(), before.len(), "{before:?}");
    }
    for server in [&two.here, &two.there] {
        assert_eq!(welcomed(server, &token, &sheet).await, last);
    }
    at(&two.there, &token).await.rename_sheet(&sheet, "The end", None).await.expect("is renamed");
    for session in &mut sessions {
        assert_eq!(named(session, "The end").await, [""; 0], "nothing came after the last one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_roles_and_links_are_sent_to_each_session() {
    let two = Two::start().await;
    let ada = sign_up(&two.here).await;
    let (ben, token) = sign_up_with_token(&two.here).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, &email_of(&ben).await, Role::Viewer).await.expect("is shared");
    ben.sheet(&sheet).await.expect("is shared");
    let mut sessions = [
        NativeSession::open(&two.here, &token, hello(&sheet)).await,
        NativeSession::open(&two.there, &token, hello(&sheet)).await,
    ];
    for session in &mut sessions {
        let Ok(Frame::Welcome(_)) = session.next().await else { panic!("no welcome") };
    }
    let changed = async |sessions: &mut [NativeSession; 2]| {
        for session in sessions {
            let change = next_change(session).await;
            assert_eq!((&*change.name, change.sharing), ("Stock", true));
        }
    };
    ada.share(&sheet, "cy@example.org", Role::Editor).await.expect("is shared");
    changed(&mut sessions).await;
    // The list has the name of a person from the first use of a role on, and all who came by a link.
    let (dee, eve) = (sign_up(&two.there).await, sign_up(&two.there).await);
    ada.share(&sheet, &email_of(&dee).await, Role::Editor).await.expect("is shared");
    changed(&mut sessions).await;
    dee.sheet(&sheet).await.expect("is shared");
    changed(&mut sessions).await;
    let link = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("is made");
    changed(&mut sessions).await;
    eve.open_link(&link.token).await.expect("is a link");
    changed(&mut sessions).await;
    ada.delete_link(&sheet, &link.id).await.expect("is a link");
    changed(&mut sessions).await;
    ada.unshare(&sheet, "cy@example.org").await.expect("has a role");
    changed(&mut sessions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_and_color_of_a_person_is_shown_to_the_others() {
    let two = Two::start().await;
    let (client, token) = sign_up_with_token(&two.here).await;
    let sheet = new_sheet(&client, "Stock", 6).await;
    let (_here, here_id) = NativeSession::join(two.here.url(), &token, &sheet).await;
    let (mut there, there_id) = NativeSession::join(two.there.url(), &token, &sheet).await;
    there.sees(&here_id, |it| it.display_name != "Ada King").await;
    client.rename_account("Ada King").await.expect("is renamed");
    let mut former = BTreeSet::from([here_id.clone(), there_id]);
    while !former.is_empty() {
        for seen in there.next_presence().await.present {
            if seen.display_name == "Ada King" {
                former.remove(&seen.session_id);
            }
        }
    }
    client.set_account_color(AccountColor::Cyan).await.expect("is set");
    let seen = there.sees(&here_id, |it| it.color() == AccountColor::Cyan).await;
    assert_eq!(seen.display_name, "Ada King");
    // Each server knows the new name of the token at once.
    let (mut late, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    let first = late.next_presence().await;
    assert!(first.present.iter().all(|it| it.display_name == "Ada King"), "{first:?}");
}

/// Opens a session of a person who came by a link.
async fn by_link(server: &Server, link: &str, sheet: &str) -> NativeSession {
    let (guest, token) = sign_up_with_token(server).await;
    guest.open_link(link).await.expect("is a link");
    let mut session = NativeSession::open(server, &token, hello(sheet)).await;
    let Ok(Frame::Welcome(_)) = session.next().await else { panic!("no welcome") };
    session
}

fn id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Whether or not the person of a session is among those who receive notices of comments.
#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_a_comment_is_sent_to_each_session() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let link = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("is made");
    let mut session = by_link(&server, &link.token, &sheet).await;
    let mut changed = async || {
        let change = next_change(&mut session).await;
        (change.comments, change.name)
    };
    let expected = (true, "Stock".to_owned());
    let made = ada.add_comment(&sheet, (1, "1"), "why?", &id()).await.expect("is made");
    assert_eq!(changed().await, expected);
    let thread = Thread::Id(made.thread_id.clone());
    ada.say(&thread, "because", &[]).await.expect("is sent");
    assert_eq!(changed().await, expected);
    ada.edit_message(&made.thread_id, 2, "since").await.expect("is edited");
    assert_eq!(changed().await, expected);
    ada.delete_message(&made.thread_id, 2).await.expect("is deleted");
    assert_eq!(changed().await, expected);
    ada.resolve_comment(&made.thread_id, true).await.expect("may resolve");
    assert_eq!(changed().await, expected);
    ada.delete_comment(&made.thread_id).await.expect("is the author");
    assert_eq!(changed().await, expected);
    // A message of the sheet's own thread is none.
    ada.say(&Thread::Sheet(sheet.clone()), "hello", &[]).await.expect("is sent");
    ada.rename_sheet(&sheet, "The end", None).await.expect("is renamed");
    assert_eq!(changed().await, (false, "The end".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_comment_is_sent_to_the_sessions_of_the_other_server() {
    let two = Two::start().await;
    let ada = sign_up(&two.here).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let link = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("is made");
    let mut there = by_link(&two.there, &link.token, &sheet).await;
    ada.add_comment(&sheet, (1, "1"), "why?", &id()).await.expect("is made");
    assert!(next_change(&mut there).await.comments);
}
