//! The rpcs whose right depends on an object: each kind of caller on an object of each kind of author; on one server, and on
//! three.
//!
//! Not the rpcs that a role alone allows: see `rights`. Invariant: the objects are real, so each refusal is one of rights, and
//! an allowed call does what it says.

use std::collections::BTreeMap;

use bytes::Bytes;
use client::Client;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::Role;
use integration::harness::{
    Server, WebSession, authorized, email_of, new_sheet, sheet_calls, sign_up_with_token,
};
use prost::Message as _;
use tonic::Code;
use tonic::transport::Channel;
use uuid::Uuid;

use super::raw::{call, channel};
use crate::chat::{id_of, share};
use crate::comments::cell;
use crate::three_servers::Three;

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Caller {
    NoToken,
    Stranger,
    /// By a link with the role of a viewer.
    ReadingGuest,
    /// By a link with the role of a commenter.
    WritingGuest,
    Viewer,
    Commenter,
    Editor,
    Owner,
}

use Caller::{Commenter, Editor, NoToken, Owner, ReadingGuest, Stranger, Viewer, WritingGuest};

const CALLERS: [Caller; 8] =
    [NoToken, Stranger, ReadingGuest, WritingGuest, Viewer, Commenter, Editor, Owner];
/// Those that may write messages and comments.
const AUTHORS: [Caller; 4] = [WritingGuest, Commenter, Editor, Owner];

const EDIT: &str = "ChatService/EditMessage";
const DELETE: &str = "ChatService/DeleteMessage";
const RESOLVE: &str = "CommentService/ResolveComment";
const DELETE_COMMENT: &str = "CommentService/DeleteComment";

/// The answer to a caller on what an author has written in a sheet.
fn expected(rpc: &str, author: Caller, caller: Caller) -> Code {
    match (rpc, caller) {
        (_, NoToken) => Code::Unauthenticated,
        (_, Stranger) => Code::NotFound,
        (EDIT | RESOLVE, ReadingGuest | Viewer) => Code::PermissionDenied,
        (EDIT | DELETE, caller) if caller != author => Code::NotFound,
        (DELETE_COMMENT, caller) if caller != author && caller != Owner => Code::PermissionDenied,
        _ => Code::Ok,
    }
}

/// A sheet with an account of each kind.
struct Cast {
    sheet: String,
    cell: (u64, String),
    accounts: BTreeMap<Caller, (Client, String)>,
}

impl Cast {
    async fn sign_up(server: &Server) -> Self {
        let owner = sign_up_with_token(server).await;
        let sheet = new_sheet(&owner.0, "Shared", 6).await;
        let mut accounts = BTreeMap::from([(Stranger, sign_up_with_token(server).await)]);
        for (caller, role) in
            [(Viewer, Role::Viewer), (Commenter, Role::Commenter), (Editor, Role::Editor)]
        {
            let account = sign_up_with_token(server).await;
            share(&owner.0, &sheet, &account.0, role).await;
            accounts.insert(caller, account);
        }
        let visitor = Client::connect(server.url()).await.expect("the server is there");
        for (caller, role) in [(ReadingGuest, Role::Viewer), (WritingGuest, Role::Commenter)] {
            let link = owner.0.create_link(&sheet, role, true, 0).await.expect("is made");
            let entered = visitor.enter_as_guest(&link.token, "Gus").await.expect("is open");
            accounts.insert(caller, (entered.0, entered.1.access_token));
        }
        let cell = cell(&owner.0, &sheet, 1, 1).await;
        accounts.insert(Owner, owner);
        Self { sheet, cell, accounts }
    }

    fn client(&self, caller: Caller) -> &Client {
        &self.accounts[&caller].0
    }

    fn token(&self, caller: Caller) -> Option<&str> {
        self.accounts.get(&caller).map(|account| &*account.1)
    }

    /// The request of an rpc on a new object of an author.
    async fn request(&self, rpc: &str, author: Caller) -> Bytes {
        match rpc {
            EDIT | DELETE => self.message(rpc, author, &Thread::Sheet(self.sheet.clone())).await,
            _ => self.comment(rpc, author).await,
        }
    }

