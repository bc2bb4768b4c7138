//! What the sweep ends and deletes, and what it leaves; the place of the files.
//!
//! Not the objects. Invariant: a content that a file or an upload names is never marked, and a marked one is never shared.

use std::time::Duration;

use model::limits::FileLimits;
use model::limits::files::PIECE_BYTES;
use model::{AccountId, ContentId, FileUsage};
use store::{Started, Store};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{SWEEPS, WIDE, content_of, file, finish, new, note, start, unique_digest, wide_store};
use crate::support::{Fixture, Outcome, connect};

const HOUR: Duration = Duration::from_secs(60 * 60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// All contents that are unused for an hour, by a few.
pub(super) async fn unused(store: &Store) -> Vec<ContentId> {
    let mut all = Vec::new();
    loop {
        let contents = store.unused_contents(HOUR, 3).await.expect("an answer");
        assert!(contents.len() <= 3);
        if contents.is_empty() {
            return all;
        }
        all.extend(contents);
    }
}

/// Makes a time of all rows of an account 40 days earlier, so that a sweep is due.
async fn age(sql: &Client, owner: AccountId, table: &str, column: &str) {
    let older = format!(
        "update {table} set {column} = {column} - interval '40 days'
        where owner = $1 and {column} is not null"
    );
    sql.execute(&older, &[&owner.0]).await.expect("is older");
}

pub(super) async fn age_contents(sql: &Client, owner: AccountId) {
    age(sql, owner, "file_contents", "released_at").await;
}

/// Whether a content has a row.
pub(super) async fn is_known(sql: &Client, content: ContentId) -> bool {
    let count = "select count(*) from file_contents where id = $1";
    let count = sql.query_one(count, &[&content.0]).await.expect("an answer");
    count.get::<_, i64>(0) == 1
}

#[tokio::test]
async fn a_content_without_a_row_is_given_after_a_week() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let sql = connect(&config).await;
    let upload = start(&store, owner, "a.bin", 10).await;
    let (stray, later) = (ContentId::generate(), ContentId::generate());
    let all = [upload.content, stray, later];
    for _ in 0..2 {
        assert_eq!(store.stray_contents(&all, WEEK).await?, [], "seen a moment ago");
    }
    let older =
        "update file_strays set seen_at = seen_at - interval '8 days' where content = any($1)";
    sql.execute(older, &[&vec![stray.0, later.0]]).await?;
    assert_eq!(store.stray_contents(&all[..2], WEEK).await?, [stray], "of those that are given");
    // As after the restoration of a later database.
    let row = "insert into file_contents (id, owner, bytes, piece_bytes) values ($1, $2, 1, 1)";
    sql.execute(row, &[&later.0, &owner.0]).await?;
    assert_eq!(store.stray_contents(&all, WEEK).await?, [stray]);
    store.forget_stray(stray).await?;
    assert_eq!(store.stray_contents(&all, WEEK).await?, []);
    Ok(())
}

#[tokio::test]
async fn an_upload_without_pieces_for_a_week_ends() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (old, alive) =
        (start(&store, owner, "a.bin", 10).await, start(&store, owner, "b.bin", 10).await);
    age(&sql, owner, "file_uploads", "last_at").await;
    note(&store, &alive, 0).await;
    while store.end_stale_uploads(WEEK, 1).await? > 0 {}
    assert_eq!(store.upload(owner, old.id).await?, None);
    assert!(store.upload(owner, alive.id).await?.is_some());
    let usage =
        FileUsage { used: 10, files: 1, uploads: 1, leaving_contents: 1, ..FileUsage::default() };
    assert_eq!(store.file_usage(owner).await?, usage);

    assert!(!unused(&store).await.contains(&old.content), "it is unused for less than an hour");
    age_contents(&sql, owner).await;
    let contents = unused(&store).await;
    assert!(contents.contains(&old.content) && !contents.contains(&alive.content));
    Ok(())
}

