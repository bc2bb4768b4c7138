//! Links to downloads: the file to which one leads, how many an account has, and their end.
//!
//! Not the secrets. Invariant: a link that has ended, or whose file is removed, leads nowhere.

use std::time::Duration;

use futures_util::future::join_all;
use model::limits::files::{DOWNLOAD_LINK_LASTS, DOWNLOAD_LINKS};
use model::{AccountId, FileId, now_micros};
use store::{MadeLink, Store};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{SWEEPS, file, further_account, unique_digest, wide_store};
use crate::support::{Fixture, Outcome, connect};

/// A digest that no other link has.
fn unique_secret() -> [u8; 32] {
    unique_digest().0
}

async fn make(store: &Store, owner: AccountId, file: FileId, most: u32) -> (MadeLink, [u8; 32]) {
    let secret = unique_secret();
    let made = store.make_file_link(owner, file, &secret, DOWNLOAD_LINK_LASTS, most).await;
    (made.expect("an answer"), secret)
}

async fn end_links(sql: &Client, owner: AccountId) {
    let end = "update file_links set ends_at = now() - interval '1 second' where owner = $1";
    sql.execute(end, &[&owner.0]).await.expect("have ended");
}

async fn count(sql: &Client, owner: AccountId) -> i64 {
    let count = "select count(*) from file_links where owner = $1";
    sql.query_one(count, &[&owner.0]).await.expect("an answer").get(0)
}

#[tokio::test]
async fn a_link_leads_to_its_file_until_it_ends() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (made, _) = file(&store, owner, "a.bin", 10, unique_digest()).await;
    let (first, secret) = make(&store, owner, made.id, DOWNLOAD_LINKS).await;
    let MadeLink::Link { ends_micros } = first else { panic!("{first:?}") };
    let left = Duration::from_micros(u64::try_from(ends_micros - now_micros())?);
    assert!(left.abs_diff(DOWNLOAD_LINK_LASTS) < Duration::from_secs(60), "{left:?}");
    let (_, second) = make(&store, owner, made.id, DOWNLOAD_LINKS).await;
    for secret in [secret, second] {
        let linked = store.linked_file(&secret).await?.ok_or("a file")?;
        assert_eq!((&linked.file, linked.account), (&made, owner));
    }
    assert_eq!(store.linked_file(&unique_secret()).await?, None);

    store.remove_file(owner, made.id).await?;
    assert_eq!(store.linked_file(&secret).await?, None);
    assert_eq!(make(&store, owner, made.id, DOWNLOAD_LINKS).await.0, MadeLink::NoFile);
    store.restore_file(owner, made.id).await?;
    let renamed = store.linked_file(&secret).await?.ok_or("a file")?.file;
    assert_eq!((renamed.id, renamed.removed_micros), (made.id, None));

    end_links(&sql, owner).await;
    assert_eq!(store.linked_file(&secret).await?, None);
    let (_, last) = make(&store, owner, made.id, DOWNLOAD_LINKS).await;
    while store.delete_ended_file_links(1).await? > 0 {}
    assert_eq!(count(&sql, owner).await, 1, "the sweep deletes those that have ended alone");
    assert!(store.linked_file(&last).await?.is_some());
    store.delete_file_for_good(owner, made.id).await?;
    assert_eq!((store.linked_file(&last).await?, count(&sql, owner).await), (None, 0));
    Ok(())
}

#[tokio::test]
async fn an_account_has_a_number_of_links_and_none_to_files_of_others() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (wide_store(&fixture).await, fixture.owner);
    let sql = connect(&fixture.config).await;
    let (made, _) = file(&store, owner, "a.bin", 10, unique_digest()).await;
    let other = further_account(&store).await;
    assert_eq!(make(&store, other, made.id, 5).await.0, MadeLink::NoFile);
    assert_eq!(make(&store, owner, FileId(Uuid::new_v4()), 5).await.0, MadeLink::NoFile);
    let at_once = join_all((0..8).map(|_| make(&store, owner, made.id, 5))).await;
    let links = at_once.iter().filter(|(it, _)| matches!(it, MadeLink::Link { .. })).count();
    let refused = at_once.iter().filter(|(it, _)| *it == MadeLink::TooMany).count();
    assert_eq!((links, refused), (5, 3));
    end_links(&sql, owner).await;
    assert!(matches!(make(&store, owner, made.id, 5).await.0, MadeLink::Link { .. }));
    Ok(())
}

#[tokio::test]
async fn the_links_of_a_disabled_account_lead_nowhere_until_it_is_enabled() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let sql = connect(&config).await;
    let (made, _) = file(&store, owner, "a.bin", 10, unique_digest()).await;
    let (_, secret) = make(&store, owner, made.id, DOWNLOAD_LINKS).await;
    sql.execute("update accounts set disabled_at = now() where id = $1", &[&owner.0]).await?;
    assert_eq!(store.linked_file(&secret).await?, None);
    sql.execute("update accounts set disabled_at = null where id = $1", &[&owner.0]).await?;
    assert!(store.linked_file(&secret).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn the_links_of_an_ended_account_lead_nowhere() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    // The sweep of another test would delete the file.
    let _guard = SWEEPS.lock().await;
    let (made, _) = file(&store, owner, "a.bin", 10, unique_digest()).await;
    let (_, secret) = make(&store, owner, made.id, DOWNLOAD_LINKS).await;
    assert!(store.end_account(owner, "$argon2id$").await?.is_some());
    assert_eq!(store.linked_file(&secret).await?, None);
    assert_eq!(make(&store, owner, made.id, DOWNLOAD_LINKS).await.0, MadeLink::NoFile);
    Ok(())
}
