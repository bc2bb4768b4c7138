//! The script that sets up the Postgres of `compose.yaml`, run on a new cluster as the image runs it.
//!
//! Not the embedded cluster: `grpc-server/tests/postgres`. Invariant: the cluster ends with its handle.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use integration::harness::binaries::repository;
use rustix::process::getuid;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

const PASSWORD: &str = "of letters' and \"signs\"";

/// A cluster of which `postgres` is the superuser, as the image makes it.
struct Cluster {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        let cluster = Self { directory, programs: programs(), port };
        if getuid().is_root() {
            succeed(Command::new("chown").args(["postgres:", cluster.path()]));
        }
        let made =
            ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        succeed(cluster.command("initdb").arg(format!("--pgdata={}", cluster.data())).args(made));
        cluster
    }

    fn path(&self) -> &str {
        self.directory.path().to_str().expect("a plain path")
    }

    fn data(&self) -> String {
        format!("{}/data", self.path())
    }

    /// A program as the account that owns the cluster; Postgres refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let path = if path.is_file() { path } else { Path::new(program).to_owned() };
        let mut command = if getuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.path()).env("PGDATA", self.data());
        command
    }

    fn start(&self) {
        let options = format!("-k {} -h 127.0.0.1 -p {}", self.path(), self.port);
        let log = format!("{}/log", self.path());
        succeed(self.command("pg_ctl").args(["-w", "-o", &options, "-l", &log, "start"]));
    }

    fn stop(&self) {
        succeed(self.command("pg_ctl").args(["-w", "-m", "fast", "stop"]));
    }

    /// Runs the script, from a copy that the account of the cluster may read.
    fn set_up(&self) {
        let copy = self.directory.path().join("roles.sh");
        std::fs::copy(repository().join("deploy/postgres/roles.sh"), &copy).expect("the script");
        let mut script = self.command("bash");
        script.arg(copy).env("POSTGRES_PASSWORD", PASSWORD);
        succeed(script.env("PGHOST", self.path()).env("PGPORT", self.port.to_string()));
    }

    async fn connect(&self, role: &str, database: &str) -> Result<Client, String> {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(self.port).user(role).password(PASSWORD).dbname(database);
        let (client, connection) = config.connect(NoTls).await.map_err(|error| {
            error.as_db_error().map_or_else(|| error.to_string(), |it| it.message().to_owned())
        })?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl").args(["-w", "-m", "immediate", "stop"]).output();
    }
}

/// Where Debian keeps the programs of its newest Postgres; elsewhere they are in the path.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|version| version.path().join("bin")).max();
    newest.unwrap_or_default()
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {printed}");
}

#[tokio::test]
async fn the_role_of_the_servers_owns_its_database_and_nothing_else() {
    let cluster = Cluster::new();
    cluster.start();
    cluster.set_up();
    // The image starts Postgres again once its scripts have run.
    cluster.stop();
    cluster.start();
    let client = cluster.connect("gridloom", "gridloom").await.expect("the role may sign in");
    let rights = "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls
        from pg_roles where rolname = current_user";
    let has_more: bool = client.query_one(rights, &[]).await.expect("an answer").get(0);
    assert!(!has_more);
    client.batch_execute("create table mine (id int)").await.expect("the database is its own");
    for refused in
        ["copy mine from program 'id'", "create role other", "select pg_read_file('/etc/passwd')"]
    {
        let error = client.batch_execute(refused).await.expect_err(refused);
        assert_eq!(error.code().map(|it| it.code()), Some("42501"), "{refused}: {error}");
    }
    for (role, database) in
        [("gridloom", "postgres"), ("gridloom", "template1"), ("postgres", "gridloom")]
    {
        let refused = cluster.connect(role, database).await.expect_err("may not connect");
        assert!(refused.contains("pg_hba.conf"), "{role} at {database}: {refused}");
    }
}
