//! The time from `SendMessage` to the event on the other person's stream.
//!
//! Not the calls of a page. Invariant: each message is received before the next one of its pair is sent.

use std::fmt;
use std::time::{Duration, Instant};

use client::Client;
use client::net::{Notices, Thread};
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::options::Options;
use super::setup::{new_sheet, person, share};
use crate::load::error::LoadError;
use crate::load::measure::clock::to_ticks;
use crate::load::measure::latency::{Latencies, Percentiles, row};

/// How long a message may take.
const WITHIN: Duration = Duration::from_secs(30);

/// Messages between persons.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MessageReport {
    /// Messages that were sent and received.
    pub messages: usize,
    /// Microseconds from the call to the event.
    pub us: Percentiles,
}

impl fmt::Display for MessageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "message", None, self.us)
    }
}

pub(super) async fn measure(options: &Options) -> Result<MessageReport, LoadError> {
    let mut pairs = JoinSet::new();
    for number in 0..options.pairs {
        let (from, _) = person(options, number).await?;
        let (to, _) = person(options, number + 1).await?;
        share(&from, &new_sheet(&from).await?, &to, Role::Viewer).await?;
        pairs.spawn(pair(from, to, options.messages));
    }
    let mut all = Latencies::new();
    while let Some(pair) = pairs.join_next().await {
        all.add(&pair.map_err(|error| LoadError::server("a pair", error))??);
    }
    Ok(MessageReport { messages: options.pairs * options.messages, us: all.percentiles() })
}

async fn pair(from: Client, to: Client, messages: usize) -> Result<Latencies, LoadError> {
    let fail = |error| LoadError::server("a message", error);
    let account = to.who_am_i().await.map_err(fail)?.account.unwrap_or_default();
    let thread = Thread::Person(account.id);
    let mut notices = to.watch_notices(None);
    let mut latencies = Latencies::new();
    // The first one opens the stream and the thread.
    for number in 0..=messages {
        let text = format!("message {number}");
        let begun = Instant::now();
        from.say(&thread, &text, &[]).await.map_err(fail)?;
        let received = timeout(WITHIN, receive(&mut notices, &text, number == 0)).await;
        received.map_err(|_| LoadError::Late("a message", WITHIN.as_secs()))??;
        if number > 0 {
            latencies.record(to_ticks(begun.elapsed()));
        }
    }
    Ok(latencies)
}

/// Waits for a message. A stream that has just begun may begin after it.
async fn receive(notices: &mut Notices, text: &str, is_first: bool) -> Result<(), LoadError> {
    loop {
        let event = notices.next().await;
        match event.map_err(|error| LoadError::server("the notices", error))? {
            Event::Message(changed)
                if changed.message.as_ref().is_some_and(|it| it.text == text) =>
            {
                return Ok(());
            }
            Event::Started(_) if is_first => return Ok(()),
            _ => {}
        }
    }
}
