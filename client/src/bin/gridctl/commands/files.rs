//! `files`: files of any kind, kept as they are, and the tables that are read from some of them.
//!
//! Not CSV files that become sheets: see `transfer`. Invariant: each command that names a file takes its id or its name.

mod after_upload;
mod change;
mod derived;
mod download;
mod link;
mod list;
mod made;
mod original;
mod preview;
mod read;
mod reading;
mod rows;
mod save;
mod selection;
mod shares;
mod sheet;
mod source;
mod table;
mod upload;
mod values;

use clap::{Args, Subcommand};

use crate::credentials::{signed_in, signed_in_at_place};
use crate::failure::Failure;
use crate::server::Server;

#[derive(Args, Debug)]
pub(crate) struct Files {
    #[command(flatten)]
    list: list::List,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is done with files; without a command they are listed.
#[derive(Debug, Subcommand)]
enum Command {
    /// List the files, as no command does.
    #[command(alias = "ls")]
    List(list::List),
    /// Upload files, and read those of a known format as tables. The same command again continues where an interrupted one
    /// was.
    Upload(upload::Upload),
    /// Show how a file is read as a table, and its first rows.
    Preview(preview::Preview),
    /// Read a CSV, JSON lines, Parquet or XLSX file, which makes its tables.
    Read(read::Read),
    /// Show rows of a table of a file, also those that meet conditions, in an order.
    Rows(rows::Rows),
    /// Count the values of a column of a table.
    Values(values::Values),
    /// Save rows of a table as a new file of the account: CSV, TSV, JSON lines, Parquet or XLSX.
    Save(save::Save),
    /// Save rows with computed columns as a new file.
    Derive(derived::Derive),
    /// Save a row for each group of rows as a new file: counts, sums, means, the least and the greatest values.
    Group(derived::Group),
    /// Save rows with the columns of another file beside them, by a key, as a new file.
    Join(derived::Join),
    /// Save rows with columns of the answers of an API beside them, by a key, as a new file.
    Enrich(derived::Enrich),
    /// Make a sheet of rows of a table, append them to a sheet, or merge them into one by a key.
    Sheet(sheet::IntoSheet),
    /// List the uploads that are not complete.
    Uploads(list::Uploads),
    /// Give an incomplete upload up, and discard what has arrived.
    Cancel(change::Cancel),
    /// Rename a file.
    Rename(change::Rename),
    /// Remove a file. It can be restored for a while.
    Remove(change::Remove),
    /// Restore a removed file.
    Restore(change::Restore),
    /// Download a file, and check that it is what was uploaded; with --as, rows of a table of it in another format.
    Download(download::Download),
    /// Print a link by which a file is downloaded without an account for an hour.
    Link(link::Link),
    /// Give a person a role on a file, or change it.
    Share(shares::Share),
    /// List the persons with a role on a file.
    Shares(shares::Shares),
    /// End the role of a person on a file.
    Unshare(shares::Unshare),
    /// End your own role on a file that is shared with you.
    Leave(shares::Leave),
    /// Delete what was uploaded, and keep the tables that were read of it.
    DeleteOriginal(original::DeleteOriginal),
    /// Show how much the files occupy, and how much they may.
    Usage(list::Usage),
}

pub(crate) async fn files(server: &Server, args: Files) -> Result<(), Failure> {
    let Some(command) = args.command else {
        return list::list(&signed_in(server).await?, args.list).await;
    };
    if args.list != list::List::default() {
        return Err(Failure::Message(
            "--filter, --sort, --scope, --removed and --json of the list can't stand before another command; leave them out, or write \
             --json after the command"
                .to_owned(),
        ));
    }
    let client = &match &command {
        // Its rows are edits, which `undo` takes back.
        Command::Sheet(_) => signed_in_at_place(server).await?,
        _ => signed_in(server).await?,
    };
    match command {
        Command::List(args) => list::list(client, args).await,
        Command::Upload(args) => upload::upload(client, server, args).await,
        Command::Preview(args) => preview::preview(client, args).await,
        Command::Read(args) => read::read(client, server, args).await,
        Command::Rows(args) => rows::rows(client, server, args).await,
        Command::Values(args) => values::values(client, server, args).await,
        Command::Save(args) => save::save(client, server, args).await,
        Command::Derive(args) => derived::derive(client, server, args).await,
        Command::Group(args) => derived::group(client, server, args).await,
        Command::Join(args) => derived::join(client, server, args).await,
        Command::Enrich(args) => derived::enrich(client, server, args).await,
        Command::Sheet(args) => sheet::sheet(client, server, args).await,
        Command::Uploads(args) => list::uploads(client, args).await,
        Command::Cancel(args) => change::cancel(client, args).await,
        Command::Rename(args) => change::rename(client, args).await,
        Command::Remove(args) => change::remove(client, args).await,
        Command::Restore(args) => change::restore(client, args).await,
        Command::Download(args) => download::download(client, server, args).await,
        Command::Link(args) => link::link(client, server, args).await,
        Command::Share(args) => shares::share(client, args).await,
        Command::Shares(args) => shares::shares(client, args).await,
        Command::Unshare(args) => shares::unshare(client, args).await,
        Command::Leave(args) => shares::leave(client, args).await,
        Command::DeleteOriginal(args) => original::delete_original(client, args).await,
        Command::Usage(args) => list::usage(client, args).await,
    }
}
