//! Mailed links in the table: used once, for their purpose alone; a new password ends every token of the account.

use model::{AccountState, Role, now_micros};
use store::{LinkFor, LinkPurpose, Store};
use uuid::Uuid;

use crate::support::{Fixture, Outcome, account, connect};

fn hash() -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    hash
}

/// A sign-in that has checked the password `$old`.
async fn insert(store: &Store, owner: model::AccountId, old: &str) -> Option<[u8; 32]> {
    let token = hash();
    store.insert_token(&token, (owner, old), i64::MAX / 2, "").await.is_ok().then_some(token)
}

#[tokio::test]
async fn a_link_works_once_and_ends_the_others() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (now, later) = (now_micros(), now_micros() + 60_000_000);
    let (first, second, expired) = (hash(), hash(), hash());
    for (link, until) in [(&first, later), (&second, later), (&expired, now)] {
        store.put_link(link, LinkFor::Password(owner), until).await?;
    }
    assert!(store.account_of_link(&expired, LinkPurpose::Password, now).await?.is_none());
    assert!(store.reset_password(&expired, "$new", now).await?.is_none());
    for link in [&first, &second] {
        let found = store.account_of_link(link, LinkPurpose::Password, now).await?;
        assert_eq!(found.ok_or("both are valid")?.id, owner);
        assert!(store.account_of_link(link, LinkPurpose::Confirm, now).await?.is_none());
        assert!(
            store.confirm(link, "$argon2id$", now).await?.is_none()
                && store.invited(link, now).await?.is_none()
        );
    }

    let old = store.account(owner).await?.ok_or("known")?.password_hash;
    let token = insert(&store, owner, &old).await.ok_or("inserted")?;
    let reset = store.reset_password(&first, "$new", now).await?.ok_or("it is valid")?;
    assert_eq!((reset.account, reset.ended), (owner, vec![token]));
    assert_eq!(store.token(&token).await?, None);
    assert_eq!(&*store.account(owner).await?.ok_or("known")?.password_hash, "$new");
    for used in [&first, &second] {
        assert!(store.reset_password(used, "$other", now).await?.is_none());
    }
    assert_eq!(insert(&store, owner, &old).await, None, "the former password signs in no more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_the_former_password_survives_beside_sign_ins() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    for round in 0..20 {
        let old = store.account(owner).await?.ok_or("known")?.password_hash;
        let link = hash();
        store.put_link(&link, LinkFor::Password(owner), now_micros() + 60_000_000).await?;
        let sign_ins = (0..6).map(|_| {
            let (store, old) = (store.clone(), old.clone());
            tokio::spawn(async move { insert(&store, owner, &old).await })
        });
        let sign_ins: Vec<_> = sign_ins.collect();
        let new = format!("$round{round}");
        let (one, other) = tokio::join!(
            store.reset_password(&link, &new, now_micros()),
            store.reset_password(&link, &new, now_micros())
        );
        assert!(one?.is_some() != other?.is_some(), "one of two uses of a link succeeds");
        for sign_in in sign_ins {
            if let Some(token) = sign_in.await? {
                assert_eq!(store.token(&token).await?, None, "round {round}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_address_is_confirmed_by_its_link_or_by_a_new_password() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let (now, later) = (now_micros(), now_micros() + 60_000_000);
    for by_password in [false, true] {
        let mut new = account(&format!("{}@example.com", Uuid::new_v4()));
        new.state = AccountState::Unconfirmed;
        store.create_account(&new).await?;
        let (link, other) = (hash(), hash());
        store.put_link(&link, LinkFor::Confirm(new.id), later).await?;
        store.put_link(&other, LinkFor::Password(new.id), later).await?;
        assert_eq!(store.account(new.id).await?.ok_or("known")?.state, AccountState::Unconfirmed);
        match by_password {
            true => drop(store.reset_password(&other, "$new", now).await?.ok_or("is valid")?),
            false => {
                let other = store.confirm(&link, "$of another", now).await?;
                assert_eq!(other, None, "the password is another by now");
                assert_eq!(store.confirm(&link, "$argon2id$", now).await?, Some(new.id));
            }
        }
        assert_eq!(store.account(new.id).await?.ok_or("known")?.state, AccountState::Active);
        let password = store.account(new.id).await?.ok_or("known")?.password_hash;
        assert_eq!(store.confirm(&link, &password, now).await?, None, "it is used");
    }
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_an_addresss_until_it_has_an_account() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(1).await.id;
    let Fixture { store, owner, config } = fixture;
    let (now, email) = (now_micros(), format!("{}@example.com", Uuid::new_v4()));
    let (first, second) = (hash(), hash());
    assert!(store.share(sheet, (&email, Role::Viewer), 100, owner).await?);
    store.put_link(&first, LinkFor::Invite(&email, Some(owner)), now + 60_000_000).await?;
    store.put_link(&second, LinkFor::Invite(&email, None), now + 60_000_000).await?;
    for (link, is_operator) in [(&first, false), (&second, true)] {
        assert_eq!(store.invited(link, now).await?, Some((email.clone(), is_operator)));
        assert_eq!(store.invited(link, now + 60_000_000).await?, None, "has expired");
        assert!(store.account_of_link(link, LinkPurpose::Invite, now).await?.is_none());
    }
    // It ends with the share, and with the account that invites; the operator's stays.
    assert!(store.unshare(sheet, &email, owner).await?);
    assert_eq!(store.invited(&first, now).await?, None);
    assert!(store.share(sheet, (&email, Role::Viewer), 100, owner).await?);
    assert!(store.invited(&first, now).await?.is_some());
    assert!(store.invitation_to(sheet, owner, &email).await?.is_some());
    let disable = "update accounts set disabled_at = now() where id = $1";
    connect(&config).await.execute(disable, &[&owner.0]).await?;
    assert_eq!(store.invited(&first, now).await?, None);
    assert_eq!(store.invitation_to(sheet, owner, &email).await?, None);
    assert!(store.invited(&second, now).await?.is_some());
    store.create_account(&account(&email)).await?;
    assert_eq!(store.invited(&second, now).await?, None);
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_not_confirmed_is_taken_once_with_its_links() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let (now, email) = (now_micros(), format!("{}@example.com", Uuid::new_v4()));
    let mut squatted = account(&email);
    squatted.state = AccountState::Unconfirmed;
    store.create_account(&squatted).await?;
    let (confirm, password) = (hash(), hash());
    store.put_link(&confirm, LinkFor::Confirm(squatted.id), now + 60_000_000).await?;
    store.put_link(&password, LinkFor::Password(squatted.id), now + 60_000_000).await?;
    assert_eq!(store.take_unconfirmed(&email, "$owner", "Owner").await?, Some(squatted.id));
    let taken = store.account(squatted.id).await?.ok_or("known")?;
    assert_eq!((&*taken.password_hash, &*taken.display_name), ("$owner", "Owner"));
    assert_eq!(taken.state, AccountState::Active);
    for (link, purpose) in [(&confirm, LinkPurpose::Confirm), (&password, LinkPurpose::Password)] {
        assert!(store.account_of_link(link, purpose, now).await?.is_none());
    }
    assert_eq!(store.take_unconfirmed(&email, "$other", "Other").await?, None, "is confirmed");
    Ok(())
}
