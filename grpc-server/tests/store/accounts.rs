//! Accounts and tokens: found again, unique where they must be, deleted on request.

use std::time::Duration;

use model::{AccountId, Role, now_micros};
use store::{Renewal, Renewed, StoreError};

use crate::support::{Fixture, Outcome, account, connect, new_sheet};

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

/// A renewal of a token by another one, each with its end.
fn renewal<'a>(
    (old, old_ends_micros): (&'a [u8; 32], i64),
    (new, expires_micros): (&'a [u8; 32], i64),
) -> Renewal<'a> {
    let sign_in_valid = Duration::from_secs(24 * 60 * 60);
    Renewal { old, old_ends_micros, new, expires_micros, sign_in_valid, device: "" }
}

/// Ways in which a token or its account ends.
const ENDS: [&str; 5] = [
    "delete from tokens where account = $1",
    "update tokens set expires_at = now() where account = $1",
    "update tokens set account = (select id from accounts where id <> $1 limit 1) where account = $1",
    "update accounts set disabled_at = now() where id = $1",
    "update accounts set ended_at = now() where id = $1",
];

#[tokio::test]
async fn no_ended_token_gives_another_one() -> Outcome {
    let minute = 60_000_000;
    for end in std::iter::once(None).chain(ENDS.map(Some)) {
        let Fixture { store, config, owner } = Fixture::new().await;
        let (old, new, later) = (hash(), hash(), now_micros() + 10 * minute);
        let password = store.account(owner).await?.ok_or("known")?.password_hash;
        store.insert_token(&old, (owner, &password), later, "").await?;
        assert!(store.invalid_tokens(&[old]).await?.is_empty());
        if let Some(end) = end {
            connect(&config).await.execute(end, &[&owner.0]).await?;
        }
        let old_ends_micros = now_micros() + minute;
        let renewal = renewal((&old, old_ends_micros), (&new, later));
        let renewed = store.renew_token(owner, renewal).await;
        if end.is_some() {
            assert!(matches!(renewed, Err(StoreError::NotFound("token"))), "{end:?}: {renewed:?}");
            assert_eq!(store.token(&new).await?, None, "{end:?}");
            continue;
        }
        assert_eq!(renewed?, Renewed::Token { expires_micros: later, ended: Vec::new() });
        let expiry = store.token(&old).await?.ok_or("is kept a little")?.expires_micros;
        assert_eq!(expiry, old_ends_micros);
        assert_eq!(store.token(&new).await?.ok_or("is there")?.expires_micros, later);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_renewal_survives_the_end_of_all_tokens_beside_it() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let password = store.account(owner).await?.ok_or("known")?.password_hash;
    let later = now_micros() + 600_000_000;
    for round in 0..20 {
        let (old, new) = (hash(), hash());
        store.insert_token(&old, (owner, &password), later, "").await?;
        let renewal = renewal((&old, later), (&new, later));
        // Every other time the sign-in ends that the token comes from.
        let end = async {
            match round % 2 {
                0 => store.end_tokens(owner).await,
                _ => store.end_sign_in(owner, &old).await,
            }
        };
        let (renewed, ended) = tokio::join!(store.renew_token(owner, renewal), end);
        ended?;
        assert!(
            matches!(renewed, Ok(Renewed::Token { .. }) | Err(StoreError::NotFound("token"))),
            "{renewed:?}"
        );
        for token in [&old, &new] {
            assert_eq!(store.token(token).await?, None, "round {round}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_expired_token_is_as_invalid_as_an_unknown_one() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let password = store.account(owner).await?.ok_or("known")?.password_hash;
    let (valid, expired, unknown) = (hash(), hash(), hash());
    for (token, until) in [(&valid, now_micros() + 60_000_000), (&expired, now_micros() - 1)] {
        store.insert_token(token, (owner, &password), until, "").await?;
    }
    let mut invalid = store.invalid_tokens(&[valid, expired, unknown]).await?;
    invalid.sort_unstable();
    let mut expected = vec![expired, unknown];
    expected.sort_unstable();
    assert_eq!(invalid, expected);
    Ok(())
}

#[tokio::test]
async fn a_look_at_the_tokens_of_open_sessions_notes_their_use() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let password = store.account(owner).await?.ok_or("known")?.password_hash;
    let token = hash();
    store.insert_token(&token, (owner, &password), now_micros() + 60_000_000, "").await?;
    let sql = connect(&config).await;
    let long_ago = "update tokens set used_at = now() - interval '1 hour' where hash = $1";
    assert_eq!(sql.execute(long_ago, &[&token.as_slice()]).await?, 1);
    assert!(store.invalid_tokens(&[token]).await?.is_empty());
    let used = store.tokens_of(owner).await?.first().ok_or("is listed")?.used_micros;
    assert!(now_micros() - used < 60_000_000, "{used}");
    Ok(())
}

#[tokio::test]
async fn an_ended_account_gets_no_token_and_no_sheet() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let other = account(&format!("{}@example.com", uuid::Uuid::new_v4()));
    store.create_account(&other).await?;
    let (deleted, kept) = (fixture.sheet(1).await, fixture.sheet(1).await);
    store.delete_sheet(deleted.id, Some(owner)).await?;
    assert!(store.transfer(kept.id, owner, other.id).await?);
    let password = store.account(owner).await?.ok_or("known")?.password_hash;
    assert!(store.end_account(owner, &password).await?.is_some());
    let refused = store.insert_token(&hash(), (owner, ""), i64::MAX / 2, "").await;
    assert!(matches!(refused, Err(StoreError::NotFound("account"))), "{refused:?}");
    for (rows, columns) in [(1, true), (0, false)] {
        let mut new = new_sheet(owner, rows);
        if !columns {
            new.columns.clear();
        }
        let made = store.create_sheet(&new).await;
        assert!(matches!(made, Err(StoreError::NotFound("account"))), "{made:?}");
        assert_eq!(store.load_sheet(new.id).await?, None);
    }
    let back = store.undelete_sheet(deleted.id).await;
    assert!(matches!(back, Err(StoreError::NotFound("sheet"))), "{back:?}");
    assert!(!store.transfer(kept.id, other.id, owner).await?);
    assert_eq!(store.owned_sheets(owner).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_sheet_goes_to_no_account_that_cannot_sign_in() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(1).await);
    let client = connect(&fixture.config).await;
    for state in ["disabled_at = now()", "unconfirmed = true"] {
        let email = format!("{}@example.com", uuid::Uuid::new_v4());
        let other = account(&email);
        store.create_account(&other).await?;
        assert!(store.share(sheet.id, (&email, Role::Editor), 100, fixture.owner).await?);
        store.note_first_use(sheet.id, other.id).await?;
        assert_eq!(store.has_opened(sheet.id, &email).await?, Some(other.id));
        let set = format!("update accounts set {state} where id = $1");
        client.execute(&set, &[&other.id.0]).await?;
        assert_eq!(store.has_opened(sheet.id, &email).await?, None, "{state}");
        assert!(!store.transfer(sheet.id, fixture.owner, other.id).await?, "{state}");
    }
    Ok(())
}
