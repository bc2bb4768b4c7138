//! The others: accounts that edit sheets of their own at a steady rate, and newcomers that sign in, open a sheet and
//! read. Their times are the measure.
//!
//! Not the attack, and from another address. Invariant: each edit and each visit is counted once: with its time, or as
//! failed.

use std::time::{Duration, Instant};

use client::net::Sheet;
use client::{Client, Error};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::harness::{PASSWORD, new_wide_sheet, opened, p99};

/// Sheets of the others, each of an account of its own.
const EDITORS: usize = 4;
/// From one edit of an editor to the next.
const EDIT_INTERVAL: Duration = Duration::from_millis(25);
/// From one visit to the next.
const VISIT_INTERVAL: Duration = Duration::from_millis(400);
/// A visit or an edit that takes longer has failed.
const GIVE_UP: Duration = Duration::from_secs(30);
const ROWS: u32 = 200;
const COLUMNS: u32 = 8;

/// The accounts of the others.
#[derive(Debug)]
pub(super) struct Others {
    url: String,
    editors: Vec<Sheet>,
    visited: String,
    visitor: String,
}

/// What the others measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Served {
    pub(super) edits: Times,
    pub(super) visits: Times,
    pub(super) failures: Vec<String>,
}

/// Durations of one kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// The duration that 99 of 100 are not above.
    pub(super) fn p99(&self) -> Duration {
        p99(self.0.iter().copied())
    }

    pub(super) fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

impl Others {
    /// Signs up the accounts and opens their sheets.
    ///
    /// # Panics
    /// When the server refuses: it is not under attack yet.
    pub(super) async fn prepare(url: &str) -> Self {
        let (mut editors, mut visited) = (Vec::new(), String::new());
        for number in 0..EDITORS {
            let client = Client::connect(url).await.expect("the server is there");
            let email = email(number);
            let (client, _) = client.sign_up(&email, PASSWORD, "").await.expect("a new address");
            visited = new_wide_sheet(&client, "Other", ROWS, COLUMNS).await;
            editors.push(opened(&client, &visited).await);
        }
        Self { url: url.to_owned(), editors, visited, visitor: email(EDITORS - 1) }
    }

    /// The e-mail address that the visitors sign in with.
    pub(super) fn visitor(&self) -> &str {
        &self.visitor
    }

    /// Edits and visits for so long.
    pub(super) async fn work(&self, length: Duration) -> Served {
        let (stop, stopped) = watch::channel(false);
        let editors: Vec<JoinHandle<Served>> = self
            .editors
            .iter()
            .map(|sheet| tokio::spawn(edit(sheet.clone(), stopped.clone())))
            .collect();
        let visits = visit(self.url.clone(), self.visitor.clone(), self.visited.clone(), stopped);
        let visits = tokio::spawn(visits);
        tokio::time::sleep(length).await;
        stop.send_replace(true);
        let mut served = visits.await.expect("a visitor does not panic");
        for editor in editors {
            let of_one = editor.await.expect("an editor does not panic");
            served.edits.0.extend(of_one.edits.0);
            served.failures.extend(of_one.failures);
        }
        served
    }
}

fn email(number: usize) -> String {
    format!("other{number}@example.org")
}

/// Edits one cell after the other.
async fn edit(sheet: Sheet, stop: watch::Receiver<bool>) -> Served {
    let mut served = Served::default();
    let mut ticks = interval(EDIT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0u32.. {
        ticks.tick().await;
        if *stop.borrow() {
            break;
        }
        let begun = Instant::now();
        let accepted = async {
            let ticket = sheet.set(number % ROWS, number % COLUMNS, f64::from(number)).await?;
            ticket.accepted().await.map(drop)
        };
        match timeout(GIVE_UP, accepted).await {
            Ok(Ok(())) => served.edits.0.push(begun.elapsed()),
            Ok(Err(error)) => served.failures.push(format!("an edit: {error}")),
            Err(_) => served.failures.push(format!("an edit: no answer within {GIVE_UP:?}")),
        }
    }
    served
}

/// Signs in, opens a sheet and reads it, on a connection of its own each time.
async fn visit(url: String, email: String, sheet: String, stop: watch::Receiver<bool>) -> Served {
    let mut served = Served::default();
    let mut ticks = interval(VISIT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        ticks.tick().await;
        let begun = Instant::now();
        match timeout(GIVE_UP, visit_once(&url, &email, &sheet)).await {
            Ok(Ok(())) => served.visits.0.push(begun.elapsed()),
            Ok(Err(error)) => served.failures.push(format!("a visit: {error}")),
            Err(_) => served.failures.push(format!("a visit: no answer within {GIVE_UP:?}")),
        }
    }
    served
}

async fn visit_once(url: &str, email: &str, sheet: &str) -> Result<(), Error> {
    let (client, _) = Client::connect(url).await?.sign_in(email, PASSWORD).await?;
    let opened = client.open(sheet).await?;
    opened.wait_synced().await?;
    client.sheet(sheet).await.map(drop)
}
