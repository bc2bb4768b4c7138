//! The notices of roles: how many of them one person may cause at another one.
//!
//! Not the rate of the calls, which is the server's. Invariant: what one person does pushes out no notice of another.

use model::people::NoticeKind;
use model::{AccountId, Role};
use store::Store;
use uuid::Uuid;

use super::further_account;
use crate::support::{Fixture, Outcome, account};

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
    let (kept, toggled) = (fixture.sheet(3).await.id, fixture.sheet(3).await.id);
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
