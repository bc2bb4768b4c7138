//! The `gridloom` program: reads the command line, starts the server, waits for a signal.
//!
//! Not the server: the library starts and stops it. Invariant: a failure ends the program with one sentence on stderr.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grpc_server::admin::{AdminCommand, Outcome};
use grpc_server::config::Options;
use grpc_server::serve::{Server, StartError, descriptors};
use grpc_server::telemetry::{self, LogOptions};

/// Data grids that many people and programs edit at the same time.
#[derive(Parser)]
#[command(name = "gridloom", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server; prints its address on stdout once it answers
    Serve {
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        log: LogOptions,
    },
    /// Brings the database to this release's form, and ends
    Migrate {
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        log: LogOptions,
    },
    /// The commands of an operator
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
        #[command(flatten)]
        log: LogOptions,
    },
}

fn main() -> ExitCode {
    tls::install_provider();
    let command = Cli::parse().command;
    // The exit code 1 of a check means that it was done and has findings.
    let failure = if matches!(command, Command::Admin { .. }) { 2 } else { 1 };
    match run(command) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Unsound) => ExitCode::FAILURE,
        Err(error) => {
            // There is no other place to report a failure of this write.
            let _ = writeln!(std::io::stderr(), "gridloom: {error}");
            ExitCode::from(failure)
        }
    }
}

fn run(command: Command) -> Result<Outcome, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let text = |error: StartError| error.to_string();
        match command {
            Command::Serve { options, log } => {
                telemetry::start(&log)?;
                serve(options).await.map(|()| Outcome::Done)
            }
            Command::Migrate { options, log } => {
                telemetry::start(&log)?;
                Server::migrate(&options).await.map(|()| Outcome::Done).map_err(text)
            }
            Command::Admin { command, log } => {
                telemetry::start(&log)?;
                command.run().await
            }
        }
    })
}

async fn serve(options: Options) -> Result<(), String> {
    // Before the start, so that a signal during a long recovery is not lost.
    let signal = signal()?;
    descriptors::raise_to_what_serving_needs();
    let server = Server::start(options).await.map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{}", server.url()).map_err(|error| error.to_string())?;
    server.run_until(signal).await;
    Ok(())
}

/// Resolves at the first Ctrl-C or SIGTERM. A second one ends the process at once: the journal
/// holds what was accepted, and the embedded Postgres goes down with its parent.
fn signal() -> Result<impl Future<Output = ()>, String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let (first, asked) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut first = Some(first);
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            match first.take() {
                Some(first) => drop(first.send(())),
                None => std::process::exit(130),
            }
        }
    });
    Ok(async move { drop(asked.await) })
}
