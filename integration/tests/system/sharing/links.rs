//! Links: what they give, when it ends, and a person who came by one.
//!
//! Not the roles of addresses: see `sharing`. Invariant: the role of a link ends with it, or with the person's removal alone.

use client::{Client, Error};
use gridloom::v1;
use gridloom::v1::Role;
use integration::harness::{
    NativeSession, Server, email_of, new_sheet, sign_up, sign_up_with_token,
};
use tonic::Code;

use super::{edits, hello, next_role, reason};
use crate::chat::id_of;
use crate::two_servers::Two;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_gives_its_role_until_it_ends() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let (ben, ben_token) = sign_up_with_token(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let closed = ada.create_link(&sheet, Role::Editor, false, 0).await.expect("is made");
    let open = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("is made");

    let without_token = Client::connect(server.url()).await.expect("the server is there");
    let refused = without_token.enter_as_guest(&closed.token, "Gus").await.expect_err("no guests");
    assert_eq!((refused.code(), &*reason(&refused)), (Some(Code::PermissionDenied), "GUEST"));
    let (guest, entered) = without_token.enter_as_guest(&open.token, "Gus").await.expect("a guest");
    assert_eq!((&*entered.sheet_id, entered.role()), (&*sheet, Role::Viewer));
    assert_eq!(guest.sheet(&sheet).await.expect("can read").role(), Role::Viewer);
    for refused in [
        guest.create_sheet("Mine", Default::default()).await.map(drop),
        guest.open_link(&closed.token).await.map(drop),
        guest.rename_sheet(&sheet, "Mine", None).await.map(drop),
    ] {
        let refused = refused.expect_err("a guest can not");
        assert_eq!(refused.code(), Some(Code::PermissionDenied), "{refused}");
    }
    let token = entered.access_token;
    let mut watches = NativeSession::open(&server, &token, hello(&sheet)).await;

    // A person with a role below that of the link has that of the link, and keeps the higher one.
    ben.open_link(&open.token).await.expect("opens");
    let mut edited = NativeSession::open(&server, &ben_token, hello(&sheet)).await;
    assert!(!edits(&mut edited, 1).await);
    assert_eq!(ben.open_link(&closed.token).await.expect("opens"), (sheet.clone(), Role::Editor));
    assert_eq!(next_role(&mut edited).await.expect("stays open"), Role::Editor);
    assert_eq!(ben.open_link(&open.token).await.expect("opens"), (sheet.clone(), Role::Editor));
    assert!(edits(&mut edited, 2).await);
    let listed = ada.shares(&sheet).await.expect("is the owner");
    let opened: Vec<u32> = listed.links.iter().map(|link| link.opened).collect();
    assert_eq!((opened, listed.shares.len()), (vec![1, 2], 4));

    ada.delete_link(&sheet, &open.token).await.expect("is a link");
    let end = next_role(&mut watches).await.expect_err("the guest's session ends");
    assert_eq!(end.code(), Code::PermissionDenied, "{end}");
    // The role of another link that the person has opened stays.
    let lower = ada.create_link(&sheet, Role::Viewer, false, 0).await.expect("is made");
    assert_eq!(ben.open_link(&lower.token).await.expect("opens"), (sheet.clone(), Role::Editor));
    ada.delete_link(&sheet, &closed.id).await.expect("is a link");
    assert_eq!(next_role(&mut edited).await.expect("stays open"), Role::Viewer);
    ada.delete_link(&sheet, &lower.id).await.expect("is a link");
    let end = next_role(&mut edited).await.expect_err("the session ends");
    assert_eq!(end.code(), Code::PermissionDenied, "{end}");

    let brief = ada.create_link(&sheet, Role::Viewer, true, i64::MAX / 2).await.expect("is made");
    let sql = server.sql().await;
    sql.execute("update links set expires_at = now()", &[]).await.expect("has ended");
    let made_up = "A".repeat(43);
    for token in [&brief.token, &open.token, &made_up, "", &sheet] {
        let ended = ben.open_link(token).await.expect_err("no link");
        assert_eq!((ended.code(), &*reason(&ended)), (Some(Code::NotFound), "LINK_ENDED"));
        let ended = without_token.enter_as_guest(token, "").await.expect_err("no link");
        assert_eq!(reason(&ended), "LINK_ENDED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_came_by_a_link_is_removed_alone() {
    let two = Two::start().await;
    let (ada, cy) = (sign_up(&two.here).await, sign_up(&two.here).await);
    let (ben, token) = sign_up_with_token(&two.there).await;
    let (email, sheet) = (email_of(&ben).await, new_sheet(&ada, "Stock", 6).await);
    ada.share(&sheet, &email, Role::Viewer).await.expect("is shared");
    for role in [Role::Editor, Role::Commenter] {
        let link = ada.create_link(&sheet, role, false, 0).await.expect("is made");
        for person in [&ben, &cy] {
            person.open_link(&link.token).await.expect("opens");
        }
    }
    let mut session = NativeSession::open(&two.there, &token, hello(&sheet)).await;
    assert!(edits(&mut session, 1).await);
    let id = id_of(&ben).await;
    ada.unshare_account(&sheet, &id).await.expect("came by links");
    assert_eq!(next_role(&mut session).await.expect("stays open"), Role::Viewer);
    assert_eq!(cy.sheet(&sheet).await.expect("came by links").role(), Role::Editor);
    let notice = ben.notices("").await.expect("is listed").notices.remove(0);
    assert_eq!((notice.kind(), notice.role()), (v1::NoticeKind::Role, Role::Viewer));
    let again = ada.unshare_account(&sheet, &id).await.expect_err("has none");
    assert_eq!(again.code(), Some(Code::NotFound), "{again}");

    let (own, own_id) = (email_of(&ada).await, id_of(&ada).await);
    for (outcome, field) in [
        (ada.unshare(&sheet, &own).await, "email"),
        (ada.unshare_account(&sheet, &own_id).await, "account_id"),
    ] {
        let Err(Error::Refused(stays)) = outcome else { panic!("the owner stays: {outcome:?}") };
        assert_eq!(
            (stays.code, stays.reason.as_deref()),
            (Code::FailedPrecondition, Some("OWNER_STAYS"))
        );
        assert_eq!(stays.violations[0].field, field);
    }
    let refused = cy.unshare_account(&sheet, &id).await.expect_err("not the owner");
    assert_eq!(reason(&refused), "ROLE_TOO_LOW");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_link_is_shown_once_but_for_links_of_an_earlier_release() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = new_sheet(&ada, "Stock", 4).await;
    let link = ada.create_link(&sheet, Role::Viewer, true, 0).await.expect("is made");
    let listed = async || ada.shares(&sheet).await.expect("is the owner").links[0].token.clone();
    assert_eq!(listed().await, "");
    // An earlier one has no hash: it opens by the token that the list shows, and by no other.
    let sql = server.sql().await;
    sql.execute("update links set hash = null", &[]).await.expect("is an earlier one");
    let opened = ben.open_link(&listed().await).await.expect("opens");
    assert_eq!(opened, (sheet.clone(), Role::Viewer));
    let ended = ben.open_link(&link.token).await.expect_err("is not its token");
    assert_eq!(reason(&ended), "LINK_ENDED");
}
