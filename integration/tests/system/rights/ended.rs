//! What a session, a relayed call and an edit may still do when a role is lowered or has ended; on one server, and on three.
//!
//! Not the frames that a session receives of its role: see `sharing`. Invariant: roles change at the first server, and the
//! others keep to them once their sessions have received the change.

use client::Client;
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    NativeSession, Server, WebSession, authorized, email_of, new_sheet, sheet_calls,
    sign_up_with_token, within,
};
use prost::Message as _;
use tonic::Code;

use super::raw::{call, channel};
use crate::sharing::{edit, edits, hello, next_role};
use crate::three_servers::Three;

/// Edits that a session sends before it reads their answers.
const FLOOD: u64 = 40;

/// A sheet, its owner, and an account that has a role on it.
struct Shared {
    owner: Client,
    owner_token: String,
    sheet: String,
    email: String,
    token: String,
}

impl Shared {
    async fn new(server: &Server, role: Role) -> Self {
        let (owner, owner_token) = sign_up_with_token(server).await;
        let (other, token) = sign_up_with_token(server).await;
        let (email, sheet) = (email_of(&other).await, new_sheet(&owner, "Shared", 6).await);
        owner.share(&sheet, &email, role).await.expect("is shared");
        Self { owner, owner_token, sheet, email, token }
    }

    async fn change_to(&self, role: Role) {
        self.owner.share(&self.sheet, &self.email, role).await.expect("is changed");
    }

    async fn end(&self) {
        self.owner.unshare(&self.sheet, &self.email).await.expect("has a role");
    }

