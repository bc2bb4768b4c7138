//! The command line: the options of every command, and the list of commands.
//!
//! The arguments of each command stand beside the command. Invariant: each variant has one command.

use clap::{Parser, Subcommand};

use crate::commands::{
    account, comments, convert, edit, files, history, jobs, messages, owner, rows, sharing, sheets,
    tail, transfer, workers,
};
use crate::server::ServerArgs;

/// Edit Gridloom sheets from the command line.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account and sign in to it.
    SignUp(account::SignUp),
    /// Confirm the e-mail address of a new account by the link that was sent to it.
    ConfirmEmail(account::ConfirmEmail),
    /// Sign in and save the token for later commands.
    SignIn(account::SignIn),
    /// Sign out, here and on the server.
    SignOut(account::SignOut),
    /// Set another password.
    ChangePassword(owner::ChangePassword),
    /// Set the name that others see.
    Rename(owner::Rename),
    /// Set the colour in which others see the account.
    Color(owner::Color),
    /// Show the account, or set by which language its numbers and days are read.
    Account(owner::Account),
    /// List the programs that are signed in to the account.
    Tokens,
    /// Sign another program out.
    Revoke(owner::Revoke),
    /// Ask for a link to set a new password.
    Forgot(account::Forgot),
    /// Set a new password by such a link.
    ResetPassword(account::ResetPassword),
    /// Delete the account that is signed in.
    DeleteAccount(account::DeleteAccount),
    /// Show the account that is signed in.
    Whoami,
    /// Show what the account has stored, and how much it may store.
    Quota(account::Quota),
    /// List the sheets, the last changed one first.
    Sheets(sheets::Sheets),
    /// Share a sheet with a person, or make a link to it.
    Share(sharing::Share),
    /// Show the roles of persons on a sheet, and its links.
    Shares(sharing::Shares),
    /// End the role of a person, or a link.
    Unshare(sharing::Unshare),
    /// Make another person the owner of a sheet.
    Transfer(sharing::Transfer),
    /// Give up your role on a sheet that others share with you.
    Leave(sharing::Leave),
    /// Open a link to a sheet, and have its role.
    Open(sharing::Open),
    /// List the threads of messages, or the messages of one.
    Messages(messages::Messages),
    /// Send a message to a person, or to the people of a sheet.
    Say(messages::Say),
    /// List the open comments on a sheet, the oldest first.
    Comments(comments::Comments),
    /// Delete comments with their replies: your own, or those on a sheet that you own.
    DeleteComment(comments::DeleteComment),
    /// List mentions, comments, shares, roles and jobs.
    Notices(messages::Notices),
    /// Make an empty sheet.
    Create(sheets::Create),
    /// Make a sheet from a CSV file.
    Import(transfer::Import),
    /// Write a sheet as CSV, or as another format.
    Export(transfer::Export),
    /// List, upload, download and remove files of any kind, which are kept as they are, and look at the tables in them.
    Files(Box<files::Files>),
    /// List, wait for, cancel and repeat jobs: work of the server that takes longer than a call.
    Jobs(jobs::Jobs),
    /// List what runs jobs and queries, as an operator.
    Workers(workers::Workers),
    /// Set one cell.
    Set(edit::Set),
    /// Convert the values of a column to another kind.
    Convert(convert::Convert),
    /// Undo your last change of a sheet that was made at the same place (see --place).
    Undo(edit::Undo),
    /// Redo your last change of a sheet that was undone at the same place.
    Redo(edit::Redo),
    /// List past changes, the newest first.
    History(history::History),
    /// Restore a sheet to an older revision. This is a change that you can undo.
    Restore(history::Restore),
    /// Show changes as they happen, until you press Ctrl-C.
    Tail(tail::Tail),
    /// Show rows of a sheet.
    Rows(rows::Rows),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_offers_the_kinds_that_a_file_may_have() {
        let import = |kinds| Args::try_parse_from(["gridctl", "import", "a.csv", "--kinds", kinds]);
        assert!(import("auto,number,link").is_ok());
        for kinds in ["choice", "text,choices", "numbers"] {
            let error = import(kinds).expect_err("refused").to_string();
            let offered = error.split_once("[possible values: ").expect("lists kinds").1;
            assert!(offered.contains("number") && !offered.contains("choice"), "{error}");
        }
    }

    #[test]
    fn files_are_listed_where_no_command_follows() {
        let is_read = |line: &str| {
            let words = ["gridctl", "files"].into_iter().chain(line.split_whitespace());
            Args::try_parse_from(words).is_ok()
        };
        for line in [
            "",
            "--filter a --sort size:desc --removed --json",
            "list --filter a --sort size:desc --removed --json",
            "ls",
            "--server http://127.0.0.1:7400 uploads --json",
            "upload a b -",
            "upload a --name b --json",
            "cancel a",
            "rename a b",
            "remove a --for-good",
            "restore a",
            "download a -o - --force",
            "usage --json",
            "upload a --read",
            "upload a --no-read",
            "preview a --format jsonl --delimiter tab --kinds auto,number --json",
            "read a --worksheet b --worksheet c --header --repair --zone Europe/Berlin",
            "rows a --table b --from 99999000 --count 50 --columns c,d --json",
        ] {
            assert!(is_read(line), "{line}");
        }
        for line in [
            "--sort date",
            "upload",
            "rename a",
            "cancel",
            "lists",
            "upload a --read --no-read",
            "rows a --from 0",
            "read a --format pdf",
        ] {
            assert!(!is_read(line), "{line}");
        }
    }

    #[test]
    fn rows_of_a_table_have_a_target_of_one_kind() {
        let is_read = |line: &str| {
            let words = ["gridctl", "files"].into_iter().chain(line.split_whitespace());
            Args::try_parse_from(words).is_ok()
        };
        for line in [
            "rows a --where b>1 --where c=x --sort d:desc,e --sort f --locale de --zone UTC",
            "values a b --table c --where d=1 --top 1000 --json",
            "save a --as jsonl --name b --where c=1 --sort d --columns e --for spreadsheets --json",
            "download a --as parquet --table b --where c=1 -o -",
            "sheet a",
            "sheet a --name b --columns c",
            "sheet a --append b --sort c",
            "sheet a --merge b --key c --sheet-key d --table 2 --json",
        ] {
            assert!(is_read(line), "{line}");
        }
        for line in [
            "rows a --where b",
            "values a",
            "values a b --top 0",
            "values a b --top 1001",
            "save a",
            "save a --as pdf",
            "download a --for programs",
            "sheet a --name b --append c",
            "sheet a --append b --merge c --key d",
            "sheet a --merge b",
            "sheet a --key b",
            "sheet a --sheet-key b",
        ] {
            assert!(!is_read(line), "{line}");
        }
    }

    #[test]
    fn an_export_is_csv_where_no_format_is_named() {
        let export = |line: &str| {
            let words = ["gridctl", "export", "s"].into_iter().chain(line.split_whitespace());
            Args::try_parse_from(words).is_ok()
        };
        for line in
            ["", "-o -", "--as xlsx -o a.xlsx --revision 0", "--revision 3 --for spreadsheets"]
        {
            assert!(export(line), "{line}");
        }
        for line in ["--as pdf", "--revision x", "--as"] {
            assert!(!export(line), "{line}");
        }
    }

    #[test]
    fn jobs_are_listed_where_no_command_follows() {
        let is_read = |line: &str| {
            let words = ["gridctl", "jobs"].into_iter().chain(line.split_whitespace());
            Args::try_parse_from(words).is_ok()
        };
        for line in [
            "",
            "--state waiting,running --file a --watch --json",
            "list --state failed --json",
            "ls",
            "cancel a",
            "retry a --json",
            "--all --email a@example.com --state failed --json",
            "cancel a --any",
            "retry a --any --json",
            "plan a --json",
        ] {
            assert!(is_read(line), "{line}");
        }
        for line in [
            "--state ended",
            "cancel",
            "wait",
            "retry a b",
            "lists",
            "--email a",
            "--all --watch",
            "--all --file a",
        ] {
            assert!(!is_read(line), "{line}");
        }
    }

    #[test]
    fn revision_0_has_no_change_to_undo() {
        let undo = |revision| {
            let line = ["gridctl", "undo", "s", "--revision", revision];
            Args::try_parse_from(line)
        };
        assert!(undo("1").is_ok());
        let error = undo("0").expect_err("refused").to_string();
        assert!(error.contains("--revision"), "{error}");
    }
}
