//! What the server's role may do, and what the account of Postgres can reach.
//!
//! Not SQL of the store. Invariant: each right is tried.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use grpc_server::postgres::EmbeddedPostgres;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use crate::Outcome;

/// Statements that need more than the ownership of one database.
const REFUSED: [&str; 12] = [
    "select pg_read_file('/etc/passwd')",
    "select pg_read_binary_file('postgresql.conf')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "copy (select 1) to program 'id'",
    "copy (select 1) to '/tmp/gridloom-copied'",
    "create role other superuser",
    "alter role gridloom superuser",
    "set role postgres",
    "create database other",
    "alter system set archive_command = 'id'",
    "create extension if not exists file_fdw",
];

pub(crate) async fn client(
    config: &Config,
) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Everything that a role with one database may not do is refused, and that role is the only one that can sign in.
pub(crate) async fn only_the_servers_role(config: &Config) -> Outcome {
    let sql = client(config).await?;
    for statement in REFUSED {
        let error = sql.batch_execute(statement).await.expect_err(statement);
        let known = error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
            || error.code() == Some(&SqlState::UNDEFINED_FILE);
        assert!(known, "{statement}: {error:?}");
    }
    let powers = "select count(*) from pg_roles where rolcanlogin and (rolname <> 'gridloom' \
        or rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)";
    assert_eq!(sql.query_one(powers, &[]).await?.get::<_, i64>(0), 0);
    sql.batch_execute(
        "create table mine (n integer); insert into mine values (1); drop table mine",
    )
    .await?;
    let mut other = config.clone();
    for (user, database) in
        [("postgres", "postgres"), ("postgres", "gridloom"), ("gridloom", "postgres")]
    {
        other.user(user).dbname(database);
        assert!(client(&other).await.is_err(), "{user} at {database}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_owns_its_database_and_nothing_else() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
    only_the_servers_role(&config).await?;
    let process = postgres.process_id().ok_or("running")?;
    assert_without_capabilities(process)?;
    postgres.stop().await;
    Ok(())
}

/// No set of capabilities has one, and a program that it runs can't get any.
fn assert_without_capabilities(process: u32) -> Outcome {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(value(set).trim_start_matches('0'), "", "{set}");
    }
    assert_eq!(value("NoNewPrivs:"), "1");
    Ok(())
}

/// Where root runs the server, only `data` and `socket` are the account's.
#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_postgres_owns_two_directories() -> Outcome {
    let directory = tempfile::tempdir()?;
    let (postgres, _) = EmbeddedPostgres::start(directory.path()).await?;
    assert_owners(&directory.path().join("postgres"))?;
    postgres.stop().await;
    Ok(())
}

pub(crate) fn assert_owners(home: &Path) -> Outcome {
    let own = rustix::process::geteuid().as_raw();
    let is_root = own == 0;
    let found = std::fs::metadata(home)?;
    let expected = if is_root { 0o711 } else { 0o700 };
    assert_eq!((found.uid(), found.mode() & 0o777), (own, expected));
    let mut names = 0;
    for entry in std::fs::read_dir(home)? {
        let entry = entry?;
        let found = entry.metadata()?;
        let given = matches!(entry.file_name().to_str(), Some("data" | "socket"));
        assert_eq!(found.uid() == own, !given || !is_root, "{:?}", entry.path());
        assert!(!found.is_symlink(), "{:?}", entry.path());
        names += 1;
    }
    assert!(names >= 6, "{names} entries");
    Ok(())
}
