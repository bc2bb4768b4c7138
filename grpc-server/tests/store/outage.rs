//! An outage of Postgres: calls are refused as unavailable, and work again afterwards.

use std::time::{Duration, Instant};

use grpc_server::postgres::EmbeddedPostgres;
use ot_engine::Revision;
use store::{Store, StoreError};

use crate::support::{Outcome, account, batch, new_sheet, patch};

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
