//! The original of a file that is deleted: the tables stay, and its bytes go.
//!
//! Not what a call allows. Invariants: each test has accounts of its own; those that sweep hold [`SWEEPS`].

use model::limits::files::DOWNLOAD_LINK_LASTS;
use serde_json::json;
use store::{DeletedOriginal, MadeLink, NewJob};

use super::sweeps::{age_contents, is_known, unused};
use super::tables::{DRAFT_BYTES, attempt, commit};
use super::{SWEEPS, content_of, file, further_account, unique_digest};
use crate::jobs::{job, kind};
use crate::support::{Fixture, Outcome, connect};

#[tokio::test]
async fn the_tables_of_a_file_stay_without_its_original() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let id = made.id;
    assert_eq!(store.delete_original((owner, id), None, &[]).await?, DeletedOriginal::NoTables);
    let table = commit(&store, attempt(&store, owner).await, owner, id).await;
    let stranger = further_account(&store).await;
    assert_eq!(store.delete_original((stranger, id), None, &[]).await?, DeletedOriginal::NoFile);
    let before = store.file_usage(owner).await?;

    let of = (owner, id);
    let other = store.delete_original(of, Some(made.version + 1), &[]).await?;
    assert_eq!(other, DeletedOriginal::OtherVersion);
    let deleted = store.delete_original(of, Some(made.version), &[]).await?;
    let DeletedOriginal::File(left) = deleted else { panic!("{deleted:?}") };
    assert_eq!((left.original, left.pieces.bytes, left.version), (None, 10, made.version + 1));
    assert!(left.original_deleted_micros.is_some());
    let again = store.delete_original(of, Some(made.version), &[]).await?;
    assert_eq!(again, DeletedOriginal::File(left.clone()), "once more changes nothing");
    assert_eq!(store.file(owner, id).await?, Some(left));
    let usage = store.file_usage(owner).await?;
    assert_eq!((usage.used, usage.leaving, usage.files), (before.used, 10, before.files));
    let secret = unique_digest().0;
    let link = store.make_file_link(owner, id, &secret, DOWNLOAD_LINK_LASTS, 9).await?;
    assert_eq!(link, MadeLink::NoFile);

    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&content_of(&made)) && !found.contains(&table), "{found:?}");
    store.delete_content(content_of(&made)).await?;
    assert!(!is_known(&sql, content_of(&made)).await);
    assert_eq!(store.file_usage(owner).await?.used, DRAFT_BYTES);
    assert_eq!(store.file_tables(owner, id).await?.len(), 1);
    store.rename_file(owner, id, "b.csv", None).await?;
    store.remove_file(owner, id).await?;
    assert_eq!(store.delete_original((owner, id), None, &[]).await?, DeletedOriginal::NoFile);
    assert!(store.restore_file(owner, id).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn an_original_stays_while_a_table_of_it_has_lost_a_part() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let table = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    assert!(store.note_damage(table).await?);
    assert_eq!(
        store.delete_original((owner, made.id), None, &[]).await?,
        DeletedOriginal::NoTables
    );
    commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let deleted = store.delete_original((owner, made.id), None, &[]).await?;
    assert!(matches!(deleted, DeletedOriginal::File(_)), "{deleted:?}");
    Ok(())
}

#[tokio::test]
async fn a_content_that_another_file_has_stays_and_a_reading_is_waited_for() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let digest = unique_digest();
    let (made, _) = file(&store, owner, "a.csv", 10, digest).await;
    let (other, known) = file(&store, owner, "b.csv", 10, digest).await;
    assert!(known);
    commit(&store, attempt(&store, owner).await, owner, made.id).await;

    // Also one of an account that has lost its role.
    let (kind, reader) = (kind(), further_account(&store).await);
    let parameters = json!({"file": made.id.to_string()});
    let reading = NewJob { account: Some(reader), secret: None, parameters, ..job(kind) };
    assert!(store.enqueue(&reading).await?);
    let refused = store.delete_original((owner, made.id), None, &[kind]).await?;
    assert_eq!(refused, DeletedOriginal::IsRead);
    // That of the second upload, whose content was known.
    let leaving = store.file_usage(owner).await?.leaving;
    let deleted = store.delete_original((owner, made.id), None, &["another-kind"]).await?;
    assert!(matches!(deleted, DeletedOriginal::File(_)), "{deleted:?}");

    age_contents(&sql, owner).await;
    assert!(!unused(&store).await.contains(&content_of(&other)), "another file has it");
    assert_eq!(store.file_usage(owner).await?.leaving, leaving);
    let (third, known) = file(&store, owner, "c.csv", 10, digest).await;
    assert_eq!((content_of(&third), known), (content_of(&other), true));
    Ok(())
}
