//! What one server has to tell the others at once: a token was revoked, a sheet deleted or its rights
//! changed.
//!
//! A notice is a hint: who hears it looks into Postgres, as everybody does now and then anyway, so one
//! that is lost is made good. Without other servers there is only that look. Invariant: a session whose
//! token or sheet is gone ends within [`LOOK_INTERVAL`] as long as Postgres can be asked.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::access::Access;
use super::auth::Auth;
use super::tokens::TokenHash;
use model::SheetId;
use redis_link::{Bus, BusEvent, Subscription};
use sheet::Registry;
use sheet::fanout::session::EndReason;
use store::{Store, StoreError};

/// Where notices are told.
const TOPIC: &str = "gridloom:notices";
/// How often tokens and sheets of open sessions are looked up, whatever was heard.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// When to look again after a look that failed.
const RETRY: Duration = Duration::from_secs(2);
/// Notices that have not been told yet; more are left to the look of the others.
const QUEUED_NOTICES: usize = 1_024;
/// Tokens or sheets that one statement looks up.
const LOOKED_UP: usize = 1_000;

/// Something that others should know at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A token is good no longer.
    Token(TokenHash),
    /// A sheet was deleted or restored, or who may do what with it has changed.
    Sheet(SheetId),
}

impl Notice {
    fn encode(self) -> Vec<u8> {
        match self {
            Self::Token(hash) => [b"t".as_slice(), &hash].concat(),
            Self::Sheet(sheet) => [b"s".as_slice(), sheet.0.as_bytes()].concat(),
        }
    }

    /// `None` for what a later release may say.
    fn decode(bytes: &Bytes) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        match kind {
            b't' => Some(Self::Token(rest.try_into().ok()?)),
            b's' => Some(Self::Sheet(SheetId(uuid::Uuid::from_slice(rest).ok()?))),
            _ => None,
        }
    }
}

/// Tells notices. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Notices {
    queue: mpsc::Sender<Notice>,
}

impl Notices {
    /// Tells the others, in a while or not at all.
    pub(crate) fn tell(&self, notice: Notice) {
        // Full, or there is nobody to tell.
        let _ = self.queue.try_send(notice);
    }
}

/// The sheets and tokens of the sessions that are open here.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    sessions: Mutex<HashMap<u64, (SheetId, TokenHash)>>,
}

/// Keeps a session watched; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Watch {
    watched: Arc<Watched>,
    session: u64,
}

impl Watched {
    /// Watches a session, by its number.
    pub(crate) fn begin(self: &Arc<Self>, session: u64, sheet: SheetId, token: TokenHash) -> Watch {
        self.sessions().insert(session, (sheet, token));
        Watch { watched: Arc::clone(self), session }
    }

    /// A session goes on under another token.
    pub(crate) fn refreshed(&self, session: u64, token: TokenHash) {
        if let Some((_, known)) = self.sessions().get_mut(&session) {
            *known = token;
        }
    }

    fn all(&self) -> (Vec<SheetId>, Vec<TokenHash>) {
        let sessions = self.sessions();
        let sheets: HashSet<SheetId> = sessions.values().map(|(sheet, _)| *sheet).collect();
        let tokens: HashSet<TokenHash> = sessions.values().map(|(_, token)| *token).collect();
        (sheets.into_iter().collect(), tokens.into_iter().collect())
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<u64, (SheetId, TokenHash)>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watched.sessions().remove(&self.session);
    }
}

/// What the tasks need.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) auth: Arc<Auth>,
    pub(crate) access: Access,
    pub(crate) watched: Arc<Watched>,
}

impl Listener {
    /// Starts to tell and to listen, until `stop`; without a bus there is nobody to tell. The task holds
    /// on to the sheets: wait for it at the end.
    pub(crate) fn start(
        self,
        bus: Option<Bus>,
        stop: CancellationToken,
    ) -> (Notices, JoinHandle<()>) {
        let (queue, notices) = mpsc::channel(QUEUED_NOTICES);
        if let Some(bus) = bus.clone() {
            tokio::spawn(tell(notices, bus));
        }
        let task = tokio::spawn(async move {
            let listening = async {
                let heard = match bus {
                    Some(bus) => Some(bus.subscribe(TOPIC).await),
                    None => None,
                };
                self.run(heard).await;
            };
            stop.run_until_cancelled(listening).await;
        });
        (Notices { queue }, task)
    }

    async fn run(&self, mut heard: Option<Subscription>) {
        let mut looks = interval(LOOK_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let told = tokio::select! {
                // Another server has something to say; this one hears itself as well.
                told = next(&mut heard) => told,
                // Time for a look.
                _ = looks.tick() => Some(BusEvent::Missed),
            };
            let outcome = match told {
                Some(BusEvent::Message(bytes)) => match Notice::decode(&bytes) {
                    Some(Notice::Token(hash)) => self.check_tokens(&[hash]).await,
                    Some(Notice::Sheet(sheet)) => self.check_sheets(&[sheet]).await,
                    None => Ok(()),
                },
                Some(BusEvent::Missed) => self.look().await,
                // The bus is gone; the looks go on.
                None => {
                    heard = None;
                    Ok(())
                }
            };
            if let Err(error) = outcome {
                tracing::debug!(%error, "could not look whether sessions may go on");
                looks.reset_after(RETRY);
            }
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let (sheets, tokens) = self.watched.all();
        for some in tokens.chunks(LOOKED_UP) {
            self.check_tokens(some).await?;
        }
        for some in sheets.chunks(LOOKED_UP) {
            self.check_sheets(some).await?;
        }
        Ok(())
    }

    async fn check_tokens(&self, tokens: &[TokenHash]) -> Result<(), StoreError> {
        if tokens.is_empty() {
            return Ok(());
        }
        for hash in self.store.unknown_tokens(tokens).await? {
            self.auth.forget(&hash);
            self.registry.revoke(hash).await;
        }
        Ok(())
    }

    async fn check_sheets(&self, sheets: &[SheetId]) -> Result<(), StoreError> {
        let gone = self.store.gone_sheets(sheets).await?;
        sheets.iter().for_each(|sheet| self.access.forget(*sheet));
        for sheet in gone {
            self.registry.close(sheet, EndReason::NotFound).await;
        }
        Ok(())
    }
}

/// What is heard next; for ever silent without a bus.
async fn next(heard: &mut Option<Subscription>) -> Option<BusEvent> {
    match heard {
        Some(heard) => heard.next().await,
        None => std::future::pending().await,
    }
}

/// Tells one after the other. What can't be told is found by the others' own look.
async fn tell(mut notices: mpsc::Receiver<Notice>, bus: Bus) {
    while let Some(notice) = notices.recv().await {
        if let Err(error) = bus.publish(TOPIC, &notice.encode()).await {
            tracing::debug!(%error, "a notice was not told");
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_notice_is_read_as_it_is_written() {
        for notice in [Notice::Token([7; 32]), Notice::Sheet(SheetId(Uuid::from_u128(9)))] {
            assert_eq!(Notice::decode(&notice.encode().into()), Some(notice));
        }
        for bytes in [&b""[..], b"t", b"s123", b"?0123456789abcdef"] {
            assert_eq!(Notice::decode(&Bytes::copy_from_slice(bytes)), None);
        }
    }
}
