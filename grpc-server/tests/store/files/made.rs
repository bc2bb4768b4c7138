//! Files that attempts at jobs make: once, within the limits of their owner, with shared contents.
//!
//! Not their bytes. Invariants: an attempt that has lost its job makes no file; each test has accounts of its own.

use model::limits::FileLimits;
use model::{AccountId, ContentDigest, ContentId, FileId, FileRecord, FileUsage};
use serde_json::json;
use store::{CommittedFile, Hold, MadeFile, Store};

use super::sweeps::{age_contents, unused};
use super::tables::{DRAFT_BYTES, attempt, draft};
use super::{SWEEPS, WIDE, content_of, digest_of, file, piece, unique_digest};
use crate::support::{Fixture, Outcome, connect};

async fn commit(
    store: &Store,
    (hold, owner): (Hold, AccountId),
    (content, digest): (ContentId, ContentDigest),
    limits: &FileLimits,
) -> CommittedFile {
    let result = &json!({"content": content.to_string()});
    let made = MadeFile { id: FileId(hold.job.0), content, name: "Größe.csv", digest, result };
    store.commit_made_file(hold, owner, made, limits).await.expect("an answer")
}

fn made(committed: CommittedFile) -> FileRecord {
    match committed {
        CommittedFile::File(file) => file,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_draft_becomes_a_file_with_the_id_of_its_job_once() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (hold, digest) = (attempt(&store, owner).await, unique_digest());
    let content = draft(&store, hold, owner).await;
    let first = made(commit(&store, (hold, owner), (content, digest), &WIDE).await);
    assert_eq!((first.id, &*first.name), (FileId(hold.job.0), "Größe.csv"));
    assert_eq!(
        (content_of(&first), digest_of(&first), first.pieces.bytes),
        (content, digest, DRAFT_BYTES)
    );
    assert_eq!(store.file(owner, first.id).await?.as_ref(), Some(&first));
    assert_eq!(store.piece_digests(content, 0, 10).await?, [piece(0), piece(1)]);
    let usage = FileUsage { used: DRAFT_BYTES, files: 1, ..FileUsage::default() };
    assert_eq!(store.file_usage(owner).await?, usage);
    // A later attempt finds it, and its draft is of no use.
    let further = draft(&store, hold, owner).await;
    let again = made(commit(&store, (hold, owner), (further, unique_digest()), &WIDE).await);
    assert_eq!(again, first);
    // It also finds the result of then, which no record shows before the job is done.
    let kept = json!({"content": content.to_string()});
    assert_eq!(store.kept_result(hold).await?, Some(kept.clone()));
    assert_eq!(store.kept_result(Hold { fence: hold.fence + 1, ..hold }).await?, None);
    assert_eq!(store.job(hold.job).await?.and_then(|job| job.result), None);
    store.leave_table_drafts(hold).await?;
    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&further) && !found.contains(&content), "{found:?}");
    assert!(store.finish_job(hold, &kept).await?);
    assert_eq!(store.job(hold.job).await?.and_then(|job| job.result), Some(kept));
    Ok(())
}

#[tokio::test]
async fn equal_contents_are_shared_and_what_was_written_is_swept() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let digest = unique_digest();
    let (known, _) = file(&store, owner, "a.csv", DRAFT_BYTES, digest).await;
    let hold = attempt(&store, owner).await;
    let content = draft(&store, hold, owner).await;
    let shared = made(commit(&store, (hold, owner), (content, digest), &WIDE).await);
    assert_eq!((content_of(&shared), digest_of(&shared)), (content_of(&known), digest));
    let usage = FileUsage {
        used: 2 * DRAFT_BYTES,
        leaving: DRAFT_BYTES,
        leaving_contents: 1,
        files: 2,
        ..FileUsage::default()
    };
    assert_eq!(store.file_usage(owner).await?, usage);
    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&content) && !found.contains(&content_of(&known)), "{found:?}");
    // A damaged content is shared no more.
    assert!(store.note_damage(content_of(&known)).await?);
    let hold = attempt(&store, owner).await;
    let content = draft(&store, hold, owner).await;
    let whole = made(commit(&store, (hold, owner), (content, digest), &WIDE).await);
    assert_eq!(content_of(&whole), content);
    Ok(())
}

#[tokio::test]
async fn a_file_that_its_owner_may_not_have_is_not_made() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    file(&store, owner, "a.csv", 10, unique_digest()).await;
    let (hold, digest) = (attempt(&store, owner).await, unique_digest());
    let content = draft(&store, hold, owner).await;
    let usage = FileUsage { used: 10 + DRAFT_BYTES, files: 1, ..FileUsage::default() };
    let full = FileLimits { account_file_bytes: 9 + DRAFT_BYTES, ..WIDE };
    let refused = commit(&store, (hold, owner), (content, digest), &full).await;
    assert_eq!(refused, CommittedFile::Full(usage));
    let one = FileLimits { account_files: 1, ..WIDE };
    let refused = commit(&store, (hold, owner), (content, digest), &one).await;
    assert_eq!(refused, CommittedFile::TooMany(usage));
    // The draft is still there.
    let two = FileLimits { account_files: 2, account_file_bytes: 10 + DRAFT_BYTES, ..WIDE };
    made(commit(&store, (hold, owner), (content, digest), &two).await);
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_has_lost_its_job_makes_no_file() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let hold = attempt(&store, owner).await;
    let content = draft(&store, hold, owner).await;
    // A content of another attempt is none of this one.
    let other = attempt(&store, owner).await;
    let foreign = commit(&store, (other, owner), (content, unique_digest()), &WIDE).await;
    assert_eq!(foreign, CommittedFile::Lost);
    assert!(store.give_back_job(hold).await?);
    let late = commit(&store, (hold, owner), (content, unique_digest()), &WIDE).await;
    assert_eq!(late, CommittedFile::Lost);
    for id in [hold, other].map(|hold| FileId(hold.job.0)) {
        assert_eq!(store.file(owner, id).await?, None);
    }
    let last = attempt(&store, owner).await;
    let content = draft(&store, last, owner).await;
    assert!(store.end_account(owner, "$argon2id$").await?.is_some());
    let ended = commit(&store, (last, owner), (content, unique_digest()), &WIDE).await;
    assert_eq!(ended, CommittedFile::NoOwner);
    Ok(())
}
