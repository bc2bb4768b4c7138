//! Views of tables: found by their question and their id, replaced, counted, ended when they are unused; and the jobs that
//! make them.
//!
//! Not their rows. Invariants: a view is one of the table that its file has now; each test has accounts of its own, and
//! those that end unused views hold [`SWEEPS`].

mod makers;

use std::time::Duration;

use futures_util::future::join_all;
use model::limits::tables::VIEWS_OF_TABLE;
use model::{AccountId, ContentId, FileId, FileUsage, ViewId, ViewRecord};
use serde_json::json;
use store::{CommittedView, Hold, JobId, JobState, NewJob, NewView, Store, TableQuestion};
use tokio_postgres::Client;

use super::sweeps::{age_contents, unused};
use super::tables::{DRAFT_BYTES, attempt, commit, draft};
use super::{SWEEPS, file, further_account, unique_digest, wide_store};
use crate::jobs::{kind, node, take};
use crate::support::{Fixture, Outcome, connect};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Far less than a lock that a test holds.
const SOON: Duration = Duration::from_secs(20);

/// A file with a table, and the content of the table.
async fn table(store: &Store, owner: AccountId) -> (FileId, ContentId) {
    let (made, _) = file(store, owner, "a.csv", 10, unique_digest()).await;
    let content = commit(store, attempt(store, owner).await, owner, made.id).await;
    (made.id, content)
}

/// What an attempt has written for a question to the first table of a file.
async fn written(
    store: &Store,
    (hold, owner): (Hold, AccountId),
    table: ContentId,
    question: &str,
) -> NewView {
    let content = draft(store, hold, owner).await;
    NewView { number: 0, table, content, question: question.to_owned(), rows: 7 }
}

/// Makes a view, and ends its job.
async fn make(
    store: &Store,
    owner: AccountId,
    (file, table): (FileId, ContentId),
    question: &str,
) -> ViewId {
    let hold = attempt(store, owner).await;
    let view = written(store, (hold, owner), table, question).await;
    let committed = store.commit_view(hold, (owner, file), &view).await.expect("an answer");
    assert_eq!(committed, CommittedView::View);
    assert!(store.finish_job(hold, &json!({})).await.expect("an answer"));
    ViewId(hold.job.0)
}

async fn by_id(store: &Store, owner: AccountId, file: FileId, id: ViewId) -> Option<ViewRecord> {
    store.file_view(owner, file, 0, id).await.expect("an answer")
}

async fn by_question(
    store: &Store,
    owner: AccountId,
    file: FileId,
    question: &str,
) -> Option<ViewId> {
    let found = store.view_of_question(owner, file, 0, question).await.expect("an answer");
    found.map(|view| view.id)
}

/// Makes the last use of a view earlier by so many minutes.
async fn age(sql: &Client, view: ViewId, minutes: i32) {
    let older = "update file_views set used_at = used_at - make_interval(mins => $2) where id = $1";
    assert_eq!(sql.execute(older, &[&view.0, &minutes]).await.expect("is older"), 1);
}

#[tokio::test]
async fn a_view_is_found_by_its_question_and_its_id_in_its_own_table() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (file, content) = table(&store, owner).await;
    assert_eq!(by_question(&store, owner, file, "city > a").await, None);
    let view = make(&store, owner, (file, content), "city > a").await;
    assert_eq!(by_question(&store, owner, file, "city > a").await, Some(view));
    assert_eq!(by_question(&store, owner, file, "city > b").await, None);
    let found = by_id(&store, owner, file, view).await.ok_or("a view")?;
    assert_eq!((found.id, found.number, found.rows), (view, 0, 7));
    assert_eq!(found.pieces.bytes, DRAFT_BYTES);
    assert_eq!(by_id(&store, owner, file, ViewId::generate()).await, None);
    for number in [1, u32::MAX] {
        assert_eq!(store.file_view(owner, file, number, view).await?, None);
        assert_eq!(store.view_of_question(owner, file, number, "city > a").await?, None);
    }
    let stranger = further_account(&store).await;
    assert_eq!(by_id(&store, stranger, file, view).await, None);
    assert_eq!(by_question(&store, stranger, file, "city > a").await, None);
    let (other, _) = table(&store, owner).await;
    assert_eq!(by_id(&store, owner, other, view).await, None);

    store.remove_file(owner, file).await?;
    assert_eq!(by_id(&store, owner, file, view).await, None);
    store.restore_file(owner, file).await?;
    assert_eq!(by_question(&store, owner, file, "city > a").await, Some(view));
    assert!(store.note_damage(found.content).await?);
    assert_eq!(by_question(&store, owner, file, "city > a").await, None, "it is to be made again");
    Ok(())
}