    async fn message(&self, rpc: &str, author: Caller, thread: &Thread) -> Bytes {
        let sent = self.client(author).say(thread, "Hello", &[]).await.expect("may write");
        let v1::Message { thread_id, number, .. } = sent.message.expect("a message");
        let bytes = match rpc {
            EDIT => {
                let text = "Hello again".to_owned();
                v1::EditMessageRequest { thread_id, number, text, mentions: Vec::new() }
                    .encode_to_vec()
            }
            _ => v1::DeleteMessageRequest { thread_id, number }.encode_to_vec(),
        };
        bytes.into()
    }

    async fn comment(&self, rpc: &str, author: Caller) -> Bytes {
        let (row, column) = &self.cell;
        let id = Uuid::new_v4().to_string();
        let made = self.client(author).add_comment(&self.sheet, (*row, column), "why?", &id);
        let thread_id = made.await.expect("may write").thread_id;
        let bytes = match rpc {
            RESOLVE => v1::ResolveCommentRequest { thread_id, resolved: true }.encode_to_vec(),
            _ => v1::DeleteCommentRequest { thread_id }.encode_to_vec(),
        };
        bytes.into()
    }
}

/// Servers that take turns at the calls.
struct Turns {
    channels: Vec<Channel>,
    next: usize,
}

impl Turns {
    async fn of(servers: &[&Server]) -> Self {
        let mut channels = Vec::new();
        for server in servers {
            channels.push(channel(server).await);
        }
        Self { channels, next: 0 }
    }

