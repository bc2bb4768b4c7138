//! `gridctl`: Gridloom from the command line.
//!
//! Results go to standard output and nothing else does, so that they can be piped; progress and
//! complaints go to standard error. Rows and columns count from 1 here, as in every spreadsheet.

mod account;
mod args;
mod cells;
mod credentials;
mod failure;
mod files;
mod history;
mod output;
mod rows;
mod search;
mod sheets;
mod tail;

use std::process::ExitCode;

use clap::Parser;
use client::Client;

use args::{Args, Command};
use failure::Failure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has had enough: `gridctl rows ... | head` is no failure.
        Err(Failure::Output(cause)) if cause.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Failure> {
    let server = args.server.trim_end_matches('/');
    match args.command {
        Command::SignUp(args) => account::sign_up(server, args).await,
        Command::SignIn(args) => account::sign_in(server, args).await,
        Command::SignOut => account::sign_out(server).await,
        Command::Whoami => account::who_am_i(server).await,
        Command::Sheets(args) => sheets::list(&signed_in(server).await?, args).await,
        Command::Create(args) => sheets::create(&signed_in(server).await?, args).await,
        Command::Import(args) => files::import(&signed_in(server).await?, args).await,
        Command::Export(args) => files::export(&signed_in(server).await?, args).await,
        Command::Set(args) => cells::set(&signed_in(server).await?, args).await,
        Command::Undo(args) => cells::undo(&signed_in(server).await?, args).await,
        Command::Redo(args) => cells::redo(&signed_in(server).await?, args).await,
        Command::History(args) => history::history(&signed_in(server).await?, args).await,
        Command::Restore(args) => history::restore(&signed_in(server).await?, args).await,
        Command::Tail(args) => tail::tail(&signed_in(server).await?, args).await,
        Command::Rows(args) => rows::rows(&signed_in(server).await?, args).await,
    }
}

/// A client with the token that was kept for this server.
async fn signed_in(server: &str) -> Result<Client, Failure> {
    let token = credentials::token(server)?.ok_or(Failure::NotSignedIn)?;
    Ok(Client::connect(server).await?.with_token(&token)?)
}
