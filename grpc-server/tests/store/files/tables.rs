//! The tables of files: written by attempts, replaced as a whole, counted, and deleted with their file.
//!
//! Not their bytes. Invariants: an attempt that has lost its job changes nothing; each test has accounts of its own, and those
//! that sweep hold [`SWEEPS`].

use model::limits::FileLimits;
use model::limits::files::PIECE_BYTES;
use model::{AccountId, ContentId, FileId, FileUsage, TableColumn, TableFacts, TableRecord};
use ot_engine::ColumnKind;
use serde_json::json;
use store::{CommittedTables, DraftPiece, Grown, Hold, NewJob, NewTable, Store};
use uuid::Uuid;

use super::sweeps::{age_contents, unused};
use super::{SWEEPS, WIDE, content_of, file, further_account, piece, unique_digest};
use crate::jobs::{job, kind, node, take};
use crate::support::{Fixture, Outcome, connect};

/// An attempt at a job of an account.
pub(super) async fn attempt(store: &Store, owner: AccountId) -> Hold {
    let kind = kind();
    let new = NewJob { account: Some(owner), secret: None, ..job(kind) };
    assert!(store.enqueue(&new).await.expect("is enqueued"));
    take(store, node(store).await, kind).await.pop().expect("the job").hold
}

async fn grow(
    store: &Store,
    hold: Hold,
    owner: AccountId,
    (content, number): (ContentId, u32),
    limits: &FileLimits,
) -> Grown {
    let digest = piece(number);
    let bytes = if number == 0 { PIECE_BYTES } else { 7 };
    let piece = DraftPiece { content, number, digest, bytes };
    store.grow_table_draft(hold, owner, piece, limits).await.expect("an answer")
}

/// A content of a piece and 7 bytes.
pub(super) async fn draft(store: &Store, hold: Hold, owner: AccountId) -> ContentId {
    let content = ContentId::generate();
    assert!(store.begin_table_draft(hold, owner, content).await.expect("an answer"));
    for number in [0, 1] {
        assert_eq!(grow(store, hold, owner, (content, number), &WIDE).await, Grown::Noted);
    }
    content
}

pub(super) const DRAFT_BYTES: u64 = PIECE_BYTES as u64 + 7;

fn facts(name: &str) -> TableFacts {
    let column = |name: &str, kind| TableColumn {
        name: name.to_owned(),
        kind,
        file_type: String::new(),
        misfits: 2,
    };
    TableFacts {
        columns: vec![column(name, ColumnKind::Number), column("", ColumnKind::Any)],
        doubts: vec!["Two values are no numbers.".to_owned()],
        repaired_rows: 1,
        delimiter: ";".to_owned(),
        encoding: "UTF-8".to_owned(),
    }
}

fn table(content: ContentId, name: &str) -> NewTable {
    NewTable { content, name: name.to_owned(), rows: 42, facts: facts(name) }
}

/// Gives a file one table, and ends the job.
pub(super) async fn commit(store: &Store, hold: Hold, owner: AccountId, id: FileId) -> ContentId {
    let content = draft(store, hold, owner).await;
    let tables = [table(content, "Größe")];
    let committed = store.commit_tables(hold, (owner, id), &tables).await.expect("an answer");
    assert_eq!(committed, CommittedTables::Tables);
    assert!(store.finish_job(hold, &json!({})).await.expect("an answer"));
    content
}

async fn contents(store: &Store, owner: AccountId, id: FileId) -> Vec<ContentId> {
    let tables = store.file_tables(owner, id).await.expect("an answer");
    tables.iter().map(|(table, _)| table.content).collect()
}

