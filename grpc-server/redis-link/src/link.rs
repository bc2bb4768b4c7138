//! A connection to Redis for commands, which many callers share.
//!
//! Not for messages: see `bus`. Invariant: no call waits for longer than [`COMMAND_TIMEOUT`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue};

use tls::Trust;

use super::error::RedisError;
use super::url::RedisUrl;

/// How long a command may take, and how long making a connection may. Beyond it Redis counts as away.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(2);
/// Commands that are sent before the answer to the first has come.
pub(crate) const PIPELINED_COMMANDS: usize = 256;
/// How long a Redis that has missed a time limit counts as silent.
const SILENT: Duration = Duration::from_secs(1);

/// A connection that many tasks share, and that reconnects when it breaks. Cheap to clone.
#[derive(Clone)]
pub struct Redis {
    link: Arc<Link>,
}

struct Link {
    client: Client,
    /// Held by the call that makes the next connection, so that only one is made.
    connecting: tokio::sync::Mutex<()>,
    current: Mutex<Current>,
}

/// The connection in use, and how many there were before.
#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    number: u64,
    /// When a command had no answer in time, and none has had one since.
    silent_since: Option<Instant>,
}

impl Redis {
    /// A connection to the Redis of this URL, with the machine's authorities. It is made by the first command.
    ///
    /// # Errors
    /// [`RedisError::Refused`] when the URL can't be used.
    pub fn new(url: &RedisUrl) -> Result<Self, RedisError> {
        let trust = Trust::new(None).map_err(|error| RedisError::Refused(error.to_string()))?;
        Self::with_trust(url, &trust)
    }

    /// The same; with `rediss://`, the certificate is checked against these authorities.
    ///
    /// # Errors
    /// [`RedisError::Refused`] when the URL can't be used.
    pub fn with_trust(url: &RedisUrl, trust: &Trust) -> Result<Self, RedisError> {
        let link = Link {
            client: url.client(trust)?,
            connecting: tokio::sync::Mutex::default(),
            current: Mutex::default(),
        };
        Ok(Self { link: Arc::new(link) })
    }

    /// Runs a command.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        self.ask(|mut connection| async move { command.query_async(&mut connection).await }).await
    }

    /// Runs commands that don't depend on each other, 256 in one round trip; their
    /// answers in order. No transaction, so their keys need not lie together.
    ///
    /// # Errors
    /// [`RedisError`], also when a single one has failed; the others may have been carried out.
    pub async fn run_all<T: FromRedisValue>(&self, commands: &[Cmd]) -> Result<Vec<T>, RedisError> {
        let mut answers = Vec::with_capacity(commands.len());
        for page in commands.chunks(PIPELINED_COMMANDS) {
            let mut pipeline = ::redis::pipe();
            for command in page {
                pipeline.add_command(command.clone());
            }
            let page = self.ask(|mut connection| async move {
                pipeline.query_async::<Vec<T>>(&mut connection).await
            });
            answers.extend(page.await?);
        }
        Ok(answers)
    }

    /// Waits for an answer within the time limit.
    async fn ask<T, A>(
        &self,
        question: impl FnOnce(MultiplexedConnection) -> A,
    ) -> Result<T, RedisError>
    where
        A: Future<Output = ::redis::RedisResult<T>>,
    {
        let work = async {
            let (connection, number) = self.link.connection().await?;
            let answer = question(connection).await.map_err(RedisError::from);
            if matches!(answer, Err(RedisError::Unavailable(_))) {
                self.link.give_up(number);
            }
            answer
        };
        match tokio::time::timeout(COMMAND_TIMEOUT, work).await {
            Ok(answer) => {
                if answer.is_ok() {
                    self.link.current().silent_since = None;
                }
                answer
            }
            Err(_) => {
                // The connection may never answer again: its host may be gone.
                self.link.fall_silent();
                Err(RedisError::Unavailable(format!("no answer within {COMMAND_TIMEOUT:?}")))
            }
        }
    }

    /// Whether a command has just missed its time limit. A caller that can do without Redis need not wait.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.link.current().silent_since.is_some_and(|since| since.elapsed() < SILENT)
    }

    /// Pings Redis.
    ///
    /// # Errors
    /// [`RedisError`]
    pub async fn ping(&self) -> Result<(), RedisError> {
        self.run::<String>(&::redis::cmd("PING")).await.map(drop)
    }

    /// The client, for a connection of another kind.
    pub(super) fn client(&self) -> Client {
        self.link.client.clone()
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client knows the password.
        f.write_str("Redis(..)")
    }
}

impl Link {
    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        // Every change of it is a single assignment.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> Option<(MultiplexedConnection, u64)> {
        let current = self.current();
        current.connection.clone().map(|connection| (connection, current.number))
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), RedisError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let _turn = self.connecting.lock().await;
        if let Some(known) = self.known() {
            return Ok(known);
        }
        // The time limit is that of the whole command.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut current = self.current();
        current.number += 1;
        current.connection = Some(made.clone());
        Ok((made, current.number))
    }

    /// The next command makes a new connection, unless another one has done so already.
    fn give_up(&self, number: u64) {
        let mut current = self.current();
        if current.number == number {
            current.connection = None;
        }
    }

    fn fall_silent(&self) {
        let mut current = self.current();
        current.connection = None;
        current.silent_since = Some(Instant::now());
    }
}