#[tokio::test]
async fn views_count_go_with_their_table_and_are_swept() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (file, content) = table(&store, owner).await;
    let usage = FileUsage { used: 10 + DRAFT_BYTES, files: 1, ..FileUsage::default() };
    assert_eq!(store.file_usage(owner).await?, usage);
    let view = make(&store, owner, (file, content), "all of it").await;
    let with_view = FileUsage { used: usage.used + DRAFT_BYTES, ..usage };
    assert_eq!(store.file_usage(owner).await?, with_view);
    let of_view = by_id(&store, owner, file, view).await.ok_or("a view")?.content;
    age_contents(&sql, owner).await;
    assert!(!unused(&store).await.contains(&of_view), "its table has it");

    let second = commit(&store, attempt(&store, owner).await, owner, file).await;
    assert_eq!(by_id(&store, owner, file, view).await, None);
    let replaced = FileUsage {
        used: with_view.used + DRAFT_BYTES,
        leaving: 2 * DRAFT_BYTES,
        leaving_contents: 2,
        ..with_view
    };
    assert_eq!(store.file_usage(owner).await?, replaced);
    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&of_view) && found.contains(&content), "{found:?}");
    for content in [of_view, content] {
        store.delete_content(content).await?;
    }

    let view = make(&store, owner, (file, second), "all of it").await;
    let of_view = by_id(&store, owner, file, view).await.ok_or("a view")?.content;
    store.remove_file(owner, file).await?;
    let removed = FileUsage { removed: with_view.used, ..with_view };
    assert_eq!(store.file_usage(owner).await?, removed);
    store.delete_file_for_good(owner, file).await?;
    age_contents(&sql, owner).await;
    let found = unused(&store).await;
    assert!(found.contains(&of_view) && found.contains(&second), "{found:?}");
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_has_lost_its_job_or_its_table_makes_no_view() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (file, content) = table(&store, owner).await;
    let hold = attempt(&store, owner).await;
    let view = written(&store, (hold, owner), content, "late").await;
    let of = (owner, file);
    let no_table = NewView { number: 1, ..view.clone() };
    assert_eq!(store.commit_view(hold, of, &no_table).await?, CommittedView::NoTable);
    let other_table = NewView { table: ContentId::generate(), ..view.clone() };
    assert_eq!(store.commit_view(hold, of, &other_table).await?, CommittedView::NoTable);
    let foreign = attempt(&store, owner).await;
    assert_eq!(store.commit_view(foreign, of, &view).await?, CommittedView::Lost);
    store.remove_file(owner, file).await?;
    assert_eq!(store.commit_view(hold, of, &view).await?, CommittedView::NoTable);
    store.restore_file(owner, file).await?;
    assert!(store.give_back_job(hold).await?);
    assert_eq!(store.commit_view(hold, of, &view).await?, CommittedView::Lost);
    assert_eq!(by_question(&store, owner, file, "late").await, None);
    Ok(())
}

