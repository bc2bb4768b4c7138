//! Password links in the table: used once, and the end of every token of the account.

use model::now_micros;
use store::Store;
use uuid::Uuid;

use crate::support::{Fixture, Outcome};

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
    let request = Uuid::new_v4();
    store.put_reset(request, &first, owner, later).await?;
    assert_eq!(store.reset_expiry(request).await?, Some(later));
    store.put_reset(request, &hash(), owner, later + 1).await?;
    assert_eq!(store.reset_expiry(request).await?, Some(later), "one link for a request");
    store.put_reset(Uuid::new_v4(), &second, owner, later).await?;
    store.put_reset(Uuid::new_v4(), &expired, owner, now).await?;
    assert!(store.account_of_reset(&expired, now).await?.is_none());
    assert!(store.reset_password(&expired, "$new", now).await?.is_none());

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
        store.put_reset(Uuid::new_v4(), &link, owner, now_micros() + 60_000_000).await?;
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
