//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// Edit Gridloom sheets from the command line.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Args {
    /// The server's address.
    #[arg(long, global = true, env = "GRIDLOOM_SERVER", default_value = "http://127.0.0.1:7400")]
    pub(crate) server: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account and sign in to it.
    SignUp(SignUp),
    /// Sign in; the token is kept for later commands.
    SignIn(SignIn),
    /// Sign out, here and on the server.
    SignOut,
    /// Tell who is signed in.
    Whoami,
    /// List the sheets, the one changed last first.
    Sheets(Sheets),
    /// Make an empty sheet.
    Create(Create),
    /// Make a sheet from a CSV file.
    Import(Import),
    /// Write a sheet as CSV.
    Export(Export),
    /// Set one cell.
    Set(Set),
    /// Take back your last change of a sheet.
    Undo(Undo),
    /// Take back your last undo.
    Redo(Redo),
    /// List past changes, the last first.
    History(History),
    /// Make a sheet as it was at an older revision. It can be undone.
    Restore(Restore),
    /// Show changes as they happen, until interrupted.
    Tail(Tail),
    /// Show rows.
    Rows(Rows),
}

/// Where a password comes from.
#[derive(ClapArgs, Debug)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of standard input. Otherwise it is taken from the
    /// environment variable GRIDLOOM_PASSWORD, or asked for.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct SignUp {
    /// The e-mail address.
    pub(crate) email: String,
    /// What others see; the part of the address before the @ unless told otherwise.
    #[arg(long, default_value = "")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct SignIn {
    /// The e-mail address.
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Sheets {
    /// Only those whose name contains this, in any letter case.
    #[arg(default_value = "")]
    pub(crate) filter: String,
    /// The deleted ones instead.
    #[arg(long)]
    pub(crate) deleted: bool,
    /// One JSON object on each line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Create {
    /// The sheet's name.
    pub(crate) name: String,
    /// A column's name; give it once for each. None: five columns named A to E.
    #[arg(long = "column", value_name = "NAME")]
    pub(crate) columns: Vec<String>,
    /// How many empty rows.
    #[arg(long, default_value_t = 100)]
    pub(crate) rows: u32,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Import {
    /// The file; `-` is standard input.
    pub(crate) file: PathBuf,
    /// The sheet's name; the file's name unless told otherwise.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The file has no header line; columns are named A, B, C, ...
    #[arg(long)]
    pub(crate) no_header: bool,
    /// The first line is a header, also when it looks like data.
    #[arg(long, conflicts_with = "no_header")]
    pub(crate) header: bool,
    /// Fill short rows, drop surplus empty fields, read other bytes than UTF-8 as Windows-1252,
    /// instead of refusing the file.
    #[arg(long)]
    pub(crate) repair: bool,
    /// The character between fields, or the word `tab`; found from the first line otherwise.
    #[arg(long, value_parser = delimiter)]
    pub(crate) delimiter: Option<char>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Export {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// The file to write; standard output otherwise.
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Set {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// Which cell: `B7`, `7:2`, or `7:Price` (row, then column number or name; both count from 1).
    pub(crate) cell: String,
    /// Its new value: a number, true or false, a point in time such as 2024-05-01T12:00:00Z, or
    /// text. Empty text empties the cell.
    #[arg(allow_hyphen_values = true)]
    pub(crate) value: String,
    /// Take the value as text, whatever it looks like.
    #[arg(long)]
    pub(crate) text: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Undo {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// The change of this revision, in place of the last one; it must be yours.
    #[arg(long)]
    pub(crate) revision: Option<u64>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Redo {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct History {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// Only changes that touched this row, wherever it stood then.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) row: Option<u32>,
    /// How many changes to list.
    #[arg(long, default_value_t = 20)]
    pub(crate) count: u32,
    /// One JSON object on each line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Restore {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// The revision to go back to; 0 is the sheet as it was made.
    pub(crate) revision: u64,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Tail {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// One JSON object on each line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Rows {
    /// The sheet's id, or its name.
    pub(crate) sheet: String,
    /// The first row to show.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) from: u32,
    /// How many rows to show.
    #[arg(long, default_value_t = 20)]
    pub(crate) count: u32,
    /// Only rows like this: `Price > 10`, `Item contains pear`, `Note is empty`. Several must all
    /// hold. Operators: = != < <= > >= contains, starts with, is empty, is not empty. Texts compare
    /// without regard to case; quotes make anything a text.
    #[arg(long = "where", value_name = "CONDITION", value_parser = crate::search::condition)]
    pub(crate) conditions: Vec<crate::search::Condition>,
    /// Sort by this column; `Price:desc` for the largest first. Several sort within one another.
    #[arg(long, value_name = "COLUMN[:desc]")]
    pub(crate) sort: Vec<String>,
    /// As they were at this revision, or at this time (2024-05-01T12:00:00Z).
    #[arg(long, value_name = "REVISION", value_parser = crate::rows::when,
        conflicts_with_all = ["conditions", "sort"])]
    pub(crate) at: Option<client::net::When>,
    /// One JSON object on each line.
    #[arg(long)]
    pub(crate) json: bool,
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut chars = text.chars();
    match (text, chars.next(), chars.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(char), None) => Ok(char),
        _ => Err("give one character, or the word tab".to_owned()),
    }
}
