//! A Postgres and a Redis that speak TLS, as an operator sets them up.
//!
//! Not the harness' own, which are reached without. Invariant: each process ends with its handle.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use integration::harness::eventually;
use tempfile::TempDir;
use tokio_postgres::NoTls;

use super::authority::{Authority, Files};

/// The only password of the role `gridloom`.
const PASSWORD: &str = "secret";

/// A process that ends with this handle.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended alone.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A Postgres on a port of its own that refuses connections without TLS, except by its socket.
pub(super) struct TlsPostgres {
    _process: Owned,
    port: u16,
    directory: TempDir,
}

/// A Redis whose only port speaks TLS.
pub(super) struct TlsRedis {
    _process: Owned,
    port: u16,
    _directory: TempDir,
}

impl TlsPostgres {
    pub(super) async fn start(authority: &Authority, name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711)).expect("is ours");
        let (home, port) = (directory.path().join("own"), free_port());
        fs::create_dir(&home).expect("is made");
        let files = authority.issue(&[name]);
        fs::copy(&files.certificate, home.join("cert.pem")).expect("is copied");
        fs::copy(&files.key, home.join("key.pem")).expect("is copied");
        fs::set_permissions(home.join("key.pem"), fs::Permissions::from_mode(0o600))
            .expect("is ours");
        fs::write(home.join("hba"), "hostssl all all all scram-sha-256\nlocal all all trust\n")
            .expect("is written");
        fs::write(home.join("password"), PASSWORD).expect("is written");
        give(&home);
        let mut initdb = program("initdb");
        initdb.args(["--no-sync", "--username=gridloom", "--auth=trust", "--encoding=UTF8"]);
        initdb.arg("--pwfile").arg(home.join("password")).arg("-D").arg(home.join("data"));
        let made = initdb.stdout(Stdio::null()).status().expect("initdb runs");
        assert!(made.success(), "{made}");
        let mut server = program("postgres");
        server.arg("-D").arg(home.join("data"));
        for (name, value) in [
            ("listen_addresses", "127.0.0.1".to_owned()),
            ("port", port.to_string()),
            ("unix_socket_directories", home.display().to_string()),
            ("ssl", "on".to_owned()),
            ("ssl_cert_file", home.join("cert.pem").display().to_string()),
            ("ssl_key_file", home.join("key.pem").display().to_string()),
            ("hba_file", home.join("hba").display().to_string()),
        ] {
            server.args(["-c", &format!("{name}={value}")]);
        }
        let process = Owned(server.stderr(Stdio::null()).spawn().expect("postgres runs"));
        let this = Self { _process: process, port, directory };
        eventually("Postgres answers", || this.make_database()).await;
        this
    }

    async fn make_database(&self) -> Option<()> {
        let mut config = self.config();
        let (client, connection) = config.dbname("postgres").connect(NoTls).await.ok()?;
        tokio::spawn(connection);
        client.batch_execute("create database gridloom").await.ok()
    }

    fn config(&self) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config.host_path(self.directory.path().join("own")).port(self.port).user("gridloom");
        config.dbname("gridloom");
        config
    }

    /// Its address by TCP.
    pub(super) fn url(&self) -> String {
        format!("postgres://gridloom:{PASSWORD}@localhost:{}/gridloom", self.port)
    }

    /// A session of SQL, by its socket.
    pub(super) async fn session(&self) -> tokio_postgres::Client {
        let (client, connection) = self.config().connect(NoTls).await.expect("a session");
        tokio::spawn(connection);
        client
    }

    /// A number that SQL gives.
    pub(super) async fn sql(&self, statement: &str) -> i64 {
        self.session().await.query_one(statement, &[]).await.expect("a row").get(0)
    }
}

impl TlsRedis {
    pub(super) async fn start(files: &Files, authority: &str) -> Self {
        let (directory, port) = (tempfile::tempdir().expect("a directory"), free_port());
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--tls-port", &port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--tls-cert-file", &files.certificate, "--tls-key-file", &files.key]);
        command.args(["--tls-ca-cert-file", authority, "--tls-auth-clients", "no", "--save", ""]);
        command
            .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(directory.path());
        let process = Owned(command.stdout(Stdio::null()).spawn().expect("redis-server runs"));
        let this = Self { _process: process, port, _directory: directory };
        let listens = || async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok() };
        eventually("Redis listens", listens).await;
        this
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.port)
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

/// A program of Postgres, as its account when this process runs as root.
fn program(name: &str) -> Command {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = debian.map(|it| it.path().join("bin").join(name)).collect();
    found.retain(|path| path.exists());
    let path = found.pop().unwrap_or_else(|| name.into());
    if !rustix::process::geteuid().is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
    command.current_dir("/");
    command
}

/// Gives a directory and its files to the account of Postgres.
fn give(home: &Path) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("is there");
    let line = passwd.lines().find(|line| line.starts_with("postgres:")).expect("an account");
    let ids: Vec<u32> = line.split(':').skip(2).take(2).flat_map(str::parse).collect();
    for entry in fs::read_dir(home).expect("is there").flatten() {
        chown(entry.path(), Some(ids[0]), Some(ids[1])).expect("root may");
    }
    chown(home, Some(ids[0]), Some(ids[1])).expect("root may");
}
