//! `gridloom admin ...`: the commands, their help, and their exit codes.
//!
//! Not what a command does: see `check`, `aside` and `accounts`.
//!
//! Invariant: a command that could not do its work ends with an error, never with a verdict.

use std::io::stdout;
use std::path::PathBuf;

use super::accounts::{self, Page};
use super::aside;
use super::check::{self, JournalTail, Summary};
use super::finding::{Event, Finding, Rule};
use super::printer::Printer;
use super::sources::{JournalFound, Place};
use crate::config::Options;
use crate::config::origins::own_origin;
use model::{SheetId, now_micros};
use store::{LISTED_SESSIONS, SessionFilter};

/// The commands of an operator.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum AdminCommand {
    /// Checks that a database and its journal are sound; changes nothing. Ends with 0 if they are, with
    /// 1 if something is wrong, with 2 if the check could not run
    Check {
        /// The database, and its journal.
        #[command(flatten)]
        question: Question,
    },
    /// Lists the sessions: account, sheet, server and time of opening; the newest first
    Sessions {
        /// Lists the sessions that have ended, and how, instead of the open ones
        #[arg(long)]
        ended: bool,
        /// The database, and its journal.
        #[command(flatten)]
        question: Question,
    },
    /// Shows one sheet: its revision in the database, its changes in the journal, whether it is set aside
    /// and why, and which of its changes are parked
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
    /// Reopens a sheet that is set aside, or whose journal does not fit the database: moves its changes
    /// from the journal to the parked ones in the database, and continues from the database's revision.
    /// Needs the data directory alone: stop the server first
    Park {
        /// Which sheet.
        #[arg(value_name = "ID")]
        id: SheetId,
        /// As for `serve`.
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Deletes a sheet in any state; its owner can restore it for 30 days. Needs the data directory alone:
    /// stop the server first
    Delete {
        /// Which sheet.
        #[arg(value_name = "ID")]
        id: SheetId,
        /// As for `serve`.
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Lists the accounts by their e-mail addresses: name, state, last use, sheets and tokens
    Users {
        /// Which ones.
        #[command(flatten)]
        page: Page,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Disables an account: it can't sign in, its tokens end, and running servers end its sessions within
    /// seconds. Its sheets stay
    Disable {
        /// The e-mail address of the account.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Lets the owner of a disabled account sign in again
    Enable {
        /// The e-mail address of the account.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Gives an account the right of an operator, or takes it: to see the servers and the jobs of all accounts, and to cancel
    /// and retry these. Running servers see it with the next call
    Operator {
        /// The e-mail address of the account.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Takes the right
        #[arg(long)]
        revoke: bool,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Prints a link by which the owner of an e-mail address makes an account, also where `--sign-up` is closed. It
    /// works once, within 30 days
    Invite {
        /// The e-mail address.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Where browsers reach the server, as `https://sheets.example.org`
        #[arg(long, env = "GRIDLOOM_PUBLIC_URL", value_name = "ORIGIN", value_parser = own_origin,
            default_value = "http://127.0.0.1:7400")]
        public_url: String,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Prints a link by which the owner of an account sets a new password. It works once, within an hour
    Reset {
        /// The e-mail address of the account.
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Where browsers reach the server, as `https://sheets.example.org`
        #[arg(long, env = "GRIDLOOM_PUBLIC_URL", value_name = "ORIGIN", value_parser = own_origin,
            default_value = "http://127.0.0.1:7400")]
        public_url: String,
        /// Where the database is.
        #[command(flatten)]
        place: Place,
    },
    /// Deletes the history beyond the retention limits once, and ends. A running server does the same at
    /// regular intervals
    Prune {
        /// As for `serve`.
        #[command(flatten)]
        options: Box<Options>,
    },
}

/// The arguments of each command that only reads.
#[derive(Clone, Debug, clap::Args)]
pub struct Question {
    /// Only this sheet
    #[arg(long, value_name = "ID")]
    pub sheet: Option<SheetId>,
    /// One JSON object a line, for programs
    #[arg(long)]
    pub json: bool,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
}

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command did its work, and found nothing wrong.
    Done,
    /// Something is wrong with the database.
    Unsound,
}

impl AdminCommand {
    /// The data directory that the command opens.
    pub fn data_dir(&self) -> Option<PathBuf> {
        match self {
            Self::Check { question } | Self::Sessions { question, .. } => question.place.data_dir(),
            Self::Sheet { place, .. }
            | Self::Users { place, .. }
            | Self::Disable { place, .. }
            | Self::Enable { place, .. }
            | Self::Operator { place, .. }
            | Self::Invite { place, .. }
            | Self::Reset { place, .. } => place.data_dir(),
            Self::Park { options, .. } | Self::Delete { options, .. } | Self::Prune { options } => {
                Some(options.data_dir.clone())
            }
        }
    }

    /// Reads the URLs that are in files, while this process may.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn read_files(&mut self) -> Result<(), String> {
        match self {
            Self::Check { question } | Self::Sessions { question, .. } => {
                question.place.read_files()
            }
            Self::Sheet { place, .. }
            | Self::Users { place, .. }
            | Self::Disable { place, .. }
            | Self::Enable { place, .. }
            | Self::Operator { place, .. }
            | Self::Invite { place, .. }
            | Self::Reset { place, .. } => place.read_files(),
            Self::Park { options, .. } | Self::Delete { options, .. } | Self::Prune { options } => {
                options.read_files()
            }
        }
    }

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
            Self::Users { page, place } => {
                accounts::users(&page, &place).await.map(|()| Outcome::Done)
            }
            Self::Disable { email, place } => {
                accounts::disable(&email, &place).await.map(|()| Outcome::Done)
            }
            Self::Enable { email, place } => {
                accounts::enable(&email, &place).await.map(|()| Outcome::Done)
            }
            Self::Operator { email, revoke, place } => {
                accounts::operator(&email, !revoke, &place).await.map(|()| Outcome::Done)
            }
            Self::Invite { email, public_url, place } => {
                accounts::invite(&email, &public_url, &place).await.map(|()| Outcome::Done)
            }
            Self::Reset { email, public_url, place } => {
                accounts::reset(&email, &public_url, &place).await.map(|()| Outcome::Done)
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
    let mut report = |event| printer.event(&event);
    let checked = check::run(&sources.store, journal.as_ref(), sheet, &mut report).await;
    let checked = checked.map_err(|error| error.to_string());
    sources.close().await;
    let mut summary: Summary = checked?;
    summary.findings += u64::from(damage);
    printer.summary(&summary);
    printer.finish().map_err(|error| error.to_string())?;
    Ok(if summary.findings == 0 { Outcome::Done } else { Outcome::Unsound })
}

/// The journal to compare with, and whether it is damaged.
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
            printer.event(&Event::Finding(Finding { sheet: None, revision: None, rule, what }));
            return (None, true);
        }
        JournalFound::Read(inspection) => {
            let report = &inspection.report;
            printer.note(&format!(
                "the journal has {} files with {} changes of {} sheets, and {} bytes of unfinished \
                 records",
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
        printer.note(&format!("only the newest {LISTED_SESSIONS} are listed; there may be more"));
    }
    printer.finish().map_err(|error| error.to_string())?;
    Ok(Outcome::Done)
}

/// Starts a server for it, because the journal has to be committed before bodies of rows are deleted.
async fn prune(options: Options) -> Result<Outcome, String> {
    let server = aside::start(options).await?;
    let pruned = server.prune(now_micros()).await;
    server.shutdown().await;
    let pruned = pruned.map_err(|error| error.to_string())?;
    let mut printer = Printer::new(stdout(), false);
    printer.note(&format!(
        "deleted: {} changes, {} bodies of deleted rows, {} deleted sheets, {} former sessions",
        pruned.changes, pruned.bodies, pruned.sheets, pruned.sessions
    ));
    printer.finish().map_err(|error| error.to_string())?;
    Ok(Outcome::Done)
}
