//! The request of one key, with its further attempts.
//!
//! Not the connection (the crate `outbound`). A request is sent again after an answer that may pass: too many requests, a fault of the
//! server, or none at all. Invariants: each key has its `Idempotency-Key`, the same in each attempt of one job; a pause that an API
//! asks for has a bound; no reason repeats a header or a query.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::Meter;
use heavy_work::{Caller, Size};
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use ot_engine::Value;
use outbound::{Address, Answer, Outbound, OutboundError};
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;
use uuid::Uuid;

use super::answers::Ended;
use super::api::Api;
use super::json;
use super::objects::{self, TakenValues};
use super::pace::Pace;
use super::unread::no_json;
use crate::service::turns::{Turn, Turns};
use model::AccountId;
use model::limits::outbound::{ENRICH_BACK_OFF, ENRICH_RETRY_AFTER_MOST, ENRICH_SMALL_BYTES};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Asks an API.
pub(super) struct Asker {
    pub(super) outbound: Outbound,
    pub(super) api: Arc<Api>,
    pub(super) pace: Pace,
    /// Attempts at one request.
    pub(super) tries: u32,
    /// The part of each `Idempotency-Key` that is that of one job.
    pub(super) job: Uuid,
    pub(super) caller: Caller,
    /// The turns of larger enrichments, and whose this one is; `None`: it takes few values.
    pub(super) large: Option<(Arc<Turns>, AccountId)>,
    /// Whether it waits for such a turn, which is no time of the API.
    pub(super) waits: AtomicBool,
    /// Counts the bytes of the answers, and the processor time in which they are read.
    pub(super) meter: Arc<Meter>,
}

/// The objects of an API for all keys, by their keys, and how many have the key of another one.
pub(super) type AllObjects = (HashMap<String, TakenValues>, u64);

/// What an answer means.
enum Judged {
    Read,
    NotFound,
    /// It may pass.
    Again(String),
    /// For this key.
    Failed(String),
    /// For all keys.
    Down(String),
}

/// A request without an answer that can be read.
enum Unanswered {
    NotFound,
    Failed(String),
    Down(String),
}

impl Asker {
    /// Waits for a turn of the larger enrichments.
    pub(super) async fn large_turn(&self) -> Option<Turn> {
        let (turns, account) = self.large.as_ref()?;
        self.waits.store(true, Ordering::Relaxed);
        let turn = turns.turn(*account).await;
        self.waits.store(false, Ordering::Relaxed);
        turn
    }

    /// Asks for one key.
    pub(super) async fn key(&self, key: &str) -> Ended {
        let address = match self.api.address(key) {
            Ok(address) => address,
            Err(why) => return Ended::Failed(why),
        };
        let answer = match self.answer(&address, key).await {
            Ok(answer) => answer,
            Err(Unanswered::NotFound) => return Ended::NotFound,
            Err(Unanswered::Failed(why)) => return Ended::Failed(why),
            Err(Unanswered::Down(why)) => return Ended::Down(why),
        };
        let (api, key) = (Arc::clone(&self.api), key.to_owned());
        let read = self.reading(answer, move |content, answer| {
            if content.is_empty() {
                return Ok(None);
            }
            let raw = json::of(content).map_err(|why| no_json(api.has_secret, answer, &why))?;
            objects::of_key(&api, raw, &key)
        });
        match read.await {
            Ok(Some(values)) => Ended::Values(values),
            Ok(None) => Ended::NotFound,
            Err(why) => Ended::Failed(format!("{}: {why}", address.host_text())),
        }
    }

    /// Asks once for the objects of all these keys, with a turn where their values may be many. The error is the reason.
    pub(super) async fn all(
        &self,
        keys: &[Arc<str>],
    ) -> Result<(Option<Turn>, AllObjects), String> {
        let address = self.api.address("")?;
        let host = address.host_text().to_owned();
        let answer = match self.answer(&address, "").await {
            Ok(answer) => answer,
            Err(Unanswered::NotFound) => return Err(format!("{host} has no such page (404)")),
            Err(Unanswered::Failed(why) | Unanswered::Down(why)) => return Err(why),
        };
        // Of each value there are two copies for a while.
        let of_keys = keys.len().saturating_mul(size_of::<Value>());
        let most = answer.body.len().saturating_add(of_keys).saturating_mul(self.api.take.len());
        let turn = if most > ENRICH_SMALL_BYTES / 2 { self.large_turn().await } else { None };
        let (api, keys) = (Arc::clone(&self.api), keys.to_vec());
        let read = self.reading(answer, move |content, answer| {
            let raw = json::of(content).map_err(|why| no_json(api.has_secret, answer, &why))?;
            let wanted: HashSet<_> =
                keys.iter().map(|key| values::normal(api.key_of(key))).collect();
            objects::of_all(&api, raw, |key| wanted.contains(key))
        });
        Ok((turn, read.await.map_err(|why| format!("{host}: {why}"))?))
    }

