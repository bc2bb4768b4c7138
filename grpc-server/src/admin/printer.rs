//! The output of an operator's command: lines for people, or one JSON object a line for programs.
//!
//! Not the findings themselves: see `finding`.
//!
//! Invariant: after a failed write nothing more is written, and the command ends with that error.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::check::Summary;
use super::finding::{Event, Finding, SheetReport};
use model::{ClientKind, Ended, ListedSession};

/// Writes the output of one command.
pub(super) struct Printer<W> {
    out: W,
    json: bool,
    /// The first thing that went wrong: nothing is written after it.
    failed: Option<io::Error>,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(out: W, json: bool) -> Self {
        Self { out, json, failed: None }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Finding(finding) => self.line("finding", finding, &finding_text(finding)),
            Event::Sheet(report) => self.line("sheet", report, &sheet_text(report)),
        }
    }

    pub(super) fn session(&mut self, session: &ListedSession) {
        self.line("session", &session_json(session), &session_text(session));
    }

    /// A remark that is no finding.
    pub(super) fn note(&mut self, text: &str) {
        self.line("note", &json!({ "what": text }), text);
    }

    pub(super) fn summary(&mut self, summary: &Summary) {
        self.line("summary", summary, &summary_text(summary));
    }

    /// Flushes the output; fails with the first error of a write.
    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }

    pub(super) fn line(&mut self, kind: &str, value: &impl Serialize, text: &str) {
        let line = if self.json {
            let mut object = serde_json::to_value(value).unwrap_or(Value::Null);
            object["type"] = kind.into();
            object.to_string()
        } else {
            text.to_owned()
        };
        if self.failed.is_none() {
            self.failed = writeln!(self.out, "{line}").err();
        }
    }
}

fn finding_text(finding: &Finding) -> String {
    let sheet = finding.sheet.map_or_else(String::new, |sheet| format!(" sheet {sheet}"));
    let at = finding.revision.map_or_else(String::new, |at| format!(" revision {at}"));
    format!("WRONG{sheet}{at}: {} [{}]", finding.what, finding.rule)
}

fn sheet_text(report: &SheetReport) -> String {
    let SheetReport { sheet, name, floor, head, changes, checkpoints, rows, bodies, .. } = report;
    let verdict = match report.findings {
        0 => "sound".to_owned(),
        count => format!("{count} wrong"),
    };
    let journaled = match report.journaled {
        0 => String::new(),
        count => format!(", {count} changes more in the journal"),
    };
    format!(
        "sheet {sheet} {name:?}: {verdict}; revisions {floor} to {head}, {changes} changes replayed, \
         {checkpoints} noted orders, {rows} rows, {bodies} bodies, {} overwritten{journaled}",
        report.overwritten
    )
}

fn summary_text(summary: &Summary) -> String {
    let Summary { sheets, changes, bodies, journaled, findings } = summary;
    let verdict = match findings {
        0 => "all sound".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        count => format!("{count} things are wrong"),
    };
    format!(
        "{verdict}: looked at {sheets} sheets, {changes} changes, {bodies} bodies of rows, \
         {journaled} changes in the journal"
    )
}

const fn client_name(client: ClientKind) -> &'static str {
    match client {
        ClientKind::Stream => "stream",
        ClientKind::Web => "web",
    }
}

const fn ended_name(how: Ended) -> &'static str {
    match how {
        Ended::Closed => "closed",
        Ended::Drained => "drained",
        Ended::Error => "error",
        Ended::Lost => "lost",
    }
}

/// A time as RFC 3339 writes it, in UTC.
pub(super) fn time(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map(|at| at.to_string()).unwrap_or_default()
}

fn session_json(session: &ListedSession) -> Value {
    let record = &session.record;
    let mut object = json!({
        "session": record.id.to_string(),
        "node": record.id.node.to_string(),
        "node_name": session.node_name,
        "account": record.account.to_string(),
        "email": session.email,
        "sheet": record.sheet.to_string(),
        "sheet_name": session.sheet_name,
        "client": client_name(record.client),
        "opened": time(record.opened_micros),
    });
    if let Some(end) = &record.end {
        object["ended"] = ended_name(end.how).into();
        object["ended_at"] = time(end.at_micros).into();
        object["detail"] = end.detail.as_str().into();
    }
    object
}

fn session_text(session: &ListedSession) -> String {
    let record = &session.record;
    let node = session.node_name.clone().unwrap_or_else(|| record.id.node.to_string());
    let account = session.email.clone().unwrap_or_else(|| record.account.to_string());
    let sheet = record.sheet;
    let name = session.sheet_name.as_ref().map_or_else(String::new, |name| format!(" {name:?}"));
    let client = client_name(record.client);
    let since = time(record.opened_micros);
    let end = record.end.as_ref().map_or_else(String::new, |end| {
        let detail = if end.detail.is_empty() { "" } else { ": " };
        let (how, at) = (ended_name(end.how), time(end.at_micros));
        format!("; {how} at {at}{detail}{}", end.detail)
    });
    format!("{account} on sheet {sheet}{name}, {client} at {node} since {since}{end}")
}
