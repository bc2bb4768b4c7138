//! Mailed links in the table: used once, for their purpose alone; a new password ends every token of the account.

use model::{AccountState, now_micros};
use store::{LinkFor, LinkPurpose, Store};
use uuid::Uuid;

use crate::support::{Fixture, Outcome, account};

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
            store.confirm(link, now).await?.is_none() && store.invited(link, now).await?.is_none()
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
            false => assert_eq!(store.confirm(&link, now).await?, Some(new.id)),
        }
        assert_eq!(store.account(new.id).await?.ok_or("known")?.state, AccountState::Active);
        assert_eq!(store.confirm(&link, now).await?, None, "it is used");
    }
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_an_addresss_until_it_has_an_account() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (now, email) = (now_micros(), format!("{}@example.com", Uuid::new_v4()));
    let (first, second) = (hash(), hash());
    store.put_link(&first, LinkFor::Invite(&email, Some(owner)), now + 60_000_000).await?;
    store.put_link(&second, LinkFor::Invite(&email, None), now + 60_000_000).await?;
    for (link, is_operator) in [(&first, false), (&second, true)] {
        assert_eq!(store.invited(link, now).await?, Some((email.clone(), is_operator)));
        assert_eq!(store.invited(link, now + 60_000_000).await?, None, "has expired");
        assert!(store.account_of_link(link, LinkPurpose::Invite, now).await?.is_none());
    }
    store.end_invitations(&email).await?;
    assert_eq!(store.invited(&first, now).await?, None);
    Ok(())
}
