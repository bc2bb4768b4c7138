//! What a check says: lines for people, or one JSON object a line for programs.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::check::Summary;
use super::finding::{Finding, SheetReport, Told};

/// Writes what is told.
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

    pub(super) fn told(&mut self, told: &Told) {
        match told {
            Told::Finding(finding) => self.line("finding", finding, &finding_text(finding)),
            Told::Sheet(report) => self.line("sheet", report, &sheet_text(report)),
        }
    }

    /// Something worth knowing that is no finding.
    pub(super) fn note(&mut self, text: &str) {
        self.line("note", &json!({ "what": text }), text);
    }

    pub(super) fn summary(&mut self, summary: &Summary) {
        self.line("summary", summary, &summary_text(summary));
    }

    /// Whether all of it was written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }

    fn line(&mut self, kind: &str, value: &impl Serialize, text: &str) {
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
