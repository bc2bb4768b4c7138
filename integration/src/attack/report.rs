//! The outcome of an attack, and the table of all.
//!
//! Invariant: an outcome is sound when the server ran on, all others were answered, and in time.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::catalog::Attack;
use super::others::{Served, Times};

/// Times below this differ by chance alone on a busy machine.
const FLOOR: Duration = Duration::from_millis(20);
/// The code that refuses for a limit.
const REFUSED: &str = "ResourceExhausted";

/// A finished attack.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The attack.
    pub attack: Attack,
    pub(super) sent: u64,
    pub(super) answers: BTreeMap<String, u64>,
    /// The server's memory above that before the attack, at most, and after it.
    pub(super) held: u64,
    pub(super) left: u64,
    pub(super) lasted: Duration,
    /// The others during the control run, and during the attack.
    pub(super) control: Served,
    pub(super) served: Served,
    /// The lines that the server logged.
    pub(super) refusals: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl Outcome {
    /// What is wrong.
    #[must_use]
    pub fn findings(&self, times: f64) -> Vec<String> {
        let mut findings = self.notes.clone();
        for (name, of) in [
            ("edits", (|it: &Served| &it.edits) as fn(&Served) -> &Times),
            ("visits", |it: &Served| &it.visits),
        ] {
            let (control, served) = (of(&self.control), of(&self.served));
            let most = control.p99().max(FLOOR).mul_f64(times);
            if served.p99() > most {
                let (p99, longest) = (served.p99(), served.longest());
                findings.push(format!(
                    "{name} of others: p99 {p99:?}, longest {longest:?}; {most:?} would be {times} times the control run"
                ));
            }
            if served.count() == 0 {
                findings.push(format!("no {name} of others"));
            }
        }
        let refused = self.answers.get(REFUSED).copied().unwrap_or_default();
        if refused > 0 && self.refusals.is_empty() {
            findings.push(format!("{refused} refusals, and no line in the log"));
        }
        findings
    }

    /// How often each code was the answer.
    #[must_use]
    pub fn answers(&self) -> String {
        let each = self.answers.iter().map(|(code, count)| format!("{count} {code}"));
        each.collect::<Vec<_>>().join(", ")
    }

    /// The first lines that the server logged.
    #[must_use]
    pub fn logged(&self) -> &[String] {
        &self.refusals[..self.refusals.len().min(3)]
    }
}

/// All outcomes, in Markdown.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| attack | caller | sent | held | kept | seconds | edits of others, p99 | control | visits of others, p99 | control |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for it in outcomes {
        let caller = if it.attack.needs_account { "an account" } else { "a stranger" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {}: {} | {caller} | {} | {} | {} | {:.0} | {} | {} | {} | {} |",
            it.attack.name,
            it.attack.does,
            bytes(it.sent),
            bytes(it.held),
            bytes(it.left),
            it.lasted.as_secs_f64(),
            millis(it.served.edits.p99()),
            millis(it.control.edits.p99()),
            millis(it.served.visits.p99()),
            millis(it.control.visits.p99()),
        );
    }
    text
}

fn millis(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1_000.0)
}

fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} KB", count / 1_000),
        _ => format!("{} MB", count / 1_000_000),
    }
}
