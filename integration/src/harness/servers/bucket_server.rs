//! A server with the protocol of S3: moto, in the Python environment of the tests.
//!
//! Not a check of signatures: it takes any key. Not durable: the objects are in the memory of the process. Invariant: the
//! server ends with its handle.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use files::{BucketOptions, PlaceUrl};
use tempfile::TempDir;

use super::python;
use crate::harness::programs::Process;

const BUCKET: &str = "files-of-tests";
const KEY: &str = "key-of-tests";

/// A running server with one bucket.
#[derive(Debug)]
pub struct BucketServer {
    _process: Process,
    port: u16,
    _log: TempDir,
}

impl BucketServer {
    /// The secret part of the key.
    pub const SECRET: &str = "secret-of-tests";

    /// Starts one; its bucket is empty.
    ///
    /// # Panics
    /// When it does not start: `make setup-test` installs it.
    #[must_use]
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// The same at a port; 0: at any.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_at(port: u16) -> Self {
        let number = port.to_string();
        let flags = ["--port", number.as_str(), "--bucket", BUCKET];
        let (process, port, log) = python::start("bucket_server.py", &flags);
        Self { _process: process, port, _log: log }
    }

    /// A port of this machine at which nothing listens, for a bucket that is away at first.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("is bound").port()
    }

    /// Its port at this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The flags of a server whose files lie in the bucket at a port.
    #[must_use]
    pub fn flags(port: u16) -> Vec<String> {
        vec![
            format!("--files=s3://{BUCKET}/grid"),
            format!("--files-endpoint=http://127.0.0.1:{port}"),
            format!("--files-access-key-id={KEY}"),
            format!("--files-secret-access-key={}", Self::SECRET),
            "--files-allow-http".to_owned(),
        ]
    }

    /// A place in its bucket.
    ///
    /// # Panics
    /// When the prefix is none.
    #[must_use]
    pub fn place(&self, prefix: &str) -> PlaceUrl {
        format!("s3://{BUCKET}/{prefix}").parse().expect("is a place")
    }

    /// How its bucket is reached.
    #[must_use]
    pub fn options(&self) -> BucketOptions {
        BucketOptions {
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            region: None,
            access_key_id: Some(KEY.to_owned()),
            secret_access_key: Some(Self::SECRET.to_owned()),
            allow_http: true,
        }
    }

    /// Writes an object past the server under test.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn write(&self, key: &str, bytes: &str) {
        let answer = self.ask("PUT", key, bytes);
        assert!(answer.starts_with("HTTP/1.0 200"), "PUT {key}:\n{answer}");
    }

    /// Removes an object past the server under test.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn remove(&self, key: &str) {
        let answer = self.ask("DELETE", key, "");
        assert!(answer.starts_with("HTTP/1.0 204"), "DELETE {key}:\n{answer}");
    }

    /// The object's bytes as text; `None`: there is none.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn read(&self, key: &str) -> Option<String> {
        let answer = self.ask("GET", key, "");
        let (head, body) = answer.split_once("\r\n\r\n").expect("has a head");
        let is_there = head.starts_with("HTTP/1.0 200");
        assert!(is_there || head.starts_with("HTTP/1.0 404"), "GET {key}:\n{answer}");
        is_there.then(|| body.to_owned())
    }

    fn ask(&self, method: &str, key: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("is there");
        let head = format!(
            "{method} /{BUCKET}/{key} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\n\
             authorization: AWS {KEY}:unsigned\r\ncontent-type: application/octet-stream\r\n\
             content-length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("is read");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).expect("is text");
        answer
    }
}
