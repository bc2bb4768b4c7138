//! A real `redis-server` for one test: on a free port, with a directory of its own.
//!
//! Invariant: the process ends with its owner.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis_link::{Redis, RedisUrl};

/// A Redis of a test's own, on a free port, with nothing in it.
pub(crate) struct OwnRedis {
    process: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl OwnRedis {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let dir = tempfile::tempdir().expect("a directory");
        let own = Self { process: spawn(port, dir.path()), port, dir };
        own.answers().await;
        own
    }

    pub(crate) fn url(&self) -> RedisUrl {
        format!("redis://127.0.0.1:{}", self.port).parse().expect("a URL")
    }

    pub(crate) fn connect(&self) -> Redis {
        Redis::new(&self.url()).expect("a connection")
    }

    /// Ends it at once and starts it again; what it had written down is there again.
    pub(crate) async fn restart(&mut self) {
        self.end();
        self.process = spawn(self.port, self.dir.path());
        self.answers().await;
    }

    /// The same, but all that it kept is gone.
    pub(crate) async fn restart_empty(&mut self) {
        self.end();
        let dir = self.dir.path();
        std::fs::remove_dir_all(dir.join("appendonlydir")).expect("its files can be removed");
        self.process = spawn(self.port, dir);
        self.answers().await;
    }

    async fn answers(&self) {
        let redis = self.connect();
        let answers = async {
            while redis.ping().await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), answers).await.expect("redis-server starts");
    }

    fn end(&mut self) {
        self.process.kill().expect("can be ended");
        self.process.wait().expect("ends");
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(port: u16, dir: &std::path::Path) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .arg("--dir")
        .arg(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server is installed")
}