#[tokio::test]
async fn a_reading_replaces_all_tables_of_a_file() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.xlsx", 10, unique_digest()).await;
    assert_eq!(store.file_tables(owner, made.id).await?, []);
    let first = attempt(&store, owner).await;
    let two = [draft(&store, first, owner).await, draft(&store, first, owner).await];
    let tables = [table(two[0], "Stock"), table(two[1], "a\0b")];
    let committed = store.commit_tables(first, (owner, made.id), &tables).await?;
    assert_eq!(committed, CommittedTables::Tables);
    let found = store.file_tables(owner, made.id).await?;
    let TableRecord { number, name, content, pieces, rows, reading } = found[0].0.clone();
    assert_eq!((number, &*name, content, rows), (0, "Stock", two[0], 42));
    assert_eq!((pieces.bytes, reading), (DRAFT_BYTES, first.job.0));
    assert_eq!(found[0].1, facts("Stock"));
    assert_eq!(found[1].0.name, "a\u{fffd}b");
    let one = store.file_table(owner, made.id, 1).await?.ok_or("a table")?;
    assert_eq!(one, found[1].0);
    assert_eq!(store.piece_digests(two[1], 0, 10).await?, [piece(0), piece(1)]);
    for number in [2, u32::MAX] {
        assert_eq!(store.file_table(owner, made.id, number).await?, None);
    }
    let stranger = further_account(&store).await;
    assert_eq!(store.file_tables(stranger, made.id).await?, []);
    assert_eq!(store.file_table(stranger, made.id, 0).await?, None);

    let second = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    assert_eq!(contents(&store, owner, made.id).await, [second]);
    Ok(())
}

#[tokio::test]
async fn tables_and_drafts_count_until_their_contents_are_deleted() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let usage = |used| FileUsage { used, files: 1, ..FileUsage::default() };
    let hold = attempt(&store, owner).await;
    let content = draft(&store, hold, owner).await;
    assert_eq!(store.file_usage(owner).await?, usage(10 + DRAFT_BYTES));
    // The same piece once more: its answer was lost.
    assert_eq!(grow(&store, hold, owner, (content, 1), &WIDE).await, Grown::Noted);
    assert_eq!(store.file_usage(owner).await?, usage(10 + DRAFT_BYTES));
    let most = FileLimits { account_file_bytes: 10 + DRAFT_BYTES + 7, ..WIDE };
    assert_eq!(grow(&store, hold, owner, (content, 2), &most).await, Grown::Noted);
    let full = usage(10 + DRAFT_BYTES + 7);
    assert_eq!(grow(&store, hold, owner, (content, 3), &most).await, Grown::Full(full));
    store.fail_job(hold, "no room", true, std::time::Duration::ZERO).await?;
    let left = FileUsage { leaving: DRAFT_BYTES + 7, leaving_contents: 1, ..full };
    assert_eq!(store.file_usage(owner).await?, left, "its attempt has ended");

    let first = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let with_table = FileUsage { used: left.used + DRAFT_BYTES, ..left };
    assert_eq!(store.file_usage(owner).await?, with_table);
    let second = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    assert!(first != second);
    let replaced = FileUsage {
        used: with_table.used + DRAFT_BYTES,
        leaving: left.leaving + DRAFT_BYTES,
        leaving_contents: 2,
        ..with_table
    };
    assert_eq!(store.file_usage(owner).await?, replaced);
    store.remove_file(owner, made.id).await?;
    let removed = FileUsage { removed: 10 + DRAFT_BYTES, ..replaced };
    assert_eq!(store.file_usage(owner).await?, removed);
    store.delete_file_for_good(owner, made.id).await?;
    let gone =
        FileUsage { leaving: removed.used, leaving_contents: 4, removed: 0, files: 0, ..removed };
    assert_eq!(store.file_usage(owner).await?, gone);
    Ok(())
}

#[tokio::test]
async fn what_an_attempt_leaves_itself_is_swept_at_once() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let _guard = SWEEPS.lock().await;
    let (hold, other) = (attempt(&store, owner).await, attempt(&store, owner).await);
    let left = [draft(&store, hold, owner).await, draft(&store, hold, owner).await];
    let growing = draft(&store, other, owner).await;
    store.leave_table_drafts(hold).await?;
    let found = unused(&store).await;
    assert!(left.iter().all(|content| found.contains(content)), "{found:?}");
    assert!(!found.contains(&growing), "{found:?}");
    for content in left {
        store.delete_content(content).await?;
    }
    let usage = FileUsage { used: DRAFT_BYTES, ..FileUsage::default() };
    assert_eq!(store.file_usage(owner).await?, usage);
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_has_lost_its_job_writes_nothing() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let kept = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let hold = attempt(&store, owner).await;
    let content = draft(&store, hold, owner).await;
    assert!(store.give_back_job(hold).await?);
    assert!(!store.begin_table_draft(hold, owner, ContentId::generate()).await?);
    assert_eq!(grow(&store, hold, owner, (content, 2), &WIDE).await, Grown::Lost);
    let tables = [table(content, "late")];
    let late = store.commit_tables(hold, (owner, made.id), &tables).await?;
    assert_eq!(late, CommittedTables::Lost);

    // A content of another attempt is none of this one.
    let other = attempt(&store, owner).await;
    assert_eq!(grow(&store, other, owner, (content, 2), &WIDE).await, Grown::Lost);
    let foreign = store.commit_tables(other, (owner, made.id), &tables).await?;
    assert_eq!(foreign, CommittedTables::Lost);
    assert_eq!(contents(&store, owner, made.id).await, [kept]);
    Ok(())
}

