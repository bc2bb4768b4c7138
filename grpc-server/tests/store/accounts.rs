//! Accounts and tokens: found again, unique where they must be, deleted on request.

use model::AccountId;
use store::StoreError;

use crate::support::{Fixture, Outcome, account, connect};

#[tokio::test]
async fn an_account_is_found_by_its_email_and_is_the_only_one_with_it() -> Outcome {
    let Fixture { store, .. } = Fixture::new().await;
    let email = format!("grace.{}@example.com", uuid::Uuid::new_v4());
    let grace = account(&email);
    store.create_account(&grace).await?;
    assert_eq!(store.account_by_email(&email).await?, Some(grace.clone()));
    assert_eq!(store.account(grace.id).await?, Some(grace));
    assert_eq!(store.account_by_email("unknown@example.com").await?, None);
    assert_eq!(store.account_by_email("\0").await?, None);

    let again = store.create_account(&account(&email)).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists("account"))), "{again:?}");
    Ok(())
}

/// One that no other test has.
fn hash() -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    hash
}

#[tokio::test]
async fn a_token_stands_for_its_account_until_it_is_forgotten() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (first, second) = (hash(), hash());
    let password = store.account(owner).await?.ok_or("known")?.password_hash;
    store.insert_token(&first, (owner, &password), 1_000_000, "").await?;
    store.insert_token(&second, (owner, &password), 3_000_000, "").await?;
    let found = store.token(&first).await?.ok_or("known")?;
    assert_eq!((found.account.id, found.expires_micros), (owner, 1_000_000));

    assert!(store.delete_expired_tokens(2_000_000).await? >= 1);
    assert_eq!(store.token(&first).await?, None);
    assert!(store.delete_token(&second).await?);
    assert!(!store.delete_token(&second).await?);
    assert_eq!(store.token(&second).await?, None);

    for strange in [(AccountId::generate(), &*password), (owner, "a former password")] {
        let refused = store.insert_token(&first, strange, 0, "").await;
        assert!(matches!(refused, Err(StoreError::NotFound("account"))), "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_account_without_a_password_has_tokens_until_it_gets_one() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let client = connect(&config).await;
    client.execute("update accounts set password_hash = null where id = $1", &[&owner.0]).await?;
    let guest = store.account(owner).await?.ok_or("known")?;
    store.insert_token(&hash(), (owner, &guest.password_hash), i64::MAX / 2, "").await?;
    client.execute("update accounts set password_hash = '$new' where id = $1", &[&owner.0]).await?;
    let late = store.insert_token(&hash(), (owner, &guest.password_hash), i64::MAX / 2, "").await;
    assert!(matches!(late, Err(StoreError::NotFound("account"))), "{late:?}");
    Ok(())
}