    async fn call(&mut self, rpc: &str, request: &Bytes, token: Option<&str>) -> Code {
        self.next += 1;
        let channel = &self.channels[self.next % self.channels.len()];
        call(channel, rpc, request.clone(), token).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_changed_by_the_callers_that_its_rule_names() {
    written_objects_keep_their_rules(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_with_a_lower_role_takes_back_and_writes_no_more() {
    a_lowered_author_takes_back(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_sessions_are_those_of_their_account_and_links_of_each() {
    own_objects_keep_their_rules(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_objects_are_kept_by_each_of_three_servers() {
    let three = Three::start(&["--drain-seconds", "1"]).await;
    let servers: Vec<&Server> = three.running().collect();
    written_objects_keep_their_rules(&servers).await;
    a_lowered_author_takes_back(&servers).await;
    own_objects_keep_their_rules(&servers).await;
}

async fn written_objects_keep_their_rules(servers: &[&Server]) {
    let cast = Cast::sign_up(servers[0]).await;
    let mut turns = Turns::of(servers).await;
    for rpc in [EDIT, DELETE, RESOLVE, DELETE_COMMENT] {
        for author in AUTHORS {
            let mut request = cast.request(rpc, author).await;
            for caller in CALLERS {
                let code = turns.call(rpc, &request, cast.token(caller)).await;
                let expected = expected(rpc, author, caller);
                assert_eq!(code, expected, "{rpc} by {caller:?} of what {author:?} has written");
                if code == Code::Ok {
                    // What was deleted is there for no other caller.
                    request = cast.request(rpc, author).await;
                }
            }
        }
    }
    // A conversation is that of its two persons, and a message that of its author.
    let other = Thread::Person(id_of(cast.client(Editor)).await);
    for rpc in [EDIT, DELETE] {
        let request = cast.message(rpc, Commenter, &other).await;
        let last = [Commenter];
        for caller in CALLERS.into_iter().filter(|it| *it != Commenter).chain(last) {
            let expected = match caller {
                NoToken => Code::Unauthenticated,
                Commenter => Code::Ok,
                _ => Code::NotFound,
            };
            let code = turns.call(rpc, &request, cast.token(caller)).await;
            assert_eq!(code, expected, "{rpc} by {caller:?} in a conversation of others");
        }
    }
}

async fn a_lowered_author_takes_back(servers: &[&Server]) {
    let cast = Cast::sign_up(servers[0]).await;
    let mut turns = Turns::of(servers).await;
    let mut requests = Vec::new();
    for rpc in [EDIT, RESOLVE, DELETE, DELETE_COMMENT] {
        let lowered = cast.request(rpc, Editor).await;
        requests.push((rpc, lowered, cast.request(rpc, Editor).await));
    }
    let own = |rpc: &str| matches!(rpc, DELETE | DELETE_COMMENT);
    let (owner, author) = (cast.client(Owner), cast.client(Editor));
    share(owner, &cast.sheet, author, Role::Viewer).await;
    for (rpc, lowered, _) in &requests {
        let code = turns.call(rpc, lowered, cast.token(Editor)).await;
        let expected = if own(rpc) { Code::Ok } else { Code::PermissionDenied };
        assert_eq!(code, expected, "{rpc} by its author, who is a viewer now");
    }
    owner.unshare(&cast.sheet, &email_of(author).await).await.expect("is the owner");
    for (rpc, _, removed) in &requests {
        let code = turns.call(rpc, removed, cast.token(Editor)).await;
        assert_eq!(code, Code::NotFound, "{rpc} by its author, whose role has ended");
    }
}

/// Asserts the answer of each other caller, then that of the editor.
async fn of_the_editor_alone(cast: &Cast, turns: &mut Turns, rpc: &str, request: &Bytes) {
    let last = [Editor];
    for caller in CALLERS.into_iter().filter(|it| *it != Editor).chain(last) {
        let expected = match caller {
            NoToken => Code::Unauthenticated,
            Editor => Code::Ok,
            _ => Code::NotFound,
        };
        let code = turns.call(rpc, request, cast.token(caller)).await;
        assert_eq!(code, expected, "{rpc} by {caller:?} of what is the editor's");
    }
}

/// Imports and a session of the editor, and a link of the owner.
async fn own_objects_keep_their_rules(servers: &[&Server]) {
    let cast = Cast::sign_up(servers[0]).await;
    let mut turns = Turns::of(servers).await;
    let token = cast.token(Editor).expect("has one");
    let mut calls = sheet_calls(servers[0]).await;
    let mut imports = Vec::new();
    for name in ["Finished", "Cancelled"] {
        let start = v1::StartImportRequest { name: name.into(), ..Default::default() };
        let begun = calls.start_import(authorized(start, token)).await.expect("begins");
        imports.push(begun.into_inner().import_id);
    }
    let data = Bytes::from_static(b"name\nAda\n");
    let [finished, cancelled] = imports.try_into().expect("two");
    let chunk = v1::ImportChunkRequest { import_id: finished.clone(), offset: 0, data };
    let finish = v1::FinishImportRequest { import_id: finished };
    let cancel = v1::CancelImportRequest { import_id: cancelled };
    let hello = v1::Hello { sheet_id: cast.sheet.clone(), ..v1::Hello::default() };
    let (_session, welcome) = WebSession::open(servers[0], token, hello).await;
    let ping = v1::client_frame::Frame::Ping(v1::Ping { nonce: 1 });
    let frames = vec![v1::ClientFrame { frame: Some(ping) }];
    let send = v1::SendRequest { session_id: welcome.session_id, first_frame: 1, frames };
    for (rpc, request) in [
        ("SheetService/ImportChunk", chunk.encode_to_vec()),
        ("SheetService/FinishImport", finish.encode_to_vec()),
        ("SheetService/CancelImport", cancel.encode_to_vec()),
        ("LiveService/Send", send.encode_to_vec()),
    ] {
        of_the_editor_alone(&cast, &mut turns, rpc, &request.into()).await;
    }
    let link = cast.client(Owner).create_link(&cast.sheet, Role::Viewer, false, 0).await;
    let token = link.expect("is the owner").token;
    let request = v1::OpenLinkRequest { token }.encode_to_vec().into();
    for caller in CALLERS {
        let expected = match caller {
            NoToken => Code::Unauthenticated,
            ReadingGuest | WritingGuest => Code::PermissionDenied,
            _ => Code::Ok,
        };
        let code = turns.call("SharingService/OpenLink", &request, cast.token(caller)).await;
        assert_eq!(code, expected, "a link by {caller:?}");
    }
}
