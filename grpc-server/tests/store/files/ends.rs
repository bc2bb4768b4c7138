//! The files of an account that has ended, and of one that is deleted.
//!
//! Not the account itself. Invariant: nothing of it names a content afterwards, so the sweep deletes all of them.

use std::time::Duration;

use model::FileUsage;
use store::{Finished, Started, StoreError};

use super::sweeps::{age_contents, is_known, unused};
use super::{SWEEPS, WIDE, content_of, file, new, note, start, unique_digest};
use crate::support::{Fixture, Outcome, connect};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn the_files_of_an_ended_account_go_with_the_next_sweep() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let mut contents = Vec::new();
    for at in 0..3 {
        let (made, _) = file(&store, owner, "a.bin", 10, unique_digest()).await;
        contents.push(content_of(&made));
        if at == 0 {
            store.remove_file(owner, made.id).await?;
        }
    }
    let upload = start(&store, owner, "b.bin", 10).await;
    note(&store, &upload, 0).await;
    contents.push(upload.content);
    assert!(store.end_account(owner, "$argon2id$").await?.is_some());
    assert_eq!(store.uploads(owner).await?, []);
    let refused = store.start_upload(new(owner, "c.bin", 10), &WIDE).await;
    assert!(matches!(refused, Err(StoreError::NotFound("account"))), "{refused:?}");
    let finished = store.finish_upload(owner, upload.id, unique_digest()).await?;
    assert_eq!(finished, Finished::NoUpload);
    assert_eq!(store.file_usage(owner).await?.files, 3, "the sweep deletes them in parts");

    while store.delete_removed_files(30 * DAY, 2).await? > 0 {}
    let leaving = FileUsage { used: 40, leaving: 40, leaving_contents: 4, ..FileUsage::default() };
    assert_eq!(store.file_usage(owner).await?, leaving);
    let purges = "select count(*) from file_purges where account = $1";
    assert_eq!(sql.query_one(purges, &[&owner.0]).await?.get::<_, i64>(0), 0);
    age_contents(&sql, owner).await;
    let unused = unused(&store).await;
    assert!(contents.iter().all(|content| unused.contains(content)), "{unused:?}");
    for content in &contents {
        store.delete_content(*content).await?;
    }
    for content in contents {
        assert!(!is_known(&sql, content).await);
    }
    assert_eq!(store.file_usage(owner).await?, FileUsage::default());
    Ok(())
}

#[tokio::test]
async fn an_upload_beside_the_end_of_its_account_leaves_no_file() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    // The sweep of another test would delete the file.
    let _guard = SWEEPS.lock().await;
    let upload = start(store, owner, "a.bin", 10).await;
    note(store, &upload, 0).await;
    let (finished, started, ended) = tokio::join!(
        store.finish_upload(owner, upload.id, unique_digest()),
        store.start_upload(new(owner, "b.bin", 10), &WIDE),
        store.end_account(owner, "$argon2id$"),
    );
    assert!(ended?.is_some());
    assert!(matches!(started, Ok(Started::Upload(_)) | Err(StoreError::NotFound("account"))));
    assert!(matches!(finished?, Finished::File { .. } | Finished::NoUpload));
    assert_eq!(store.uploads(owner).await?, []);
    while store.delete_removed_files(30 * DAY, 100).await? > 0 {}
    let usage = store.file_usage(owner).await?;
    assert_eq!((usage.files, usage.used), (0, usage.leaving));
    Ok(())
}

#[tokio::test]
async fn an_account_is_deleted_with_its_files_and_leaves_their_contents_to_the_sweep() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (made, _) = file(&store, owner, "a.bin", 10, unique_digest()).await;
    let upload = start(&store, owner, "b.bin", 10).await;
    // As a guest whose token has ended: nothing has ended its uploads.
    let gone = "update accounts set email = null, password_hash = null,
        created_at = now() - interval '100 days' where id = $1";
    sql.execute(gone, &[&owner.0]).await?;
    store.delete_gone_accounts(90 * DAY, 7 * DAY).await?;
    assert!(store.account(owner).await?.is_none());
    assert_eq!(store.file(owner, made.id).await?, None);
    assert_eq!(store.uploads(owner).await?, []);
    age_contents(&sql, owner).await;
    let unused = unused(&store).await;
    assert!(unused.contains(&content_of(&made)) && unused.contains(&upload.content));
    Ok(())
}
