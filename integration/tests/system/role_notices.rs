//! Changes of a person's role that come again and again: how many one account may make, and what the person receives.
//!
//! Not what follows in open sessions: see `sharing`. Invariant: the end of a role is never refused.

use client::Error;
use gridloom::v1::{NoticeKind, Role};
use integration::harness::{Server, email_of, new_sheet, sign_up};
use tonic::Code;

/// More changes than one account may make at once.
const CHANGES: usize = 1_100;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_changes_a_role_again_and_again_is_slowed_and_fills_no_list() {
    let server = Server::start();
    let (ada, ben, eve) = (sign_up(&server).await, sign_up(&server).await, sign_up(&server).await);
    let email = email_of(&ben).await;
    let kept = new_sheet(&ada, "Kept", 6).await;
    ada.share(&kept, &email, Role::Editor).await.expect("is shared");
    let toggled = new_sheet(&eve, "Toggled", 6).await;
    let mut made = 0;
    let refused = loop {
        let role = if made % 2 == 0 { Role::Viewer } else { Role::Commenter };
        match eve.share(&toggled, &email, role).await {
            Ok(_) => made += 1,
            Err(Error::Refused(refused)) => break refused,
            Err(other) => panic!("{other}"),
        }
        assert!(made < CHANGES, "not slowed");
    };
    assert_eq!(refused.code, Code::ResourceExhausted, "{refused:?}");
    assert_eq!(refused.reason.as_deref(), Some("TOO_MANY_ATTEMPTS"));
    eve.unshare(&toggled, &email).await.expect("the end of a role is not refused");
    // A call that changes nothing takes nothing, and other persons are other pairs.
    eve.share(&toggled, "cy@example.org", Role::Viewer).await.expect("another person");
    ada.share(&kept, &email, Role::Editor).await.expect("has this role already");
    let listed = ben.notices("").await.expect("is listed").notices;
    let of_eve = listed.iter().filter(|notice| notice.sheet_id == toggled).count();
    assert!((1..=4).contains(&of_eve), "{listed:?}");
    let first = listed.last().expect("the share");
    assert_eq!((first.kind(), &*first.sheet_id), (NoticeKind::Share, &*kept));
}
