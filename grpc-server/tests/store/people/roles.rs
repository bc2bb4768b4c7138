//! The notices of roles: how many of them one person may cause at another one.
//!
//! Not the rate of the calls, which is the server's. Invariant: what one person does pushes out no notice of another.

use model::people::NoticeKind;
use model::{AccountId, LinkId, LinkRecord, Role, now_micros};
use store::{LinkPlace, Store, StoreError};
use uuid::Uuid;

use super::further_account;
use crate::support::{Fixture, Outcome, account, new_sheet};

/// The listed notices of an account, the newest first.
async fn listed(store: &Store, account: AccountId) -> Vec<(NoticeKind, Option<AccountId>)> {
    let (notices, _) = store.notices(account, 0, 2_000).await.expect("a list");
    notices.into_iter().map(|it| (it.kind, it.actor.map(|actor| actor.account))).collect()
}

#[tokio::test]
async fn a_stranger_that_shares_and_unshares_pushes_no_notice_out() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let stranger = further_account(store).await;
    let email = format!("{}@example.com", Uuid::new_v4());
    let victim = account(&email);
    store.create_account(&victim).await?;
    let kept = fixture.sheet(3).await.id;
    let toggled = store.create_sheet(&new_sheet(stranger, 3)).await?.id;
    assert!(store.share(kept, (&email, Role::Editor), 10, owner).await?);
    for _ in 0..600 {
        assert!(store.share(toggled, (&email, Role::Viewer), 10, stranger).await?);
        assert!(store.unshare(toggled, &email, stranger).await?);
    }
    let all = listed(store, victim.id).await;
    assert_eq!(all.last(), Some(&(NoticeKind::Share, Some(owner))), "the first one is kept");
    // Those of a role that has ended: the notice of a share is shown while the role lasts.
    assert_eq!(all.len(), 1 + 2, "{all:?}");
    Ok(())
}

#[tokio::test]
async fn one_person_occupies_a_tenth_of_the_notices_of_another_with_any_number_of_sheets() -> Outcome
{
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let email = format!("{}@example.com", Uuid::new_v4());
    let reader = account(&email);
    store.create_account(&reader).await?;
    for _ in 0..110 {
        let sheet = fixture.sheet(1).await.id;
        assert!(store.share(sheet, (&email, Role::Viewer), 10, fixture.owner).await?);
    }
    let all = listed(store, reader.id).await;
    assert_eq!(all.len(), 100);
    let head = store.notice_head(reader.id).await?;
    assert_eq!((head.last, head.dropped), (110, 10), "a stream that was away learns it");
    Ok(())
}

/// Each statement has the right in itself: its caller has asked for the right before, and waits between the two.
#[tokio::test]
async fn a_former_owner_changes_no_role_and_a_former_editor_no_name() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, former) = (&fixture.store, fixture.owner);
    let sheet = fixture.sheet(1).await.id;
    let (email, other) = (format!("{}@example.com", Uuid::new_v4()), "other@example.com");
    let owner = account(&email);
    store.create_account(&owner).await?;
    let link = LinkRecord {
        id: LinkId(Uuid::new_v4()),
        sheet,
        role: Role::Viewer,
        guests: true,
        created_micros: now_micros(),
        expires_micros: None,
        opened: 0,
        hash: Some([1; 32]),
    };
    let member = further_account(store).await;
    assert!(store.share(sheet, (other, Role::Viewer), 10, former).await?);
    assert!(store.create_link(&link, 10, former).await?);
    assert_eq!(store.open_link(link.id, member, 10).await?, LinkPlace::New);
    assert!(store.transfer(sheet, former, owner.id).await?);

    let another = LinkRecord { id: LinkId(Uuid::new_v4()), ..link.clone() };
    assert!(!store.share(sheet, (other, Role::Editor), 10, former).await?);
    assert!(!store.unshare(sheet, other, former).await?);
    assert!(!store.create_link(&another, 10, former).await?);
    assert!(!store.end_member(sheet, member, former).await?);
    assert!(!store.delete_link(link.id, sheet, former).await?);
    assert_eq!(store.role(sheet, member).await?.map(|used| used.role), Some(Role::Viewer));
    store.rename_sheet(sheet, "By an editor", None, former).await?;
    let refused = store.rename_sheet(sheet, "By a viewer", None, member).await;
    assert!(matches!(refused, Err(StoreError::Changed { .. })), "{refused:?}");
    assert!(store.end_member(sheet, member, owner.id).await?);
    assert_eq!(store.role(sheet, member).await?, None);
    assert!(!store.end_member(sheet, member, owner.id).await?, "has none");
    assert_eq!(store.open_link(link.id, member, 10).await?, LinkPlace::New, "the link stays");
    assert!(store.delete_link(link.id, sheet, owner.id).await?);
    Ok(())
}
