//! Data directories of earlier releases: `postgres` belonged to the account of Postgres, and the server's role was the
//! superuser.
//!
//! Made here as those releases made them. Invariant: nothing is lost, and no link that the account has set is
//! followed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use grpc_server::postgres::EmbeddedPostgres;
use tempfile::TempDir;

use crate::Outcome;
use crate::rights::{assert_owners, client, only_the_servers_role};
use crate::root::is_root;

/// What the superuser of such a release owned: each kind of object, and a column with a sequence.
const TABLES: &str = "create type mood as enum ('good'); \
    create table sheets (id integer generated always as identity primary key, name text, mood mood); \
    create table parts (id serial, sheet integer references sheets (id)); \
    create view names as select name from sheets; \
    create function one() returns integer language sql as 'select 1'; \
    insert into sheets (name) values ('precious');";

/// The ids of the account that owned the directory.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("is there");
    let line = passwd.lines().find(|line| line.starts_with("postgres:")).expect("an account");
    let mut ids = line.split(':').skip(2).flat_map(str::parse);
    Some((ids.next().expect("a user"), ids.next().expect("a group")))
}

fn program(name: &str) -> Command {
    let version = grpc_server::postgres::newest_version().expect("Postgres is installed");
    let path = PathBuf::from(format!("/usr/lib/postgresql/{version}/bin/{name}"));
    let path = if path.exists() { path } else { name.into() };
    let Some((uid, gid)) = account() else { return Command::new(path) };
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={uid}"), format!("--regid={gid}")]);
    command.args(["--clear-groups", "--"]).arg(path).current_dir("/");
    command
}

/// A data directory with tables, as an earlier release left it.
fn earlier() -> (TempDir, PathBuf) {
    static FIRST: OnceLock<TempDir> = OnceLock::new();
    let first = FIRST.get_or_init(make);
    let directory = passable();
    let home = directory.path().join("postgres");
    let copied =
        Command::new("cp").arg("-a").args([first.path().join("postgres"), home.clone()]).status();
    assert!(copied.expect("cp runs").success());
    (directory, home)
}

fn passable() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o711)).expect("is ours");
    directory
}

fn make() -> TempDir {
    let directory = passable();
    let home = directory.path().join("postgres");
    fs::create_dir(&home).expect("is made");
    fs::set_permissions(&home, Permissions::from_mode(0o700)).expect("is ours");
    let password = home.join("password");
    fs::write(&password, "00112233445566778899aabbccddeeff").expect("is written");
    fs::set_permissions(&password, Permissions::from_mode(0o600)).expect("is ours");
    for path in [&home, &password] {
        if let Some((uid, gid)) = account() {
            chown(path, Some(uid), Some(gid)).expect("root may");
        }
    }
    let mut initdb = program("initdb");
    initdb.args(["--no-sync", "--username=gridloom", "--auth=scram-sha-256", "--encoding=UTF8"]);
    initdb.arg("--pwfile").arg(&password).arg("-D").arg(home.join("data"));
    let made = initdb.stdout(Stdio::null()).status().expect("initdb runs");
    assert!(made.success(), "{made}");
    single(&home, "postgres", "create database gridloom");
    single(&home, "gridloom", TABLES);
    directory
}

/// Runs one line of SQL without a server.
fn single(home: &Path, database: &str, sql: &str) {
    let mut command = program("postgres");
    command.args(["--single", "-D"]).arg(home.join("data")).arg(database);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("runs");
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, format!("{sql}\n").as_bytes()).expect("is read");
    drop(input);
    assert!(child.wait().expect("ends").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tables_become_those_of_a_role_that_is_no_superuser() -> Outcome {
    is_root("a directory of another account");
    let (directory, home) = earlier();
    // Twice: a later start finds all as the first one left it.
    for start in 1..=2_i64 {
        let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
        only_the_servers_role(&config).await?;
        let sql = client(&config).await?;
        let kept = sql.query_one("select count(*), min(name) from sheets", &[]).await?;
        assert_eq!((kept.get(0), kept.get(1)), (start, "precious"));
        // What a migration does.
        sql.batch_execute(
            "insert into sheets (name) values ('two'); select name, one() from names; \
             alter table sheets add column added integer; alter table sheets drop column added; \
             alter type mood add value if not exists 'bad'; create or replace view names as select \
             name from sheets; create or replace function one() returns integer language sql as \
             'select 1'; create index if not exists by_name on sheets (name); insert into parts \
             default values",
        )
        .await?;
        let foreign = "select count(*) from pg_class where relowner = 10 and \
            relnamespace = 'public'::regnamespace";
        assert_eq!(sql.query_one(foreign, &[]).await?.get::<_, i64>(0), 0);
        assert_owners(&home)?;
        postgres.stop().await;
    }
    Ok(())
}

/// What the account of Postgres could leave in its directory for the next start of a root's server.
#[tokio::test(flavor = "multi_thread")]
async fn no_link_that_its_account_has_set_is_followed() -> Outcome {
    let own = rustix::process::geteuid().as_raw();
    // Another user's own links are not followed either.
    is_root("a link of another account");
    for name in
        ["socket", "socket-elsewhere", "password", "lock", "postgres.log", "roles", "pg_hba.conf"]
    {
        let (directory, home) = earlier();
        let outside = tempfile::tempdir()?;
        let (file, folder) = (outside.path().join("file"), outside.path().join("folder"));
        fs::write(&file, "1")?;
        fs::set_permissions(&file, Permissions::from_mode(0o640))?;
        fs::create_dir_all(folder.join("below"))?;
        let entry = home.join(name);
        // The directory was the account's, so it could replace each entry.
        drop(fs::remove_file(&entry));
        match name {
            "socket" => symlink(&folder, &entry)?,
            "socket-elsewhere" => fs::write(&entry, folder.display().to_string())?,
            _ => symlink(&file, &entry)?,
        }
        if let Some((uid, gid)) = account() {
            std::os::unix::fs::lchown(&entry, Some(uid), Some(gid))?;
        }
        let (postgres, config) = EmbeddedPostgres::start(directory.path()).await?;
        only_the_servers_role(&config).await?;
        postgres.stop().await;
        let found = fs::metadata(&file)?;
        assert_eq!((found.uid(), found.mode() & 0o777), (own, 0o640), "{name}");
        assert_eq!(fs::read_to_string(&file)?, "1", "{name}");
        let found = fs::metadata(&folder)?;
        assert_eq!(found.uid(), own, "{name}");
        assert!(folder.join("below").exists(), "{name}");
    }
    Ok(())
}

/// A directory of a third account is left alone, with a sentence.
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_a_third_account_is_refused() -> Outcome {
    if !is_root("a directory of a third account") {
        return Ok(());
    }
    let (directory, home) = earlier();
    chown(&home, Some(4_000_000), Some(4_000_000))?;
    let refused = EmbeddedPostgres::start(directory.path()).await.map(|_| ());
    let text = refused.expect_err("is not ours").to_string();
    assert!(text.contains("it belongs to the account 4000000"), "{text}");
    assert_eq!(fs::metadata(&home)?.uid(), 4_000_000);
    Ok(())
}
