//! Sharing: roles by e-mail address and by link, and what follows when they change while sessions are open.
//!
//! Not the table of rights: see `rights`. Invariant: no answer shows whether an address has an account.

#[path = "sharing/links.rs"]
mod links;

use std::time::Duration;

use client::{Client, Error};
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    Gridctl, NativeSession, PASSWORD, Server, email_of, eventually, new_sheet, opened, sign_up,
    sign_up_with_token, within,
};
use tonic::{Code, Status};

use crate::two_servers::Two;

fn reason(error: &Error) -> String {
    let Error::Refused(refusal) = error else { panic!("not refused by the server: {error}") };
    refusal.reason.clone().expect("the server's own errors have a reason")
}

pub(crate) fn hello(sheet: &str) -> v1::Hello {
    v1::Hello { sheet_id: sheet.to_owned(), ..v1::Hello::default() }
}

/// Reads until the role changes, or the stream ends.
pub(crate) async fn next_role(session: &mut NativeSession) -> Result<Role, Status> {
    loop {
        if let Frame::Role(change) = within("a role", session.next()).await? {
            return Ok(change.role());
        }
    }
}

/// An edit that sets the first cell.
pub(crate) fn edit(sequence: u64) -> ClientFrame {
    let set = v1::SetCells {
        row: Some(v1::RowRef { row: Some(v1::row_ref::Row::At(0)) }),
        col: Some(v1::ColumnRef { column: Some(v1::column_ref::Column::At(0)) }),
        values: vec![v1::Value { kind: Some(v1::value::Kind::Number(1.0)) }],
        ..v1::SetCells::default()
    };
    let command = v1::Command { command: Some(v1::command::Command::SetCells(set)) };
    let commands = v1::CommandList { commands: vec![command] };
    let change = Some(v1::edit::Change::Commands(commands));
    ClientFrame::Edit(v1::Edit { sequence, change, ..v1::Edit::default() })
}