    /// Reads the content of an answer, a long one as heavy work.
    async fn reading<T: Send + 'static>(
        &self,
        answer: Answer,
        read: impl FnOnce(&[u8], &Answer) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let size = Size::Bytes(answer.body.len());
        let meter = Arc::clone(&self.meter);
        let work = move || meter.busy(|| read(&answer.body, &answer));
        let read = heavy_work::run_sized(self.caller, size, work).await;
        read.map_err(|_| "the answer was not read; see the server's log".to_owned())?
    }

    /// The answer to a request, after further attempts perhaps.
    async fn answer(&self, address: &Address, key: &str) -> Result<Answer, Unanswered> {
        let headers = self.headers(key);
        let mut attempt = 1;
        loop {
            self.pace.turn().await;
            let answered = self.outbound.get(address, &headers).await;
            if let Ok(answer) = &answered {
                self.meter.add_bytes(answer.body.len() as u64);
            }
            let wait = answered.as_ref().ok().and_then(|answer| answer.retry_after);
            let why = match judged(address, &answered) {
                Judged::Again(why) => why,
                Judged::NotFound => return Err(Unanswered::NotFound),
                Judged::Failed(why) => return Err(Unanswered::Failed(why)),
                Judged::Down(why) => return Err(Unanswered::Down(why)),
                Judged::Read => match answered {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error.to_string(),
                },
            };
            // A pause is meant for all requests, also after the last attempt at one of them. A preview has no time for it.
            let wait = wait.filter(|_| self.tries > 1);
            if let Some(wait) = wait {
                self.pace.pause(wait.min(ENRICH_RETRY_AFTER_MOST));
            }
            if attempt >= self.tries {
                return Err(Unanswered::Failed(why));
            }
            if wait.is_none() {
                sleep(back_off(attempt)).await;
            }
            attempt += 1;
        }
    }

    /// The headers of the request of a key.
    fn headers(&self, key: &str) -> HeaderMap {
        let mut headers = self.api.headers.clone();
        let mut hash = Sha256::new();
        hash.update(self.job.as_bytes());
        hash.update(key.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let text: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        // Digits are a value of a header. A caller may have one of its own.
        if let (false, Ok(value)) =
            (headers.contains_key(IDEMPOTENCY_KEY), HeaderValue::try_from(text))
        {
            headers.insert(HeaderName::from_static(IDEMPOTENCY_KEY), value);
        }
        headers
    }
}

/// The pause after an attempt, from 1: twice as long each time, and of random length, so that requests do not come together.
fn back_off(attempt: u32) -> Duration {
    let whole = ENRICH_BACK_OFF.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    let mut random = [0_u8; 1];
    // Without a random number it is the half.
    if getrandom::fill(&mut random).is_err() {
        return whole / 2;
    }
    whole / 2 + whole / 2 * u32::from(random[0]) / 255
}

/// What an answer, or none, means.
fn judged(address: &Address, answered: &Result<Answer, OutboundError>) -> Judged {
    let answer = match answered {
        Ok(answer) => answer,
        Err(error) if error.may_pass() => return Judged::Again(error.to_string()),
        Err(error @ OutboundError::Refused(_)) => return Judged::Down(error.to_string()),
        Err(error) => return Judged::Failed(error.to_string()),
    };
    let (host, status) = (address.host_text(), answer.status);
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Judged::NotFound,
        // Some APIs answer so to too many requests.
        StatusCode::FORBIDDEN if answer.retry_after.is_some() => {
            Judged::Again(format!("{host} answers {status}"))
        }
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Judged::Down(format!("{host} refuses the request ({status}); check the headers"))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => {
            Judged::Again(format!("{host} answers {status}"))
        }
        status if status.is_server_error() => Judged::Again(format!("{host} answers {status}")),
        status if status.is_success() => Judged::Read,
        status => Judged::Failed(format!("{host} answers {status}")),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, content_type: &str, body: &'static str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).expect("is one"),
            content_type: content_type.to_owned(),
            retry_after: None,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn an_answer_is_read_asked_for_again_or_the_end() {
        let address = Address::parse("https://a.org/p?key=hunter2").expect("is one");
        let of = |status| match judged(&address, &Ok(answer(status, "", ""))) {
            Judged::Read => "read",
            Judged::NotFound => "not found",
            Judged::Again(_) => "again",
            Judged::Failed(_) => "failed",
            Judged::Down(why) => {
                assert!(!why.contains("hunter2"), "{why}");
                "down"
            }
        };
        for (statuses, expected) in [
            (&[200, 201, 204][..], "read"),
            (&[404, 410], "not found"),
            (&[408, 425, 429, 500, 502, 503, 504], "again"),
            (&[304, 400, 405, 418, 422], "failed"),
            (&[401, 403, 407], "down"),
        ] {
            for status in statuses {
                assert_eq!(of(*status), expected, "{status}");
            }
        }
        let busy = Answer { retry_after: Some(Duration::ZERO), ..answer(403, "", "") };
        assert!(matches!(judged(&address, &Ok(busy)), Judged::Again(_)));
        let unreached = Err(OutboundError::Unreached("x".to_owned()));
        assert!(matches!(judged(&address, &unreached), Judged::Again(_)));
        let refused = Err(OutboundError::Refused("x".to_owned()));
        assert!(matches!(judged(&address, &refused), Judged::Down(_)));
    }

    #[test]
    fn pauses_grow_and_stay_within_their_bounds() {
        for attempt in 1..=5 {
            let whole = ENRICH_BACK_OFF * 2_u32.pow(attempt - 1);
            let pause = back_off(attempt);
            assert!((whole / 2..=whole).contains(&pause), "{attempt}: {pause:?}");
        }
    }
}
