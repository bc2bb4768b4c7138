//! An API of HTTP in the process of a test.
//!
//! Not what it answers. Invariant: it ends with its handle; it has each request before it answers.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A running API.
pub(super) struct Api {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

/// What is sent for a request; `None`: nothing, and the connection stays open.
pub(super) type Answer = Option<Vec<u8>>;

impl Drop for Api {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Api {
    /// Starts one. `answer` has the head of a request, and how many requests of this address were before.
    pub(super) async fn start(
        answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("is bound").port();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                connections.spawn(async move { serve(stream, &seen, &*answer).await });
            }
        });
        Self { port, requests, task }
    }

    /// An address at it.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The flag of a server that may ask it.
    pub(super) fn allowed(&self) -> String {
        format!("--outbound-allow=127.0.0.1:{}", self.port)
    }

    /// The heads of the requests so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests of a path there were.
    pub(super) fn count(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| path_of(request) == path).count()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    answer: &(dyn Fn(&str, usize) -> Answer + Send + Sync),
) {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        bytes.push(byte);
    }
    let request = String::from_utf8_lossy(&bytes).into_owned();
    let before = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.iter().filter(|it| path_of(it) == path_of(&request)).count();
        seen.push(request.clone());
        before
    };
    match answer(&request, before) {
        // The client may leave before the end.
        Some(bytes) => drop(stream.write_all(&bytes).await),
        // Until the client leaves.
        None => drop(stream.read_u8().await),
    }
}

/// The path and the query of a request.
pub(super) fn path_of(request: &str) -> &str {
    request.split(' ').nth(1).unwrap_or_default()
}

/// A header of a request.
pub(super) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// An answer of a type.
pub(super) fn content(status: &str, content_type: &str, body: &str) -> Answer {
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\n");
    Some(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// JSON.
pub(super) fn json(body: &str) -> Answer {
    content("200 OK", "application/json", body)
}

/// A status, with a header perhaps, and no content.
pub(super) fn status(status: &str, header: &str) -> Answer {
    Some(format!("HTTP/1.1 {status}\r\n{header}content-length: 0\r\n\r\n").into_bytes())
}