/// Sets the first cell. True when the edit is accepted.
pub(crate) async fn edits(session: &mut NativeSession, sequence: u64) -> bool {
    session.send(edit(sequence));
    loop {
        match within("an answer", session.next()).await.expect("the session stays open") {
            Frame::Accepted(_) => return true,
            Frame::Rejected(rejected) => {
                let status = rejected.status.expect("a reason");
                assert_eq!(status.code, Code::PermissionDenied as i32, "{status:?}");
                return false;
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_its_role_before_and_after_it_has_an_account() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let (ben_email, later) = (email_of(&ben).await, "later.person@example.org");
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let of_ben = ada.share(&sheet, &ben_email.to_uppercase(), Role::Editor).await.expect("shared");
    let of_later = ada.share(&sheet, later, Role::Viewer).await.expect("is shared");
    for (share, email) in [(&of_ben, &*ben_email), (&of_later, later)] {
        assert_eq!((&*share.email, share.opened, &*share.account_id), (email, false, ""));
    }

    let listed = ben.sheets(&client::net::ListOptions::default()).await.expect("is listed");
    assert_eq!((&*listed[0].name, listed[0].role()), ("Stock", Role::Editor));
    let owner = ada.who_am_i().await.expect("is signed in").account.expect("an account");
    assert_eq!(listed[0].owner_name, owner.display_name);
    ben.rename_sheet(&sheet, "Stock of May", None).await.expect("an editor renames");
    let refused = ben.delete_sheet(&sheet).await.expect_err("the owner alone deletes");
    assert_eq!(refused.code(), Some(Code::PermissionDenied), "{refused}");
    assert_eq!(reason(&refused), "ROLE_TOO_LOW");

    let stranger = Client::connect(server.url()).await.expect("the server is there");
    let (cy, _) = stranger.sign_up(later, PASSWORD, "Cy").await.expect("the address is new");
    assert_eq!(cy.sheet(&sheet).await.expect("is shared").role(), Role::Viewer);
    let seen = ada.shares(&sheet).await.expect("is the owner");
    let of: Vec<_> = seen.shares.iter().map(|it| (it.role(), &*it.email, it.opened)).collect();
    let ada_email = owner.email;
    assert_eq!(
        of,
        [
            (Role::Owner, &*ada_email, true),
            (Role::Editor, &*ben_email, true),
            (Role::Viewer, later, true)
        ]
    );
    // Others see no address but their own.
    let seen = cy.shares(&sheet).await.expect("can read");
    let emails: Vec<_> = seen.shares.iter().map(|it| &*it.email).collect();
    assert_eq!((emails, seen.links.len()), (vec!["", "", later], 0));

    ada.unshare(&sheet, &ben_email).await.expect("has a role");
    let gone = ben.sheet(&sheet).await.expect_err("not shared any more");
    assert_eq!(gone.code(), Some(Code::NotFound));
    let again = ada.unshare(&sheet, &ben_email).await.expect_err("has none");
    assert_eq!(again.code(), Some(Code::NotFound));
    cy.leave_sheet(&sheet).await.expect("leaves");
    assert_eq!(cy.sheet(&sheet).await.expect_err("has left").code(), Some(Code::NotFound));
    let stays = ada.leave_sheet(&sheet).await.expect_err("is the owner");
    assert_eq!(reason(&stays), "OWNER_STAYS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_changes_takes_effect_in_open_sessions_on_each_server() {
    let two = Two::start().await;
    let ada = sign_up(&two.here).await;
    let (ben, token) = sign_up_with_token(&two.here).await;
    let (email, sheet) = (email_of(&ben).await, new_sheet(&ada, "Stock", 6).await);
    ada.share(&sheet, &email, Role::Editor).await.expect("is shared");
    let mut here = NativeSession::open(&two.here, &token, hello(&sheet)).await;
    let mut there = NativeSession::open(&two.there, &token, hello(&sheet)).await;
    let there_too = Client::connect(two.there.url()).await.expect("the server is there");
    let there_too = there_too.with_token(&token).expect("a token");
    for session in [&mut here, &mut there] {
        assert!(edits(session, 1).await);
    }

    ada.share(&sheet, &email, Role::Commenter).await.expect("is changed");
    for session in [&mut here, &mut there] {
        assert_eq!(next_role(session).await.expect("stays open"), Role::Commenter);
        assert!(!edits(session, 2).await);
    }
    let refused = there_too.rename_sheet(&sheet, "Mine", None).await.expect_err("can not edit");
    assert_eq!(refused.code(), Some(Code::PermissionDenied), "{refused}");

    ada.share(&sheet, &email, Role::Editor).await.expect("is changed");
    for session in [&mut here, &mut there] {
        assert_eq!(next_role(session).await.expect("stays open"), Role::Editor);
        assert!(edits(session, 3).await);
    }

    ada.unshare(&sheet, &email).await.expect("has a role");
    for session in [&mut here, &mut there] {
        let end = next_role(session).await.expect_err("the session ends");
        assert_eq!(end.code(), Code::PermissionDenied, "{end}");
    }
    for client in [&ben, &there_too] {
        let gone = client.sheet(&sheet).await.expect_err("not shared any more");
        assert_eq!(gone.code(), Some(Code::NotFound), "{gone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_transferred_to_a_person_who_has_opened_it() {
    let server = Server::start();
    let (ada, ada_token) = sign_up_with_token(&server).await;
    let ben = sign_up(&server).await;
    let (of_ada, of_ben) = (email_of(&ada).await, email_of(&ben).await);
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, &of_ben, Role::Viewer).await.expect("is shared");
    for email in [&*of_ben, "none@example.org"] {
        let early = ada.transfer_sheet(&sheet, email).await.expect_err("has not opened it");
        assert_eq!(reason(&early), "NOT_OPENED", "{early}");
    }
    ben.sheet(&sheet).await.expect("opens it");
    let live = opened(&ada, &sheet).await;
    ada.transfer_sheet(&sheet, &of_ben).await.expect("is transferred");
    assert_eq!(ben.sheet(&sheet).await.expect("is the owner").role(), Role::Owner);
    assert_eq!(ada.sheet(&sheet).await.expect("is an editor").role(), Role::Editor);
    eventually("the session of the former owner continues as an editor", async || {
        (live.read(|sheet| sheet.role()).await.ok()? == Role::Editor).then_some(())
    })
    .await;
    let refused = ada.delete_sheet(&sheet).await.expect_err("not the owner");
    assert_eq!(refused.code(), Some(Code::PermissionDenied));
    ben.share(&sheet, &of_ada, Role::Viewer).await.expect("the owner shares");
    let mut session = NativeSession::open(&server, &ada_token, hello(&sheet)).await;
    assert!(!edits(&mut session, 1).await);
    ben.delete_sheet(&sheet).await.expect("the owner deletes");
    assert_eq!(ada.sheet(&sheet).await.expect_err("is deleted").code(), Some(Code::NotFound));
    let gone = ben.share(&sheet, &of_ada, Role::Editor).await.expect_err("is deleted");
    assert_eq!(gone.code(), Some(Code::NotFound), "{gone}");
    let deleted = client::net::ListOptions { deleted: true, ..Default::default() };
    assert_eq!(ada.sheets(&deleted).await.expect("is listed").len(), 0);
    assert_eq!(ben.sheets(&deleted).await.expect("is listed").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_the_field_and_the_rule() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let own = email_of(&ada).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let long = format!("{}@example.org", "a".repeat(10_000));
    for (email, role, field) in [
        ("", Role::Viewer, "email"),
        ("ben", Role::Viewer, "email"),
        (&*long, Role::Viewer, "email"),
        (&*own, Role::Viewer, "email"),
        ("ben@example.org", Role::Owner, "role"),
        ("ben@example.org", Role::Unspecified, "role"),
    ] {
        let refused = ada.share(&sheet, email, role).await.expect_err("is bad");
        assert_eq!(refused.code(), Some(Code::InvalidArgument), "{refused}");
        assert!(refused.to_string().contains(field), "{refused}");
    }
    for (role, end, field) in [
        (Role::Owner, 0, "role"),
        (Role::Viewer, 1, "expires_micros"),
        (Role::Viewer, -1, "expires"),
    ] {
        let refused = ada.create_link(&sheet, role, true, end).await.expect_err("is bad");
        assert_eq!(refused.code(), Some(Code::InvalidArgument), "{refused}");
        assert!(refused.to_string().contains(field), "{refused}");
    }
    let without_token = Client::connect(server.url()).await.expect("the server is there");
    let link = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("is made");
    let name = "x".repeat(10_000);
    let refused = without_token.enter_as_guest(&link.token, &name).await.expect_err("is too long");
    assert!(refused.to_string().contains("display_name"), "{refused}");
    // A thousand invitations at once.
    let mut shared = 0;
    let refused = loop {
        match ada.share(&sheet, &format!("person{shared}@example.org"), Role::Viewer).await {
            Ok(_) => shared += 1,
            Err(refused) => break refused,
        }
        assert!(shared < 1_000, "never too many");
    };
    assert_eq!(refused.code(), Some(Code::ResourceExhausted), "{refused}");
    assert_eq!(reason(&refused), "TOO_MANY_ATTEMPTS");
    let Error::Refused(refusal) = &refused else { panic!("{refused}") };
    assert!(refusal.retry_after.is_some_and(|after| after > Duration::ZERO), "{refused}");
    // The roles that were given stay, and can be changed.
    ada.share(&sheet, "person0@example.org", Role::Editor).await.expect("is no new address");
}

/// The allowance of invitations is that of all servers, the one of new addresses is of each server.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_invitation_leaves_neither_a_role_nor_a_notice() {
    let two = Two::start().await;
    let (ada, token) = sign_up_with_token(&two.here).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let mut shared = 0;
    while ada.share(&sheet, &format!("p{shared}@example.org"), Role::Viewer).await.is_ok() {
        shared += 1;
        assert!(shared < 1_000, "never too many");
    }
    let there = Client::connect(two.there.url()).await.expect("the server is there");
    let there = there.with_token(&token).expect("a token");
    for _ in 0..5 {
        let ben = sign_up(&two.there).await;
        let Err(refused) = there.share(&sheet, &email_of(&ben).await, Role::Viewer).await else {
            continue;
        };
        assert_eq!(reason(&refused), "TOO_MANY_ATTEMPTS", "{refused}");
        assert_eq!(ben.notices("").await.expect("is signed in").notices, []);
        assert_eq!(ben.sheet(&sheet).await.expect_err("no role").code(), Some(Code::NotFound));
        return;
    }
    panic!("never too many");
}

#[tokio::test(flavor = "multi_thread")]
async fn gridctl_shares_lists_and_ends_roles() {
    let server = Server::start();
    let (ada, ben) = (
        Gridctl::sign_up(&server, "ada@example.org"),
        Gridctl::sign_up(&server, "ben@example.org"),
    );
    drop(ada.run(&["create", "Stock"]).success());
    let shared = ada.run(&["share", "Stock", "--with", "ben@example.org", "--role", "editor"]);
    assert!(shared.stderr.contains("is shared with ben@example.org as editor"), "{shared:?}");
    let link = ada.run(&["share", "Stock", "--link", "--role", "viewer", "--days", "7"]).success();
    assert!(link.trim().starts_with(&format!("{}/link/", server.url())), "{link}");

    let sheets = ben.run(&["sheets"]).success();
    assert!(sheets.contains("Stock  (editor of ada)"), "{sheets}");
    drop(ben.run(&["rows", "Stock"]).success());
    let cy = Gridctl::sign_up(&server, "cy@example.org");
    drop(cy.run(&["open", link.trim()]).success());
    drop(cy.run(&["rows", "Stock"]).success());
    let shares = ada.run(&["shares", "Stock"]).success();
    let lines: Vec<&str> = shares.lines().collect();
    assert!(lines[0].starts_with("owner      ada@example.org  ada"), "{shares}");
    assert!(lines[1].starts_with("editor     ben@example.org  ben"), "{shares}");
    assert!(lines[2].starts_with("viewer     cy@example.org  cy  by link"), "{shares}");
    assert!(
        lines[3].starts_with("viewer     link ") && lines[3].contains("opened by 1"),
        "{shares}"
    );

    let stays = ada.run(&["unshare", "Stock", "ada@example.org"]);
    assert!(!stays.status.success() && stays.stderr.contains("is the owner"), "{stays:?}");
    let left = ada.run(&["unshare", "Stock", "cy@example.org"]);
    assert!(left.status.success() && left.stderr.contains("the link still works"), "{left:?}");
    assert!(!cy.run(&["rows", "Stock"]).status.success());
    drop(cy.run(&["open", link.trim()]).success());
    drop(ada.run(&["unshare", "Stock", "cy"]).success());
    drop(cy.run(&["open", link.trim()]).success());
    drop(ada.run(&["unshare", "Stock", link.trim()]).success());
    let refused = cy.run(&["rows", "Stock"]);
    assert!(
        !refused.status.success() && refused.stderr.contains("no sheet is named"),
        "{refused:?}"
    );
    drop(ada.run(&["transfer", "Stock", "ben@example.org"]).success());
    let sheets = ada.run(&["sheets"]).success();
    assert!(sheets.contains("Stock  (editor of ben)"), "{sheets}");
    drop(ada.run(&["leave", "Stock"]).success());
    assert_eq!(ada.run(&["sheets"]).success(), "");
    let refused = ben.run(&["share", "Stock", "--with", "ada@example.org"]);
    assert!(!refused.status.success() && refused.stderr.contains("--role"), "{refused:?}");
}
