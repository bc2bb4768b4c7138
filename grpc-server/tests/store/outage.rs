//! An outage of Postgres: calls are refused as unavailable, and work again afterwards.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use grpc_server::postgres::EmbeddedPostgres;
use ot_engine::Revision;
use store::{Store, StoreError};
use tokio_postgres::Client;

use crate::support::{Fixture, Outcome, account, batch, connect, new_sheet, patch};

/// Far more than a restart takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn commits_land_once_across_a_crash_of_postgres() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
    let store = Store::connect(config, 2).await?;
    store.migrate().await?;
    let owner = account("ada@example.com");
    store.create_account(&owner).await?;
    let sheet = store.create_sheet(&new_sheet(owner.id, 5)).await?;

    for round in 0..2_u64 {
        let process = postgres.process_id().ok_or("running")?;
        let pid = rustix::process::Pid::from_raw(i32::try_from(process)?).ok_or("an id")?;
        let mut next = batch(&sheet, round * 2, 2);
        next.row_patches = vec![patch(&sheet, 1, &[(0, f64::from(u32::try_from(round)?).into())])];
        rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
        let started = Instant::now();
        loop {
            match store.commit(&next).await {
                Ok(_) => break,
                Err(StoreError::Unavailable(_)) if started.elapsed() < PATIENCE => {
                    tokio::task::yield_now().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        // The process that answered may still be the one that is about to die; wait for another.
        while postgres.process_id().is_none_or(|id| id == process) {
            assert!(started.elapsed() < PATIENCE);
            tokio::task::yield_now().await;
        }
    }
    loop {
        match store.changes(sheet.id, Revision(0), 100).await {
            Err(StoreError::Unavailable(_)) => tokio::task::yield_now().await,
            read => break assert_eq!(read?.len(), 4),
        }
    }
    postgres.stop().await;
    let gone = store.load_sheet(sheet.id).await;
    assert!(gone.is_err_and(|error| error.is_unavailable()));
    Ok(())
}

/// The processes of Postgres that commit for a store.
async fn committing(client: &Client) -> Result<BTreeSet<i32>, tokio_postgres::Error> {
    let processes = "select pid from pg_stat_activity
        where application_name = 'gridloom' and query like '%insert into changes%' and pid <> pg_backend_pid()";
    Ok(client.query(processes, &[]).await?.iter().map(|row| row.get(0)).collect())
}

/// A commit that is not answered is tried on other connections. It closes those that may be dead, and none of those that
/// have answered other commits meanwhile: to open all of them again would load a slow Postgres more.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_waits_closes_no_connection_that_answers_others() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
    let store = Store::connect(config.clone(), 24).await?;
    store.migrate().await?;
    let owner = account("ada@example.com");
    store.create_account(&owner).await?;
    let mut sheets = Vec::new();
    for _ in 0..6 {
        sheets.push(store.create_sheet(&new_sheet(owner.id, 5)).await?);
    }
    let slow = sheets.pop().ok_or("six")?;
    // Five connections, of which one at a time is used from now on.
    let first: Vec<_> = sheets.iter().map(|sheet| batch(sheet, 0, 1)).collect();
    let mut client = connect(&config).await;
    let open = client.transaction().await?;
    for sheet in &sheets {
        open.execute("select from sheets where id = $1 for update", &[&sheet.id.0]).await?;
    }
    let commits = first.iter().map(|batch| store.commit(batch));
    let looks = connect(&config).await;
    let all_wait = async {
        while committing(&looks).await?.len() < sheets.len() {
            tokio::task::yield_now().await;
        }
        open.rollback().await
    };
    let (committed, waited) = tokio::join!(futures_util::future::join_all(commits), all_wait);
    waited?;
    committed.into_iter().collect::<Result<Vec<_>, _>>()?;
    let before = committing(&looks).await?;
    // One sheet is locked, and its commit tries again and again.
    let locked = client.transaction().await?;
    locked.execute("select from sheets where id = $1 for update", &[&slow.id.0]).await?;
    let waiting = tokio::spawn({
        let (store, batch) = (store.clone(), batch(&slow, 0, 1));
        async move { store.commit(&batch).await }
    });
    let (mut revision, mut left, started) = (1, 100, Instant::now());
    while left > 0 {
        assert!(started.elapsed() < PATIENCE);
        store.commit(&batch(&sheets[0], revision, 1)).await?;
        revision += 1;
        let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        let attempts: i64 = looks.query_one(waits, &[]).await?.get(0);
        left -= u32::from(attempts > 1);
    }
    let after = committing(&looks).await?;
    assert!(before.is_subset(&after), "{before:?} before, {after:?} after");
    locked.rollback().await?;
    waiting.await??;
    postgres.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_reported_in_one_sentence() -> Outcome {
    let config = "host=127.0.0.1 port=1 user=x dbname=x password=secret"
        .parse::<tokio_postgres::Config>()?;
    let error = Store::connect(config, 1).await.map(|_| ()).expect_err("nothing listens");
    let text = error.to_string();
    assert!(error.is_unavailable() && text.starts_with("the database is not available:"), "{text}");
    assert!(!text.contains("secret"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_behind_a_long_transaction_keeps_no_one_waiting() -> Outcome {
    let Fixture { config, .. } = Fixture::new().await;
    let schema = format!("long_{}", uuid::Uuid::new_v4().simple());
    let mut own = config.clone();
    own.options(format!("-c search_path={schema}"));
    let (client, holder, looker) =
        (connect(&own).await, connect(&own).await, connect(&config).await);
    client.batch_execute(&format!("create schema {schema}")).await?;
    let store = Store::connect(own.clone(), 2).await?;
    store.migrate().await?;
    // As the release before migration 25 has left it, as far as later migrations can't run twice.
    let earlier =
        "drop index accounts_by_folded_name, threads_marks; drop function comment_marks(uuid, bigint[], bigint, bigint);
         alter table nodes drop column confirms_email, drop column query_threads, drop column query_memory_bytes,
             drop column release;
        drop function folded_text, normal_text, has_mark_run;
        drop collation texts;
        drop index changes_by_place; alter table changes drop column edit_group;
        alter table columns drop column settings;
         alter table accounts drop column locale, drop column is_operator;
         drop table file_shares, file_links, file_views, file_tables, file_table_drafts, files, file_uploads, file_pieces, file_contents,
             file_purges, file_strays, file_place_offers, file_place;
         drop function release_file_contents, release_upload_contents, file_role_on, holds_file_role;
         alter table jobs drop column is_retryable, drop column changed_at, drop column request_id,
             drop column plan;
         drop trigger jobs_changed on jobs; drop function note_job_change;
         drop index jobs_of_persons, jobs_about_files, jobs_under_way_about_files, jobs_of_all, jobs_of_account_by_time;
         create index jobs_of_account on jobs (account) where account is not null;
        delete from refinery_schema_history where version >= 25";
    client.batch_execute(earlier).await?;
    holder.batch_execute("begin; lock table threads in row exclusive mode").await?;
    let migrating = tokio::spawn(async move { store.migrate().await });
    let waits = format!(
        "select from pg_locks where not granted and relation = '{schema}.threads'::regclass"
    );
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while looker.query(&waits, &[]).await?.is_empty() {
        assert!(!migrating.is_finished(), "it waits for the table");
        looks.tick().await;
    }
    client.batch_execute("set lock_timeout = '30s'; delete from threads").await?;
    assert!(!migrating.is_finished(), "the long transaction holds the table still");
    holder.batch_execute("commit").await?;
    tokio::time::timeout(PATIENCE, migrating).await???;
    let made = "select from pg_indexes where indexname = 'threads_marks' and schemaname = $1";
    assert_eq!(looker.query(made, &[&schema]).await?.len(), 1);
    let checked = format!(
        "select from pg_constraint where conname = 'accounts_locale_check' and convalidated
            and connamespace = '{schema}'::regnamespace"
    );
    assert_eq!(looker.query(&checked, &[]).await?.len(), 1);
    client.batch_execute(&format!("drop schema {schema} cascade")).await?;
    Ok(())
}
