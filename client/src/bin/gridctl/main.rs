//! `gridctl`: Gridloom on the command line.
//!
//! It contains no protocol; it uses the SDK (`client::net`). Start reading at `args.rs` (the commands) and
//! `commands/`. `parse/` reads typed values, `output/` prints. Rows and columns count from 1.
//!
//! Invariant: standard output has only results, so that it can be piped; messages and progress bars go to
//! standard error. The exit code is 0, 1 after a failure, 2 for bad arguments, and 130 after an interrupt.

mod args;
mod commands;
mod content;
mod credentials;
mod directories;
mod failure;
mod find;
mod input;
mod interrupt;
mod made;
mod output;
mod parse;
mod place;
mod server;
mod wait;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;
use commands::{
    account, comments, convert, edit, files, history, jobs, messages, owner, rows, sharing, sheets,
    tail, transfer, workers,
};
use credentials::{signed_in, signed_in_at_place};
use failure::Failure;

/// The exit code after an interrupt, as shells have it: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tls::install_provider();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the pipe: `gridctl rows ... | head` is no failure.
        Err(Failure::Output(cause)) if cause.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            output::say(&failure.to_string());
            match failure {
                Failure::Interrupted(_) => ExitCode::from(INTERRUPTED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn run(args: Args) -> Result<(), Failure> {
    let server = &args.server.read()?;
    match args.command {
        Command::SignUp(args) => account::sign_up(server, args).await,
        Command::ConfirmEmail(args) => account::confirm_email(server, args).await,
        Command::SignIn(args) => account::sign_in(server, args).await,
        Command::SignOut(args) => account::sign_out(server, args).await,
        Command::ChangePassword(args) => owner::change_password(server, args).await,
        Command::Rename(args) => owner::rename(server, args).await,
        Command::Color(args) => owner::color(server, args).await,
        Command::Account(args) => owner::account(server, args).await,
        Command::Tokens => owner::tokens(server).await,
        Command::Revoke(args) => owner::revoke(server, args).await,
        Command::Forgot(args) => account::forgot(server, args).await,
        Command::ResetPassword(args) => account::reset_password(server, args).await,
        Command::DeleteAccount(args) => account::delete_account(server, args).await,
        Command::Whoami => account::who_am_i(server).await,
        Command::Quota(args) => account::quota(server, args).await,
        Command::Sheets(args) => sheets::list(&signed_in(server).await?, args).await,
        Command::Share(args) => sharing::share(&signed_in(server).await?, server, args).await,
        Command::Shares(args) => sharing::shares(&signed_in(server).await?, server, args).await,
        Command::Unshare(args) => sharing::unshare(&signed_in(server).await?, args).await,
        Command::Transfer(args) => sharing::transfer(&signed_in(server).await?, args).await,
        Command::Leave(args) => sharing::leave(&signed_in(server).await?, args).await,
        Command::Open(args) => sharing::open(&signed_in(server).await?, args).await,
        Command::Messages(args) => messages::messages(&signed_in(server).await?, args).await,
        Command::Say(args) => messages::say(&signed_in(server).await?, args).await,
        Command::Comments(args) => comments::comments(&signed_in(server).await?, args).await,
        Command::DeleteComment(args) => {
            comments::delete_comment(&signed_in(server).await?, args).await
        }
        Command::Notices(args) => messages::notices(&signed_in(server).await?, server, args).await,
        Command::Create(args) => sheets::create(&signed_in(server).await?, args).await,
        Command::Import(args) => transfer::import(&signed_in(server).await?, args).await,
        Command::Export(args) => transfer::export(&signed_in(server).await?, server, args).await,
        Command::Files(args) => files::files(server, *args).await,
        Command::Jobs(args) => jobs::jobs(server, args).await,
        Command::Workers(args) => workers::workers(&signed_in(server).await?, server, args).await,
        Command::Set(args) => edit::set(&signed_in_at_place(server).await?, args).await,
        Command::Convert(args) => convert::convert(&signed_in_at_place(server).await?, args).await,
        Command::Undo(args) => edit::undo(&signed_in_at_place(server).await?, args).await,
        Command::Redo(args) => edit::redo(&signed_in_at_place(server).await?, args).await,
        Command::History(args) => history::history(&signed_in(server).await?, args).await,
        Command::Restore(args) => history::restore(&signed_in_at_place(server).await?, args).await,
        Command::Tail(args) => tail::tail(&signed_in(server).await?, server, args).await,
        Command::Rows(args) => rows::rows(&signed_in(server).await?, args).await,
    }
}
