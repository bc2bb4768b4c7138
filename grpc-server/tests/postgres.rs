//! Embedded Postgres for real: it starts in long-named directories, starts again when it is killed, takes over from a
//! dead process, leaves nothing running, and its role and its account can do no more than they must.

#[path = "postgres/earlier.rs"]
mod earlier;
#[path = "postgres/rights.rs"]
mod rights;
#[path = "support/root.rs"]
mod root;

use std::error::Error;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use grpc_server::postgres::{EmbeddedPostgres, PostgresError};
use tokio_postgres::{Config, NoTls};

type Outcome = Result<(), Box<dyn Error>>;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

async fn ask(config: &Config) -> Result<String, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    let answer = client.query_one("select current_database()::text", &[]).await;
    driver.abort();
    answer?.try_get(0)
}

/// Asks until there is an answer.
async fn ask_patiently(config: &Config) -> Result<String, tokio_postgres::Error> {
    let started = Instant::now();
    loop {
        match ask(config).await {
            Err(_) if started.elapsed() < PATIENCE => tokio::task::yield_now().await,
            answer => return answer,
        }
    }
}

fn is_running(process: u32) -> bool {
    Path::new(&format!("/proc/{process}/cwd")).read_link().is_ok()
}

fn kill(process: u32) -> Outcome {
    let pid = rustix::process::Pid::from_raw(i32::try_from(process)?).ok_or("no such id")?;
    Ok(rustix::process::kill_process(pid, rustix::process::Signal::KILL)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_directory_is_named_and_one_to_pass_through_is_enough() -> Outcome {
    // This user's alone: when that is root, the account that Postgres runs as can't enter it.
    let closed = std::fs::Permissions::from_mode(0o700);
    let directory = tempfile::Builder::new().permissions(closed).tempdir()?;
    if root::is_root("a directory that Postgres's account can't enter") {
        let error = EmbeddedPostgres::start(&directory.path().join("data")).await;
        let error = error.map(|_| ()).expect_err("is closed").to_string();
        let advice = format!("run `chmod o+x {}`", directory.path().display());
        assert!(error.contains(&advice), "{error}");
    }
    let passable = std::fs::Permissions::from_mode(0o711);
    std::fs::set_permissions(directory.path(), passable)?;
    let (postgres, config) = EmbeddedPostgres::start(&directory.path().join("data")).await?;
    assert_eq!(ask(&config).await?, "gridloom");
    let process = postgres.process_id().ok_or("running")?;
    drop(postgres);
    assert!(!is_running(process));
    assert!(ask(&config).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_with_a_long_name_gets_its_socket_elsewhere() -> Outcome {
    let directory = tempfile::tempdir()?;
    let long = directory.path().join("n".repeat(120)).join("with space, and comma");
    let (postgres, config) = EmbeddedPostgres::start(&long).await?;
    assert_eq!(ask(&config).await?, "gridloom");
    let socket = match config.get_hosts() {
        [tokio_postgres::config::Host::Unix(path)] => path.clone(),
        other => return Err(format!("a Unix socket only, not {other:?}").into()),
    };
    postgres.stop().await;
    assert!(!socket.exists(), "nothing is left outside the data directory");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn is_started_again_when_it_is_killed() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
    let first = postgres.process_id().ok_or("running")?;
    kill(first)?;
    assert_eq!(ask_patiently(&config).await?, "gridloom");
    let second = postgres.process_id().ok_or("running again")?;
    assert_ne!(first, second);
    postgres.stop().await;
    assert!(!is_running(second));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_directory_is_for_one_server() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
    let second = EmbeddedPostgres::start(directory.path()).await;
    assert!(matches!(second, Err(PostgresError::InUse(_))), "{second:?}");
    assert_eq!(ask(&config).await?, "gridloom", "the first one is left alone");

    postgres.stop().await;
    let (again, config) = EmbeddedPostgres::start(directory.path()).await?;
    assert_eq!(ask(&config).await?, "gridloom");
    again.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_where_the_directory_should_be_is_reported() -> Outcome {
    let file = tempfile::NamedTempFile::new()?;
    let error = EmbeddedPostgres::start(file.path()).await.map(|_| ()).expect_err("a file");
    assert!(error.to_string().contains("cannot make"), "{error}");
    Ok(())
}
