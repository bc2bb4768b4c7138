//! Keeps a client signed in: renews its token before the token ends.
//!
//! Not the change of a session to the new token, which its task makes. Invariant: a token that was renewed has reached the
//! program before the one that it replaces ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gridloom::v1;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::client::Client;
use super::error::Error;

/// The part of its time that a token has left when it is renewed.
const LEFT_PART: u32 = 2;
/// The pause before another attempt, while the server does not answer.
const RETRY: Duration = Duration::from_secs(20);

/// Renews the token of a client until it is dropped.
#[derive(Debug)]
pub struct Renewal {
    /// Its one task, which ends with the set.
    _task: JoinSet<()>,
}

impl Client {
    /// Renews the token of this client, of its clones and of their live sheets and streams, while the result is kept. Half
    /// of its time before a token ends another one takes its place, and the former one ends five minutes later: a program
    /// that stores its token stores the new one, which `renewed` receives. It ends with the sign-in, after 90 days.
    ///
    /// ```no_run
    /// # async fn example(client: client::Client) -> Result<(), client::Error> {
    /// let _renewal = client.keep_signed_in(|session| store(&session.token)).await?;
    /// # fn store(token: &str) {}
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Refused`]: the client has no valid token.
    pub async fn keep_signed_in(
        &self,
        renewed: impl FnMut(&v1::Session) + Send + 'static,
    ) -> Result<Renewal, Error> {
        let ends = self.who_am_i().await?.expires_micros;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let left = Duration::from_micros(u64::try_from(ends).unwrap_or(0)).saturating_sub(now);
        let mut task = JoinSet::new();
        task.spawn(renew(self.clone(), left, renewed));
        Ok(Renewal { _task: task })
    }
}

async fn renew(client: Client, left: Duration, mut renewed: impl FnMut(&v1::Session)) {
    let mut pause = left / LEFT_PART;
    loop {
        sleep(pause).await;
        pause = match client.renew_token().await {
            Ok((_, session)) => {
                renewed(&session);
                // The text is that of a token.
                let _ = client.bearer().replace(&session.token);
                Duration::from_secs(session.valid_seconds.into()) / LEFT_PART
            }
            Err(error) if error.is_transient() => RETRY,
            // The sign-in is too old, or has ended: the next call reports it.
            Err(_) => return,
        };
    }
}