#[tokio::test]
async fn what_was_cancelled_or_deleted_counts_until_it_is_swept() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let full = u64::from(PIECE_BYTES);
    let limits = FileLimits { account_file_bytes: 2 * full, ..WIDE };
    let upload = start(&store, owner, "a.bin", 2 * full).await;
    note(&store, &upload, 1).await;
    store.cancel_upload(owner, upload.id).await?;
    let arrived =
        FileUsage { used: full, leaving: full, leaving_contents: 1, ..FileUsage::default() };
    assert_eq!(store.file_usage(owner).await?, arrived, "the piece that has arrived");
    let (made, _) = file(&store, owner, "b.bin", 10, unique_digest()).await;
    store.delete_file_for_good(owner, made.id).await?;
    let both = FileUsage { used: full + 10, leaving: full + 10, leaving_contents: 2, ..arrived };
    assert_eq!(store.file_usage(owner).await?, both);
    let refused = store.start_upload(new(owner, "c.bin", full), &limits).await?;
    assert_eq!(refused, Started::Full(both));
    let few = FileLimits { account_files: 2, ..WIDE };
    let refused = store.start_upload(new(owner, "c.bin", 0), &few).await?;
    assert_eq!(refused, Started::TooManyFiles(both));

    age_contents(&sql, owner).await;
    let unused = unused(&store).await;
    assert_eq!(store.file_usage(owner).await?, both, "marked ones have their pieces still");
    for content in unused {
        store.delete_content(content).await?;
    }
    assert_eq!(store.file_usage(owner).await?, FileUsage::default());
    let started = store.start_upload(new(owner, "c.bin", 2 * full), &limits).await?;
    assert!(matches!(started, Started::Upload(_)), "{started:?}");
    Ok(())
}

#[tokio::test]
async fn a_removed_file_is_deleted_after_a_month_and_its_content_with_the_last_file() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let digest = unique_digest();
    let (removed, _) = file(&store, owner, "a.bin", 10, digest).await;
    let (kept, _) = file(&store, owner, "b.bin", 10, digest).await;
    let (restored, _) = file(&store, owner, "c.bin", 10, unique_digest()).await;
    for id in [removed.id, restored.id] {
        store.remove_file(owner, id).await?;
    }
    age(&sql, owner, "files", "removed_at").await;
    store.restore_file(owner, restored.id).await?;
    while store.delete_removed_files(MONTH, 1).await? > 0 {}
    assert_eq!(store.file(owner, removed.id).await?, None);
    assert!(store.file(owner, restored.id).await?.is_some());

    age_contents(&sql, owner).await;
    assert!(!unused(&store).await.contains(&content_of(&kept)), "a file has the content");
    store.delete_content(content_of(&kept)).await?;
    assert!(is_known(&sql, content_of(&kept)).await, "it was not marked");
    assert_eq!(store.piece_digests(content_of(&kept), 0, 10).await?.len(), 1);

    assert!(store.delete_file_for_good(owner, kept.id).await?);
    assert!(!store.delete_file_for_good(owner, kept.id).await?);
    age_contents(&sql, owner).await;
    assert!(unused(&store).await.contains(&content_of(&kept)));
    assert!(!unused(&store).await.contains(&content_of(&kept)), "it was given a moment ago");
    age_contents(&sql, owner).await;
    assert!(unused(&store).await.contains(&content_of(&kept)), "its deletion did not end");
    store.delete_content(content_of(&kept)).await?;
    store.delete_content(content_of(&kept)).await?;
    assert!(!is_known(&sql, content_of(&kept)).await);
    assert_eq!(store.piece_digests(content_of(&kept), 0, 10).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_content_that_the_sweep_has_marked_is_shared_by_no_file() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let digest = unique_digest();
    let (first, _) = file(&store, owner, "a.bin", 10, digest).await;
    store.delete_file_for_good(owner, first.id).await?;
    // Unused, and not marked yet.
    let (second, known) = file(&store, owner, "a.bin", 10, digest).await;
    assert_eq!((content_of(&second), known), (content_of(&first), true));
    age_contents(&sql, owner).await;
    let contents = unused(&store).await;
    assert!(!contents.contains(&content_of(&first)), "the second file has saved it");

    store.delete_file_for_good(owner, second.id).await?;
    age_contents(&sql, owner).await;
    assert!(unused(&store).await.contains(&content_of(&first)));
    let (third, known) = file(&store, owner, "a.bin", 10, digest).await;
    assert!(!known && content_of(&third) != content_of(&first));
    store.delete_content(content_of(&first)).await?;
    assert!(is_known(&sql, content_of(&third)).await && !is_known(&sql, content_of(&first)).await);
    let (fourth, known) = file(&store, owner, "b.bin", 10, digest).await;
    assert_eq!((content_of(&fourth), known), (content_of(&third), true));
    Ok(())
}