#[tokio::test]
async fn an_equal_question_is_replaced_and_so_is_the_view_that_was_used_last_longest_ago() -> Outcome
{
    let Fixture { store, owner, config } = Fixture::new().await;
    let sql = connect(&config).await;
    let (file, content) = table(&store, owner).await;
    let first = make(&store, owner, (file, content), "question 0").await;
    let again = make(&store, owner, (file, content), "question 0").await;
    assert_eq!(by_id(&store, owner, file, first).await, None);
    assert_eq!(by_question(&store, owner, file, "question 0").await, Some(again));

    let mut views = vec![again];
    for number in 1..VIEWS_OF_TABLE {
        views.push(make(&store, owner, (file, content), &format!("question {number}")).await);
    }
    for (view, minutes) in views.iter().zip(2..) {
        age(&sql, *view, minutes).await;
    }
    // The last one is the oldest, until it is used.
    let oldest = views.pop().ok_or("a view")?;
    assert!(by_id(&store, owner, file, oldest).await.is_some());
    let next = views.pop().ok_or("a view")?;
    let further = make(&store, owner, (file, content), "a further question").await;
    assert_eq!(by_id(&store, owner, file, next).await, None);
    for view in views.iter().chain([&oldest, &further]) {
        assert!(by_id(&store, owner, file, *view).await.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn a_view_ends_once_it_is_unused_for_long() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (file, content) = table(&store, owner).await;
    let mut views = Vec::new();
    for question in ["by id", "by question", "unused"] {
        let view = make(&store, owner, (file, content), question).await;
        age(&sql, view, 61).await;
        views.push(view);
    }
    assert!(by_id(&store, owner, file, views[0]).await.is_some());
    assert_eq!(by_question(&store, owner, file, "by question").await, Some(views[1]));
    while store.end_unused_views(HOUR, 2).await? > 0 {}
    let mut left = Vec::new();
    for view in &views {
        left.push(by_id(&store, owner, file, *view).await.is_some());
    }
    assert_eq!(left, [true, true, false]);
    let usage = store.file_usage(owner).await?;
    assert_eq!((usage.leaving, usage.leaving_contents), (DRAFT_BYTES, 1));
    Ok(())
}

#[tokio::test]
async fn a_use_waits_for_no_other_and_the_end_of_unused_views_for_none() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (_guard, sql) = (SWEEPS.lock().await, connect(&config).await);
    let (file, content) = table(&store, owner).await;
    let view = make(&store, owner, (file, content), "held").await;
    age(&sql, view, 61).await;
    sql.batch_execute("begin").await?;
    sql.execute("select 1 from file_views where id = $1 for update", &[&view.0]).await?;
    let uses = async {
        let found = by_id(&store, owner, file, view).await;
        let asked = by_question(&store, owner, file, "held").await;
        (found.map(|view| view.id), asked, store.end_unused_views(HOUR, 9).await)
    };
    let (found, asked, ended) = tokio::time::timeout(SOON, uses).await?;
    assert_eq!((found, asked), (Some(view), Some(view)));
    ended?;
    sql.batch_execute("rollback").await?;
    assert!(by_id(&store, owner, file, view).await.is_some());
    Ok(())
}

#[tokio::test]
async fn a_reading_waits_for_views_that_are_being_ended_and_replaces_the_table() -> Outcome {
    let Fixture { store, owner, config } = Fixture::new().await;
    let (sql, looks) = (connect(&config).await, connect(&config).await);
    let (file, content) = table(&store, owner).await;
    let ended = make(&store, owner, (file, content), "ended").await;
    let kept = make(&store, owner, (file, content), "kept").await;
    sql.batch_execute("begin").await?;
    sql.execute("delete from file_views where id = $1", &[&ended.0]).await?;
    let hold = attempt(&store, owner).await;
    let reading = tokio::spawn({
        let store = store.clone();
        async move { commit(&store, hold, owner, file).await }
    });
    let waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from file_tables where file%'";
    let waiting = async {
        while looks.query(waits, &[]).await?.is_empty() {
            tokio::task::yield_now().await;
        }
        Ok::<_, tokio_postgres::Error>(())
    };
    tokio::time::timeout(SOON, waiting).await??;
    sql.batch_execute("commit").await?;
    let second = tokio::time::timeout(SOON, reading).await??;
    assert!(second != content);
    for view in [ended, kept] {
        assert_eq!(by_id(&store, owner, file, view).await, None);
    }
    assert_eq!(store.file_usage(owner).await?.leaving_contents, 3);
    Ok(())
}

/// A job that makes a view.
fn view_job(asked: TableQuestion<'_>, kind: &'static str) -> NewJob {
    let content = asked.content.to_string();
    let parameters = json!({"table": 0, "content": content, "question": asked.question});
    NewJob {
        title: Some("Sort a.csv".to_owned()),
        file: Some(asked.file),
        is_retryable: true,
        ..jobs::new(kind, Some(asked.account), &parameters).expect("has a form")
    }
}

async fn enqueue(store: &Store, asked: TableQuestion<'_>, kind: &'static str) -> (JobId, bool) {
    let job = view_job(asked, kind);
    let (job, is_new) = store.enqueue_view(asked, &job).await.expect("is enqueued");
    assert_eq!((job.file, job.is_retryable), (Some(asked.file), true));
    (job.id, is_new)
}

#[tokio::test]
async fn eight_calls_at_once_with_one_question_enqueue_one_job() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, kind, account) = (wide_store(&fixture).await, kind(), fixture.owner);
    let (file, content) = table(&store, account).await;
    let asked = TableQuestion { account, file, content, kind, question: "by city" };
    let calls = join_all((0..8).map(|_| enqueue(&store, asked, kind))).await;
    assert!(calls.iter().all(|(job, _)| *job == calls[0].0), "{calls:?}");
    assert_eq!(calls.iter().filter(|(_, is_new)| *is_new).count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_job_of_a_question_is_found_while_it_waits_runs_or_its_view_is_there() -> Outcome {
    let Fixture { store, owner: account, .. } = Fixture::new().await;
    let (kind, node) = (kind(), node(&store).await);
    let (file, content) = table(&store, account).await;
    let asked = TableQuestion { account, file, content, kind, question: "by city" };
    assert_eq!(store.job_of_view(asked).await?, None);
    let (first, _) = enqueue(&store, asked, kind).await;
    let hold = take(&store, node, kind).await.pop().ok_or("the job")?.hold;
    assert_eq!(enqueue(&store, asked, kind).await, (first, false), "it runs");
    let view = written(&store, (hold, account), content, "by city").await;
    let committed = store.commit_view(hold, (account, file), &view).await?;
    assert_eq!(committed, CommittedView::View);
    assert!(store.finish_job(hold, &json!({})).await?);
    assert_eq!(enqueue(&store, asked, kind).await, (first, false), "its view is there");
    let done = store.job_of_view(asked).await?.ok_or("the job")?;
    assert_eq!((done.id, done.state), (first, JobState::Done));

    let stranger = TableQuestion { account: AccountId::generate(), ..asked };
    assert_eq!(store.job_of_view(stranger).await?, None);
    for other in [
        TableQuestion { question: "by state", ..asked },
        TableQuestion { content: ContentId::generate(), ..asked },
    ] {
        assert_eq!(store.job_of_view(other).await?, None);
    }
    commit(&store, attempt(&store, account).await, account, file).await;
    assert_eq!(store.job_of_view(asked).await?, None, "its table was replaced");
    let (second, is_new) = enqueue(&store, asked, kind).await;
    assert!(is_new && second != first);
    store.cancel_job(second, Some(account)).await?;
    assert_eq!(store.job_of_view(asked).await?, None);
    Ok(())
}
