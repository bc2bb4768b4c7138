//! `gridloom admin ...`: reads the command line, prints, and says how it went.

use std::io::stdout;

use super::aside;
use super::check::{self, JournalTail, Summary};
use super::finding::{Finding, Rule, Told};
use super::sources::{JournalFound, Place};
use super::told::Printer;
use crate::config::Options;
use model::{SheetId, now_micros};
use store::{LISTED_SESSIONS, SessionFilter};

/// What an operator can ask for.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum AdminCommand {
    /// Looks whether a database is sound, and the journal with it; changes nothing. Ends with 0 when
    /// it is, with 1 when something is wrong, with 2 when it could not look
    Check {
        /// What is looked at.
        #[command(flatten)]
        question: Question,
    },
    /// Lists who has which sheet open, on which server and since when; the newest first
    Sessions {
        /// Those that have ended, and how, in place of those that are open
        #[arg(long)]
        ended: bool,
        /// What is looked at.
        #[command(flatten)]
        question: Question,
    },
    /// Looks at one sheet: where the database and the journal have it, whether it is set aside and why,
    /// and which of its changes are parked
    Sheet {
        /// Which sheet.
        #[arg(value_name = "ID")]
        id: SheetId,
        /// One JSON object a line, for programs
        #[arg(long)]
        json: bool,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Opens a sheet again that is set aside, or whose journal does not fit the database: takes its
    /// changes out of the journal, keeps them in the database as parked, and goes on from what the
    /// database has. Needs the data directory for itself: stop the server first
    Park {
        /// Which sheet.
        #[arg(value_name = "ID")]
        id: SheetId,
        /// As for `serve`.
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Deletes a sheet in whatever state it is; its owner can restore it for 30 days. Needs the data
    /// directory for itself: stop the server first
    Delete {
        /// Which sheet.
        #[arg(value_name = "ID")]
        id: SheetId,
        /// As for `serve`.
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Lets history go that is older than what is kept, now, and ends. While a server runs in the
    /// data directory there is no need: it does so by itself
    Prune {
        /// As for `serve`.
        #[command(flatten)]
        options: Box<Options>,
    },
}

/// What each command has that only looks.
#[derive(Clone, Debug, clap::Args)]
pub struct Question {
    /// One sheet only
    #[arg(long, value_name = "ID")]
    pub sheet: Option<SheetId>,
    /// One JSON object a line, for programs
    #[arg(long)]
    pub json: bool,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Done,
    /// Something is wrong with the database.
    Unsound,
}

impl AdminCommand {
    /// Runs it.
    ///
    /// # Errors
    /// Why it could not be done, for the operator.
    pub async fn run(self) -> Result<Outcome, String> {
        match self {
            Self::Check { question } => check(question).await,
            Self::Prune { options } => prune(*options).await,
            Self::Sessions { ended, question } => sessions(ended, question).await,
            Self::Sheet { id, json, place } => {
                aside::look(id, json, &place).await.map(|()| Outcome::Done)
            }
            Self::Park { id, options } => aside::park(id, *options).await.map(|()| Outcome::Done),
            Self::Delete { id, options } => {
                aside::delete(id, *options).await.map(|()| Outcome::Done)
            }
        }
    }
}

async fn check(Question { sheet, json, place }: Question) -> Result<Outcome, String> {
    let mut sources = place.open().await?;
    let mut printer = Printer::new(stdout(), json);
    let journal = std::mem::replace(&mut sources.journal, JournalFound::None);
    let (journal, damage) = journal_of(journal, &mut printer);
    let mut tell = |told| printer.told(&told);
    let checked = check::run(&sources.store, journal.as_ref(), sheet, &mut tell).await;
    let checked = checked.map_err(|error| error.to_string());
    sources.close().await;
    let mut summary: Summary = checked?;
    summary.findings += u64::from(damage);
    printer.summary(&summary);
    printer.finish().map_err(|error| error.to_string())?;
    Ok(if summary.findings == 0 { Outcome::Done } else { Outcome::Unsound })
}

/// What is to be compared, and whether it is damaged.
fn journal_of<W: std::io::Write>(
    found: JournalFound,
    printer: &mut Printer<W>,
) -> (Option<JournalTail>, bool) {
    match found {
        JournalFound::None => printer.note("no journal was looked at"),
        JournalFound::InUse => {
            printer.note("a server runs on the journal, so only the tables are looked at");
        }
        JournalFound::Damaged(what) => {
            let rule = Rule::JournalReadable;
            printer.told(&Told::Finding(Finding { sheet: None, revision: None, rule, what }));
            return (None, true);
        }
        JournalFound::Read(inspection) => {
            let report = &inspection.report;
            printer.note(&format!(
                "the journal has {} files with {} changes of {} sheets, and {} bytes that were never \
                 finished",
                report.segments, report.entries, report.sheets, report.torn_bytes
            ));
            return (Some(JournalTail::new(inspection)), false);
        }
    }
    (None, false)
}

async fn sessions(
    ended: bool,
    Question { sheet, json, place }: Question,
) -> Result<Outcome, String> {
    let filter = SessionFilter { ended, sheet, account: None };
    let sources = place.open().await?;
    let listed = sources.store.sessions(filter).await.map_err(|error| error.to_string());
    sources.close().await;
    let listed = listed?;
    let mut printer = Printer::new(stdout(), json);
    listed.iter().for_each(|session| printer.session(session));
    if listed.len() >= LISTED_SESSIONS as usize {
        printer.note(&format!("there may be more than the newest {LISTED_SESSIONS}"));
    }
    printer.finish().map_err(|error| error.to_string())?;
    Ok(Outcome::Done)
}

/// What the journal holds has to be committed before bodies of rows may go.
async fn prune(options: Options) -> Result<Outcome, String> {
    let server = aside::start(options).await?;
    let pruned = server.prune(now_micros()).await;
    server.shutdown().await;
    let pruned = pruned.map_err(|error| error.to_string())?;
    let mut printer = Printer::new(stdout(), false);
    printer.note(&format!(
        "let go: {} changes, {} bodies of deleted rows, {} deleted sheets, {} former sessions",
        pruned.changes, pruned.bodies, pruned.sheets, pruned.sessions
    ));
    printer.finish().map_err(|error| error.to_string())?;
    Ok(Outcome::Done)
}