    /// A session of the account at each server, after its first edit.
    async fn at_each(&self, servers: &[&Server]) -> Vec<NativeSession> {
        let mut sessions = Vec::new();
        for server in servers {
            let mut session = NativeSession::open(server, &self.token, hello(&self.sheet)).await;
            assert!(edits(&mut session, 1).await);
            sessions.push(session);
        }
        sessions
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_resumes_with_the_role_that_is_left() {
    resumed_with_the_role_that_is_left(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_wait_when_the_role_is_lowered_are_each_answered() {
    waiting_edits_are_each_answered(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_a_session_ends_with_the_role() {
    calls_end_with_the_role(&[&Server::start()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_ends_at_one_of_three_servers_ends_at_all() {
    let three = Three::start(&["--drain-seconds", "1"]).await;
    let servers: Vec<&Server> = three.running().collect();
    resumed_with_the_role_that_is_left(&servers).await;
    waiting_edits_are_each_answered(&servers).await;
    calls_end_with_the_role(&servers).await;
}

async fn resumed_with_the_role_that_is_left(servers: &[&Server]) {
    let shared = Shared::new(servers[0], Role::Editor).await;
    let first = servers[servers.len() - 1];
    let mut session = NativeSession::open(first, &shared.token, hello(&shared.sheet)).await;
    let Ok(Frame::Welcome(welcome)) = session.next().await else { panic!("no welcome") };
    assert!(edits(&mut session, 1).await);
    drop(session);
    let resume = v1::ResumePoint { epoch: welcome.epoch, revision: welcome.revision };
    let again = || v1::Hello {
        client_id: welcome.client_id.clone(),
        resume: Some(resume),
        ..hello(&shared.sheet)
    };
    let mut witnesses = shared.at_each(servers).await;

    shared.change_to(Role::Viewer).await;
    for (server, witness) in servers.iter().zip(&mut witnesses) {
        assert_eq!(next_role(witness).await.expect("stays open"), Role::Viewer);
        let early = vec![edit(2)];
        let session = NativeSession::try_open_with(server.url(), &shared.token, again(), early);
        let mut session = session.await.expect("is admitted");
        let Ok(Frame::Welcome(welcome)) = session.next().await else { panic!("no welcome") };
        assert_eq!((welcome.role(), welcome.resumed), (Role::Viewer, true));
        let refused = loop {
            match within("an answer", session.next()).await.expect("stays open") {
                Frame::Rejected(rejected) => break rejected.status.expect("a reason"),
                Frame::Accepted(accepted) => assert_eq!(accepted.sequence, 1, "the earlier one"),
                _ => {}
            }
        };
        assert_eq!(refused.code, Code::PermissionDenied as i32, "{refused:?}");
        // Its client id is of no use to another account, which has a role.
        let other = NativeSession::open(server, &shared.owner_token, again()).await.next().await;
        assert_eq!(other.expect_err("is refused").code(), Code::PermissionDenied);
    }

    shared.end().await;
    let (_, stranger) = sign_up_with_token(servers[0]).await;
    for (server, witness) in servers.iter().zip(&mut witnesses) {
        let ended = next_role(witness).await.expect_err("the session ends");
        assert_eq!(ended.code(), Code::PermissionDenied, "{ended}");
        for token in [&shared.token, &stranger] {
            let refused = NativeSession::try_open(server.url(), token, again()).await;
            assert_eq!(refused.expect_err("has no role").code(), Code::NotFound);
        }
    }
}

/// Sends edits, some of them always unanswered, until the role is lowered. Gives how many were accepted.
async fn flood(mut session: NativeSession, begun: tokio::sync::mpsc::Sender<()>) -> u64 {
    let (mut sent, mut answered, mut accepted) = (1, 1, 1);
    let mut is_lowered = false;
    while answered < sent || !is_lowered {
        if !is_lowered && sent - answered < FLOOD / 2 {
            (sent + 1..=sent + FLOOD).for_each(|sequence| session.send(edit(sequence)));
            sent += FLOOD;
        }
        match within("an answer", session.next()).await.expect("stays open") {
            Frame::Accepted(it) => {
                assert!(accepted == answered, "an edit is accepted after a refused one");
                (answered, accepted) = (it.sequence, accepted + 1);
                assert_eq!(accepted, answered, "each edit is answered, in order");
            }
            Frame::Rejected(it) => {
                assert_eq!(it.sequence, answered + 1, "each edit is answered, in order");
                let status = it.status.expect("a reason");
                assert_eq!(status.code, Code::PermissionDenied as i32, "{status:?}");
                answered = it.sequence;
            }
            Frame::Role(change) => is_lowered = change.role() == Role::Viewer,
            _ => {}
        }
        // The receiver is gone once each session has begun.
        let _ = begun.try_send(());
    }
    assert!(!edits(&mut session, sent + 1).await, "the role is lowered");
    accepted
}

async fn waiting_edits_are_each_answered(servers: &[&Server]) {
    let shared = Shared::new(servers[0], Role::Editor).await;
    let mut floods = Vec::new();
    for session in shared.at_each(servers).await {
        let (begun, mut begins) = tokio::sync::mpsc::channel(1);
        floods.push(tokio::spawn(flood(session, begun)));
        within("the first answer", begins.recv()).await.expect("it runs");
    }
    shared.change_to(Role::Viewer).await;
    let mut accepted = 0;
    for flood in floods {
        accepted += within("the answers", flood).await.expect("ends");
    }
    // The revisions count the accepted edits, and no others.
    let set = v1::command::Command::SetCells(v1::SetCells {
        values: vec![v1::Value { kind: Some(v1::value::Kind::Number(2.0)) }],
        ..v1::SetCells::default()
    });
    let commands = vec![v1::Command { command: Some(set) }];
    let wait = v1::WaitFor::Committed;
    let last = shared.owner.apply(&shared.sheet, commands, wait, "last").await.expect("is applied");
    assert_eq!(last.revision, accepted + 1);
}

async fn calls_end_with_the_role(servers: &[&Server]) {
    let shared = Shared::new(servers[0], Role::Viewer).await;
    let (_, stranger) = sign_up_with_token(servers[0]).await;
    let mut sessions = Vec::new();
    for server in servers {
        let session = WebSession::open(server, &shared.token, hello(&shared.sheet)).await;
        let start = v1::StartImportRequest { name: "Parts".into(), ..Default::default() };
        let mut calls = sheet_calls(server).await;
        let import = calls.start_import(authorized(start, &shared.token)).await.expect("starts");
        sessions.push((session, import.into_inner().import_id));
    }
    // Each server relays what belongs to another one, and for its account alone.
    for server in servers {
        let channel = channel(server).await;
        for ((_, welcome), import_id) in &sessions {
            let session_id = welcome.session_id.clone();
            let send = v1::SendRequest { session_id, first_frame: 1, ..Default::default() };
            let import_id = import_id.clone();
            let cancel = v1::CancelImportRequest { import_id: import_id.clone() };
            let finish = v1::FinishImportRequest { import_id: import_id.clone() };
            let chunk = v1::ImportChunkRequest { import_id, ..Default::default() };
            for (rpc, request) in [
                ("LiveService/Send", send.encode_to_vec()),
                ("SheetService/ImportChunk", chunk.encode_to_vec()),
                ("SheetService/FinishImport", finish.encode_to_vec()),
                ("SheetService/CancelImport", cancel.encode_to_vec()),
            ] {
                let code = call(&channel, rpc, request.into(), Some(&stranger)).await;
                assert_eq!(code, Code::NotFound, "{rpc} of another account");
            }
        }
    }
    for (number, ((session, _), _)) in (1..).zip(&mut sessions) {
        session.call_at(servers[number % servers.len()]);
        within("the answer", session.try_ping()).await.expect("has a role");
    }
    shared.end().await;
    for ((session, _), _) in &mut sessions {
        let ended = within("the end", async {
            loop {
                if let Err(status) = session.next().await {
                    return status;
                }
            }
        });
        assert_eq!(ended.await.code(), Code::PermissionDenied);
        let refused = within("the answer", session.try_ping()).await.expect_err("has ended");
        assert_eq!(refused.code(), Code::NotFound, "{refused}");
    }
}
