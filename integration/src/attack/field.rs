//! Where an attack happens: the server, the hostile account and address, the deadline, and what is counted.
//!
//! Not an attack. Invariant: every connection of an attack comes from [`HOSTILE`], and every call is counted.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use client::Client;
use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tower::service_fn;

use crate::harness::authorized;

/// The address of the attacker. The others use 127.0.0.1.
const HOSTILE: &str = "127.0.0.66:0";
/// The pause of a lane after a call that failed: an attacker that spins would measure its own CPU time.
const PAUSE: Duration = Duration::from_millis(5);

/// The field of one attack; cloning it is cheap.
#[derive(Clone, Debug)]
pub(super) struct Field(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: String,
    addr: SocketAddr,
    token: String,
    /// The e-mail address of another account.
    victim: String,
    /// The hostile account, for what an attack prepares.
    client: Client,
    /// Whether the attack is prepared.
    ready: watch::Sender<bool>,
    over: watch::Sender<bool>,
    sent: AtomicU64,
    answers: Mutex<BTreeMap<String, u64>>,
}

impl Field {
    pub(super) fn new(url: &str, token: String, victim: String, client: Client) -> Self {
        let addr = url.strip_prefix("http://").and_then(|addr| addr.parse().ok());
        let (ready, over) = (watch::Sender::new(false), watch::Sender::new(false));
        let (sent, answers) = (AtomicU64::new(0), Mutex::default());
        let addr = addr.expect("the server printed its address");
        let url = url.to_owned();
        Self(Arc::new(Inner { url, addr, token, victim, client, ready, over, sent, answers }))
    }

    /// The same field for another load: nothing is counted, prepared or over yet.
    pub(super) fn again(&self) -> Self {
        let inner = &*self.0;
        Self::new(&inner.url, inner.token.clone(), inner.victim.clone(), inner.client.clone())
    }

    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(super) fn token(&self) -> &str {
        &self.0.token
    }

    pub(super) fn victim(&self) -> &str {
        &self.0.victim
    }

    /// The attack is prepared: measuring begins.
    pub(super) fn ready(&self) {
        self.0.ready.send_replace(true);
    }

    pub(super) async fn until_ready(&self) {
        let mut ready = self.0.ready.subscribe();
        // The sender is in `self`.
        let _ = ready.wait_for(|ready| *ready).await;
    }

    pub(super) fn end(&self) {
        self.0.over.send_replace(true);
    }

    /// Waits for the end of the attack.
    pub(super) async fn over(&self) {
        let mut over = self.0.over.subscribe();
        // The sender is in `self`.
        let _ = over.wait_for(|over| *over).await;
    }

    pub(super) fn is_over(&self) -> bool {
        *self.0.over.borrow()
    }

    /// Repeats `once` in so many lanes until the end of the attack, and announces that it is prepared.
    pub(super) async fn flood<F, R>(&self, lanes: usize, once: F)
    where
        F: Fn(Self, usize) -> R + Clone + Send + 'static,
        R: Future<Output = Result<(), Status>> + Send + 'static,
    {
        self.ready();
        let mut running = JoinSet::new();
        for lane in 0..lanes {
            let (field, once) = (self.clone(), once.clone());
            running.spawn(async move {
                while !field.is_over() {
                    let result = tokio::select! {
                        result = once(field.clone(), lane) => result,
                        () = field.over() => return,
                    };
                    let failed = result.is_err();
                    field.answered(result);
                    if failed {
                        sleep(PAUSE).await;
                    }
                }
            });
        }
        while running.join_next().await.is_some() {}
    }

    /// Counts bytes that were sent.
    pub(super) fn sent(&self, bytes: usize) {
        self.0.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn sent_bytes(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Counts an answer.
    pub(super) fn answered(&self, result: Result<(), Status>) {
        let code = result.map_or_else(|status| status.code(), |()| Code::Ok);
        let mut answers = self.0.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry(format!("{code:?}")).or_default() += 1;
    }

    /// How often each code was the answer.
    pub(super) fn answers(&self) -> BTreeMap<String, u64> {
        self.0.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A message with the token; its bytes are counted.
    pub(super) fn request<T: prost::Message>(&self, message: T) -> Request<T> {
        self.sent(message.encoded_len());
        self.with_token(message)
    }

    pub(super) fn with_token<T>(&self, message: T) -> Request<T> {
        authorized(message, &self.0.token)
    }

    /// A TCP connection from the hostile address.
    pub(super) async fn tcp(&self) -> std::io::Result<TcpStream> {
        connect(self.0.addr).await
    }

    /// A connection for calls, from the hostile address.
    pub(super) async fn channel(&self) -> Result<Channel, Status> {
        let addr = self.0.addr;
        let endpoint = Endpoint::from_shared(self.0.url.clone()).expect("an address");
        let connector = service_fn(move |_| async move { connect(addr).await.map(TokioIo::new) });
        let connected = endpoint.connect_with_connector(connector).await;
        connected.map_err(|error| Status::unavailable(error.to_string()))
    }

    pub(super) async fn sheets(&self) -> Result<SheetServiceClient<Channel>, Status> {
        Ok(SheetServiceClient::new(self.channel().await?))
    }

    pub(super) async fn accounts(&self) -> Result<AccountServiceClient<Channel>, Status> {
        Ok(AccountServiceClient::new(self.channel().await?))
    }

    pub(super) async fn live(&self) -> Result<LiveServiceClient<Channel>, Status> {
        Ok(LiveServiceClient::new(self.channel().await?))
    }
}

async fn connect(addr: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(HOSTILE.parse().expect("an address"))?;
    socket.connect(addr).await
}