#[tokio::test]
async fn a_sweep_beside_the_end_of_an_upload_takes_no_content_of_a_file() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (wide_store(&fixture).await, fixture.owner);
    let (_guard, sql) = (SWEEPS.lock().await, connect(&fixture.config).await);
    unused(&store).await;
    for _ in 0..25 {
        let digest = unique_digest();
        let (before, _) = file(&store, owner, "a.bin", 10, digest).await;
        let upload = start(&store, owner, "b.bin", 10).await;
        note(&store, &upload, 0).await;
        store.delete_file_for_good(owner, before.id).await?;
        age_contents(&sql, owner).await;
        let sweep = async {
            let contents = store.unused_contents(HOUR, 100).await.expect("an answer");
            for content in &contents {
                store.delete_content(*content).await.expect("is deleted");
            }
            contents
        };
        let ((made, known), swept) = tokio::join!(finish(&store, &upload, digest), sweep);
        assert_eq!(known, content_of(&made) == content_of(&before));
        assert_eq!(known, !swept.contains(&content_of(&before)));
        assert!(!swept.contains(&content_of(&made)));
        assert!(is_known(&sql, content_of(&made)).await);
        assert_eq!(store.piece_digests(content_of(&made), 0, 10).await?.len(), 1);
        store.delete_file_for_good(owner, made.id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sweeps_beside_calls_of_the_owner_end_without_a_deadlock() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (wide_store(&fixture).await, fixture.owner);
    let _guard = SWEEPS.lock().await;
    let digests = [unique_digest(), unique_digest(), unique_digest()];
    let calls = async {
        for at in 0..30 {
            let (made, _) = file(&store, owner, "a.bin", 10, digests[at % 3]).await;
            store.remove_file(owner, made.id).await.expect("is removed");
            if at % 2 == 0 {
                store.delete_file_for_good(owner, made.id).await.expect("is deleted");
            }
        }
    };
    // As a sweep for which everything is old; the rows are those of this test.
    let sql = connect(&fixture.config).await;
    let sweeps = async {
        for _ in 0..30 {
            age(&sql, owner, "files", "removed_at").await;
            store.delete_removed_files(MONTH, 100).await.expect("is swept");
            age_contents(&sql, owner).await;
            for content in store.unused_contents(HOUR, 100).await.expect("an answer") {
                store.delete_content(content).await.expect("is deleted");
            }
        }
    };
    tokio::join!(calls, sweeps);
    let lost = "select count(*) from files
        join file_contents on file_contents.id = files.content and is_leaving where files.owner = $1";
    assert_eq!(sql.query_one(lost, &[&owner.0]).await?.get::<_, i64>(0), 0);
    Ok(())
}

#[tokio::test]
async fn of_two_places_that_are_claimed_at_once_one_is_the_place() -> Outcome {
    let fixture = Fixture::new().await;
    let store = wide_store(&fixture).await;
    // The table has one row for all tests, and no other one needs it.
    connect(&fixture.config).await.execute("delete from file_place", &[]).await?;
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    for id in [one, other, one] {
        store.offer_file_place(id).await?;
    }
    assert_eq!(store.claim_file_place(Uuid::new_v4()).await?, None, "another database's marker");
    assert_eq!(store.file_place().await?, None);
    let (first, second) =
        tokio::try_join!(store.claim_file_place(one), store.claim_file_place(other))?;
    assert_eq!(first, second, "both learn which one it is");
    let place = first.ok_or("a place")?;
    assert!([one, other].contains(&place));
    assert_eq!(store.file_place().await?, Some(place));
    assert_eq!(store.claim_file_place(place).await?, Some(place));
    assert_eq!(store.claim_file_place(Uuid::new_v4()).await?, None);
    Ok(())
}
