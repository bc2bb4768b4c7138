//! Keeps a client signed in: renews its token before the token ends.
//!
//! Not the change of a session to the new token, which its task makes. Invariants: a token that was renewed has reached the
//! program before the one that it replaces ends; programs that share the place of a token use the one that is kept there
//! before the former one ends, which the server keeps valid for five minutes. A client never changes to a token that it has
//! replaced, also when the place still has it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gridloom::v1;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::client::Client;
use super::error::Error;

/// The part of its time that a token has left when it is renewed.
const LEFT_PART: u32 = 2;
/// The pause before another attempt, while the server does not answer.
const RETRY: Duration = Duration::from_secs(20);
/// Between two looks at the token that is kept.
const LOOK: Duration = Duration::from_secs(10);

/// Where a program keeps its token, perhaps with other programs of the same sign-in.
pub trait TokenPlace: Send + 'static {
    /// The token that is kept. Another one than that of the client: another program has renewed it, or has signed in.
    fn kept(&mut self) -> Option<String>;

    /// Keeps a renewed token in the place of the former one. Where [`Self::kept`] still returns the former one afterwards,
    /// this is called again every few seconds.
    fn keep(&mut self, former: &str, renewed: &v1::Session);
}

/// The place of a program that shares its token with no other.
struct Alone<F>(F);

impl<F: FnMut(&v1::Session) + Send + 'static> TokenPlace for Alone<F> {
    fn kept(&mut self) -> Option<String> {
        None
    }

    fn keep(&mut self, _: &str, renewed: &v1::Session) {
        (self.0)(renewed);
    }
}

/// Renews the token of a client until it is dropped.
#[derive(Debug)]
pub struct Renewal {
    /// Its one task, which ends with the set.
    _task: JoinSet<()>,
}

impl Client {
    /// Renews the token of this client, of its clones and of their live sheets and streams, while the result is kept. Half
    /// of its time before a token ends another one takes its place, and the former one ends five minutes later: a program
    /// that stores its token stores the new one, which `renewed` receives. It ends with the sign-in, after 90 days. Programs
    /// that share a stored token call [`Client::keep_signed_in_at`].
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
        self.keep_signed_in_at(Alone(renewed)).await
    }

    /// The same for programs that share the place of their token: what one of them has renewed, the others use within
    /// seconds. A token of another account is left alone. What the place does not keep, this client uses nevertheless.
    ///
    /// # Errors
    /// [`Error::Refused`]: the client has no valid token.
    pub async fn keep_signed_in_at(&self, place: impl TokenPlace) -> Result<Renewal, Error> {
        let me = self.who_am_i().await?;
        let renewing = Renewing {
            client: self.clone(),
            account: me.account.unwrap_or_default().id,
            place,
            due: Instant::now() + left(me.expires_micros) / LEFT_PART,
            ends_micros: me.expires_micros,
            left_alone: None,
            unsaved: None,
        };
        let mut task = JoinSet::new();
        task.spawn(renewing.run());
        Ok(Renewal { _task: task })
    }

    fn token(&self) -> String {
        self.bearer().watch().borrow().text().to_owned()
    }
}

/// The time until a moment in microseconds since the Unix epoch.
fn left(ends_micros: i64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_micros(u64::try_from(ends_micros).unwrap_or(0)).saturating_sub(now)
}

struct Renewing<P> {
    client: Client,
    /// The id of the account.
    account: String,
    place: P,
    /// When the token is renewed.
    due: Instant,
    /// When the token ends, in microseconds since the Unix epoch.
    ends_micros: i64,
    /// A token in the place that is not one of the account, or has ended.
    left_alone: Option<String>,
    /// The last renewed token, if the place has not kept it.
    unsaved: Option<Unsaved>,
}

/// A renewed token that the place has not kept.
struct Unsaved {
    /// The token that the place has instead. This client has replaced it.
    former: String,
    renewed: v1::Session,
}

impl<P: TokenPlace> Renewing<P> {
    async fn run(mut self) {
        loop {
            sleep_until(self.due.min(Instant::now() + LOOK)).await;
            if self.take_kept().await || Instant::now() < self.due {
                continue;
            }
            match self.client.renew_token().await {
                Ok((_, renewed)) => {
                    let own = self.client.token();
                    // The token in the place is an earlier one, where the own one was not kept.
                    let former = self.unsaved.take().map_or(own, |it| it.former);
                    self.change_to_renewed(former, renewed);
                }
                Err(error) if error.is_transient() => self.due = Instant::now() + RETRY,
                // The sign-in is too old, or has ended: the next call reports it.
                Err(_) => return,
            }
        }
    }

    /// Takes the token that another program has kept. False: there is none for this client.
    async fn take_kept(&mut self) -> bool {
        let Some(kept) = self.place.kept() else { return false };
        if let Some(Unsaved { former, renewed }) = self.unsaved.take()
            && former == kept
        {
            self.keep(former, renewed);
            return false;
        }
        if kept == self.client.token() || self.left_alone.as_ref() == Some(&kept) {
            return false;
        }
        match self.adopt(&kept).await {
            Ok(true) => true,
            Err(error) if error.is_transient() => false,
            _ => {
                self.left_alone = Some(kept);
                false
            }
        }
    }

    /// Changes to a token that another program has kept. False: it is one of another account.
    async fn adopt(&mut self, kept: &str) -> Result<bool, Error> {
        let other = self.client.with_token(kept)?;
        let me = other.who_am_i().await?;
        if me.account.is_none_or(|it| it.id != self.account) {
            return Ok(false);
        }
        let kept_left = left(me.expires_micros);
        if kept_left < left(self.ends_micros) / LEFT_PART {
            // It may be a replaced one, which ends soon. The own one stays until its successor is there.
            let (_, renewed) = other.renew_token().await?;
            self.change_to_renewed(kept.to_owned(), renewed);
        } else {
            self.change_to(kept, me.expires_micros, kept_left);
        }
        Ok(true)
    }

    /// Keeps a renewed token in the place of `former`, and changes to it.
    fn change_to_renewed(&mut self, former: String, renewed: v1::Session) {
        let (token, ends_micros) = (renewed.token.clone(), renewed.expires_micros);
        let valid = Duration::from_secs(renewed.valid_seconds.into());
        self.keep(former, renewed);
        self.change_to(&token, ends_micros, valid);
    }

    fn keep(&mut self, former: String, renewed: v1::Session) {
        self.place.keep(&former, &renewed);
        let is_unsaved = self.place.kept().as_ref() == Some(&former);
        self.unsaved = is_unsaved.then_some(Unsaved { former, renewed });
    }

    fn change_to(&mut self, token: &str, ends_micros: i64, left: Duration) {
        // The text is that of a token.
        let _ = self.client.bearer().replace(token);
        self.ends_micros = ends_micros;
        self.due = Instant::now() + left / LEFT_PART;
    }
}