#[tokio::test]
async fn a_removed_file_gets_no_tables_and_keeps_those_that_it_has() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let kept = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let hold = attempt(&store, owner).await;
    let tables = [table(draft(&store, hold, owner).await, "late")];
    store.remove_file(owner, made.id).await?;
    let refused = store.commit_tables(hold, (owner, made.id), &tables).await?;
    assert_eq!(refused, CommittedTables::NoFile);
    assert_eq!(contents(&store, owner, made.id).await, []);
    assert_eq!(store.file_table(owner, made.id, 0).await?, None);
    store.restore_file(owner, made.id).await?;
    assert_eq!(contents(&store, owner, made.id).await, [kept]);
    let other = store.commit_tables(hold, (owner, FileId::generate()), &tables).await?;
    assert_eq!(other, CommittedTables::NoFile);
    Ok(())
}

#[tokio::test]
async fn contents_of_replaced_deleted_and_abandoned_tables_are_swept() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let replaced = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let kept = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let hold = attempt(&store, owner).await;
    let abandoned = draft(&store, hold, owner).await;
    age_contents(&sql, owner).await;
    let growing = draft(&store, attempt(&store, owner).await, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&replaced) && found.contains(&abandoned), "{found:?}");
    assert!(!found.contains(&kept) && !found.contains(&growing), "{found:?}");
    assert_eq!(grow(&store, hold, owner, (abandoned, 2), &WIDE).await, Grown::Lost);
    for content in [replaced, abandoned] {
        store.delete_content(content).await?;
    }
    let rows = "select id from file_contents where id = any($1)";
    let rows = sql.query(rows, &[&[replaced.0, abandoned.0, kept.0].as_slice()]).await?;
    assert_eq!(rows.iter().map(|row| row.get(0)).collect::<Vec<Uuid>>(), [kept.0]);

    store.delete_file_for_good(owner, made.id).await?;
    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&kept) && found.contains(&content_of(&made)), "{found:?}");
    Ok(())
}

#[tokio::test]
async fn a_table_is_not_swept_while_its_attempt_writes_the_next_one() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (made, _) = file(&store, owner, "a.xlsx", 10, unique_digest()).await;
    let hold = attempt(&store, owner).await;
    let first = draft(&store, hold, owner).await;
    age_contents(&sql, owner).await;
    let second = draft(&store, hold, owner).await;
    let found = unused(&store).await;
    assert!(!found.contains(&first) && !found.contains(&second), "{found:?}");
    let tables = [table(first, "first"), table(second, "second")];
    let committed = store.commit_tables(hold, (owner, made.id), &tables).await?;
    assert_eq!(committed, CommittedTables::Tables);
    assert_eq!(contents(&store, owner, made.id).await, [first, second]);
    Ok(())
}

#[tokio::test]
async fn the_tables_of_an_ended_account_go_with_its_files() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let content = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let hold = attempt(&store, owner).await;
    let draft_of = draft(&store, hold, owner).await;
    assert!(store.end_account(owner, "$argon2id$").await?.is_some());
    assert_eq!(grow(&store, hold, owner, (draft_of, 2), &WIDE).await, Grown::Lost);
    let tables = [table(draft_of, "late")];
    let late = store.commit_tables(hold, (owner, made.id), &tables).await?;
    assert_eq!(late, CommittedTables::NoFile);
    let month = std::time::Duration::from_secs(30 * 24 * 60 * 60);
    while store.delete_removed_files(month, 2).await? > 0 {}
    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&content) && found.contains(&draft_of), "{found:?}");
    Ok(())
}
