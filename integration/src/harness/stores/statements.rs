//! The statements that the Postgres of a server runs, from its log.
//!
//! Not their times. Invariant: a statement that was answered is in the log.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::faults::reload_postgres;
use crate::harness::wait::eventually;

/// What stands before the text of a statement.
const MARKS: [&str; 2] = ["LOG:  statement: ", "LOG:  execute "];

/// The log of the statements of one server.
#[derive(Debug)]
pub struct Statements {
    log: PathBuf,
}

impl Statements {
    /// Has all statements of the Postgres in a data directory logged; `sql`: a session with it.
    ///
    /// # Panics
    /// When none runs there.
    pub async fn of(data: &Path, sql: &tokio_postgres::Client) -> Self {
        let settings = data.join("postgres/data/postgresql.conf");
        let text = fs::read_to_string(&settings).expect("has settings");
        fs::write(&settings, text + "\nlog_statement = 'all'\n").expect("can be written");
        reload_postgres(data);
        let statements = Self { log: data.join("postgres").join("postgres.log") };
        eventually("statements are logged", async || {
            sql.batch_execute("select 'a first one'").await.expect("answers");
            statements.text().contains("select 'a first one'").then_some(())
        })
        .await;
        statements
    }

    /// The statements that name one of some tables, while a call runs, each in one line. Without those that look up a token,
    /// which a server remembers for a while.
    ///
    /// # Panics
    /// When the log can't be read.
    pub async fn during(&self, tables: &[&str], call: impl Future<Output = ()>) -> Vec<String> {
        let before = self.text().len();
        call.await;
        let text = self.text().split_off(before);
        // Further lines of a statement begin with a tab.
        let whole = text.replace("\n\t", " ");
        let found = whole.lines().filter_map(statement);
        let named = found.filter(|text| tables.iter().any(|table| text.contains(table)));
        named.filter(|text| !text.contains("from tokens as token")).collect()
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.log).expect("is there")
    }
}

/// The statement of a line, without the name under which it was prepared.
fn statement(line: &str) -> Option<String> {
    let text = MARKS.iter().find_map(|mark| Some(line.split_once(mark)?.1))?;
    let text = match line.contains(MARKS[1]) {
        true => text.split_once(": ")?.1,
        false => text,
    };
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
